"""Scoring: the final scores of one question against every post, when no list was kept for it.

The lists in a version answer the plain question. Whatever narrows it more than a list is long,
or asks about a text that is no post, is computed here from the vectors, by the definitions of
:mod:`related_posts.ranking` and to the same bits: the postings leave few posts that
can be among the best, and their scores are those of the slow computation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

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

#: Terms in a greater share of the posts are added last: most of the work, little of the score.
FREQUENT_SHARE = 0.04
#: Posts scored exactly before the frequent terms are added up as well.
MOST_NEAR = 1_500
#: Beyond what rounding can change in a bound.
_SLACK = 1e-6


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
    """

    vector: csr_array
    title: csr_array
    day: float = math.nan
    language: int | None = None
    translations: int = -1
    copies: int = -1


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
            counted: Whether to count all related posts too, copies included, which looks at
                every term.

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
        """Rows, cosines and final scores of the k best eligible posts; their number if counted.

        Rare terms are added up first. With what the frequent ones can still add at most, few
        posts are left that may be among the best, and those are scored exactly.
        """
        index, factors = self._index, self.factors
        gaps = days_apart(np.array([query.day]), index.days)[0]
        time = time_factor(gaps, factors.time_weight, factors.time_days)
        titles = self._title_factors(query)
        terms, weights = query.vector.indices, query.vector.data.astype(np.float64)
        frequent = self._frequent[terms]
        sums = np.zeros(index.n_posts)
        self._add(sums, terms[~frequent], weights[~frequent])
        beyond = float(np.sqrt(np.square(weights[frequent]).sum()))
        rows = None if counted else self._near(sums, beyond, time, titles, eligible, k, MOST_NEAR)
        total = None
        if rows is None:
            self._add(sums, terms[frequent], weights[frequent])
            total = self._count(query, sums, time, titles, eligible) if counted else None
            rows = self._near(sums, 0.0, time, titles, eligible, k, index.n_posts)
            assert rows is not None
        cosine, finals = self._finals(query, rows, time[rows])
        finals[finals < self.least] = 0.0
        chosen = top_k(finals, k)
        return rows[chosen], cosine[chosen], finals[chosen], total

    @cached_property
    def _frequent(self) -> NDArray[np.bool_]:
        """Whether each term is in so many posts that it is added last, shape (n_terms,)."""
        frequent: NDArray[np.bool_] = np.diff(self._index.postings.indptr) > (
            self._index.n_posts * FREQUENT_SHARE
        )
        return frequent

    @cached_property
    def _rest(self) -> NDArray[np.float64]:
        """Norm of each post's frequent terms, rounded up, shape (n_posts,)."""
        squares = np.zeros(self._index.n_posts)
        postings = self._index.postings
        for term in np.flatnonzero(self._frequent).tolist():
            part = slice(postings.indptr[term], postings.indptr[term + 1])
            squares[postings.indices[part]] += np.square(postings.data[part], dtype=np.float64)
        return np.sqrt(squares) * (1.0 + _SLACK)

    def _title_factors(self, query: Query) -> NDArray[np.float64]:
        """Title factor of each post, but for what rounding changes; shape (n_posts,)."""
        held = np.zeros(self._index.n_terms)
        held[query.vector.indices] = 1.0
        there = np.asarray(self._index.titles @ held)
        back = np.zeros(self._index.n_posts)
        postings = self._index.postings
        for word, share in zip(query.title.indices.tolist(), query.title.data, strict=True):
            back[postings.indices[postings.indptr[word] : postings.indptr[word + 1]]] += share
        coverage = np.minimum(there, 1.0) + np.minimum(back, 1.0)
        return title_factor(coverage, self.factors.title_weight)

    def _add(
        self, sums: NDArray[np.float64], terms: NDArray[np.int32], weights: NDArray[np.float64]
    ) -> None:
        """Add what some terms of the query contribute to each post."""
        postings = self._index.postings
        indptr, indices, data = postings.indptr, postings.indices, postings.data
        bounds = zip(indptr[terms].tolist(), indptr[terms + 1].tolist(), strict=True)
        for (start, end), weight in zip(bounds, weights.tolist(), strict=True):
            # A term's posts differ from each other, so that each sum is added to once.
            sums[indices[start:end]] += weight * data[start:end]

    def _count(
        self,
        query: Query,
        sums: NDArray[np.float64],
        time: NDArray[np.float64],
        titles: NDArray[np.float64],
        eligible: NDArray[np.bool_],
    ) -> int:
        """How many eligible posts reach the least score; ``sums`` are whole."""
        found = eligible & (sums > 0.0)
        about = damped(final_score(sums, time, titles), self._index.damping)
        sure = found & (about > self.least * (1.0 + _SLACK))
        (unsure,) = np.nonzero(found & ~sure & (about >= self.least * (1.0 - _SLACK)))
        finals = self._finals(query, unsure, time[unsure])[1]
        return int(sure.sum() + (finals >= self.least).sum())

    def _near(
        self,
        sums: NDArray[np.float64],
        beyond: float,
        time: NDArray[np.float64],
        titles: NDArray[np.float64],
        eligible: NDArray[np.bool_],
        k: int,
        most: int,
    ) -> NDArray[np.intp] | None:
        """Rows that may be among the k best; None where they are more than ``most``.

        Args:
            sums: What was added up so far.
            beyond: Norm of the query's terms that were not.
            time: Time factor of each post.
            titles: Title factor of each post.
            eligible: Whether each post may be among them.
            k: Wanted length.
            most: Rows at most.
        """
        damping = self._index.damping
        least = damped(final_score(sums, time, titles), damping)
        bounds: NDArray[np.float64] = sums + beyond * self._rest if beyond else sums
        found = eligible & (bounds > 0.0)
        (sure,) = np.nonzero(found & (sums > 0.0))
        if len(sure) > k:
            bar = np.partition(least[sure], len(sure) - k)[len(sure) - k]
            bar = max(bar, self.least)
        else:
            bar = self.least
        most_final = damped(final_score(bounds, time, titles), damping)
        found &= most_final >= bar * (1.0 - _SLACK)
        (rows,) = np.nonzero(found)
        return rows if len(rows) <= max(most, k) else None

    def _finals(
        self, query: Query, rows: NDArray[np.intp], time: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Canonical cosines and final scores of some posts.

        The sums of ``ranking.cosines`` and ``ranking.title_coverage`` to the same bits: in
        ascending order of the terms, to which terms that are not shared add 0.
        """
        index = self._index
        n_terms = index.n_terms
        asked, there, back = np.zeros(n_terms), np.zeros(n_terms), np.zeros(n_terms)
        asked[query.vector.indices] = query.vector.data
        there[query.vector.indices] = 1.0
        back[query.title.indices] = query.title.data
        place, posts = _entries(index.vectors, rows)
        terms = index.vectors.indices[place]
        cosine = _sums(posts, asked[terms] * index.vectors.data[place], len(rows))
        held = _sums(posts, back[terms], len(rows))
        place, posts = _entries(index.titles, rows)
        of_title = there[index.titles.indices[place]] * index.titles.data[place]
        coverage = _sums(posts, of_title, len(rows)) + held
        factor = title_factor(coverage, self.factors.title_weight)
        final = final_score(cosine, time, factor)
        return cosine, damped(final, index.damping[rows])


def _entries(
    matrix: csr_array, rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the entries of some rows stand in a matrix, and which of the rows each is of."""
    starts = matrix.indptr[rows].astype(np.intp)
    counts = matrix.indptr[rows + 1] - starts
    posts = np.repeat(np.arange(len(rows)), counts)
    shift = starts - (np.cumsum(counts) - counts)
    return np.arange(len(posts)) + shift[posts], posts


def _sums(posts: NDArray[np.intp], terms: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """The sum of each post's terms, in their order, cut at 1; shape (n,)."""
    sums: NDArray[np.float64] = np.minimum(np.bincount(posts, terms, minlength=n), 1.0)
    return sums


def postings_of(vectors: csr_array) -> csr_array:
    """The posts of each term, ascending: shape (n_terms, n_posts), to be kept in a version."""
    return csr_array(vectors.T.tocsr())


def factors_of(settings: Mapping[str, Any]) -> Factors:
    """The factors a version was built with; those it does not name are the usual ones."""
    names = [field.name for field in fields(Factors)]
    return Factors(**{name: float(settings[name]) for name in names if name in settings})
