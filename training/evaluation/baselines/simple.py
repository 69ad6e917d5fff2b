"""Baselines without any text: chance, the calendar, and shared labels."""

from __future__ import annotations

from collections import defaultdict
from heapq import merge
from itertools import islice

import numpy as np

from training.evaluation.blog import Blog
from training.evaluation.lists import Lists, of_rows


def at_random(blog: Blog, k: int, seed: int = 0) -> Lists:
    """Other posts drawn without replacement, each as likely as any other."""
    n = len(blog)
    draw = np.random.default_rng(seed)
    length = min(k, n - 1)
    found: list[list[int]] = []
    for row in range(n):
        others = draw.choice(n - 1, size=length, replace=False).tolist() if length else []
        # The post itself is left out by shifting those behind it.
        found.append([other + (other >= row) for other in others])
    return of_rows(found, n, k)


def most_recent(blog: Blog, k: int) -> Lists:
    """The blog's newest posts under every post, as a sidebar shows them."""
    newest = range(min(k + 1, len(blog)))
    n = len(blog)
    return of_rows(([other for other in newest if other != row][:k] for row in range(n)), n, k)


def same_label(blog: Blog, k: int) -> Lists:
    """The newest earlier posts that share a tag or a category, as themes show them."""
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    found: list[list[int]] = []
    # From the oldest post, so that the holders known are the earlier ones.
    for row in reversed(range(len(blog))):
        terms = sorted(blog.terms[row])
        newest_first = merge(*(reversed(holders[term][-k:]) for term in terms))
        found.append(list(islice(dict.fromkeys(newest_first), k)))
        for term in terms:
            holders[term].append(row)
    return of_rows(reversed(found), len(blog), k)
