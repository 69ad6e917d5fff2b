"""No id twice: the first post stays, the second is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from related_posts.fields import shown
from related_posts.posts import Post
from training.sources.base import Item, Problem


def distinct(placed: Iterable[tuple[str, Item | None]]) -> Iterator[Item]:
    """The items, with a problem in place of a post whose id an earlier post had.

    Args:
        placed: Items with the place they were found at; None is passed over.
    """
    first_place: dict[str, str] = {}
    for place, item in placed:
        if isinstance(item, Post):
            earlier = first_place.setdefault(item.id, place)
            if earlier != place:
                reason = f"its id {shown(item.id)} was read before, at {earlier}"
                item = Problem(place, f"{reason}; the first one stays", item.id)
        if item is not None:
            yield item
