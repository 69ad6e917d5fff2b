"""A blog's own links as judgements, and its texts without them.

An author who links from one post to another says that they belong together. But the
link's text often repeats the title of the post it leads to, so it is taken out of the
text before anything is measured, as are the links that a source states (``links``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from related_posts.errors import EvaluationError
from related_posts.links import without_links
from related_posts.posts import Post
from training.evaluation.finder import Finder
from training.evaluation.judgements import Judgements, Pair


def own_links(posts: Sequence[Post], finder: Finder) -> Judgements:
    """Every link between two posts of the blog.

    Args:
        posts: In row order.
        finder: Of the same posts.

    Raises:
        EvaluationError: There is none.
    """
    pairs = frozenset(
        (row, target) for row, post in enumerate(posts) for target in finder.links(row, post)
    )
    if not pairs:
        raise EvaluationError(
            f"none of the {len(posts):,} posts links to another, so nothing can be judged by "
            "the blog's own links. If its texts do link to each other, their addresses may differ: "
            "name the blog's with --site, and earlier ones with --set former_sites=ADDRESS. Else "
            "name a file of judgements with --judgements"
        )
    return Judgements(pairs, n_lines=len(pairs))


def hidden(post: Post, row: int, finder: Finder) -> Post:
    """A post without its links to other posts of the blog, their texts included."""
    html = without_links(post.html, post.url, partial(finder.leads_inside, row))
    return replace(post, html=html, links=())


@dataclass(frozen=True, slots=True)
class Halves:
    """Links parted into those the build is told and those it is judged by.

    Attributes:
        known: What the build is told; a pair and its reverse are never parted.
        judged: The rest.
    """

    known: frozenset[Pair]
    judged: frozenset[Pair]


def part(pairs: Iterable[Pair], share: float, seed: int) -> Halves:
    """Part links at random, so that what a recipe learned is not what judges it.

    Args:
        pairs: Linking and linked row.
        share: Share of the linked pairs that becomes known, from 0 to below 1.
        seed: Decides which.
    """
    links = frozenset(pairs)
    together = sorted({(min(pair), max(pair)) for pair in links})
    n_known = min(math.floor(share * len(together)), max(len(together) - 1, 0))
    chosen = np.random.default_rng(seed).permutation(len(together))[:n_known]
    known = {together[place] for place in chosen.tolist()}
    told = frozenset(pair for pair in links if (min(pair), max(pair)) in known)
    return Halves(told, links - told)
