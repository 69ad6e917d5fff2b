"""The analyzer: documents to counted terms, the same for training and queries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from related_posts.text.counts import (
    MAX_DOCUMENTS,
    TERM_BITS,
    WEIGHT_BITS,
    Counts,
    count_rows,
    pack_pairs,
    widen_pairs,
)
from related_posts.text.document import Document
from related_posts.text.lexicon import Lexicon, Terms, pieces
from related_posts.text.stem import LIBRARY

#: Goes up with each change that gives other terms for the same text.
ANALYZER_VERSION = 6
#: A field may count so often at the most.
MAX_REPEATS = (1 << WEIGHT_BITS) - 1


@dataclass(frozen=True, slots=True)
class Fields:
    """How often each field of a post counts, 0 to 15.

    Attributes:
        title: Occurrences that a title's word counts for.
        tag: Occurrences that a word of a tag or category counts for.
        heading: Occurrences that a heading's word counts for, beside the one
            it has as part of the body.
    """

    title: int = 2
    tag: int = 5
    heading: int = 1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 0 <= value <= MAX_REPEATS:
                raise ValueError(f"{name} repeats {value}: must be 0 to {MAX_REPEATS}")


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """Terms of a text in order, function words left out.

    ``segments`` numbers the piece of text (a title, a block, a tag) that each
    term stands in; ``owners``, ``weights`` and ``in_title`` are by segment.
    """

    numbers: NDArray[np.int32]
    segments: NDArray[np.int64]
    owners: NDArray[np.int64]
    weights: NDArray[np.int64]
    in_title: NDArray[np.bool_]


class Analyzer:
    """Documents to counted terms.

    It remembers the words it has met and grows with the vocabulary; results
    do not depend on what was met before. Not safe to share between threads.

    Args:
        fields: How often each field counts.
    """

    def __init__(self, fields: Fields | None = None) -> None:
        self.fields = fields or Fields()
        self._terms = Terms()
        self._lexicons: dict[str, Lexicon] = {}

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits, equal where the same text gives the same terms."""
        facts = (ANALYZER_VERSION, LIBRARY, sorted(asdict(self.fields).items()))
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    @property
    def n_terms(self) -> int:
        """How many different terms it remembers."""
        return len(self._terms.strings)

    def count(self, documents: Sequence[Document]) -> Counts:
        """Count words, pairs of adjacent words, and title words.

        Function words are left out first, so ``state of the art`` holds the
        pair *state art*. Pairs do not reach across segments.

        Args:
            documents: At most 2,048.

        Raises:
            ValueError: More documents than fit one call.
        """
        if len(documents) > MAX_DOCUMENTS:
            raise ValueError(f"{len(documents)} documents at once; at most {MAX_DOCUMENTS} fit")
        found = self._occurrences(documents)
        n = len(documents)
        used, local = self._localise(found.numbers)
        owners, weights = found.owners[found.segments], found.weights[found.segments]
        words = count_rows(owners, local, weights, n, TERM_BITS)
        (first,) = np.nonzero(self._starts_pair(found))
        pairs = count_rows(
            owners[first],
            pack_pairs(local[first], local[first + 1]),
            weights[first],
            n,
            2 * TERM_BITS,
        )
        (titled,) = np.nonzero(found.in_title[found.segments])
        ones = np.ones(len(titled), np.int64)
        titles = count_rows(owners[titled], local[titled], ones, n, TERM_BITS)
        strings, readable = self._terms.strings, self._terms.readable
        return Counts(
            terms=[strings[number] for number in used],
            readable=[readable[number] for number in used],
            words=words,
            pairs=widen_pairs(pairs),
            titles=titles,
        )

    def _occurrences(self, documents: Sequence[Document]) -> _Occurrences:
        by_language: dict[str, list[int]] = {}
        for row, document in enumerate(documents):
            by_language.setdefault(document.language, []).append(row)
        numbers: list[NDArray[np.int32]] = []
        segments: list[NDArray[np.int64]] = []
        owners: list[int] = []
        weights: list[int] = []
        in_title: list[bool] = []
        for language, rows in by_language.items():
            stream: list[str] = []
            lengths: list[int] = []
            n_before = len(owners)
            for row in rows:
                for text, weight, is_title in self._segments(documents[row]):
                    split = pieces(text, language)
                    stream += split
                    lengths.append(len(split))
                    owners.append(row)
                    weights.append(weight)
                    in_title.append(is_title)
            of_piece = np.repeat(np.arange(n_before, len(owners)), lengths)
            found, places = self._lexicon(language).expand(stream)
            numbers.append(found)
            segments.append(of_piece[places])
        return _Occurrences(
            np.concatenate(numbers) if numbers else np.empty(0, np.int32),
            np.concatenate(segments) if segments else np.empty(0, np.int64),
            np.array(owners, np.int64),
            np.array(weights, np.int64),
            np.array(in_title, bool),
        )

    def _segments(self, document: Document) -> list[tuple[str, int, bool]]:
        fields = self.fields
        segments = [(block, 1, False) for block in document.blocks]
        if fields.title:
            segments.append((document.title, fields.title, True))
        if fields.heading:
            segments += [(heading, fields.heading, False) for heading in document.headings]
        if fields.tag:
            segments += [(tag, fields.tag, False) for tag in document.tags]
        return segments

    def _lexicon(self, language: str) -> Lexicon:
        lexicon = self._lexicons.get(language)
        if lexicon is None:
            lexicon = self._lexicons[language] = Lexicon(language, self._terms)
        lexicon.forget()
        return lexicon

    def _localise(self, numbers: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Distinct numbers, and each occurrence's position among them."""
        met = np.zeros(len(self._terms.strings), bool)
        met[numbers] = True
        (used,) = np.nonzero(met)
        local = np.empty(len(met), np.int64)
        local[used] = np.arange(len(used))
        return used, local[numbers]

    def _starts_pair(self, found: _Occurrences) -> NDArray[np.bool_]:
        """Whether each occurrence and the next one are adjacent words.

        Two pairs of characters of one run overlap, so they say nothing more together; a word
        beside one (``React`` before Japanese) does.
        """
        if len(found.numbers) < 2:
            return np.zeros(0, bool)
        is_pair = np.frombuffer(self._terms.is_pair, np.int8).astype(bool)[found.numbers]
        same: NDArray[np.bool_] = found.segments[1:] == found.segments[:-1]
        return np.asarray(same & ~(is_pair[1:] & is_pair[:-1]))
