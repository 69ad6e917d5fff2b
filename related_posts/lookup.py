"""A hash table in arrays: bytes to row, mapped from a file and never loaded.

``slots`` is a table of a power of two places, at most half of them taken: 0 is
a free place, anything else an entry's number plus 1. An entry's key is kept
and compared, so a hash is never trusted. A key's search starts at its hash
modulo the number of places and goes on place by place until a free one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from related_posts.blobs import Blob, pack


def hash_key(key: bytes) -> int:
    """The first eight bytes of BLAKE2b: the same on every machine and in every release."""
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little")


def first_of_each(keys: Iterable[tuple[bytes, int]]) -> dict[bytes, int]:
    """Key to row, in the order of the keys; of entries with the same key the first one counts."""
    entries: dict[bytes, int] = {}
    for key, row in keys:
        entries.setdefault(key, row)
    return entries


def build(keys: Iterable[tuple[bytes, int]]) -> dict[str, NDArray[Any]]:
    """Make the arrays of a table.

    Args:
        keys: Key and row; of entries with the same key the first one counts.

    Returns:
        ``lookup_slots`` uint32, ``lookup_keys`` uint8, ``lookup_offsets``
        uint64 and ``lookup_rows`` int32, as in :mod:`related_posts.layout`.
        Equal input gives equal arrays.

    O(number of keys), about a microsecond each.
    """
    entries = first_of_each(keys)
    n_slots = 1 << max(1, (2 * len(entries) - 1).bit_length())
    mask = n_slots - 1
    slots = [0] * n_slots
    for entry, key in enumerate(entries, start=1):
        place = hash_key(key) & mask
        while slots[place]:
            place = (place + 1) & mask
        slots[place] = entry
    data, offsets = pack(entries)
    return {
        "lookup_slots": np.array(slots, dtype=np.uint32),
        "lookup_keys": data,
        "lookup_offsets": offsets,
        "lookup_rows": np.fromiter(entries.values(), dtype=np.int32, count=len(entries)),
    }


def amended(
    arrays: Mapping[str, NDArray[Any]], rows: NDArray[np.int32], entries: Mapping[bytes, int]
) -> dict[str, NDArray[Any]]:
    """The arrays of a table of which some keys changed; what is no key any more leads to row -1.

    Args:
        arrays: Those of the earlier table.
        rows: The row of now of each earlier row, -1 for those whose keys are all among
            ``entries`` or gone, and -1 at the end.
        entries: New keys and changed ones, with their rows.
    """
    slots, keys = arrays["lookup_slots"], Blob(arrays["lookup_keys"], arrays["lookup_offsets"])
    found = rows[arrays["lookup_rows"]]
    n_slots = len(slots)
    table = Lookup(slots, keys, arrays["lookup_rows"])
    added: dict[bytes, int] = {}
    for key, row in entries.items():
        entry = table.entry(key)
        if entry is None:
            added[key] = row
        else:
            found[entry] = row
    if 2 * (len(keys) + len(added)) > n_slots:
        live = ((key, row) for key, row in zip(keys, found.tolist(), strict=True) if row >= 0)
        return build([*live, *added.items()])
    slots = slots.copy()
    for entry, key in enumerate(added, start=len(keys) + 1):
        place = hash_key(key) & (n_slots - 1)
        while slots[place]:
            place = (place + 1) & (n_slots - 1)
        slots[place] = entry
    data, offsets = pack(added)
    return {
        "lookup_slots": slots,
        "lookup_keys": np.concatenate([arrays["lookup_keys"], data]),
        "lookup_offsets": np.concatenate(
            [arrays["lookup_offsets"], offsets[1:] + arrays["lookup_offsets"][-1]]
        ),
        "lookup_rows": np.concatenate([found, np.array([*added.values()], np.int32)]),
    }


class Lookup:
    """Reader of a table; safe for any number of threads.

    Args:
        slots: The places, shape (2**m,), uint32.
        keys: The entries' keys.
        rows: The entries' rows, int32; -1 for a key that leads nowhere any more.

    Raises:
        ValueError: The arrays cannot be one table.
    """

    __slots__ = ("_keys", "_mask", "_rows", "_slots")

    def __init__(self, slots: NDArray[Any], keys: Blob, rows: NDArray[Any]) -> None:
        n_slots = len(slots)
        if slots.dtype != np.uint32 or slots.ndim != 1 or n_slots.bit_count() != 1:
            raise ValueError("the table is not a power of two of uint32 places")
        if rows.dtype != np.int32 or rows.shape != (len(keys),) or 2 * len(keys) > n_slots:
            raise ValueError(
                f"a table of {n_slots} places, {len(keys)} keys and {len(rows)} rows does not fit"
            )
        self._slots = slots.data
        self._keys = keys
        self._rows = rows.data
        self._mask = n_slots - 1

    @classmethod
    def closed(cls) -> Self:
        """A table that holds nothing and answers every question with ``ValueError``."""
        lookup = cls(np.zeros(2, np.uint32), Blob.closed(), np.zeros(0, np.int32))
        lookup._slots.release()
        return lookup

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, key: bytes) -> int | None:
        """The row of a key, or None.

        Raises:
            IndexError: The table is damaged and points outside itself.
        """
        entry = self.entry(key)
        row: int = -1 if entry is None else self._rows[entry]
        return row if row >= 0 else None

    def entry(self, key: bytes) -> int | None:
        """The number of a key's entry, or None; its row may be -1.

        Raises:
            IndexError: The table is damaged and points outside itself.
        """
        slots, mask = self._slots, self._mask
        place = hash_key(key) & mask
        # A sound table has a free place; a damaged one must still come to an end.
        for _ in range(mask + 1):
            entry: int = slots[place]
            if entry == 0:
                return None
            if self._keys[entry - 1] == key:
                return entry - 1
            place = (place + 1) & mask
        raise IndexError("the table has no free place")
