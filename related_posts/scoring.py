"""Scoring: the final scores of one question against every post, when no list was kept for it.

The lists in a version answer the plain question. Whatever narrows it more than a list is long,
or asks about a text that is no post, is computed here from the postings, by the definitions of
:mod:`related_posts.ranking` and to the same bits. Where common terms hold most of a question's
postings, only posts that can be among the best are added up whole (:mod:`related_posts.pruning`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import Rows, held_of, postings_of, sums_of_rows
from related_posts.index import Index
from related_posts.pruning import SLACK, Bounds, Pruner
from related_posts.ranking import (
    Factors,
    damped,
    final_score,
    time_factor,
    title_factor,
    to_final,
    to_scores,
    top_k,
)
from related_posts.selection import SPARE, is_repeat
from related_posts.weighting import Weights

#: Above it are all sums that are not 0.
_TINIEST = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is asked about: a post of the version, or a text like one.

    Attributes:
        vector: L2-normalised float32.
        title: Shares of the title's words.
        day: Days from 1970 to its publication; NaN for none.
        language: Place of its language in ``manifest.languages``: only posts in it are
            related; -1 matches no post, None any.
        translations: Translation group whose posts are left out; -1 for none.
        copies: Group of copies whose posts are left out; -1 for none.
        borrowed: Columns of terms that it has by its links alone, ascending; None for none.
    """

    vector: Weights
    title: Weights
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


class _Factors(NamedTuple):
    """What each post's cosine is multiplied by, shape (m,) each."""

    time: NDArray[np.float64]
    title: NDArray[np.float64]
    damping: NDArray[np.float64]

    def finals(self, cosines: NDArray[np.float64]) -> NDArray[np.float64]:
        """Final scores, shape (m,)."""
        return damped(final_score(cosines, self.time, self.title), self.damping)

    def of(self, kept: NDArray[np.bool_]) -> _Factors:
        """Those of some of the posts."""
        return _Factors(self.time[kept], self.title[kept], self.damping[kept])


class _Scored(NamedTuple):
    """Posts with their scores, by ascending row, shape (m,) each.

    A final score of 0 stands for a post that is not related, or not to be in the list.
    """

    rows: NDArray[np.intp]
    cosines: NDArray[np.float64]
    finals: NDArray[np.float64]

    def best(self, k: int) -> _Scored:
        """The k best, best first."""
        chosen = top_k(self.finals, k)
        return _Scored(self.rows[chosen], self.cosines[chosen], self.finals[chosen])

    def reaching(self, least: float) -> _Scored:
        """The same, with those that are shown with a lower score not in the list."""
        reach = to_scores(self.finals).astype(np.float64) >= least
        return self._replace(finals=np.where(reach, self.finals, 0.0))


