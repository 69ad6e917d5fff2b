"""What the kernel searches: one group's posts by row, by term, and by frequent term."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

SPAN = 128
"""Posts that are tested against one bar at a time: neighbours in time, as rows are."""

EDGES = (0.04, 0.08, 0.16)
"""Shares of the posts above which a term belongs to the next band of frequent terms.

Measured on real blogs and synthetic ones of up to 100,000 posts: more bands cost more passes than
they save additions.
"""

MAX_FREQUENT = 1 << 16
"""Frequent terms have numbers of two bytes."""

FINISH_COST = 50.0
"""What finishing a post costs beside its additions, in additions."""


class Lists(NamedTuple):
    """A sparse matrix: list i is keys and values from starts[i] to starts[i + 1]."""

    starts: NDArray[np.int64]
    keys: NDArray[np.uint32]
    values: NDArray[np.float32]


class Head(NamedTuple):
    """The frequent terms of every post, the most frequent first.

    Terms are in bands: band 0 holds the rare ones, which are not here, the last band the most
    frequent. *Beyond level l* are the terms of the bands above l: those that remain when the
    bands up to l have been scattered. They are a prefix of every list. Levels run from 0 to the
    last band, beyond which is nothing.

    Attributes:
        number_of: Number of each term among the frequent, most frequent first, or -1; shape
            (n_terms,).
        band_of: Band of each term, shape (n_terms,).
        bounds: Where each post's list begins, then where its terms beyond each level end; shape
            (n, 1 + n_levels).
        numbers: The lists' terms.
        weights: Their weights.
        rest: Norm of each post's terms beyond each level, rounded up; shape (n_levels, n).
        cost: What it costs on average to finish a post from each level, in additions; shape
            (n_levels,).
        size: How many terms are frequent.
    """

    number_of: NDArray[np.int32]
    band_of: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    numbers: NDArray[np.uint16]
    weights: NDArray[np.float32]
    rest: NDArray[np.float32]
    cost: NDArray[np.float64]
    size: int


class Postings(NamedTuple):
    """One group, ready to be searched.

    Attributes:
        vectors: Terms of each post, ascending.
        postings: Posts of each term, ascending.
        titles: Title words of each post, ascending, with their share of the title.
        by_word: Posts of each title word, ascending, with its share of their titles.
        held: Words of any title that each post has of its own, ascending.
        holders: Posts that have each of these of their own, ascending.
        title_slack: What rounding can hide of a title's coverage.
        head: The frequent terms of each post.
        days: Date of each post, NaN where undated; shape (n,).
        damping: What a final score of each post is multiplied by, in (0, 1], shape (n,).
        is_damped: Whether any of these is below 1.
        earliest, latest: First and last date within each span of posts; NaN where all are
            undated; shape (n_spans,).
    """

    vectors: Lists
    postings: Lists
    titles: Lists
    by_word: Lists
    held: Lists
    holders: Lists
    title_slack: float
    head: Head
    days: NDArray[np.float64]
    damping: NDArray[np.float64]
    is_damped: bool
    earliest: NDArray[np.float64]
    latest: NDArray[np.float64]

    def under(self, damping: NDArray[np.float64]) -> Postings:
        """The same with another damping, in (0, 1], shape (n,)."""
        return self._replace(damping=damping, is_damped=bool((damping < 1.0).any()))


def build(
    vectors: sparse.csr_array,
    texts: sparse.csr_array,
    titles: sparse.csr_array,
    days: NDArray[np.float64],
) -> Postings:
    """Lay out one group, without damping.

    Args:
        vectors: L2-normalised float32 rows with sorted indices and positive weights only, shape
            (n, n_terms), n at least 1; shared with the result, not copied.
        texts: 1 where a term is a post's own, sorted indices, same shape.
        titles: Shares of the title words, sorted indices, same shape; shared as well.
        days: Date of each post, NaN where undated; shape (n,).

    Returns:
        Needs about 8 bytes a weight for the postings, 6 for each weight of a frequent term and
        16 for each title word that is in a text.
    """
    by_term = vectors.tocsc()
    held = _of_titles(texts, titles)
    spans = range(0, len(days), SPAN)
    longest_title = int(np.diff(titles.indptr).max())
    return Postings(
        vectors=_lists(vectors),
        postings=_lists(by_term),
        titles=_lists(titles),
        by_word=_lists(titles.tocsc()),
        held=_lists(held),
        holders=_lists(held.tocsc()),
        # Shares may add up to a little more than 1, but coverage is cut there: twice 1e-4.
        # Damping is one more product.
        title_slack=2e-4 + (2 * longest_title + 20) * 2.0**-22,
        head=_head(by_term),
        days=days,
        damping=np.ones(len(days)),
        is_damped=False,
        earliest=np.array([np.fmin.reduce(days[at : at + SPAN]) for at in spans]),
        latest=np.array([np.fmax.reduce(days[at : at + SPAN]) for at in spans]),
    )


def _of_titles(texts: sparse.csr_array, titles: sparse.csr_array) -> sparse.csr_array:
    """The terms that stand in some title, of each text."""
    in_titles = np.zeros(texts.shape[1], bool)
    in_titles[titles.indices] = True
    kept = in_titles[texts.indices]
    before = np.concatenate([[0], np.cumsum(kept)])
    chosen = (texts.data[kept].astype(np.float32), texts.indices[kept], before[texts.indptr])
    return sparse.csr_array(chosen, shape=texts.shape)


def _lists(matrix: sparse.csr_array | sparse.csc_array) -> Lists:
    """Unsigned numbers spare the compiled code the test for negative indices."""
    return Lists(
        starts=matrix.indptr.astype(np.int64),
        keys=matrix.indices.astype(np.int32, copy=False).view(np.uint32),
        values=matrix.data,
    )


def _head(by_term: sparse.csc_array) -> Head:
    n, n_terms = by_term.shape
    frequencies = np.diff(by_term.indptr)
    sizes = [min(int((frequencies > edge * n).sum()), MAX_FREQUENT) for edge in EDGES]
    by_frequency = np.argsort(-frequencies, kind="stable")[: sizes[0]]
    number_of = np.full(n_terms, -1, np.int32)
    number_of[by_frequency] = np.arange(sizes[0], dtype=np.int32)
    band_of = np.zeros(n_terms, np.uint8)
    for size in sizes:
        band_of[by_frequency[:size]] += 1

    lists = by_term[:, by_frequency].tocsr()
    ends = lists.indptr.astype(np.int64)
    row_of = np.repeat(np.arange(n), np.diff(ends))
    stops, rest = [], []
    for size in [*sizes, 0]:
        beyond = lists.indices < size
        squares = np.where(beyond, lists.data.astype(np.float64) ** 2, 0.0)
        stops.append(ends[:-1] + np.bincount(row_of[beyond], minlength=n))
        rest.append(np.sqrt(np.bincount(row_of, squares, minlength=n)) * (1.0 + 1e-6))
    return Head(
        number_of=number_of,
        band_of=band_of,
        bounds=np.ascontiguousarray(np.array([ends[:-1], *stops], np.int64).T),
        numbers=lists.indices.astype(np.uint16),
        weights=lists.data,
        rest=np.array(rest, np.float32),
        cost=np.array([(stop - ends[:-1]).mean() for stop in stops]) + FINISH_COST,
        size=sizes[0],
    )
