"""The compiled search: the best k of one group, exactly, without finishing most posts.

One query goes through four steps.

1. **Scatter.** The query's rare terms are added into one float32 sum a post, through the
   postings. Rare terms carry most of a vector's norm and few of its multiplications.
2. **Seed.** The posts that lead so far are finished: their frequent terms are added through
   their own lists. The k-th best of them is a *bar* that every neighbour must reach.
3. **Sweep.** What the frequent terms can still add to a post is at most the product of the two
   remaining norms (Cauchy-Schwarz), so most posts stay below the bar whatever they hold. The
   others are finished, and each may raise the bar. Where too many are left, the next band of
   terms is scattered first.
4. **Settle.** The few that may still be among the k best are computed as
   :mod:`related_posts.ranking` defines it, to the last bit, and ordered by its tie rule.

Steps 1 to 3 calculate in float32 and only ever exclude: every comparison leaves room for the
rounding (``rounding``), so the result does not depend on them, nor on bands, blocks or threads.
The formulas of the score are the very functions of ``related_posts.ranking``, compiled.

Two habits keep it fast. Functions with the inner loops take plain arrays, because taking an
array out of a tuple counts a reference, which all threads share. And what a step will read is
*touched* a few rows ahead, so that the memory answers many questions at once.

Source: the bound is that of Bayardo, Ma & Srikant, "Scaling up all pairs similarity search"
(WWW 2007), here for the k best instead of a threshold, and with the score's factors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.neighbours.arithmetic import (
    F32,
    I64,
    LEAST,
    SIEVE,
    Weights,
    add,
    damped,
    dot,
    final_score,
    hits,
    least_sum,
    multiply,
    rest_dot,
    rounding,
    share_held,
    time_between,
    title_factor,
    touch_frequent,
    touch_keys,
    touch_vectors,
)
from training.neighbours.compiling import cached_jit, jit
from training.neighbours.heap import offer, take_worst
from training.neighbours.memory import Query, room
from training.neighbours.postings import SPAN, Lists, Postings

SAMPLED = 8
"""One span in so many is looked at to learn what leading rows have."""

AHEAD = 16
"""Rows that are touched before they are worked on."""


class State(NamedTuple):
    """How far a search is.

    Attributes:
        kept: Rows kept so far.
        n_bars: Lower bounds in the heap.
        bar: What a row must reach to be among the k best; 0 until k rows are finished.
    """

    kept: int
    n_bars: int
    bar: float


@jit
def _fill(group: Postings, query: Query, row: int, weights: Weights) -> None:
    """Lay the query out; forget the sums of the last."""
    dense, sieve, head, bands = query.dense, query.sieve, query.head, query.bands
    starts, stops = query.starts, query.stops
    numbers, band_of, places = group.head.number_of, group.head.band_of, group.postings.starts
    first, terms, values = group.vectors.starts[row], group.vectors.keys, group.vectors.values
    for at in range(group.vectors.starts[row + 1] - first):
        term, value = terms[first + at], values[first + at]
        dense[term] = value
        sieve[term % np.uint32(SIEVE)] = 1
        bands[at], starts[at], stops[at] = band_of[term], places[term], places[term + 1]
        if bands[at] > 0:
            head[numbers[term]] = value
    query.acc[:] = 0.0
    day, times, earliest, latest = group.days[row], query.times, group.earliest, group.latest
    for span in range(len(times)):
        times[span] = time_between(day, min(max(day, earliest[span]), latest[span]), weights)


@jit
def _clear(group: Postings, query: Query, row: int) -> None:
    """Take the query out of the dense vectors."""
    dense, terms = query.dense, group.vectors.keys
    for at in range(group.vectors.starts[row], group.vectors.starts[row + 1]):
        dense[terms[at]] = 0.0
    query.head[:] = 0.0
    query.sieve[:] = 0


@jit
def _lift(group: Postings, query: Query, row: int, title_weight: float) -> None:
    """Put the damped title factor of every row, rounded up, into the lifts."""
    lifts = query.lifts
    lifts[:] = 1.0 + group.title_slack * title_factor(1.0, title_weight)
    if title_weight > 0.0:
        _lift_titles(group, query, row, title_weight)
    if group.is_damped:
        multiply(lifts, group.damping)


@jit
def _lift_titles(group: Postings, query: Query, row: int, title_weight: float) -> None:
    """Add to the lifts what the titles add."""
    lifts = query.lifts
    weight = np.float32(title_weight)
    held = group.held.keys[group.held.starts[row] : group.held.starts[row + 1]]
    starts, rows, shares = group.by_word.starts, group.by_word.keys, group.by_word.values
    near = np.float32(0.0)
    for word in held:
        near += rows[starts[word]] + shares[starts[word]]
    query.touched[0] = near
    for word in held:
        start, stop = starts[word], starts[word + np.uint32(1)]
        add(lifts, rows[start:stop], shares[start:stop], weight)
    starts, rows = group.holders.starts, group.holders.keys
    words, own_shares, title_starts = group.titles.keys, group.titles.values, group.titles.starts
    for at in range(title_starts[row], title_starts[row + 1]):
        share = weight * own_shares[at]
        for other in rows[starts[words[at]] : starts[words[at] + np.uint32(1)]]:
            lifts[other] += share


@jit
def _scatter(postings: Lists, query: Query, weights: F32, band: int) -> None:
    """Add the query's terms of one band to every post that has them."""
    rows, values, acc = postings.keys, postings.values, query.acc
    bands, starts, stops, terms = query.bands, query.starts, query.stops, query.terms
    n = 0
    near = np.float32(0.0)
    for term in range(len(weights)):
        if bands[term] == band:
            near += rows[starts[term]] + values[starts[term]]
            terms[n] = term
            n += 1
    query.touched[0] = near
    for term in terms[:n]:
        start, stop = starts[term], stops[term]
        add(acc, rows[start:stop], values[start:stop], weights[term])


