"""How alike two rankings are."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

#: How fast the weight of a rank falls in the rank-biased overlap: with 0.8 the first five
#: ranks hold two thirds of it.
PERSISTENCE = 0.8


def churn(before: Sequence[Hashable], after: Sequence[Hashable]) -> float:
    """Share of a list's places that are taken by another item, whatever the order, in [0, 1].

    Of two lists of different lengths the longer one counts; two empty ones are the same.
    """
    longest = max(len(before), len(after))
    return 1 - len(set(before) & set(after)) / longest if longest else 0.0


def rank_biased_overlap(
    before: Sequence[Hashable], after: Sequence[Hashable], persistence: float = PERSISTENCE
) -> float:
    """How alike two rankings are, first ranks counting most: 1 is the same, 0 nothing shared.

    The agreement at each depth is the share of items that both rankings hold up to there;
    depth d has the weight ``persistence`` to the power d. Beyond the ends of the lists the
    agreement is taken to go on as it was.

    Args:
        before: A ranking without repetitions; may be empty.
        after: Another, of any length.
        persistence: Above 0 and below 1.

    Source: Webber, Moffat & Zobel (2010), equation 32.
    """
    short, long = sorted((before, after), key=len)
    if not long or not short:
        return float(len(long) == len(short))
    s, n, p = len(short), len(long), persistence
    shared = [len(set(short[:depth]) & set(long[:depth])) for depth in range(1, n + 1)]
    at_s, at_n = shared[s - 1], shared[n - 1]
    seen = sum(both / depth * p**depth for depth, both in enumerate(shared, start=1))
    unseen = sum(at_s * (depth - s) / (s * depth) * p**depth for depth in range(s + 1, n + 1))
    beyond = ((at_n - at_s) / n + at_s / s) * p**n
    return min(1.0, (1 - p) / p * (seen + unseen) + beyond)
