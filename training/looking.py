"""Looking at single posts: what a build finds out about each, for those few that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.archive.snapshot import Snapshot
from related_posts.text.detection import settle
from related_posts.weighting import title_shares, weigh
from training.analysis import BLOCK, analyse, first_look
from training.frozen import Frozen
from training.records import Facts
from training.repetition import Repeated, Sentences
from training.settings import TrainingSettings
from training.ties import Marked, marks_of

#: More are as quickly looked up in the cache, and all others with them.
MOST = 2_000

Terms = tuple[NDArray[np.int32], NDArray[np.float32]]


class TooManyError(Exception):
    """So much depends on what changed that a build of everything is as quick."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out about one post.

    Attributes:
        facts: The facts of its block.
        at: Which of them are its own.
        language: Its language.
        vector: Columns and weights of its vector, before smoothing.
        title: Columns and shares of its title's words.
        marks: Its ties, ascending.
    """

    facts: Facts
    at: int
    language: str
    vector: Terms
    title: Terms
    marks: NDArray[np.uint64]


class Look:
    """Looks at posts of one snapshot under frozen statistics, at each once.

    Args:
        snapshot: The archive.
        ids: Of all posts, in row order.
        kept: The statistics.
        settings: How to build.
        translated: Whether to look for what tells translations.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        ids: Sequence[str],
        kept: Frozen,
        settings: TrainingSettings,
        *,
        translated: bool,
    ) -> None:
        self._snapshot, self._ids = snapshot, ids
        self._kept, self._settings, self._translated = kept, settings, translated
        self._weighed = kept.weighed(settings.idf_power)
        self._seen: dict[int, Seen] = {}

    def __len__(self) -> int:
        """How many posts were looked at."""
        return len(self._seen)

    def __getitem__(self, row: int) -> Seen:
        """What was found out about a post that was looked at."""
        return self._seen[row]

    def at(self, rows: Iterable[int]) -> list[Seen]:
        """Look at posts.

        Raises:
            TooManyError: They are too many.
        """
        rows = list(rows)
        missing = sorted({*rows} - self._seen.keys())
        if len(missing) + len(self._seen) > MOST:
            raise TooManyError
        for start in range(0, len(missing), BLOCK):
            self._look(missing[start : start + BLOCK])
        return [self._seen[row] for row in rows]

    def _look(self, rows: list[int]) -> None:
        settings, kept, n = self._settings, self._kept, len(rows)
        posts = self._snapshot.posts([self._ids[row] for row in rows])
        wanted = settings.boilerplate_posts > 0
        (looks,) = first_look([posts], n, 1, boilerplate=wanted)
        languages = settle([look.evidence for look in looks], kept.usage)
        marks = Repeated(np.array(kept.index.boilerplate)).marks(
            Sentences.joined([look.sentences for look in looks])
        )
        (block,) = analyse(
            [posts],
            [languages],
            [marks],
            n,
            settings.fields,
            settings.site,
            1,
            former=settings.former_sites,
            translated=self._translated,
        )
        facts = Facts(
            items=block.items,
            addresses=[
                address._replace(row=row)
                for address, row in zip(block.addresses, rows, strict=True)
            ],
            facets=block.facets,
            days=block.days.tolist(),
            links=block.links,
            outlines=block.outlines,
            numbers=block.numbers.tolist(),
            wordpress=block.wordpress,
            prints=block.prints,
            parts=block.parts,
            dropped=block.dropped,
        )
        weighed = self._weighed
        vectors = weigh(kept.vocabulary.project(block.counts), weighed, settings.tf_power)
        titles = title_shares(kept.vocabulary.project_titles(block.counts), weighed)
        marked = (
            Marked(*each)
            for each in zip(
                facts.addresses,
                facts.links,
                facts.outlines,
                facts.prints,
                facts.parts,
                languages,
                strict=True,
            )
        )
        ties = marks_of(
            list(marked),
            kept.index.array("templates"),
            kept.index.array("common_things"),
            site=settings.site,
            former=settings.former_sites,
        )
        for at, (row, language, own) in enumerate(zip(rows, languages, ties, strict=True)):
            self._seen[row] = Seen(
                facts, at, language, terms_of(vectors, at), terms_of(titles, at), own
            )


def terms_of(matrix: csr_array, row: int) -> Terms:
    """Columns and values of one row."""
    inside = slice(*matrix.indptr[row : row + 2])
    return matrix.indices[inside], matrix.data[inside]


def matrix_of(rows: Iterable[Terms], n_terms: int) -> csr_array:
    """Rows as a float32 matrix."""
    every = list(rows)
    columns = [np.empty(0, np.int32), *(each for each, _ in every)]
    values = [np.empty(0, np.float32), *(each for _, each in every)]
    indptr = np.cumsum([0, *(len(each) for each, _ in every)])
    return csr_array(
        (np.concatenate(values), np.concatenate(columns), indptr), shape=(len(every), n_terms)
    )
