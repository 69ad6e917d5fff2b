"""The lists of a version, from those of an earlier one and from how the changed posts fit.

Each changed post is matched with all posts once. That gives its own list, and tells which other
lists it enters; these, and those it has left, are put together from what they held. Only where
what they held does not tell - a full list that lost a post may have to take in one that nobody
named - the list is found anew, all such lists together. So the result is what a search for every
list gives with the same damping, to the last bit, as that of :mod:`training.neighbours.updated`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts.lists import Listed
from related_posts.ranking import CURVE, HALF, Neighbours, damped, to_final, to_scores, top_k
from related_posts.selection import SPARE, is_repeat
from training.neighbours import hubs
from training.neighbours.earlier import Earlier
from training.neighbours.lists import cut
from training.neighbours.matching import Asked, Fit
from training.neighbours.rules import Rules

#: How each of some rows fits those posts that were asked for, see ``matching.Matches.fits``.
Match = Callable[[Sequence[int], Asked], list[Fit]]

#: More than rounding can change in a final score that is worked out from a score.
_SLACK = 1e-9


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


class Merged(NamedTuple):
    """The lists that are not as they were.

    Attributes:
        which: Rows of their posts, ascending; all other lists are as they were.
        lists: These lists, shape (len(which), k).
        damping: Of every post, shape (n,).
    """

    which: NDArray[np.intp]
    lists: Listed
    damping: NDArray[np.float64]


def merged(
    match: Match,
    rules: Rules,
    before: Earlier,
    origin: NDArray[np.int64],
    groups: Groups,
    usual: float,
) -> Merged:
    """The list of every post that has another one now, or may have.

    Args:
        match: How rows fit all posts.
        rules: The rules of both versions.
        before: The earlier lists.
        origin: The earlier row of each post that is as it was, -1 for the others; ascending but
            for these, shape (n,).
        groups: Groups of copies of which a list shows one post at most.
        usual: How good neighbours are on average, for the damping of changed posts.
    """
    n, stays = len(origin), origin >= 0
    (changed,) = np.nonzero(~stays)
    floor = to_final(rules.min_score)
    row_at = np.full(before.n_places + 1, -1, np.int32)
    row_at[before.places[origin[stays]]] = np.flatnonzero(stays)
    gone = row_at[:-1] < 0
    was_copy = np.zeros(before.n_places, bool)
    was_copy[before.places[groups.before >= 0]] = True
    lost, lost_copy = np.zeros(n, bool), np.zeros(n, bool)
    lost[stays] = before.holding(gone)[origin[stays]]
    lost_copy[stays] = before.holding(gone & was_copy)[origin[stays]]
    # What a post that is on no list may have at most, for each list: nothing where it has room.
    bound = np.full(n, np.float32(-1))
    bound[stays] = before.bounds()[origin[stays]]

    damping = np.zeros(n)
    damping[stays] = before.damping[origin[stays]]
    nearest = hubs.NEAREST + SPARE if rules.hub_power > 0.0 else 0
    asked = Asked(_least_finals(bound, floor), damping.copy(), rules.k + SPARE, nearest)
    fits = match(changed.tolist(), asked)
    damping[changed] = 1.0
    search = _Search(match, floor, damping, groups.now)
    if nearest and len(changed):
        damping[changed] = hubs.scaling(search.nearest(changed, fits), rules.hub_power, usual)

    entrants = _entrants(changed, fits, damping, stays, bound, floor)
    touched = np.flatnonzero(lost | _marked(n, entrants.lists))
    lists, unclear = _merge(
        touched, before.of(origin[touched], row_at), entrants, bound[touched], lost[touched]
    )
    anew = np.zeros(n, bool)
    anew[touched] = unclear
    anew |= lost_copy
    anew[entrants.lists[groups.now[entrants.rows] >= 0]] = True
    again = np.flatnonzero(anew & stays)
    no_list = np.full(n, np.inf)
    fits += match(again.tolist(), Asked(no_list, damping, rules.k + SPARE, 0))
    wanted = np.concatenate([changed, again])
    best = cut(search.best(wanted, fits, rules.k), rules)
    which = np.union1d(touched, changed)
    found = Listed.none(len(which), rules.k)
    for place, some in (
        (np.searchsorted(which, touched), lists),
        (
            np.searchsorted(which, wanted),
            Listed(best.rows, best.similarities, to_scores(best.finals)),
        ),
    ):
        for target, values in zip(found, some, strict=True):
            target[place] = values
    return Merged(which, found, damping)


def _least_finals(bound: NDArray[np.float32], floor: float) -> NDArray[np.float64]:
    """Final score that a post has at least whose score is not below each list's bound."""
    # Scores are rounded: a number just below the bound may have become the bound.
    below = np.maximum(np.nextafter(bound, np.float32(-1)).astype(np.float64), 0.0)
    finals = HALF * (below / (1.0 - below)) ** (1.0 / CURVE)
    return np.maximum(finals * (1.0 - _SLACK), floor)


