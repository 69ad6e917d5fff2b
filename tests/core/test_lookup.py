"""The hash table in arrays, against a dict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from related_posts import lookup
from related_posts.blobs import Blob, pack
from related_posts.lookup import Lookup, amended, build, hash_key


def reader(arrays: dict[str, NDArray[Any]]) -> Lookup:
    """A table read from its arrays."""
    keys = Blob(arrays["lookup_keys"], arrays["lookup_offsets"])
    return Lookup(arrays["lookup_slots"], keys, arrays["lookup_rows"])


@given(
    st.lists(st.tuples(st.binary(max_size=4), st.integers(0, 2**31 - 1)), max_size=80),
    st.lists(st.binary(max_size=4)),
)
@settings(deadline=None)
def test_a_table_answers_like_a_dict(entries: list[tuple[bytes, int]], others: list[bytes]) -> None:
    """Every key leads to its first row, and no other key to any."""
    table = reader(build(entries))
    expected = dict(reversed(entries))
    assert len(table) == len(expected)
    for key in [*expected, *others]:
        assert table.get(key) == expected.get(key)


@given(
    before=st.dictionaries(st.binary(max_size=2), st.integers(0, 9), max_size=30),
    moved=st.lists(st.integers(-1, 20), min_size=10, max_size=10),
    entries=st.dictionaries(st.binary(max_size=2), st.integers(0, 20), max_size=30),
)
@settings(deadline=None)
def test_an_amended_table_answers_like_an_amended_dict(
    before: dict[bytes, int], moved: list[int], entries: dict[bytes, int]
) -> None:
    """Rows move, those of -1 are gone, and new entries stand; again and again."""
    rows = np.array([*moved, -1], np.int32)
    arrays, expected = build(before.items()), before
    for _ in range(3):
        arrays = amended(arrays, rows, entries)
        table = reader(arrays)
        there = {key: moved[row] for key, row in expected.items() if moved[row] >= 0}
        expected = {**there, **entries}
        for key in [*before, *entries, b"another"]:
            assert table.get(key) == expected.get(key)
        rows = np.arange(22, dtype=np.int32)
        rows[-1] = -1
        moved = rows.tolist()
    assert 2 * len(table) <= len(arrays["lookup_slots"])


@pytest.mark.parametrize("place", [0, 1, 63, 127, 2**64 - 1])
def test_keys_that_fall_on_one_place_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """A hash that is always the same makes the table slow and never wrong, also at its end."""
    monkeypatch.setattr(lookup, "hash_key", lambda key: place)
    table = reader(build((f"key {i}".encode(), i) for i in range(50)))
    assert [table.get(f"key {i}".encode()) for i in range(50)] == list(range(50))
    assert table.get(b"key 50") is None


def test_a_table_without_keys_finds_nothing() -> None:
    """An empty version can be asked."""
    assert reader(build([])).get(b"") is None


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 127, 128, 129, 1000])
def test_at_most_half_of_the_places_are_taken(n: int) -> None:
    """The table is a power of two of places, at most half and at least a quarter of them taken."""
    slots = build((b"%d" % i, i) for i in range(n))["lookup_slots"]
    assert len(slots).bit_count() == 1
    assert 2 * n <= len(slots) <= 4 * n
    assert np.count_nonzero(slots) == n


def test_hashes_are_stable() -> None:
    """Tables are stored in versions, so the hash is a promise."""
    assert hash_key(b"i/2014/x/") == 0x7ECAC90932B6F992


def test_equal_entries_make_equal_arrays() -> None:
    """Building twice gives the same bytes."""
    one, other = (build([(b"a", 1), (b"b", 2)]) for _ in range(2))
    assert all((one[name] == other[name]).all() for name in one)


def test_a_damaged_table_comes_to_an_end() -> None:
    """A table without a free place, which none has when built, is noticed in the end."""
    arrays = build([(b"a", 1), (b"b", 2)])
    arrays["lookup_slots"][:] = 1
    with pytest.raises(IndexError, match="no free place"):
        reader(arrays).get(b"c")


def test_a_damaged_table_that_points_outside_is_noticed() -> None:
    """A place that names an entry that does not exist is an error, not another post."""
    arrays = build([(b"a", 1)])
    arrays["lookup_slots"][:] = 7
    with pytest.raises(IndexError):
        reader(arrays).get(b"a")


@pytest.mark.parametrize(
    ("slots", "n_keys", "rows"),
    [
        (np.zeros(3, np.uint32), 1, np.zeros(1, np.int32)),
        (np.zeros(0, np.uint32), 0, np.zeros(0, np.int32)),
        (np.zeros(2, np.uint64), 1, np.zeros(1, np.int32)),
        (np.zeros(2, np.uint32), 1, np.zeros(2, np.int32)),
        (np.zeros(2, np.uint32), 1, np.zeros(1, np.int64)),
        (np.zeros(2, np.uint32), 2, np.zeros(2, np.int32)),
    ],
)
def test_arrays_that_are_no_table_are_refused(
    slots: NDArray[Any], n_keys: int, rows: NDArray[Any]
) -> None:
    """Sizes and types that cannot be one table raise when it is opened."""
    with pytest.raises(ValueError, match="table"):
        Lookup(slots, Blob(*pack([b"k"] * n_keys)), rows)


def test_a_closed_table_answers_nothing() -> None:
    """After closing, asking is an error and not a wrong answer."""
    with pytest.raises(ValueError, match="released"):
        Lookup.closed().get(b"a")
