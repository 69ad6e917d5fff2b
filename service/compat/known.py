"""What is known of one post, under WordPress's names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from related_posts.facets import label_key
from related_posts.index import Index
from related_posts.wordpress.numbers import own_number, term_numbers

_CODED = re.compile(r"%[0-9A-F]{2}")


class Known:
    """One post of a version; everything is told from the version alone.

    Args:
        index: The version.
        row: The post's row.

    Attributes:
        number: WordPress's number of it, or ours.
        item: What is shown of it.
        details: What WordPress said beyond that.
        home: Address of its blog without a slash at its end; empty where nothing tells it.
    """

    def __init__(self, index: Index, row: int) -> None:
        self.number = int(index.numbers[row])
        self.item = index.post(row)
        self.details = index.wordpress(row)
        self.home = index.manifest.site.rstrip("/") or _origin(self.item["url"])

    @property
    def rest(self) -> str:
        """Where the blog's own interface has its posts, people and terms."""
        return f"{self.home}/wp-json/wp/v2"

    @property
    def date_gmt(self) -> str | None:
        """When it was published, in UTC and without a zone."""
        published: str | None = self.item["published"]
        return published.removesuffix("Z") if published else None

    @property
    def date(self) -> str | None:
        """The same in the blog's own time; in UTC where the source did not tell that."""
        return self.details.get("date") or self.date_gmt

    @property
    def modified_gmt(self) -> str | None:
        """When it was changed last; as it was published where nothing tells."""
        return self.details.get("updated") or self.date_gmt

    @property
    def modified(self) -> str | None:
        """The same in the blog's own time."""
        return self.details.get("modified") or self.details.get("updated") or self.date

    @property
    def slug(self) -> str:
        """The slug as WordPress keeps it: percent-encoded in lower case."""
        slug = self.details.get("slug", "")
        return _CODED.sub(lambda code: code[0].lower(), quote(slug, safe="~!$&'()*+,;=:@"))

    @property
    def title(self) -> str:
        """The title as HTML."""
        return escape(self.item["title"], quote=False)

    @property
    def excerpt(self) -> str:
        """The excerpt as HTML, a paragraph; empty where there is none."""
        text = self.item["excerpt"]
        return f"<p>{escape(text, quote=False)}</p>\n" if text else ""

    @property
    def author(self) -> int:
        """The author's number; 0 for none."""
        name = self.item["author"]
        return self.details.get("author_id") or (own_number("author", name) if name else 0)

    @property
    def author_slug(self) -> str:
        """The author's name in addresses."""
        return self.details.get("author_slug") or label_key(self.item["author"])

    @property
    def picture(self) -> Mapping[str, Any] | None:
        """The picture: ``src``, ``width``, ``height``, ``alt``; None for none."""
        image: Mapping[str, Any] | None = self.item["image"]
        return image

    @property
    def featured_media(self) -> int:
        """The picture's number; 0 for none."""
        if self.picture is None:
            return 0
        return self.details.get("featured_media") or own_number("media", self.picture["src"])

    @property
    def categories(self) -> list[int]:
        """Numbers of its categories."""
        return term_numbers("category", self.item["categories"], self.details)

    @property
    def tags(self) -> list[int]:
        """Numbers of its tags."""
        return term_numbers("tag", self.item["tags"], self.details)

    def terms(self, kind: str) -> list[tuple[int, str]]:
        """Number and name of each category or tag.

        Where WordPress told another count of numbers than of names - the category that stands
        for none has no name here - the numbers are ours.
        """
        names = self.item["categories" if kind == "category" else "tags"]
        numbers = term_numbers(kind, names, self.details)
        if len(numbers) != len(names):
            numbers = term_numbers(kind, names, {})
        return list(zip(numbers, names, strict=True))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
