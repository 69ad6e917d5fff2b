"""What the posts of a WordPress export point to: authors, terms and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from related_posts.plain import plain_title
from training.sources.base import Progress, no_progress
from training.sources.wordpress.wxr_items import WxrItem, picture_size, whole_number
from training.sources.wordpress.wxr_stream import children, elements
from training.sources.xml_stream import Mending


@dataclass(slots=True)
class Channel:
    """What posts point to, by the number or name they give.

    Attributes:
        authors: Login to display name.
        author_ids: Login to WordPress's number.
        term_ids: Taxonomy and slug to WordPress's number.
        pictures: Attachment's number to address, width, height and alternative
            text, packed as bytes: a big blog has several of them to a post.
    """

    authors: dict[str, str] = field(default_factory=dict)
    author_ids: dict[str, int] = field(default_factory=dict)
    term_ids: dict[tuple[str, str], int] = field(default_factory=dict)
    pictures: dict[int, bytes] = field(default_factory=dict)

    def picture(self, number: int | None) -> dict[str, str | None] | None:
        """``src``, ``width``, ``height`` and ``alt`` of an attachment, or None."""
        packed = self.pictures.get(number or 0)
        if packed is None:
            return None
        src, width, height, alt = packed.decode().split("\0")
        return {"src": src, "width": width or None, "height": height or None, "alt": alt}


def read_channel(
    path: Path, progress: Progress = no_progress, mending: Mending | None = None
) -> Channel:
    """Read an export for what its posts point to; a picture may stand after its post.

    Args:
        path: The export.
        progress: Told the bytes read.
        mending: As for ``xml_stream.stream``.

    Raises:
        SourceError: As ``wxr_stream.elements``.
    """
    channel = Channel()
    for name, element in elements(path, progress=progress, mending=mending):
        if name == "wp:author":
            _add_author(channel, element)
        elif name in ("wp:category", "wp:tag", "wp:term"):
            _add_term(channel, name, element)
        elif name == "item":
            # Looked at first, as most items are posts and reading one costs time.
            kind = next(element.iterchildren("{*}post_type"), None)
            if kind is not None and (kind.text or "").strip() == "attachment":
                _add_picture(channel, WxrItem.of(element))
    return channel


def _add_author(channel: Channel, element: etree._Element) -> None:
    found = {name: (child.text or "").strip() for name, child in children(element)}
    login = found.get("wp:author_login", "")
    if name := plain_title(found.get("wp:author_display_name", "")):
        channel.authors.setdefault(login, name)
    if number := whole_number(found.get("wp:author_id", "")):
        channel.author_ids.setdefault(login, number)


def _add_term(channel: Channel, kind: str, element: etree._Element) -> None:
    found = {name: (child.text or "").strip() for name, child in children(element)}
    taxonomy, slug = {
        "wp:category": ("category", found.get("wp:category_nicename", "")),
        "wp:tag": ("post_tag", found.get("wp:tag_slug", "")),
        "wp:term": (found.get("wp:term_taxonomy", ""), found.get("wp:term_slug", "")),
    }[kind]
    if number := whole_number(found.get("wp:term_id", "")):
        channel.term_ids.setdefault((taxonomy, slug), number)


def _add_picture(channel: Channel, item: WxrItem) -> None:
    number = item.number("wp:post_id")
    src = item.text("wp:attachment_url") or item.text("guid")
    if not number or not src:
        return
    width, height = picture_size(item.meta.get("_wp_attachment_metadata", ""))
    alt = plain_title(item.meta.get("_wp_attachment_image_alt", ""))
    packed = "\0".join((src, str(width or ""), str(height or ""), alt))
    channel.pictures.setdefault(number, packed.encode())
