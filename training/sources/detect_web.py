"""Tell what a web address leads to: a blog's own interface, its feed, or just pages.

The address is fetched once, and what came back is shown to one probe after another;
the first that says yes reads the blog. A new kind is a line in ``PROBES``.
"""

from __future__ import annotations

import importlib
import re
from typing import Protocol, cast
from urllib.parse import urlsplit

from related_posts.errors import SourceError
from training.web import Client, FetchError, Response, WebOptions
from training.web.addresses import without_secrets

#: Format to what tells it, in the order they are asked: what gives a blog whole and in
#: full comes first. Each is a ``Probe``, imported only when it is asked.
PROBES = {
    "wordpress": "training.sources.wordpress.rest_api:is_wordpress",
    "ghost": "training.sources.ghost.api:is_ghost",
    "blogger": "training.sources.blogger.feed:is_blogger",
    "feed": "training.sources.feeds.feed:is_feed",
    "site": "training.sources.site.site:is_site",
}


class Probe(Protocol):
    """Tells whether an address is of one kind."""

    def __call__(self, page: Response, client: Client) -> bool:
        """Whether this is one.

        Args:
            page: What the address gave; where it answered with an error, that answer.
            client: For one or two more requests to the same blog, no more.
        """
        ...


def is_web(place: str) -> bool:
    """Whether a place that the user named is an address on the web."""
    return re.match(r"https?://", place.strip(), re.I) is not None


def detect_web(address: str, web: WebOptions) -> str:
    """The format of what is at an address.

    Raises:
        SourceError: It cannot be fetched, has a password in it, or is of no kind known.
    """
    check_address(address)
    with web.client(address) as client:
        page = front_page(address, client)
        for format, probe in PROBES.items():
            module, _, name = probe.partition(":")
            if cast(Probe, getattr(importlib.import_module(module), name))(page, client):
                return format
    said = f" (it answered {page.status})" if page.status >= 400 else ""
    reason = f"no blog was recognised at this address{said}; known are {', '.join(PROBES)}"
    raise SourceError(without_secrets(address), f"{reason}. Save an export and name the file")


def front_page(address: str, client: Client) -> Response:
    """What an address gives; where it refuses, what it says then.

    A blog may close its front page and still answer its interface.

    Raises:
        FetchError: It cannot be reached, or its server fails.
    """
    try:
        return client.get(address)
    except FetchError as error:
        if error.status not in (401, 403, 404, 405, 406, 410):
            raise
        return Response(error.url, error.status, error.headers, error.body)


def check_address(address: str) -> None:
    """Refuse an address with a password in it, which would be shown and kept.

    Raises:
        SourceError: It has one, or cannot be read as an address.
    """
    try:
        parts = urlsplit(address)
        has_secret = parts.username is not None or parts.password is not None
    except ValueError as error:
        raise SourceError("this address", f"it cannot be understood ({error})") from None
    if has_secret:
        reason = "it holds a user name or password, which would be shown; take them out"
        raise SourceError(without_secrets(address), f"{reason}, and give them as `auth`")
