"""The picture of a post that names none: the first one in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from related_posts import fields
from related_posts.errors import PostError

#: Smaller pictures, in pixels of either side, are counters, smileys and ornaments.
MIN_PIXELS = 50

# An attribute never holds ``<`` here: a match ends at the next one, so that any text
# is read in linear time.
_IMG = re.compile(r"<img\b([^<>]{0,20000})", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""(?<![^\s"'/])([a-zA-Z][a-zA-Z-]{0,30})\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"']+)"""
)


def first_picture(html: str, base: str = "") -> dict[str, Any] | None:
    """``src``, ``width``, ``height`` and ``alt`` of the first picture worth showing, or None.

    Passed over are embedded pictures, those whose address is none, and those that say
    they are smaller than ``MIN_PIXELS``.

    Args:
        html: A post's body.
        base: Where relative addresses start from, usually the post's own.
    """
    return next(filter(None, (usable(one, base) for one in _pictures(html))), None)


def usable(picture: Mapping[str, Any], base: str = "") -> dict[str, Any] | None:
    """A picture as the schema takes it, or None where it cannot be shown.

    A post is not worth losing over the address of its picture.

    Args:
        picture: ``src`` and, where known, ``width``, ``height`` and ``alt``.
        base: Where a relative ``src`` starts from.
    """
    try:
        src = fields.url("src", picture.get("src"), base)
        width = fields.pixels("width", picture.get("width"))
        height = fields.pixels("height", picture.get("height"))
        alt = fields.line("alt", picture.get("alt"))
    except PostError:
        return None
    if any(side is not None and side < MIN_PIXELS for side in (width, height)):
        return None
    return {"src": src, "width": width, "height": height, "alt": alt}


def _pictures(html: str) -> Iterator[dict[str, str]]:
    for tag in _IMG.finditer(html):
        found: dict[str, str] = {}
        for name, value in _ATTRIBUTE.findall(tag[1]):
            found.setdefault(name.lower(), unescape(value.strip("\"'")))
        # Scripts that load pictures late keep the address elsewhere.
        src = found.get("src", "")
        if not src or src.startswith("data:"):
            src = found.get("data-src", "")
        yield {
            "src": src,
            "width": found.get("width") or found.get("data-width", ""),
            "height": found.get("height") or found.get("data-height", ""),
            "alt": found.get("alt", ""),
        }
