"""Lists chosen among what a search without damping found equal those of a search with it."""

from __future__ import annotations

from string import ascii_letters

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from related_posts.ranking import Factors, Neighbours, exact_neighbours
from training.neighbours import hubs
from training.neighbours.lists import Posts, find, lists
from training.neighbours.rules import Rules
from training.neighbours.undamped import Undamped, longer

OFF = Factors(time_weight=0, title_weight=0)


def posts_of(counts: NDArray[np.float64], random: np.random.Generator, n_languages: int) -> Posts:
    """Posts with these words, titles among them, and some dates; no copies, no translations."""
    n = len(counts)
    norms = np.sqrt((counts**2).sum(axis=1, keepdims=True))
    vectors = sparse.csr_array((counts / np.where(norms, norms, 1)).astype(np.float32))
    titled = (counts > 0) & (random.random(counts.shape) < 0.2)
    n_titled = titled.sum(axis=1, keepdims=True)
    titles = sparse.csr_array((titled / np.where(n_titled, n_titled, 1)).astype(np.float32))
    days = -np.sort(-random.integers(0, 500, n).astype(np.float64))
    days[random.random(n) < 0.1] = np.nan
    languages = random.integers(0, n_languages, n).astype(np.int16)
    none = np.full(n, -1, np.int32)
    nothing = sparse.csr_array(vectors.shape, dtype=np.float32)
    return Posts(vectors, titles, days, languages, none, none, nothing)


def like_text(seed: int, n: int, n_languages: int = 1) -> Posts:
    """Words by Zipf's law in six subjects, of which some posts say much and some little."""
    random = np.random.default_rng(seed)
    chances = 1.5 / (np.arange(300) + 1.5)
    subject = random.random((6, 300)) ** 6 * 6
    counts = random.poisson(chances * subject[random.integers(0, 6, n)]).astype(np.float64)
    weights = np.log1p(counts) * np.log(n / (1 + (counts > 0).sum(axis=0)) + 1) ** 1.5
    return posts_of(weights, random, n_languages)


def some_of(found: Neighbours, wanted: NDArray[np.intp] | None) -> Neighbours:
    """The lists of some posts, or of all."""
    if wanted is None:
        return found
    return Neighbours(found.rows[wanted], found.similarities[wanted], found.finals[wanted])


class Searched:
    """The slow search, which remembers the rows it was asked for."""

    def __init__(self, posts: Posts, factors: Factors) -> None:
        self._posts, self._factors = posts, factors
        self.rows: list[int] = []

    def __call__(
        self, k: int, damping: NDArray[np.float64] | None, wanted: NDArray[np.intp] | None
    ) -> Neighbours:
        assert wanted is not None
        self.rows += wanted.tolist()
        return some_of(self.all(k, damping), wanted)

    def all(self, k: int, damping: NDArray[np.float64] | None = None) -> Neighbours:
        """The lists of all posts."""
        return exact_neighbours(*self._posts[:4], self._factors, k, damping)


def assert_same(found: Neighbours, expected: Neighbours) -> None:
    """Every bit of both is equal, and of the promised type."""
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(0, 24),
    values=st.sampled_from([[0, 1], [0, 0, 0, 1, 2], [1], [0], [0, 1e-9, 1, 1e9]]),
    factors=st.sampled_from([Factors(), OFF, Factors(1000.0, 1e-3, 1000.0)]),
    m=st.integers(1, 26),
    k=st.integers(1, 12),
    among=st.sampled_from([[1.0], [1.0, 0.7], [1.0, 0.7, 1e-3], list(np.linspace(0.3, 1, 71))]),
    some=st.booleans(),
)
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_chosen_lists_are_those_of_a_search(
    seed: int,
    n: int,
    values: list[float],
    factors: Factors,
    m: int,
    k: int,
    among: list[float],
    some: bool,
) -> None:
    """Ties, copies, undated posts, two languages, lists longer than what is known, any damping."""
    random = np.random.default_rng(seed)
    posts = posts_of(random.choice(values, (n, 7)), random, 2)
    search = Searched(posts, factors)
    known = Undamped(search.all(m), search)
    wanted = np.flatnonzero(random.random(n) < 0.5) if some else None
    assert_same(known.best(k, None, wanted), some_of(search.all(k), wanted))
    assert m < k or not search.rows

    search.rows, damping = [], random.choice(among, n)
    assert_same(known.best(k, damping, wanted), some_of(search.all(k, damping), wanted))
    assert len(search.rows) == len(set(search.rows))


@pytest.mark.parametrize("seed", range(3))
def test_few_lists_are_searched_again(seed: int) -> None:
    """With the damping of a blog nearly all of the lists are certain, and all are right."""
    posts = like_text(seed, 900)
    damping = np.random.default_rng(seed).permutation(np.linspace(0.9, 1.0, 900))
    search = Searched(posts, Factors())
    known = Undamped(search.all(longer(20)), search)
    assert_same(known.best(20, damping, None), search.all(20, damping))
    assert len(search.rows) < 200


def test_what_is_not_certain_is_searched() -> None:
    """Long lists of no more than what is needed leave most lists open."""
    posts = like_text(3, 400)
    damping = np.random.default_rng(3).uniform(0.3, 1.0, 400)
    search = Searched(posts, Factors())
    known = Undamped(search.all(10), search)
    assert_same(known.best(10, damping, None), search.all(10, damping))
    assert len(search.rows) > 300


def star(n_rays: int) -> Posts:
    """Post 0 goes with three that are damped, and a little with posts that go with it alone."""
    counts = np.zeros((4 + n_rays, 5 + 2 * n_rays))
    counts[:4, 0] = 1.0
    for ray in range(n_rays):
        counts[[0, 4 + ray], 5 + ray] = 0.3
        counts[4 + ray, 5 + n_rays + ray] = 1.0
    random = np.random.default_rng(0)
    return posts_of(counts, random, 1)._replace(days=np.zeros(len(counts)))


