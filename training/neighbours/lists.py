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
from training.neighbours import blocks, hubs
from training.neighbours.copies import without_copies
from training.neighbours.groups import Groups
from training.neighbours.rules import Rules
from training.neighbours.translations import to_spare, without_translations
from training.neighbours.undamped import Search, Undamped, longer

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
) -> Neighbours:
    """The k best of some posts, or of all, without translations and copies; exactly."""
    return _to_list(posts, _search(posts, rules, jobs), k, damping, wanted)


def _search(posts: Posts, rules: Rules, jobs: int) -> partial[Neighbours]:
    """A :class:`undamped.Search` among the posts, of which translations and copies are part."""
    groups = Groups(posts.vectors, posts.titles, posts.days, posts.languages, posts.borrowed)
    return partial(blocks.best, groups, rules.factors, jobs=jobs)


def _to_list(
    posts: Posts,
    search: Search,
    k: int,
    damping: NDArray[np.float64] | None,
    wanted: NDArray[np.intp] | None = None,
) -> Neighbours:
    """The k best that a search finds, without translations and copies."""
    spare = to_spare(posts.apart)

    def any_copies(k: int, wanted: NDArray[np.intp] | None) -> Neighbours:
        found = search(k + spare, damping, wanted)
        own = posts.apart if wanted is None else posts.apart[wanted]
        return without_translations(found, posts.apart, own, k)

    return without_copies(any_copies, posts.copies, k, wanted)


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
    search = _search(posts, rules, jobs)
    undamped = Undamped(search(longer(needed), progress=progress), search)
    listed = partial(_to_list, posts, undamped.best)
    if rules.hub_power > 0.0:
        nearest = listed(hubs.NEAREST, None)
        usual = hubs.usual(nearest)
        damping = hubs.scaling(nearest, rules.hub_power, usual)
    found = listed(k, damping)
    most = hubs.most_of_each(posts.languages, rules.hub_share)
    # What comes in where a hub goes may be one too many itself.
    for _ in range(_ROUNDS if rules.hub_share < 1.0 else 0):
        held = hubs.cap(_first(found, hubs.CANDIDATES), most)
        again = hubs.shows(found, held)
        if not len(again):
            break
        damping = np.maximum(damping * held, hubs.LEAST)
        redone = listed(found.rows.shape[1], damping, again)
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
