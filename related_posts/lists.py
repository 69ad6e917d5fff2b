"""Lists as a version keeps them: those it shares with others, and those of its own.

How they are laid out is told in :mod:`related_posts.layout`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: The arrays that hold lists, in the order of :class:`Listed`.
NAMES = ("neighbours", "similarities", "scores")


class Listed(NamedTuple):
    """Lists, one a line, best first.

    Attributes:
        rows: Of the neighbours, -1 behind the last; shape (n, k).
        similarities, scores: Of each, 0 where there is none; same shape.
    """

    rows: NDArray[np.int32]
    similarities: NDArray[np.float32]
    scores: NDArray[np.float32]

    @classmethod
    def of(cls, array: Callable[[str], NDArray[Any]], prefix: str = "") -> Listed:
        """Lists as a version keeps them, by the names of its arrays behind a prefix."""
        return cls(*(array(f"{prefix}{name}") for name in NAMES))

    @classmethod
    def none(cls, n: int, k: int) -> Listed:
        """Lists without a neighbour."""
        shape = (n, k)
        numbers = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        return cls(np.full(shape, -1, np.int32), *numbers)

    @classmethod
    def taken(cls, parts: Sequence[Listed], places: NDArray[np.integer]) -> Listed:
        """Some lists, by their places in one or two parts."""
        n_shared, k = parts[0].rows.shape
        found = cls.none(len(places), k)
        is_shared = places < n_shared
        for part, some, at in (
            (parts[0], is_shared, places),
            (parts[-1], ~is_shared, places - n_shared),
        ):
            if some.any():
                for target, values in zip(found, part, strict=True):
                    target[some] = values[at[some]]
        return found


#: One list as the service takes it: rows, similarities and scores.
One = tuple[list[int], list[float], list[float]]
#: A released view: whatever is asked of closed lists raises ``ValueError``.
_CLOSED = memoryview(b"")
_CLOSED.release()


class Lists:
    """The lists of all posts; safe for any number of threads.

    Args:
        array: An array of the version, by its name.
        n: Posts.
        k: Greatest length of a list.
        shares: Whether the version shares lists with another.

    Raises:
        ValueError: The arrays do not fit together.
    """

    def __init__(
        self, array: Callable[[str], NDArray[Any]], n: int, k: int, *, shares: bool
    ) -> None:
        prefixes = ("", "fresh_") if shares else ("",)
        self._parts = [Listed.of(array, each) for each in prefixes]
        for part in self._parts:
            if not part.rows.shape == part.similarities.shape == part.scores.shape:
                raise ValueError("similarities and scores are not those of the neighbours")
        n_lists = len(array("list_places")) if shares else len(self._parts[0].rows)
        if n_lists != n or self._parts[0].rows.shape[1] != k:
            raise ValueError(f"is not {n} posts x {k}")
        self._k, self._n_shared = k, len(self._parts[0].rows)
        self._flat: list[tuple[Any, ...]] = [
            tuple(each.reshape(-1).data for each in part) for part in self._parts
        ]
        # Plain numbers are quicker taken out of views than out of arrays.
        self._list_places: Any = array("list_places").data if shares else None
        self._posts_at: Any = array("posts_at").data if shares else None

    def of(self, row: int, k: int) -> One:
        """The list of a row that there is, no longer than k, which is at least 0."""
        part, places = self._flat[0], self._list_places
        if places is not None:
            row = places[row]
            if row >= self._n_shared:
                part = self._flat[1]
                row -= self._n_shared
        neighbours, similarities, scores = part
        start = row * self._k
        end = start + min(k, self._k)
        rows = neighbours[start:end].tolist()
        if rows and rows[-1] < 0:
            end = start + next(place for place, found in enumerate(rows) if found < 0)
            rows = rows[: end - start]
        if places is not None:
            posts_at = self._posts_at
            rows = [posts_at[place] for place in rows]
        return rows, similarities[start:end].tolist(), scores[start:end].tolist()

    def every(self, k: int | None = None) -> Listed:
        """All lists by row, no longer than k; views where the version shares nothing."""
        parts = [
            Listed(part.rows[:, :k], part.similarities[:, :k], part.scores[:, :k])
            for part in self._parts
        ]
        if self._list_places is None:
            return parts[0]
        joined = Listed.taken(parts, np.asarray(self._list_places))
        # The last place is what -1 finds.
        rows = np.append(np.asarray(self._posts_at), np.int32(-1))[joined.rows]
        return joined._replace(rows=rows)

    def close(self) -> None:
        """Let go of all files."""
        self._parts = []
        self._flat = [(_CLOSED, _CLOSED, _CLOSED)]
        self._list_places = self._posts_at = None
