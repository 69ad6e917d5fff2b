"""Diversity: a list whose posts are good and differ from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def spread(
    scores: NDArray[np.float64], likeness: NDArray[np.float64], diversity: float
) -> list[int]:
    """Order candidates by maximal marginal relevance.

    The first is the best. Each next one has the greatest
    ``(1 - diversity) · score / best score - diversity · greatest likeness to one before it``.

    Args:
        scores: Score of each candidate, descending, at least 0; shape (m,).
        likeness: Cosine of every two candidates, shape (m, m).
        diversity: From 0, which keeps the order, to 1, which looks at likeness alone.

    Returns:
        The m positions in their new order; among equals the earlier position comes first.

    Source: Carbonell & Goldstein (1998). O(m²).
    """
    if not len(scores):
        return []
    worth = (1.0 - diversity) * scores / max(float(scores.max()), 1e-300)
    worth[0] = np.inf
    nearest = np.zeros(len(scores))
    left = np.ones(len(scores), bool)
    order: list[int] = []
    for _ in range(len(scores)):
        gain = np.where(left, worth - diversity * nearest, -np.inf)
        chosen = int(gain.argmax())
        order.append(chosen)
        left[chosen] = False
        np.maximum(nearest, likeness[chosen], out=nearest)
    return order
