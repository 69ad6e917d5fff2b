"""Lists worth reading: those that miss most of what their author linked, and those that miss none.

A figure says how much is wrong, an example says what.
"""

from __future__ import annotations

from dataclasses import dataclass

from training.evaluation.blog import Blog
from training.evaluation.judgements import Relevant

#: Lists shown of each kind.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One post on a list, or one that is missing there.

    Attributes:
        id: The publisher's id.
        title: Plain text.
        relevant: Whether the author linked the two.
    """

    id: str
    title: str
    relevant: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One list and how it was judged.

    Attributes:
        id: The post the list belongs to.
        title: Its title.
        ndcg: nDCG of the list.
        items: What is shown, best first.
        missing: Linked posts that are not shown.
    """

    id: str
    title: str
    ndcg: float
    items: tuple[Shown, ...]
    missing: tuple[Shown, ...]


def examples(
    blog: Blog, lists: list[list[int]], relevant: Relevant, ndcgs: list[float], *, best: bool
) -> tuple[Example, ...]:
    """The best or the worst lists; of equally good ones, those with most judgements first.

    Args:
        blog: The posts.
        lists: Rows of the related posts of every post.
        relevant: Row of a query to the rows relevant to it.
        ndcgs: nDCG of each query's list, in the order of ``relevant``.
        best: Which end.
    """
    sign = -1 if best else 1
    ranked = sorted(
        zip(relevant.items(), ndcgs, strict=True),
        key=lambda each: (sign * each[1], -len(each[0][1]), each[0][0]),
    )
    return tuple(
        _example(blog, row, lists[row], wanted, ndcg) for (row, wanted), ndcg in ranked[:EXAMPLES]
    )


def _example(
    blog: Blog, row: int, related: list[int], wanted: frozenset[int], ndcg: float
) -> Example:
    def shown(other: int) -> Shown:
        return Shown(blog.ids[other], blog.titles[other], other in wanted)

    return Example(
        blog.ids[row],
        blog.titles[row],
        ndcg,
        tuple(map(shown, related)),
        tuple(map(shown, sorted(wanted - set(related)))),
    )
