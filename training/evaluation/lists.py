"""Lists of related posts as one array: what every system hands in to be judged.

Shape (n, k), int32: a line for each post in row order, rows of the related posts best
first, -1 behind the last where there are fewer than k.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.curation.overlay import listed
from related_posts.index import Index
from related_posts.ranking import top_k
from training.evaluation.judgements import Relevant

Lists: TypeAlias = NDArray[np.int32]

#: Queries scored at a time: a block of scores is this many times the posts.
_BLOCK = 256


def of_index(index: Index, k: int) -> Lists:
    """The lists that readers of a version get when k posts are asked for.

    What people decided about lists, such as a pinned post, is not part of a version, and
    left out.
    """
    lists = ([item.row for item in listed(index, row, k, None)] for row in range(index.n_posts))
    return of_rows(lists, index.n_posts, k)


def of_rows(lists: Iterable[Iterable[int]], n: int, k: int) -> Lists:
    """Lists as an array; each may be shorter than k.

    Args:
        lists: Rows of the related posts of each of n posts, at most k.
        n: How many posts there are.
        k: Greatest length of a list.
    """
    found = np.full((n, k), -1, np.int32)
    for row, related in enumerate(lists):
        rows = list(related)
        found[row, : len(rows)] = rows
    return found


def best(
    queries: csr_array,
    posts: csr_array,
    k: int,
    adjust: Callable[[slice, NDArray[np.float64]], None] | None = None,
) -> Lists:
    """The k posts with the greatest product, for every query; never the query itself.

    Equal scores keep row order; a score of 0 or less is no relation.

    Args:
        queries: A line for each post in row order, shape (n, m).
        posts: The same posts as they are matched, shape (n, m).
        k: Greatest length of a list.
        adjust: Given some rows as a slice and their scores, shape (len, n), changes
            these in place.
    """
    n = queries.shape[0]
    found = np.full((n, k), -1, np.int32)
    turned = posts.T.tocsr()
    for start in range(0, n, _BLOCK):
        block = slice(start, min(start + _BLOCK, n))
        scores = np.asarray((queries[block] @ turned).toarray(), np.float64)
        if adjust is not None:
            adjust(block, scores)
        for line, row in enumerate(range(block.start, block.stop)):
            scores[line, row] = 0.0
            rows = top_k(scores[line], k)
            found[row, : len(rows)] = rows
    return found


def without(lists: Lists, told: Relevant, k: int) -> Lists:
    """The first k of each list that are no finding, because they were told.

    Args:
        lists: Longer than k by as many as a post may lose.
        told: Row of a post to the rows that do not count on its list.
        k: Wanted length.
    """
    kept = (
        [other for other in line if other not in told.get(row, ())][:k]
        for row, line in enumerate(items(lists))
    )
    return of_rows(kept, len(lists), k)


def items(lists: Lists) -> list[list[int]]:
    """Each list as plain numbers, without what stands behind its end."""
    return [[row for row in line if row >= 0] for line in lists.tolist()]
