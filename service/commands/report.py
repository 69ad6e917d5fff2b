"""``related-posts report``: how often related posts were seen and followed."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
from rich import box
from rich.table import Table

from related_posts.data_folder import existing_folder
from related_posts.terminal import console, data_option
from related_posts.wording import counted
from service.commands.lookup import Mistake
from service.settings import ServiceSettings
from service.widget.counting.counts import FILE_NAME, GROUPS, sums

#: Posts shown in the tables of posts.
_POSTS = 20
_HEADINGS = {
    "position": "Position",
    "version": "Version",
    "post": "Under the post",
    "item": "To the post",
}


@click.command(epilog="Example: related-posts report --days 7")
@data_option
@click.option(
    "--days",
    type=click.IntRange(1, 400),
    default=28,
    show_default=True,
    help="Days to sum up, today (UTC) included.",
)
@click.option("--limit", type=click.IntRange(1), default=_POSTS, show_default=True,
              help="Most posts in each table of posts.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def report(data: Path | None, days: int, limit: int, as_json: bool) -> None:
    """Print how often related posts were seen and followed.

    Counts come from pages that load widget-count.js; see docs/widget.md.
    """
    folder = existing_folder(ServiceSettings.load({"data": data}).data)
    today = datetime.now(UTC).date().isoformat()
    try:
        found = {
            group: [
                _row(group, *row)
                for row in sums(
                    folder, group, today, days, -1 if group in ("position", "version") else limit
                )
            ]
            for group in GROUPS
        }
    except sqlite3.Error as mistake:
        raise Mistake(f"{folder / FILE_NAME} could not be read: {mistake}") from None
    if as_json:
        click.echo(
            orjson.dumps({"days": days, "until": today, **found}, option=orjson.OPT_INDENT_2)
        )
        return
    if not found["position"]:
        click.echo(
            f"Nothing was counted in {counted(days, 'day')} up to {today}. Pages count when they "
            "load widget-count.js and their origin is in the setting count_origins."
        )
        return
    out = console()
    out.print(f"{counted(days, 'day')} up to {today} (UTC)")
    for group, rows in found.items():
        out.print(_table(group, rows))


def _row(group: str, value: str | int, views: int, clicks: int) -> dict[str, Any]:
    rate = round(clicks / views, 4) if views else None
    return {group: value, "views": views, "clicks": clicks, "click_through": rate}


def _table(group: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_HEADINGS[group], overflow="fold")
    for heading in ("Views", "Clicks", "Click-through"):
        table.add_column(heading, justify="right")
    for row in rows:
        rate = row["click_through"]
        shown = "" if rate is None else f"{rate:.1%}"
        table.add_row(str(row[group]), f"{row['views']:,}", f"{row['clicks']:,}", shown)
    return table
