"""How alike two rankings are: worked by hand, at the ends, and as its definition says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation.overlap import churn, rank_biased_overlap

RANKINGS = st.lists(st.integers(0, 12), max_size=8, unique=True)


def by_definition(before: list[int], after: list[int], p: float) -> float:
    """(1 - p) Σ p^(d-1) A(d) for rankings of one length, agreement going on for ever."""
    depth, total = len(before), 0.0
    for d in range(1, 2_000):
        shared = len(set(before[:d]) & set(after[:d]))
        total += p ** (d - 1) * shared / min(d, depth)
    return (1 - p) * total


def test_worked_by_hand() -> None:
    """[a b] and [b a]: nothing agrees at depth 1, all from depth 2 on: 1 - (1 - p) = p."""
    assert rank_biased_overlap("ab", "ba", 0.8) == pytest.approx(0.8)
    assert rank_biased_overlap("ab", "ac", 0.8) == pytest.approx(0.2 + 0.8 * 0.5)


@settings(deadline=None)
@given(st.permutations(range(8)), st.permutations(range(4, 12)), st.integers(1, 8))
def test_rankings_of_one_length_follow_the_definition(
    before: list[int], after: list[int], n: int
) -> None:
    """The closed form is the endless sum."""
    expected = by_definition(before[:n], after[:n], 0.8)
    assert rank_biased_overlap(before[:n], after[:n], 0.8) == pytest.approx(expected)


@settings(deadline=None)
@given(RANKINGS, RANKINGS)
def test_the_ends_and_the_order(before: list[int], after: list[int]) -> None:
    """In [0, 1]; the same either way round; 1 for the same ranking, 0 for nothing shared."""
    found = rank_biased_overlap(before, after)
    assert 0.0 <= found <= 1.0
    assert found == pytest.approx(rank_biased_overlap(after, before))
    assert rank_biased_overlap(before, before) == pytest.approx(1.0)
    if not set(before) & set(after) and (before or after):
        assert found == 0.0


def test_the_first_ranks_count_most() -> None:
    """Losing the first item is worse than losing the last."""
    assert rank_biased_overlap("abcde", "xbcde") < rank_biased_overlap("abcde", "abcdx")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abcde", "abcde", 0.0),
        ("abcde", "edcba", 0.0),
        ("abcde", "abcxy", 0.4),
        ("ab", "abcd", 0.5),
        ("abc", "", 1.0),
        ("", "a", 1.0),
        ("", "", 0.0),
    ],
)
def test_churn_is_the_share_of_other_items(before: str, after: str, expected: float) -> None:
    """Order does not count; a list that ends is changed to its end."""
    assert churn(before, after) == pytest.approx(expected)
