"""Splicing: arrays of an earlier version with a few rows taken out, put in or replaced.

What stays is copied in runs of rows, as fast as memory is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def moved(origin: NDArray[np.int64], n_before: int) -> NDArray[np.int32]:
    """The row of now of each earlier row, -1 for those that are gone; -1 for -1.

    Args:
        origin: Earlier row of each row of now, -1 for none; shape (n,).
        n_before: Earlier rows.

    Returns:
        Shape (n_before + 1,): the last is what the index -1 finds.
    """
    rows = np.full(n_before + 1, -1, np.int32)
    (stays,) = np.nonzero(origin >= 0)
    rows[origin[stays]] = stays
    return rows


def rows_of(
    before: NDArray[Any], origin: NDArray[np.int64], fresh: NDArray[Any] | Sequence[Any]
) -> NDArray[Any]:
    """Rows of now, from earlier ones and from those that are fresh, in order."""
    found = (
        before[np.maximum(origin, 0)]
        if len(before)
        else np.zeros((len(origin), *before.shape[1:]), before.dtype)
    )
    if (origin < 0).any():
        found[origin < 0] = fresh
    return found


def lists_of(
    before: Sequence[NDArray[Any]],
    starts: NDArray[Any],
    origin: NDArray[np.int64],
    fresh: Sequence[Sequence[NDArray[Any]]],
) -> tuple[list[NDArray[Any]], NDArray[np.int64]]:
    """Lists of different lengths of now, a list a row, from earlier and from fresh ones.

    Args:
        before: Arrays that hold the earlier lists one after another, in parallel.
        starts: Where each earlier list begins, and the end of the last.
        origin: Earlier list of each row of now, -1 for a fresh one.
        fresh: For each array, the fresh lists in order.

    Returns:
        The arrays of now, and where each list begins.
    """
    starts = starts.astype(np.int64)
    lengths = np.zeros(len(origin), np.int64)
    stays = origin >= 0
    lengths[stays] = np.diff(starts)[origin[stays]]
    lengths[~stays] = [len(each) for each in fresh[0]]
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    found = [np.empty(bounds[-1], array.dtype) for array in before]
    rest = [iter(each) for each in fresh]
    for first, last, earlier in _runs(origin):
        for target, source, new in zip(found, before, rest, strict=True):
            if earlier < 0:
                for row in range(first, last):
                    target[bounds[row] : bounds[row + 1]] = next(new)
            else:
                begin, end = starts[earlier], starts[earlier + last - first]
                target[bounds[first] : bounds[last]] = source[begin:end]
    return found, bounds


def strings_of(
    data: NDArray[np.uint8],
    offsets: NDArray[np.uint64],
    origin: NDArray[np.int64],
    fresh: Sequence[bytes],
) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Strings of now, as ``blobs.pack`` gives them."""
    arrays = [np.frombuffer(each, np.uint8) for each in fresh]
    (found,), bounds = lists_of([data], offsets, origin, [arrays])
    return found, bounds.astype(np.uint64)


def _runs(origin: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """First row, row behind the last, and the first's origin, of rows that stay together."""
    if not len(origin):
        return
    together = np.where(origin[1:] >= 0, origin[1:] == origin[:-1] + 1, origin[:-1] < 0) & (
        (origin[1:] >= 0) == (origin[:-1] >= 0)
    )
    firsts = np.concatenate([[0], 1 + np.flatnonzero(~together)])
    lasts = np.append(firsts[1:], len(origin))
    yield from zip(firsts.tolist(), lasts.tolist(), origin[firsts].tolist(), strict=True)
