"""Translations of a post are left out of its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from related_posts.ranking import Neighbours


def to_spare(groups: NDArray[np.int32]) -> int:
    """How many more neighbours must be found, so that enough are left without translations.

    Args:
        groups: Translation group of each post, -1 for none, shape (n,).
    """
    return max(0, int(np.bincount(groups[groups >= 0]).max(initial=1)) - 1)


def without_translations(
    found: Neighbours, groups: NDArray[np.int32], own: NDArray[np.int32], k: int
) -> Neighbours:
    """The k best of every post that are not its translations.

    Args:
        found: At least k + :func:`to_spare` neighbours a post.
        groups: Translation group of each post, -1 for none, shape (n,).
        own: The group of each post asked about, one for each row of ``found``.
        k: Wanted length of each list.

    Returns:
        The neighbours in the same order; exactly those that a search without the
        translations finds.
    """
    if not to_spare(groups):
        return Neighbours(found.rows[:, :k], found.similarities[:, :k], found.finals[:, :k])
    theirs = np.where(found.rows < 0, -1, groups[found.rows])
    drop = (theirs >= 0) & (theirs == own[:, None])
    # Kept ones first, each part in its order.
    order = np.argsort(drop, axis=1, kind="stable")[:, :k]
    drop = np.take_along_axis(drop, order, axis=1)
    rows = np.take_along_axis(found.rows, order, axis=1)
    similarities = np.take_along_axis(found.similarities, order, axis=1)
    finals = np.take_along_axis(found.finals, order, axis=1)
    rows[drop] = -1
    similarities[drop] = finals[drop] = 0
    return Neighbours(rows, similarities, finals)