def _marked(n: int, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    marked = np.zeros(n, bool)
    marked[rows] = True
    return marked


class _Search:
    """Chooses the best of what posts fit, and asks for more where copies leave too few.

    Args:
        match: How some rows fit all posts.
        floor: Final score below which posts are not related.
        damping: Of all posts; may still change.
        copies: Group of copies of each post.
    """

    def __init__(
        self, match: Match, floor: float, damping: NDArray[np.float64], copies: NDArray[np.int32]
    ) -> None:
        self._match, self._floor = match, floor
        self._damping, self._copies = damping, copies

    def nearest(self, wanted: NDArray[np.intp], fits: list[Fit]) -> Neighbours:
        """The ``hubs.NEAREST`` best of some rows before damping."""
        return self._chosen(wanted, fits, hubs.NEAREST, is_damped=False)

    def best(self, wanted: NDArray[np.intp], fits: list[Fit], k: int) -> Neighbours:
        """The k best of some rows after damping."""
        return self._chosen(wanted, fits, k, is_damped=True)

    def _chosen(
        self, wanted: NDArray[np.intp], fits: list[Fit], k: int, *, is_damped: bool
    ) -> Neighbours:
        found = Neighbours.none(len(wanted), k)
        for place, (row, fit) in enumerate(zip(wanted.tolist(), fits, strict=True)):
            most = k + SPARE
            while True:
                finals = damped(fit.finals, self._damping[fit.rows]) if is_damped else fit.finals
                if self._copies[row] >= 0:
                    finals = np.where(self._copies[fit.rows] == self._copies[row], 0.0, finals)
                chosen = top_k(finals, most)
                kept = chosen[~is_repeat(self._copies[fit.rows[chosen]])][:k]
                if len(kept) == k or len(chosen) < most:
                    break
                most *= 2
                fit = self._more(row, most, is_damped=is_damped)
            found.rows[place, : len(kept)] = fit.rows[kept]
            found.similarities[place, : len(kept)] = fit.cosines[kept]
            found.finals[place, : len(kept)] = finals[kept]
        return found

    def _more(self, row: int, most: int, *, is_damped: bool) -> Fit:
        """More of what a row fits."""
        nothing = np.full(len(self._damping), np.inf)
        if is_damped:
            (fit,) = self._match([row], Asked(nothing, self._damping, most, 0))
        else:
            (fit,) = self._match([row], Asked(nothing, np.ones(len(nothing)), 1, most))
        return fit


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
    held: Listed,
    entrants: Entrants,
    bound: NDArray[np.float32],
    lost: NDArray[np.bool_],
) -> tuple[Listed, NDArray[np.bool_]]:
    """Put entrants among what lists still hold.

    Args:
        touched: Rows of the lists, ascending.
        held: What they held, -1 for what is gone.
        entrants: What may enter them.
        bound: The most that a post may have that is on no list, for each; -1 for nothing.
        lost: Whether each list lost a post.

    Returns:
        The lists, and whether each does not tell its k best: where another post than those
        named may be among them, or two scores are equal as they are stored, of which the final
        scores may differ.
    """
    k = held.rows.shape[1]
    there = held.rows >= 0
    entered = np.searchsorted(touched, entrants.lists)
    whose = np.concatenate([np.nonzero(there)[0], entered])
    which = np.concatenate([held.rows[there], entrants.rows])
    alike = np.concatenate([held.similarities[there], entrants.similarities])
    good = np.concatenate([held.scores[there], entrants.scores])
    is_new = np.concatenate([np.zeros(int(there.sum()), bool), np.ones(len(entered), bool)])
    # Of equal scores those that were on the list keep their order: they may differ in the final.
    turn = np.concatenate([np.nonzero(there)[1], np.full(len(entered), k)])
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
    certain = ~is_new | (good > bound[whose])
    n_certain = np.bincount(whose[certain], minlength=len(touched))
    unclear |= lost & (bound >= 0) & (n_certain < k)

    first = place < k
    lists = Listed.none(len(touched), k)
    for target, values in zip(lists, (which, alike, good), strict=True):
        target[whose[first], place[first]] = values[first]
    return lists, unclear
