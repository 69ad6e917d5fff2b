"""The worker: watches the archive and the sources, and trains when something changed."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from related_posts.archive import Archive, Counts
from related_posts.archive.archive import ARCHIVE_FILE
from related_posts.errors import ConfigError, EmptyArchiveError, RelatedPostsError, StorageError
from related_posts.replacing import mark_of, only_writer, replace_file
from related_posts.status import REREAD_FILE, SOURCES_FILE, STATUS_FILE, Status, read_status
from related_posts.storage import Store
from training.frozen import FULL
from training.publish import Outcome, read_and_withdraw, train_and_publish
from training.report import ReadReport
from training.settings import TrainingSettings
from training.worker.sources_file import Scheduled, read_sources_file
from training.worker.timing import LONGEST_PAUSE, Burst, Rhythm

log = logging.getLogger(__name__)

#: An archive whose files look as before is asked all the same, so often: two writes in one tick
#: of the system's clock may look like one.
ASK_SECONDS = 1.0
#: How often one is asked that is no file of ours.
ASK_DATABASE_SECONDS = 0.25


class StoppedError(Exception):
    """The worker was told to stop while it was at work; nothing half-done is left."""


class Worker:
    """One worker, for as long as its process lives.

    Args:
        settings: How to read and train.
        stop: Set when it is to end.
        clock: Tells the aware present.
        monotonic: Tells seconds that never go back.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        stop: threading.Event,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._data = settings.data
        self._stop = stop
        self._clock = clock
        self._monotonic = monotonic
        self._burst = Burst(settings.worker_quiet_seconds, settings.worker_longest_seconds)
        self._training = Rhythm(LONGEST_PAUSE, 0.0)
        self._sources: dict[str, tuple[Scheduled, Rhythm]] = {}
        self._sources_mark: object = ()
        self._errors: dict[str, str] = {}
        self._told = b""
        self._untold = ""
        self._waits = False
        self._archive_seen: tuple[object, ...] = ()
        self._ask_at = 0.0
        self.status = self._remembered()

    def run(self) -> None:
        """Work until told to stop; whatever fails is noted and tried again."""
        try:
            while not self._stop.is_set():
                try:
                    self.step()
                except StoppedError:
                    break
                except Exception as mistake:
                    log.exception("unforeseen")
                    self._failed("work", f"{type(mistake).__name__}: {mistake}")
                    self._stop.wait(5.0)
                self._stop.wait(self._settings.worker_poll_seconds)
        finally:
            self._tell("stopped")

    def step(self) -> None:
        """Look at everything once, and do what is due."""
        self._look_at_sources()
        self._look_at_reread()
        for place, (source, rhythm) in list(self._sources.items()):
            if rhythm.due_at <= self._monotonic():
                self._read(place, source, rhythm)
        if self._look_at_archive():
            self._train()
        self._tell("waiting")

    # --- what is to be done? ---

    def _look_at_sources(self) -> None:
        """Take up ``sources.toml`` where it is new; a broken one leaves what was."""
        mark = mark_of(self._data / SOURCES_FILE)
        if mark == self._sources_mark:
            return
        self._sources_mark = mark
        try:
            listed = read_sources_file(self._data)
        except ConfigError as mistake:
            self._failed(SOURCES_FILE, str(mistake))
            return
        self._passed(SOURCES_FILE)
        now, known = self._monotonic(), self._sources
        self._sources = {}
        for source in listed:
            place = source.place(self._data)
            before = known.get(place)
            rhythm = before[1] if before else Rhythm(source.interval, now + self._rest(source))
            self._sources[place] = source, replace(rhythm, interval=source.interval)
        shown = {source.shown for source in listed}
        for name in self.status.sources.keys() - shown:
            # Nobody will read it again, so that nothing else would take its error away.
            self._forget(f"reading {name}")
        self.status.sources = {n: each for n, each in self.status.sources.items() if n in shown}

    def _rest(self, source: Scheduled) -> float:
        """Seconds until a source is due that an earlier worker may have read."""
        try:
            read = datetime.fromisoformat(self.status.sources[source.shown]["read"])
            passed = (self._clock() - read).total_seconds()
        except (KeyError, TypeError, ValueError):
            return 0.0
        # Below zero the clock was set back, and nobody knows how long ago it was.
        return max(0.0, source.interval - passed) if passed >= 0 else 0.0

    def _look_at_reread(self) -> None:
        path = self._data / REREAD_FILE
        if mark_of(path) is None:
            return
        try:
            # Taken away before anything is read, so that a request that comes meanwhile counts.
            path.unlink(missing_ok=True)
        except OSError as mistake:
            self._failed(REREAD_FILE, f"{path} cannot be removed ({mistake.strerror})")
            return
        self._passed(REREAD_FILE)
        for _, rhythm in self._sources.values():
            rhythm.hurry(self._monotonic())

    def _look_at_archive(self) -> bool:
        """Whether posts or rules changed, have come to rest, and are to be trained now."""
        now = self._monotonic()
        due, marks = self._burst.due_at, self._archive_marks()
        if marks == self._archive_seen and now < self._ask_at and (due is None or due > now):
            return False
        self._archive_seen = marks
        self._ask_at = now + (ASK_SECONDS if marks else ASK_DATABASE_SECONDS)
        try:
            with self._archive() as archive:
                revision = archive.revision()
        except RelatedPostsError as mistake:
            self._failed("the archive", str(mistake))
            return False
        self._passed("the archive")
        if revision == (self.status.revision or 0):
            self._burst.end()
            return False
        self._burst.see(revision, now)
        due = self._burst.due_at
        return due is not None and max(due, self._training.due_at) <= now

    def _archive_marks(self) -> tuple[object, ...]:
        """What tells that a file archive was written to, without opening it; or nothing."""
        if self._settings.database:
            return ()
        return tuple(mark_of(self._data / f"{ARCHIVE_FILE}{end}") for end in ("", "-wal"))

    # --- doing it ---

    def _read(self, place: str, source: Scheduled, rhythm: Rhythm) -> None:
        self._tell("reading")
        log.info("reading %s", source.shown)
        entry = self.status.sources.setdefault(source.shown, {"read": None})
        try:
            report = read_and_withdraw(
                [place],
                source.settings(self._settings),
                self,
                format=source.format or None,
                since="auto" if source.incremental else None,
                clock=self._clock,
            )
        except (RelatedPostsError, OSError) as mistake:
            rhythm.failed(self._monotonic())
            entry["error"] = str(mistake)
            self._failed(f"reading {source.shown}", str(mistake))
            return
        rhythm.succeeded(self._monotonic())
        entry |= {"read": self._clock().isoformat(timespec="seconds"), "error": None}
        log.info("read %s: %s", source.shown, _changes(report.counts))
        self._passed(f"reading {source.shown}")

    def _train(self) -> None:
        self._tell("training")
        try:
            with self._archive() as archive:
                # Before the build: what is written meanwhile is trained the next time.
                revision = archive.revision()
            log.info("training revision %d of the archive", revision)
            outcome = train_and_publish([], self._settings, self, clock=self._clock)
        except EmptyArchiveError:
            # Nothing to train is no error: the next write changes that.
            self.status.revision = revision
            log.info("there is no post to train")
        except (RelatedPostsError, OSError) as mistake:
            self._training.failed(self._monotonic())
            self._failed("training", str(mistake))
            return
        else:
            self.status.revision = revision
            self.status.last_training = {
                "at": self._clock().isoformat(timespec="seconds"),
                "version": outcome.manifest.version,
                "posts": outcome.manifest.n_posts,
                "seconds": round(sum(outcome.seconds.values()), 3),
                "published": outcome.held is None,
                "held": outcome.held and outcome.held.reason,
            }
            log.info("%s", _said(outcome))
        self._burst.end()
        self._training = Rhythm(LONGEST_PAUSE, 0.0)
        self._passed("training")

    def _archive(self) -> Archive:
        return Archive(self._settings.database or self._data)

    # --- saying it ---

    def _failed(self, what: str, message: str) -> None:
        if self._errors.get(what) != message:
            # Most messages about a file name it.
            log.error("%s", message if what in message else f"{what}: {message}")
        self._errors[what] = message
        at = self._clock().isoformat(timespec="seconds")
        self.status.last_error = {"at": at, "what": what, "message": message}

    def _passed(self, what: str) -> None:
        """Forget the error of something that went well now."""
        if self._forget(what):
            log.info("%s works again", what)

    def _forget(self, what: str) -> bool:
        """Drop the error of something; whether there was one."""
        if self.status.last_error and self.status.last_error["what"] == what:
            self.status.last_error = None
        return self._errors.pop(what, None) is not None

    def _tell(self, doing: str) -> None:
        """Write the status where it says something new; that this fails stops nothing."""
        now = self._monotonic()
        due = [rhythm.due_at for _, rhythm in self._sources.values()]
        if self._burst.due_at is not None:
            due.append(max(self._burst.due_at, self._training.due_at))
        # What is overdue is being done, or was when it was told to stop.
        due = [] if doing == "stopped" else [at for at in due if doing == "waiting" or at > now]
        wait = min(due, default=None)
        status = self.status
        status.doing, status.pid = doing, os.getpid()
        status.next_run = _near(
            status.next_run,
            None if wait is None else _second(self._clock(), max(0.0, wait - now)),
        )
        content = replace(status, updated=None).to_bytes()
        if content == self._told:
            return
        status.updated = self._clock()
        try:
            with only_writer(self._data / STATUS_FILE):
                replace_file(self._data / STATUS_FILE, self.status.to_bytes())
        except OSError as mistake:
            if self._untold != str(mistake):
                log.warning("the status cannot be written: %s", mistake)
            self._untold = str(mistake)
        else:
            self._told, self._untold = content, ""

    def _remembered(self) -> Status:
        """What an earlier worker knew; nothing where its status is lost or damaged."""
        try:
            found = read_status(self._data) or {}
        except StorageError as mistake:
            log.warning("%s", mistake)
            found = {}
        revision, sources = found.get("revision"), found.get("sources")
        try:
            Store(self._data).open().close()
        except (StorageError, OSError):
            # Whatever was trained is not there any more.
            revision = None
        return Status(
            revision=revision if isinstance(revision, int) else None,
            last_training=found.get("last_training"),
            sources=sources if isinstance(sources, dict) else {},
        )

    # --- what reading and training tell on their way: the moments at which to stop ---

    def reading(self, place: str, done: int, total: int | None) -> None:
        """Between two pieces of a source."""
        self._waits = False
        self._check()

    def building(self, stage: str, done: int, total: int) -> None:
        """Between two blocks of posts."""
        self._waits = False
        self._check()

    def read(self, report: ReadReport) -> None:
        """The archive is up to date."""
        self._check()

    def waiting(self) -> None:
        """A training by hand has to end first."""
        if not self._waits:
            log.info("waiting for another training of this data folder to end")
        self._waits = True
        self._check()

    def _check(self) -> None:
        if self._stop.is_set():
            raise StoppedError


