"""Feeds: RSS 2.0, Atom and JSON Feed, of a file or a web address.

A feed holds the latest posts, often only their beginnings: it adds and updates posts
and never says that one was deleted. WordPress and feeds that name their next page are
followed back to the first post.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit, urlunsplit

from related_posts.errors import SourceError
from related_posts.posts import Post
from training.sources.base import FileSource, Item, Progress, blog_of, no_progress
from training.sources.distinct import distinct
from training.sources.feeds.document import Feed
from training.sources.feeds.entries import entry_item
from training.sources.feeds.json_feed import parse_json
from training.sources.feeds.xml import parse_xml
from training.sources.files import open_stream
from training.web import Client, FetchError, Response, WebOptions

#: Largest feed file read, in bytes after unpacking; it is read as a whole.
MAX_BYTES = 256 << 20

#: Pages followed back at most; at ten posts a page that is the largest of blogs.
MAX_PAGES = 20_000

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def parse_feed(body: bytes, *, base: str = "", charset: str = "") -> Feed:
    """Read a feed of any of the three formats.

    Args:
        body: The document.
        base: Its address, where relative ones in it start from; may be empty.
        charset: The encoding that the server named.

    Raises:
        ValueError: It is no feed, is cut off or cannot be mended; says why.
    """
    start = body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise ValueError("this is empty; a feed was expected")
    if start.startswith((b"{", b"[")):
        return parse_json(body, base=base)
    return parse_xml(body, base=base, charset=charset)


def is_feed(page: Response, client: Client) -> bool:
    """Whether an address gives a feed."""
    head = page.body[: 4 << 10]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start in (b"<", b"{") and (
        _FEED.search(head) is not None or b"jsonfeed.org/version/" in head.replace(b"\\/", b"/")
    )


class FeedSource(FileSource):
    """A feed in a file, plain or gzip.

    Args:
        path: The file.
        site: The blog's address, where relative addresses start from; else what the
            feed says.
        now: The moment of this read; aware.
        progress: Told the bytes read on disk.
    """

    complete = False

    @property
    def name(self) -> str:
        """``feed:`` and the blog's address, as the feed says it.

        Raises:
            SourceError: The file cannot be read or is no feed.
        """
        return _name(self._feed, self._site or "")

    def read(self) -> Iterator[Item]:
        """Every entry, in the order of the feed.

        Raises:
            SourceError: The file is missing, no feed, too large or cut off.
        """
        feed = self._parsed(self._progress)
        base = self._site or feed.link
        yield from distinct(_placed(feed, self.path.name, base, self._now))

    @cached_property
    def _feed(self) -> Feed:
        """The feed without its entries, for its name."""
        feed = self._parsed(no_progress)
        feed.entries.clear()
        return feed

    def _parsed(self, progress: Progress) -> Feed:
        with open_stream(self.path, progress) as stream:
            body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise SourceError(
                self.path, f"this is larger than a feed may be ({MAX_BYTES >> 20} MiB)"
            )
        try:
            return parse_feed(body, base=self._site or "")
        except ValueError as error:
            raise SourceError(self.path, str(error)) from error


class WebFeedSource:
    """A feed at a web address, with the older pages that it leads to.

    Args:
        address: The feed's.
        site: Not needed; a feed says its addresses.
        now: The moment of this read; aware.
        progress: Told the posts read.
        web: How the web is read.
    """

    complete = False

    def __init__(
        self,
        address: str,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
        web: WebOptions,
    ) -> None:
        self.address = address
        self._site = site
        self._now = now
        self._progress = progress
        self._web = web

    @property
    def name(self) -> str:
        """``feed:`` and the blog's address, as the feed says it.

        Raises:
            SourceError: The address cannot be fetched or gives no feed.
        """
        return _name(self._first[0], self._site or self.address)

    def read(self) -> Iterator[Item]:
        """Every entry, the newest first as feeds have them.

        Raises:
            SourceError: A page cannot be fetched, or the first one is no feed.
        """
        seen: set[str] = set()
        n_read = 0
        with self._web.client(self.address) as client:
            for feed, url in self._pages(client):
                new = 0
                place = url.partition("?")[0] if "key=" in url else url
                for item in distinct(_placed(feed, place, self._site or url, self._now)):
                    known = item.id if isinstance(item, Post) else getattr(item, "post_id", None)
                    # What was published meanwhile moves posts on to the next page.
                    if known is None or known not in seen:
                        new += known is not None
                        yield item
                    if known is not None:
                        seen.add(known)
                n_read += new
                self._progress(n_read, None)
                if not new:
                    break
        self._progress(n_read, n_read)

    @cached_property
    def _first(self) -> tuple[Feed, str]:
        """The first page and the address it came from."""
        with self._web.client(self.address) as client:
            return self._fetched(client, self.address)

    def _pages(self, client: Client) -> Iterator[tuple[Feed, str]]:
        feed, url = self._first
        followed = {self.address, url}
        number = 1
        while True:
            yield feed, url
            number += 1
            following = feed.next_url or _paged(url, feed, number)
            if not following or following in followed or number > MAX_PAGES:
                return
            followed.add(following)
            try:
                page = self._fetched(client, following)
            except FetchError as error:
                # Past its last page WordPress answers that there is none.
                if error.status in (400, 404, 410):
                    return
                raise
            except SourceError:
                if feed.next_url:
                    raise
                return  # a page for readers that says the same
            # Pages are counted on from the first one's address.
            feed, url = page[0], page[1] if feed.next_url else url

    def _fetched(self, client: Client, url: str) -> tuple[Feed, str]:
        response = client.get(url, accept=_ACCEPT)
        found = _CHARSET.search(response.headers.get("content-type", ""))
        try:
            return (
                parse_feed(response.body, base=response.url, charset=found[1] if found else ""),
                response.url,
            )
        except ValueError as error:
            raise SourceError(response.url.partition("?")[0], str(error)) from error


def _placed(feed: Feed, place: str, base: str, now: datetime) -> Iterator[tuple[str, Item]]:
    for position, entry in enumerate(feed.entries, start=1):
        where = f"{place} entry {position}"
        yield where, entry_item(entry, feed, where, base=base, now=now)


def _name(feed: Feed, address: str) -> str:
    blog = feed.link if feed.link.startswith(("http://", "https://")) else address
    return f"feed:{blog_of(blog.partition('?')[0].partition('#')[0])}"


def _paged(url: str, feed: Feed, number: int) -> str:
    """The address of a page of a WordPress feed, or empty where it is none."""
    if feed.kind == "json" or (feed.generator and "wordpress" not in feed.generator):
        return ""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and not pair.startswith("paged=")]
    return urlunsplit(parts._replace(query="&".join([*kept, f"paged={number}"])))
