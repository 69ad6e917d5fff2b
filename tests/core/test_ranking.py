"""The final score, its exact arithmetic, and the order of equal scores."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from related_posts.ranking import (
    HALF,
    Factors,
    cosines,
    days_apart,
    exact_neighbours,
    final_score,
    own_terms,
    time_factor,
    title_coverage,
    title_factor,
    to_final,
    to_scores,
    top_k,
)

SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 3.0]) | st.floats(0, 5), max_size=40)


def rows(lines: list[dict[int, float]], n_terms: int) -> sparse.csr_array:
    """Sparse rows from term to value."""
    dense = np.zeros((len(lines), n_terms), np.float32)
    for row, line in enumerate(lines):
        for term, value in line.items():
            dense[row, term] = value
    return sparse.csr_array(dense)


def random_blog(
    seed: int, n: int, n_terms: int = 30
) -> tuple[sparse.csr_array, sparse.csr_array, NDArray[np.float64], NDArray[np.int16]]:
    """Vectors, titles, days and languages of n random posts, some undated, some empty."""
    random = np.random.default_rng(seed)
    weights = random.random((n, n_terms)) * (random.random((n, n_terms)) < 0.3)
    weights[random.random(n) < 0.1] = 0.0
    norms = np.sqrt((weights**2).sum(axis=1, keepdims=True))
    vectors = sparse.csr_array((weights / np.where(norms, norms, 1)).astype(np.float32))
    shares = random.random((n, n_terms)) * (random.random((n, n_terms)) < 0.1)
    sums = shares.sum(axis=1, keepdims=True)
    titles = sparse.csr_array((shares / np.where(sums, sums, 1)).astype(np.float32))
    days = -np.sort(-random.integers(0, 900, n).astype(np.float64))
    days[random.random(n) < 0.1] = np.nan
    return vectors, titles, days, random.integers(0, 2, n).astype(np.int16)


def test_scores_by_hand() -> None:
    """Two posts 90 days apart, one title word of three found in the other: the formula."""
    vectors = rows([{0: 0.6, 1: 0.8}, {1: 1.0}], 3)
    titles = rows([{1: 0.25, 0: 0.75}, {2: 1.0}], 3)
    best = exact_neighbours(
        vectors, titles, np.array([190.0, 100.0]), np.zeros(2, np.int16), Factors(), 3
    )
    cosine = float(np.float32(0.8))
    final = cosine * (1 + 2 / (1 + 90 / 90)) * (1 + 0.8 * 0.25)
    assert best.rows.tolist() == [[1, -1, -1], [0, -1, -1]]
    assert best.similarities[0].tolist() == [np.float32(0.8), 0.0, 0.0]
    assert best.finals[0, 0] == pytest.approx(final, rel=1e-6)


@given(scores=SCORES, k=st.integers(1, 45))
@settings(deadline=None)
def test_top_k_is_a_full_stable_sort(scores: list[float], k: int) -> None:
    """top_k equals sorting everything by score, then row, and leaving the unrelated out."""
    expected = sorted((-score, row) for row, score in enumerate(scores) if score > 0)
    assert top_k(np.array(scores), k).tolist() == [row for _, row in expected[:k]]


def test_equal_scores_keep_row_order() -> None:
    """Among equals the lower row, which is the newer post, comes first, also at the cut."""
    assert top_k(np.array([1.0, 2.0, 1.0, 2.0, 1.0]), 4).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize(
    ("scores", "k"),
    [([1.0], 0), ([[1.0]], 1), ([math.nan, 1.0], 1)],
    ids=["k=0", "two axes", "NaN"],
)
def test_top_k_refuses_nonsense(scores: list[float], k: int) -> None:
    """A k below 1, a matrix and NaN are a caller's mistakes."""
    with pytest.raises(ValueError, match=r"k=|NaN"):
        top_k(np.array(scores), k)


