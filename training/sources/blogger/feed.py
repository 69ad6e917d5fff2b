"""A Blogger blog by its public feed, which gives every post, a hundred or so at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from related_posts.errors import SourceError
from related_posts.plain import plain_title
from training.sources.base import Item, Problem, Progress, no_progress
from training.sources.blogger.entries import Entry, entry_item, post_number
from training.sources.distinct import distinct
from training.web import Client, Response, WebOptions

#: Posts asked for at a time; how many come is Blogger's to say, lately 100 to 150.
PAGE_POSTS = 150

_GENERATOR = re.compile(
    r"<meta\b[^<>]{0,80}\bcontent=[\"']blogger[\"'][^<>]{0,80}\bname=[\"']generator[\"']|"
    r"<meta\b[^<>]{0,80}\bname=[\"']generator[\"'][^<>]{0,80}\bcontent=[\"']blogger[\"']",
    re.IGNORECASE,
)
_BLOG_ID = re.compile(r"tag:blogger\.com,1999:blog-(\d+)")


def is_blogger(page: Response, client: Client) -> bool:
    """Whether an address is a blog at Blogger, under its host or one of its own."""
    host = urlsplit(page.url).hostname or ""
    is_theirs = re.search(r"\.blogspot\.[a-z.]{2,6}\Z", host) is not None
    return is_theirs or _GENERATOR.search(page.text[: 512 << 10]) is not None


class BloggerFeedSource:
    """A Blogger blog, read by its public feed.

    The feed has every public post and says of each all an export would, unless its
    owner set it to short: then the posts are their beginnings.

    Args:
        address: The blog's; a path in it is of no matter.
        site: The blog's address where posts should get another one.
        now: The moment of this read; aware.
        progress: Told the posts read.
        web: How the web is read.
    """

    complete = True

    def __init__(
        self,
        address: str,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
        web: WebOptions,
    ) -> None:
        parts = urlsplit(address)
        self._blog = f"{parts.scheme}://{parts.netloc}"
        self._site = site or self._blog
        self._now = now
        self._progress = progress
        self._web = web

    @property
    def name(self) -> str:
        """``blogger:`` and the blog's number, as of its export.

        Raises:
            SourceError: The feed cannot be fetched, or is none of Blogger's.
        """
        found = _BLOG_ID.match(_said(self._first.get("id")))
        if found is None:
            reason = "there is a feed at /feeds/posts/default, but not Blogger's"
            raise SourceError(self._blog, reason)
        return f"blogger:{found[1]}"

    def read(self) -> Iterator[Item]:
        """Every post, the newest first.

        Raises:
            SourceError: A page cannot be fetched, or is none of Blogger's.
        """
        with self._web.client(self._blog) as client:
            yield from distinct(self._placed(client))

    def _placed(self, client: Client) -> Iterator[tuple[str, Item | None]]:
        feed: Mapping[str, Any] | None = self._first
        start = 1
        seen: set[str] = set()
        while feed is not None:
            entries = _objects(feed.get("entry"))
            new = 0
            for position, raw in enumerate(entries, start=start):
                entry = _entry(raw)
                # What was published meanwhile moves posts on to the next page.
                if entry.id in seen:
                    continue
                seen.add(entry.id)
                new += 1
                place = f"{self._blog} post {position}"
                yield place, self._item(entry, place)
            following = _next_start(feed) or start + len(entries)
            total = _number(_said(feed.get("openSearch$totalResults")))
            start, previous = following, start
            self._progress(len(seen), max(total, len(seen)))
            more = new and start > previous and (_next_start(feed) or start <= total)
            feed = self._page(client, start) if more else None
        self._progress(len(seen), len(seen))

    def _item(self, entry: Entry, place: str) -> Item | None:
        if not entry.id:
            return Problem(place, "it has no id")
        return entry_item(entry, place, site=self._site, now=self._now)

    @cached_property
    def _first(self) -> Mapping[str, Any]:
        with self._web.client(self._blog) as client:
            return self._page(client, 1)

    def _page(self, client: Client, start: int) -> Mapping[str, Any]:
        query = f"alt=json&orderby=published&max-results={PAGE_POSTS}&start-index={start}"
        url = f"{self._blog}/feeds/posts/default?{query}"
        found = client.get(url, accept="application/json").json()
        feed = found.get("feed") if isinstance(found, dict) else None
        if not isinstance(feed, dict):
            raise SourceError(url, "this is JSON, but not Blogger's feed")
        return feed


def _entry(raw: Mapping[str, Any]) -> Entry:
    """An entry of the feed in the form of an export's."""
    categories = _objects(raw.get("category"))
    links = _objects(raw.get("link"))
    title = _said(raw.get("title"))
    thumbnail = raw.get("media$thumbnail")
    control = raw.get("app$control")
    draft = _said(control.get("app$draft")) if isinstance(control, Mapping) else ""
    return Entry(
        id=post_number(_said(raw.get("id"))),
        kind="post",
        status="draft" if draft == "yes" else "live",
        title=plain_title(title) if _kind(raw.get("title")) in ("html", "xhtml") else title,
        # A feed set to short has the beginning instead.
        html=_said(raw.get("content")) or _said(raw.get("summary")),
        labels=tuple(
            term
            for one in categories
            if isinstance(term := one.get("term"), str) and "#kind" not in str(one.get("scheme"))
        ),
        author=next((_said(one.get("name")) for one in _objects(raw.get("author"))), ""),
        published=_said(raw.get("published")),
        updated=_said(raw.get("updated")),
        url=next((str(one.get("href")) for one in links if one.get("rel") == "alternate"), ""),
        thumbnail=str(thumbnail.get("url", "")) if isinstance(thumbnail, Mapping) else "",
    )


def _next_start(feed: Mapping[str, Any]) -> int:
    """Where the next page starts, or 0; its link leads to another host than the blog's."""
    for link in _objects(feed.get("link")):
        if link.get("rel") == "next":
            try:
                query = parse_qs(urlsplit(str(link.get("href"))).query)
            except ValueError:
                return 0
            return _number(query.get("start-index", [""])[0])
    return 0


def _said(value: object) -> str:
    """The text of an element, which Google writes as ``{"$t": text}``."""
    text = value.get("$t") if isinstance(value, Mapping) else None
    return text.strip() if isinstance(text, str) else ""


def _kind(value: object) -> str:
    return str(value.get("type")) if isinstance(value, Mapping) else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
