"""Frozen statistics: what a build takes from an earlier version, so that little has to change.

The vocabulary, the document frequencies, the sentences that are boilerplate and what holds back
hubs depend on all posts, but hardly on any one. While few posts have changed since they were
found, a build keeps them: then the vectors of most posts stay as they are to the last bit, and
so do most lists (:mod:`training.neighbours.updated`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.errors import StorageError, UnknownPostError
from related_posts.index import Index
from related_posts.text.analyzer import Analyzer
from related_posts.text.detection import Usage
from related_posts.vocabulary import Vocabulary
from related_posts.weighting import inverse_document_frequency
from training.neighbours.lists import Posts
from training.neighbours.updated import Kept
from training.settings import TrainingSettings

#: Libraries that decide what a build comes to.
LIBRARIES = ("numba", "numpy", "py3langid", "pystemmer", "scikit-learn", "scipy", "selectolax")

#: What a manifest's ``counts`` calls the figures of the last full build.
FULL = "full_build"

#: Arrays that a version built upon another takes from it as they are.
TAKEN = (
    *("terms", "terms_offsets", "readable", "readable_offsets", "pairs", "idf", "frequencies"),
    *("boilerplate", "templates", "common_things"),
)

#: Rows compared at a time.
_ROWS = 4_096


class Columns:
    """The columns of a version; how words are shown stays in the version.

    Args:
        vocabulary: What they are.
        frequencies: Documents with each.
    """

    def __init__(self, vocabulary: Vocabulary, frequencies: NDArray[np.int64]) -> None:
        self.vocabulary, self.frequencies = vocabulary, frequencies
        self._weighed: dict[tuple[int, float], NDArray[np.float64]] = {}

    def idf(self, n_posts: int) -> NDArray[np.float64]:
        """IDF among so many posts; not to be changed."""
        return self.weighed(n_posts, 1.0)

    def weighed(self, n_posts: int, power: float) -> NDArray[np.float64]:
        """IDF raised to a power, likewise."""
        key = n_posts, power
        if key not in self._weighed:
            idf = inverse_document_frequency(self.frequencies, n_posts)
            self._weighed = {key: idf if power == 1.0 else idf**power}
        return self._weighed[key]


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a build keeps of an earlier version.

    Attributes:
        index: The version.
        columns: Its columns, and in how many posts each was when they were last counted.
        n_posts: Posts there were then.
        n_changed: Posts added, changed and deleted since then.
        usual: How good neighbours were on average then.
        usage: Which languages the blog was written in then.
    """

    index: Index
    columns: Columns
    n_posts: int
    n_changed: int
    usual: float
    usage: Usage

    @property
    def idf(self) -> NDArray[np.float64]:
        """IDF of each term as it was then; of shape (n_terms,), and not to be changed."""
        return self.columns.idf(self.n_posts)

    def weighed(self, power: float) -> NDArray[np.float64]:
        """The same raised to a power."""
        return self.columns.weighed(self.n_posts, power)

    @property
    def vocabulary(self) -> Vocabulary:
        """The columns."""
        return self.columns.vocabulary

    @property
    def frequencies(self) -> NDArray[np.int64]:
        """Documents with each term, when they were last counted."""
        return self.columns.frequencies

    def origins(self, contents: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The version's row of each post that says now what it said then, else -1.

        Args:
            contents: What each post says, as ``Snapshot.contents``; shape (n, 2).
        """
        return same_contents(self.index.contents, contents)

    def changes(self, ids: Sequence[str], origins: NDArray[np.int64]) -> int:
        """How many posts were added, changed or deleted since the version was built.

        Args:
            ids: Of all posts.
            origins: What :meth:`origins` gave.
        """
        new = np.flatnonzero(origins < 0).tolist()
        n_gone = self.index.n_posts - (len(origins) - len(new))
        n_edited = sum(self._has(ids[row]) for row in new)
        return len(new) + n_gone - n_edited

    def _has(self, id: str) -> bool:
        try:
            self.index.row(id=id)
        except UnknownPostError:
            return False
        return True

    def too_far(self, n_now: int, share: float) -> str | None:
        """Why so many further changes are too many, or None."""
        changed = self.n_changed + n_now
        if changed <= share * self.n_posts:
            return None
        return f"{changed:,} posts changed since the last, of {self.n_posts:,}"

    def unchanged(
        self,
        posts: Posts,
        translations: NDArray[np.int32],
        duplicates: NDArray[np.int32],
        languages: Sequence[str],
        rows: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """The version's row of each post that is as it was in all that lists depend on, else -1.

        Args:
            posts: The posts as they are now, under the frozen columns.
            translations: Their translation groups.
            duplicates: Their groups of copies.
            languages: Their languages.
            rows: What :meth:`origins` gave.
        """
        index = self.index
        here = np.flatnonzero(rows >= 0)
        there = rows[here]
        codes = np.array(index.manifest.languages, dtype=object)
        same = np.array(languages, dtype=object)[here] == codes[index.languages[there]]
        same &= np.isclose(posts.days[here], index.days[there], rtol=0, atol=0, equal_nan=True)
        for now, before in (
            (posts.vectors, index.vectors),
            (posts.titles, index.titles),
            (posts.borrowed, index.borrowed),
        ):
            same &= equal_rows(now, here, before, there)
        for groups, earlier in (
            (translations, index.translations),
            (duplicates, index.duplicates),
        ):
            same &= grouped_alike(groups, earlier, rows)[here]
        found = np.full(len(rows), -1, np.int64)
        found[here[same]] = there[same]
        return found

    def lists(self) -> Kept:
        """The version's lists."""
        index = self.index
        return Kept(
            *index.lists(),
            index.damping,
            np.empty(0, np.intp),
        )


def frozen(index: Index, settings: TrainingSettings) -> Frozen | str:
    """What a build may keep of a version; or why it keeps nothing.

    Args:
        index: The version; it must stay open.
        settings: How to build.
    """
    manifest = index.manifest
    figures: dict[str, Any] = manifest.counts.get(FULL, {})
    if dict(manifest.settings) != settings.build:
        return "settings changed"
    if manifest.analyzer != {"fingerprint": Analyzer(settings.fields).fingerprint}:
        return "texts are analysed in another way"
    if dict(manifest.libraries) != libraries():
        return "libraries changed"
    try:
        if index.places is not None and not index.shares:
            return "the live version is of an earlier index format"
        for name in (*TAKEN, "contents", "ties"):
            index.array(name)
        columns = _columns(index)
        index.array("borrowed_indptr")  # titles are covered in another way without
        return Frozen(
            index,
            columns,
            int(figures["posts"]),
            int(figures["changed"]),
            float(figures["usual"]),
            Usage(frozenset(figures["falsely"]), dict(figures["languages"])),
        )
    except (StorageError, KeyError, TypeError, ValueError):
        return "the live version cannot be built upon"


@cache
def libraries() -> Mapping[str, str]:
    """The version of each library that decides what a build comes to, as this process has it."""
    return MappingProxyType({name: version(name) for name in LIBRARIES})


#: The last columns that were asked for: decoding and weighing takes longer than a small build.
_LAST: dict[tuple[str, ...], Columns] = {}


def _columns(index: Index) -> Columns:
    """The columns of a version."""
    files = index.manifest.files
    names = ("terms", "terms_offsets", "pairs", "frequencies")
    key = tuple(files[name].sha256 for name in names)
    if key not in _LAST:
        words = index.words()
        vocabulary = Vocabulary(words, words, np.array(index.pairs))
        _LAST.clear()
        _LAST[key] = Columns(vocabulary, index.array("frequencies").astype(np.int64))
    return _LAST[key]


def same_contents(before: NDArray[np.uint64], now: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The row of each post's content among those of another version, -1 for none.

    Args:
        before: Contents to look among, as ``Index.contents``.
        now: Contents to look for.
    """
    if not len(before):
        return np.full(len(now), -1, np.int64)
    order = np.argsort(before[:, 0])
    place = np.searchsorted(before[order, 0], now[:, 0])
    found = order[np.minimum(place, len(order) - 1)]
    return np.where((before[found] == now).all(axis=1), found, -1)


def equal_rows(
    now: csr_array, here: NDArray[np.int64], before: csr_array, there: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether rows of one matrix equal those of another to the last bit."""
    lengths = np.diff(now.indptr)[here]
    same: NDArray[np.bool_] = lengths == np.diff(before.indptr)[there]
    for start in range(0, len(here), _ROWS):
        some = start + np.flatnonzero(same[start : start + _ROWS])
        if not len(some) or not lengths[some].sum():
            continue
        sizes = lengths[some]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        mine = np.repeat(now.indptr[here[some]], sizes) + within
        theirs = np.repeat(before.indptr[there[some]], sizes) + within
        differs = (now.indices[mine] != before.indices[theirs]) | (
            now.data[mine] != before.data[theirs]
        )
        same[np.repeat(some, sizes)[differs]] = False
    return same


def grouped_alike(
    now: NDArray[np.int32], before: NDArray[np.int32], rows: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each post shares its group with the same posts as in an earlier version."""
    earlier = _members(before, np.arange(len(before)))
    alike = np.ones(len(now), bool)
    for row, members in _members(now, rows).items():
        origin = int(rows[row]) if rows[row] >= 0 else -1
        alike[row] = earlier.get(origin) == members
    gone_alone = np.flatnonzero((now < 0) & (rows >= 0))
    alike[gone_alone] &= before[rows[gone_alone]] < 0
    return alike


def _members(groups: NDArray[np.int32], names: NDArray[np.int64]) -> dict[int, frozenset[int]]:
    """By row, the names of all posts of its group, for rows that have one."""
    by_group: dict[int, list[int]] = {}
    for row in np.flatnonzero(groups >= 0).tolist():
        by_group.setdefault(int(groups[row]), []).append(row)
    return {
        row: frozenset(names[members].tolist()) for members in by_group.values() for row in members
    }
