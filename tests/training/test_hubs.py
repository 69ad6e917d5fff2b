"""Hubs are held back, and only where they stand on too many lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from related_posts.ranking import Factors, Neighbours, exact_neighbours, to_final
from training.neighbours import hubs
from training.neighbours.lists import Posts, lists
from training.neighbours.rules import Rules

OFF = Factors(time_weight=0, title_weight=0)


def crowd(n: int = 200, seed: int = 0) -> Posts:
    """Posts of three to a subject, all with one word in common; post 0 is of that word alone."""
    random = np.random.default_rng(seed)
    weights = (random.random((n, 60 + n)) < 0.05) * random.random((n, 60 + n)) / 4
    weights[np.arange(n), 60 + random.integers(0, n // 3 + 1, n)] += 1.0
    weights[:, 0] = 0.5
    weights[0, 1:] = 0.0
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    vectors = sparse.csr_array(weights.astype(np.float32))
    nothing = sparse.csr_array(vectors.shape, dtype=np.float32)
    zeros = np.zeros(n)
    none = np.full(n, -1, np.int32)
    return Posts(vectors, nothing, zeros, zeros.astype(np.int16), none, none, nothing)


def n_lists(found: Neighbours, n: int) -> NDArray[np.intp]:
    """How many lists of five each post stands on."""
    shown = found.rows[:, : hubs.SHOWN]
    return np.bincount(shown[shown >= 0], minlength=n)


@pytest.mark.parametrize("n", [100, 600])
@pytest.mark.parametrize("share", [0.02, 0.05])
def test_no_post_stands_on_more_than_its_share(n: int, share: float) -> None:
    """With the cap no post is on more lists than allowed; without it one is on many more."""
    posts = crowd(n)
    most = hubs.most_lists(n, share)
    free = lists(posts, Rules(OFF, 10), jobs=1).best
    capped, damping, _ = lists(posts, Rules(OFF, 10, hub_share=share), jobs=1)
    assert n_lists(free, n).max() > most
    assert n_lists(capped, n).max() <= most
    assert damping[n_lists(free, n).argmax()] < 1.0


@given(
    seed=st.integers(0, 500),
    n=st.integers(1, 60),
    k=st.integers(1, 12),
    power=st.sampled_from([0.0, 0.15, 1.0]),
    share=st.sampled_from([0.001, 0.1, 1.0]),
    min_score=st.sampled_from([0.0, 0.1, 0.5]),
)
@settings(deadline=None, max_examples=60)
def test_lists_are_an_exact_search_with_the_damping_found(
    seed: int, n: int, k: int, power: float, share: float, min_score: float
) -> None:
    """Whatever was capped on the way: the same bits as the slow search with that damping."""
    posts = crowd(n, seed)
    posts = posts._replace(apart=np.random.default_rng(seed).integers(-1, 4, n).astype(np.int32))
    found, damping, _ = lists(posts, Rules(OFF, k, power, share, min_score), jobs=1)
    whole = exact_neighbours(*posts[:4], OFF, n, damping)
    for row in range(n):
        rows = whole.rows[row]
        same = (posts.apart[rows] == posts.apart[row]) & (posts.apart[row] >= 0)
        kept = (rows >= 0) & ~same & (whole.finals[row] >= to_final(min_score))
        assert found.rows[row][found.rows[row] >= 0].tolist() == rows[kept][:k].tolist()
        there = found.finals[row][found.rows[row] >= 0]
        assert there.tolist() == whole.finals[row][kept][:k].tolist()


def test_damping_depends_on_how_good_the_neighbours_are() -> None:
    """The better a post's own neighbours, the more it is held back, within limits."""
    nearest = Neighbours.none(4, 3)
    nearest.rows[:3] = [[1, 2, -1], [0, 2, -1], [0, 1, -1]]
    nearest.finals[:3] = [[2.0, 1.0, 0.0], [0.2, 0.1, 0.0], [1e-9, 1e-9, 0.0]]
    damping = hubs.scaling(nearest, 0.15, hubs.usual(nearest))
    assert damping[0] < damping[1] < damping[2] == damping[3] == 1.0
    assert damping.min() >= hubs.RANGE ** (-2 * 0.15)
    assert (hubs.scaling(nearest, 0.0, 1.0) == 1.0).all()


def test_small_blogs_may_repeat_themselves() -> None:
    """Where five of six posts must be shown everywhere nothing is held back by the cap."""
    found = exact_neighbours(*crowd(6)[:4], OFF, 5)
    assert (hubs.cap(found, hubs.most_lists(6, 0.02)) == 1.0).all()


def test_a_blog_without_related_posts_has_no_hubs() -> None:
    """No post, and posts that share nothing, are no trouble."""
    for n in (0, 3):
        empty = Neighbours.none(n, 10)
        assert (hubs.scaling(empty, 0.15, hubs.usual(empty)) == 1.0).all()
        assert (hubs.cap(empty, 10) == 1.0).all()


def test_posts_of_a_small_language_stand_on_a_share_of_its_lists() -> None:
    """Each language is held to what a blog of its posts alone would be; the others play no part."""
    large, small = crowd(900), crowd(60, seed=1)
    n, n_small = len(large.days), len(small.days)
    languages = np.repeat([0, 1], [n, n_small]).astype(np.int16)
    none = np.full(n + n_small, -1, np.int32)
    vectors = sparse.csr_array(sparse.block_diag([large.vectors, small.vectors], format="csr"))
    nothing = sparse.csr_array(vectors.shape, dtype=np.float32)
    both = Posts(vectors, nothing, np.zeros(n + n_small), languages, none, none, nothing)
    rules = Rules(OFF, 10, hub_share=0.02)
    found = n_lists(lists(both, rules, jobs=1).best, n + n_small)
    alone = lists(small, rules, jobs=1)
    assert n_lists(lists(small, Rules(OFF, 10), jobs=1).best, n_small).max() > hubs.ALWAYS
    assert found[n:].max() <= hubs.most_lists(n_small, 0.02) == hubs.ALWAYS
    assert found[:n].max() <= hubs.most_lists(n, 0.02) == 18
    np.testing.assert_array_equal(found[n:], n_lists(alone.best, n_small))
