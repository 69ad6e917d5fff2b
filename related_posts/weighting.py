"""Weights of terms: from counts to TF-IDF vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

#: Rows are weighed so many at a time, which bounds the memory for doubles.
_ROWS = 4_096

#: A term's second occurrence is worth half the first, and the tenth a quarter of it.
TF_POWER = 0.65


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Terms with a weight each: one row of a matrix, without SciPy's wrapping.

    Attributes:
        indices: The terms' columns, ascending, each once; shape (n,).
        data: Their weights; shape (n,).
    """

    indices: NDArray[np.int32]
    data: NDArray[Any]

    @classmethod
    def of_row(cls, matrix: csr_array, row: int) -> Self:
        """A row of a matrix whose indices are sorted, as views of its arrays."""
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        return cls(matrix.indices[part], matrix.data[part])

    @classmethod
    def none(cls) -> Self:
        """No term."""
        return cls(np.empty(0, np.int32), np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Weights:
        """Those of the terms that are chosen, shape (n,)."""
        return Weights(self.indices[chosen], self.data[chosen])


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
    return _by_rows(counts, _vectors(tf_power), idf)


def weigh_one(counts: Weights, idf: NDArray[np.float64], tf_power: float = TF_POWER) -> Weights:
    """The same of one document, to the same bits."""
    return _one(counts, _vectors(tf_power), idf)


def title_shares(titles: csr_array, idf: NDArray[np.float64]) -> csr_array:
    """Share of the IDF mass of each title that each of its words holds.

    Args:
        titles: Occurrences in titles, shape (n, n_terms); only which are there counts.
        idf: Of each term, shape (n_terms,); raised to any power beforehand.

    Returns:
        float32 CSR of the same structure; rows sum to 1, or are empty.
    """
    return _by_rows(titles, _SHARES, idf)


def title_shares_of_one(titles: Weights, idf: NDArray[np.float64]) -> Weights:
    """The same of one document, to the same bits."""
    return _one(titles, _SHARES, idf)


class _Scheme(NamedTuple):
    """Rows weigh ``frequency(count) · idf``, divided by ``outer(sum(inner(weight)))``."""

    frequency: _Elementwise
    inner: _Elementwise
    outer: _Elementwise

    def block(
        self,
        data: NDArray[np.float32],
        idf: NDArray[np.float64],
        starts: NDArray[np.int64],
        lengths: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Weights of rows that follow each other; none of them is empty."""
        block = self.frequency(data.astype(np.float64)) * idf
        mass = self.outer(np.add.reduceat(self.inner(block), starts))
        return np.asarray(block / np.repeat(mass, lengths))


def _vectors(tf_power: float) -> _Scheme:
    return _Scheme(lambda data: data**tf_power, np.square, np.sqrt)


_SHARES = _Scheme(np.ones_like, np.positive, np.positive)


def _by_rows(counts: csr_array, scheme: _Scheme, idf: NDArray[np.float64]) -> csr_array:
    indptr = counts.indptr.astype(np.int64)
    weights = np.empty(len(counts.data), np.float32)
    for start in range(0, counts.shape[0], _ROWS):
        bounds = indptr[start : start + _ROWS + 1]
        part = slice(bounds[0], bounds[-1])
        lengths = np.diff(bounds)
        filled = lengths > 0
        weights[part] = scheme.block(
            counts.data[part],
            idf[counts.indices[part]],
            bounds[:-1][filled] - bounds[0],
            lengths[filled],
        )
    return csr_array((weights, counts.indices, counts.indptr), shape=counts.shape)


def _one(counts: Weights, scheme: _Scheme, idf: NDArray[np.float64]) -> Weights:
    length = np.array([len(counts)])
    if not length[0]:
        return Weights.none()
    weights = scheme.block(counts.data, idf[counts.indices], np.zeros(1, np.int64), length)
    return Weights(counts.indices, weights.astype(np.float32))
