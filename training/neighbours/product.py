"""The plain search: rows of the full product. For groups too small to be worth compiling for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from related_posts import ranking
from related_posts.ranking import Factors


class Plain(NamedTuple):
    """One group as it is, see :func:`training.neighbours.neighbours`."""

    vectors: sparse.csr_array
    texts: sparse.csr_array
    titles: sparse.csr_array
    days: NDArray[np.float64]
    damping: NDArray[np.float64]

    def under(self, damping: NDArray[np.float64]) -> Plain:
        """The same with another damping."""
        return self._replace(damping=damping)


def search_block(
    group: Plain,
    factors: Factors,
    wanted: NDArray[np.int64],
    rows: NDArray[np.int32],
    similarities: NDArray[np.float32],
    finals: NDArray[np.float64],
) -> None:
    """Find the k best of some of the group's rows; as its namesake in the kernel.

    Needs about 40 bytes for each pair of a row of the block and a post of the group.
    """
    vectors, texts, titles, days, damping = group
    queries = vectors[wanted]
    similar = ranking.cosines(queries, vectors)
    similar[np.arange(len(wanted)), wanted] = 0.0
    cover = ranking.title_coverage(texts[wanted], titles[wanted], texts, titles)
    exact = ranking.final_score(
        similar,
        ranking.time_factor(
            ranking.days_apart(days[wanted], days), factors.time_weight, factors.time_days
        ),
        ranking.title_factor(cover, factors.title_weight),
    )
    exact = ranking.damped(exact, damping[None, :])
    for line, scores in enumerate(exact):
        best = ranking.top_k(scores, rows.shape[1])
        rows[line, : len(best)] = best
        similarities[line, : len(best)] = similar[line, best]
        finals[line, : len(best)] = scores[best]
