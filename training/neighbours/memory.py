"""The memory of one thread of the compiled search, used again for every query."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.neighbours.arithmetic import SIEVE
from training.neighbours.compiling import jit
from training.neighbours.postings import Postings


class Query(NamedTuple):
    """The post asked about and what is known of all others; n posts in m spans.

    Attributes:
        dense: The query's weights over the vocabulary, shape (n_terms,).
        sieve: 0 where the query has no term with these last bits, shape (SIEVE,).
        head: Its weights over the frequent terms, shape (n_head,).
        bands: Band of each of its terms, shape (most terms of a post,).
        starts, stops: Where the postings of each of its terms are, same shape.
        terms: Those of its terms that are worked on, same shape.
        touched: Where results of touching memory go, so that it is not optimised away.
        acc: What the scattered terms add to each row, -inf for rows that are done; shape (n,).
        lifts: Damped title factor of each row, rounded up, shape (n,).
        times: Greatest time factor of each span, shape (m,).
        todo: Rows to finish, shape (n,).
        kept, uppers, covers: Rows that may be among the k best, the most they can reach, and
            their title coverage; each of shape (n,).
        seed_keys, seed_rows: Heap of the leading rows.
        bar_keys, bar_rows: Heap of the k best lower bounds.
        best_keys, best_rows: Heap of the k best final scores.
    """

    dense: NDArray[np.float32]
    sieve: NDArray[np.uint8]
    head: NDArray[np.float32]
    bands: NDArray[np.uint8]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    terms: NDArray[np.int64]
    touched: NDArray[np.float32]
    acc: NDArray[np.float32]
    lifts: NDArray[np.float32]
    times: NDArray[np.float64]
    todo: NDArray[np.int64]
    kept: NDArray[np.int64]
    uppers: NDArray[np.float64]
    seed_keys: NDArray[np.float64]
    seed_rows: NDArray[np.int64]
    bar_keys: NDArray[np.float64]
    bar_rows: NDArray[np.int64]
    best_keys: NDArray[np.float64]
    best_rows: NDArray[np.int64]


@jit
def room(group: Postings, k: int) -> Query:
    """Room for one query at a time and its k best; about 44 bytes a post and 4 a term."""
    n = len(group.days)
    starts = group.vectors.starts
    longest = 0
    for row in range(n):
        longest = max(longest, starts[row + 1] - starts[row])
    n_seeds = min(k + k // 4 + 4, n)
    return Query(
        np.zeros(len(group.head.band_of), np.float32),
        np.zeros(SIEVE, np.uint8),
        np.zeros(group.head.size, np.float32),
        np.empty(longest, np.uint8),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(1, np.float32),
        np.empty(n, np.float32),
        np.empty(n, np.float32),
        np.empty(len(group.earliest), np.float64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.float64),
        np.empty(n_seeds, np.float64),
        np.empty(n_seeds, np.int64),
        np.empty(k, np.float64),
        np.empty(k, np.int64),
        np.empty(k, np.float64),
        np.empty(k, np.int64),
    )
