"""Of the copies of one text a list holds the best, and none of the post asked about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from related_posts.ranking import Neighbours
from related_posts.selection import SPARE, is_repeat

Search = Callable[[int, NDArray[np.intp] | None], Neighbours]


def without_copies(
    search: Search, groups: NDArray[np.int32], k: int, wanted: NDArray[np.intp] | None
) -> Neighbours:
    """The k best of every post, of each group of copies the first at most.

    Args:
        search: Finds as many neighbours as asked for, of some rows or of all.
        groups: Group of copies of each post, -1 for none, shape (n,).
        k: Wanted length of each list, at least 1.
        wanted: Rows whose neighbours are found; None for all.

    Returns:
        The neighbours in the same order; exactly those that a selection from all of them finds.
    """
    if (groups < 0).all():
        return search(k, wanted)
    asked = np.arange(len(groups)) if wanted is None else wanted
    most = k + SPARE
    found = search(most, wanted)
    best = _selected(found, groups, groups[asked], k)
    # Whoever lost more than there were to spare is asked about again.
    short = np.flatnonzero((best.rows[:, -1] < 0) & (found.rows[:, -1] >= 0))
    while len(short):
        most *= 2
        found = search(most, asked[short])
        more = _selected(found, groups, groups[asked[short]], k)
        best.rows[short] = more.rows
        best.similarities[short] = more.similarities
        best.finals[short] = more.finals
        short = short[(more.rows[:, -1] < 0) & (found.rows[:, -1] >= 0)]
    return best


def _selected(
    found: Neighbours, groups: NDArray[np.int32], own: NDArray[np.int32], k: int
) -> Neighbours:
    """The first k that are neither repeats nor copies of the post asked about."""
    theirs = np.where(found.rows < 0, np.int32(-1), groups[found.rows])
    drop = is_repeat(theirs) | ((theirs >= 0) & (theirs == own[:, None]))
    # Kept ones first, each part in its order.
    order = np.argsort(drop, axis=1, kind="stable")[:, :k]
    drop = np.take_along_axis(drop, order, axis=1)
    rows = np.take_along_axis(found.rows, order, axis=1)
    similarities = np.take_along_axis(found.similarities, order, axis=1)
    finals = np.take_along_axis(found.finals, order, axis=1)
    rows[drop] = -1
    similarities[drop] = finals[drop] = 0
    return Neighbours(rows, similarities, finals)