@pytest.mark.parametrize("seed", range(5))
def test_cosines_add_in_order_of_terms(seed: int) -> None:
    """The sparse product gives the very bits of adding shared terms one by one, ascending."""
    vectors, *_ = random_blog(seed, 25, n_terms=400)
    exact = cosines(vectors, vectors)
    dense = vectors.toarray().astype(float)
    for a in range(25):
        for b in range(25):
            total = 0.0
            for term in range(400):
                total += dense[a, term] * dense[b, term]
            assert exact[a, b] == min(total, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_coverage_is_the_share_of_the_title_found(seed: int) -> None:
    """c(s, t) adds the shares of t's title words that s holds, ascending, both ways."""
    vectors, titles, *_ = random_blog(seed, 20)
    found = title_coverage(own_terms(vectors), titles, own_terms(vectors), titles)
    holds, shares = vectors.toarray() > 0, titles.toarray().astype(float)

    def share(a: int, b: int) -> float:
        total = 0.0
        for term in range(30):
            total += shares[b, term] if holds[a, term] else 0.0
        return min(total, 1.0)

    for a in range(20):
        for b in range(20):
            assert found[a, b] == share(a, b) + share(b, a)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("k", [1, 4, 60])
def test_neighbours_equal_a_loop_over_all_pairs(seed: int, k: int) -> None:
    """The reference equals scoring pair after pair and sorting."""
    factors = Factors()
    vectors, titles, days, languages = random_blog(seed, 24)
    best = exact_neighbours(vectors, titles, days, languages, factors, k)
    texts = own_terms(vectors)
    similar, cover = cosines(vectors, vectors), title_coverage(texts, titles, texts, titles)
    for s in range(24):
        ranking = []
        for t in range(24):
            if s == t or languages[s] != languages[t] or similar[s, t] <= 0:
                continue
            gap = abs(days[s] - days[t])
            time = 1.0 if math.isnan(gap) else 1.0 + 2.0 / (1.0 + gap / 90.0)
            ranking.append((-(float(similar[s, t]) * time * (1.0 + 0.8 * cover[s, t])), t))
        expected = [t for _, t in sorted(ranking)][:k]
        assert best.rows[s].tolist() == expected + [-1] * (k - len(expected))
        assert best.similarities[s, : len(expected)].tolist() == [
            np.float32(similar[s, t]) for t in expected
        ]


@pytest.mark.parametrize("seed", range(3))
def test_final_scores_descend_to_zero(seed: int) -> None:
    """Final scores descend; what is absent is 0 and at the end."""
    best = exact_neighbours(*random_blog(seed, 30), Factors(), 40)
    for found, scores in zip(best.rows, best.finals, strict=True):
        assert all(a >= b for a, b in pairwise(scores))
        assert scores.min() >= 0
        assert ((found < 0) == (scores == 0)).all()


def test_the_greatest_final_score_is_that_of_a_copy_of_the_same_day() -> None:
    """Both factors are at their greatest, and so is the cosine."""
    vectors = rows([{0: 0.6, 1: 0.8}] * 2, 2)
    titles = rows([{0: 0.5, 1: 0.5}] * 2, 2)
    best = exact_neighbours(vectors, titles, np.zeros(2), np.zeros(2, np.int16), Factors(), 1)
    assert best.finals.tolist() == [[3.0 * (1 + 2 * 0.8)]] * 2
    assert best.similarities.tolist() == [[1.0], [1.0]]


def test_undated_posts_are_infinitely_far_away() -> None:
    """Without a date, on either side or both, the time factor is exactly 1."""
    gaps = days_apart(np.array([1.0, np.nan]), np.array([4.0, np.nan]))
    assert gaps.tolist() == [[3.0, math.inf], [math.inf, math.inf]]
    assert time_factor(math.inf, 2.0, 90.0) == 1.0


@given(
    gap=st.floats(0, 1e6),
    further=st.floats(0, 1e6),
    weight=st.floats(0, 1000),
    days=st.floats(1e-3, 1e5),
)
def test_the_time_factor_never_rises_with_distance(
    gap: float, further: float, weight: float, days: float
) -> None:
    """It falls from 1 + weight towards 1, rounding included: bounds rely on it."""
    near, far = sorted((gap, further))
    assert 1.0 <= time_factor(far, weight, days) <= time_factor(near, weight, days) <= 1 + weight


def test_factors_switched_off_leave_the_cosine() -> None:
    """With both weights 0 the final score is the cosine, bit by bit."""
    cosine = np.array([0.1, 0.7, 1.0])
    off = Factors(time_weight=0, title_weight=0)
    time = time_factor(np.array([0.0, 5.0, math.inf]), off.time_weight, off.time_days)
    title = title_factor(np.array([0.0, 1.0, 2.0]), off.title_weight)
    assert final_score(cosine, time, title).tolist() == cosine.tolist()


@given(st.lists(st.floats(0, 1e4), max_size=30))
def test_scores_keep_the_order_of_final_scores(finals: list[float]) -> None:
    """Scores lie in [0, 1], never fall where final scores rise, and lead back to them."""
    ordered = np.sort(np.array(finals, np.float64))
    scores = to_scores(ordered)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) >= 0).all()
    for final, score in zip(ordered, scores.astype(float), strict=True):
        if 1e-3 < score < 0.99:
            assert to_final(score) == pytest.approx(final, rel=1e-4)


def test_half_is_a_score_of_one_half() -> None:
    """What the curve is fitted by: HALF is shown as 0.5, nothing as 0."""
    assert to_scores(np.array([0.0, HALF])).tolist() == [0.0, 0.5]


def test_damping_holds_back_the_post_shown_and_not_the_one_asked() -> None:
    """A damped post falls on the others' lists; its own list stays as it is."""
    vectors, titles, days, languages = random_blog(4, 20)
    damping = np.ones(20)
    damping[3] = 0.25
    free = exact_neighbours(vectors, titles, days, languages, Factors(), 20)
    held = exact_neighbours(vectors, titles, days, languages, Factors(), 20, damping)
    assert held.rows[3].tolist() == free.rows[3].tolist()
    for row in range(20):
        before, after = (
            dict(zip(found.rows[row].tolist(), found.finals[row].tolist(), strict=True))
            for found in (free, held)
        )
        assert after == {
            other: final * (0.25 if other == 3 else 1) for other, final in before.items()
        }


@pytest.mark.parametrize(
    "bad",
    [
        {"time_weight": -0.1},
        {"time_weight": math.nan},
        {"title_weight": math.inf},
        {"title_weight": 1001},
        {"time_days": 0},
        {"time_days": -1},
        {"time_days": math.inf},
        {"time_days": math.nan},
    ],
    ids=str,
)
def test_factors_out_of_range_are_refused(bad: dict[str, float]) -> None:
    """The message names the factor."""
    with pytest.raises(ValueError, match=next(iter(bad))):
        Factors(**bad)
