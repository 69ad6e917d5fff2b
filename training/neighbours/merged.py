"""The lists of a version, from those of an earlier one and from how the changed posts fit.

Each changed post is matched with all posts once. That gives its own list, and tells which other
lists it enters; these, and those it has left, are put together from what they held. Only where
what they held does not tell - a full list that lost a post may have to take in one that nobody
named - the list is found anew. So the result is what a search for every list gives with the
same damping, to the last bit, as that of :mod:`training.neighbours.updated`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts.ranking import Neighbours, damped, to_final, to_scores, top_k
from related_posts.selection import SPARE, is_repeat
from training.neighbours import hubs
from training.neighbours.lists import cut
from training.neighbours.rules import Rules
from training.neighbours.updated import Kept

#: Canonical cosine and final score before damping of one row with every post; 0 excludes one.
Match = Callable[[int], tuple[NDArray[np.float64], NDArray[np.float64]]]


class Fit(NamedTuple):
    """How a changed post fits those posts that it may be shown with, in row order.

    Attributes:
        rows: These posts.
        cosines: Of both.
        finals: Of both, before damping.
    """

    rows: NDArray[np.int32]
    cosines: NDArray[np.float64]
    finals: NDArray[np.float64]


class Groups(NamedTuple):
    """Groups of copies: of every post now, and whether each earlier one was in one."""

    now: NDArray[np.int32]
    before: NDArray[np.int32]


class Entrants(NamedTuple):
    """Changed posts that lists may take in.

    Attributes:
        lists: Rows of the lists.
        rows: The changed posts.
        similarities, scores: As lists hold them.
    """

    lists: NDArray[np.int32]
    rows: NDArray[np.int32]
    similarities: NDArray[np.float32]
    scores: NDArray[np.float32]


def merged(
    match: Match,
    rules: Rules,
    before: Kept,
    origin: NDArray[np.int64],
    groups: Groups,
    usual: float,
) -> Kept:
    """The list of every post.

    Args:
        match: How a row fits every post; those it may never be shown with have 0.
        rules: The rules of both versions.
        before: The earlier lists.
        origin: The earlier row of each post that is as it was, -1 for the others; ascending but
            for these, shape (n,).
        groups: Groups of copies of which a list shows one post at most.
        usual: How good neighbours are on average, for the damping of changed posts.
    """
    stays = origin >= 0
    (changed,) = np.nonzero(~stays)
    floor = to_final(rules.min_score)
    damping = np.ones(len(origin))
    damping[stays] = before.damping[origin[stays]]
    fits, nearest = [], Neighbours.none(len(changed), hubs.NEAREST)
    for place, row in enumerate(changed.tolist()):
        cosines, finals = match(row)
        if rules.hub_power > 0.0:
            best = _best(finals, hubs.NEAREST, groups.now, row)
            nearest.finals[place, : len(best)] = finals[best]
        (near,) = np.nonzero((finals > 0.0) & (finals >= floor))
        fits.append(Fit(near.astype(np.int32), cosines[near], finals[near]))
    if rules.hub_power > 0.0 and len(changed):
        damping[changed] = hubs.scaling(nearest, rules.hub_power, usual)

    rows, lost, lost_copy = _moved(before.rows, origin, groups.before)
    similarities = np.zeros(rows.shape, np.float32)
    scores = np.zeros(rows.shape, np.float32)
    similarities[stays], scores[stays] = (
        before.similarities[origin[stays]],
        before.scores[origin[stays]],
    )
    # What a post that is on no list may have at most, for each list: nothing where it has room.
    most = np.where(before.rows[:, -1] >= 0, before.scores[:, -1], np.float32(-1))
    bound = np.full(len(origin), np.float32(-1))
    bound[stays] = most[origin[stays]]
    entrants = _entrants(changed, fits, damping, stays, bound, floor)
    touched = np.flatnonzero(lost | _marked(len(origin), entrants.lists))
    anew = np.zeros(len(origin), bool)
    anew[touched] = _merge(touched, rows, similarities, scores, entrants, bound, lost)
    anew |= lost_copy
    anew[entrants.lists[groups.now[entrants.rows] >= 0]] = True
    _own_lists(changed, fits, damping, rules, groups.now, (rows, similarities, scores))
    for row in np.flatnonzero(anew & stays).tolist():
        cosines, finals = match(row)
        (near,) = np.nonzero((finals > 0.0) & (finals >= floor))
        fit = Fit(near.astype(np.int32), cosines[near], finals[near])
        _own_lists(np.array([row]), [fit], damping, rules, groups.now, (rows, similarities, scores))
    return Kept(rows, similarities, scores, damping, np.union1d(touched, changed))


def _marked(n: int, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    marked = np.zeros(n, bool)
    marked[rows] = True
    return marked


def _best(
    finals: NDArray[np.float64], k: int, copies: NDArray[np.int32], row: int
) -> NDArray[np.intp]:
    """The k best for a row by falling final score, of each group of copies the first at most."""
    if copies[row] >= 0:
        finals = np.where(copies == copies[row], 0.0, finals)
    most = k + SPARE
    while True:
        chosen = top_k(finals, most)
        kept = chosen[~is_repeat(copies[chosen])][:k]
        if len(kept) == k or len(chosen) < most:
            return kept
        most *= 2


def _moved(
    rows: NDArray[np.int32], origin: NDArray[np.int64], copies: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Earlier lists under the rows of now; whether each lost a post, and whether one of copies."""
    stays = origin >= 0
    now = np.full(len(rows) + 1, -1, np.int32)
    now[origin[stays]] = np.flatnonzero(stays)
    moved = np.full((len(origin), rows.shape[1]), -1, np.int32)
    lost, lost_copy = np.zeros(len(origin), bool), np.zeros(len(origin), bool)
    earlier = rows[origin[stays]]
    moved[stays] = now[earlier]  # the last place, for -1, holds -1
    gone = (moved[stays] < 0) & (earlier >= 0)
    lost[stays] = gone.any(axis=1)
    lost_copy[stays] = (gone & (copies[earlier] >= 0)).any(axis=1)
    return moved, lost, lost_copy


