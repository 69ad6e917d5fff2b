"""The fast neighbours equal the slow, obvious ones to the last bit, whatever the way."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from related_posts.ranking import Factors, Neighbours, exact_neighbours
from training.neighbours import neighbours
from training.neighbours.blocks import best
from training.neighbours.groups import Groups

COMPILED, PLAIN = {"small": 0}, {"small": 1 << 30}
OFF = Factors(time_weight=0, title_weight=0)


class Blog(NamedTuple):
    """The arguments of both ways, in their order."""

    vectors: sparse.csr_array
    titles: sparse.csr_array
    days: NDArray[np.float64]
    languages: NDArray[np.int16]


def blog(
    counts: NDArray[Any],
    shares: NDArray[Any],
    days: NDArray[np.float64],
    languages: NDArray[np.integer],
) -> Blog:
    """A blog from dense counts and title shares of any scale."""

    def scaled(values: NDArray[Any], power: int) -> sparse.csr_array:
        values = np.asarray(values, dtype=np.float64)
        sums = (values**power).sum(axis=1, keepdims=True) ** (1 / power)
        return sparse.csr_array((values / np.where(sums, sums, 1)).astype(np.float32))

    return Blog(scaled(counts, 2), scaled(shares, 1), days, languages.astype(np.int16))


def like_text(seed: int, n: int, n_terms: int, languages: int = 1) -> Blog:
    """Words by Zipf's law, topics, copies, empty posts, undated posts, equal dates."""
    random = np.random.default_rng(seed)
    chances = 1.5 / (np.arange(n_terms) + 1.5)
    topic = random.random((6, n_terms)) ** 6 * 6
    counts = random.poisson(chances * topic[random.integers(0, 6, n)])
    copies = random.random(n) < 0.05
    counts[copies] = counts[random.integers(0, n, copies.sum())]
    counts[random.random(n) < 0.03] = 0
    weights = np.log1p(counts) * np.log(n / (1 + (counts > 0).sum(axis=0)) + 1) ** 1.5
    shares = (counts > 0) * (random.random((n, n_terms)) < 0.05)
    days = -np.sort(-random.integers(0, max(1, n // 2), n).astype(np.float64))
    days[random.random(n) < 0.03] = np.nan
    order = random.permutation(n_terms)  # so that term numbers say nothing of frequencies
    return blog(weights[:, order], shares[:, order], days, random.integers(0, languages, n))


def borrowed(posts: Blog, random: np.random.Generator) -> sparse.csr_array:
    """A third of the terms of half of the posts."""
    held = posts.vectors.toarray() > 0
    held &= random.random(held.shape) < 0.33
    held &= random.random((len(held), 1)) < 0.5
    return sparse.csr_array(held)


def assert_same(found: Neighbours, expected: Neighbours) -> None:
    """Every bit of both is equal, and of the promised type."""
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@st.composite
def blogs(draw: st.DrawFn) -> Blog:
    """Small hostile blogs: few distinct values, so ties, copies, gaps and empty rows abound."""
    n, n_terms = draw(st.integers(0, 14)), draw(st.integers(1, 9))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    values = draw(st.sampled_from([[0, 1], [0, 0, 0, 1, 2], [1], [0], [0, 1e-9, 1, 1e9]]))
    counts = random.choice(values, (n, n_terms))
    shares = random.choice(draw(st.sampled_from([[0], [0, 1], [0, 0, 1, 3]])), (n, n_terms))
    days = random.choice(draw(st.sampled_from([[5.0], [np.nan], [np.nan, 1, 2, 900]])), n)
    languages = random.integers(0, draw(st.integers(1, 4)), n)
    return blog(counts, shares, days.astype(np.float64), languages)


FACTORS = st.sampled_from([Factors(), OFF, Factors(5.0, 1.0, 2.0), Factors(1000.0, 1e-3, 1000.0)])


@given(
    blog=blogs(),
    factors=FACTORS,
    k=st.integers(1, 16),
    block_size=st.integers(1, 6),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_both_ways_equal_the_reference(
    blog: Blog, factors: Factors, k: int, block_size: int, seed: int
) -> None:
    """Hostile little blogs, none to fourteen posts, k up to more than there are, any damping.

    Some terms are borrowed.
    """
    random = np.random.default_rng(seed)
    damping, lent = random.choice([1.0, 0.7, 1e-3], len(blog.days)), borrowed(blog, random)
    expected = exact_neighbours(*blog, factors, k, damping, lent)
    for way in (COMPILED, PLAIN):
        found = neighbours(*blog, factors, k, damping, lent, jobs=1, block_size=block_size, **way)
        assert_same(found, expected)


@pytest.mark.parametrize("way", [COMPILED, PLAIN], ids=["compiled", "plain"])
def test_borrowed_terms_cover_no_title(way: dict[str, int]) -> None:
    """The title factor is that of the texts as they were, whatever links added."""
    posts = like_text(3, 300, 80)
    lent = borrowed(posts, np.random.default_rng(3))
    damping = np.ones(300)
    expected = exact_neighbours(*posts, Factors(), 10, damping, lent)
    assert_same(neighbours(*posts, Factors(), 10, damping, lent, jobs=1, **way), expected)
    plain = exact_neighbours(*posts, Factors(), 10, damping)
    assert (plain.rows != expected.rows).any()
    without = Factors(title_weight=0.0)
    for found in (neighbours(*posts, without, 10, damping, each, jobs=1, **way) for each in
                  (lent, None)):  # fmt: skip
        assert_same(found, exact_neighbours(*posts, without, 10, damping))


@pytest.mark.parametrize("way", [COMPILED, PLAIN], ids=["compiled", "plain"])
def test_some_rows_get_the_lists_they_get_among_all(way: dict[str, int]) -> None:
    """Asking for a few rows, of several languages, finds what asking for all finds."""
    posts = like_text(5, 300, 400, languages=3)
    damping = np.random.default_rng(5).uniform(0.3, 1.0, 300)
    expected = exact_neighbours(*posts, Factors(), 10, damping)
    for wanted in ([], [7], [0, 5, 6, 250, 299], range(300)):
        rows = np.array(wanted, np.int64)
        found = neighbours(*posts, Factors(), 10, damping, jobs=1, block_size=3, wanted=rows, **way)
        assert_same(found, Neighbours(*(whole[rows] for whole in expected)))


@pytest.mark.parametrize("way", [COMPILED, PLAIN], ids=["compiled", "plain"])
def test_groups_are_laid_out_once(way: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Posts that were searched are searched again under any damping, and laid out no more."""
    posts = like_text(6, 200, 300, languages=3)
    groups = Groups(*posts, **way)
    first = best(groups, Factors(), 8, jobs=1)
    monkeypatch.setattr(Groups, "_lay_out", None)
    assert_same(best(groups, Factors(), 8, jobs=1), first)
    for seed in (1, 2):
        damping = np.random.default_rng(seed).uniform(0.3, 1.0, 200)
        expected = exact_neighbours(*posts, Factors(), 5, damping)
        rows = np.array([3, 4, 190])
        some = best(groups, Factors(), 5, damping, rows, jobs=1)
        assert_same(some, Neighbours(*(whole[rows] for whole in expected)))
        assert_same(best(groups, Factors(), 5, damping, jobs=1), expected)
    assert_same(best(groups, Factors(), 8, jobs=1), first)


@pytest.mark.parametrize("bad", [0.0, -1.0, 1.5, np.nan])
def test_damping_out_of_range_is_refused(bad: float) -> None:
    """Bounds rely on it."""
    posts = like_text(5, 30, 40)
    with pytest.raises(ValueError, match="damping"):
        neighbours(*posts, Factors(), 3, np.full(30, bad))


@pytest.mark.parametrize("factors", [Factors(), OFF, Factors(20.0, 5.0, 3.0)], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_text_of_many_spans_equals_the_reference(seed: int, factors: Factors) -> None:
    """Zipf's words in 700 posts, so that bands, bars and spans all have work."""
    posts = like_text(seed, 700, 900)
    damping = np.random.default_rng(seed).uniform(0.5, 1.0, 700)
    assert_same(
        neighbours(*posts, factors, 7, damping, jobs=1, **COMPILED),
        exact_neighbours(*posts, factors, 7, damping),
    )


@pytest.mark.parametrize("k", [1, 50, 699, 1000])
def test_any_k_equals_the_reference(k: int) -> None:
    """One neighbour, the usual number, all others, and more than there are."""
    posts = like_text(9, 700, 300)
    assert_same(
        neighbours(*posts, Factors(), k, jobs=1, **COMPILED),
        exact_neighbours(*posts, Factors(), k),
    )


@pytest.mark.parametrize("way", [COMPILED, PLAIN], ids=["compiled", "plain"])
def test_blocks_and_threads_change_nothing(way: dict[str, int]) -> None:
    """Any block size and number of threads gives the same bits."""
    posts = like_text(3, 300, 400, languages=3)
    expected = exact_neighbours(*posts, Factors(), 10)
    for jobs, block_size in [(1, 300), (1, 7), (2, 64), (3, 1), (-1, 1000)]:
        found = neighbours(*posts, Factors(), 10, jobs=jobs, block_size=block_size, **way)
        assert_same(found, expected)


@pytest.mark.parametrize("way", [COMPILED, PLAIN], ids=["compiled", "plain"])
def test_all_posts_alike(way: dict[str, int]) -> None:
    """Among copies of one post of one day the lowest rows win, never the post itself."""
    ones = np.ones((300, 4))
    posts = blog(ones, ones, np.zeros(300), np.zeros(300, np.int16))
    found = neighbours(*posts, Factors(), 3, jobs=1, **way)
    assert found.rows[0].tolist() == [1, 2, 3]
    assert found.rows[2].tolist() == [0, 1, 3]
    assert (found.rows[3:] == [0, 1, 2]).all()
    assert (found.finals == found.finals[0, 0]).all()


@pytest.mark.parametrize("way", [COMPILED, PLAIN], ids=["compiled", "plain"])
def test_languages_are_kept_apart(way: dict[str, int]) -> None:
    """No neighbour is of another group, and rows keep their numbers in the whole."""
    posts = like_text(5, 200, 200, languages=4)
    found = neighbours(*posts, Factors(), 5, jobs=1, **way)
    there = found.rows >= 0
    own = np.broadcast_to(posts.languages[:, None], found.rows.shape)
    assert there.any()
    assert (posts.languages[found.rows[there]] == own[there]).all()


def test_rows_need_not_be_in_order_of_time() -> None:
    """Shuffled dates cost time, not correctness."""
    posts = like_text(6, 400, 500)
    days = np.random.default_rng(0).permutation(posts.days)
    posts = posts._replace(days=days)
    assert_same(
        neighbours(*posts, Factors(), 6, jobs=1, **COMPILED), exact_neighbours(*posts, Factors(), 6)
    )


def test_weights_too_small_for_float32_sums() -> None:
    """A common term whose product vanishes in float32 still makes two posts related."""
    posts = blog(np.eye(3) + 1e-22, np.eye(3), np.zeros(3), np.zeros(3, np.int16))
    expected = exact_neighbours(*posts, OFF, 2)
    assert (expected.rows >= 0).all()
    assert_same(neighbours(*posts, OFF, 2, jobs=1, **COMPILED), expected)


def test_more_frequent_terms_than_their_numbers_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms beyond the limit are treated as rare, and nothing changes."""
    monkeypatch.setattr("training.neighbours.postings.MAX_FREQUENT", 5)
    posts = like_text(8, 300, 200)
    assert_same(
        neighbours(*posts, Factors(), 5, jobs=1, **COMPILED), exact_neighbours(*posts, Factors(), 5)
    )


def test_unsorted_double_and_zero_entries_are_put_right() -> None:
    """What SciPy may hold but no canonical matrix does is tidied in a copy."""
    posts = like_text(2, 60, 80)
    messy = posts.vectors.tocoo()
    order = np.random.default_rng(1).permutation(messy.nnz)
    messy = sparse.csr_array(
        (
            np.append(messy.data[order], 0.0),
            (np.append(messy.row[order], 0), np.append(messy.col[order], 79)),
        ),
        shape=messy.shape,
    )
    doubled = sparse.csr_array(
        (np.repeat(messy.data / 2, 2), np.repeat(messy.indices, 2), messy.indptr * 2),
        shape=messy.shape,
    )
    expected = exact_neighbours(*posts, Factors(), 4)
    for vectors in (messy, doubled):
        before = vectors.nnz
        tidied = posts._replace(vectors=vectors)
        assert_same(neighbours(*tidied, Factors(), 4, jobs=1, **PLAIN), expected)
        assert vectors.nnz == before


def test_wide_indices_and_double_precision_change_nothing() -> None:
    """Indices of 64 bits, which SciPy makes of any wide part, and float64 are narrowed."""
    posts = like_text(4, 50, 60)
    wide = posts.vectors.astype(np.float64)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    found = neighbours(*posts._replace(vectors=wide), Factors(), 4, jobs=1, **COMPILED)
    assert_same(found, exact_neighbours(*posts, Factors(), 4))


def test_progress_counts_every_post() -> None:
    """It is told after each block, rises, and ends with all of all."""
    told: list[tuple[int, int]] = []
    posts = like_text(1, 90, 60, languages=2)
    neighbours(
        *posts,
        Factors(),
        3,
        jobs=2,
        block_size=20,
        progress=lambda done, total: told.append((done, total)),
    )
    done = [number for number, _ in told]
    assert done == sorted(set(done))
    assert told[-1] == (90, 90)
    assert {total for _, total in told} == {90}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"days": np.zeros(4)}, "shapes"),
        ({"languages": np.zeros(2, np.int16)}, "shapes"),
        ({"titles": sparse.csr_array((5, 8), dtype=np.float32)}, "shapes"),
        ({"vectors": sparse.csr_array(np.full((5, 9), -0.1, np.float32))}, "vectors"),
        ({"vectors": sparse.csr_array(np.full((5, 9), np.nan, np.float32))}, "vectors"),
        ({"vectors": sparse.csr_array(np.full((5, 9), 1.0, np.float32))}, "row 0 of .*vectors"),
        ({"titles": sparse.csr_array(np.full((5, 9), 0.5, np.float32))}, "row 0 of the titles"),
    ],
    ids=["days", "languages", "terms", "negative", "NaN", "too long", "titles"],
)
def test_what_the_search_relies_on_is_checked(change: dict[str, Any], message: str) -> None:
    """Wrong shapes, negative weights, NaN and rows that are not normalised are refused."""
    posts = like_text(0, 5, 9)._replace(**change)
    with pytest.raises(ValueError, match=message):
        neighbours(*posts, Factors(), 2)


@pytest.mark.parametrize("bad", [{"k": 0}, {"block_size": 0}], ids=str)
def test_counts_below_one_are_refused(bad: dict[str, int]) -> None:
    """Neither an empty list nor an empty block can be asked for."""
    arguments = {"k": 1, **bad}
    with pytest.raises(ValueError, match=next(iter(bad))):
        neighbours(*like_text(0, 5, 9), Factors(), **arguments)


def test_a_small_blog_needs_no_compiler() -> None:
    """Neither importing the package nor training a small blog imports numba."""
    code = (
        "import sys, numpy as np\n"
        "from scipy import sparse\n"
        "from related_posts.ranking import Factors\n"
        "from training.neighbours import neighbours\n"
        "m = sparse.csr_array(np.eye(4, dtype=np.float32))\n"
        "neighbours(m, m, np.zeros(4), np.zeros(4, np.int16), Factors(), 2)\n"
        "assert 'numba' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_a_place_for_its_cache_it_still_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numba finds no folder it may write to, functions are compiled without a cache."""
    import numba

    from training.neighbours.compiling import cached_jit

    asked: list[bool] = []
    njit = numba.njit

    def without_place(*, cache: bool = False, **options: Any) -> Any:
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", without_place)

    @cached_jit("related_posts.ranking")
    def double(number: int) -> int:
        return 2 * number

    assert double(21) == 42
    assert asked == [True, False]
