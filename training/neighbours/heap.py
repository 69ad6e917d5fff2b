"""A heap of the best (key, row) pairs, compiled: its first element is the worst that is kept.

The order is total: a higher key is better, of equal keys the lower row. What is kept does
therefore not depend on the order in which it was offered.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.neighbours.compiling import jit


@jit
def offer(
    keys: NDArray[np.float64], rows: NDArray[np.int64], size: int, key: float, row: int
) -> int:
    """Keep a pair if it is among the best len(keys), at least 1; return the new size."""
    if size == len(keys):
        if key > keys[0] or (key == keys[0] and row < rows[0]):
            keys[0], rows[0] = key, row
            sink(keys, rows, size)
        return size
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if not (key < keys[parent] or (key == keys[parent] and row > rows[parent])):
            break
        keys[place], rows[place] = keys[parent], rows[parent]
        place = parent
    keys[place], rows[place] = key, row
    return size + 1


@jit
def sink(keys: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> None:
    """Restore the order of the first ``size`` pairs after the first of them was replaced."""
    key, row = keys[0], rows[0]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            keys[other] < keys[child] or (keys[other] == keys[child] and rows[other] > rows[child])
        ):
            child = other
        if not (keys[child] < key or (keys[child] == key and rows[child] > row)):
            break
        keys[place], rows[place] = keys[child], rows[child]
        place = child
    keys[place], rows[place] = key, row


@jit
def take_worst(keys: NDArray[np.float64], rows: NDArray[np.int64], size: int) -> int:
    """Move the worst of ``size`` pairs behind the others; return size - 1.

    Repeated until 0 is left, it sorts the pairs, best first.
    """
    last = size - 1
    key, row = keys[0], rows[0]
    keys[0], rows[0] = keys[last], rows[last]
    if last > 0:
        sink(keys, rows, last)
    keys[last], rows[last] = key, row
    return last
