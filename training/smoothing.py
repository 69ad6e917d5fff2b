"""Smoothing by links: posts that link to each other become a little more alike.

A post's vector takes in a part of the vectors of the posts it links to and is linked from, each
by how few links both ends have::

    X <- normalise(X + weight · D^-1/2 A D^-1/2 X)

with A the symmetric matrix of links and D its row sums: one step of the propagation of Zhou et
al., "Learning with local and global consistency" (NIPS 2003). So the author's own judgement of
what belongs together reaches the posts nobody has linked yet.

A title is covered by what a text says itself, so it is kept which terms were only lent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

#: A vector may grow to so many times its terms; what weighs least goes.
MOST_GROWTH = 2


def smooth(
    vectors: csr_array,
    both: csr_array,
    weight: float,
    wanted: NDArray[np.bool_] | None = None,
) -> tuple[csr_array, csr_array]:
    """Smooth vectors by the links between posts.

    Args:
        vectors: L2-normalised float32 rows, shape (n, n_terms), indices sorted.
        both: Which posts are linked, as :func:`either_way` gives it.
        weight: How much linked posts count; 0 gives the vectors as they are.
        wanted: Posts whose vectors are smoothed, shape (n,); None for all. The vectors of these
            and of those they are linked with must be there, the others may be empty.

    Returns:
        float32 rows of length 1, indices sorted; the very vectors where no link or no weight is.
        A post without links keeps its vector. And which of their terms are borrowed: those
        that a post has by its links alone, True where they are, same shape, indices sorted.
    """
    if weight == 0.0 or not both.nnz:
        return vectors, csr_array(vectors.shape, dtype=np.bool_)
    degrees = np.diff(both.indptr).astype(np.float64)
    is_linked: NDArray[np.bool_] = degrees > 0
    scale = np.where(is_linked, 1.0 / np.sqrt(np.maximum(degrees, 1.0)), 0.0)
    linked: NDArray[np.intp] = np.flatnonzero(is_linked if wanted is None else wanted & is_linked)
    shares = both[linked]
    shares.data *= np.repeat(scale[linked], np.diff(shares.indptr)) * scale[shares.indices]
    spread = shares @ vectors.astype(np.float64)
    mixed = _largest(
        csr_array(vectors[linked].astype(np.float64) + weight * spread),
        MOST_GROWTH * np.diff(vectors.indptr)[linked],
    )
    lengths = np.sqrt(np.asarray(mixed.multiply(mixed).sum(axis=1)).ravel())
    mixed.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(mixed.indptr))
    return _replaced(vectors, linked, mixed), _new(vectors, linked, mixed)


def either_way(indices: NDArray[np.int32], indptr: NDArray[np.int64]) -> csr_array:
    """Links as a symmetric matrix: 1 where one of two posts links to the other.

    Args:
        indices: Rows that each post links to, one post after another, without itself.
        indptr: Where each post's begin, shape (n + 1,).
    """
    n = len(indptr) - 1
    links = csr_array((np.ones(len(indices)), indices, indptr), shape=(n, n))
    return csr_array(((links + links.T) > 0).astype(np.float64))


def _largest(matrix: csr_array, most: NDArray[np.integer]) -> csr_array:
    """The largest values of each row, of equal ones those of the first columns."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    # Rows stay together, so a place within its row is the distance from the row's start.
    kept = place - matrix.indptr[rows] < np.maximum(most, 1)[rows]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows[kept], minlength=len(most)))])
    largest = csr_array(
        (matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape, copy=False
    )
    largest.sort_indices()
    return largest


def _new(before: csr_array, rows: NDArray[np.intp], after: csr_array) -> csr_array:
    """Where rows have entries that they had not before, True; for all rows of the matrix."""
    n, n_terms = before.shape
    old = before[rows]
    line, old_line = (
        np.repeat(np.arange(len(rows)), np.diff(each.indptr)) for each in (after, old)
    )
    new = ~np.isin(
        line * n_terms + after.indices, old_line * n_terms + old.indices, assume_unique=True
    )
    lengths = np.zeros(n, np.int64)
    lengths[rows] = np.bincount(line[new], minlength=len(rows))
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    indices = after.indices[new].astype(np.int32, copy=False)
    return csr_array((np.ones(len(indices), np.bool_), indices, indptr), shape=before.shape)


def _replaced(matrix: csr_array, rows: NDArray[np.intp], by: csr_array) -> csr_array:
    """A float32 matrix with some rows replaced."""
    lengths = np.diff(matrix.indptr)
    lengths[rows] = np.diff(by.indptr)
    is_new = np.zeros(len(lengths), bool)
    is_new[rows] = True
    old_entries = np.repeat(~is_new, np.diff(matrix.indptr))
    new_entries = np.repeat(is_new, lengths)
    data = np.empty(len(new_entries), np.float32)
    indices = np.empty(len(new_entries), np.int32)
    for target, source, chosen in (
        (data, (by.data, matrix.data), new_entries),
        (indices, (by.indices, matrix.indices), new_entries),
    ):
        target[chosen] = source[0]
        target[~chosen] = source[1][old_entries]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return csr_array((data, indices, indptr), shape=matrix.shape)
