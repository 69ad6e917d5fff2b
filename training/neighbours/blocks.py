"""The k best of every post: groups of one language, cut into blocks, shared out to all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse

from related_posts.ranking import Factors, Neighbours
from training.neighbours import product
from training.neighbours.groups import SMALL, Groups

if TYPE_CHECKING:
    from training.neighbours.postings import Postings

BLOCK_SIZE = 512
"""Posts a block: large enough that its start costs nothing, small enough to show progress."""

Block = tuple[int, NDArray[np.int32], NDArray[np.float32], NDArray[np.float64]]
Progress = Callable[[int, int], None]


def neighbours(
    vectors: sparse.csr_array,
    titles: sparse.csr_array,
    days: NDArray[np.float64],
    languages: NDArray[np.int16],
    factors: Factors,
    k: int,
    damping: NDArray[np.float64] | None = None,
    borrowed: sparse.csr_array | None = None,
    *,
    jobs: int = -1,
    block_size: int = BLOCK_SIZE,
    small: int = SMALL,
    progress: Progress | None = None,
    wanted: NDArray[np.integer] | None = None,
) -> Neighbours:
    """The k best of every post by final score, exactly as :mod:`related_posts.ranking` defines it.

    The result does not depend on ``jobs``, ``block_size`` or ``small``: it equals
    :func:`related_posts.ranking.exact_neighbours` to the last bit. Beside its arguments and its
    result it needs about 16 bytes a weight of the largest group and as many for each title word
    in a text, and for each job about 44 bytes a post and 4 a term.

    Args:
        vectors: L2-normalised rows, shape (n, n_terms), weights above 0, any of them may be
            empty; taken as it is if it is float32 with sorted int32 indices, else copied.
        titles: Share of each title word in its title's IDF mass: rows sum to 1 or are empty;
            same shape.
        days: Days since 1970 of publication, NaN where undated, shape (n,). Rows are numbered
            newest first; any order is right, but only this one is fast.
        languages: Group of each post, shape (n,): posts are related within a group only. All
            equal to relate posts across languages.
        factors: What raises a score beyond the cosine.
        k: Wanted length of each list, at least 1.
        damping: What a final score of each post is multiplied by where it is shown, in (0, 1],
            shape (n,); None for 1 everywhere.
        borrowed: Terms that posts have by their links alone, which cover no title: above 0
            where they are, shape (n, n_terms); None for none.
        jobs: Threads, as in joblib: -1 for all cores.
        block_size: Posts a block, at least 1.
        small: Posts below which a group is multiplied out by SciPy instead of searched.
        progress: Called after each block, in this thread, with the posts done and their number.
        wanted: Rows whose neighbours are found; None for all.

    Returns:
        The neighbours of the wanted rows, one after another,  by descending final score,
        then ascending row; never the post itself, nor one without a common term.

    Raises:
        ValueError: Shapes do not fit, a weight is negative or not finite, a row is longer than 1,
            or a number is below its least.
    """
    groups = Groups(vectors, titles, days, languages, borrowed, small=small)
    return best(
        groups,
        factors,
        k,
        damping,
        wanted,
        jobs=jobs,
        block_size=block_size,
        progress=progress,
    )


def best(
    groups: Groups,
    factors: Factors,
    k: int,
    damping: NDArray[np.float64] | None = None,
    wanted: NDArray[np.integer] | None = None,
    *,
    jobs: int = -1,
    block_size: int = BLOCK_SIZE,
    progress: Progress | None = None,
) -> Neighbours:
    """The same of posts that may be searched again; arguments as for :func:`neighbours`."""
    if k < 1 or block_size < 1:
        raise ValueError(f"k={k} and block_size={block_size} must be at least 1")
    asked = np.arange(groups.n_posts) if wanted is None else np.asarray(wanted)
    found = Neighbours.none(len(asked), k)
    done = 0
    for members, places, group in groups.of(asked, damping):
        own = np.searchsorted(members, asked[places])
        for start, rows, similarities, finals in _blocks(group, factors, k, jobs, block_size, own):
            place = places[start : start + len(rows)]
            found.rows[place] = np.where(rows < 0, -1, members[rows])
            found.similarities[place] = similarities
            found.finals[place] = finals
            done += len(rows)
            if progress is not None:
                progress(done, len(asked))
    return found


def search(
    group: product.Plain | Postings,
    factors: Factors,
    k: int,
    start: int,
    wanted: NDArray[np.int64],
) -> Block:
    """Find the k best of one block; what a worker does, on this machine or another.

    Args:
        group: The posts that are searched, laid out for one of the two ways.
        factors: What raises a score beyond the cosine.
        k: Wanted length of each list.
        start: The block's place among all that are asked about.
        wanted: The rows asked about.

    Returns:
        start; the neighbours' rows within the group, -1 where none; their cosines and their
        final scores, 0 where none; each of shape (len(wanted), k).
    """
    shape = (len(wanted), k)
    rows = np.full(shape, -1, np.int32)
    similarities, finals = np.zeros(shape, np.float32), np.zeros(shape, np.float64)
    if isinstance(group, product.Plain):
        product.search_block(group, factors, wanted, rows, similarities, finals)
    else:
        from training.neighbours import arithmetic, kernel

        weights = arithmetic.Weights(
            float(factors.time_weight), float(factors.time_days), float(factors.title_weight)
        )
        kernel.search_block(group, weights, wanted, rows, similarities, finals)
    return start, rows, similarities, finals


def _blocks(
    group: product.Plain | Postings,
    factors: Factors,
    k: int,
    jobs: int,
    block_size: int,
    wanted: NDArray[np.int64],
) -> Iterator[Block]:
    """The blocks of one group as they are finished, in any order."""
    starts = range(0, len(wanted), block_size)
    tasks: Any = (
        delayed(search)(group, factors, k, start, wanted[start : start + block_size])
        for start in starts
    )
    if len(starts) == 1:
        yield search(group, factors, k, 0, wanted)
    else:
        yield from Parallel(n_jobs=jobs, prefer="threads", return_as="generator_unordered")(tasks)
