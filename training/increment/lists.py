"""Where the lists of the next version are kept: most in the files of the one before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts.lists import NAMES, Listed
from training.increment.change import Change
from training.neighbours.earlier import Earlier
from training.neighbours.merged import Merged
from training.splicing import rows_of

#: Share of the lists that a version may have for itself before it writes all of them anew.
MOST_FRESH = 0.2
#: The arrays that hold the lists that are shared.
SHARED = frozenset(NAMES)


def placed(
    change: Change, before: Earlier, merged: Merged, places: NDArray[np.int32]
) -> dict[str, NDArray[Any]]:
    """The arrays that hold the lists; those of :data:`SHARED` may be the earlier ones.

    Args:
        change: What changed.
        before: The earlier lists.
        merged: Those that are others now.
        places: Place of each post now.
    """
    n, origin, stays = change.n, change.origin, change.origin >= 0
    at = rows_of(before.list_places, origin, np.full(len(change.new), -1, np.int32))
    # The place of now of each earlier place; a row or a place of -1 is the last.
    now = np.append(places, np.int32(-1))[np.append(change.row_at, np.int32(-1))]
    # A list names a post by its place: where that is another one, it has to be written.
    renamed = np.zeros(n, bool)
    renamed[stays] = before.holding(now[:-1] != np.arange(before.n_places))[origin[stays]]
    is_merged = np.zeros(n, bool)
    is_merged[merged.which] = True
    is_fresh = is_merged | renamed | (at >= before.n_shared)
    is_all = is_fresh.sum() > max(MOST_FRESH * n, 10)

    rows = np.arange(n) if is_all else np.flatnonzero(is_fresh)
    kept = rows[~is_merged[rows]]
    own = Listed.none(len(rows), before.k)
    found = merged.lists._replace(rows=np.append(places, np.int32(-1))[merged.lists.rows])
    for some, lists in ((kept, before.of(origin[kept], now)), (merged.which, found)):
        place = np.searchsorted(rows, some)
        for target, values in zip(own, lists, strict=True):
            target[place] = values
    if is_all:
        nothing = Listed.none(0, before.k)
        return {**_arrays("", own), **_arrays("fresh_", nothing), "list_places": rows.astype("<i4")}
    at[rows] = before.n_shared + np.arange(len(rows), dtype=np.int32)
    return {**_arrays("", before.parts[0]), **_arrays("fresh_", own), "list_places": at}


def n_empty(arrays: dict[str, NDArray[Any]]) -> int:
    """How many lists are empty."""
    firsts = [arrays[f"{prefix}neighbours"][:, 0] for prefix in ("", "fresh_")]
    return int((np.concatenate(firsts)[arrays["list_places"]] < 0).sum())


def _arrays(prefix: str, lists: Listed) -> dict[str, NDArray[Any]]:
    return {f"{prefix}{name}": values for name, values in zip(NAMES, lists, strict=True)}
