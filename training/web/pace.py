"""How fast one host is asked: so many requests a second, and not while it wants rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

#: Requests that may follow one another at once after a while without any.
BURST = 4


@dataclass(slots=True)
class _Host:
    """A bucket of requests: one drops in every ``interval`` seconds, at most ``size``.

    Attributes:
        interval: Seconds between two requests in the long run.
        size: Requests it holds.
        full_at: The moment the bucket is full again; each request moves it on.
        last: The moment of the last request.
        quiet_until: No request before this moment.
    """

    interval: float
    size: int
    full_at: float = float("-inf")
    last: float = float("-inf")
    quiet_until: float = float("-inf")


class Pace:
    """Says how long to wait before the next request to a host; safe among threads.

    Args:
        per_second: Requests a second to one host in the long run.
        clock: Seconds that never go backwards.
    """

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def reserve(self, host: str) -> float:
        """Take the next free moment for a request to a host.

        Returns:
            Seconds to wait before it is sent, 0 or more.
        """
        with self._lock:
            state, now = self._state(host), self._clock()
            # A token is there if the bucket lacks at most ``size - 1`` of them.
            free_at = state.full_at - state.interval * (state.size - 1)
            start = max(now, free_at, state.quiet_until)
            state.full_at = max(state.full_at, start) + state.interval
            state.last = start
            return start - now

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while: it said that it is asked too much."""
        with self._lock:
            state = self._state(host)
            state.quiet_until = max(state.quiet_until, self._clock() + seconds)

    def slow_down(self, host: str, seconds: float) -> None:
        """Keep at least so many seconds between two requests to a host from now on."""
        with self._lock:
            state = self._state(host)
            if seconds > state.interval:
                state.interval, state.size = seconds, 1
                state.full_at = max(state.full_at, state.last + seconds)

    def _state(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(self._interval, BURST))