def _entrants(
    changed: NDArray[np.intp],
    fits: list[Fit],
    damping: NDArray[np.float64],
    stays: NDArray[np.bool_],
    bound: NDArray[np.float32],
    floor: float,
) -> Entrants:
    """Changed posts that are as good as the last of a list, or that a list has room for."""
    none = np.empty(0, np.int32), np.empty(0, np.float32)
    found = [Entrants(none[0], none[0], none[1], none[1])]
    for row, fit in zip(changed.tolist(), fits, strict=True):
        finals = damped(fit.finals, damping[row])
        scores = to_scores(finals)
        enters = stays[fit.rows] & (finals >= floor) & (scores >= bound[fit.rows])
        lists = fit.rows[enters]
        whose = np.full(len(lists), row, np.int32)
        similarities = fit.cosines[enters].astype(np.float32)
        found.append(Entrants(lists, whose, similarities, scores[enters]))
    return Entrants(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _merge(
    touched: NDArray[np.intp],
    rows: NDArray[np.int32],
    similarities: NDArray[np.float32],
    scores: NDArray[np.float32],
    entrants: Entrants,
    bound: NDArray[np.float32],
    lost: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Put entrants among what lists still hold; whether each list does not tell its k best.

    It does not where another post than those named may be among them, nor where two scores are
    equal as they are stored, of which the final scores may differ.
    """
    k = rows.shape[1]
    here, held = rows[touched], rows[touched] >= 0
    number = np.full(len(rows), -1, np.int64)
    number[touched] = np.arange(len(touched))
    whose = np.concatenate([np.nonzero(held)[0], number[entrants.lists]])
    which = np.concatenate([here[held], entrants.rows])
    alike = np.concatenate([similarities[touched][held], entrants.similarities])
    good = np.concatenate([scores[touched][held], entrants.scores])
    is_new = np.concatenate([np.zeros(int(held.sum()), bool), np.ones(len(entrants.rows), bool)])
    # Of equal scores those that were on the list keep their order: they may differ in the final.
    turn = np.concatenate([np.nonzero(held)[1], np.full(len(entrants.rows), k)])
    order = np.lexsort((turn, -good, whose))
    whose, which, alike, good, is_new = (
        each[order] for each in (whose, which, alike, good, is_new)
    )
    starts = np.searchsorted(whose, np.arange(len(touched)))
    place = np.arange(len(whose)) - starts[whose]

    unclear = np.zeros(len(touched), bool)
    equal = (whose[1:] == whose[:-1]) & (good[1:] == good[:-1]) & (is_new[1:] | is_new[:-1])
    unclear[whose[:-1][equal & (place[:-1] < k)]] = True
    # Posts that stay are better than those nobody named; entrants only if their score says so.
    certain = ~is_new | (good > bound[touched][whose])
    n_certain = np.bincount(whose[certain], minlength=len(touched))
    unclear |= lost[touched] & (bound[touched] >= 0) & (n_certain < k)

    first = place < k
    for target, values, nothing in (
        (rows, which, -1),
        (similarities, alike, 0),
        (scores, good, 0),
    ):
        target[touched] = nothing
        target[touched[whose[first]], place[first]] = values[first]
    return unclear


def _own_lists(
    wanted: NDArray[np.intp],
    fits: list[Fit],
    damping: NDArray[np.float64],
    rules: Rules,
    copies: NDArray[np.int32],
    into: tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]],
) -> None:
    """Fill the lists of some rows, of which it is known how they fit every post."""
    found = Neighbours.none(len(wanted), rules.k)
    finals = np.zeros(len(damping))
    for place, (row, fit) in enumerate(zip(wanted.tolist(), fits, strict=True)):
        finals[fit.rows] = damped(fit.finals, damping[fit.rows])
        own = _best(finals, rules.k, copies, row)
        at = np.searchsorted(fit.rows, own)
        found.rows[place, : len(own)] = own
        found.similarities[place, : len(own)] = fit.cosines[at]
        found.finals[place, : len(own)] = finals[own]
        finals[fit.rows] = 0.0
    best = cut(found, rules)
    rows, similarities, scores = into
    rows[wanted], similarities[wanted] = best.rows, best.similarities
    scores[wanted] = to_scores(best.finals)
