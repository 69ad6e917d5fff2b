"""How posts are ranked: the final score, its exact arithmetic, and the order of equal scores.

The final score of a post t for the readers of s is their cosine times three factors::

    final(s, t) = cos(s, t) · (1 + time_weight / (1 + |days between s and t| / time_days))
                            · (1 + title_weight · (c(s, t) + c(t, s)))
                            · damping(t)

c(s, t) is the share of the title of t, weighed by IDF, whose words occur in s itself: a word
that s has only because a post it is linked with lent it one does not count. damping(t), in
(0, 1], holds back posts that would stand on too many lists (see ``training.neighbours.hubs``);
all else is symmetric. A post is related to another only if they share a term (cosine > 0).

**The score** that readers get is the final score brought to [0, 1] by :func:`to_scores`. It
means something: of the pairs with a score of 0.3, the authors of real blogs linked about 30 %.

**Exact arithmetic.** Sums run over the shared terms in ascending order of the term's number, in
float64, over products of float32 weights (which float64 holds exactly); they are cut at 1.0. The
factors are float64 in exactly the order of operations of :func:`time_factor`,
:func:`title_factor`, :func:`final_score` and, last, :func:`damped`. So every way to compute a
score - all pairs at once, pruned, in blocks, one query later - gives the same bits, and may be
tested for equality.
The sparse product of SciPy adds in this order where its left side has sorted indices.

**Ties.** Equal final scores are ordered by ascending row. Rows are numbered newest first, then
by id, so of equally good posts the newer comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Numbers = TypeVar("Numbers", float, NDArray[np.float64])


HALF = 0.95
"""The final score that is shown as 0.5."""

CURVE = 1.55
"""How steeply scores rise around it."""

MOST_WEIGHT = 1000.0
"""A factor's weight beyond which the cosine no longer counts."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What raises a score beyond the cosine.

    Attributes:
        time_weight: Raises posts of the same day by the factor 1 + time_weight; 0 is off; at
            most 1,000.
        time_days: Days between two posts after which half of that is left; above 0, finite.
        title_weight: Raises two posts by the factor 1 + 2 · title_weight where each holds all
            title words of the other; 0 is off; at most 1,000.

    Raises:
        ValueError: One is out of its range.
    """

    time_weight: float = 2.0
    time_days: float = 90.0
    title_weight: float = 0.8

    def __post_init__(self) -> None:
        for name in ("time_weight", "title_weight"):
            value = getattr(self, name)
            if not 0 <= value <= MOST_WEIGHT:
                raise ValueError(f"{name}={value!r} must be from 0 to {MOST_WEIGHT:g}")
        if not 0 < self.time_days < math.inf:
            raise ValueError(f"time_days={self.time_days!r} must be above 0 and finite")


class Neighbours(NamedTuple):
    """The k best of every post, best first.

    Attributes:
        rows: Their rows; -1 where there are fewer than k, only at the end; shape (n, k).
        similarities: Their cosines, in [0, 1]; 0 where none; same shape.
        finals: Their final scores, descending; 0 where none; same shape.
    """

    rows: NDArray[np.int32]
    similarities: NDArray[np.float32]
    finals: NDArray[np.float64]

    @classmethod
    def none(cls, n: int, k: int) -> Neighbours:
        """Room for the k best of n posts, without any yet."""
        return cls(
            rows=np.full((n, k), -1, np.int32),
            similarities=np.zeros((n, k), np.float32),
            finals=np.zeros((n, k), np.float64),
        )


def time_factor(gap: Numbers, time_weight: float, time_days: float) -> Numbers:
    """Factor of two posts that are ``gap`` days apart, at least 1; 1 for an infinite gap."""
    return 1.0 + time_weight / (1.0 + gap / time_days)


def title_factor(coverage: Numbers, title_weight: float) -> Numbers:
    """Factor of two posts with c(s, t) + c(t, s) = ``coverage``, at least 1."""
    return 1.0 + title_weight * coverage


def final_score(cosine: Numbers, time: Numbers, title: Numbers) -> Numbers:
    """Final score from the cosine and the two symmetric factors, before damping."""
    return cosine * time * title


def damped(final: Numbers, damping: Numbers) -> Numbers:
    """Final score of a post whose damping is ``damping``, in (0, 1]."""
    return final * damping


def to_scores(finals: NDArray[np.float64]) -> NDArray[np.float32]:
    """Final scores as they are stored and shown: in [0, 1), same shape, same order.

    ``f^b / (f^b + h^b)`` is a logistic curve over ln f, fitted to how often the authors of
    real blogs linked posts of each final score; docs/relevance.md says how and how well.
    """
    powers = finals**CURVE
    return np.asarray(powers / (powers + HALF**CURVE), dtype=np.float32)


def to_final(score: float) -> float:
    """The final score that is shown as ``score``, in [0, 1)."""
    return float(HALF * (score / (1.0 - score)) ** (1.0 / CURVE))


def days_apart(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Days between every two dates, shape (len(first), len(second)).

    An undated post (NaN) is infinitely far from every post, so that its time factor is 1.
    """
    gaps = np.abs(np.subtract.outer(first, second))
    gaps[np.isnan(gaps)] = np.inf
    return gaps


