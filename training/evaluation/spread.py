"""What lists are like as a whole, whether or not anybody judged them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from training.evaluation.lists import Lists


@dataclass(frozen=True, slots=True)
class Spread:
    """The lists of one system, at the length a page shows.

    Shares are in [0, 1]. One of an empty whole is NaN: the mean diversity without any list
    of two, say.

    Attributes:
        coverage: Share of the posts that stand on at least one list.
        hub: Share of the lists on which the post shown most often stands.
        hub_row: That post; -1 where nothing is shown.
        skewness: Third standardised moment of the number of lists a post stands on; 0 is
            even, 3 and more means that few posts are shown everywhere.
        diversity: Mean over the lists of two or more of 1 - mean cosine of two items.
        empty: Share of the lists that hold nothing.
        same_language: Share of the items in their query's language.
        newer: Share of the items newer than their query, among those of another moment;
            half is what a ranking without a preference for an age comes to.
        in_degree: On how many lists each post stands, shape (n,).
    """

    coverage: float
    hub: float
    hub_row: int
    skewness: float
    diversity: float
    empty: float
    same_language: float
    newer: float
    in_degree: NDArray[np.int64]


def spread(
    lists: Lists,
    vectors: csr_array,
    languages: NDArray[np.int16],
    days: NDArray[np.float64],
) -> Spread:
    """Measure lists as a whole.

    Args:
        lists: Shape (n, k); n at least 1.
        vectors: What items are compared by, rows of length 1 or empty, shape (n, m). The
            same for all systems, so that their diversity can be compared.
        languages: Language of each post as a number, shape (n,).
        days: Days since 1970 of publication, NaN where undated, shape (n,).
    """
    n = len(lists)
    lines, places = np.nonzero(lists >= 0)
    items = lists[lines, places]
    in_degree = np.bincount(items, minlength=n)
    with np.errstate(invalid="ignore"):  # undated posts are neither newer nor older
        newer = (days[items] > days[lines]).sum()
        older = (days[items] < days[lines]).sum()
    return Spread(
        coverage=float((in_degree > 0).mean()),
        hub=float(in_degree.max() / n),
        hub_row=int(in_degree.argmax()) if len(items) else -1,
        skewness=_skewness(in_degree),
        diversity=_diversity(lines, items, vectors),
        empty=float((lists[:, 0] < 0).mean()),
        same_language=_share((languages[items] == languages[lines]).sum(), len(items)),
        newer=_share(newer, newer + older),
        in_degree=in_degree,
    )


def _share(part: int, whole: int) -> float:
    return float(part / whole) if whole else float("nan")


def _skewness(counts: NDArray[np.int64]) -> float:
    """Source: Radovanović, Nanopoulos & Ivanović (2010), on hubs among nearest neighbours."""
    apart = counts - counts.mean()
    deviation = float(np.sqrt((apart**2).mean()))
    return float((apart**3).mean() / deviation**3) if deviation > 0 else 0.0


def _diversity(lines: NDArray[np.intp], items: NDArray[np.int32], vectors: csr_array) -> float:
    """A sum of vectors holds all their products: |Σ v|² = Σ |v|² + 2 Σ cos."""
    n = vectors.shape[0]
    chosen = csr_array((np.ones(len(items), np.float64), (lines, items)), shape=(n, n))
    sums = chosen @ vectors.astype(np.float64)
    own = np.asarray(vectors.multiply(vectors).sum(axis=1), np.float64).ravel()
    squares = np.asarray(sums.multiply(sums).sum(axis=1), np.float64).ravel()
    lengths = np.bincount(lines, minlength=n)
    several = lengths > 1
    if not several.any():
        return float("nan")
    both_ways = (squares - chosen @ own)[several]
    pairs = (lengths * (lengths - 1))[several]
    return float(np.mean(1.0 - both_ways / pairs))
