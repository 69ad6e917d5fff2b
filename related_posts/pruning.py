"""Pruning: which posts can be among the best, before all postings are added up.

Common terms hold most postings of a blog and next to nothing of any cosine: their IDF is low.
What they add to a post is at most the length of the question's part in them times the length
of the post's (Cauchy and Schwarz), so that the other terms alone tell nearly all posts from the
best. Those that are left are added up whole, in the order that makes their sums the canonical
ones (:mod:`related_posts.ranking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import Adder, check_posts
from related_posts.weighting import Weights

#: A term is common if it stands in more than one post in so many.
ONE_IN = 20
#: Common terms are worth leaving out if they hold so many postings for each post.
POSTINGS_A_POST = 2
#: Room for what sums in another order differ by.
SLACK = 1e-9


class Bounds(NamedTuple):
    """What the cosine of each post lies between, shape (n_posts,) each; neither is cut at 1.

    Attributes:
        sums: What the terms that were added up contribute.
        most: The same with the most that those left out may contribute.
        is_whole: Whether no term was left out, so that both are the canonical sums.
    """

    sums: NDArray[np.float64]
    most: NDArray[np.float64]
    is_whole: bool


class Pruner:
    """Bounds cosines by the terms that are not common; safe for any number of threads.

    Args:
        postings: Weights of each term by place, shape (n_terms, n_places); no weight is
            negative. There may be several, whose places go on.
        places: Place of each post among all, shape (n_posts,); None where it is the row.

    Raises:
        IndexCorruptError: A posting of a common term is of no post.
    """

    def __init__(
        self, postings: Sequence[csr_array], places: NDArray[np.int32] | None = None
    ) -> None:
        self._adder = Adder()
        self._postings, self._places = postings, places
        self._common_above = sum(part.shape[1] for part in postings) // ONE_IN
        counts = np.sum([np.diff(part.indptr) for part in postings], axis=0)
        (common,) = np.nonzero(counts > self._common_above)
        self._lengths = self._by_post([_lengths(part, common) for part in postings])
        self._worth = int(POSTINGS_A_POST * len(self._lengths))

    def bounds(self, vector: Weights, *, whole: bool = False) -> Bounds:
        """What each cosine lies between.

        Args:
            vector: The question's.
            whole: Whether to leave out no term.

        Raises:
            IndexCorruptError: A posting is of no post.
        """
        n_postings = np.zeros(len(vector), np.int64)
        for part in self._postings:
            n_postings += part.indptr[vector.indices + 1] - part.indptr[vector.indices]
        is_common = n_postings > self._common_above
        if whole or n_postings[is_common].sum() < self._worth:
            sums = self._sums(vector)
            return Bounds(sums, sums, True)
        sums = self._sums(vector[~is_common])
        most = self._lengths * np.sqrt(np.square(vector.data[is_common], dtype=np.float64).sum())
        most += sums
        return Bounds(sums, most, False)

    def are_few(self, n_terms: int) -> bool:
        """Whether posts with so many terms are added up sooner than all from postings."""
        return n_terms <= self._worth

    def _sums(self, terms: Weights) -> NDArray[np.float64]:
        return self._by_post([self._adder.sums(part, terms) for part in self._postings])

    def _by_post(self, parts: list[NDArray[Any]]) -> NDArray[Any]:
        """What is known by place, by row."""
        return parts[0] if self._places is None else np.concatenate(parts)[self._places]


def _lengths(postings: csr_array, common: NDArray[np.intp]) -> NDArray[np.float64]:
    """The length of each post's vector in common terms alone, shape (n_posts,)."""
    squares = np.zeros(postings.shape[1])
    for term in common.tolist():
        part = slice(postings.indptr[term], postings.indptr[term + 1])
        # A term's posts differ from each other, so that each is added to once.
        rows = postings.indices[part]
        check_posts(rows, len(squares))
        squares[rows] += np.square(postings.data[part], dtype=np.float64)
    return np.sqrt(squares)
