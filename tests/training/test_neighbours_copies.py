"""Lists hold one of the copies of a text: what choosing from all neighbours would leave."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from related_posts.ranking import Neighbours
from training.neighbours.copies import without_copies


def obvious(scores: NDArray[np.float64], groups: NDArray[np.int32], k: int) -> list[list[int]]:
    """Lists made post by post."""
    lists = []
    for row, line in enumerate(scores):
        chosen: list[int] = []
        for other in np.argsort(-line, kind="stable").tolist():
            shown = {groups[each] for each in [row, *chosen] if groups[each] >= 0}
            if line[other] > 0 and groups[other] not in shown and len(chosen) < k:
                chosen.append(other)
        lists.append(chosen)
    return lists


@settings(deadline=None, max_examples=150)
@given(
    n=st.integers(1, 40),
    k=st.integers(1, 6),
    n_groups=st.integers(0, 8),
    some=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_lists_are_chosen_from_all_neighbours(
    n: int, k: int, n_groups: int, some: bool, seed: int
) -> None:
    """However many copies there are, for all posts and for some of them."""
    chance = np.random.default_rng(seed)
    scores = np.round(chance.random((n, n)), 1)
    np.fill_diagonal(scores, 0)
    groups = chance.integers(-1, max(n_groups, 1), n).astype(np.int32) if n_groups else None
    groups = np.full(n, -1, np.int32) if groups is None else groups
    wanted = np.flatnonzero(chance.random(n) < 0.5) if some else None
    longest = []

    def search(most: int, rows: NDArray[np.intp] | None) -> Neighbours:
        asked = np.arange(n) if rows is None else rows
        longest.append(most)
        found = Neighbours.none(len(asked), most)
        for place, row in enumerate(asked):
            order = np.argsort(-scores[row], kind="stable")
            best = order[scores[row][order] > 0][:most]
            found.rows[place, : len(best)] = best
            found.similarities[place, : len(best)] = scores[row, best] / 2
            found.finals[place, : len(best)] = scores[row, best]
        return found

    found = without_copies(search, groups, k, wanted)
    asked = np.arange(n) if wanted is None else wanted
    assert [[row for row in line if row >= 0] for line in found.rows.tolist()] == [
        obvious(scores, groups, k)[row] for row in asked
    ]
    assert found.rows.shape == (len(asked), k)
    there = found.rows >= 0
    np.testing.assert_array_equal(
        found.finals, np.where(there, scores[asked[:, None], found.rows], 0)
    )
    np.testing.assert_allclose(found.similarities, found.finals / 2)
    if (groups < 0).all():
        assert longest == [k], "a blog without copies pays nothing"
