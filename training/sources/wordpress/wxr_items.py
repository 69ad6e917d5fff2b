"""One ``<item>`` of a WordPress export, read field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree

from related_posts import fields
from related_posts.errors import PostError
from related_posts.plain import plain_title
from related_posts.text.html import prose
from related_posts.wordpress.names import UNCATEGORIZED
from training.sources.wordpress.shortcodes import strip_shortcodes
from training.sources.wordpress.wxr_stream import children

#: Custom fields that say something here; the others are not read.
_META = (
    *("_thumbnail_id", "_wp_attachment_metadata", "_wp_attachment_image_alt"),
    # What WPML adds for moving a blog of several languages.
    *("_wpml_import_language_code", "_wpml_import_translation_group"),
)

_FEED_DATE = re.compile(r"(?:[A-Za-z]+, *)?\d{1,2} [A-Za-z]{3,9} \d{4} ", re.ASCII)
# PHP's serialised form of a picture's data begins with its size.
_PICTURE_SIZE = re.compile(
    r'a:\d+:\{s:5:"width";[is]:(?:\d+:)?"?(\d{1,6})"?;s:6:"height";[is]:(?:\d+:)?"?(\d{1,6})"?;'
)


@dataclass(frozen=True, slots=True)
class WxrItem:
    """The raw fields of one item.

    Attributes:
        texts: Short name (``wp:post_id``, ``content:encoded``) to text; the first wins.
        terms: Taxonomy, slug and name of each category element, in order.
        meta: The custom fields that say something here.
        old_names: Slugs that the post had before.
    """

    texts: dict[str, str]
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    old_names: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, element: etree._Element) -> WxrItem:
        """Read an ``<item>``."""
        item = cls({})
        for name, child in children(element):
            if name == "category":
                domain, slug = child.get("domain", "category"), child.get("nicename", "")
                item.terms.append((domain, slug, plain_title(child.text or "")))
            elif name == "wp:postmeta":
                entry = {key: one.text or "" for key, one in children(child)}
                key, value = entry.get("wp:meta_key", ""), entry.get("wp:meta_value", "")
                if key in _META:
                    item.meta.setdefault(key, value)
                elif key == "_wp_old_slug":
                    item.old_names.append(value.strip())
            elif name != "wp:comment":
                item.texts.setdefault(name, child.text or "")
        return item

    def text(self, name: str) -> str:
        """A field without white space around it; empty where it is absent."""
        return self.texts.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """A whole number, or None."""
        return whole_number(self.text(name))

    @property
    def post_id(self) -> str:
        """WordPress's number of the post, or empty."""
        number = self.number("wp:post_id")
        return str(number) if number else ""

    @property
    def post_type(self) -> str:
        """``post``, ``page``, ``attachment``, …; exports before 2.1 hold posts only."""
        return self.text("wp:post_type") or "post"

    @property
    def thumbnail_id(self) -> int | None:
        """The attachment shown with the post, or None."""
        return whole_number(self.meta.get("_thumbnail_id", "")) or None

    @property
    def published(self) -> datetime | None:
        """When it was published, or None.

        The moment in UTC; where that is zero, as in posts that another program
        imported, the feed's date, and at last the local date read as UTC.
        """
        return (
            _moment(self.text("wp:post_date_gmt"))
            or _feed_moment(self.text("pubDate"))
            or _moment(self.text("wp:post_date"))
        )

    @property
    def updated(self) -> datetime | None:
        """When it was changed last, or None; older exports do not say."""
        return _moment(self.text("wp:post_modified_gmt")) or _moment(self.text("wp:post_modified"))

    def names_of(self, taxonomy: str) -> list[str]:
        """Names of the post's terms in a taxonomy, in order."""
        return [name for domain, _, name in self.terms if domain == taxonomy and name]

    def categories(self) -> list[str]:
        """Category names, without the one that means none."""
        return [name for name in self.names_of("category") if name.casefold() not in UNCATEGORIZED]

    def slug_of(self, taxonomy: str) -> str:
        """The slug of the post's first term in a taxonomy, or empty."""
        return next((slug for domain, slug, _ in self.terms if domain == taxonomy), "")

    @property
    def language(self) -> str:
        """The language that Polylang keeps as a term of the post, or WPML's, or empty."""
        return self.slug_of("language") or self.meta.get("_wpml_import_language_code", "")

    @property
    def translation_group(self) -> str:
        """What the translations of one text share, or empty."""
        return self.slug_of("post_translations") or self.meta.get(
            "_wpml_import_translation_group", ""
        )

    def wordpress(
        self, author_ids: Mapping[str, int], term_ids: Mapping[tuple[str, str], int]
    ) -> dict[str, Any]:
        """What only WordPress knows of the post: its numbers and its local dates.

        Args:
            author_ids: Login to number.
            term_ids: Taxonomy and slug to number.

        Returns:
            A JSON object without what is not known; ``date`` and ``modified`` are
            the blog's local time without a zone, as its REST interface writes them.
        """
        login = self.text("dc:creator")
        other = dict.fromkeys(d for d, _, _ in self.terms if d not in ("category", "post_tag"))
        known = {
            "post_id": self.number("wp:post_id"),
            "type": self.post_type,
            "guid": self.text("guid"),
            "date": _local(self.text("wp:post_date")),
            "modified": _local(self.text("wp:post_modified")),
            "author_id": author_ids.get(login),
            "author_login": login,
            "category_ids": self._term_ids("category", term_ids),
            "tag_ids": self._term_ids("post_tag", term_ids),
            "featured_media": self.thumbnail_id,
            "sticky": self.text("wp:is_sticky") == "1" or None,
            "comment_status": self.text("wp:comment_status"),
            "ping_status": self.text("wp:ping_status"),
            "co_authors": self.names_of("author"),
            "taxonomies": {name: self.names_of(name) for name in other if name != "author"},
        }
        return {name: value for name, value in known.items() if value not in (None, "", [], {})}

    def _term_ids(self, taxonomy: str, term_ids: Mapping[tuple[str, str], int]) -> list[int]:
        ids = (term_ids.get((domain, slug)) for domain, slug, _ in self.terms if domain == taxonomy)
        return list(dict.fromkeys(number for number in ids if number is not None))


def plain_excerpt(excerpt: str) -> str:
    """The author's own summary as plain text on one line."""
    return " ".join(prose(strip_shortcodes(excerpt)).text.split())


def picture_size(metadata: str) -> tuple[int | None, int | None]:
    """Width and height of an attachment, in pixels, from its serialised metadata."""
    found = _PICTURE_SIZE.match(metadata)
    return (int(found[1]) or None, int(found[2]) or None) if found else (None, None)


def whole_number(text: str) -> int | None:
    """A number as WordPress counts with, or None for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _moment(text: str) -> datetime | None:
    try:
        return fields.moment("date", text)
    except PostError:
        return None


def _feed_moment(text: str) -> datetime | None:
    # A zero date is written as the year -0001, which the parser takes for 2000.
    if not _FEED_DATE.match(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _moment(moment.isoformat())


def _local(text: str) -> str:
    return text.replace(" ", "T") if _moment(text) else ""
