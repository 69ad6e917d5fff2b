"""When is something due? Bursts of writes, intervals, and pauses after failures.

Everything here counts in seconds of a clock that never goes back.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Pauses after failures: the first, and the longest.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0


def pause(n_failures: int) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time."""
    return min(FIRST_PAUSE * 2.0 ** min(n_failures - 1, 30), LONGEST_PAUSE)


@dataclass(slots=True)
class Burst:
    """Changes that are worked off together.

    Attributes:
        quiet: Seconds without a change after which it is over.
        longest: Seconds after the first change after which it is over all the same.
    """

    quiet: float
    longest: float
    _mark: object = None
    _first: float | None = None
    _last: float = 0.0

    def see(self, mark: object, now: float) -> None:
        """Note what the archive's state is; a change begins the burst or goes on with it."""
        if mark != self._mark:
            self._mark, self._last = mark, now
            self._first = now if self._first is None else self._first

    def begin(self, now: float) -> None:
        """Take what is there for a change that has waited long enough."""
        self._first = self._last = now - max(self.quiet, self.longest)

    def end(self) -> None:
        """The changes were worked off."""
        self._first = None

    @property
    def due_at(self) -> float | None:
        """When the burst is over; None where nothing changed."""
        if self._first is None:
            return None
        return min(self._last + self.quiet, self._first + self.longest)


@dataclass(slots=True)
class Rhythm:
    """When one thing is to be done again.

    Attributes:
        interval: Seconds from one success to the next attempt.
        due_at: The next attempt.
        n_failures: In a row, up to now.
    """

    interval: float
    due_at: float
    n_failures: int = 0

    def succeeded(self, now: float) -> None:
        """Done; the next time is an interval away."""
        self.n_failures, self.due_at = 0, now + self.interval

    def failed(self, now: float) -> None:
        """Not done; the next attempt comes after a growing pause, at most an interval away."""
        self.n_failures += 1
        self.due_at = now + min(pause(self.n_failures), max(self.interval, FIRST_PAUSE))

    def hurry(self, now: float) -> None:
        """Be due now, unless it is failing: then its pause goes on."""
        if not self.n_failures:
            self.due_at = min(self.due_at, now)
