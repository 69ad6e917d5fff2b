"""Counted terms: how often each word and each pair of words stands in a document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Weights are small whole numbers: they travel in the lowest bits of a sort key.
WEIGHT_BITS = 4
#: Term numbers within one call fit in so many bits.
TERM_BITS = 24
#: The document's number takes the bits that are left beside two terms.
MAX_DOCUMENTS = 1 << (63 - WEIGHT_BITS - 2 * TERM_BITS)
_WEIGHT_MASK = (1 << WEIGHT_BITS) - 1
_TERM_MASK = (1 << TERM_BITS) - 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct keys with their counts, a row a document.

    Attributes:
        starts: int64, shape (n + 1,); row ``i`` is ``starts[i]:starts[i + 1]``.
        keys: int64, ascending within a row, distinct within a row.
        counts: int32, at least 1.
    """

    starts: NDArray[np.int64]
    keys: NDArray[np.int64]
    counts: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted terms of some documents; keys are positions in ``terms``.

    Attributes:
        terms: The distinct terms, in no particular order.
        readable: The form in which to show each term.
        words: Terms, with weighted occurrences.
        pairs: Adjacent terms as ``first << 32 | second``, with weighted occurrences.
        titles: Terms of the titles, with plain occurrences.
    """

    terms: list[str]
    readable: list[str]
    words: Rows
    pairs: Rows
    titles: Rows


def count_rows(
    documents: NDArray[np.int64],
    keys: NDArray[np.int64],
    weights: NDArray[np.int64],
    n_documents: int,
    key_bits: int,
) -> Rows:
    """Sum weights by document and key.

    One sort of packed integers does it: the document in the highest bits, then
    the key, then the weight.

    Args:
        documents: Document of each occurrence, 0 to ``n_documents - 1``.
        keys: Key of each occurrence, below ``2 ** key_bits``.
        weights: Weight of each occurrence, 1 to 15.
        n_documents: Number of rows.
        key_bits: Bits that a key takes.
    """
    packed = (((documents << key_bits) | keys) << WEIGHT_BITS) | weights
    packed.sort()
    groups = packed >> WEIGHT_BITS
    first = np.empty(len(groups), bool)
    first[:1] = True
    np.not_equal(groups[1:], groups[:-1], out=first[1:])
    (begin,) = np.nonzero(first)
    groups = groups[begin]
    counts = np.add.reduceat(packed & _WEIGHT_MASK, begin) if len(begin) else np.empty(0, np.int64)
    starts = np.searchsorted(groups >> key_bits, np.arange(n_documents + 1))
    return Rows(starts, groups & ((1 << key_bits) - 1), counts.astype(np.int32))


def pack_pairs(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two term numbers of one call as one key of ``2 * TERM_BITS`` bits."""
    return (first << TERM_BITS) | second


def widen_pairs(rows: Rows) -> Rows:
    """The same rows with keys as ``first << 32 | second``."""
    keys = ((rows.keys >> TERM_BITS) << 32) | (rows.keys & _TERM_MASK)
    return Rows(rows.starts, keys, rows.counts)
