"""Neighbours without translations: what a search that never saw them would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from related_posts.ranking import Neighbours
from training.neighbours.translations import to_spare, without_translations


def best(scores: NDArray[np.float64], k: int) -> Neighbours:
    """The k best of each row of a matrix of scores, zeros left out."""
    found = Neighbours.none(len(scores), k)
    for row, line in enumerate(scores):
        chosen = [int(other) for other in np.argsort(-line, kind="stable") if line[other] > 0][:k]
        found.rows[row, : len(chosen)] = chosen
        found.similarities[row, : len(chosen)] = line[chosen] / 2
        found.finals[row, : len(chosen)] = line[chosen]
    return found


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_dropping_equals_searching_without(n: int, k: int, seed: int) -> None:
    """Rows, similarities and scores are those of a matrix with translations set to 0."""
    chance = np.random.default_rng(seed)
    scores = np.round(chance.random((n, n)), 1)
    np.fill_diagonal(scores, 0)
    groups = chance.integers(-1, 4, n).astype(np.int32)
    same = (groups[:, None] == groups[None, :]) & (groups[:, None] >= 0)
    expected = best(np.where(same, 0, scores), k)
    found = without_translations(best(scores, k + to_spare(groups)), groups, groups, k)
    for array, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(array, wanted)
        assert array.dtype == wanted.dtype


def test_without_groups_nothing_more_is_searched() -> None:
    """A blog in one language pays nothing."""
    assert to_spare(np.full(3, -1, np.int32)) == 0
    assert to_spare(np.empty(0, np.int32)) == 0
    assert to_spare(np.array([0, 0, 0, 1, 1, -1], np.int32)) == 2
