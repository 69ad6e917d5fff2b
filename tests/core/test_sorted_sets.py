"""Sets of numbers as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.sorted_sets import sorted_set


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=60))
def test_each_is_there_once_in_order(values: list[int]) -> None:
    """As Python's own sets say; what was given stays as it was."""
    given = np.array(values, np.uint64)
    found = sorted_set(given)
    assert found.dtype == np.uint64
    assert found.tolist() == sorted(set(values))
    assert given.tolist() == values


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32])
def test_it_is_that_of_numpy(dtype: type[np.number]) -> None:
    """For every type of number."""
    values = np.random.default_rng(1).integers(-50, 50, 500).astype(dtype)
    assert np.array_equal(sorted_set(values), np.unique(values))
    assert sorted_set(values).dtype == dtype
