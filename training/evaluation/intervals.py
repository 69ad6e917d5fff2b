"""How sure a mean is: percentile bootstrap over the queries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Resamples behind each interval.
RESAMPLES = 1_000
#: Share of the resamples whose means lie within an interval.
CONFIDENCE = 0.95
#: Resamples drawn at a time, so that memory stays small for many queries.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % interval.

    Attributes:
        value: The mean over all queries.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float


def figures(values: NDArray[np.float64], seed: int) -> list[Figure]:
    """The mean of each column with its interval.

    Queries are drawn with replacement, as many as there are. The same seed and number of
    queries draw the same ones, so columns of different systems may be subtracted and the
    differences given here: that is the paired bootstrap.

    Args:
        values: One row a query, one column a measure; finite; shape (n, m), n at least 1.
        seed: Decides the draws.

    Returns:
        m figures; with a single query each interval is that query's value.

    Raises:
        ValueError: There is no query.

    Source: Efron & Tibshirani (1993), chapter 13; Sakai (2006) for retrieval.
    """
    n = len(values)
    if not n:
        raise ValueError("a mean needs at least one query")
    draw = np.random.default_rng(seed)
    means = [
        draw.multinomial(n, np.full(n, 1 / n), size=min(_AT_ONCE, RESAMPLES - done)) @ values / n
        for done in range(0, RESAMPLES, _AT_ONCE)
    ]
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.concatenate(means), [outside, 1 - outside], axis=0)
    return [Figure(*map(float, each)) for each in zip(values.mean(axis=0), low, high, strict=True)]
