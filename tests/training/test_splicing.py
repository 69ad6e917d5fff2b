"""Splicing: what stays moves along, what is new is put between, what is gone is gone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from related_posts.blobs import Blob, pack
from training.splicing import lists_of, moved, rows_of, strings_of

STRINGS = st.lists(st.binary(max_size=4), max_size=8)
#: For each row of now, whether it is one of before; those keep their order.
KEPT = st.lists(st.booleans(), max_size=12)


def origins(kept: list[bool], n_before: int, skip: int) -> np.ndarray:
    """Origins of rows of now: every so many of before are passed over."""
    earlier = iter(range(skip, n_before, 1 + skip))
    return np.array([next(earlier, -1) if is_kept else -1 for is_kept in kept], np.int64)


@given(before=STRINGS, kept=KEPT, skip=st.integers(0, 2))
def test_strings_are_those_of_a_plain_loop(
    before: list[bytes], kept: list[bool], skip: int
) -> None:
    """Earlier strings by their origins, fresh ones in order."""
    origin = origins(kept, len(before), skip)
    fresh = [b"new%d" % number for number in range(int((origin < 0).sum()))]
    rest = iter(fresh)
    expected = [before[row] if row >= 0 else next(rest) for row in origin.tolist()]
    data, offsets = strings_of(*pack(before), origin, fresh)
    assert list(Blob(data, offsets)) == expected


@given(n_before=st.integers(0, 9), kept=KEPT, skip=st.integers(0, 2))
def test_rows_and_their_new_numbers(n_before: int, kept: list[bool], skip: int) -> None:
    """Rows follow their origins, and each origin is told where its row went."""
    origin = origins(kept, n_before, skip)
    before = np.arange(n_before) + 100
    fresh = -1 - np.arange(int((origin < 0).sum()))
    found = rows_of(before, origin, fresh)
    rest = iter(fresh.tolist())
    assert found.tolist() == [100 + row if row >= 0 else next(rest) for row in origin.tolist()]
    rows = moved(origin, n_before)
    assert rows[-1] == -1
    assert all(rows[row] == now for now, row in enumerate(origin.tolist()) if row >= 0)
    assert int((rows >= 0).sum()) == int((origin >= 0).sum())


def test_lists_in_parallel_arrays_move_together() -> None:
    """Keys and values of a matrix, with a row replaced and one put in front."""
    keys, values = np.array([1, 2, 3], np.int32), np.array([0.1, 0.2, 0.3], np.float32)
    (new_keys, new_values), starts = lists_of(
        [keys, values],
        np.array([0, 2, 2, 3]),
        np.array([-1, 0, -1, 2]),
        [[[9], []], [[0.9], []]],
    )
    assert (new_keys.tolist(), starts.tolist()) == ([9, 1, 2, 3], [0, 1, 3, 3, 4])
    np.testing.assert_array_equal(new_values, np.array([0.9, 0.1, 0.2, 0.3], np.float32))
