"""Strings in one array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from related_posts.blobs import Blob, pack


@given(st.lists(st.binary() | st.text()))
@settings(deadline=None)
def test_strings_come_back_as_they_went_in(strings: list[bytes | str]) -> None:
    """Packing and reading are each other's inverse, text being UTF-8."""
    blob = Blob(*pack(strings))
    expected = [each.encode() if isinstance(each, str) else each for each in strings]
    assert len(blob) == len(expected)
    assert list(blob) == [blob[i] for i in range(len(blob))] == expected


@pytest.mark.parametrize("i", [-1, 2, 10**30])
def test_a_place_outside_is_an_error(i: int) -> None:
    """There is no string before the first and none behind the last."""
    with pytest.raises(IndexError):
        Blob(*pack(["a", "b"]))[i]


@pytest.mark.parametrize(
    ("data", "offsets"),
    [
        (np.zeros(3, np.uint8), np.array([], np.uint64)),
        (np.zeros(3, np.uint8), np.array([0, 2], np.uint64)),
        (np.zeros(3, np.uint8), np.array([1, 3], np.uint64)),
        (np.zeros(3, np.uint8), np.array([0, 4], np.uint64)),
        (np.zeros(3, np.uint8), np.array([0, 3], np.int64)),
        (np.zeros(3, np.uint8), np.array([[0, 3]], np.uint64)),
        (np.zeros(3, np.uint16), np.array([0, 3], np.uint64)),
        (np.zeros((3, 1), np.uint8), np.array([0, 3], np.uint64)),
    ],
)
def test_arrays_that_hold_no_strings_are_refused(data: NDArray[Any], offsets: NDArray[Any]) -> None:
    """Offsets that do not span the bytes, and other types, raise at once."""
    with pytest.raises(ValueError, match=r"offsets|bytes"):
        Blob(data, offsets)


def test_half_a_surrogate_pair_cannot_be_packed() -> None:
    """What is no UTF-8 is refused where it would be stored."""
    with pytest.raises(UnicodeEncodeError):
        pack(["\ud800"])
