"""What a page reports, checked against the version it says it showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from related_posts.errors import InvalidQueryError
from related_posts.index import Index
from service.api.parameters import MAX_LIMIT

#: Longest report: two lists of fifty ids of ordinary length fit several times.
MOST_BYTES = 16_384

_SHAPE = (
    'JSON such as {"version": "…", "post": "an id", "views": [[1, "an id"]], "clicks": [[1, "…"]]}'
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One item as one list of a page showed it.

    Attributes:
        version: The version that the list came from.
        post: Id of the post the list stood under.
        item: Id of the post that was shown.
        position: Its place in the list, from 1.
    """

    version: str
    post: str
    item: str
    position: int


def read(body: bytes) -> tuple[list[Shown], list[Shown]]:
    """What was seen and what was followed.

    Raises:
        InvalidQueryError: It is not of the shape that the widget sends, or names
            a position twice or one that no list has.
    """
    try:
        report = orjson.loads(body)
        version, post = report["version"], report["post"]
        kinds = [report.get(kind, []) for kind in ("views", "clicks")]
        if not (isinstance(version, str) and isinstance(post, str)):
            raise TypeError
        views, clicks = (
            [Shown(version, post, item, position) for position, item in kind] for kind in kinds
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InvalidQueryError("body", _start(body), _SHAPE) from None
    for kind in (views, clicks):
        _check_positions(kind)
    return views, clicks


def _check_positions(kind: list[Shown]) -> None:
    positions: list[Any] = [shown.position for shown in kind]
    for position in positions:
        if type(position) is not int or not 1 <= position <= MAX_LIMIT:
            raise InvalidQueryError("position", position, f"a whole number from 1 to {MAX_LIMIT}")
    if len(set(positions)) < len(positions):
        raise InvalidQueryError("position", positions, "named once")


def check(index: Index, shown: list[Shown]) -> None:
    """Refuse what this version cannot have shown.

    Raises:
        InvalidQueryError: The item is the post itself.
        UnknownPostError: The version has no such post.
    """
    for each in shown:
        if not isinstance(each.item, str):
            raise InvalidQueryError("item", each.item, "the id of a post")
        # Any other post may be in a list: filters, fallbacks and pins reach past the neighbours.
        if index.row(id=each.post) == index.row(id=each.item):
            raise InvalidQueryError("item", each.item, "another post than the one it stands under")


def _start(body: bytes) -> str:
    return body[:100].decode("utf-8", "replace")
