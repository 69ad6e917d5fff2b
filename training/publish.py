"""Training from end to end: sources into the archive, the archive into a version, live."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.errors import EmptyArchiveError, StorageError
from related_posts.manifest import Manifest
from related_posts.storage import Store
from training.build import build
from training.lock import training_lock
from training.read import ReadReport, Since, read_sources
from training.settings import TrainingSettings


class Watcher(Protocol):
    """Told what training does; a progress display or a log."""

    def reading(self, place: str, done: int, total: int | None) -> None:
        """``done`` of ``total`` bytes of a source are read."""

    def building(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` posts of a stage are done."""

    def read(self, report: ReadReport) -> None:
        """The sources are read and the archive is up to date."""

    def waiting(self) -> None:
        """Another training of this data folder has to end first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What training came to.

    Attributes:
        report: What the sources held and what that did to the archive.
        manifest: Of the version that is live now.
        is_new: Whether that version was built now; False where nothing
            changed, so that caches filled from it stay good.
        seconds: Of each stage, by name, in order.
    """

    report: ReadReport
    manifest: Manifest
    is_new: bool
    seconds: dict[str, float]


def train_and_publish(
    places: Sequence[str],
    settings: TrainingSettings,
    watcher: Watcher,
    *,
    format: str | None = None,
    strict: bool = False,
    since: Since = None,
    accept_deletions: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Read the sources, build a version and make it the live one.

    Until the last step, whatever fails leaves the live version as it is; what
    was read stays in the archive for the next training.

    Args:
        places: Files and folders; none builds from the archive as it is.
        settings: How to build.
        watcher: Told how far it is.
        format: Format of the places, or None to detect it.
        strict: Treat a broken post as an error.
        since: Ask only for what changed after that moment, where a source can tell.
        accept_deletions: Believe a source that lost a large share of its posts.
        clock: Tells the aware present.

    Raises:
        ArchiveError: Nothing could be read, or nothing is there.
        StorageError: The version could not be written.
    """
    store = Store(settings.data)
    if not places and not settings.database and not settings.data.is_dir():
        # Asking for a folder that is not there must not make one.
        raise EmptyArchiveError([f"{settings.data} (no such folder; name a SOURCE to read)"])
    with (
        training_lock(settings.data, watcher.waiting),
        Archive(settings.database or settings.data) as archive,
    ):
        start = time.perf_counter()
        report = read_sources(
            places,
            archive,
            format=format,
            site=settings.site or None,
            now=clock(),
            since=since,
            strict=strict,
            accept_deletions=accept_deletions,
            scratch=settings.data,
            web=settings.web,
            markdown=settings.markdown,
            progress=watcher.reading,
        )
        # What a source withdrew is out of sight at once, before a version without it is built.
        publish_state(archive, settings.data)
        watcher.read(report)
        seconds = {"read": round(time.perf_counter() - start, 3)} if places else {}
        built = build(archive, settings, watcher.building)
        seconds |= built.details["seconds"]
        built.details["seconds"] = dict(seconds)
        start = time.perf_counter()
        name = store.write(built.arrays, built.details, now=clock())
        manifest, is_new = _publish(store, name)
        seconds["write"] = round(time.perf_counter() - start, 3)
    return Outcome(report, manifest, is_new, seconds)


def _publish(store: Store, name: str) -> tuple[Manifest, bool]:
    """Make a version live, unless the live one gives the same answers."""
    manifest = store.manifest(name)
    try:
        live = store.open().manifest
    except StorageError:
        live = None
    if live is not None and live.content == manifest.content and live.version != name:
        store.remove(name)
        return live, False
    store.publish(name)
    return manifest, True
