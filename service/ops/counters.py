"""What this process has answered: counts and durations for the metrics.

A request costs one append to a queue, which is atomic; adding up happens once a
second away from the requests, or when somebody asks.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field

#: Upper bounds of the latency histogram, in seconds; a last bucket has no bound.
BUCKETS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025),
    *(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)

#: Requests that may wait to be added up; the next one adds them up itself.
MOST_WAITING = 10_000

#: Event: a list was answered without an item.
EMPTY_LISTS = "empty_lists"
#: Event: a list was filled up from a fallback.
FALLBACKS = "fallbacks"
#: Event: a line of the log was lost, since nothing took it.
LOST_LOG_LINES = "lost_log_lines"

#: The route of a request that matched none.
UNMATCHED = "(unmatched)"
#: The route of a request that the server refused before it reached the application.
REFUSED = "(refused)"


@dataclass
class Totals:
    """Sums over any number of requests, processes and lives of processes.

    Attributes:
        requests: Answers by route and status.
        buckets: Answers by route and place in ``BUCKETS``; the last place has no bound.
        seconds: Time spent by route.
        events: What else happened, by name.
    """

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)

    def add(self, other: Totals) -> None:
        """Take the sums of another in."""
        self.requests.update(other.requests)
        self.buckets.update(other.buckets)
        self.seconds.update(other.seconds)
        self.events.update(other.events)


class Counters:
    """The totals of this process; any thread may count."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, int, float]] = deque()
        self._happened: deque[tuple[str, int]] = deque()
        self._totals = Totals()
        self._lock = threading.Lock()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            route: The route's pattern, never an address: each is kept for good.
            status: The status that was sent.
            seconds: From the request's arrival in the application to its answer.
        """
        self._waiting.append((route, status, seconds))
        if len(self._waiting) > MOST_WAITING:
            self.totals()

    def happened(self, name: str, times: int = 1) -> None:
        """Count an event, such as ``EMPTY_LISTS`` or ``FALLBACKS``."""
        self._happened.append((name, times))

    def totals(self) -> Totals:
        """Everything counted so far; the caller must not change it."""
        with self._lock:
            totals = self._totals
            while self._waiting:
                route, status, seconds = self._waiting.popleft()
                totals.requests[route, status] += 1
                totals.buckets[route, bisect_left(BUCKETS, seconds)] += 1
                # Typed as whole numbers, but any number can be counted with.
                totals.seconds[route] += seconds  # type: ignore[assignment]
            while self._happened:
                name, times = self._happened.popleft()
                totals.events[name] += times
            copy = Totals()
            copy.add(totals)
            return copy

    def clear(self) -> None:
        """Forget everything: a new process begins at nothing, whatever it was forked from."""
        with self._lock:
            self._waiting.clear()
            self._happened.clear()
            self._totals = Totals()
