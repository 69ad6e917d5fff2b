"""How posts fit all others: what is asked for is found, and equals the slow, obvious way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import postings_of
from related_posts.errors import IndexCorruptError
from related_posts.ranking import (
    Factors,
    cosines,
    damped,
    days_apart,
    final_score,
    own_terms,
    time_factor,
    title_coverage,
    title_factor,
)
from training.neighbours import matching
from training.neighbours.matching import Asked, Field, Matches, Part

USUAL = Factors()
WAYS = [pytest.param(1 << 60, id="plain"), pytest.param(0, id="compiled")]


def field(seed: int, n: int, factors: Factors = USUAL, floor: float = 0.05) -> Field:
    """Little posts, the last third of them behind the others; ties, copies and gaps abound."""
    random = np.random.default_rng(seed)
    n_terms = 12
    counts = random.choice([0, 0, 0, 1, 1, 2], (n, n_terms)) * random.integers(0, 2, (n, 1))
    shares = random.choice([0, 0, 1, 3], (n, n_terms))
    lent = (counts > 0) & (random.random((n, n_terms)) < 0.2)
    places = random.permutation(n).astype(np.int32)
    order, n_shared = np.argsort(places), n - n // 3

    def scaled(values: NDArray[Any], power: int) -> csr_array:
        sums = (values**power).sum(axis=1, keepdims=True) ** (1 / power)
        return csr_array((values / np.where(sums, sums, 1)).astype(np.float32))

    vectors = scaled(counts, 2)[order]
    borrowed = csr_array(lent[order])
    shared, fresh = (
        Part(vectors[part], postings_of(vectors[part]), borrowed[part])
        for part in (slice(0, n_shared), slice(n_shared, n))
    )
    groups = random.integers(-1, 4, (2, n)).astype(np.int32)
    groups[:, random.random(n) < 0.5] = -1
    days = random.choice([np.nan, 1.0, 2.0, 900.0], n)
    together = random.integers(0, 2, n).astype(np.int16)
    titles = scaled(shares, 1)
    return Field(shared, fresh, places, titles, days, together, *groups, factors, floor)


def expected(of: Field) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosine and final score before damping of every two posts, 0 where they are never related."""
    vectors, borrowed = (
        csr_array(np.concatenate([getattr(part, name).toarray() for part in (of.shared, of.fresh)]))
        for name in ("vectors", "borrowed")
    )
    vectors, borrowed = vectors[of.places], borrowed[of.places]
    texts = own_terms(vectors, csr_array(borrowed.astype(np.float64)))
    cosine = cosines(vectors, vectors)
    gaps = days_apart(of.days, of.days)
    title = title_factor(
        title_coverage(texts, of.titles, texts, of.titles), of.factors.title_weight
    )
    time = time_factor(gaps, of.factors.time_weight, of.factors.time_days)
    finals = final_score(cosine, time, title)
    never = of.together[:, None] != of.together[None, :]
    never |= (of.apart[:, None] == of.apart[None, :]) & (of.apart >= 0)[:, None]
    np.fill_diagonal(never, True)
    return cosine, np.where(never, 0.0, finals)


def worst_of_best(values: NDArray[np.float64], k: int) -> float:
    """The k-th best, or the least above 0 where there are not so many; else more than all."""
    best = np.sort(values[values > 0])[::-1][:k]
    return float(best[-1]) if len(best) else np.inf


@pytest.mark.parametrize("few", WAYS)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 24),
    factors=st.sampled_from([USUAL, Factors(0, 1.0, 0), Factors(1000.0, 1e-3, 1000.0)]),
    best=st.integers(1, 8),
    nearest=st.integers(0, 8),
    floor=st.sampled_from([0.0, 0.05, 0.9]),
)
@example(seed=7, n=7, factors=USUAL, best=1, nearest=0, floor=0.9)
@settings(deadline=None, max_examples=100)
def test_what_is_asked_for_is_found(
    few: int, seed: int, n: int, factors: Factors, best: int, nearest: int, floor: float
) -> None:
    """To the last bit: the best, the nearest, those whose lists they may enter, and the new."""
    of = field(seed, n, factors, floor)
    random = np.random.default_rng(seed)
    damping = random.choice([0.0, 0.5, 1.0], n, p=[0.2, 0.4, 0.4])
    least = random.choice([np.inf, 0.3, 1.0], n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "FEW_PAIRS", few)
        fits = Matches(of, 2).fits(range(n), Asked(least, damping, best, nearest))
    similar, finals = expected(of)
    for row, fit in enumerate(fits):
        line = finals[row]
        np.testing.assert_array_equal(fit.cosines, similar[row, fit.rows])
        np.testing.assert_array_equal(fit.finals, line[fit.rows])
        assert (np.diff(fit.rows) > 0).all()
        listed = np.where((of.copies == of.copies[row]) & (of.copies >= 0), 0.0, line)
        after = damped(listed, damping)
        wanted = (line >= least) | (damping == 0.0)
        wanted &= line >= floor
        # What is below the floor after damping is on no list.
        wanted |= after >= max(floor, worst_of_best(np.where(after >= floor, after, 0.0), best))
        if nearest:
            wanted |= listed >= worst_of_best(listed, nearest)
        wanted &= line > 0
        assert {*np.flatnonzero(wanted).tolist()} <= {*fit.rows.tolist()}


def test_few_are_finished_where_few_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six hundred posts a small part is given back."""
    monkeypatch.setattr(matching, "FEW_PAIRS", 0)
    of = field(7, 600, floor=0.0)
    nothing, every = np.full(600, np.inf), np.ones(600)
    found = Matches(of, 1).fits(range(600), Asked(nothing, every, 5, 0))
    related = (expected(of)[1] > 0).sum(axis=1)
    assert sum(len(fit.rows) for fit in found) < 0.4 * related.sum()


@pytest.mark.parametrize("few", WAYS)
@pytest.mark.parametrize("place", [-1, 40])
def test_postings_of_no_post_are_refused(
    few: int, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written where no post is."""
    monkeypatch.setattr(matching, "FEW_PAIRS", few)
    of = field(3, 40)
    of.shared.postings.indices[:] = place
    has_terms = np.concatenate([np.diff(part.vectors.indptr) for part in (of.shared, of.fresh)])
    row = int(has_terms[of.places].argmax())
    with pytest.raises(IndexCorruptError, match="posts that are not there"):
        Matches(of, 1).fits([row], Asked(np.ones(40), np.ones(40), 5, 5))
