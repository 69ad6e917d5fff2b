"""Pairs of words in an archive: which of the many get a column.

All functions work part by part, since the pairs of a large archive, nearly all
of which stand in one post only, are the most that training ever holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from related_posts.vocabulary import Entries

#: Odd multiplier of a multiplicative hash (2**64 divided by the golden ratio).
_MIX = np.uint64(0x9E3779B97F4A7C15)


def leave_out_lone(parts: list[Entries], min_df: int) -> None:
    """Leave out most pairs that stand in one document only, in place.

    A hash tells them apart without sorting them all: an entry is kept where
    another falls into its bucket. Some of those do so by chance.

    Args:
        parts: Pairs as ``first << 32 | second``, distinct within a row.
        min_df: Documents that a pair must stand in; 1 leaves out none.
    """
    n_entries = sum(len(part.keys) for part in parts)
    if min_df < 2 or not n_entries:
        return
    bits = max(16, n_entries.bit_length() + 1)
    once, again = np.zeros(1 << bits, bool), np.zeros(1 << bits, bool)
    for part in parts:
        bucket = _bucket(part, bits)
        again[bucket[once[bucket]]] = True
        once[bucket] = True
        bucket.sort()
        again[bucket[1:][bucket[1:] == bucket[:-1]]] = True
    for position, part in enumerate(parts):
        chosen = again[_bucket(part, bits)]
        parts[position] = part.selected(chosen, part.keys[chosen])


def _bucket(part: Entries, bits: int) -> NDArray[np.int64]:
    mixed = part.keys.astype(np.int64, copy=False).view(np.uint64) * _MIX
    return (mixed >> np.uint64(64 - bits)).view(np.int64)


def number_pairs(
    parts: list[Entries], column: NDArray[np.int64], min_df: int
) -> tuple[Entries, NDArray[np.int32], NDArray[np.int64]]:
    """Give columns, behind those of the words, to pairs in enough documents.

    Args:
        parts: Pairs as ``first << 32 | second``; the list is emptied.
        column: Column of each word, -1 for none; pairs of such words get none.
        min_df: Documents that a pair must stand in, at least 1.

    Returns:
        The entries under their columns, the two words' columns of each pair,
        and the document frequency of each pair, both in the order of columns.
    """
    n_words = int((column >= 0).sum())
    for position, part in enumerate(parts):
        first, second = column[part.keys >> 32], column[part.keys & 0xFFFFFFFF]
        whole = (first >= 0) & (second >= 0)
        parts[position] = part.selected(whole, ((first << 32) | second)[whole])
    codes, frequency = _distinct(parts)
    kept = frequency >= min_df
    codes, frequency = codes[kept], frequency[kept]
    padded = np.append(codes, -1)  # a place behind the last code
    for position, part in enumerate(parts):
        place = np.searchsorted(codes, part.keys)
        known = padded[place] == part.keys
        parts[position] = part.selected(known, (place[known] + n_words).astype(np.int32))
    columns = np.stack([codes >> 32, codes & 0xFFFFFFFF], axis=1).astype(np.int32)
    return Entries.joined(parts), columns, frequency


def _distinct(parts: list[Entries]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct keys, ascending, and how often each stands."""
    keys = np.concatenate([np.empty(0, np.int64), *(part.keys for part in parts)])
    keys.sort()
    (begin,) = np.nonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return keys[begin], np.diff(np.append(begin, len(keys)))