def cosines(queries: sparse.csr_array, vectors: sparse.csr_array) -> NDArray[np.float64]:
    """Canonical cosine of every query with every post, dense.

    Args:
        queries: L2-normalised float32 rows with sorted indices, shape (m, n_terms).
        vectors: The same of the posts, shape (n, n_terms).

    Returns:
        Shape (m, n), in [0, 1].
    """
    return np.minimum(_products(queries, vectors), 1.0)


def title_coverage(
    queries: sparse.csr_array,
    query_titles: sparse.csr_array,
    texts: sparse.csr_array,
    titles: sparse.csr_array,
) -> NDArray[np.float64]:
    """c(s, t) + c(t, s) of every query s with every post t, dense.

    Args:
        queries: The queries' own terms, see :func:`own_terms`; shape (m, n_terms).
        query_titles: Share of each title word in its title's IDF mass; rows sum to 1 or are
            empty; shape (m, n_terms), sorted indices.
        texts: The posts' own terms, shape (n, n_terms).
        titles: Titles of the posts, shape (n, n_terms).

    Returns:
        Shape (m, n), in [0, 2].
    """
    there = np.minimum(_products(queries, titles), 1.0)
    back = np.minimum(_products(query_titles, texts), 1.0)
    return there + back


def own_terms(
    vectors: sparse.csr_array, borrowed: sparse.csr_array | None = None
) -> sparse.csr_array:
    """Which terms each post has of its own, and not by its links alone.

    Args:
        vectors: Weights, above 0 where a post has a term; sorted indices, shape (n, n_terms).
        borrowed: Above 0 where a post has a term by links alone, same shape; None for nowhere.

    Returns:
        1.0 where a term is a post's own; same shape, sorted indices.
    """
    held = _presence(vectors)
    if borrowed is None or not borrowed.nnz:
        return held
    own = sparse.csr_array(held - _presence(borrowed))
    own.eliminate_zeros()
    own.sort_indices()
    return own


def top_k(scores: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """Rows of the k highest scores, best first.

    Equal scores keep row order. A score of 0 means unrelated and is never returned.

    Args:
        scores: Score of one query with every post, shape (n,), at least 0; 0 excludes a post.
        k: Wanted length, at least 1; fewer rows return if fewer are related.

    Returns:
        Rows, shape (min(k, number of scores above 0),), by descending score.

    Raises:
        ValueError: k < 1, or scores is not one-dimensional or has NaN.
    """
    if k < 1 or scores.ndim != 1:
        raise ValueError(f"k={k}, shape={scores.shape}; k must be >= 1 and scores have one axis")
    if np.isnan(scores).any():
        raise ValueError("scores has NaN")
    rows = np.flatnonzero(scores > 0.0)
    if len(rows) > k:
        kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= kth]
    return rows[np.argsort(-scores[rows], kind="stable")][:k]


def exact_neighbours(
    vectors: sparse.csr_array,
    titles: sparse.csr_array,
    days: NDArray[np.float64],
    languages: NDArray[np.int16],
    factors: Factors,
    k: int,
    damping: NDArray[np.float64] | None = None,
    borrowed: sparse.csr_array | None = None,
) -> Neighbours:
    """The k best of every post the slow, obvious way: all pairs at once, n² numbers in memory.

    What every faster way is tested against.

    Args:
        vectors: L2-normalised float32 rows, sorted indices, shape (n, n_terms).
        titles: Share of each title word in its title's IDF mass, shape (n, n_terms).
        days: Days since 1970 of publication, NaN where undated, shape (n,).
        languages: Group of each post, shape (n,); only posts of one group are related.
        factors: What raises a score beyond the cosine.
        k: Wanted length of each list, at least 1.
        damping: What the scores of each post are multiplied by where it is shown, in (0, 1],
            shape (n,); None for 1 everywhere.
        borrowed: Terms that posts have by their links alone, see :func:`own_terms`.

    Returns:
        The neighbours, by descending final score, then ascending row; never the post itself.
    """
    similar = cosines(vectors, vectors)
    similar[languages[:, None] != languages[None, :]] = 0.0
    np.fill_diagonal(similar, 0.0)
    time = time_factor(days_apart(days, days), factors.time_weight, factors.time_days)
    texts = own_terms(vectors, borrowed)
    title = title_factor(title_coverage(texts, titles, texts, titles), factors.title_weight)
    finals = final_score(similar, time, title)
    if damping is not None:
        finals = damped(finals, damping[None, :])
    best = Neighbours.none(len(days), k)
    for row, line in enumerate(finals):
        chosen = top_k(line, k)
        best.rows[row, : len(chosen)] = chosen
        best.similarities[row, : len(chosen)] = similar[row, chosen]
        best.finals[row, : len(chosen)] = line[chosen]
    return best


def _products(left: sparse.csr_array, right: sparse.csr_array) -> NDArray[np.float64]:
    """Left · rightᵀ in float64, each sum in the order of the left row's terms."""
    product = left.astype(np.float64) @ right.astype(np.float64).T.tocsr()
    return np.asarray(product.toarray(), dtype=np.float64)


def _presence(vectors: sparse.csr_array) -> sparse.csr_array:
    """1 where a row has a value above 0."""
    return sparse.csr_array(
        ((vectors.data > 0.0).astype(np.float64), vectors.indices, vectors.indptr),
        shape=vectors.shape,
    )
