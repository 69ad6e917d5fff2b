"""Pruning: which posts can be among the best, before all postings are added up.

Common terms hold most postings of a blog and next to nothing of any cosine: their IDF is low.
What they add to a post is at most the length of the question's part in them times the length
of the post's (Cauchy and Schwarz), so that the other terms alone tell nearly all posts from the
best. Those that are left are added up whole, in the order that makes their sums the canonical
ones (:mod:`related_posts.ranking`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import Adder, Rows, check_posts, lengths_of
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
        postings: The posts of each term, shape (n_terms, n_posts); no weight is negative.

    Raises:
        IndexCorruptError: A posting of a common term is of no post.
    """

    def __init__(self, postings: csr_array) -> None:
        self._adder = Adder()
        self._postings = postings
        self._common_above = postings.shape[1] // ONE_IN
        self._lengths = _lengths(postings, self._common_above)
        self._worth = int(POSTINGS_A_POST * len(self._lengths))

    def bounds(self, vector: Weights, *, whole: bool = False) -> Bounds:
        """What each cosine lies between.

        Args:
            vector: The question's.
            whole: Whether to leave out no term.

        Raises:
            IndexCorruptError: A posting is of no post.
        """
        starts = self._postings.indptr
        n_postings = starts[vector.indices + 1] - starts[vector.indices]
        is_common = n_postings > self._common_above
        if whole or n_postings[is_common].sum() < self._worth:
            sums = self._adder.sums(self._postings, vector)
            return Bounds(sums, sums, True)
        sums = self._adder.sums(self._postings, vector[~is_common])
        most = self._lengths * np.sqrt(np.square(vector.data[is_common], dtype=np.float64).sum())
        most += sums
        return Bounds(sums, most, False)

    def are_few(self, vectors: csr_array, rows: Rows) -> bool:
        """Whether some posts are added up sooner from their terms than all from postings."""
        return int(lengths_of(vectors, rows).sum()) <= self._worth


def _lengths(postings: csr_array, common_above: int) -> NDArray[np.float64]:
    """The length of each post's vector in common terms alone, shape (n_posts,)."""
    squares = np.zeros(postings.shape[1])
    (common,) = np.nonzero(np.diff(postings.indptr) > common_above)
    for term in common.tolist():
        part = slice(postings.indptr[term], postings.indptr[term + 1])
        # A term's posts differ from each other, so that each is added to once.
        rows = postings.indices[part]
        check_posts(rows, len(squares))
        squares[rows] += np.square(postings.data[part], dtype=np.float64)
    return np.sqrt(squares)
