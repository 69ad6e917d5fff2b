"""The vocabulary: the terms that vectors have a column for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.text.counts import Counts, Rows
from related_posts.weighting import Weights

#: A term counts so often in a document at the most.
MOST_COUNTED = 65_535


@dataclass(frozen=True)
class Vocabulary:
    """Terms and their columns.

    Columns are the words in code-point order, then the pairs in the order of
    their words. A word whose pair has a column has one itself.

    Attributes:
        words: Stems, shape (n_words,).
        readable: The form in which to show each word.
        pairs: int32, shape (n_pairs, 2): columns of the two words, ascending.
    """

    words: list[str]
    readable: list[str]
    pairs: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.words) + len(self.pairs)

    def names(self) -> list[str]:
        """Every term as text, in the order of the columns; pairs with a space between."""
        words = self.words
        return words + [f"{words[a]} {words[b]}" for a, b in self.pairs.tolist()]

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        pairs = self.pairs.astype(np.int64)
        return (pairs[:, 0] << 32) | pairs[:, 1]

    def project(self, counts: Counts) -> csr_array:
        """Counted documents as rows under this vocabulary; other terms are left out.

        Returns:
            float32 CSR, shape (n, n_terms), indices sorted.
        """
        columns = self._columns
        column = np.fromiter(
            map(columns.get, counts.terms, repeat(-1)), np.int64, len(counts.terms)
        )
        words = Entries.of_rows(counts.words.starts, counts.words.keys, counts.words.counts)
        words = words.renumbered(column)
        pairs = Entries.of_rows(counts.pairs.starts, counts.pairs.keys, counts.pairs.counts)
        return to_csr(words, self.renumbered_pairs(pairs, column), len(self))

    def project_titles(self, counts: Counts) -> csr_array:
        """Words of the documents' titles as rows under this vocabulary, see :meth:`project`."""
        columns = self._columns
        column = np.fromiter(
            map(columns.get, counts.terms, repeat(-1)), np.int64, len(counts.terms)
        )
        titles = Entries.of_rows(counts.titles.starts, counts.titles.keys, counts.titles.counts)
        titles = titles.renumbered(column)
        none = Entries(np.zeros_like(titles.lengths), titles.keys[:0], titles.counts[:0])
        return to_csr(titles, none, len(self))

    def column(self, word: str) -> int:
        """A word's column, or -1."""
        return self._columns.get(word, -1)

    def renumbered_pairs(self, pairs: Entries, column: NDArray[np.int64]) -> Entries:
        """Pairs as ``first << 32 | second`` under their columns; others are left out.

        Args:
            pairs: Pairs of words by any numbers.
            column: Column of each such number, -1 for none.
        """
        columns = self._pair_columns(pairs.keys, column)
        known = columns >= 0
        return pairs.selected(known, columns[known].astype(np.int32))

    def _pair_columns(self, keys: NDArray[Any], column: NDArray[np.int64]) -> NDArray[np.int64]:
        """Column of each pair of words by any numbers, -1 for none."""
        first, second = column[keys >> 32], column[keys & 0xFFFFFFFF]
        codes = np.where((first >= 0) & (second >= 0), (first << 32) | second, -1)
        place = np.searchsorted(self._codes, codes)
        place[place == len(self._codes)] = 0
        known = self._codes[place] == codes if len(self._codes) else np.zeros(len(codes), bool)
        return np.where(known, place + len(self.words), -1)

    def project_one(self, counts: Counts) -> tuple[Weights, Weights]:
        """One counted document under this vocabulary, as :meth:`project` has it in a row.

        Returns:
            The counts of its terms, and those of its title's words.
        """
        columns, terms = self._columns, counts.terms
        column = np.fromiter(map(columns.get, terms, repeat(-1)), np.int64, len(terms))
        words, pairs, titles = (
            _known(found, rows)
            for found, rows in (
                (column[counts.words.keys], counts.words),
                (self._pair_columns(counts.pairs.keys, column), counts.pairs),
                (column[counts.titles.keys], counts.titles),
            )
        )
        # Every pair's column is behind every word's.
        both = Weights(
            np.concatenate([words.indices, pairs.indices]),
            np.concatenate([words.data, pairs.data]),
        )
        return both, titles


def _known(columns: NDArray[np.int64], rows: Rows) -> Weights:
    """Counts of the one row by ascending column; columns below 0 are left out."""
    order = np.argsort(columns)
    order = order[np.searchsorted(columns[order], 0) :]
    counts = np.minimum(rows.counts[order], MOST_COUNTED)
    return Weights(columns[order].astype(np.int32), counts.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys with counts, a row a document, rows one after another.

    Attributes:
        lengths: int32, shape (n,): entries of each row.
        keys: Any integers, shape (n_entries,).
        counts: uint16, shape (n_entries,).
    """

    lengths: NDArray[np.int32]
    keys: NDArray[np.int32] | NDArray[np.int64]
    counts: NDArray[np.uint16]

    @classmethod
    def of_rows(
        cls,
        starts: NDArray[np.int64],
        keys: NDArray[np.int32] | NDArray[np.int64],
        counts: NDArray[np.int32],
    ) -> Entries:
        """Entries of counted rows; counts above :data:`MOST_COUNTED` stay there."""
        capped = np.minimum(counts, MOST_COUNTED).astype(np.uint16)
        return cls(np.diff(starts).astype(np.int32), keys, capped)

    @classmethod
    def joined(cls, parts: list[Entries]) -> Entries:
        """All rows of all parts; the list is emptied, as it is the bulk of the memory."""
        if not parts:
            return cls(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.uint16))
        joined = cls(
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.counts for part in parts]),
        )
        parts.clear()
        return joined

    def documents(self) -> NDArray[np.int32]:
        """Row of each entry."""
        return np.repeat(np.arange(len(self.lengths), dtype=np.int32), self.lengths)

    def selected(
        self, chosen: NDArray[np.bool_], keys: NDArray[np.int32] | NDArray[np.int64]
    ) -> Entries:
        """The chosen entries, under new keys."""
        lengths = np.bincount(self.documents()[chosen], minlength=len(self.lengths))
        return Entries(lengths.astype(np.int32), keys, self.counts[chosen])

    def renumbered(self, column: NDArray[np.int64]) -> Entries:
        """Keys replaced by their columns; those with -1 are left out."""
        columns = column[self.keys]
        chosen = columns >= 0
        return self.selected(chosen, columns[chosen].astype(np.int32))


def to_csr(words: Entries, pairs: Entries, n_terms: int) -> csr_array:
    """Rows of words and pairs as one float32 CSR matrix with sorted indices.

    Every key of ``pairs`` is above every key of ``words``.
    """
    n = len(words.lengths)
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(words.lengths.astype(np.int64) + pairs.lengths, out=indptr[1:])
    indices = np.empty(indptr[-1], np.int32)
    data = np.empty(indptr[-1], np.float32)
    shift = np.zeros(n, np.int64)
    for entries in (words, pairs):
        before = np.cumsum(entries.lengths, dtype=np.int64) - entries.lengths
        place = np.arange(len(entries.keys)) + np.repeat(
            indptr[:-1] + shift - before, entries.lengths
        )
        indices[place] = entries.keys
        data[place] = entries.counts
        shift = shift + entries.lengths
    matrix = csr_array((data, indices, indptr), shape=(n, n_terms))
    matrix.sort_indices()
    return matrix
