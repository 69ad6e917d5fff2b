"""``related-posts export``: every list as static JSON, for sites without a live service."""

from __future__ import annotations

import click

from service.api.parameters import MAX_LIMIT
from service.api.query import Options
from service.commands.asking import asking
from service.commands.lookup import open_published, overlay_of
from service.export import write_folder, write_lines


@click.command()
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
@click.option("--data", metavar="DIR", help="Data folder; by default ./data.")
def export(out: str, limit: int, options: Options, data: str | None) -> None:
    """Write every post's related posts as static JSON."""
    index = open_published(data)
    overlay = overlay_of(index, data)
    if out == "-" or out.endswith((".jsonl", ".ndjson")):
        write_lines(index, limit, out, overlay, options)
    else:
        write_folder(index, limit, out, overlay, options)
    if out != "-":
        click.echo(f"{out}: related posts of {index.n_posts:,} posts, version {index.version}")
