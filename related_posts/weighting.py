"""Weights of terms: from counts to TF-IDF vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

#: Rows are weighed so many at a time, which bounds the memory for doubles.
_ROWS = 4_096

#: A term's second occurrence is worth half the first, and the tenth a quarter of it.
TF_POWER = 0.65

#: A function of each element.
_Elementwise = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def inverse_document_frequency(
    document_frequency: NDArray[np.int64], n_documents: int
) -> NDArray[np.float64]:
    """Smoothed IDF, ``ln((1 + n) / (1 + df)) + 1``, at least 1.

    Args:
        document_frequency: Documents with each term, shape (n_terms,).
        n_documents: All documents.

    Source: Spärck Jones (1972); smoothed as scikit-learn's ``smooth_idf``.
    """
    return np.log((1 + n_documents) / (1 + document_frequency)) + 1


def weigh(counts: csr_array, idf: NDArray[np.float64], tf_power: float = TF_POWER) -> csr_array:
    """TF-IDF vectors of unit length, each term weighing ``count ** tf_power · idf``.

    Args:
        counts: Weighted occurrences, at least 1, shape (n, n_terms).
        idf: Of each term, shape (n_terms,); raised to any power beforehand.
        tf_power: How much repetition counts; 1 is in proportion, 0 not at all.

    Returns:
        float32 CSR of the same structure; rows have length 1, or 0 where a
        document has no term.
    """
    return _by_rows(counts, lambda data: data**tf_power, idf, np.square, np.sqrt)


def title_shares(titles: csr_array, idf: NDArray[np.float64]) -> csr_array:
    """Share of the IDF mass of each title that each of its words holds.

    Args:
        titles: Occurrences in titles, shape (n, n_terms); only which are there counts.
        idf: Of each term, shape (n_terms,); raised to any power beforehand.

    Returns:
        float32 CSR of the same structure; rows sum to 1, or are empty.
    """
    return _by_rows(titles, np.ones_like, idf, np.positive, np.positive)


def _by_rows(
    counts: csr_array,
    frequency: _Elementwise,
    idf: NDArray[np.float64],
    inner: _Elementwise,
    outer: _Elementwise,
) -> csr_array:
    """Weigh by ``frequency(count) · idf`` and divide rows by ``outer(sum(inner(weight)))``."""
    indptr = counts.indptr.astype(np.int64)
    weights = np.empty(len(counts.data), np.float32)
    for start in range(0, counts.shape[0], _ROWS):
        bounds = indptr[start : start + _ROWS + 1]
        begin, end = bounds[0], bounds[-1]
        block = (
            frequency(counts.data[begin:end].astype(np.float64)) * idf[counts.indices[begin:end]]
        )
        lengths = np.diff(bounds)
        filled = lengths > 0
        mass = outer(np.add.reduceat(inner(block), bounds[:-1][filled] - begin))
        weights[begin:end] = block / np.repeat(mass, lengths[filled])
    return csr_array((weights, counts.indices, counts.indptr), shape=counts.shape)
