"""Weights: sparse arithmetic equals the dense formula."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts import weighting
from related_posts.weighting import (
    Weights,
    inverse_document_frequency,
    title_shares,
    title_shares_of_one,
    weigh,
    weigh_one,
)

COUNTS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6),
    elements=st.sampled_from([0, 0, 0, 1, 2, 3, 65_535]),
)


def idf_of(counts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Some IDF for every column, all different."""
    return np.linspace(1, 9, counts.shape[1])


def divided(weights: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows by their mass; empty rows stay empty."""
    mass = mass[:, None]
    return np.divide(weights, mass, out=np.zeros_like(weights), where=mass > 0)


def test_idf_is_smoothed() -> None:
    """A term of every document weighs 1; the values are worked out by hand."""
    found = inverse_document_frequency(np.array([3, 1, 0]), 3)
    assert found == pytest.approx([1, 1 + np.log(2), 1 + np.log(4)])
    assert inverse_document_frequency(np.array([], np.int64), 0).shape == (0,)


@settings(deadline=None)
@given(COUNTS, st.sampled_from([1, 2, 4_096]))
def test_vectors_equal_the_dense_formula(counts: NDArray[np.float32], rows: int) -> None:
    """``count ** tf_power · idf`` in rows of length 1, however many rows are weighed at a time."""
    idf = idf_of(counts)
    weights = counts.astype(float) ** 0.65 * idf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weighting, "_ROWS", rows)
        found = weigh(csr_array(counts), idf)
    assert found.dtype == np.float32
    np.testing.assert_allclose(
        found.toarray(), divided(weights, np.sqrt((weights**2).sum(axis=1))), rtol=1e-6
    )
    lengths = np.sqrt((found.toarray().astype(float) ** 2).sum(axis=1))
    np.testing.assert_allclose(lengths, (counts > 0).any(axis=1).astype(float), rtol=1e-6)


@settings(deadline=None)
@given(COUNTS, st.sampled_from([1, 2, 4_096]))
def test_title_shares_equal_the_dense_formula(counts: NDArray[np.float32], rows: int) -> None:
    """Shares of the IDF of the words that are there, however often; rows sum to 1."""
    idf = idf_of(counts)
    weights = (counts > 0) * idf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weighting, "_ROWS", rows)
        found = title_shares(csr_array(counts), idf)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.toarray(), divided(weights, weights.sum(axis=1)), rtol=1e-6)


@settings(deadline=None)
@given(COUNTS)
def test_results_do_not_depend_on_the_chunk(counts: NDArray[np.float32]) -> None:
    """Weighing few rows at a time is a matter of memory, to the last bit."""
    matrix, idf = csr_array(counts), idf_of(counts)
    for function in (weigh, title_shares):
        whole = function(matrix, idf)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(weighting, "_ROWS", 2)
            assert np.array_equal(function(matrix, idf).data, whole.data)


def test_structure_is_kept_and_counts_are_left_alone() -> None:
    """Weighing changes values only, and not those it was given."""
    counts = csr_array(np.array([[1, 0, 2], [0, 0, 0], [0, 3, 0]], np.float32))
    before = counts.data.copy()
    found = weigh(counts, np.ones(3))
    assert np.array_equal(found.indices, counts.indices)
    assert np.array_equal(found.indptr, counts.indptr)
    assert np.array_equal(counts.data, before)


@settings(deadline=None)
@given(COUNTS)
def test_one_document_is_weighed_as_among_others(counts: NDArray[np.float32]) -> None:
    """Its weights have the bits that they have in a matrix, as a text and as a title."""
    idf, matrix = idf_of(counts), csr_array(counts)
    matrix.sort_indices()
    for whole, one in ((weigh, weigh_one), (title_shares, title_shares_of_one)):
        together = whole(matrix, idf)
        for row in range(len(counts)):
            found, expected = one(Weights.of_row(matrix, row), idf), Weights.of_row(together, row)
            assert found.data.dtype == np.float32
            assert found.indices.tolist() == expected.indices.tolist()
            assert found.data.tolist() == expected.data.tolist()
