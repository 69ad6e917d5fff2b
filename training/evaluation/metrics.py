"""How good one list is: four measures from information retrieval, one query at a time.

All take a ranking (rows, best first, none twice) and the rows that are relevant to its
query, at least one. All are in [0, 1], and 0 for an empty ranking. Gains are binary: a post
is relevant or it is not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

#: Items of a list that nDCG and the reciprocal rank look at.
DEPTH = 10
#: Items of a list that recall and hit look at, and what a page usually shows.
SHOWN = 5


class Measures(NamedTuple):
    """One list's measures, or their means over many lists.

    Attributes:
        ndcg: nDCG in the first ``DEPTH`` items.
        recall: Share of the relevant posts in the first ``SHOWN`` items.
        hit: 1 where a relevant post is among the first ``SHOWN`` items.
        mrr: 1 / rank of the first relevant post, ranks from 1; 0 where none is among the
            first ``DEPTH`` items.
    """

    ndcg: float
    recall: float
    hit: float
    mrr: float


def measures(ranked: Sequence[int], relevant: Collection[int]) -> Measures:
    """All measures of one list at their usual depths."""
    return Measures(
        ndcg(ranked, relevant, DEPTH),
        recall(ranked, relevant, SHOWN),
        hit(ranked, relevant, SHOWN),
        reciprocal_rank(ranked, relevant, DEPTH),
    )


def ndcg(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Normalised discounted cumulative gain of the first k items.

    A relevant post at rank r adds 1 / log2(r + 1). The ideal is a list that begins with
    all relevant posts, cut at k.

    Source: Järvelin & Kekäläinen (2002), with base 2 and binary gains.
    """
    _check(relevant, k)
    gain = sum(_discount(place) for place, post in enumerate(ranked[:k]) if post in relevant)
    return gain / sum(_discount(place) for place in range(min(k, len(relevant))))


def recall(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """Share of all relevant posts that are among the first k items."""
    _check(relevant, k)
    return sum(post in relevant for post in ranked[:k]) / len(relevant)


def hit(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """1 where at least one relevant post is among the first k items, else 0."""
    _check(relevant, k)
    return float(any(post in relevant for post in ranked[:k]))


def reciprocal_rank(ranked: Sequence[int], relevant: Collection[int], k: int) -> float:
    """1 / rank of the first relevant post, or 0 where none is among the first k items."""
    _check(relevant, k)
    ranks = (place + 1 for place, post in enumerate(ranked[:k]) if post in relevant)
    return 1.0 / next(ranks, math.inf)


def _discount(place: int) -> float:
    """The gain of a relevant post at a place counted from 0."""
    return 1.0 / math.log2(place + 2)


def _check(relevant: Collection[int], k: int) -> None:
    if not relevant or k < 1:
        raise ValueError(f"{len(relevant)} relevant posts, k={k}; both must be at least 1")
