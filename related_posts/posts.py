"""A post: one published text of a blog, as its source gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from related_posts.errors import PostError


@dataclass(frozen=True, slots=True)
class Image:
    """A post's picture.

    Attributes:
        src: Absolute or site-relative URL.
        width: Width in CSS pixels, or None where unknown.
        height: Height in CSS pixels, or None where unknown.
        alt: Alternative text; empty where there is none.
    """

    src: str
    width: int | None = None
    height: int | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One published text.

    Plain text, words and vectors are derived from it and never stored in it.

    Attributes:
        id: The publisher's own identifier; never empty, compared byte by byte.
        url: Where readers find it; absolute, or starting with ``/``.
        title: Plain text, without markup or entities; may be empty.
        html: The body as HTML; may be empty.
        tags: Names in the author's order, without duplicates.
        categories: Names in the author's order, without duplicates.
        author: Display name, or empty.
        language: BCP 47 tag in lower case (``en``, ``pt-br``), or empty where unknown.
        published: Aware moment of publication, or None.
        updated: Aware moment of the last change, or None.
        image: The picture shown with the post, or None.
        excerpt: The author's own summary as plain text, or empty.
        slug: The last, readable part of its address, or empty.
        aliases: Other URLs under which it was or is known.
        links: Ids of posts of the same blog that this one links to.
        translation_group: Equal for translations of one text; empty for none.
        extra: A JSON object for what only one source knows.

    Raises:
        PostError: The id or the URL is empty, or a date has no time zone.
    """

    id: str
    url: str
    title: str = ""
    html: str = ""
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    author: str = ""
    language: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    image: Image | None = None
    excerpt: str = ""
    slug: str = ""
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    translation_group: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not self.id:
            raise PostError("id is empty; every post needs the publisher's own identifier")
        if not self.url:
            raise PostError("url is empty; a related post must lead somewhere", self.id)
        for name in ("published", "updated"):
            moment = getattr(self, name)
            if moment is not None and moment.utcoffset() is None:
                raise PostError(f"{name} {moment.isoformat()} has no time zone", self.id)
