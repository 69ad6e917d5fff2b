"""``related-posts related``: the related posts of one post, in the terminal."""

from __future__ import annotations

import sys

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from related_posts.explain import Explanation, explain
from related_posts.index import Index
from service.api.answers import body
from service.api.query import DEFAULT_LIMIT, MAX_LIMIT
from service.commands.lookup import find, open_published

#: Shared terms shown for each match.
_TERMS = 8


@click.command()
@click.argument("post", metavar="ID_OR_URL")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Most posts shown.",
)
@click.option("--data", metavar="DIR", help="Data folder; by default ./data.")
@click.option("--explain", "why", is_flag=True, help="Show what made each match.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the HTTP service.")
def related(post: str, limit: int, data: str | None, why: bool, as_json: bool) -> None:
    """Show which posts a reader of ID_OR_URL should read next."""
    if why and as_json:
        raise click.UsageError("--explain and --json do not go together; leave one out")
    index = open_published(data)
    row = find(index, post)
    if as_json:
        click.echo(body(index, row, limit))
        return
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    rows, _, scores = index.neighbours(row, limit)
    asked = index.post(row)
    console.print(Text.assemble("Related to ", (_title(asked), "bold"), f" ({asked['url']})"))
    if not rows:
        console.print("No post of this version is related to it.")
    elif why:
        for rank, (other, score) in enumerate(zip(rows, scores, strict=True), 1):
            _print_explanation(console, index, rank, other, score, explain(index, row, other))
    elif console.is_terminal:
        console.print(_table(index, rows, scores))
    else:
        for other, score in zip(rows, scores, strict=True):
            found = index.post(other)
            fields = (f"{score:.3f}", _day(found), found["url"], _title(found))
            click.echo("\t".join(fields))


def _table(index: Index, rows: list[int], scores: list[float]) -> Table:
    """A table that stays readable at 80 columns: the URL stands under the title."""
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("Score", justify="right")
    table.add_column("Published", no_wrap=True)
    table.add_column("Title and address", overflow="fold")
    for rank, (row, score) in enumerate(zip(rows, scores, strict=True), 1):
        post = index.post(row)
        named = Text.assemble((_title(post), "bold"), "\n", (post["url"], "dim"))
        table.add_row(str(rank), f"{score:.3f}", _day(post), named)
    return table


def _print_explanation(
    console: Console, index: Index, rank: int, row: int, score: float, why: Explanation
) -> None:
    post = index.post(row)
    console.print()
    console.print(Text.assemble(f"{rank:>2}. ", (_title(post), "bold"), f"  {score:.3f}"))
    console.print(Text(f"    {post['url']}", "dim"))
    apart = "a date is missing" if why.days_apart is None else _days(why.days_apart)
    console.print(
        f"    similarity {why.similarity:.3f}"
        f"  x {why.time_factor:.2f} time ({apart})"
        f"  x {why.title_factor:.2f} title"
    )
    shown = ", ".join(f"{term.term} ({term.share:.0%})" for term in why.terms[:_TERMS])
    rest = len(why.terms) - _TERMS
    more = f" and {rest} more" if rest > 0 else ""
    console.print(Text(f"    shared: {shown}{more}"))


def _days(apart: float) -> str:
    days = round(apart)
    return "the same day" if days == 0 else f"{days:,} day{'s' if days > 1 else ''} apart"


def _title(post: dict[str, object]) -> str:
    return str(post["title"] or post["id"])


def _day(post: dict[str, object]) -> str:
    return str(post["published"] or "undated")[:10]