@jit
def _beyond(query: Query, weights: F32, level: int) -> tuple[np.float32, int]:
    """Norm of the query's terms beyond a level, rounded up; additions to scatter the next band."""
    bands, starts, stops = query.bands, query.starts, query.stops
    squares, cost = 0.0, 0
    for term in range(len(weights)):
        if bands[term] > level:
            squares += np.float64(weights[term]) ** 2
            if bands[term] == level + 1:
                cost += stops[term] - starts[term]
    return np.float32(np.sqrt(squares) * (1.0 + 1e-6)), cost


@jit
def _leaders(query: Query, step: int, size: int, bar: float) -> int:
    """Heap the ``size`` leading rows that reach the bar, of every step-th span; their number."""
    keys, rows, times = query.seed_keys[:size], query.seed_rows[:size], query.times
    sums, all_lifts = query.acc, query.lifts
    n = 0
    for span in range(0, len(times), step):
        start, stop, time = span * SPAN, (span + 1) * SPAN, times[span]
        part, lifts = sums[start:stop], all_lifts[start:stop]
        least = max(np.float32((keys[0] if n == size else bar) / time), LEAST)
        if hits(part, part, np.float32(0.0), lifts, least) > 0:
            for at in range(len(part)):
                lead = part[at] * lifts[at]
                if lead >= least:
                    n = offer(keys, rows, n, lead * time, start + at)
    return n


@jit
def _lead(query: Query) -> int:
    """Put the rows that lead so far into the seeds; their number.

    A sample of the spans tells first which sums are worth a place.
    """
    size, bar = len(query.seed_keys), 0.0
    few = size // SAMPLED + 2
    if few < size and _leaders(query, SAMPLED, few, 0.0) == few:
        bar = query.seed_keys[0]
    found = _leaders(query, 1, size, bar)
    if found < len(query.bar_keys) and bar > 0.0:
        found = _leaders(query, 1, size, 0.0)
    return found


@jit
def _survivors(
    query: Query, rests: F32, norm: np.float32, bar: float, slack: float, most: int
) -> int:
    """Collect the rows that can reach the bar; -1 if they are more than ``most``."""
    times, sums, all_lifts, rows = query.times, query.acc, query.lifts, query.todo
    count = 0
    for span in range(len(times)):
        start, stop = span * SPAN, (span + 1) * SPAN
        part, rest, lifts = sums[start:stop], rests[start:stop], all_lifts[start:stop]
        least = least_sum(bar, times[span], slack)
        n_hits = hits(part, rest, norm, lifts, least)
        if n_hits == 0:
            continue
        if count + n_hits > most:
            return -1
        for at in range(len(part)):
            if (part[at] + norm * rest[at]) * lifts[at] >= least:
                rows[count] = start + at
                count += 1
    return count


@jit
def _finish(
    group: Postings,
    query: Query,
    row: int,
    rows: I64,
    level: int,
    norm: np.float32,
    slack: float,
    weights: Weights,
    state: State,
) -> State:
    """Add what rows lack beyond a level; keep those that may be among the k best."""
    kept, n_bars, bar = state
    acc, lifts, head, days = query.acc, query.lifts, query.head, group.days
    bounds, numbers, values = group.head.bounds, group.head.numbers, group.head.weights
    rest, day, blur = group.head.rest[level], days[row], 2.0 * group.title_slack
    keep, uppers, bars, bar_rows = query.kept, query.uppers, query.bar_keys, query.bar_rows
    blur *= title_factor(1.0, weights.title_weight)
    for place in range(len(rows)):
        if place % AHEAD == 0:
            ahead = rows[place : place + AHEAD]
            query.touched[0] = touch_frequent(bounds, level, numbers, values, ahead)
        other = rows[place]
        time, lift = time_between(day, days[other], weights), np.float64(lifts[other])
        bound = np.float64(acc[other] + norm * rest[other]) + slack
        if final_score(bound, time, lift) < bar:
            continue
        start, stop = bounds[other, 0], bounds[other, level + 1]
        near = np.float64(acc[other] + rest_dot(numbers[start:stop], values[start:stop], head))
        upper = final_score(min(near + slack, 1.0), time, lift)
        if upper < bar:
            continue
        keep[kept], uppers[kept] = other, upper
        kept += 1
        lower = final_score(min(near, 1.0) - slack, time, lift - blur)
        n_bars = offer(bars, bar_rows, n_bars, lower, other)
        if n_bars == len(bars):
            bar = max(bar, bars[0])
    return State(kept, n_bars, bar)


