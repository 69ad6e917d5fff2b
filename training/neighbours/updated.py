"""The lists of a version, from those of an earlier one and what changed since.

A list stays as it was unless a post on it is gone or changed, or a changed post is good enough
to enter it; all others are found anew, exactly. So the result is what a search for every list
gives with the same damping, to the last bit. Damping is kept: that of a changed post comes from
its own neighbours, that of all others stays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts import ranking
from related_posts.ranking import to_final, to_scores
from training.neighbours import hubs
from training.neighbours.lists import Posts, cut, find
from training.neighbours.rules import Rules

#: Changed posts that are compared with all posts at a time.
_AT_ONCE = 64
#: Beyond what rounding can change in a score.
_SLACK = 1e-6


class Kept(NamedTuple):
    """Lists as a version holds them.

    Attributes:
        rows, similarities, scores: See :mod:`related_posts.layout`; shape (n, k).
        damping: Of each post, shape (n,).
        found: Rows whose list was found anew; all others are as they were.
    """

    rows: NDArray[np.int32]
    similarities: NDArray[np.float32]
    scores: NDArray[np.float32]
    damping: NDArray[np.float64]
    found: NDArray[np.intp]


def updated(
    posts: Posts, rules: Rules, before: Kept, origin: NDArray[np.int64], usual: float, jobs: int
) -> Kept:
    """The list of every post.

    Args:
        posts: All posts as they are now.
        rules: The rules of both versions.
        before: The earlier lists.
        origin: The earlier row of each post that is as it was, in all that ``posts`` says of it;
            -1 for the others; ascending but for these, shape (n,).
        usual: How good neighbours are on average, for the damping of changed posts.
        jobs: Threads, as in joblib.
    """
    stays = origin >= 0
    (changed,) = np.nonzero(~stays)
    damping = np.ones(len(origin))
    damping[stays] = before.damping[origin[stays]]
    if rules.hub_power > 0.0 and len(changed):
        nearest = find(posts, rules, hubs.NEAREST, None, changed, jobs=jobs)
        damping[changed] = hubs.scaling(nearest, rules.hub_power, usual)

    rows, lost = _moved(before.rows, origin)
    similarities = np.zeros(rows.shape, np.float32)
    scores = np.zeros(rows.shape, np.float32)
    similarities[stays] = before.similarities[origin[stays]]
    scores[stays] = before.scores[origin[stays]]
    least = np.where(rows[:, -1] >= 0, scores[:, -1], np.float32(rules.min_score))
    again = np.flatnonzero(lost | ~stays | _entered(posts, rules, damping, changed, least))
    if len(again):
        best = cut(find(posts, rules, rules.k, damping, again, jobs=jobs), rules)
        rows[again], similarities[again] = best.rows, best.similarities
        scores[again] = to_scores(best.finals)
    return Kept(rows, similarities, scores, damping, again)


def _moved(
    rows: NDArray[np.int32], origin: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Earlier lists under the rows of now, and whether each lacks a post that it had."""
    stays = origin >= 0
    now = np.full(len(rows) + 1, -1, np.int32)
    now[origin[stays]] = np.flatnonzero(stays)
    moved = np.full((len(origin), rows.shape[1]), -1, np.int32)
    earlier = rows[origin[stays]]
    moved[stays] = now[earlier]  # the last place, for -1, holds -1
    lost = np.zeros(len(origin), bool)
    lost[stays] = ((moved[stays] < 0) & (earlier >= 0)).any(axis=1)
    return moved, lost


def _entered(
    posts: Posts,
    rules: Rules,
    damping: NDArray[np.float64],
    changed: NDArray[np.intp],
    least: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Whether a changed post may be good enough for each list; some of these are not.

    Args:
        posts: All posts.
        rules: The rules.
        damping: Of all posts.
        changed: Rows of the changed ones.
        least: Score that each list asks for, shape (n,).
    """
    factors = rules.factors
    texts = ranking.own_terms(posts.vectors, posts.borrowed)
    entered = np.zeros(len(least), bool)
    bar = least.astype(np.float64) * (1.0 - _SLACK)
    floor = to_final(rules.min_score) * (1.0 - _SLACK)
    for start in range(0, len(changed), _AT_ONCE):
        some = changed[start : start + _AT_ONCE]
        vectors, titles = posts.vectors[some], posts.titles[some]
        similar = ranking.cosines(vectors, posts.vectors)
        similar[posts.languages[some][:, None] != posts.languages[None, :]] = 0.0
        similar[np.arange(len(some)), some] = 0.0
        cover = ranking.title_coverage(texts[some], titles, texts, posts.titles)
        gaps = ranking.days_apart(posts.days[some], posts.days)
        finals = ranking.damped(
            ranking.final_score(
                similar,
                ranking.time_factor(gaps, factors.time_weight, factors.time_days),
                ranking.title_factor(cover, factors.title_weight),
            ),
            damping[some][:, None],
        )
        reach = (finals > 0.0) & (finals >= floor) & (to_scores(finals) >= bar[None, :])
        entered |= reach.any(axis=0)
    return entered
