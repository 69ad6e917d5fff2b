"""Intervals: around the mean, as wide as theory says, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation.intervals import RESAMPLES, Figure, figures

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@settings(deadline=None)
@given(VALUES)
def test_the_interval_lies_around_the_mean(values: list[float]) -> None:
    """Low and high are within the values; the mean is the plain mean."""
    (figure,) = figures(np.array(values)[:, None], seed=3)
    assert figure.value == pytest.approx(np.mean(values))
    assert min(values) - 1e-9 <= figure.low <= figure.high <= max(values) + 1e-9


def test_the_interval_is_as_wide_as_theory_says() -> None:
    """For many values it comes to 1.96 standard errors on each side, within a tenth."""
    values = np.random.default_rng(5).normal(0.5, 0.2, 900)
    (figure,) = figures(values[:, None], seed=0)
    error = 1.96 * values.std() / np.sqrt(len(values))
    assert figure.value - figure.low == pytest.approx(error, rel=0.1)
    assert figure.high - figure.value == pytest.approx(error, rel=0.1)


def test_one_query_has_no_width() -> None:
    """A single value is its own mean and both ends."""
    assert figures(np.array([[0.25]]), seed=0) == [Figure(0.25, 0.25, 0.25)]


def test_no_query_is_a_callers_mistake() -> None:
    """There is no mean of nothing."""
    with pytest.raises(ValueError, match="at least one query"):
        figures(np.zeros((0, 4)), seed=0)


def test_columns_share_their_draws() -> None:
    """A difference that is the same for every query has no width: the bootstrap is paired."""
    values = np.random.default_rng(1).random(50)
    both = figures(np.column_stack([values, values - 0.1, values - (values - 0.1)]), seed=7)
    assert both[1].low == pytest.approx(both[0].low - 0.1)
    assert both[2].low == pytest.approx(0.1)
    assert both[2].high == pytest.approx(0.1)


def test_the_seed_decides() -> None:
    """The same seed gives the same interval, another one another."""
    values = np.random.default_rng(1).random((RESAMPLES // 20, 1))
    assert figures(values, 1) == figures(values, 1)
    assert figures(values, 1) != figures(values, 2)
