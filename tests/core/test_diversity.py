"""Diversity: maximal marginal relevance against its definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from related_posts.diversity import spread


@given(seed=st.integers(0, 1000), n=st.integers(0, 12), diversity=st.sampled_from([0, 0.3, 0.7, 1]))
def test_each_next_item_is_the_best_by_definition(seed: int, n: int, diversity: float) -> None:
    """The order is that of the formula, gone through the slow way; all positions stay."""
    draw = np.random.default_rng(seed)
    scores = -np.sort(-draw.integers(1, 5, n) / 4)
    likeness = draw.integers(0, 5, (n, n)) / 4
    order = spread(scores, likeness, diversity)
    assert sorted(order) == list(range(n))
    if not n:
        return
    assert order[0] == 0
    for place in range(1, n):
        before = order[:place]

        def gain(one: int, before: list[int] = before) -> float:
            nearest = max(likeness[other, one] for other in before)
            return float((1.0 - diversity) * scores[one] / scores[0] - diversity * nearest)

        left = [one for one in range(n) if one not in before]
        assert order[place] == max(left, key=lambda one: (gain(one), -one))


def test_no_diversity_keeps_the_order() -> None:
    """At 0 the list stays as it is."""
    scores = np.array([0.9, 0.9, 0.5, 0.1])
    assert spread(scores, np.eye(4), 0.0) == [0, 1, 2, 3]


def test_a_copy_goes_behind_what_is_different() -> None:
    """Of two equal posts, the second waits for one that is worse but unlike the first."""
    likeness = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], float)
    assert spread(np.array([0.8, 0.8, 0.5]), likeness, 0.5) == [0, 2, 1]
