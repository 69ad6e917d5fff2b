"""The arithmetic of the compiled search: exact scores, rounded sums, and bounds between them.

Everything here takes plain arrays and numbers. Taking an array out of a tuple counts a
reference, which all threads share; in an inner loop that costs more than the arithmetic.
The formulas of the score are the very functions of :mod:`related_posts.ranking`, compiled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts import ranking
from training.neighbours.compiling import jit

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
U32 = NDArray[np.uint32]
U16 = NDArray[np.uint16]
U8 = NDArray[np.uint8]

LEAST = np.float32(1e-37)
"""Below every sum of products of weights: posts that share no term have exactly 0."""

SIEVE = 1 << 13
"""Terms are told apart by their last 13 bits; one byte each fits the processor's first cache."""

time_factor = jit(ranking.time_factor)
title_factor = jit(ranking.title_factor)
final_score = jit(ranking.final_score)
damped = jit(ranking.damped)


class Weights(NamedTuple):
    """The factors as plain numbers, see :class:`related_posts.ranking.Factors`."""

    time_weight: float
    time_days: float
    title_weight: float


# --- Exact values. -----------------------------------------------------------------------------


@jit
def dot(dense: F32, sieve: U8, found: I64, terms: U32, weights: F32) -> float:
    """Canonical cosine of the query with a vector: float64, ascending term, at most 1.

    Terms outside the sieve add exactly nothing. They are passed over in a loop of their own,
    which does not wait for sums; nor for a division, as the sieve's size is a constant.
    """
    n = 0
    for at in range(len(terms)):
        found[n] = at
        n += sieve[terms[at] % np.uint32(SIEVE)]
    total = 0.0
    for place in range(n):
        at = found[place]
        total += np.float64(dense[terms[at]]) * np.float64(weights[at])
    return min(total, 1.0)


@jit
def time_between(first: float, second: float, weights: Weights) -> float:
    """Time factor of two dates; an undated post is infinitely far away."""
    gap = abs(first - second)
    if gap != gap:
        gap = np.inf
    return time_factor(gap, weights.time_weight, weights.time_days)


@jit
def share_held(terms: U32, words: U32, shares: F32) -> float:
    """Canonical c(s, t): the share of the title of t that the ascending terms of s hold."""
    total = 0.0
    for at in range(len(words)):
        low, high = 0, len(terms)
        while low < high:
            middle = (low + high) >> 1
            if terms[middle] < words[at]:
                low = middle + 1
            else:
                high = middle
        if low < len(terms) and terms[low] == words[at]:
            total += np.float64(shares[at])
    return min(total, 1.0)


# --- Sums and their bounds. --------------------------------------------------------------------


@jit
def rounding(n_terms: int) -> float:
    """What rounding can hide of a similarity summed over n_terms products in float32.

    All summands are positive and the sum is at most about 1, so n additions of n products, in
    any order, are off by less than (n + 1) / 2**24. Doubled, with room for the bound's own.
    """
    return (n_terms + 16) * 2.0**-23


@jit
def add(sums: F32, rows: U32, values: F32, weight: np.float32) -> None:
    """Add one term to every post that has it."""
    for at in range(len(rows)):
        sums[rows[at]] += weight * values[at]


@jit
def multiply(values: F32, by: NDArray[np.float64]) -> None:
    """Multiply in place."""
    for at in range(len(values)):
        values[at] *= np.float32(by[at])


@jit
def rest_dot(numbers: U16, weights: F32, head: F32) -> np.float32:
    """What frequent terms of one post add to its sum; four sums at once hide their latency."""
    a = b = c = d = np.float32(0.0)
    n = len(numbers)
    for at in range(0, n - 3, 4):
        a += head[numbers[at]] * weights[at]
        b += head[numbers[at + 1]] * weights[at + 1]
        c += head[numbers[at + 2]] * weights[at + 2]
        d += head[numbers[at + 3]] * weights[at + 3]
    for at in range(n - n % 4, n):
        a += head[numbers[at]] * weights[at]
    return (a + b) + (c + d)


@jit
def hits(sums: F32, rest: F32, norm: np.float32, lifts: F32, least: np.float32) -> int:
    """How many rows reach the least if the rest does all it can; branchless, to be vectorised."""
    count = np.int32(0)
    for row in range(len(sums)):
        count += np.int32((sums[row] + norm * rest[row]) * lifts[row] >= least)
    return int(count)


@jit
def least_sum(bar: float, time: float, slack: float) -> np.float32:
    """What a lifted sum must reach; above 0, for posts without a common term have 0."""
    return max(np.float32((bar / time) * (1.0 - 1e-6) - slack), LEAST)


@jit
def touch_frequent(bounds: I64, level: int, numbers: U16, weights: F32, rows: I64) -> np.float32:
    """Read one element of every cache line of some rows' frequent terms."""
    total = np.float32(0.0)
    for row in rows:
        for at in range(bounds[row, 0], bounds[row, level + 1], 16):
            total += numbers[at] + weights[at]
    return total


@jit
def touch_keys(starts: I64, keys: U32, rows: I64) -> np.float32:
    """Read one element of every cache line of some rows' keys."""
    total = np.float32(0.0)
    for row in rows:
        for at in range(starts[row], starts[row + 1], 16):
            total += np.float32(keys[at])
    return total


@jit
def touch_vectors(starts: I64, terms: U32, weights: F32, rows: I64) -> np.float32:
    """Read one element of every cache line of some rows' vectors."""
    total = np.float32(0.0)
    for row in rows:
        for at in range(starts[row], starts[row + 1], 16):
            total += terms[at] + weights[at]
    return total
