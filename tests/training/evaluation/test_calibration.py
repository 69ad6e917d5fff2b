"""What a score means: bins of equal size, and intervals that are known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.index import Index
from training.evaluation.calibration import BINS, LEAST, calibration, wilson


def index(lists: dict[int, list[tuple[int, float]]]) -> Index:
    """Something with neighbours."""

    def neighbours(row: int, k: int) -> tuple[list[int], list[float], list[float]]:
        found = lists[row][:k]
        return [r for r, _ in found], [s for _, s in found], [s for _, s in found]

    return cast(Any, SimpleNamespace(neighbours=neighbours))


def test_bins_hold_equal_parts_by_ascending_score() -> None:
    """Where greater scores are relevant and lesser ones are not, the curve shows it."""
    lists = {
        row: [(100, 0.9), (101, 0.6), *((200 + place, 0.2) for place in range(6))]
        for row in range(25)
    }
    found = calibration(index(lists), {row: frozenset({100, 101}) for row in range(25)})
    assert len(found) == min(BINS, 25 * 8 // LEAST)
    assert sum(each.n for each in found) == 200
    assert [each.score for each in found] == sorted(each.score for each in found)
    assert found[0].relevant == 0.0
    assert found[-1].relevant == 1.0
    assert (found[-1].low, found[-1].high) == (0.9, 0.9)


def test_few_items_make_one_bin_and_none_make_none() -> None:
    """A share of three says little, but one bin says it; without lists there is no bin."""
    (only,) = calibration(index({0: [(1, 0.5), (2, 0.4), (3, 0.3)]}), {0: frozenset({1})})
    assert (only.n, only.relevant) == (3, pytest.approx(1 / 3))
    assert calibration(index({0: []}), {0: frozenset({1})}) == []


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 50))
def test_an_interval_holds_its_share(part: int, whole: int) -> None:
    """The interval lies in [0, 1] and around the share."""
    part = min(part, whole)
    low, high = wilson(part, whole)
    assert 0.0 <= low <= part / whole + 1e-12
    assert part / whole - 1e-12 <= high <= 1.0


def test_wilson_is_that_of_the_literature() -> None:
    """10 of 100: 5.52 % to 17.44 % (Brown, Cai & DasGupta 2001 use this example's method)."""
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=5e-5)
