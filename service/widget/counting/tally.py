"""Counts of one worker in memory, added to the file by a thread every few seconds.

A request only adds to a dictionary. A worker that is stopped writes what it has;
one that is killed loses at most ``FLUSH_SECONDS`` of its own counts.
"""

from __future__ import annotations

import atexit
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from service.widget.counting.counts import Count, add
from service.widget.counting.report import Shown

log = logging.getLogger(__name__)

FLUSH_SECONDS = 5.0
#: Most different counts in memory; more are not counted until the file takes these.
MOST_KEYS = 20_000

_Key = tuple[str, Shown]


def _now() -> datetime:
    return datetime.now(UTC)


class Tally:
    """The counts of this process that are not in the file yet.

    Args:
        data: The data folder.
        clock: Tells the moment, in UTC.
    """

    def __init__(self, data: Path, clock: Callable[[], datetime] = _now) -> None:
        self._data = data
        self._clock = clock
        self._counts: dict[_Key, list[int]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stopped = threading.Event()
        self._process = 0
        self._failed = False

    def count(self, views: Iterable[Shown], clicks: Iterable[Shown]) -> None:
        """Add what one page reported."""
        if self._process != os.getpid():
            self._start()
        day = self._clock().date().isoformat()
        with self._lock:
            for place, kind in enumerate((views, clicks)):
                for shown in kind:
                    key = (day, shown)
                    if key in self._counts or len(self._counts) < MOST_KEYS:
                        self._counts.setdefault(key, [0, 0])[place] += 1

    def flush(self) -> None:
        """Write what is in memory; what cannot be written stays for the next time."""
        with self._writing:
            with self._lock:
                taken, self._counts = self._counts, {}
            if not taken:
                return
            rows: list[Count] = [
                (day, shown, views, clicks) for (day, shown), (views, clicks) in taken.items()
            ]
            try:
                add(self._data, rows)
                self._failed = False
            except (sqlite3.Error, OSError) as mistake:
                self._keep(taken)
                if not self._failed:
                    log.error("counts are not written to %s: %s", self._data, mistake)
                self._failed = True

    def stop(self) -> None:
        """End the thread and write the rest."""
        self._stopped.set()
        if self._process == os.getpid():
            self.flush()

    def _keep(self, taken: dict[_Key, list[int]]) -> None:
        with self._lock:
            for key, (views, clicks) in self._counts.items():
                if key in taken or len(taken) < MOST_KEYS:
                    numbers = taken.setdefault(key, [0, 0])
                    numbers[0] += views
                    numbers[1] += clicks
            self._counts = taken

    def _start(self) -> None:
        """Begin in this process, which may be a fork of the one that made this object."""
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            self._stopped = threading.Event()
            threading.Thread(target=self._run, name="related-posts-counts", daemon=True).start()
            atexit.register(self.stop)

    def _run(self) -> None:
        stopped = self._stopped
        while not stopped.wait(FLUSH_SECONDS):
            self.flush()
