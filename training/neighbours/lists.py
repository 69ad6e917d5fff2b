"""The lists of a version: neighbours that are no translations, copies, hubs or junk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.ranking import Neighbours, to_final
from related_posts.selection import SPARE
from training.neighbours import hubs
from training.neighbours.blocks import neighbours
from training.neighbours.copies import without_copies
from training.neighbours.rules import Rules
from training.neighbours.translations import to_spare, without_translations
from training.neighbours.undamped import Undamped, longer

#: Rounds of holding back hubs; one or two are enough.
_ROUNDS = 10


class Posts(NamedTuple):
    """What lists are made of; shapes as for :func:`related_posts.ranking.exact_neighbours`.

    ``apart`` numbers the groups within which posts are never related, ``copies`` those of which
    a list also shows one post at most; -1 for none. ``borrowed`` is True where a post has a
    term by its links alone.
    """

    vectors: csr_array
    titles: csr_array
    days: NDArray[np.float64]
    languages: NDArray[np.int16]
    apart: NDArray[np.int32]
    copies: NDArray[np.int32]
    borrowed: csr_array


class Lists(NamedTuple):
    """The lists of a version.

    Attributes:
        best: Of every post, without posts of the same group and those below the least score.
        damping: Of each post, shape (n,): the lists are those of an exact search with it.
        usual: How good the neighbours of a post are on average, see :func:`hubs.usual`.
    """

    best: Neighbours
    damping: NDArray[np.float64]
    usual: float


def find(
    posts: Posts,
    rules: Rules,
    k: int,
    damping: NDArray[np.float64] | None,
    wanted: NDArray[np.intp] | None = None,
    *,
    jobs: int = -1,
    undamped: Undamped | None = None,
) -> Neighbours:
    """The k best of some posts, or of all, without translations and copies; exactly.

    With ``undamped`` they are chosen among what it knows, and searched where that is too little.
    """
    spare = to_spare(posts.apart)
    search = partial(_search, posts, rules, damping, jobs)

    def any_copies(k: int, wanted: NDArray[np.intp] | None) -> Neighbours:
        if undamped is None:
            found = search(k + spare, wanted)
        else:
            found = undamped.best(k + spare, damping, wanted, search)
        own = posts.apart if wanted is None else posts.apart[wanted]
        return without_translations(found, posts.apart, own, k)

    return without_copies(any_copies, posts.copies, k, wanted)


def _search(
    posts: Posts,
    rules: Rules,
    damping: NDArray[np.float64] | None,
    jobs: int,
    k: int,
    wanted: NDArray[np.intp] | None,
    progress: Callable[[int, int], None] | None = None,
) -> Neighbours:
    """The k best of some posts, or of all, translations and copies among them."""
    return neighbours(
        posts.vectors,
        posts.titles,
        posts.days,
        posts.languages,
        rules.factors,
        k,
        damping,
        posts.borrowed,
        jobs=jobs,
        wanted=wanted,
        progress=progress,
    )


def lists(
    posts: Posts,
    rules: Rules,
    *,
    jobs: int = -1,
    progress: Callable[[int, int], None] | None = None,
) -> Lists:
    """The list of every post, and the damping that was found for it."""
    n, k = len(posts.days), max(rules.k, hubs.CANDIDATES)
    damping, usual = np.ones(n), 0.0
    needed = k + to_spare(posts.apart) + (SPARE if (posts.copies >= 0).any() else 0)
    undamped = Undamped(_search(posts, rules, None, jobs, longer(needed), None, progress))
    search = partial(find, posts, rules, jobs=jobs, undamped=undamped)
    if rules.hub_power > 0.0:
        nearest = search(hubs.NEAREST, None)
        usual = hubs.usual(nearest)
        damping = hubs.scaling(nearest, rules.hub_power, usual)
    found = search(k, damping)
    # What comes in where a hub goes may be one too many itself.
    for _ in range(_ROUNDS if rules.hub_share < 1.0 else 0):
        held = hubs.cap(_first(found, hubs.CANDIDATES), hubs.most_lists(n, rules.hub_share))
        again = hubs.shows(found, held)
        if not len(again):
            break
        damping = np.maximum(damping * held, hubs.LEAST)
        redone = search(found.rows.shape[1], damping, again)
        found.rows[again] = redone.rows
        found.similarities[again] = redone.similarities
        found.finals[again] = redone.finals
    return Lists(cut(found, rules), damping, usual)


def _first(found: Neighbours, k: int) -> Neighbours:
    """The first k of every list."""
    return Neighbours(found.rows[:, :k], found.similarities[:, :k], found.finals[:, :k])


def cut(found: Neighbours, rules: Rules) -> Neighbours:
    """The first k that reach the least score."""
    k, below = rules.k, found.finals < to_final(rules.min_score)
    return Neighbours(
        np.where(below, np.int32(-1), found.rows)[:, :k],
        np.where(below, np.float32(0), found.similarities)[:, :k],
        np.where(below, 0.0, found.finals)[:, :k],
    )
