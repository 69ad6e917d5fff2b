"""The measures of one list: worked by hand, and against an independent implementation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation.metrics import hit, measures, ndcg, recall, reciprocal_rank

trec = pytest.importorskip("ir_measures", reason="ir_measures is not for this Python yet")

LISTS = st.lists(st.integers(0, 30), max_size=15, unique=True)
RELEVANT = st.frozensets(st.integers(0, 30), min_size=1, max_size=15)


def test_ndcg_worked_by_hand() -> None:
    """Relevant posts at ranks 1 and 3 of three, with three relevant: (1 + 1/2) / ideal."""
    ideal = 1 + 1 / math.log2(3) + 1 / 2
    assert ndcg([7, 1, 8], {7, 8, 9}, 10) == pytest.approx(1.5 / ideal)


def test_the_ideal_is_capped_at_the_relevant_and_at_k() -> None:
    """One relevant post first is perfect; so are two of many where k is two."""
    assert ndcg([5], {5}, 10) == 1.0
    assert ndcg([1, 2], {1, 2, 3, 4}, 2) == pytest.approx(1.0)


def test_ndcg_falls_with_the_rank() -> None:
    """The only relevant post at rank r gives 1 / log2(r + 1)."""
    for rank in range(1, 11):
        ranked = [*range(100, 99 + rank), 1]
        assert ndcg(ranked, {1}, 10) == pytest.approx(1 / math.log2(rank + 1))
    assert ndcg([*range(100, 110), 1], {1}, 10) == 0.0


def test_recall_hit_and_reciprocal_rank_worked_by_hand() -> None:
    """Two of four relevant posts in five, the first at rank 2."""
    ranked, relevant = [9, 1, 8, 2, 7, 3], {1, 2, 3, 4}
    assert recall(ranked, relevant, 5) == 0.5
    assert hit(ranked, relevant, 5) == 1.0
    assert reciprocal_rank(ranked, relevant, 10) == 0.5
    assert reciprocal_rank(ranked, relevant, 1) == 0.0


def test_an_empty_list_scores_nothing() -> None:
    """No list, no gain, in every measure."""
    assert measures([], {1}) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("measure", [ndcg, recall, hit, reciprocal_rank])
def test_a_query_without_judgements_is_a_callers_mistake(measure: object) -> None:
    """There is no figure for a post nobody judged, rather than a flattering or a bad one."""
    with pytest.raises(ValueError, match="at least 1"):
        measure([1], set(), 5)  # type: ignore[operator]
    with pytest.raises(ValueError, match="at least 1"):
        measure([1], {1}, 0)  # type: ignore[operator]


@settings(deadline=None)
@given(LISTS, RELEVANT)
def test_the_measures_are_those_of_trec(ranked: list[int], relevant: frozenset[int]) -> None:
    """nDCG, recall, success and reciprocal rank equal what ``ir_measures`` computes."""
    asked = [trec.nDCG @ 10, trec.R @ 5, trec.Success @ 5, trec.RR @ 10]
    judged = [trec.Qrel("q", str(post), 1) for post in relevant]
    run = [trec.ScoredDoc("q", str(post), float(-place)) for place, post in enumerate(ranked)]
    theirs = trec.calc_aggregate(asked, judged, run)
    assert measures(ranked, relevant) == pytest.approx([theirs[one] for one in asked])