def test_a_post_enters_by_its_own_long_list() -> None:
    """Who is not on a post's long list, but has it on its own, needs no search to be on it."""
    posts = star(1)
    damping = np.array([1e-3, 1e-3, 1e-3, 1e-3, 1.0])
    search = Searched(posts, OFF)
    found = search.all(3)
    assert 4 not in found.rows[0]
    best = Undamped(found, search).best(1, damping, None)
    assert best.rows[0].tolist() == [4]
    assert_same(best, search.all(1, damping))
    assert 0 not in search.rows


def test_a_post_that_many_have_on_their_lists_is_searched() -> None:
    """More newcomers than a list holds are not sorted, however many there are."""
    posts = star(6)
    damping = np.array([1e-3, 1e-3, 1e-3, 1e-3, *np.linspace(0.4, 0.9, 6)])
    search = Searched(posts, OFF)
    best = Undamped(search.all(3), search).best(2, damping, None)
    assert best.rows[0].tolist() == [9, 8]
    assert_same(best, search.all(2, damping))
    assert 0 in search.rows


def test_equal_scores_beyond_the_long_list_are_not_passed_over() -> None:
    """Among copies the lowest rows win, wherever the damping has put them."""
    posts = posts_of(np.ones((40, 3)), np.random.default_rng(0), 1)
    posts = posts._replace(days=np.zeros(40), titles=posts.borrowed)
    damping = np.where(np.arange(40) % 7 < 3, 0.5, 1.0)
    search = Searched(posts, OFF)
    best = Undamped(search.all(6), search).best(4, damping, None)
    assert best.rows[0].tolist() == [3, 4, 5, 6]
    assert_same(best, search.all(4, damping))


def fours(*words: str) -> Posts:
    """Posts of four words of one letter each: a quarter for each word that two have in common."""
    counts = np.array([[float(letter in each) for letter in ascii_letters] for each in words])
    posts = posts_of(counts, np.random.default_rng(0), 1)
    return posts._replace(days=np.zeros(len(words)), titles=posts.borrowed)


@pytest.mark.parametrize(
    ("posts", "damping", "m", "asked", "best", "is_searched"),
    [
        # 1 and 2 have each other on no long list; damped, 1 is as good as 3, which is.
        (fours("abef", "cdef", "abcd", "abcd", "cdef"), [0.1, 1, 1, 0.5, 0.1], 2, 2, 1, True),
        # 4 and 3 have each other on no long list; that of 4 is of better posts, but damped.
        (fours("wklm", "xnop", "yqrs", "dwxy", "abcd", "abef", "bcgh", "acij"),
         [0.1, 0.1, 0.1, 1, 0.1, 0.3, 0.3, 0.3], 3, 4, 3, True),
        # 0 has 1 on its list alone; damped, it is as good as 2 to 4.
        (fours("dwxy", "abcd", "abef", "bcgh", "acij"), [1, 0.1, 0.5, 0.5, 0.5], 3, 1, 0, False),
        # 4 has 0 on its list alone, and is without damping as good as the last of that.
        (fours("abcd", "abef", "abgh", "abij", "cdkl"), [0.1, 0.1, 0.1, 0.1, 1], 3, 0, 4, False),
    ],
    ids=["equal to the bound", "lower lists", "equal newcomer", "equal without damping"],
)  # fmt: skip
def test_the_best_comes_from_outside(
    posts: Posts, damping: list[float], m: int, asked: int, best: int, is_searched: bool
) -> None:
    """The one best post is on the list though it is not on the long one, at every edge."""
    search = Searched(posts, OFF)
    found = search.all(m)
    assert best not in found.rows[asked]
    chosen = Undamped(found, search).best(1, np.array(damping), None)
    assert_same(chosen, search.all(1, np.array(damping)))
    assert chosen.rows[asked] == best
    assert (asked in search.rows) == is_searched


@pytest.mark.parametrize("power", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("share", [0.001, 1.0])
def test_lists_are_found_as_by_searches_alone(power: float, share: float) -> None:
    """Two languages, copies, translations, borrowed terms and hubs: a search finds the same."""
    posts = like_text(7, 400, 2)
    random = np.random.default_rng(7)
    held = posts.vectors.toarray() > 0
    posts = posts._replace(
        apart=random.integers(-1, 150, 400).astype(np.int32),
        copies=np.where(random.random(400) < 0.3, random.integers(0, 9, 400), -1).astype(np.int32),
        borrowed=sparse.csr_array(held & (random.random(held.shape) < 0.2)),
    )
    rules = Rules(Factors(), 10, hub_power=power, hub_share=share)
    made = lists(posts, rules, jobs=1)
    assert_same(made.best, find(posts, rules, 10, made.damping, jobs=1))
    nearest = find(posts, rules, hubs.NEAREST, None, jobs=1)
    scaling = hubs.scaling(nearest, power, hubs.usual(nearest))
    held_back = made.damping < scaling
    assert held_back.any() == (share < 1.0 and power < 1.0)
    np.testing.assert_array_equal(made.damping[~held_back], scaling[~held_back])


def test_progress_rises_to_all_posts() -> None:
    """Whatever is searched again, each post is told of once."""
    told: list[tuple[int, int]] = []
    posts = like_text(1, 300, 2)
    rules = Rules(Factors(), 10, hub_power=0.5, hub_share=0.001)
    lists(posts, rules, jobs=1, progress=lambda done, total: told.append((done, total)))
    done = [number for number, _ in told]
    assert done == sorted(set(done))
    assert told[-1] == (300, 300)
