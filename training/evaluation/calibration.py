"""What a score means: how often posts shown at it are relevant."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from related_posts.curation.overlay import listed
from related_posts.index import Index
from training.evaluation.judgements import Relevant
from training.evaluation.metrics import DEPTH

#: Most bins; each holds as many items as any other, as near as can be.
BINS = 10
#: Fewest items of a bin: a share of fewer says nothing.
LEAST = 20
_Z = 1.959964  # 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Bin:
    """Items of about the same score.

    Attributes:
        low: Their least score.
        high: Their greatest score.
        score: Their mean score.
        n: How many there are.
        relevant: Share of them that is judged relevant. Authors link to few of the posts
            they could, so this is a lower bound.
        interval_low: Lower end of the share's 95 % interval.
        interval_high: Upper end of it.
    """

    low: float
    high: float
    score: float
    n: int
    relevant: float
    interval_low: float
    interval_high: float


def calibration(index: Index, relevant: Relevant) -> list[Bin]:
    """Bins of the items on judged lists, by ascending score.

    Args:
        index: The version.
        relevant: Row of a query to the rows relevant to it.
    """
    shown: list[tuple[float, bool]] = []
    for row, wanted in relevant.items():
        items = listed(index, row, DEPTH, None)
        shown += [(item.score, item.row in wanted) for item in items if item.score is not None]
    if not shown:
        return []
    shown.sort()
    n_bins = max(1, min(BINS, len(shown) // LEAST))
    parts = np.array_split(np.array(shown, np.float64), n_bins)
    return [_bin(part[:, 0].tolist(), int(part[:, 1].sum())) for part in parts]


def _bin(scores: list[float], n_relevant: int) -> Bin:
    n = len(scores)
    low, high = wilson(n_relevant, n)
    return Bin(scores[0], scores[-1], math.fsum(scores) / n, n, n_relevant / n, low, high)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share; exact enough for shares near 0 and 1.

    Source: Wilson (1927).
    """
    share, room = part / whole, _Z**2 / whole
    middle = share + room / 2
    half = _Z * math.sqrt(share * (1 - share) / whole + room / (4 * whole))
    return max(0.0, (middle - half) / (1 + room)), min(1.0, (middle + half) / (1 + room))
