"""Scoring: the final scores of one question against every post, when no list was kept for it.

The lists in a version answer the plain question. Whatever narrows it more than a list is long,
or asks about a text that is no post, is computed here from the postings, by the definitions of
:mod:`related_posts.ranking` and to the same bits: the postings of the question's terms are added
up term after term in ascending order, so that each post's sum is the canonical one.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from related_posts.errors import IndexCorruptError
from related_posts.index import Index
from related_posts.ranking import (
    Factors,
    damped,
    days_apart,
    final_score,
    time_factor,
    title_factor,
    to_final,
    to_scores,
    top_k,
)
from related_posts.selection import SPARE, is_repeat

#: Postings added up at a time, or those of one term where it has more: 12 bytes each, kept.
MOST_POSTINGS = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is asked about: a post of the version, or a text like one.

    Attributes:
        vector: L2-normalised float32, shape (1, n_terms), indices sorted.
        title: Shares of the title's words, shape (1, n_terms), indices sorted.
        day: Days from 1970 to its publication; NaN for none.
        language: Place of its language in ``manifest.languages``: only posts in it are
            related; -1 matches no post, None any.
        translations: Translation group whose posts are left out; -1 for none.
        copies: Group of copies whose posts are left out; -1 for none.
        borrowed: Columns of terms that it has by its links alone, ascending; None for none.
    """

    vector: csr_array
    title: csr_array
    day: float = math.nan
    language: int | None = None
    translations: int = -1
    copies: int = -1
    borrowed: NDArray[np.int32] | None = None

    @property
    def own(self) -> NDArray[np.int32]:
        """Columns of the terms that it has of its own, ascending."""
        every: NDArray[np.int32] = self.vector.indices
        if self.borrowed is None or not len(self.borrowed):
            return every
        return np.setdiff1d(every, self.borrowed, assume_unique=True)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Posts by falling final score, equal ones by row.

    Attributes:
        rows: The posts' rows.
        similarities: Their cosines, in [0, 1].
        scores: Their final scores, in [0, 1].
        total: How many posts reach the least score and pass the filter; None if not counted.
    """

    rows: list[int]
    similarities: list[float]
    scores: list[float]
    total: int | None = None


class Scorer:
    """Scores questions against the posts of one version; safe for any number of threads.

    Args:
        index: A version with its analysis arrays.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._adder = _Adder()
        self.factors = factors_of(index.manifest.settings)
        self.cross_language = bool(index.manifest.settings.get("cross_language", False))
        self.translations = bool(index.manifest.settings.get("translations", False))
        self.duplicates = bool(index.manifest.settings.get("duplicates", False))
        self.least = to_final(float(index.manifest.settings.get("min_score", 0.0)))

    def query(self, row: int) -> Query:
        """The question that a post of the version is."""
        index = self._index
        return Query(
            vector=index.vectors[[row]],
            title=index.titles[[row]],
            day=float(index.days[row]),
            language=None if self.cross_language else int(index.languages[row]),
            translations=-1 if self.translations else int(index.translations[row]),
            copies=-1 if self.duplicates else int(index.duplicates[row]),
            borrowed=index.borrowed[[row]].indices,
        )

    def best(
        self,
        query: Query,
        k: int,
        allowed: NDArray[np.bool_] | None = None,
        *,
        counted: bool = False,
    ) -> Ranked:
        """The k best posts of those allowed: what sorting all of them would give.

        Of the copies of a text only the best is among them, unless all are counted or the
        version was trained to keep them.

        Args:
            query: The question.
            k: Wanted length, at least 1.
            allowed: Whether each post may be among them, shape (n_posts,); None for all.
                The post asked about is the caller's to leave out.
            counted: Whether to count all related posts too, copies included.

        Raises:
            StorageError: The version lacks the analysis arrays, or they are damaged.
        """
        index = self._index
        eligible = np.ones(index.n_posts, bool) if allowed is None else allowed.copy()
        if query.language is not None:
            eligible &= index.languages == query.language
        if query.translations >= 0:
            eligible &= index.translations != query.translations
        if query.copies >= 0:
            eligible &= index.duplicates != query.copies
        is_choosing = not (counted or self.duplicates)
        most = k + SPARE if is_choosing else k
        while True:
            rows, cosine, finals, total = self._any_copies(query, most, eligible, counted)
            kept = np.arange(len(rows))
            if is_choosing:
                kept = np.flatnonzero(~is_repeat(index.duplicates[rows]))[:k]
            if len(kept) == k or len(rows) < most:
                break
            most *= 2
        return Ranked(
            rows[kept].tolist(),
            cosine[kept].astype(np.float32).tolist(),
            to_scores(finals[kept]).tolist(),
            total,
        )

    def _any_copies(
        self, query: Query, k: int, eligible: NDArray[np.bool_], counted: bool
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], int | None]:
        """Rows, cosines and final scores of the k best eligible posts; their number if counted."""
        cosine, finals = self._finals(query)
        related = eligible & (finals >= self.least)
        finals[~related] = 0.0
        total = int((related & (cosine > 0.0)).sum()) if counted else None
        chosen = top_k(finals, k)
        return chosen, cosine[chosen], finals[chosen], total

    def _finals(self, query: Query) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Canonical cosines and final scores of all posts, shape (n_posts,) each.

        The sums of ``ranking.cosines`` and ``ranking.title_coverage`` to the same bits.
        """
        index, factors = self._index, self.factors
        postings, vector, title = index.postings, query.vector, query.title
        cosine = self._adder.sums(postings, vector.indices, vector.data)
        words, titles = self._titles
        own = query.own
        place = np.searchsorted(words, own)
        known = place[np.append(words, -1)[place] == own]
        coverage = self._adder.sums(titles, known, np.ones(len(known)))
        coverage += self._held(title)
        gaps = days_apart(np.array([query.day]), index.days)[0]
        time = time_factor(gaps, factors.time_weight, factors.time_days)
        final = final_score(cosine, time, title_factor(coverage, factors.title_weight))
        return cosine, damped(final, index.damping)

    def _held(self, title: csr_array) -> NDArray[np.float64]:
        """Share of a title that each post holds of its own, in [0, 1]; shape (n_posts,)."""
        held = np.zeros(self._index.n_posts)
        postings, (terms, borrowers) = self._index.postings, self._borrowers
        for word, share in zip(title.indices.tolist(), title.data, strict=True):
            rows = postings.indices[postings.indptr[word] : postings.indptr[word + 1]]
            first, last = np.searchsorted(terms, [word, word + 1])
            if first < last:
                rows = np.setdiff1d(rows, borrowers[first:last], assume_unique=True)
            # A term's posts differ from each other, so that each sum is added to once.
            held[rows] += share
        return np.minimum(held, 1.0, out=held)

    @cached_property
    def _borrowers(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Terms that posts have by their links alone, ascending, and the post of each."""
        borrowed = self._index.borrowed
        posts = np.repeat(np.arange(borrowed.shape[0], dtype=np.int32), np.diff(borrowed.indptr))
        order = np.argsort(borrowed.indices, kind="stable")
        return borrowed.indices[order], posts[order]

    @cached_property
    def _titles(self) -> tuple[NDArray[np.int32], csr_array]:
        """The terms that stand in titles, ascending, and the titles by these: a row a term."""
        titles = self._index.titles
        order = np.argsort(titles.indices, kind="stable")
        posts = np.repeat(np.arange(titles.shape[0], dtype=np.int32), np.diff(titles.indptr))
        words, starts = np.unique(titles.indices[order], return_index=True)
        indptr = np.append(starts, len(order)).astype(np.int32)
        shape = (len(words), titles.shape[0])
        return words, csr_array((titles.data[order], posts[order], indptr), shape=shape)


