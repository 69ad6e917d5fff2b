"""Any site: the pages of its sitemap, or those that its links lead to, as posts.

The last resort, for blogs without an interface or a feed that gives all of them. A page
is a post where it says that it is an article; what a site asks programs to leave alone
(robots.txt, ``noindex``, ``nofollow``) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qsl, urljoin, urlsplit

from related_posts import urls
from related_posts.errors import SourceError
from related_posts.posts import Post
from training.sources.base import Item, Problem, Progress, Skipped, no_progress
from training.sources.site.page import Facts
from training.sources.site.posts import page_id, page_item
from training.sources.site.sitemap import Page, walk_sitemaps
from training.sources.site.tally import Tally
from training.web import Client, FetchError, Response, WebOptions
from training.web.robots import HostRobots, Robots

#: Largest page read, in bytes.
MAX_PAGE_BYTES = 8 << 20

#: Pages of one site: those of its sitemaps, and those that a crawl without one fetches.
MAX_PAGES = 500_000
MAX_CRAWLED = 5_000

#: Where sitemaps are when robots.txt does not say.
_USUAL_MAPS = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/sitemap-index.xml")

_ACCEPT = "text/html, application/xhtml+xml;q=0.9"
#: What never is a page, by its suffix; and pages that lead nowhere.
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|pdf|zip|gz|tgz|rar|7z|mp3|mp4|m4a|ogg|wav|webm|"
    r"mov|avi|css|js|json|xml|rss|atom|txt|csv|docx?|xlsx?|pptx?|epub|exe|dmg|apk|woff2?)\Z|"
    r"/(?:wp-admin|wp-json|wp-login\.php|xmlrpc\.php|cgi-bin|feed|login|signup|cart)(?:/|\Z)",
    re.IGNORECASE,
)


class _LeftAloneError(FetchError):
    """A redirect that is not followed; the reason is one to be counted.

    Attributes:
        target: Where it leads.
    """

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(target, reason)
        self.target = target


def is_site(page: Response, client: Client) -> bool:
    """Whether an address gives a web page or a sitemap."""
    start = page.body[:4096].lstrip().lower()
    is_map = b"<urlset" in start or b"<sitemapindex" in start
    is_page = page.content_type in ("text/html", "application/xhtml+xml") or b"<html" in start
    return page.status < 400 and (is_page or is_map)


class SiteSource:
    """The articles of a site, by its sitemaps or by its links.

    Args:
        address: The site's front page; a folder of it (``/blog/``) for the pages in
            that alone; or a sitemap.
        site: The address the blog is known by, where it is read under another one.
        now: The moment of this read; aware.
        progress: Told the pages fetched, of those known of so far.
        web: How the web is read.
        max_crawled: Pages fetched at most where there is no sitemap.
    """

    def __init__(
        self,
        address: str,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
        web: WebOptions,
        max_crawled: int = MAX_CRAWLED,
    ) -> None:
        parts = urlsplit(address)
        self._address = address
        self._root = f"{parts.scheme}://{parts.netloc}"
        is_map = parts.path.endswith((".xml", ".xml.gz", ".txt"))
        self._map = address if is_map else None
        self._folder = "/" if is_map else f"{parts.path.rstrip('/')}/"
        self._site = site or self._root
        self._now = now
        self._progress = progress
        self._web = web
        self._max_crawled = max_crawled
        self._hosts = HostRobots()
        self._tally: Tally | None = None

    @property
    def name(self) -> str:
        """``site:`` and the address without what follows the folder."""
        return f"site:{self._root}{self._folder}".rstrip("/")

    @property
    def complete(self) -> bool:
        """Whether the site has a sitemap; links never lead to all of a site for sure.

        Raises:
            SourceError: robots.txt forbids the site, or cannot be fetched.
        """
        return bool(self._listed)

    def read(self) -> Iterator[Item]:
        """Every article, and every page that is none with the reason.

        Raises:
            SourceError: robots.txt forbids the site; the text of its pages cannot be
                found without what the extra ``site`` installs; or no page is an article.
        """
        seen: set[str] = set()
        self._tally = tally = Tally(is_crawl=not self._listed)
        with self._client() as client:
            for found in self._mapped(client) if self._listed else self._crawled(client):
                item = found
                if isinstance(item, Post):
                    if item.id in seen:
                        # Without its id, which belongs to the page read before.
                        item = Skipped(item.url, "copy of another page")
                    else:
                        seen.add(item.id)
                tally.add(item)
                yield item
        if not seen:
            raise SourceError(self._address, tally.nothing_found())

    def advice(self) -> Sequence[str]:
        """Of what the pages came to."""
        return [] if self._tally is None else self._tally.advice()

    @cached_property
    def _robots(self) -> Robots:
        with self._web.client(self._address) as client:
            robots = self._hosts.of(client, self._root)
        if not robots.allows(self._root + self._folder):
            reason = "its robots.txt forbids reading it; allow the user agent related-posts there"
            raise SourceError(self._root, reason)
        return robots

    @contextmanager
    def _client(self) -> Iterator[Client]:
        """A client that is as slow as the site asks for, where it may be read at all."""
        _ = self._robots
        with self._web.client(self._address) as client:
            self._hosts.of(client, self._root)
            yield client

    @cached_property
    def _listed(self) -> list[Page | Problem]:
        """What the sitemaps name, with a problem for each that cannot be read."""
        with self._client() as client:
            if self._map:
                return list(self._walked(client, [self._map]))
            named = [urljoin(self._root, one) for one in self._robots.sitemaps]
            for roots in (named, *([f"{self._root}{path}"] for path in _USUAL_MAPS)):
                found = list(self._walked(client, roots))
                # One that is not there, or holds no page of ours, says nothing.
                if any(isinstance(one, Page) for one in found):
                    return found
        return []

    def _walked(self, client: Client, roots: Iterable[str]) -> Iterator[Page | Problem]:
        n_pages = 0
        for found in walk_sitemaps(client, roots):
            if isinstance(found, Problem) or self._is_ours(found.url):
                n_pages += 1
                if n_pages > MAX_PAGES:
                    raise SourceError(self._root, f"its sitemaps name over {MAX_PAGES:,} pages")
                if n_pages % 100 == 0:
                    self._progress(0, n_pages)
                yield found

    def _mapped(self, client: Client) -> Iterator[Item]:
        """The pages of the sitemaps, in their order."""
        yield from (one for one in self._listed if isinstance(one, Problem))
        pages = [one.url for one in self._listed if isinstance(one, Page)]
        allowed = []
        for url in pages:
            try:
                is_allowed = self._allows(client, url)
            except FetchError as error:
                yield Problem(url, error.reason, page_id(url))
                continue
            if is_allowed:
                allowed.append(url)
            else:
                yield Skipped(url, "robots.txt", page_id(url))
        self._progress(0, len(allowed))
        for position, (url, answer) in enumerate(self._fetched(client, allowed), start=1):
            item, _ = self._answered(url, answer)
            yield item
            self._progress(position, len(allowed))

    def _crawled(self, client: Client) -> Iterator[Item]:
        """The pages that links lead to from the address, nearest first."""
        waiting = [self._address]
        known = {urls.normalise(self._address)}
        n_done = 0
        while waiting:
            following: dict[str, str] = {}
            n_known = n_done + len(waiting)
            for url, answer in self._fetched(client, waiting):
                if url == self._address and isinstance(answer, FetchError):
                    raise self._unreachable(answer)
                item, facts = self._answered(url, answer)
                n_done += 1
                yield item
                for link in facts.links if facts is not None and facts.is_followed else ():
                    key = urls.normalise(link)
                    if key not in known and self._is_worth_fetching(client, link):
                        following.setdefault(key, link)
                self._progress(n_done, min(n_known + len(following), self._max_crawled))
            known.update(following)
            room = self._max_crawled - n_done
            waiting = list(following.values())[:room]
            if len(following) > room:
                reason = f"stopped after {self._max_crawled:,} pages; with a sitemap all are read"
                yield Problem(self._root, reason)
        self._progress(n_done, n_done)

    def _fetched(
        self, client: Client, pages: list[str]
    ) -> Iterator[tuple[str, Response | FetchError]]:
        def onward(target: str) -> None:
            if not self._is_on_site(target):
                raise _LeftAloneError(target, "moved to another site")
            if not self._allows(client, target):
                raise _LeftAloneError(target, "robots.txt")

        answers = client.get_many(pages, accept=_ACCEPT, max_bytes=MAX_PAGE_BYTES, onward=onward)
        return zip(pages, answers, strict=True)

    def _answered(self, url: str, answer: Response | FetchError) -> tuple[Item, Facts | None]:
        if isinstance(answer, _LeftAloneError):
            return Skipped(url, answer.reason, page_id(url)), None
        if isinstance(answer, FetchError):
            if answer.status in (404, 410):
                return Skipped(url, "gone", page_id(url)), None
            return Problem(url, answer.reason, page_id(url)), None
        return page_item(answer, site=self._site, now=self._now)

    def _unreachable(self, error: FetchError) -> SourceError:
        """Why the page that a crawl begins with cannot be had."""
        if not isinstance(error, _LeftAloneError):
            return error
        if self._is_on_site(error.target):
            return SourceError(self._address, f"robots.txt forbids {error.target}, its page now")
        return SourceError(self._address, f"the site is at {error.target} now; name that address")

    def _allows(self, client: Client, url: str) -> bool:
        """Whether the robots.txt of a page's own host, with ``www.`` or without, allows it.

        Raises:
            FetchError: It cannot be read.
        """
        if not url.lower().startswith(("http://", "https://")):
            return self._robots.allows(url)
        try:
            return self._hosts.of(client, url).allows(url)
        except FetchError as error:
            raise FetchError(url, f"its host's robots.txt cannot be read: {error.reason}") from None

    def _is_on_site(self, url: str) -> bool:
        return urls.split(url)[0] == urls.split(self._root)[0]

    def _is_ours(self, url: str) -> bool:
        """Whether a page lies on this host and in the folder that was named."""
        path, folder = urls.path_key(url), urls.path_key(self._root + self._folder)
        inside = path == folder or path.startswith(f"{folder.rstrip('/')}/") or folder == "/"
        return inside and self._is_on_site(url)

    def _is_worth_fetching(self, client: Client, url: str) -> bool:
        parts = urlsplit(url)
        segments = parts.path.split("/")
        # Calendars and filters make pages without end.
        endless = len(segments) > 12 or len(parse_qsl(parts.query)) > 2
        if endless or not self._is_ours(url) or _NO_PAGE.search(parts.path) is not None:
            return False
        try:
            return self._allows(client, url)
        except FetchError:
            return False  # a link of this site's to a host of its that is not there any more
