"""WordPress's own export (WXR): an RSS file of everything a blog holds.

Read twice: once for what posts point to and which may stand after them (authors,
terms, pictures), once for the posts. Memory holds that and one item, not the posts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin

from related_posts import fields
from related_posts.errors import PostError
from related_posts.plain import plain_title
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.wordpress.names import plain_slug
from training.sources.base import Item, Problem, Progress, Skipped, Source, blog_of, no_progress
from training.sources.wordpress.html import body_html
from training.sources.wordpress.permalinks import other_addresses
from training.sources.wordpress.wxr_channel import Channel, read_channel
from training.sources.wordpress.wxr_items import WxrItem, plain_excerpt
from training.sources.wordpress.wxr_stream import elements
from training.sources.xml_stream import Mending

#: Posts that are not public. Their bodies stand in the export in clear.
_NOT_PUBLIC = {
    "draft": "draft",
    "auto-draft": "draft",
    "pending": "pending",
    "private": "private",
    "future": "scheduled",
    "trash": "trashed",
}

#: What WordPress keeps as posts but no reader would call so; not worth a count.
_MACHINERY = frozenset(
    {
        *("attachment", "nav_menu_item", "revision", "custom_css", "customize_changeset"),
        *("oembed_cache", "user_request"),
    }
)

_FIRST_ITEM = ("item", "wp:base_blog_url", "link", "language")


class WxrSource:
    """A WordPress export, plain or gzip.

    Posts that are published, without a password and not dated after ``now`` are
    yielded; drafts, private posts, pages and the like are skipped with a reason.

    Args:
        path: The file; a blog exported in several files is several sources of one name.
        site: Where relative addresses start from; else the blog's own address.
        now: The moment of this read; aware.
        post_types: The types of post to read.
        progress: Told the bytes read on disk; both passes together are all of them.
    """

    complete = True

    def __init__(
        self,
        path: Path,
        *,
        site: str | None = None,
        now: datetime,
        post_types: Collection[str] = ("post",),
        progress: Progress = no_progress,
    ) -> None:
        self.path = path
        self._site = site
        self._now = now
        self._post_types = frozenset(post_types)
        self._progress = progress
        self._others: list[WxrSource] = []
        self._mending = Mending()

    @property
    def name(self) -> str:
        """``wxr:`` and the blog's address, as the head of the file says.

        Raises:
            SourceError: The file cannot be read or is no WordPress export.
        """
        blog = self._head.get("wp:base_blog_url") or self._head.get("link") or ""
        return f"wxr:{blog_of(blog)}"

    def read(self) -> Iterator[Item]:
        """Every post, and every item that is none with the reason.

        Raises:
            SourceError: The file is missing, no WordPress export, not well-formed or
                cut off; found by the first pass, so before any post is yielded.
        """
        channel = self._channel
        language = _language(self._head.get("language", ""))
        seen: set[str] = set()
        items = elements(self.path, ("item",), self._half(1), self._mending)
        for position, (_, element) in enumerate(items, start=1):
            raw = WxrItem.of(element)
            item = self._item(position, raw, channel, language)
            if isinstance(item, Post):
                if item.id in seen:
                    reason = "its wp:post_id was read before; the first one stays"
                    item = Problem(self._place(position, raw), reason, item.id)
                else:
                    seen.add(item.id)
            if item is not None:
                yield item

    def beside(self, parts: Sequence[Source]) -> None:
        """The pictures of posts may stand in other files of a split export."""
        self._others = [one for one in parts if isinstance(one, WxrSource) and one is not self]

    def advice(self) -> Sequence[str]:
        """What was mended."""
        return self._mending.advice(self.path)

    @cached_property
    def _channel(self) -> Channel:
        """What posts point to; kept, as other parts may ask for it."""
        return read_channel(self.path, self._half(0), self._mending)

    @cached_property
    def _head(self) -> dict[str, str]:
        """The channel's own fields, which stand before the first item."""
        head: dict[str, str] = {}
        with closing(elements(self.path, _FIRST_ITEM, mending=self._mending)) as channel:
            for name, element in channel:
                if name == "item":
                    break
                head.setdefault(name, (element.text or "").strip())
        return head

    def _item(self, position: int, raw: WxrItem, channel: Channel, language: str) -> Item | None:
        kind = raw.post_type
        if kind not in self._post_types and (kind in _MACHINERY or kind.startswith("wp_")):
            return None
        place = self._place(position, raw)
        if not raw.post_id:
            return Problem(place, "it has no wp:post_id, or one that is no number")
        if kind not in self._post_types:
            reason = "page" if kind == "page" else f"not a post ({kind[:40]})"
            return Skipped(place, reason, raw.post_id)
        status = raw.text("wp:status")
        if not status:
            return Problem(place, "it has no wp:status, so it may be a draft", raw.post_id)
        if status != "publish":
            reason = _NOT_PUBLIC.get(status, f"status {status[:40]}")
            return Skipped(place, reason, raw.post_id)
        # Not stripped: a password of spaces is a password.
        if raw.texts.get("wp:post_password"):
            return Skipped(place, "password-protected", raw.post_id)
        published = raw.published
        if published is not None and published > self._now:
            return Skipped(place, "scheduled", raw.post_id)
        try:
            return self._post(raw, channel, language, published)
        except PostError as error:
            return Problem(place, error.reason, raw.post_id)

    def _post(
        self, raw: WxrItem, channel: Channel, language: str, published: datetime | None
    ) -> Post:
        login = raw.text("dc:creator")
        url = self._url(raw)
        content = {
            "id": raw.post_id,
            "url": url,
            "title": plain_title(raw.text("title")),
            "html": body_html(raw.text("content:encoded")),
            "tags": raw.names_of("post_tag"),
            "categories": raw.categories(),
            "author": channel.authors.get(login, login),
            "language": _language(raw.language) or language,
            "published": published and published.isoformat(),
            "updated": raw.updated and raw.updated.isoformat(),
            "image": self._image(raw, channel, url),
            "excerpt": plain_excerpt(raw.text("excerpt:encoded")),
            "slug": plain_slug(raw.text("wp:post_name")),
            "aliases": other_addresses(
                self._base, raw.post_id, url, raw.text("wp:post_name"), raw.old_names
            ),
            "translation_group": raw.translation_group,
            "extra": {"wordpress": raw.wordpress(channel.author_ids, channel.term_ids)},
        }
        return post_from_json(content)

    @property
    def _base(self) -> str:
        """The blog's address with a slash at its end."""
        return f"{(self._site or self._head.get('wp:base_blog_url', '')).rstrip('/')}/"

    def _url(self, raw: WxrItem) -> str:
        base = self._base
        link = raw.text("link") or f"{base}?p={raw.post_id}"
        try:
            return urljoin(base, link)
        except ValueError:
            raise fields.refuse("link", link, "a web address") from None

    def _image(self, raw: WxrItem, channel: Channel, url: str) -> dict[str, str | None] | None:
        number = raw.thumbnail_id
        picture = None if number is None else channel.picture(number)
        for other in self._others if number is not None and picture is None else ():
            picture = picture or other._channel.picture(number)
        if picture is None:
            return None
        try:
            fields.url("image.src", picture["src"], url)
        except PostError:
            return None
        return picture

    def _place(self, position: int, raw: WxrItem) -> str:
        known = f" (post {raw.post_id})" if raw.post_id else ""
        return f"{self.path.name} item {position}{known}"

    def _half(self, done_passes: int) -> Progress:
        """The progress of one of two passes as progress of the whole."""

        def tell(done: int, total: int | None) -> None:
            self._progress((done_passes * (total or 0) + done) // 2, total)

        return tell


def _language(text: str) -> str:
    try:
        return fields.language("language", text)
    except PostError:
        return ""
