"""Lists under any damping, chosen among what one search without damping found.

Damping is learnt from neighbours that were found without it, and changes again where hubs are
held back; most of a search does not depend on it. So every post is searched once, without
damping, for some more neighbours than its list needs, and the list is chosen among them and
among the posts on whose long list it stands itself: without damping a final score is the same
both ways.

A choice is certain where no other post could be on the list. Two posts of which neither is on
the other's long list have, without damping, at most the last score of either list. So any other
post o brings to the list of q at most ``damping(o) · min(last(q), last(o))``. A post that is
damped little has middling neighbours, and a low last score with them, which makes the bound
tight. Lists that end above it are certain, the few others are searched again with the damping.
Products of floats are monotone, so the bound needs no room for rounding; an equal score might
belong to a lower row, so a list must end *above* it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts.ranking import Neighbours, damped

Search = Callable[
    [int, NDArray[np.float64] | None, NDArray[np.intp] | None],
    Neighbours,
]
"""Finds the k best with some damping, of some rows or of all, exactly."""

#: Length of the long lists, as a multiple of what is needed of them. Measured on real blogs and
#: on synthetic ones of up to 100,000 posts: two lists in a hundred or fewer are searched again.
LONGER = 1.5
#: Long lists that are looked at together.
_AT_ONCE = 4096


class Newcomers(NamedTuple):
    """Posts that may enter lists though they are not on the long ones; shape (n_pairs,) each.

    Attributes:
        places: Place of the list among those asked for, ascending.
        rows, similarities, finals: As in :class:`Neighbours`, with damping.
    """

    places: NDArray[np.intp]
    rows: NDArray[np.int32]
    similarities: NDArray[np.float32]
    finals: NDArray[np.float64]


class Undamped:
    """Chooses lists under any damping.

    Args:
        found: The m best of every post without damping, exactly; shape (n, m).
        search: Finds those lists that are not certain.
    """

    def __init__(self, found: Neighbours, search: Search) -> None:
        self._found, self._search = found, search
        full = found.rows[:, -1] >= 0
        # All that is related to a post whose list is not full is on it.
        self._last = np.where(full, found.finals[:, -1], 0.0)
        self._order = np.argsort(self._last)

    def best(
        self,
        k: int,
        damping: NDArray[np.float64] | None,
        wanted: NDArray[np.intp] | None,
    ) -> Neighbours:
        """The k best of some posts, or of all, as the search finds them.

        Args:
            k: Wanted length of each list, at least 1.
            damping: Of each post, in (0, 1], shape (n,); None for 1 everywhere.
            wanted: Rows whose lists are asked for, each once; None for all.
        """
        n, m = self._found.rows.shape
        asked = np.arange(n) if wanted is None else wanted
        best = Neighbours.none(len(asked), k)
        certain = self._last[asked] == 0.0
        if damping is None:
            _put(best, np.s_[:, :m], self._found, np.s_[asked, :k])
            certain |= k <= m
        else:
            newcomers = self._newcomers(asked, k, damping)
            n_new = np.bincount(newcomers.places, minlength=len(asked))
            self._choose(best, asked, damping, newcomers, n_new)
            certain |= (best.finals[:, -1] > self._bounds(damping)[asked]) & (n_new <= k)
        again = np.flatnonzero(~certain)
        if len(again):
            _put(best, again, self._search(k, damping, asked[again]), np.s_[:])
        return best

    def _bounds(self, damping: NDArray[np.float64]) -> NDArray[np.float64]:
        """The most that a post brings to each list if neither is on the other's; shape (n,)."""
        ordered, last = damping[self._order], self._last[self._order]
        below = np.maximum.accumulate(np.append(0.0, damped(last, ordered)))
        above = np.maximum.accumulate(np.append(0.0, ordered[::-1]))[::-1]
        at = np.searchsorted(last, self._last)
        return np.maximum(below[at], damped(self._last, above[at]))

    def _floor(
        self, asked: NDArray[np.intp], k: int, damping: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What a newcomer to each post's list must reach; infinite where none is of use."""
        n, m = self._found.rows.shape
        floor = np.full(n, np.inf)
        unsure = asked[self._last[asked] > 0.0]
        for start in range(0, len(unsure) if k <= m else 0, _AT_ONCE):
            some = unsure[start : start + _AT_ONCE]
            finals = damped(self._found.finals[some], damping[self._found.rows[some]])
            floor[some] = np.partition(finals, m - k, axis=1)[:, m - k]
        return floor

    def _newcomers(
        self, asked: NDArray[np.intp], k: int, damping: NDArray[np.float64]
    ) -> Newcomers:
        """Who has a post on the long list, is not on that post's, and may be on its list."""
        rows, similarities, finals = self._found
        floor = self._floor(asked, k, damping)
        pairs = [np.empty(0, np.intp)]
        for start in range(0, len(rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            reach = damped(finals[part], damping[part, None])
            lines, columns = np.nonzero((reach >= floor[rows[part]]) & (rows[part] >= 0))
            hosts, guests = rows[part][lines, columns], start + lines
            without, last = finals[part][lines, columns], self._last[hosts]
            new = (without < last) | ((without == last) & (guests > rows[hosts, -1]))
            pairs.append((guests * rows.shape[1] + columns)[new])
        at = np.concatenate(pairs)
        place_of = np.full(len(rows), -1, np.intp)
        place_of[asked] = np.arange(len(asked))
        at = at[np.argsort(place_of[rows.ravel()[at]], kind="stable")]
        guests = at // rows.shape[1]
        return Newcomers(
            place_of[rows.ravel()[at]],
            guests.astype(np.int32),
            similarities.ravel()[at],
            damped(finals.ravel()[at], damping[guests]),
        )

    def _choose(
        self,
        best: Neighbours,
        asked: NDArray[np.intp],
        damping: NDArray[np.float64],
        newcomers: Newcomers,
        n_new: NDArray[np.intp],
    ) -> None:
        """Fill in the best of the long lists and the newcomers, of which k count at most."""
        k, m = best.rows.shape[1], self._found.rows.shape[1]
        starts = np.append(0, np.cumsum(n_new))
        for start in range(0, len(asked), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            some = asked[part]
            width = m + min(int(n_new[part].max()), k)
            both = Neighbours.none(len(some), width)
            _put(both, np.s_[:, :m], self._found, some)
            both.finals[:, :m] = damped(both.finals[:, :m], damping[both.rows[:, :m]])
            new = np.arange(starts[start], starts[start + len(some)])
            columns = m + new - starts[newcomers.places[new]]
            new, columns = new[columns < width], columns[columns < width]
            at = newcomers.places[new] - start, columns
            _put(both, at, Neighbours(*newcomers[1:]), new)
            order = _ranking(both)[:, :k]
            lines = np.arange(len(some))[:, None]
            _put(best, np.s_[part, : order.shape[1]], both, (lines, order))


def _put(into: Neighbours, there: Any, found: Neighbours, here: Any) -> None:
    """Copy what is found at an index to another."""
    into.rows[there] = found.rows[here]
    into.similarities[there] = found.similarities[here]
    into.finals[there] = found.finals[here]


def longer(k: int) -> int:
    """How many neighbours to find without damping where k are needed with it."""
    return round(LONGER * k)


def _ranking(found: Neighbours) -> NDArray[np.intp]:
    """Columns of each list by descending score, then ascending row; shape of ``found``."""
    order = np.argsort(-found.finals, axis=1)
    finals = np.take_along_axis(found.finals, order, axis=1)
    # Equal scores are few, and sorting by two keys takes much longer.
    tied = ((finals[:, 1:] == finals[:, :-1]) & (finals[:, 1:] > 0.0)).any(axis=1)
    order[tied] = np.lexsort((found.rows[tied], -found.finals[tied]))
    return order