@jit
def _settle(group: Postings, query: Query, row: int, state: State, weights: Weights) -> int:
    """Compute the kept rows exactly, cosines into the sums, and keep the k best; their number."""
    keep, uppers, acc = query.kept, query.uppers, query.acc
    dense, sieve, keys, rows = query.dense, query.sieve, query.best_keys, query.best_rows
    found = query.terms
    starts, terms, values = group.vectors.starts, group.vectors.keys, group.vectors.values
    title_starts, words, shares = group.titles.starts, group.titles.keys, group.titles.values
    own_words = words[title_starts[row] : title_starts[row + 1]]
    own_shares = shares[title_starts[row] : title_starts[row + 1]]
    held_starts, held = group.held.starts, group.held.keys
    own_held = held[held_starts[row] : held_starts[row + 1]]
    days, day, damping = group.days, group.days[row], group.damping
    left = 0
    for at in range(state.kept):
        if uppers[at] >= state.bar:
            keep[left] = keep[at]
            left += 1
    size = 0
    for at in range(left):
        if at % AHEAD == 0:
            ahead = keep[at : min(at + AHEAD, left)]
            query.touched[0] = touch_vectors(starts, terms, values, ahead)
            if weights.title_weight > 0.0:
                query.touched[0] += touch_keys(held_starts, held, ahead)
                query.touched[0] += touch_keys(title_starts, words, ahead)
        other = keep[at]
        start, stop = starts[other], starts[other + 1]
        cosine = dot(dense, sieve, found, terms[start:stop], values[start:stop])
        acc[other] = cosine
        if cosine > 0.0:
            cover = 0.0
            if weights.title_weight > 0.0:
                start, stop = held_starts[other], held_starts[other + 1]
                cover = share_held(held[start:stop], own_words, own_shares)
                start, stop = title_starts[other], title_starts[other + 1]
                cover += share_held(own_held, words[start:stop], shares[start:stop])
            time = time_between(day, days[other], weights)
            final = final_score(cosine, time, title_factor(cover, weights.title_weight))
            size = offer(keys, rows, size, damped(final, damping[other]), other)
    return size


@jit
def _search(group: Postings, query: Query, row: int, weights: Weights) -> int:
    """Leave the k best of one query in its last heap; their number."""
    own = group.vectors.values[group.vectors.starts[row] : group.vectors.starts[row + 1]]
    rest, cost_of = group.head.rest, group.head.cost
    slack = rounding(len(own))
    wide = slack * title_factor(2.0, weights.title_weight)
    _lift(group, query, row, weights.title_weight)
    _scatter(group.postings, query, own, 0)
    query.acc[row] = -np.inf
    level = 0
    norm, cost = _beyond(query, own, level)

    state = State(0, 0, 0.0)
    seeds = query.seed_rows[: _lead(query)]
    state = _finish(group, query, row, seeds, level, norm, slack, weights, state)
    query.acc[seeds] = -np.inf
    while True:
        most = len(query.acc)
        if level + 1 < len(rest):
            most = int(cost / cost_of[level])
        count = _survivors(query, rest[level], norm, state.bar, wide, most)
        if count >= 0:
            break
        level += 1
        _scatter(group.postings, query, own, level)
        norm, cost = _beyond(query, own, level)
    todo = query.todo[:count]
    state = _finish(group, query, row, todo, level, norm, slack, weights, state)
    return _settle(group, query, row, state, weights)


@cached_jit(
    "related_posts.ranking",
    "training.neighbours.arithmetic",
    "training.neighbours.heap",
    "training.neighbours.memory",
    "training.neighbours.postings",
)
def search_block(
    group: Postings,
    weights: Weights,
    wanted: I64,
    rows: NDArray[np.int32],
    similarities: NDArray[np.float32],
    finals: NDArray[np.float64],
) -> None:
    """Find the k best of some of the group's rows.

    Args:
        group: The posts.
        weights: The factors.
        wanted: The rows asked about; neighbouring rows one after another are fastest.
        rows: Filled with the neighbours' rows, best first, -1 where there are fewer; shape
            (len(wanted), k).
        similarities: Filled with their cosines, 0 where none; same shape.
        finals: Filled with their final scores, not mapped to [0, 1], 0 where none; same shape.
    """
    query = room(group, rows.shape[1])
    rows[:] = -1
    similarities[:] = 0.0
    finals[:] = 0.0
    for line in range(len(wanted)):
        row = wanted[line]
        _fill(group, query, row, weights)
        size = _search(group, query, row, weights)
        left = size
        while left > 0:
            left = take_worst(query.best_keys, query.best_rows, left)
        for place in range(size):
            other = query.best_rows[place]
            rows[line, place] = other
            similarities[line, place] = query.acc[other]
            finals[line, place] = query.best_keys[place]
        _clear(group, query, row)
