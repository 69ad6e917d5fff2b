"""What lists are like as a whole: worked by hand, and the fast diversity against the plain one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from training.evaluation.lists import Lists, of_rows
from training.evaluation.spread import spread


def vectors(n: int, seed: int = 0) -> csr_array:
    """Rows of length 1, the last one empty."""
    dense = np.random.default_rng(seed).random((n, 6)) * (np.arange(n) < n - 1)[:, None]
    lengths = np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    return csr_array((dense / lengths).astype(np.float32))


def plain_diversity(lists: Lists, matrix: csr_array) -> float:
    """1 - mean cosine of all pairs of a list, averaged over the lists that have a pair."""
    dense = matrix.toarray().astype(np.float64)
    found = []
    for line in lists:
        rows = line[line >= 0]
        pairs = [dense[a] @ dense[b] for i, a in enumerate(rows) for b in rows[:i]]
        if pairs:
            found.append(1 - np.mean(pairs))
    return float(np.mean(found)) if found else math.nan


def test_shares_worked_by_hand() -> None:
    """Four posts: two lists hold post 0, one is empty, post 3 is shown nowhere."""
    lists = of_rows([[1, 2], [0], [0], []], 4, 2)
    days = np.array([4.0, 3.0, math.nan, 1.0])
    languages = np.array([0, 0, 1, 1], np.int16)
    found = spread(lists, vectors(4), languages, days)
    assert found.in_degree.tolist() == [2, 1, 1, 0]
    assert found.coverage == 0.75
    assert (found.hub, found.hub_row) == (0.5, 0)
    assert found.empty == 0.25
    # 0→1 and 1→0 are within a language, 0→2 and 2→0 are not.
    assert found.same_language == 0.5
    # 1→0 is newer, 0→1 older; pairs with the undated post do not count.
    assert found.newer == 0.5
    # N = 2, 1, 1, 0: symmetric around its mean.
    assert found.skewness == 0.0


def test_one_hub_on_every_list_is_skewed() -> None:
    """Everything points to one post: the skewness of a single one among n is (n-2)/√(n-1)."""
    n = 10
    found = spread(
        of_rows([[0] if row else [] for row in range(n)], n, 1),
        vectors(n),
        np.zeros(n, np.int16),
        np.arange(n, dtype=float),
    )
    assert found.skewness == pytest.approx((n - 2) / math.sqrt(n - 1))
    assert found.hub == 0.9


def test_a_blog_of_one_post_has_figures() -> None:
    """Its list is empty, nothing is shown, and no share is made up."""
    found = spread(of_rows([[]], 1, 5), vectors(1), np.zeros(1, np.int16), np.array([math.nan]))
    assert (found.coverage, found.hub, found.hub_row, found.empty) == (0.0, 0.0, -1, 1.0)
    assert found.skewness == 0.0
    for value in (found.diversity, found.same_language, found.newer):
        assert math.isnan(value)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), max_size=4, unique=True), min_size=8, max_size=8))
def test_diversity_is_that_of_all_pairs(lists: list[list[int]]) -> None:
    """The product of sums equals the mean over pairs, empty vectors and short lists included."""
    array = of_rows(lists, 8, 4)
    matrix = vectors(8)
    found = spread(array, matrix, np.zeros(8, np.int16), np.arange(8, dtype=float))
    assert found.diversity == pytest.approx(plain_diversity(array, matrix), abs=1e-6, nan_ok=True)
