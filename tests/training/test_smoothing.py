"""Smoothing by links: the formula, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from training import smoothing
from training.smoothing import either_way, smooth


def vectors(seed: int, n: int, n_terms: int = 15) -> csr_array:
    """Random vectors of length 1, some empty."""
    random = np.random.default_rng(seed)
    weights = random.random((n, n_terms)) * (random.random((n, n_terms)) < 0.4)
    lengths = np.sqrt((weights**2).sum(axis=1, keepdims=True))
    return csr_array((weights / np.where(lengths, lengths, 1)).astype(np.float32))


def links(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Random links without loops, as the arrays of a version."""
    random = np.random.default_rng(seed)
    matrix = random.random((n, n)) < 0.15
    np.fill_diagonal(matrix, False)
    indptr = np.concatenate([[0], np.cumsum(matrix.sum(axis=1))]).astype(np.int64)
    return np.nonzero(matrix)[1].astype(np.int32), indptr


@given(seed=st.integers(0, 999), n=st.integers(1, 12), weight=st.sampled_from([0.1, 0.3, 5.0]))
@settings(deadline=None, max_examples=80)
def test_smoothing_is_its_formula(seed: int, n: int, weight: float) -> None:
    """X + w D^-1/2 A D^-1/2 X with rows cut to twice their terms and set to length 1."""
    before = vectors(seed, n)
    indices, indptr = links(seed, n)
    found, borrowed = smooth(before, either_way(indices, indptr), weight)
    adjacent = np.zeros((n, n))
    adjacent[np.repeat(np.arange(n), np.diff(indptr)), indices] = 1
    adjacent = np.maximum(adjacent, adjacent.T)
    degree = np.maximum(adjacent.sum(axis=1), 1)
    dense = before.toarray().astype(np.float64)
    for row in range(n):
        line = dense[row] + weight * sum(
            (
                dense[other] / np.sqrt(degree[row] * degree[other])
                for other in np.flatnonzero(adjacent[row])
            ),
            np.zeros(dense.shape[1]),
        )
        if adjacent[row].any():
            kept = max(1, smoothing.MOST_GROWTH * np.count_nonzero(dense[row]))
            line[np.argsort(-line, kind="stable")[kept:]] = 0
            line /= np.sqrt((line**2).sum()) or 1
        np.testing.assert_allclose(found.toarray()[row], line, rtol=1e-5, atol=1e-6)
    assert found.dtype == np.float32
    assert found.has_sorted_indices
    lent = (found.toarray() > 0) & (before.toarray() == 0)
    np.testing.assert_array_equal(borrowed.toarray(), lent)
    assert borrowed.has_sorted_indices


def test_posts_without_links_keep_their_vectors() -> None:
    """Bit by bit, as do all where there is no link or no weight."""
    before = vectors(1, 6)
    one_link = np.array([1], np.int32), np.array([0, 1, 1, 1, 1, 1, 1])
    found, borrowed = smooth(before, either_way(*one_link), 0.3)
    assert (found.toarray()[2:] == before.toarray()[2:]).all()
    assert not borrowed.indptr[3:].any() or borrowed.indptr[3] == borrowed.indptr[-1]
    none = np.empty(0, np.int32), np.zeros(7, np.int64)
    for unlinked in (
        smooth(before, either_way(*one_link), 0.0),
        smooth(before, either_way(*none), 0.3),
    ):
        assert unlinked[0] is before
        assert unlinked[1].shape == before.shape
        assert not unlinked[1].nnz


@pytest.mark.parametrize("weight", [0.1, 0.3, 1.0])
def test_linked_posts_become_alike(weight: float) -> None:
    """Two posts without a common word are related once one links to the other."""
    before = csr_array(np.eye(3, dtype=np.float32))
    found, _ = smooth(before, either_way(np.array([1], np.int32), np.array([0, 1, 1, 1])), weight)
    alike = (found @ found.T).toarray()
    assert alike[0, 1] > 0.15
    assert alike[0, 2] == alike[1, 2] == 0
