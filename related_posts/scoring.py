"""Scoring: the final scores of one question against every post, when no list was kept for it.

The lists in a version answer the plain question. Whatever narrows it more than a list is long,
or asks about a text that is no post, is computed here from the vectors, by the definitions of
:mod:`related_posts.ranking` and to the same bits: the postings are gone through in the order of
terms, so that every sum is added up in the canonical order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.index import Index
from related_posts.ranking import (
    Factors,
    days_apart,
    final_score,
    time_factor,
    title_coverage,
    title_factor,
    to_scores,
    top_k,
)

#: The greatest coverage of two titles, see :func:`related_posts.ranking.title_coverage`.
_FULL_COVERAGE = 2.0


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
    """

    vector: csr_array
    title: csr_array
    day: float = math.nan
    language: int | None = None
    translations: int = -1


@dataclass(frozen=True, slots=True)
class Ranked:
    """Posts by falling final score, equal ones by row.

    Attributes:
        rows: The posts' rows.
        similarities: Their cosines, in [0, 1].
        scores: Their final scores, in [0, 1].
        total: How many posts are related at all and pass the filter.
    """

    rows: list[int]
    similarities: list[float]
    scores: list[float]
    total: int


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

    def query(self, row: int) -> Query:
        """The question that a post of the version is."""
        index = self._index
        return Query(
            vector=index.vectors[[row]],
            title=index.titles[[row]],
            day=float(index.days[row]),
            language=None if self.cross_language else int(index.languages[row]),
            translations=-1 if self.translations else int(index.translations[row]),
        )

    def best(self, query: Query, k: int, allowed: NDArray[np.bool_] | None = None) -> Ranked:
        """The k best posts of those allowed: what sorting all of them would give.

        Args:
            query: The question.
            k: Wanted length, at least 1.
            allowed: Whether each post may be among them, shape (n_posts,); None for all.
                The post asked about is the caller's to leave out.

        Raises:
            StorageError: The version lacks the analysis arrays, or they are damaged.
        """
        index, factors = self._index, self.factors
        similar = self._cosines(query)
        if query.language is not None:
            similar[index.languages != query.language] = 0.0
        if query.translations >= 0:
            similar[index.translations == query.translations] = 0.0
        if allowed is not None:
            similar[~allowed] = 0.0
        (rows,) = np.nonzero(similar > 0.0)
        total = len(rows)
        gaps = days_apart(np.array([query.day]), index.days[rows])[0]
        cosine, time = similar[rows], time_factor(gaps, factors.time_weight, factors.time_days)
        # Titles only raise a score, and by no more than this: few posts can still be among k.
        least = final_score(cosine, time, np.float64(1.0))
        most = final_score(cosine, time, title_factor(_FULL_COVERAGE, factors.title_weight))
        if total > k:
            near = most >= np.partition(least, total - k)[total - k]
            rows, cosine, time = rows[near], cosine[near], time[near]
        coverage = title_coverage(
            query.vector, query.title, index.vectors[rows], index.titles[rows]
        )[0]
        finals = final_score(cosine, time, title_factor(coverage, factors.title_weight))
        chosen = top_k(finals, k)
        return Ranked(
            rows[chosen].tolist(),
            cosine[chosen].astype(np.float32).tolist(),
            to_scores(finals[chosen], factors).tolist(),
            total,
        )

    def _cosines(self, query: Query) -> NDArray[np.float64]:
        """Canonical cosine with every post, shape (n_posts,)."""
        vector = query.vector
        lists = self._index.postings[vector.indices].astype(np.float64)
        # A product with the transpose scatters list after list, in the order of terms.
        found: NDArray[np.float64] = lists.T @ vector.data.astype(np.float64)
        return np.minimum(found, 1.0, out=found)


def postings_of(vectors: csr_array) -> csr_array:
    """The posts of each term, ascending: shape (n_terms, n_posts), to be kept in a version."""
    return csr_array(vectors.T.tocsr())


def factors_of(settings: Mapping[str, Any]) -> Factors:
    """The factors a version was built with; those it does not name are the usual ones."""
    names = [field.name for field in fields(Factors)]
    return Factors(**{name: float(settings[name]) for name in names if name in settings})
