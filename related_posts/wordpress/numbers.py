"""What WordPress's own interface says of a post beyond what is shown of it.

A version keeps it so that the routes that stand in for WordPress plugins answer without the
archive: small objects of what cannot be told from the item, and a number for every post.

WordPress counts posts, people, terms and pictures. Where a source tells those numbers they are
kept. Where it does not, a number of our own stands in: it depends on the name alone, so that it
is the same in every version, and it is at least ``OURS``, which no blog counts up to. All are
below 2**53, so that JavaScript reads them exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import orjson

from related_posts.errors import UnknownPostError
from related_posts.facets import slug_of
from related_posts.index import Index
from related_posts.posts import Post

#: The least number that is ours and not WordPress's.
OURS = 2**48

#: Members that are kept as the source told them, in this order, where they are of their kind.
_NUMBERS = ("author_id", "featured_media")
_LISTS = ("category_ids", "tag_ids")
_TEXTS = ("type", "guid", "author_slug", "format", "comment_status", "ping_status")
#: What is the same for nearly every post, and not kept.
_USUAL = {"type": "post", "format": "standard"}


def number_of(post: Post) -> int:
    """The number by which WordPress knows a post, or ours in its place.

    The number that the source told, else the id where it is a number, else ours.
    """
    told = _told(post).get("post_id")
    if _is_number(told):
        return int(told)  # type: ignore[arg-type]  # it is one
    id_ = post.id
    if id_.isascii() and id_.isdigit() and id_[0] != "0" and int(id_[:20]) < OURS:
        return int(id_)
    return own_number("post", id_)


def own_number(kind: str, name: str) -> int:
    """A number for what WordPress has not counted: at least ``OURS``, below ``2 * OURS``.

    Args:
        kind: What it is, so that a tag and a category of one name differ.
        name: Its name, compared exactly.
    """
    text = f"{kind}\0{name}".encode("utf-8", "surrogatepass")
    return OURS + int.from_bytes(blake2b(text, digest_size=6).digest(), "little")


def details_json(post: Post) -> bytes:
    """What WordPress says of a post that its item does not, as a JSON object.

    Members, each only where it says something: ``slug``; ``date`` and ``modified``, local times
    without a zone, where they are not those in UTC; ``updated`` in UTC to the second; and those
    of ``extra.wordpress`` that are listed at the top of this module, and ``sticky``.
    """
    told = _told(post)
    details: dict[str, Any] = {"slug": slug_of(post)}
    for name, moment in (("date", post.published), ("modified", post.updated)):
        local, utc = told.get(name), plain_moment(moment)
        if isinstance(local, str) and local and local != utc:
            details[name] = local
    if post.updated is not None:
        details["updated"] = plain_moment(post.updated)
    details |= {name: told[name] for name in _NUMBERS if _is_number(told.get(name))}
    for name in _LISTS:
        ids = told.get(name)
        if isinstance(ids, list | tuple) and all(map(_is_number, ids)):
            details[name] = list(ids)
    details |= {name: told[name] for name in _TEXTS if isinstance(told.get(name), str)}
    details["sticky"] = told.get("sticky") is True
    if details.get("guid") == post.url:
        del details["guid"]
    kept = {name: one for name, one in details.items() if one and one != _USUAL.get(name)}
    try:
        return orjson.dumps(kept)
    except TypeError:
        # Half a surrogate pair, which UTF-8 cannot hold: what matters less is left out.
        return b"{}"


def plain_moment(moment: datetime | None) -> str:
    """``2024-01-31T18:30:00`` in UTC, as WordPress writes it; empty for None."""
    if moment is None:
        return ""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return ""
    return utc.replace(tzinfo=None).isoformat(timespec="seconds")


def _is_number(value: object) -> bool:
    """Whether this is a number that WordPress may have counted up to."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < OURS


def _told(post: Post) -> Mapping[str, Any]:
    told = post.extra.get("wordpress")
    return told if isinstance(told, Mapping) else {}


class Numbers:
    """Finds the posts of one version by WordPress's numbers; for any number of threads.

    Args:
        index: The version.

    Raises:
        IndexCorruptError: The version was built before numbers were kept, or is damaged.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        # Rows in the order of their numbers; of posts with one number, the newest is first.
        self._order = np.argsort(index.numbers, kind="stable")
        self._sorted = index.numbers[self._order]

    def row(self, number: int) -> int:
        """Row of the newest post with a number.

        Raises:
            UnknownPostError: There is none.
        """
        place = int(np.searchsorted(self._sorted, number)) if 0 <= number < 2**63 else -1
        if not 0 <= place < len(self._sorted) or self._sorted[place] != number:
            raise UnknownPostError(str(number))
        return int(self._order[place])

    @cached_property
    def in_category(self) -> Mapping[int, frozenset[int]]:
        """Rows of the posts in each category, by its number; reads every post once."""
        rows: dict[int, set[int]] = {}
        for row in range(self._index.n_posts):
            names = self._index.post(row)["categories"]
            for number in term_numbers("category", names, self._index.wordpress(row)):
                rows.setdefault(number, set()).add(row)
        return {number: frozenset(found) for number, found in rows.items()}


def term_numbers(kind: str, names: Sequence[str], details: Mapping[str, Any]) -> list[int]:
    """Numbers of a post's terms: those that WordPress told, or ours of their names.

    Args:
        kind: ``category`` or ``tag``.
        names: Their names.
        details: What :func:`details_json` kept.
    """
    told = details.get(f"{kind}_ids")
    return [*told] if told else [own_number(kind, name) for name in names]
