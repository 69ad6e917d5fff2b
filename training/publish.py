"""Training from end to end: sources into the archive, the archive into a version, live."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.errors import EmptyArchiveError, StorageError
from related_posts.files import writing
from related_posts.index import Index
from related_posts.ledger import Held
from related_posts.leftovers import sweep
from related_posts.manifest import Manifest
from related_posts.storage import Store
from training.build import build
from training.cache import CACHE_FILE, discard
from training.frozen import FULL
from training.gate import JUDGED, NDCG, SCRATCH, held_out, judge
from training.lock import training_lock
from training.read import ReadReport, Since, read_sources
from training.settings import TrainingSettings
from training.versions import Versions

log = logging.getLogger(__name__)


class Watcher(Protocol):
    """Told what training does; a progress display or a log."""

    def reading(self, place: str, done: int, total: int | None) -> None:
        """``done`` of ``total`` bytes of a source are read."""

    def building(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` posts of a stage are done."""

    def read(self, report: ReadReport) -> None:
        """The sources are read and the archive is up to date."""

    def waiting(self) -> None:
        """Another training has to end first; told again and again, and may raise to give up."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What training came to.

    Attributes:
        report: What the sources held and what that did to the archive.
        manifest: Of the version that was built; where an equal one was there, of that.
        is_new: Whether it was built now; False where nothing changed, so that
            caches filled from it stay good.
        held: Why it is not live, or None where it is.
        pruned: Versions that were removed, by the setting ``keep_versions``.
        seconds: Of each stage, by name, in order.
    """

    report: ReadReport
    manifest: Manifest
    is_new: bool
    held: Held | None
    pruned: tuple[str, ...]
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
    publish: bool = True,
    full: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Read the sources, build a version and make it the live one, unless it has to wait.

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
        publish: Make the version live; otherwise it is kept for somebody to publish.
        full: Look into every post anew, whatever earlier trainings found out.
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
        writing(settings.data),
        Archive(settings.database or settings.data) as archive,
    ):
        sweep(settings.data, f"{SCRATCH}*")
        start = time.perf_counter()
        report = _read(
            places,
            archive,
            settings,
            watcher,
            format=format,
            strict=strict,
            since=since,
            accept_deletions=accept_deletions,
            clock=clock,
        )
        watcher.read(report)
        seconds = {"read": round(time.perf_counter() - start, 3)} if places else {}
        cache = settings.data / CACHE_FILE
        if full:
            discard(cache)
        with ExitStack() as opened:
            base = None if full else _base(store, opened)
            built = build(archive, settings, watcher.building, cache, base)
            known = {} if base is None else base.manifest.counts
            seconds |= built.details["seconds"]
            start = time.perf_counter()
            counts = built.details["counts"]
            if "base" in counts[FULL]:
                # What the last full build was worth, for the next one to be compared with.
                counts |= {name: known[name] for name in (NDCG, JUDGED) if name in known}
            elif settings.gate and settings.gate_ndcg < 1:
                counts |= held_out(
                    archive, settings, lambda _, *far: watcher.building("gate", *far)
                )
                seconds["gate"] = round(time.perf_counter() - start, 3)
            built.details["seconds"] = dict(seconds)
            start = time.perf_counter()
            # While the version that it shares files with is open, nobody removes that.
            name = store.write(
                built.arrays, built.details, now=clock(), base=built.base, shared=built.shared
            )
        asked = None if publish else Held("asked", "it was trained with --no-publish", clock())
        manifest, is_new, held = _settle(
            name, settings, asked, clock, accept_deletions=accept_deletions
        )
        pruned = _prune(settings, clock())
        seconds["write"] = round(time.perf_counter() - start, 3)
    return Outcome(report, manifest, is_new, held, pruned, seconds)


def read_and_withdraw(
    places: Sequence[str],
    settings: TrainingSettings,
    watcher: Watcher,
    *,
    format: str | None = None,
    since: Since = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ReadReport:
    """Read sources into the archive, without building anything.

    Arguments and errors are those of :func:`train_and_publish`.
    """
    with (
        training_lock(settings.data, watcher.waiting),
        writing(settings.data),
        Archive(settings.database or settings.data) as archive,
    ):
        return _read(places, archive, settings, watcher, format=format, since=since, clock=clock)


def _read(
    places: Sequence[str],
    archive: Archive,
    settings: TrainingSettings,
    watcher: Watcher,
    *,
    format: str | None,
    since: Since,
    clock: Callable[[], datetime],
    strict: bool = False,
    accept_deletions: bool = False,
) -> ReadReport:
    """Bring the archive up to date, and put what was withdrawn out of sight at once."""
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
    publish_state(archive, settings.data)
    return report


def _base(store: Store, opened: ExitStack) -> Index | None:
    """The live version, if there is one that can be read."""
    try:
        return opened.enter_context(store.open(verify=True))
    except StorageError:
        return None


def _settle(
    name: str,
    settings: TrainingSettings,
    held: Held | None,
    clock: Callable[[], datetime],
    *,
    accept_deletions: bool,
) -> tuple[Manifest, bool, Held | None]:
    """Make a version live or let it wait; one that gives an earlier one's answers goes.

    An earlier one that waits is then judged anew: settings, or what somebody accepted, may
    be others than they were.
    """
    versions = Versions(settings.data)
    store, manifest, is_new = versions.store, versions.store.manifest(name), True
    for earlier, why in _settled(versions):
        if earlier != name and _is_equal(store, earlier, manifest):
            store.remove(name)
            name, manifest, is_new = earlier, store.manifest(earlier), False
            if why is None or held is not None:
                return manifest, is_new, why
            break
    if held is None and (found := _judged(store, name, settings, accept_deletions)):
        reason = "; ".join(found.values())
        log.warning("version %s is held back: %s", name, reason)
        held = Held("gate", reason, clock(), tuple(found))
    return manifest, is_new, versions.settle(name, held=held, now=clock())


def _is_equal(store: Store, name: str, manifest: Manifest) -> bool:
    """Whether a version gives the answers of another one, every byte of which is there."""
    try:
        if store.manifest(name).content != manifest.content:
            return False
        store.verify(name, serving_only=True)
    except StorageError:
        return False
    return True


def _judged(
    store: Store, name: str, settings: TrainingSettings, accept_deletions: bool
) -> dict[str, str]:
    """Why a version should not be published; nothing is worse than nothing live."""
    try:
        live = store.open()
    except StorageError:
        return {}
    with live, store.open(name) as built:
        return judge(live, built, settings, accept_deletions=accept_deletions)


def _settled(versions: Versions) -> list[tuple[str, Held | None]]:
    """The live version, and those that trainings left waiting."""
    try:
        live, ledger = versions.live(), versions.ledger()
    except StorageError:
        return []
    waiting = [(name, why) for name, why in ledger.held.items() if why.kind != "rolled-back"]
    return [(live, None), *waiting] if live else []


def _prune(settings: TrainingSettings, now: datetime) -> tuple[str, ...]:
    """Remove what the setting does not keep; that this fails is no reason to fail."""
    if not settings.keep_versions:
        return ()
    try:
        return Versions(settings.data).prune(settings.keep_versions, now).removed
    except StorageError as problem:
        log.warning("old versions stay: %s", problem)
        return ()
