"""``related-posts train``: read a blog, build an index, make it live."""

from __future__ import annotations

from pathlib import Path

import click

from related_posts import fields
from related_posts.cli import REFUSED
from related_posts.data_folder import existing_folder
from related_posts.errors import ConfigError, PostError
from related_posts.terminal import data_option
from training.commands.assigned import assigned, set_option
from training.commands.display import display, summary
from training.publish import train_and_publish
from training.read import Since
from training.settings import TrainingSettings
from training.sources import KNOWN_FORMATS


@click.command(epilog="Example: related-posts train https://blog.example")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@data_option
@click.option("--site", help="The blog's address, put before site-relative URLs; see former_sites.")
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    help=f"{', '.join(KNOWN_FORMATS)}; detected by default.",
)
@click.option("--generator", help="Of a folder of Markdown, such as hugo; detected by default.")
@click.option(
    "--url-template", help="Where the posts of a folder of Markdown are found: /blog/{slug}/."
)
@click.option("--strict", is_flag=True, help="Stop at the first broken post, changing nothing.")
@click.option(
    "--since",
    metavar="WHEN",
    help="Read only what changed after a date, or since the last read (auto).",
)
@click.option(
    "--accept-deletions", is_flag=True, help="Believe a source that lost many of its posts."
)
@click.option("--no-publish", is_flag=True, help="Keep the version for `related-posts publish`.")
@click.option("--full", is_flag=True, help="Look into every post anew, not only what changed.")
@click.option("--jobs", type=int, help="Processes to use.  [default: one for each processor]")
@set_option
def train(
    sources: tuple[str, ...],
    data: Path | None,
    site: str | None,
    format_: str | None,
    generator: str | None,
    url_template: str | None,
    strict: bool,
    since: str | None,
    accept_deletions: bool,
    no_publish: bool,
    full: bool,
    jobs: int | None,
    assignments: tuple[str, ...],
) -> int:
    """Read a blog, build an index, and make it the live version.

    SOURCE is a blog's address, an export file, a folder of Markdown posts, or
    a folder, zip or tar.gz of exports; several may be named. Without SOURCE
    the index is built again from the posts read before. The running service
    takes up the new version by itself.

    Where posts or links have another address, such as that of a copy on this
    machine, name it beside --site: --set former_sites=http://127.0.0.1:8090

    Exit status: 3 where the version was built and the quality gate holds it back.
    """
    if not all(source.strip() for source in sources):
        raise ConfigError("SOURCE", None, "it is empty; name a file, a folder or an address")
    flags = {"data": data, "site": site, "jobs": jobs}
    flags |= {"generator": generator, "url_template": url_template}
    settings = TrainingSettings.load(flags, assigned(assignments))
    if settings.data.is_file() or not (sources or settings.database):
        existing_folder(settings.data)
    with display() as watcher:
        outcome = train_and_publish(
            sources,
            settings,
            watcher,
            format=format_,
            strict=strict,
            since=_since(since),
            accept_deletions=accept_deletions,
            publish=not no_publish,
            full=full,
        )
    summary(outcome, settings, full=full)
    return REFUSED if outcome.held is not None and outcome.held.kind == "gate" else 0


def _since(text: str | None) -> Since:
    """What ``--since`` says: a moment, ``auto``, or nothing."""
    if text is None or text.strip().lower() == "auto":
        return None if text is None else "auto"
    try:
        moment = fields.moment("since", text)
    except PostError:
        moment = None
    if moment is None:
        allowed = "it must be auto or a date such as 2026-01-31 or 2026-01-31T08:00:00Z"
        raise ConfigError("--since", text, allowed)
    return moment
