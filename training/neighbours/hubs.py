"""Hubs: posts that would stand on too many lists are held back there.

In spaces of many dimensions some points are near to everything [1]; on a blog these are round-ups
and long introductions, which crowd out what nobody else leads to. Two measures, both in one
number a post, its *damping*, by which its final scores are multiplied where it is shown:

- Every post is divided by a small power of how good its own best neighbours are, so that a post
  with none but middling neighbours can be one of them (a local scaling, as in [2]).
- A post that is still on more than a stated share of its language's lists is damped until it is
  not.

As damping belongs to the post shown alone, any list can be computed exactly later, however it
was filtered.

Sources: [1] Radovanović, Nanopoulos & Ivanović, "Hubs in space" (JMLR 2010); [2] Zelnik-Manor &
Perona, "Self-tuning spectral clustering" (NIPS 2004).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from related_posts.ranking import Neighbours, damped

#: Neighbours that tell how good a post's own are.
NEAREST = 10
#: How good they are counts within these multiples of the mean.
RANGE = 4.0
#: Length of the lists that are counted: what most templates show.
SHOWN = 5
#: Neighbours of a post among which those shown are looked for, however many are kept.
CANDIDATES = 50
#: Posts may stand on so many lists however small the blog is: twice the mean.
ALWAYS = 2 * SHOWN
#: Least damping: with it, no score reaches the default `min_score`.
LEAST = 1e-3
#: How much of what is too much is taken away in a round, and the most rounds.
_STEP, _ROUNDS = 0.3, 200


def usual(nearest: Neighbours) -> float:
    """How good the neighbours of a post are on average; 0 where no post has any.

    Args:
        nearest: The best ``NEAREST`` of every post, without damping.
    """
    means = _means(nearest)
    known = means[means > 0.0]
    return float(known.mean()) if len(known) else 0.0


def scaling(nearest: Neighbours, power: float, mean: float) -> NDArray[np.float64]:
    """Damping by how good each post's own neighbours are.

    Args:
        nearest: The best ``NEAREST`` of some posts, without damping.
        power: 0 is none; at most 1.
        mean: What is :func:`usual`.

    Returns:
        In (0, 1], one for each: the better a post's own neighbours, the less.
    """
    if power == 0.0 or mean <= 0.0:
        return np.ones(len(nearest.finals))
    relative = np.clip(_means(nearest) / mean, 1.0 / RANGE, RANGE)
    return np.asarray((relative * RANGE) ** -power, dtype=np.float64)


def _means(nearest: Neighbours) -> NDArray[np.float64]:
    found = (nearest.finals > 0.0).sum(axis=1)
    return np.asarray(nearest.finals.sum(axis=1) / np.maximum(found, 1), dtype=np.float64)


def most_lists(n_posts: int, share: float) -> int:
    """How many lists one post may stand on."""
    return max(ALWAYS, math.floor(share * n_posts))


def most_of_each(languages: NDArray[np.int16], share: float) -> NDArray[np.int64]:
    """How many lists each post may stand on: its share of those of its own language.

    Args:
        languages: Posts are related within these alone; shape (n,).
        share: Of the lists.
    """
    sizes = np.bincount(languages).tolist()
    return np.array([most_lists(n, share) for n in sizes], np.int64)[languages]


def cap(found: Neighbours, n_lists: int | NDArray[np.int64]) -> NDArray[np.float64]:
    """Damping that keeps every post to a number of lists, as far as found neighbours can tell.

    Args:
        found: Neighbours, ``CANDIDATES`` of each post where there are so many.
        n_lists: Most lists of ``SHOWN`` that a post may stand on, one for all or for each.

    Returns:
        In (0, 1], shape (n,): 1 for nearly all posts.
    """
    n = len(found.rows)
    most = np.broadcast_to(n_lists, n)
    damping = np.ones(n)
    there = found.rows >= 0
    rows = np.where(there, found.rows, 0)
    for _ in range(_ROUNDS):
        finals = damped(found.finals, damping[rows])
        shown = np.argsort(-finals, axis=1, kind="stable")[:, :SHOWN]
        counted = np.take_along_axis(rows, shown, 1)[np.take_along_axis(there, shown, 1)]
        lists = np.bincount(counted, minlength=n)
        over = lists > most
        if not over.any():
            break
        damping[over] *= (most[over] / lists[over]) ** _STEP
        # Where all lists like a post equally, it would go to nothing.
        np.maximum(damping, LEAST, out=damping)
    return damping


def shows(found: Neighbours, damping: NDArray[np.float64]) -> NDArray[np.intp]:
    """Rows on whose list some damped post stands; the lists of all others stay as they are.

    Args:
        found: Neighbours of every post.
        damping: What :func:`cap` gave for them.
    """
    there = found.rows >= 0
    held = (damping < 1.0)[np.where(there, found.rows, 0)] & there
    return np.flatnonzero(held.any(axis=1))
