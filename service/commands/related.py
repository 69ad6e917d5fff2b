"""``related-posts related``: the related posts of one post, in the terminal."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from related_posts.curation.overlay import Overlay
from related_posts.explain import SharedTerm, explain
from related_posts.index import Index
from related_posts.ranking import to_scores
from related_posts.terminal import console, data_option
from related_posts.wording import counted
from service.api.desk import rows_of
from service.api.listing import answer, members
from service.api.parameters import DEFAULT_LIMIT, MAX_LIMIT
from service.api.query import PLAIN, Options
from service.api.selection import Asked, Chosen, Selection
from service.api.views import words_of
from service.commands.asking import asking
from service.commands.lookup import Mistake, find, open_published, overlay_of

#: Shared terms shown for each match.
_TERMS = 8
#: How it is told which of the two posts has a term by its links alone.
_LENT = {"post": "here by a link", "item": "there by a link", "both": "by links alone"}
#: How links between the two posts are told; they made the similarity greater.
_LINKED = {"to": "links to it", "from": "linked from it", "both": "each links to the other"}


@click.command(epilog="Example: related-posts related /2019/01/my-post/ --explain")
@click.argument("post", metavar="ID_OR_URL")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Most posts shown.",
)
@asking
@click.option("--explain", "why", is_flag=True, help="Show what made each match.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the HTTP service.")
@data_option
def related(
    post: str, limit: int, options: Options, why: bool, as_json: bool, data: Path | None
) -> None:
    """Show which posts a reader of ID_OR_URL should read next."""
    index = open_published(data)
    overlay = overlay_of(index, data)
    selection = Selection.of(index, overlay)
    asked = _asked(selection, overlay, post, options)
    if as_json:
        content = members(selection, asked, limit, replace(options, explain=why))
        click.echo(answer(index, content))
        return
    out = console(soft_wrap=not sys.stdout.isatty())
    shown = selection.choose(asked, limit, options)
    if asked.row is None:
        out.print(Text.assemble("In the place of ", (post, "bold"), ", which is not there"))
    else:
        found = index.post(asked.row)
        out.print(Text.assemble("Related to ", (_title(found), "bold"), f" ({found['url']})"))
    if not shown and options is PLAIN:
        out.print("No post of this version is related to it.")
    elif not shown:
        out.print("No post of this version is related to it and passes what was asked for.")
    elif why:
        for rank, one in enumerate(shown, 1):
            _print_explanation(out, index, rank, asked.row, one)
    elif out.is_terminal:
        out.print(_table(index, shown))
    else:
        for one in shown:
            other = index.post(one.row)
            fields = [_score(one), _day(other), other["url"], _title(other)]
            if one.reason is not None:
                fields.append(one.reason)
            click.echo("\t".join(fields))


def _asked(selection: Selection, overlay: Overlay | None, post: str, options: Options) -> Asked:
    """What is asked about: a post, or with a fallback an address that leads to none."""
    index = selection.index
    without = rows_of(index, options.exclude)
    try:
        row = find(index, post, overlay)
    except Mistake:
        if not options.fallback:
            raise
        return Asked(words=words_of(post), without=without)
    return Asked.of_row(selection.finder, row, without)


def _table(index: Index, shown: list[Chosen]) -> Table:
    """A table that stays readable at 80 columns: the URL stands under the title."""
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("Score", justify="right")
    table.add_column("Published", no_wrap=True)
    table.add_column("Title and address", overflow="fold")
    for rank, one in enumerate(shown, 1):
        post = index.post(one.row)
        why = "" if one.reason is None else f"  {one.reason}"
        named = Text.assemble((_title(post), "bold"), (why, "green"), "\n", (post["url"], "dim"))
        table.add_row(str(rank), _score(one), _day(post), named)
    return table


def _print_explanation(out: Console, index: Index, rank: int, row: int | None, one: Chosen) -> None:
    post = index.post(one.row)
    out.print()
    curated = "" if one.reason is None else f"  {one.reason}"
    title = (_title(post), "bold")
    out.print(Text.assemble(f"{rank:>2}. ", title, f"  {_score(one)}{curated}"))
    out.print(Text(f"    {post['url']}", "dim"))
    if row is None or one.similarity is None:
        out.print("    no match: it fills the list")
        return
    if one.reason is not None:
        out.print(f"    {_curated(index, row, one)}")
    why = explain(index, row, one.row)
    apart = "a date is missing" if why.days_apart is None else _days(why.days_apart)
    out.print(
        f"    similarity {why.similarity:.3f}"
        f"  x {why.time_factor:.2f} time ({apart})"
        f"  x {why.title_factor:.2f} title"
        f"  x {why.damping:.2f} held back"
        f"  = {why.final:.3f}, score {to_scores(np.array([why.final]))[0]:.3f}"
    )
    beside = [*filter(None, [_LINKED.get(why.linked)]), *(["same series"] * why.is_same_series)]
    if beside:
        out.print(f"    {', '.join(beside)}")
    shown = ", ".join(map(_term, why.terms[:_TERMS])) or "no term"
    rest = len(why.terms) - _TERMS
    more = f" and {rest} more" if rest > 0 else ""
    out.print(Text(f"    shared: {shown}{more}"))


def _curated(index: Index, row: int, one: Chosen) -> str:
    """What people decided about an item, and where ranking alone has it."""
    rows, _, _ = index.neighbours(row, index.k)
    place = f"at place {rows.index(one.row) + 1}" if one.row in rows else "not on the list"
    return f"{one.reason} by people; without them it is {place}"


def _term(term: SharedTerm) -> str:
    """A shared term with its share, and who has it by links alone."""
    lent = f", {_LENT[term.by_link]}" if term.by_link else ""
    return f"{term.term} ({term.share:.0%}{lent})"


def _score(one: Chosen) -> str:
    return "-" if one.score is None else f"{one.score:.3f}"


def _days(apart: float) -> str:
    days = round(apart)
    return "the same day" if days == 0 else f"{counted(days, 'day')} apart"


def _title(post: dict[str, object]) -> str:
    return str(post["title"] or post["id"])


def _day(post: dict[str, object]) -> str:
    return str(post["published"] or "undated")[:10]