class _Adder:
    """Adds up postings; one for all threads, since the room for them is used again.

    Fresh room of some megabytes would cost more than the sums: the system hands it out page
    by page, each filled with zeros.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._posts = np.empty(0, np.int32)
        self._values = np.empty(0)

    def sums(
        self, postings: csr_array, terms: NDArray[Any], weights: NDArray[Any]
    ) -> NDArray[np.float64]:
        """What some terms contribute to each post, added in float64 in their order, cut at 1.

        Args:
            postings: The posts of each term, shape (n_terms, n_posts).
            terms: Rows of it, ascending.
            weights: What each is multiplied by.

        Returns:
            Shape (n_posts,).

        Raises:
            IndexCorruptError: A posting is of no post.
        """
        sums: NDArray[np.float64] = np.zeros(postings.shape[1])
        everyone = np.arange(len(sums), dtype=np.int32)
        starts, ends = postings.indptr[terms].tolist(), postings.indptr[terms + 1].tolist()
        first = 0
        while first < len(starts):
            last, size = first + 1, ends[first] - starts[first]
            while last < len(starts) and size + ends[last] - starts[last] <= MOST_POSTINGS:
                size += ends[last] - starts[last]
                last += 1
            bounds = zip(starts[first:last], ends[first:last], strict=True)
            parts = [slice(*each) for each in bounds]
            # What was added up so far leads, as one more term, so that the order stays.
            posts = [everyone] * (first > 0) + [postings.indices[part] for part in parts]
            values = [sums] * (first > 0) + [postings.data[part] for part in parts]
            scale = np.append([1.0] * (first > 0), weights[first:last])
            with self._lock:
                sums = self._product(posts, values, scale, len(sums))
            first = last
        return np.minimum(sums, 1.0, out=sums)

    def _product(
        self,
        posts: list[NDArray[np.int32]],
        values: list[NDArray[Any]],
        scale: NDArray[np.float64],
        n_posts: int,
    ) -> NDArray[np.float64]:
        bounds = np.cumsum([0, *map(len, posts)], dtype=np.int32)
        size = int(bounds[-1])
        if size > len(self._posts):
            self._posts, self._values = np.empty(size, np.int32), np.empty(size)
        rows = np.concatenate(posts, out=self._posts[:size], casting="same_kind")
        data = np.concatenate(values, out=self._values[:size])
        # SciPy's loop writes wherever the rows say; negative ones are large without a sign.
        if size and rows.view(np.uint32).max() >= n_posts:
            raise IndexCorruptError("postings_indices.npy", "names posts that are not there")
        # Its product with columns goes through them one after another.
        block = csc_array((data, rows, bounds), shape=(n_posts, len(scale)))
        return np.asarray(block @ scale)


def postings_of(vectors: csr_array) -> csr_array:
    """The posts of each term, ascending: shape (n_terms, n_posts), to be kept in a version."""
    return csr_array(vectors.T.tocsr())


def factors_of(settings: Mapping[str, Any]) -> Factors:
    """The factors a version was built with; those it does not name are the usual ones."""
    names = [field.name for field in fields(Factors)]
    return Factors(**{name: float(settings[name]) for name in names if name in settings})
