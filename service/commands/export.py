"""``related-posts export``: every list as static JSON, for sites without a live service."""

from __future__ import annotations

from pathlib import Path

import click

from related_posts.terminal import data_option
from related_posts.wording import counted
from service.api.parameters import MAX_LIMIT
from service.api.query import Options
from service.commands.asking import asking
from service.commands.lookup import open_published, overlay_of
from service.export import write_folder, write_lines


@click.command(epilog="Example: related-posts export --out public/related/")
@click.option(
    "--out",
    required=True,
    metavar="DIR|FILE.jsonl|-",
    help="A folder with a file for each post, one file with a line for each, or - for stdout.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=MAX_LIMIT,
    show_default=True,
    help="Most related posts of each post.",
)
@asking
@data_option
def export(out: str, limit: int, options: Options, data: Path | None) -> None:
    """Write every post's related posts as static JSON."""
    index = open_published(data)
    overlay = overlay_of(index, data)
    if out == "-" or out.endswith((".jsonl", ".ndjson")):
        write_lines(index, limit, out, overlay, options)
    else:
        write_folder(index, limit, out, overlay, options)
    if out != "-":
        click.echo(
            f"{out}: related posts of {counted(index.n_posts, 'post')}, version {index.version}"
        )
