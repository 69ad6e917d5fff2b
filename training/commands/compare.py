"""``related-posts compare``: what would change on the site?"""

from __future__ import annotations

from pathlib import Path

import click
import orjson
from rich.table import Table

from related_posts.cli import REFUSED
from related_posts.data_folder import existing_folder
from related_posts.storage import Store
from related_posts.terminal import console, data_option, plain_table
from training.commands.named import named
from training.evaluation.comparison import NAMED, Comparison, as_json, hubs
from training.evaluation.comparison import compare as side_by_side
from training.settings import TrainingSettings


@click.command(epilog="Example: related-posts compare latest --max-churn 0.3")
@click.argument("versions", nargs=-1, required=True, metavar="[BEFORE] AFTER")
@data_option
@click.option(
    "--limit",
    type=click.IntRange(1, 50),
    default=5,
    show_default=True,
    help="Compare lists of this length.",
)
@click.option(
    "--max-churn",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="End with status 3 if a larger share of the items changed; for scripts.",
)
@click.option("--json", "json_", is_flag=True, help="Print everything as JSON, every change.")
def compare(
    versions: tuple[str, ...],
    data: Path | None,
    limit: int,
    max_churn: float | None,
    json_: bool,
) -> int:
    """Show what would change on the site from one version to another.

    BEFORE and AFTER are names from `related-posts versions`, or one of the words live,
    latest (the newest) and previous (the newest before the live one). Without BEFORE it
    is the live version; where AFTER is that one too, it is said that nothing would change.

    Exit status: 3 where more changed than --max-churn allows.
    """
    if len(versions) > 2:
        raise click.UsageError("two versions are compared, no more")
    store = Store(existing_folder(TrainingSettings.load({"data": data}).data))
    names = [named(store, version) for version in ("live", *versions)[-2:]]
    with store.open(names[0]) as before, store.open(names[1]) as after:
        found = side_by_side(before, after, limit)
    if len(versions) == 1 and names[0] == names[1]:
        _say_it_is_live(store, versions[0], names[0])
    if json_:
        click.echo(orjson.dumps(as_json(found), option=orjson.OPT_INDENT_2))
    else:
        _show(found)
    return REFUSED if max_churn is not None and found.churn > max_churn else 0


def _say_it_is_live(store: Store, version: str, name: str) -> None:
    """Tell why nothing changes, on stderr, and what to compare to see what has changed."""
    which = f"the {version} version, {name}, is live" if version == "latest" else f"{name} is live"
    advice = (
        "; `related-posts compare previous live` shows what it has changed"
        if store.names()[0] != name
        else ""
    )
    click.echo(f"{which} already, so nothing would change{advice}", err=True)


def _show(found: Comparison) -> None:
    out = console(soft_wrap=True)
    for line in _summary(found):
        out.print(line)
    for name, ids in (("emptied", found.emptied), ("no longer empty", found.filled)):
        if ids:
            out.print(f"{name:<10} {_some(found, ids)}")
    for name, (was, now) in found.settings.items():
        out.print(f"setting    {name}: {was} → {now}")
    out.print()
    out.print(_hubs(found))
    for each in found.changes[:NAMED]:
        out.print(f"\n{found.title(each.id)} ({each.id})")
        for other in each.lost:
            out.print(f"  - {found.title(other)}")
        for other in each.gained:
            out.print(f"  + {found.title(other)}")


def _summary(found: Comparison) -> list[str]:
    added, removed = len(found.added), len(found.removed)
    lines = [
        f"{'versions':<10} {found.before.version} → {found.after.version}",
        f"{'posts':<10} {found.n_posts:,} in both, {added:,} new, {removed:,} gone",
        f"{'lists':<10} of {found.limit}: {found.n_same:,} the same, "
        f"{found.n_reordered:,} in another order, {len(found.changes):,} with other posts",
        f"{'churn':<10} {100 * found.churn:.1f} % of the items; "
        f"rank-biased overlap {found.overlap:.3f}",
        f"{'neighbours':<10} {found.n_gained:,} new ({found.n_gained_new:,} of new posts), "
        f"{found.n_lost:,} gone ({found.n_lost_removed:,} of posts that are gone)",
    ]
    if found.added:
        lines.append(f"{'new posts':<10} {_some(found, found.added)}")
    if found.removed:
        lines.append(f"{'gone':<10} {_some(found, found.removed)}")
    return lines


def _some(found: Comparison, ids: tuple[str, ...]) -> str:
    """A few titles and how many more there are."""
    shown = "; ".join(map(found.title, ids[:NAMED]))
    return shown + (f"; {len(ids) - NAMED:,} more" if len(ids) > NAMED else "")


def _hubs(found: Comparison) -> Table:
    table = plain_table()
    table.add_column("shown most often", overflow="fold")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    for id_ in dict.fromkeys(id_ for side in (found.after, found.before) for id_, _ in hubs(side)):
        counts = [f"{side.in_degree[id_]:,}" for side in (found.before, found.after)]
        table.add_row(found.title(id_), *counts)
    return table
