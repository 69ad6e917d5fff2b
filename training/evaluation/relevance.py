"""How well the lists of one system meet the judgements of one reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.intervals import Figure, figures
from training.evaluation.judgements import Relevant
from training.evaluation.metrics import Measures, measures


@dataclass(frozen=True, slots=True)
class Relevance:
    """Means over the posts that have judgements, each with its 95 % interval.

    Attributes:
        ndcg: nDCG in the first ten items.
        recall: Share of the relevant posts in the first five items.
        hit: Share of the lists with a relevant post in the first five items.
        mrr: Mean of 1 / rank of the first relevant post in the first ten items.
        behind: How much less nDCG the system has than ours, on the same draws; None for ours.
    """

    ndcg: Figure
    recall: Figure
    hit: Figure
    mrr: Figure
    behind: Figure | None = None


def judged(lists: list[list[int]], relevant: Relevant) -> NDArray[np.float64]:
    """The measures of every judged list.

    Args:
        lists: Rows of the related posts of every post, best first.
        relevant: Row of a query to the rows relevant to it.

    Returns:
        Shape (number of queries, 4): the fields of ``Measures``, queries in their order.
    """
    found = [measures(lists[row], wanted) for row, wanted in relevant.items()]
    return np.array(found, np.float64).reshape(-1, len(Measures._fields))


def relevance(
    values: NDArray[np.float64], ours: NDArray[np.float64] | None, seed: int
) -> Relevance:
    """Means and intervals of the measures of judged lists.

    Args:
        values: As ``judged`` gives them, at least one query.
        ours: The same of our lists, to be compared with; None for ours.
        seed: Decides the draws of the bootstrap.
    """
    if ours is None:
        return Relevance(*figures(values, seed))
    behind = ours[:, :1] - values[:, :1]
    return Relevance(*figures(np.hstack([values, behind]), seed))
