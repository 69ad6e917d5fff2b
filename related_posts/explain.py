"""Why two posts are related: the terms they share, and what time and titles add.

A similarity is a sum of products, one for each term that both posts have, so it
can be taken apart without approximation. The final score is the similarity
times two factors, see ``Explanation``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from related_posts.errors import StorageError
from related_posts.index import Index
from related_posts.ranking import time_factor, title_factor
from related_posts.scoring import Query, factors_of
from related_posts.weighting import Weights


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A term that both posts have.

    Attributes:
        term: As readers know it.
        contribution: Product of the two weights, in [0, 1]; all of them sum to the similarity.
        share: The contribution as a part of the similarity, in [0, 1]; all of them sum to 1.
        by_link: Which of the two has it by its links alone: ``post``, the one asked about,
            ``item``, the one shown with it, or ``both``; empty where both say it themselves.
    """

    term: str
    contribution: float
    share: float
    by_link: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one post is shown with another.

    The final score is ``similarity * time_factor * title_factor * damping``; it is shown as
    ``score`` after :func:`related_posts.ranking.to_scores`.

    Attributes:
        terms: Shared terms by falling contribution, equal ones by their column.
        similarity: The cosine, in [0, 1].
        days_apart: Days between the two publications, or None where one is undated.
        time_factor: At least 1: posts of the same time belong together.
        title_overlap: The share of each title's words that the other post has of its own,
            the two added up, in [0, 2].
        title_factor: At least 1: what the title names counts for more.
        damping: In (0, 1]: a post that would stand on very many lists is held back.
        linked: Whether one links to the other, which made their vectors more alike: ``to``
            the other post, ``from`` it, ``both``; empty for neither, or where it is not known.
        is_same_series: Whether both are parts of one series; adds nothing to the score.
    """

    terms: tuple[SharedTerm, ...]
    similarity: float
    days_apart: float | None
    time_factor: float
    title_overlap: float
    title_factor: float
    damping: float
    linked: str = ""
    is_same_series: bool = False

    @property
    def final(self) -> float:
        """The final score that these come to; rounded otherwise than that of the lists."""
        return self.similarity * self.time_factor * self.title_factor * self.damping


def explain(index: Index, row: int, other: int) -> Explanation:
    """Say why two posts are related.

    Args:
        index: A version that holds the analysis arrays.
        row: The post asked about.
        other: The post shown with it.

    Raises:
        StorageError: This version was published without the analysis arrays.
    """
    return explain_query(index, _query(index, row), other, row)


def explain_query(index: Index, query: Query, other: int, row: int | None = None) -> Explanation:
    """Say why a post is related to what is asked about; see :func:`explain`.

    Args:
        index: A version that holds the analysis arrays.
        query: What is asked about.
        other: The post shown with it.
        row: The post asked about, where it is one of the version.
    """
    found = _query(index, other)
    columns, products = _products(query, found)
    similarity = float(products.sum())
    order = np.lexsort((columns, -products))
    by_link = _by_link(query, found, columns)
    terms = tuple(
        SharedTerm(
            index.readable(int(columns[place])),
            float(products[place]),
            float(products[place]) / similarity,
            by_link[place],
        )
        for place in order
        if products[place] > 0
    )
    factors = factors_of(index.manifest.settings)
    apart = abs(query.day - found.day)
    days_apart = None if math.isnan(apart) else apart
    overlap = _title_overlap(query, found) + _title_overlap(found, query)
    return Explanation(
        terms=terms,
        similarity=similarity,
        days_apart=days_apart,
        time_factor=time_factor(
            math.inf if days_apart is None else days_apart, factors.time_weight, factors.time_days
        ),
        title_overlap=overlap,
        title_factor=title_factor(overlap, factors.title_weight),
        damping=float(index.damping[other]),
        linked="" if row is None else _linked(index, row, other),
        is_same_series=row is not None and _is_same_series(index, row, other),
    )


def _linked(index: Index, row: int, other: int) -> str:
    """Which of two posts links to the other; empty where the version does not know links."""
    try:
        there, back = other in index.links(row), row in index.links(other)
    except StorageError:
        return ""
    return "both" if there and back else "to" if there else "from" if back else ""


def _is_same_series(index: Index, row: int, other: int) -> bool:
    """Whether two posts are parts of one series; not, where the version does not know."""
    try:
        return 0 <= int(index.series[row]) == int(index.series[other])
    except StorageError:
        return False


def _query(index: Index, row: int) -> Query:
    """A post as a question, as far as an explanation needs it."""
    return Query(
        index.vector(row),
        Weights.of_row(index.titles, row),
        float(index.days[row]),
        borrowed=index.borrowed_of([row]).indices,
    )


def _by_link(first: Query, second: Query, columns: NDArray[np.int32]) -> list[str]:
    """Which of two texts has each of some columns by links alone."""
    names = ("", "post", "item", "both")
    lent = np.zeros(len(columns), np.intp)
    for weight, query in ((1, first), (2, second)):
        if query.borrowed is not None:
            lent += weight * np.isin(columns, query.borrowed)
    return [names[each] for each in lent.tolist()]


def _products(first: Query, second: Query) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Columns that both vectors have, and the product of the two weights in each."""
    columns, left, right = np.intersect1d(
        first.vector.indices, second.vector.indices, assume_unique=True, return_indices=True
    )
    products = first.vector.data[left].astype(np.float64) * second.vector.data[right]
    return columns, products


def _title_overlap(text: Query, titled: Query) -> float:
    """The share of the IDF mass of one title's words that occur in a text itself."""
    title = titled.title
    return float(title.data[np.isin(title.indices, text.own)].sum())
