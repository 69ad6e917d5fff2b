"""``related-posts sources``: where the archive's posts came from, and how to drop a source."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from related_posts.archive import Archive
from related_posts.data_folder import existing_folder
from related_posts.errors import ArchiveError, EmptyArchiveError
from related_posts.terminal import data_option, plain_table, print_table
from related_posts.wording import counted
from training.lock import training_lock
from training.settings import TrainingSettings


@click.command(epilog="Example: related-posts sources --forget old-blog")
@data_option
@click.option(
    "--forget", metavar="NAME", multiple=True, help="Remove the posts of a source; repeatable."
)
def sources(data: Path | None, forget: tuple[str, ...]) -> None:
    """List the sources the archive's posts came from, or forget one.

    What --forget removes is gone from the archive; the live version shows it
    until the next `related-posts train`.
    """
    settings = TrainingSettings.load({"data": data})
    if not settings.database:
        existing_folder(settings.data)
    with Archive(settings.database or settings.data) as archive:
        held = archive.sources()
        if not held:
            raise EmptyArchiveError([archive.place])
        if forget:
            with training_lock(settings.data, _waiting):
                _forget(archive, forget)
        else:
            _list(archive, held)


def _list(archive: Archive, held: dict[str, int]) -> None:
    reads = archive.reads()
    table = plain_table()
    table.add_column("source", overflow="fold")
    table.add_column("posts", justify="right")
    table.add_column("last read", no_wrap=True)
    for name, n_posts in held.items():
        read = reads.get(name)
        moment = f"{datetime.fromisoformat(read.started):%Y-%m-%d %H:%M} UTC" if read else ""
        table.add_row(name, f"{n_posts:,}", moment)
    print_table(table)


def _forget(archive: Archive, names: tuple[str, ...]) -> None:
    with archive.writing(datetime.now(UTC)) as update:
        held = update.sources()
        for name in dict.fromkeys(names):
            if name not in held:
                known = ", ".join(held)
                raise ArchiveError(f"no source is called {name}; there are {known}")
            if len(held) == 1:
                raise ArchiveError(
                    f"{name} is the only source; without it the archive would be empty. "
                    "Read another one first, or remove the data folder"
                )
            del held[name]
            n = update.forget(name)
            click.echo(f"{counted(n, 'post')} of {name} {'is' if n == 1 else 'are'} forgotten")
    click.echo("run `related-posts train` to build a version without them")


def _waiting() -> None:
    click.echo("waiting for a training of this data folder to end", err=True)
