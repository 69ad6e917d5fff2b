"""This process's own report, and those of all workers together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from time import time

from service.ops.counters import Counters, Totals
from service.ops.exposition import Metrics
from service.ops.shared import Report, Shared
from service.ops.training import Training
from service.snapshot import Snapshot

log = logging.getLogger(__name__)

#: Pause between two reports of a worker: sums of other workers are as old as this.
PAUSE_SECONDS = 1.0


class Reporter:
    """Says what this process has counted and serves, and knows what the others say.

    Args:
        counters: The counts of this process.
        snapshot: The version it serves.
        data: The data folder, where training says how it is.
        clock: The time, in seconds of the epoch.
    """

    def __init__(
        self,
        counters: Counters,
        snapshot: Snapshot,
        data: Path,
        clock: Callable[[], float] = time,
    ) -> None:
        self._data = data
        self._counters = counters
        self._snapshot = snapshot
        self._clock = clock
        self._shared: Shared | None = None
        self._stopped = threading.Event()

    def share(self, shared: Shared) -> None:
        """Begin at nothing in a new worker, and report to the others from now on."""
        self._counters.clear()
        self._shared = shared
        self._write()
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="related-posts-report", daemon=True).start()

    def stop(self) -> None:
        """Report a last time, as this process ends."""
        self._stopped.set()
        self._write()

    def metrics(self) -> Metrics:
        """The metrics of all workers; of this process alone where nothing is shared."""
        others: list[Report] = []
        ended = Totals()
        if self._shared is not None:
            others, ended = self._shared.others()
        training = Training.of(self._data)
        return Metrics([self._report(), *others], ended, self._clock(), training)

    def _report(self) -> Report:
        snapshot = self._snapshot
        totals, index = self._counters.totals(), snapshot.index
        totals.events["reload_errors"] += snapshot.n_failures
        report = Report(totals, failing=snapshot.problem is not None)
        if index is not None:
            report.version, report.n_posts = index.version, index.n_posts
            report.created = index.created.timestamp()
        return report

    def _write(self) -> None:
        if self._shared is not None:
            try:
                self._shared.write(self._report())
            except OSError as mistake:
                # A full or vanished scratch folder must not cost a single answer.
                log.warning("the metrics could not be shared: %s", mistake)

    def _run(self) -> None:
        stopped = self._stopped
        while not stopped.wait(PAUSE_SECONDS):
            self._write()