class Scorer:
    """Scores questions against the posts of one version; safe for any number of threads.

    Args:
        index: A version with its analysis arrays.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.factors = factors_of(index.manifest.settings)
        self.cross_language = bool(index.manifest.settings.get("cross_language", False))
        self.translations = bool(index.manifest.settings.get("translations", False))
        self.duplicates = bool(index.manifest.settings.get("duplicates", False))
        self.least = to_final(float(index.manifest.settings.get("min_score", 0.0)))

    def query(self, row: int) -> Query:
        """The question that a post of the version is."""
        index = self._index
        return Query(
            vector=index.vector(row),
            title=Weights.of_row(index.titles, row),
            day=float(index.days[row]),
            language=None if self.cross_language else int(index.languages[row]),
            translations=-1 if self.translations else int(index.translations[row]),
            copies=-1 if self.duplicates else int(index.duplicates[row]),
            borrowed=index.borrowed_of([row]).indices,
        )

    def best(
        self,
        query: Query,
        k: int,
        allowed: NDArray[np.bool_] | None = None,
        *,
        counted: bool = False,
        least: float = 0.0,
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
            least: The least score, in [0, 1], of posts that are among them, or are counted.

        Raises:
            StorageError: The version lacks the analysis arrays, or they are damaged.
        """
        bounds = self._pruner.bounds(query.vector, whole=counted)
        is_choosing = not (counted or self.duplicates)
        most = k + SPARE if is_choosing else k
        while True:
            scored = self._scored(query, allowed, bounds, None if counted else most)
            if scored is None:
                bounds = self._pruner.bounds(query.vector, whole=True)
                continue
            if least > 0.0:
                scored = scored.reaching(least)
            best = scored.best(most)
            kept = np.arange(len(best.rows))
            if is_choosing:
                kept = np.flatnonzero(~is_repeat(self._index.duplicates[best.rows]))[:k]
            if len(kept) == k or len(best.rows) < most:
                break
            most *= 2
        return Ranked(
            best.rows[kept].tolist(),
            best.cosines[kept].astype(np.float32).tolist(),
            to_scores(best.finals[kept]).tolist(),
            int((scored.finals > 0.0).sum()) if counted else None,
        )

    def _scored(
        self, query: Query, allowed: NDArray[np.bool_] | None, bounds: Bounds, k: int | None
    ) -> _Scored | None:
        """Posts among which the k best of those allowed are, with their scores.

        Products round up and down in the order of what is multiplied, so that bounds of
        cosines give bounds of final scores.

        Args:
            query: The question.
            allowed: Whether each post may be among them; None for all.
            bounds: What the cosines lie between.
            k: How many are wanted; None for all related posts.

        Returns:
            None where so many are left that all had better be added up.
        """
        index = self._index
        time = self._time(query, slice(None))
        # Titles cost most to compare: they are left for the posts that might do without.
        title = (1.0 + 2.0 * self.factors.title_weight) * (1 + SLACK)
        most = bounds.most if time is None else bounds.most * time
        (rows,) = np.nonzero(most >= max(self.least / title, _TINIEST))
        rows = self._eligible(query, rows, allowed)
        damping = index.damping[rows]
        if k is not None:
            least = self._least(bounds, rows) * (1.0 if time is None else time[rows]) * damping
            kept = most[rows] * damping * title >= self._reached(least, k)
            rows = rows[kept]
        factors = self._factors(query, rows)
        if bounds.is_whole:
            cosines = np.minimum(bounds.sums[rows], 1.0)
        else:
            if k is not None:
                reached = self._reached(factors.finals(self._least(bounds, rows)), k)
                kept = factors.finals(bounds.most[rows] * (1 + SLACK)) >= reached
                rows, factors = rows[kept], factors.of(kept)
            if not self._pruner.are_few(int(self._n_terms[rows].sum())):
                return None
            vectors = index.vectors_of(rows)
            cosines = np.minimum(sums_of_rows(vectors, np.arange(len(rows)), query.vector), 1.0)
        finals = factors.finals(cosines)
        finals[finals < self.least] = 0.0
        return _Scored(rows, cosines, finals)

    def _eligible(self, query: Query, rows: Rows, allowed: NDArray[np.bool_] | None) -> Rows:
        """Those of some posts that may be related to what is asked about, and are allowed."""
        index = self._index
        if allowed is not None:
            rows = rows[allowed[rows]]
        if query.language is not None:
            rows = rows[index.languages[rows] == query.language]
        if query.translations >= 0:
            rows = rows[index.translations[rows] != query.translations]
        if query.copies >= 0:
            rows = rows[index.duplicates[rows] != query.copies]
        return rows

    @staticmethod
    def _least(bounds: Bounds, rows: Rows) -> NDArray[np.float64]:
        """The least that the cosines of some posts may be, shape (m,)."""
        return np.asarray(np.minimum(bounds.sums[rows], 1.0) * (1 - SLACK))

    def _reached(self, finals: NDArray[np.float64], k: int) -> float:
        """A final score that k posts reach, or all that are shown; a trifle lower."""
        finals = finals[finals > self.least]
        if len(finals) < k:
            return self.least
        return max(self.least, float(np.partition(finals, -k)[-k]) * (1 - SLACK))

    def _factors(self, query: Query, rows: Rows) -> _Factors:
        """What the cosines of some posts are multiplied by, to the bits of ``ranking``."""
        index = self._index
        words = Weights(query.own, np.ones(len(query.own)))
        there = np.minimum(sums_of_rows(index.titles, rows, words), 1.0)
        time = self._time(query, rows)
        return _Factors(
            np.ones(len(rows)) if time is None else time,
            title_factor(there + self._held(query.title, rows), self.factors.title_weight),
            index.damping[rows],
        )

    def _time(self, query: Query, rows: Rows | slice) -> NDArray[np.float64] | None:
        """The time factor of some posts, shape (m,); None where it is 1 for all."""
        if math.isnan(query.day) or not self.factors.time_weight:
            return None
        gaps = np.abs(self._days[rows] - query.day)
        return time_factor(gaps, self.factors.time_weight, self.factors.time_days)

    @cached_property
    def _days(self) -> NDArray[np.float64]:
        """The days of all posts; an undated one is infinitely far from all."""
        return np.where(np.isnan(self._index.days), np.inf, self._index.days)

    def _held(self, title: Weights, rows: Rows) -> NDArray[np.float64]:
        """Share of a title that some posts hold of their own, in [0, 1]; shape (m,)."""
        parts = zip(self._postings, self._index.parts("borrowed"), strict=True)
        held = np.concatenate([held_of(title, *part) for part in parts])
        places = self._index.places
        at = rows if places is None else places[rows]
        return np.asarray(np.minimum(held[at], 1.0), np.float64)

    @cached_property
    def _postings(self) -> tuple[csr_array, ...]:
        """Weights by term and place: of shared vectors, and of those behind them, if any."""
        _, *fresh = self._index.parts("vectors")
        return self._index.postings, *map(postings_of, fresh)

    @cached_property
    def _n_terms(self) -> NDArray[np.int64]:
        """How many terms each post has, shape (n_posts,)."""
        sizes = [np.diff(part.indptr) for part in self._index.parts("vectors")]
        places = self._index.places
        return sizes[0] if places is None else np.concatenate(sizes)[places]

    @cached_property
    def _pruner(self) -> Pruner:
        return Pruner(self._postings, self._index.places)


def factors_of(settings: Mapping[str, Any]) -> Factors:
    """The factors a version was built with; those it does not name are the usual ones."""
    names = [field.name for field in fields(Factors)]
    return Factors(**{name: float(settings[name]) for name in names if name in settings})
