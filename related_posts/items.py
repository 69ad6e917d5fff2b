"""What is shown of a post, as a piece of JSON that answers are joined from.

An item is encoded once, in training. It is kept without its closing brace, so
that a service can append the two numbers that differ from answer to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from related_posts.posts import Post


def item_json(post: Post, *, excerpt: str, language: str) -> bytes:
    """The item of a post.

    Args:
        post: The post.
        excerpt: Plain text that sums it up; the author's, or one made of the body.
        language: Its language as it was given or found; may be empty.

    Returns:
        A JSON object in UTF-8 without its closing brace. Fields, in this
        order: ``id``, ``url``, ``title``, ``excerpt``, ``published`` (RFC 3339
        in UTC to the second, or null), ``author``, ``image`` (``src``,
        ``width``, ``height``, ``alt``; or null), ``tags``, ``categories``,
        ``language``. Halves of surrogate pairs become U+FFFD.
    """
    image = post.image
    item = {
        "id": post.id,
        "url": post.url,
        "title": post.title,
        "excerpt": excerpt,
        "published": _moment(post.published),
        "author": post.author,
        "image": image
        and {"src": image.src, "width": image.width, "height": image.height, "alt": image.alt},
        "tags": list(post.tags),
        "categories": list(post.categories),
        "language": language,
    }
    try:
        encoded = orjson.dumps(item)
    except TypeError:
        encoded = orjson.dumps(_without_surrogates(item))
    return encoded[:-1]


def with_series(
    fragments: Sequence[bytes], series: Sequence[tuple[str, int, int] | None]
) -> list[bytes]:
    """Items of which those of a series say so, as ``series``: ``name``, ``part``, ``parts``.

    Args:
        fragments: Items without closing brace.
        series: Name of each one's series, which part it is and how many there are; or None.
    """
    return [
        fragment
        if one is None
        else b'%b,"series":%b'
        % (
            fragment,
            orjson.dumps({"name": _without_surrogates(one[0]), "part": one[1], "parts": one[2]}),
        )
        for fragment, one in zip(fragments, series, strict=True)
    ]


#: Similarities and scores are shown as whole numbers of these parts of 1: to four decimals.
PARTS = 10_000


def rounded(value: float) -> float:
    """A similarity or a score as it is shown; in JSON, equal ones are equal bytes.

    Args:
        value: In [0, 1]; not NaN.

    Returns:
        To four decimals; 0 and 1 as whole numbers, as WordPress sends them.
    """
    return _of_parts(round(value * PARTS))


def _of_parts(parts: int) -> float:
    return parts // PARTS if parts % PARTS == 0 else parts / PARTS


# Looking a number up takes no longer than writing it, and there is one way to write it.
_NUMBERS = [repr(_of_parts(parts)).encode() for parts in range(PARTS + 1)]


def plain_item(fragment: bytes) -> bytes:
    """The item as a whole JSON object."""
    return fragment + b"}"


def item_with_scores(fragment: bytes, similarity: float, score: float) -> bytes:
    """The item as a whole JSON object with both numbers, written as those of ``rounded``.

    Args:
        fragment: An item without its closing brace.
        similarity: The cosine, in [0, 1]; not NaN.
        score: The final score, in [0, 1]; not NaN.
    """
    shown = _NUMBERS[round(similarity * PARTS)], _NUMBERS[round(score * PARTS)]
    return b"".join((fragment, b',"similarity":', shown[0], b',"score":', shown[1], b"}"))


def curated_item(
    fragment: bytes, similarity: float | None, score: float | None, reason: str
) -> bytes:
    """The item as a whole JSON object with both numbers and why it stands where it does.

    Args:
        fragment: An item without its closing brace.
        similarity: As for :func:`item_with_scores`; None where it is not known.
        score: The same.
        reason: One word of ASCII.
    """
    numbers = (
        b"null" if value is None else _NUMBERS[round(value * PARTS)]
        for value in (similarity, score)
    )
    return b'%b,"similarity":%b,"score":%b,"reason":"%b"}' % (
        fragment,
        *numbers,
        reason.encode("ascii"),
    )


def _moment(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC; None for none, and where UTC would leave the years 1 to 9999."""
    if moment is None:
        return None
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return None
    return f"{utc.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _without_surrogates(value: Any) -> Any:
    """The same JSON with U+FFFD for every half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_surrogates(each) for name, each in value.items()}
    return value
