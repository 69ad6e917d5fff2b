"""Strings of posts, as a version keeps them: those it shares with others, and those of its own."""

from __future__ import annotations

from typing import Any

from related_posts.blobs import Blob


class ByPlace:
    """A string of each post of a version that shares them; safe for any number of threads.

    Args:
        shared: Strings of the first places.
        fresh: Those of the places behind them.
        places: Place of each row.
    """

    __slots__ = ("_fresh", "_n_shared", "_places", "_shared")

    def __init__(self, shared: Blob, fresh: Blob, places: Any) -> None:
        self._shared, self._fresh, self._places = shared, fresh, places
        self._n_shared = len(shared)

    def __getitem__(self, row: int) -> bytes:
        """The string of a row; ``IndexError`` for one that there is not."""
        if row < 0:
            raise IndexError(f"row {row} is not in this version")
        place = self._places[row]
        n_shared = self._n_shared
        return self._shared[place] if place < n_shared else self._fresh[place - n_shared]
