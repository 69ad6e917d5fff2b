"""The lists of a version: neighbours that are no translations, copies, hubs or junk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.ranking import Neighbours, to_final
from training.neighbours import hubs
from training.neighbours.blocks import neighbours
from training.neighbours.copies import without_copies
from training.neighbours.rules import Rules
from training.neighbours.translations import to_spare, without_translations

#: Rounds of holding back hubs; one or two are enough.
_ROUNDS = 10


class Posts(NamedTuple):
    """What lists are made of; shapes as for :func:`related_posts.ranking.exact_neighbours`.

    ``apart`` numbers the groups within which posts are never related, ``copies`` those of which
    a list also shows one post at most; -1 for none.
    """

    vectors: csr_array
    titles: csr_array
    days: NDArray[np.float64]
    languages: NDArray[np.int16]
    apart: NDArray[np.int32]
    copies: NDArray[np.int32]


def lists(
    posts: Posts,
    rules: Rules,
    *,
    jobs: int = -1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Neighbours, NDArray[np.float64]]:
    """The list of every post, and the damping that was found for it.

    Returns:
        The neighbours: those of an exact search with that damping, without posts of the same
        group and those below the least score; and the damping of each post, shape (n,).
    """
    spare = to_spare(posts.apart)
    n = len(posts.days)
    passes = 2 if rules.hub_power > 0.0 else 1
    finished = 0

    def report(done: int, total: int) -> None:
        if progress is not None:
            progress((finished * total + done) // passes, total)

    def search(
        k: int, damping: NDArray[np.float64] | None, wanted: NDArray[np.intp] | None = None
    ) -> Neighbours:
        return without_copies(partial(any_copies, damping), posts.copies, k, wanted)

    def any_copies(
        damping: NDArray[np.float64] | None, k: int, wanted: NDArray[np.intp] | None
    ) -> Neighbours:
        found = neighbours(
            posts.vectors,
            posts.titles,
            posts.days,
            posts.languages,
            rules.factors,
            k + spare,
            damping,
            jobs=jobs,
            wanted=wanted,
            progress=report if wanted is None else None,
        )
        own = posts.apart if wanted is None else posts.apart[wanted]
        return without_translations(found, posts.apart, own, k)

    damping = np.ones(n)
    if rules.hub_power > 0.0:
        damping = hubs.scaling(search(hubs.NEAREST, None), rules.hub_power)
        finished = 1
    found = search(max(rules.k, hubs.CANDIDATES), damping)
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
    return _cut(found, rules), damping


def _first(found: Neighbours, k: int) -> Neighbours:
    """The first k of every list."""
    return Neighbours(found.rows[:, :k], found.similarities[:, :k], found.finals[:, :k])


def _cut(found: Neighbours, rules: Rules) -> Neighbours:
    """The first k that reach the least score."""
    k, below = rules.k, found.finals < to_final(rules.min_score)
    return Neighbours(
        np.where(below, np.int32(-1), found.rows)[:, :k],
        np.where(below, np.float32(0), found.similarities)[:, :k],
        np.where(below, 0.0, found.finals)[:, :k],
    )
