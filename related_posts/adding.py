"""Adding up: what the terms of one question contribute to all posts, or to a few of them.

By the definitions of :mod:`related_posts.ranking` and to the same bits: term after term in
ascending order, in float64. All posts are added up from the postings of the question's terms,
a few from their own terms.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from related_posts.errors import IndexCorruptError
from related_posts.weighting import Weights

Rows = NDArray[np.intp]

#: Postings added up at a time, or those of one term where it has more: 12 bytes each, kept.
MOST_POSTINGS = 500_000


class Adder:
    """Adds up postings; one for all threads, since the room for them is used again.

    Fresh room of some megabytes would cost more than the sums: the system hands it out page
    by page, each filled with zeros.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._posts = np.empty(0, np.int32)
        self._values = np.empty(0)

    def sums(self, postings: csr_array, terms: Weights) -> NDArray[np.float64]:
        """What some terms contribute to each post, added in float64 in their order.

        Args:
            postings: The posts of each term, shape (n_terms, n_posts).
            terms: Rows of it, and what each is multiplied by.

        Returns:
            Shape (n_posts,).

        Raises:
            IndexCorruptError: A posting is of no post.
        """
        sums: NDArray[np.float64] = np.zeros(postings.shape[1])
        starts = postings.indptr[terms.indices].tolist()
        ends = postings.indptr[terms.indices + 1].tolist()
        first = 0
        while first < len(starts):
            last, size = first + 1, ends[first] - starts[first]
            while last < len(starts) and size + ends[last] - starts[last] <= MOST_POSTINGS:
                size += ends[last] - starts[last]
                last += 1
            bounds = zip(starts[first:last], ends[first:last], strict=True)
            parts = [slice(*each) for each in bounds]
            # What was added up so far leads, as one more term, so that the order stays.
            posts = [postings.indices[part] for part in parts]
            values = [postings.data[part] for part in parts]
            scale = terms.data[first:last].astype(np.float64)
            if first:
                posts.insert(0, np.arange(len(sums), dtype=np.int32))
                values.insert(0, sums)
                scale = np.insert(scale, 0, 1.0)
            with self._lock:
                sums = self._product(posts, values, scale, len(sums))
            first = last
        return sums

    def _product(
        self,
        posts: list[NDArray[np.int32]],
        values: list[NDArray[Any]],
        scale: NDArray[np.float64],
        n_posts: int,
    ) -> NDArray[np.float64]:
        bounds = np.cumsum([0, *map(len, posts)], dtype=np.int32)
        size = int(bounds[-1])
        if size > len(self._posts):
            self._posts, self._values = np.empty(size, np.int32), np.empty(size)
        rows = np.concatenate(posts, out=self._posts[:size], casting="same_kind")
        data = np.concatenate(values, out=self._values[:size])
        # SciPy's loop writes wherever the rows say.
        check_posts(rows, n_posts)
        # Its product with columns goes through them one after another.
        block = csc_array((data, rows, bounds), shape=(n_posts, len(scale)))
        return np.asarray(block @ scale)


def sums_of_rows(matrix: csr_array, rows: Rows, terms: Weights) -> NDArray[np.float64]:
    """What some terms contribute to some posts, added in float64 in their order.

    Args:
        matrix: The terms of each post, indices sorted, shape (n_posts, n_terms).
        rows: The posts, shape (m,).
        terms: Columns of it, and what each is multiplied by.

    Returns:
        Shape (m,).
    """
    if not len(terms) or not len(rows):
        return np.zeros(len(rows))
    lengths = lengths_of(matrix, rows)
    ends = np.cumsum(lengths)
    places = np.repeat(matrix.indptr[rows] - (ends - lengths), lengths)
    places += np.arange(len(places))
    columns = matrix.indices[places]
    which = np.searchsorted(terms.indices, columns)
    which[which == len(terms)] = 0
    (shared,) = np.nonzero(terms.indices[which] == columns)
    products = terms.data[which[shared]].astype(np.float64) * matrix.data[places[shared]]
    owners = np.searchsorted(ends, shared, side="right")
    # It adds one after another.
    return np.asarray(np.bincount(owners, products, len(rows)), np.float64)


def held_of(title: Weights, postings: csr_array, borrowed: csr_array) -> NDArray[np.float64]:
    """Share of a title that each post holds of its own, not cut at 1; shape (n_posts,).

    Args:
        title: The title's words and their shares.
        postings: The posts of each term, shape (n_terms, n_posts).
        borrowed: Terms that posts have by their links alone, True; shape (n_posts, n_terms).
    """
    held = np.zeros(postings.shape[1])
    for word, share in zip(title.indices.tolist(), title.data, strict=True):
        rows = postings.indices[postings.indptr[word] : postings.indptr[word + 1]]
        if len(borrowed.indices):
            rows = rows[~_has(borrowed, rows, word)]
        # A term's posts differ from each other, so that each sum is added to once.
        held[rows] += share
    return held


def _has(matrix: csr_array, rows: NDArray[Any], column: int) -> NDArray[np.bool_]:
    """Whether some rows of a matrix with sorted indices have an entry in a column."""
    low, ends = matrix.indptr[rows], matrix.indptr[rows + 1]
    high, last = ends.copy(), len(matrix.indices) - 1
    while (low < high).any():
        middle = (low + high) // 2
        is_less = (low < high) & (matrix.indices[np.minimum(middle, last)] < column)
        high = np.where(is_less, high, np.maximum(np.minimum(middle, high), low))
        low = np.where(is_less, middle + 1, low)
    found: NDArray[np.bool_] = matrix.indices[np.minimum(low, last)] == column
    found &= low < ends
    return found


def postings_of(vectors: csr_array) -> csr_array:
    """The posts of each term, ascending: shape (n_terms, n_posts), to be kept in a version."""
    return csr_array(vectors.T.tocsr())


def lengths_of(matrix: csr_array, rows: Rows) -> NDArray[np.int64]:
    """How many entries some rows of a matrix have, shape (m,)."""
    return np.asarray(matrix.indptr[rows + 1] - matrix.indptr[rows], np.int64)


def check_posts(rows: NDArray[np.int32], n_posts: int) -> None:
    """Refuse postings that are of no post.

    Raises:
        IndexCorruptError: One is not.
    """
    # Negative ones are large without a sign.
    if len(rows) and rows.view(np.uint32).max() >= n_posts:
        raise IndexCorruptError("postings_indices.npy", "names posts that are not there")
