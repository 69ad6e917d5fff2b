"""A Ghost blog by its Content API, which gives every public post whole.

The API wants a key, made for being read with (Settings, Integrations). It is given as
``auth``, or as ``?key=`` in the address; else the one is taken that the blog's own
pages hold for their search box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from related_posts.errors import SourceError
from training.sources.base import Item, Problem, Progress, no_progress
from training.sources.distinct import distinct
from training.sources.ghost.posts import ghost_item
from training.web import Client, FetchError, Response, WebOptions

#: Where releases of Ghost have their API, the newest first: 5 and 6, 4, 3, 2.
ROOTS = (
    "ghost/api/content",
    "ghost/api/v4/content",
    "ghost/api/v3/content",
    "ghost/api/v2/content",
)

#: Posts asked for at a time; Ghost 6 gives no more.
PAGE_POSTS = 100

_GENERATOR = re.compile(r"<meta\b[^<>]{0,200}\bname=[\"']generator[\"'][^<>]{0,200}\bGhost\b", re.I)
_KEY_IN_PAGE = re.compile(r"\bdata-key=[\"']([0-9a-f]{26})[\"']")
_KEY = re.compile(r"[0-9A-Za-z]{1,100}")


def is_ghost(page: Response, client: Client) -> bool:
    """Whether an address is a Ghost blog's and there is a key to read it with."""
    if "/ghost/api/" in page.url or _key_in_address(page.url):
        return True
    text = page.text[: 512 << 10]
    return bool(_GENERATOR.search(text) and _KEY_IN_PAGE.search(text))


class GhostApiSource:
    """A Ghost blog, read by its Content API.

    Published, public posts are yielded; what is for members only is skipped.

    Args:
        address: The blog's, or its API's; may hold the key.
        site: The blog's address where posts should get another one.
        now: The moment of this read; aware.
        progress: Told the posts read.
        web: How the web is read; its ``auth`` may hold the key as the password.
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
        self._address = address
        self._blog = _blog(address)
        self._site = site or self._blog
        self._now = now
        self._progress = progress
        self._web = web

    @property
    def name(self) -> str:
        """``ghost:`` and the blog's address."""
        return f"ghost:{self._blog}"

    def read(self) -> Iterator[Item]:
        """Every post, the oldest first, so that one published meanwhile moves none.

        Raises:
            SourceError: The key is missing or refused, or a page cannot be fetched.
        """
        # No password is sent: the key in the address is all the API takes.
        with self._web.client() as client:
            yield from distinct(self._placed(client))

    def _placed(self, client: Client) -> Iterator[tuple[str, Item]]:
        n_read = total = 0
        page: int | None = 1
        while page is not None:
            found = self._page(client, page)
            for position, raw in enumerate(found["posts"], start=1):
                n_read += 1
                place = f"{self._blog} page {page} post {position}"
                if not isinstance(raw, Mapping):
                    yield place, Problem(place, "it is no object")
                    continue
                if slug := raw.get("slug"):
                    place = f"{place} ({str(slug)[:80]})"
                # The API gives only what is published, and does not say so of each.
                item = ghost_item(
                    {"status": "published", **raw}, place, site=self._site, now=self._now
                )
                yield place, item
            paging = _pagination(found)
            total = _number(paging.get("total")) or total
            following = _number(paging.get("next"))
            self._progress(n_read, max(total, n_read))
            page = following if following is not None and following > page else None
        if n_read < total:
            # Said without an id: what is missing may be any of them, so none is deleted.
            reason = f"it says it has {total} posts and gave {n_read}; read it again later"
            yield self._blog, Problem(self._blog, reason)

    def _page(self, client: Client, page: int) -> dict[str, Any]:
        query = (
            f"key={quote(self._key, safe='')}&include=tags,authors&formats=html"
            f"&limit={PAGE_POSTS}&order=published_at%20asc&page={page}"
        )
        found = self._asked(client, self._root(client), f"posts/?{query}")
        if not isinstance(found, dict) or not isinstance(found.get("posts"), list):
            raise SourceError(self._blog, "its Content API gave something else than posts")
        return found

    def _asked(self, client: Client, root: str, path: str) -> Any:
        """An answer of the API; an error never shows the key."""
        try:
            return client.get(f"{self._blog}/{root}/{path}", accept="application/json").json()
        except FetchError as error:
            if error.status == 404:
                raise
            reason = error.reason.replace(self._key, "…")
            if error.status in (401, 403):
                reason = "its Content API refuses the key; make one under Settings, Integrations"
            raise SourceError(f"{self._blog}/{root}/", reason) from None

    def _root(self, client: Client) -> str:
        """Where this release has its API."""
        if self._found_root is None:
            for root in ROOTS:
                try:
                    self._asked(client, root, f"settings/?key={quote(self._key, safe='')}")
                except FetchError:
                    continue
                self._found_root = root
                break
            else:
                reason = "there is no Ghost Content API at this address; name the blog's front page"
                raise SourceError(self._blog, reason) from None
        return self._found_root

    _found_root: str | None = None

    @cached_property
    def _key(self) -> str:
        given = _key_in_address(self._address)
        if not given and self._web.auth is not None:
            given = self._web.auth[1] or self._web.auth[0]
        if not given:
            with self._web.client() as client:
                found = _KEY_IN_PAGE.search(client.get(f"{self._blog}/").text)
            given = found[1] if found else ""
        if not _KEY.fullmatch(given):
            reason = "a key for Ghost's Content API is needed (Settings, Integrations)"
            raise SourceError(
                self._blog, f"{reason}; give it as `auth`, or as ?key= in the address"
            )
        return given


def _blog(address: str) -> str:
    """The blog's own address, without its API's path, the key and a last slash."""
    before = re.split(r"[?#]|/ghost(?:/|\Z)", address, maxsplit=1)[0]
    return before.rstrip("/")


def _key_in_address(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("key", [""])[0]


def _pagination(found: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = found.get("meta")
    paging = meta.get("pagination") if isinstance(meta, Mapping) else None
    return paging if isinstance(paging, Mapping) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
