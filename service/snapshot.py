"""The version being served, and how a newer one takes its place.

Each worker process holds one open ``Index``. A request takes that reference
once and uses nothing else, so its whole answer is of one version. A background
thread looks at the data folder's ``current`` file; when that moved, it opens and
checks the new version beside the old one and then replaces the reference. The
old version stays mapped for as long as a running request still holds it, and is
closed when the last one lets go. Nothing is restarted and no request waits.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from pathlib import Path
from time import monotonic

from related_posts.errors import IndexMissingError, StorageError
from related_posts.index import Index
from related_posts.storage import Store
from service.overlays import Overlays

log = logging.getLogger(__name__)

#: Where an application keeps its snapshot, in ``app.extensions``.
EXTENSION = "related_posts"

#: Where a request's index is, in its WSGI environment: one, from its begin to its end.
INDEX = "related_posts.index"

#: Longest pause before a version that could not be opened is tried again.
LONGEST_PAUSE_SECONDS = 60.0

_Mark = tuple[int, int, int]
_NEVER: _Mark = (0, 0, 0)


class Snapshot:
    """The index of this process, kept up to date.

    Args:
        data: The data folder.
        reload_seconds: Pause between two looks at the pointer.

    Attributes:
        index: The version to answer from, or None before the first; read it once a request.
        problem: Why the published version is not the one served, or None when it is.
        n_failures: How often a published version could not be opened.
        overlays: What people decided, to be laid over that version.
    """

    def __init__(self, data: Path, reload_seconds: float) -> None:
        self.index: Index | None = None
        self.problem: str | None = None
        self.n_failures = 0
        self.overlays = Overlays(data)
        self._store = Store(data)
        self._reload_seconds = reload_seconds
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._process = 0
        self._seen: _Mark | None = _NEVER
        self._pause = reload_seconds
        self._retry_at = 0.0

    def current(self) -> Index | None:
        """The index to answer one request from.

        The first call in a process, which may be a fork of the one that made
        this object, looks at the pointer itself and starts the watching thread.
        """
        if self._process != os.getpid():
            self.start()
        return self.index

    def start(self) -> None:
        """Look at the pointer now, and from now on; once a process, later calls do nothing."""
        with self._lock:
            if self._process == os.getpid():
                return
            self._look(retry=True)
            self._stopped = threading.Event()
            threading.Thread(
                target=_watch,
                args=(weakref.ref(self), self._stopped, self._reload_seconds),
                name="related-posts-reload",
                daemon=True,
            ).start()
            self._process = os.getpid()

    def stop(self) -> None:
        """End the watching thread; the index stays open for whoever holds it."""
        self._stopped.set()

    def refresh(self) -> None:
        """Serve the published version if it is another one and it opens."""
        with self._lock:
            self._look(retry=False)

    def _look(self, *, retry: bool) -> None:
        mark = self._mark()
        failed_before = self.problem is not None
        if mark == self._seen and not (failed_before and (retry or monotonic() >= self._retry_at)):
            return
        if mark != self._seen:
            self._pause = self._reload_seconds
        self._seen = mark
        try:
            name = self._store.current_name()
            if self.index is None or name != self.index.version:
                self.index = self._open(name)
                log.info("serving version %s of %s posts", name, self.index.n_posts)
            self.problem = None
        except (StorageError, OSError) as mistake:
            self._failed(mistake)

    def _open(self, name: str) -> Index:
        """A version whose every byte that requests will read was checked before the first does."""
        while True:
            try:
                self._store.verify(name, serving_only=True)
                return self._store.open(name)
            except StorageError:
                # It may have been replaced and removed since the pointer was read.
                named, name = name, self._store.current_name()
                if name == named:
                    raise

    def _failed(self, mistake: StorageError | OSError) -> None:
        """Remember why, say so once, and try again after a growing pause."""
        if self.index is not None or not isinstance(mistake, IndexMissingError):
            self.n_failures += 1
        problem = str(mistake).replace(f"{self._store.data}{os.sep}", "")
        problem = problem.replace(str(self._store.data), "the data folder")
        if problem != self.problem:
            if self.index is not None:
                log.error("still serving %s: %s", self.index.version, mistake)
            elif not isinstance(mistake, IndexMissingError):
                log.error("nothing to serve: %s", mistake)
        self.problem = problem
        self._retry_at = monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def _mark(self) -> _Mark | None:
        """What tells one pointer from the next without reading it; None where there is none."""
        try:
            status = self._store.pointer.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


def _watch(snapshot: weakref.ref[Snapshot], stopped: threading.Event, pause_seconds: float) -> None:
    """Refresh until told to stop or until nobody uses the snapshot any more."""
    while not stopped.wait(pause_seconds):
        alive = snapshot()
        if alive is None:
            return
        try:
            alive.refresh()
        except Exception:
            # Whatever happened, the version in use still answers.
            log.exception("looking for a new version failed")
        del alive
