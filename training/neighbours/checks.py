"""What the search relies on, made sure of once before it starts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

VECTOR_TOLERANCE = 1e-3
"""How much longer than 1 a vector's squared norm may be by rounding."""

MOST_INDEX = int(np.iinfo(np.int32).max)
"""Weights and terms that indices of 32 bits can number."""

TITLE_TOLERANCE = 1e-4
"""How much more than 1 a title's shares may come to by rounding."""


def check_vectors(vectors: sparse.csr_array) -> sparse.csr_array:
    """Vectors in canonical form: float32, sorted, without duplicates, weights above 0.

    Raises:
        ValueError: A weight is negative or not finite, or a row is longer than 1.
    """
    vectors = _canonical(vectors, "vectors")
    squares = vectors.data.astype(np.float64)
    squares *= squares
    _check_sums(squares, vectors.indptr, VECTOR_TOLERANCE, "the squared weights of vectors")
    return vectors


def check_titles(titles: sparse.csr_array) -> sparse.csr_array:
    """Title shares in canonical form: float32, sorted, without duplicates, shares above 0.

    Raises:
        ValueError: A share is negative or not finite, or the shares of a row exceed 1.
    """
    titles = _canonical(titles, "titles")
    _check_sums(titles.data.astype(np.float64), titles.indptr, TITLE_TOLERANCE, "the titles")
    return titles


def _canonical(matrix: sparse.csr_array, name: str) -> sparse.csr_array:
    if not np.isfinite(matrix.data).all() or matrix.data.min(initial=0.0) < 0.0:
        raise ValueError(f"{name} holds a value that is negative or not finite")
    if matrix.dtype != np.float32:
        matrix = matrix.astype(np.float32)
    if matrix.indices.dtype != np.int32 and max(matrix.nnz, matrix.shape[1]) <= MOST_INDEX:
        # SciPy widens all indices if any are wide; every later step would then take twice.
        narrow = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
        matrix = sparse.csr_array((matrix.data, *narrow), shape=matrix.shape)
    if not matrix.has_canonical_format or not matrix.data.all():
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return matrix


def _check_sums(
    values: NDArray[np.float64], starts: NDArray[Any], tolerance: float, what: str
) -> None:
    filled = np.flatnonzero(np.diff(starts))
    if not len(filled):
        return
    sums = np.add.reduceat(values, starts[filled])
    worst = int(np.argmax(sums))
    if sums[worst] > 1.0 + tolerance:
        raise ValueError(f"row {filled[worst]} of {what} adds up to {sums[worst]:.6g}, not to 1")