def _changes(counts: Counts) -> str:
    """What a read did to the archive, in a few words."""
    numbers = ((name, getattr(counts, name)) for name in ("added", "changed", "deleted"))
    return ", ".join(f"{n:,} {name}" for name, n in numbers if n) or "nothing changed"


def _said(outcome: Outcome) -> str:
    """What came of a training, for a log."""
    manifest, held = outcome.manifest, outcome.held
    seconds = sum(outcome.seconds.values())
    said = f"version {manifest.version} of {manifest.n_posts:,} posts after {seconds:.1f} s"
    if held is not None:
        return f"{said} is kept and not live: {held.reason}"
    if not outcome.is_new:
        return f"version {manifest.version} stays live: its answers have not changed"
    full = manifest.counts.get(FULL, {})
    if "base" in full:
        return f"{said} is live: {full['lists']:,} lists found anew"
    return f"{said} is live, built in full" + (f": {full['reason']}" if full.get("reason") else "")


def _second(now: datetime, wait: float) -> datetime:
    """The whole second at which a wait is over, not before it."""
    return (now + timedelta(seconds=wait, microseconds=999_999)).replace(microsecond=0)


def _near(before: datetime | None, now: datetime | None) -> datetime | None:
    """The moment that was told before, where the new one is hardly another."""
    if before is None or now is None or abs(before - now) > timedelta(seconds=2):
        return now
    return before
