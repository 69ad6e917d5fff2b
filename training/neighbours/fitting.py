"""The compiled fit: how one post fits all others, finished only where that may matter.

The terms of a post are added up for all others, exactly. What titles can still add is bounded,
so that only those posts are finished of which the bound says that they may be asked for: see
:class:`training.neighbours.matching.Asked`. To the bits of :mod:`related_posts.ranking`, whose
very functions are compiled in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.neighbours.arithmetic import (
    Weights,
    damped,
    final_score,
    time_between,
    title_factor,
)
from training.neighbours.compiling import cached_jit, jit
from training.neighbours.heap import offer

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


class Part(NamedTuple):
    """Some of the posts, by place.

    Attributes:
        starts, terms: Terms of each, ascending.
        by_term, places, values: Places that have each term, and how much.
        lent_starts, lent: Terms that each has by its links alone, ascending.
    """

    starts: I64
    terms: I32
    by_term: I64
    places: I32
    values: F32
    lent_starts: I64
    lent: I32


class Field(NamedTuple):
    """All posts, by row, but for the vectors.

    Attributes:
        places: Place of each: among the first part's, then the second's.
        title_starts, words, shares: Title words of each, ascending.
        days: Date of each, NaN where undated.
        together: Posts are related within a group only.
        apart: Groups within which posts are never related, -1 for none.
        copies: Groups of which a list shows one post at most, -1 for none.
        damping: Of each post where it is shown; 0 where that is not known yet.
        least: Final score that makes a post worth finishing for each other.
    """

    places: I32
    title_starts: I64
    words: I32
    shares: F32
    days: F64
    together: NDArray[np.int16]
    apart: I32
    copies: I32
    damping: F64
    least: F64


class Room(NamedTuple):
    """The memory of one thread.

    Attributes:
        sums: Of each place, shape (n_places,).
        held: Terms of the post asked about that are its own, shape (n_terms,).
        rows, highest: Posts that share a term, and the most that their final scores may be.
        cosines, finals: Of the rows that are given back.
        best_keys, best_rows: Heap of the best lower bounds after damping.
        near_keys, near_rows: And before it; without room for any where they are not asked for.
    """

    sums: F64
    held: NDArray[np.uint8]
    rows: I64
    highest: F64
    cosines: F64
    finals: F64
    best_keys: F64
    best_rows: I64
    near_keys: F64
    near_rows: I64


@jit
def _add(sums: F64, places: I32, values: F32, weight: float) -> bool:
    """Add one term to every place that has it; False where one is not there."""
    n = np.uint32(len(sums))
    for at in range(len(places)):
        place = np.uint32(places[at])
        if place >= n:
            return False
        sums[place] += weight * np.float64(values[at])
    return True


@jit
def _has(terms: I32, low: int, end: int, term: int) -> bool:
    """Whether an ascending list has a term."""
    high = end
    while low < high:
        middle = (low + high) >> 1
        if terms[middle] < term:
            low = middle + 1
        else:
            high = middle
    return low < end and terms[low] == term


@jit
def _held(words: I32, shares: F32, held: NDArray[np.uint8]) -> float:
    """Share of a title that the post asked about holds of its own."""
    total = 0.0
    for at in range(len(words)):
        if held[words[at]]:
            total += np.float64(shares[at])
    return min(total, 1.0)


@jit
def _held_by(words: I32, shares: F32, part: Part, place: int) -> float:
    """Share of the title of the post asked about that another holds of its own."""
    total = 0.0
    for at in range(len(words)):
        word = words[at]
        start, end = part.starts[place], part.starts[place + 1]
        if _has(part.terms, start, end, word):
            start, end = part.lent_starts[place], part.lent_starts[place + 1]
            if not _has(part.lent, start, end, word):
                total += np.float64(shares[at])
    return min(total, 1.0)


@cached_jit("related_posts.ranking", "training.neighbours.arithmetic", "training.neighbours.heap")
def fit(
    shared: Part,
    fresh: Part,
    field: Field,
    weights: Weights,
    floor: float,
    row: int,
    terms: I32,
    values: F32,
    own: I32,
    room: Room,
) -> int:
    """How a post fits those that matter to it, or to which it matters; see the module.

    Args:
        shared: The first posts, by place.
        fresh: Those behind them.
        field: All posts.
        weights: The factors.
        floor: Final score below which nothing is related.
        row: The post asked about.
        terms: Its terms, ascending.
        values: Their weights.
        own: Those of them that are not lent.
        room: Filled with the rows, ascending, their cosines and final scores before damping.

    Returns:
        How many there are; -1 where postings name posts that are not there.
    """
    n_shared = len(shared.starts) - 1
    sums, held = room.sums, room.held
    sums[:] = 0.0
    for at in range(len(terms)):
        term, value = terms[at], np.float64(values[at])
        start, end = shared.by_term[term], shared.by_term[term + 1]
        if not _add(sums[:n_shared], shared.places[start:end], shared.values[start:end], value):
            return -1
        start, end = fresh.by_term[term], fresh.by_term[term + 1]
        if not _add(sums[n_shared:], fresh.places[start:end], fresh.values[start:end], value):
            return -1
    todo, n_best, n_near = _bounds(field, weights, floor, row, room)
    # Nothing is left out before so many are known to be as good.
    best = room.best_keys[0] if n_best == len(room.best_keys) else 0.0
    near = np.inf
    if len(room.near_keys):
        near = room.near_keys[0] if n_near == len(room.near_keys) else 0.0
    for at in range(len(own)):
        held[own[at]] = 1
    first, last = field.title_starts[row], field.title_starts[row + 1]
    own_words, own_shares = field.words[first:last], field.shares[first:last]
    count = 0
    for number in range(todo):
        other, most = room.rows[number], room.highest[number]
        least, damping = field.least[other], field.damping[other]
        known = damping > 0.0
        if most < near and known and most < least and damped(most, damping) < best:
            continue
        place = field.places[other]
        first, last = field.title_starts[other], field.title_starts[other + 1]
        cover = _held(field.words[first:last], field.shares[first:last], held)
        if place < n_shared:
            cover += _held_by(own_words, own_shares, shared, place)
        else:
            cover += _held_by(own_words, own_shares, fresh, place - n_shared)
        cosine = min(sums[place], 1.0)
        time = time_between(field.days[row], field.days[other], weights)
        final = final_score(cosine, time, title_factor(cover, weights.title_weight))
        if final < near and known and final < least and damped(final, damping) < best:
            continue
        room.rows[count], room.cosines[count], room.finals[count] = other, cosine, final
        count += 1
    for at in range(len(own)):
        held[own[at]] = 0
    return count


@jit
def _bounds(
    field: Field, weights: Weights, floor: float, row: int, room: Room
) -> tuple[int, int, int]:
    """List the posts that share a term and may be related, with what titles leave open.

    Returns:
        How many they are, and how many each heap holds.
    """
    sums, places, days, damping = room.sums, field.places, field.days, field.damping
    together, apart, copies = field.together, field.apart, field.copies
    day, group, own_apart, own_copies = days[row], together[row], apart[row], copies[row]
    most_near = len(room.near_keys)
    lift = title_factor(2.0, weights.title_weight)
    todo = n_best = n_near = 0
    for other in range(len(places)):
        cosine = sums[places[other]]
        if cosine <= 0.0 or other == row or together[other] != group:
            continue
        if own_apart >= 0 and apart[other] == own_apart:
            continue
        cosine = min(cosine, 1.0)
        time = time_between(day, days[other], weights)
        most = final_score(cosine, time, lift)
        # Hardly any post is related, and of the others few are among the nearest so far.
        if most < floor and (not most_near or (n_near == most_near and most < room.near_keys[0])):
            continue
        room.rows[todo], room.highest[todo] = other, most
        todo += 1
        if own_copies >= 0 and copies[other] == own_copies:
            # It stands on no list of this post.
            continue
        low = final_score(cosine, time, 1.0)
        if damping[other] > 0.0:
            key = damped(low, damping[other])
            n_best = offer(room.best_keys, room.best_rows, n_best, key, other)
        if most_near:
            n_near = offer(room.near_keys, room.near_rows, n_near, low, other)
    return todo, n_best, n_near
