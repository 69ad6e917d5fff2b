"""``related-posts publish``, ``rollback`` and ``prune``: which versions are live and stay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.data_folder import existing_folder
from related_posts.errors import RelatedPostsError
from related_posts.terminal import data_option
from training.commands.named import named
from training.settings import TrainingSettings
from training.versions import Versions


@click.command(epilog="Example: related-posts publish latest")
@click.argument("version")
@data_option
@click.option("--force", is_flag=True, help="Publish what the quality gate held back, too.")
def publish(version: str, data: Path | None, force: bool) -> None:
    """Make a version live, and end a rollback.

    VERSION is a name from `related-posts versions`, or latest, the newest. Running
    services take it up within a second.
    """
    settings = TrainingSettings.load({"data": data})
    versions = Versions(existing_folder(settings.data))
    name = named(versions.store, version)
    _withdraw(settings)
    versions.publish(name, force=force)
    click.echo(f"{name} is live")


@click.command(epilog="Example: related-posts rollback")
@data_option
def rollback(data: Path | None) -> None:
    """Make the version live that was so before, at once.

    It stays live until somebody publishes: later trainings keep their versions waiting
    and say so. Posts that were withdrawn since stay out of sight.
    """
    settings = TrainingSettings.load({"data": data})
    existing_folder(settings.data)
    _withdraw(settings)
    left, name = Versions(settings.data).rollback(datetime.now(UTC))
    click.echo(f"{name} is live again, {left} is not")
    click.echo("Trainings keep their versions waiting until `related-posts publish VERSION`.")


@click.command(epilog="Example: related-posts prune --keep 5")
@data_option
@click.option(
    "--keep",
    type=click.IntRange(1),
    required=True,
    metavar="N",
    help="Versions to keep: first the live one, then the one before it, then the newest.",
)
def prune(data: Path | None, keep: int) -> None:
    """Remove old versions.

    Never the live one, one that a service or a command reads, or one that was held back
    less than a day ago. With --keep 1 nothing is left to roll back to.
    """
    settings = TrainingSettings.load({"data": data})
    pruned = Versions(existing_folder(settings.data)).prune(keep, datetime.now(UTC))
    for name in pruned.removed:
        click.echo(f"removed {name}")
    for name, why in pruned.spared.items():
        click.echo(f"kept {name}: {why}")
    if pruned.removed and keep == 1:
        click.echo("Nothing is left to roll back to; --keep 2 keeps the version before, too.")


def _withdraw(settings: TrainingSettings) -> None:
    """See to it that what was withdrawn stays out of sight, whatever version is live."""
    try:
        with Archive(settings.database or settings.data) as archive:
            publish_state(archive, settings.data)
    except RelatedPostsError as problem:
        # Going back must not depend on a database that may be what is broken.
        click.echo(f"Warning: {problem}", err=True)
