"""Selection: of the copies of one text, a list shows the best.

What is on a list is chosen from candidates in their order: of each group of copies (see
:mod:`related_posts.duplicates`) the first stays, so the best by final score and, of equal ones,
the newest. The lists of a version and those worked out on demand both go through here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Candidates found beyond those wanted, before it is known how many are copies.
SPARE = 5


def is_repeat(groups: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether an earlier candidate of the same list is a copy of each.

    Args:
        groups: Group of each candidate, best first, negative for none; shape (k,), or
            (n, k) for n lists.

    Returns:
        Same shape; False where there is no group.
    """
    if not (groups >= 0).any():
        return np.zeros(groups.shape, bool)
    # Sorted stably, the first of each group stays the first.
    order = np.argsort(groups, axis=-1, kind="stable")
    ordered = np.take_along_axis(groups, order, axis=-1)
    again = np.zeros(groups.shape, bool)
    again[..., 1:] = (ordered[..., 1:] == ordered[..., :-1]) & (ordered[..., 1:] >= 0)
    found = np.empty(groups.shape, bool)
    np.put_along_axis(found, order, again, axis=-1)
    return found
