"""Matching: how one post fits every other, from the postings of all of them.

To the bits of :mod:`related_posts.ranking`, without any bounds: the whole line is wanted here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import Adder, held_of
from related_posts.ranking import Factors, days_apart, final_score, time_factor, title_factor
from related_posts.weighting import Weights


class Matches:
    """Computes how questions fit all posts; safe for any number of threads.

    Args:
        postings: Weights of shared vectors by term and place, shape (n_terms, n_shared); and of
            the vectors behind them, if there are any.
        borrowed: Terms that posts have by their links alone, True, by place, shape
            (n_shared, n_terms); and of those behind them.
        places: Place of each post among all, shape (n_posts,); None where it is the row.
        titles: Title words of each post, shape (n_posts, n_terms).
        days: Days since 1970 of publication, shape (n_posts,).
        factors: What raises a score beyond the cosine.
    """

    def __init__(
        self,
        postings: Sequence[csr_array],
        borrowed: Sequence[csr_array],
        places: NDArray[np.int32] | None,
        titles: csr_array,
        days: NDArray[np.float64],
        factors: Factors,
    ) -> None:
        self._parts, self._places = tuple(zip(postings, borrowed, strict=True)), places
        self._titles, self._days, self._factors = titles, days, factors
        self._adder = Adder()

    def finals(
        self, vector: Weights, own: NDArray[np.int32], title: Weights, day: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Canonical cosine and final score before damping of every post, shape (n_posts,) each.

        The sums of ``ranking.cosines`` and ``ranking.title_coverage`` to the same bits.

        Args:
            vector: The post's vector.
            own: Columns of the terms that are not borrowed, ascending.
            title: Shares of its title's words.
            day: Days since 1970; NaN for none.
        """
        factors = self._factors
        cosine = self._by_row(lambda postings, _: self._adder.sums(postings, vector))
        words, titles = self._by_word
        place = np.searchsorted(words, own)
        known = place[np.append(words, -1)[place] == own].astype(np.int32)
        there = self._adder.sums(titles, Weights(known, np.ones(len(known))))
        back = self._by_row(lambda postings, borrowed: held_of(title, postings, borrowed))
        coverage = np.minimum(there, 1.0) + np.minimum(back, 1.0)
        cosine = np.minimum(cosine, 1.0)
        gaps = days_apart(np.array([day]), self._days)[0]
        time = time_factor(gaps, factors.time_weight, factors.time_days)
        return cosine, final_score(cosine, time, title_factor(coverage, factors.title_weight))

    def _by_row(
        self, by_place: Callable[[csr_array, csr_array], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """A number of each post, from what is computed of shared vectors and of those behind."""
        found = [by_place(postings, borrowed) for postings, borrowed in self._parts]
        return found[0] if self._places is None else np.concatenate(found)[self._places]

    @cached_property
    def _by_word(self) -> tuple[NDArray[np.int32], csr_array]:
        """The terms that stand in titles, ascending, and the titles by these: a row a term."""
        titles = self._titles
        order = np.argsort(titles.indices, kind="stable")
        posts = np.repeat(np.arange(titles.shape[0], dtype=np.int32), np.diff(titles.indptr))
        words, starts = np.unique(titles.indices[order], return_index=True)
        indptr = np.append(starts, len(order)).astype(np.int32)
        shape = (len(words), titles.shape[0])
        return words, csr_array((titles.data[order], posts[order], indptr), shape=shape)
