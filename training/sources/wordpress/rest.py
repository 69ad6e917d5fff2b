"""A WordPress blog, read over the web by the interface that WordPress has for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from related_posts.errors import SourceError
from related_posts.urls import normalise
from related_posts.wordpress.posts import read_post
from training.sources.base import Item, Present, Problem, Progress, Skipped, no_progress
from training.sources.detect_web import check_address, front_page
from training.sources.wordpress.rest_api import Api, find_api
from training.sources.wordpress.rest_pages import Listed, fetch_posts, list_posts
from training.web import FetchError, WebOptions
from training.web.addresses import request_url

#: A post that changed this long before the moment asked for is read again: clocks differ.
OVERLAP = timedelta(days=1)


class WordPressSource:
    """Every published post of a WordPress blog.

    Which posts there are is asked first, and then for those that are wanted: all, or
    with ``since`` those that changed. The rest is ``Present``, so that whatever is
    named nowhere was deleted.

    Args:
        address: The blog's address, a page of it, or its interface's.
        site: Where relative addresses start from; else the blog's own address.
        now: The moment of this read; aware.
        progress: Told the posts read, and how many are to be.
        web: How the web is read; ``auth`` is an application password.
    """

    complete = True

    def __init__(
        self,
        address: str,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
        web: WebOptions | None = None,
    ) -> None:
        check_address(address)
        self.address = address.strip()
        self.since: datetime | None = None
        self._site = site
        self._now = now
        self._progress = progress
        self._web = web or WebOptions()

    @property
    def name(self) -> str:
        """``wordpress:`` and the blog's host and path, as the blog says itself.

        Raises:
            SourceError: It cannot be reached, or has no such interface.
        """
        return f"wordpress:{normalise(self._api.home).rstrip('/')}"

    def read(self) -> Iterator[Item]:
        """Every post, by number; what must not be shown is skipped.

        Raises:
            SourceError: The blog could not be read to its end.
        """
        api = self._api
        with self._web.client(self.address) as client:
            listed = list_posts(client, api)
            wanted = [entry.post_id for entry in listed if self._is_wanted(entry)]
            self._progress(0, len(wanted))
            yield from self._left_out(api, listed)
            with closing(fetch_posts(client, api, wanted)) as fetched:
                for done, (number, found) in enumerate(fetched, start=1):
                    self._progress(done, len(wanted))
                    yield self._item(api, number, found)
            self._progress(len(wanted), len(wanted))

    def _is_wanted(self, entry: Listed) -> bool:
        """Whether a post is to be read, and not only known to be there."""
        if self.since is None or entry.changed is None:
            return not entry.is_protected
        return not entry.is_protected and entry.changed >= self.since - OVERLAP

    def _left_out(self, api: Api, listed: list[Listed]) -> Iterator[Item]:
        """What is not read: posts with a password, and those that did not change."""
        for entry in listed:
            post_id = str(entry.post_id)
            if entry.is_protected:
                yield Skipped(_place(api, entry.post_id), "password-protected", post_id)
            elif not self._is_wanted(entry):
                yield Present(post_id)

    def _item(self, api: Api, number: int, found: Mapping[str, Any] | FetchError) -> Item:
        if isinstance(found, FetchError):
            reason = f"the server cannot give it: {found.reason}"
            return Problem(_place(api, number), reason, str(number))
        home = self._site or api.home
        return read_post(found, home=home, language=api.language, now=self._now)

    @cached_property
    def _api(self) -> Api:
        with self._web.client(self.address) as client:
            api = find_api(front_page(self.address, client), client)
        if api is None:
            reason = "no WordPress interface was found here; it may be switched off"
            raise SourceError(self.address, f"{reason}. Export the blog and name the file")
        if self._web.auth is not None:
            self._check_password_goes_along(api)
        return api

    def _check_password_goes_along(self, api: Api) -> None:
        """Refuse to read without the password that was given, as if there were none."""
        named, asked = urlsplit(request_url(self.address)), urlsplit(request_url(api.posts))
        if asked.netloc != named.netloc:
            reason = "a password goes only to the host that is named"
            raise SourceError(self.address, f"{reason}, and this blog is read from {asked.netloc}")
        if asked.scheme != "https" and not self._web.allow_private:
            raise SourceError(self.address, "a password is sent over https only, this is http")


def _place(api: Api, number: int) -> str:
    return f"{api.home} post {number}"
