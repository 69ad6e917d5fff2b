"""The tally: counted terms of a whole archive, block by block, then sealed.

Blocks may come in any size and from any process: what the tally is sealed to
depends on the documents and their order alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.pairs import leave_out_lone, number_pairs
from related_posts.text.counts import Counts
from related_posts.vocabulary import Entries, Vocabulary, to_csr


@dataclass(frozen=True, slots=True)
class SealedTally:
    """Counted terms of an archive under its vocabulary.

    Attributes:
        vocabulary: The columns.
        counts: float32 CSR, shape (n, n_terms): weighted occurrences.
        titles: float32 CSR, shape (n, n_terms): occurrences in titles.
        document_frequency: int64, shape (n_terms,): documents with each term.
    """

    vocabulary: Vocabulary
    counts: csr_array
    titles: csr_array
    document_frequency: NDArray[np.int64]


class Tally:
    """Collects counted terms.

    Args:
        terms: Terms that have numbers already, from 0 on, each with the form in which to show
            it. Those that no document holds play no part.
    """

    def __init__(self, terms: Iterable[tuple[str, str]] = ()) -> None:
        self._numbers: dict[str, int] = {}
        self._readable: list[str] = []
        for term, shown in terms:
            self._numbers[term] = len(self._readable)
            self._readable.append(shown)
        self._changed: set[int] = set()
        self._words: list[Entries] = []
        self._pairs: list[Entries] = []
        self._titles: list[Entries] = []

    def __len__(self) -> int:
        """How many terms have numbers."""
        return len(self._readable)

    def changed(self) -> list[tuple[int, str, str]]:
        """Number, term and form of those new or changed since this was last asked."""
        strings = list(self._numbers)
        found = [(each, strings[each], self._readable[each]) for each in sorted(self._changed)]
        self._changed.clear()
        return found

    def number(self, counts: Counts) -> NDArray[np.int64]:
        """The number of each of some counted terms; new ones get the next numbers."""
        readable = self._readable
        get, new = self._numbers.get, self._numbers.setdefault
        numbers = [get(term, -1) for term in counts.terms]
        for position, shown in enumerate(counts.readable):
            number = numbers[position]
            if number < 0:
                numbers[position] = new(counts.terms[position], len(readable))
                readable.append(shown)
                self._changed.add(numbers[position])
            elif shown != readable[number] and _shortest(shown) < _shortest(readable[number]):
                readable[number] = shown
                self._changed.add(number)
        return np.array(numbers, np.int64)

    def add(self, counts: Counts) -> None:
        """Add the next documents."""
        local = self.number(counts)
        words, titles = (
            Entries.of_rows(rows.starts, local[rows.keys].astype(np.int32), rows.counts)
            for rows in (counts.words, counts.titles)
        )
        first, second = counts.pairs.keys >> 32, counts.pairs.keys & 0xFFFFFFFF
        keys = (local[first] << 32) | local[second]
        pairs = Entries.of_rows(counts.pairs.starts, keys, counts.pairs.counts)
        self.add_numbered(words, pairs, titles)

    def add_numbered(self, words: Entries, pairs: Entries, titles: Entries) -> None:
        """Add the next documents, whose terms have their numbers.

        Args:
            words: Numbers of words, distinct within a row.
            pairs: Pairs as ``first << 32 | second``, likewise.
            titles: Numbers of words of the titles, likewise.
        """
        self._words.append(words)
        self._pairs.append(pairs)
        self._titles.append(titles)

    def seal(self, min_df: int = 2) -> SealedTally:
        """Fix the vocabulary and count under it; the tally is used up.

        Args:
            min_df: Documents that a term must stand in to get a column, at least 1.
        """
        words, titles = Entries.joined(self._words), Entries.joined(self._titles)
        frequency = np.bincount(words.keys, minlength=len(self._numbers))
        strings = list(self._numbers)
        (kept,) = np.nonzero(frequency >= min_df)
        ordered = sorted(kept.tolist(), key=strings.__getitem__)
        column = np.full(len(strings), -1, np.int64)
        column[ordered] = np.arange(len(ordered))
        words, titles = words.renumbered(column), titles.renumbered(column)
        leave_out_lone(self._pairs, min_df)
        pairs, pair_columns, pair_frequency = number_pairs(self._pairs, column, min_df)
        vocabulary = Vocabulary(
            [strings[number] for number in ordered],
            [self._readable[number] for number in ordered],
            pair_columns,
        )
        none = Entries(np.zeros_like(titles.lengths), titles.keys[:0], titles.counts[:0])
        return SealedTally(
            vocabulary=vocabulary,
            counts=to_csr(words, pairs, len(vocabulary)),
            titles=to_csr(titles, none, len(vocabulary)),
            document_frequency=np.concatenate([frequency[ordered], pair_frequency]),
        )

    def seal_under(self, vocabulary: Vocabulary) -> tuple[csr_array, csr_array]:
        """Count under the columns of an earlier vocabulary; the tally is used up.

        Returns:
            Counts and occurrences in titles, as in :class:`SealedTally`; terms without a
            column are left out.
        """
        column = np.array([vocabulary.column(term) for term in self._numbers], np.int64)
        words = Entries.joined(self._words).renumbered(column)
        titles = Entries.joined(self._titles).renumbered(column)
        pairs = vocabulary.renumbered_pairs(Entries.joined(self._pairs), column)
        none = Entries(np.zeros_like(titles.lengths), titles.keys[:0], titles.counts[:0])
        n_terms = len(vocabulary)
        return to_csr(words, pairs, n_terms), to_csr(titles, none, n_terms)


def _shortest(word: str) -> tuple[int, str]:
    return len(word), word
