"""An entry of a feed, and the post it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from related_posts import fields, urls
from related_posts.errors import PostError
from related_posts.pictures import usable
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.text.html import prose
from related_posts.wordpress.injected import strip_injected
from related_posts.wordpress.names import UNCATEGORIZED
from training.sources.base import Item, Problem, Skipped
from training.sources.feeds.document import Entry, Feed
from training.sources.wordpress.protected import asks_for_password
from training.sources.wordpress.wxr_items import plain_excerpt

#: A summary that agrees with the body for so many characters was cut off from it.
AGREEING_CHARACTERS = 60

# A run of dots is looked at from its first one only, and never in part.
_TRUNCATED = re.compile(
    r"\s*+(?:\[\s*+(?:…|\.{3,}+|more)\s*+\]|…|(?<!\.)\.{3,}+).{0,200}\Z", re.IGNORECASE
)
_HREF = re.compile(r"""<a\b[^<>]{0,2000}?\shref\s{0,9}=\s{0,9}["']([^"'<>]{1,8000})["']""", re.I)
#: A last paragraph longer than this is the author's.
_MAX_BACKLINK_CHARACTERS = 2_000


def entry_item(entry: Entry, feed: Feed, place: str, *, base: str, now: datetime) -> Item:
    """What an entry is: a post, a problem, or something skipped.

    Args:
        entry: The entry.
        feed: Its feed, for what the entry does not say.
        place: Where it is, for messages.
        base: Where relative addresses start from; may be empty.
        now: The moment of this read; aware.
    """
    if not entry.id and not entry.link:
        return Problem(place, "it has neither an id nor a link")
    post_id = entry.id or None
    try:
        link = clean_link(entry.link, base)
        post_id = fields.identifier("id", entry.id or link)
        if entry.is_draft:
            return Skipped(place, "draft", post_id)
        if asks_for_password(entry.html or entry.summary):
            return Skipped(place, "password-protected", post_id)
        if entry.published is not None and entry.published > now:
            return Skipped(place, "scheduled", post_id)
        return _post(entry, feed, post_id, link)
    except PostError as error:
        return Problem(place, error.reason, post_id)


def clean_link(link: str, base: str = "") -> str:
    """An address as readers should get it: absolute, without what counts clicks.

    Feeds mark their links (``utm_source=rss``), and a link given on would count its
    readers as the feed's.

    Raises:
        PostError: It is no address.
    """
    try:
        joined = urljoin(base, link) if base and link else link
        parts = urlsplit(joined)
    except ValueError:
        raise fields.refuse("link", link, "a web address") from None
    kept = [pair for pair in parts.query.split("&") if not _is_tracking(pair.partition("=")[0])]
    query = "&".join(kept)
    return joined if query == parts.query else parts._replace(query=query).geturl()


def absolute(picture: Mapping[str, Any], base: str) -> Mapping[str, Any]:
    """A picture with an address that holds on other sites too, where the base is such a one."""
    try:
        return {**picture, "src": urljoin(base, picture.get("src") or "")}
    except ValueError:
        return picture


def _is_tracking(name: str) -> bool:
    lower = name.lower()
    # ``amp`` is a page of its own, and ``replytocom`` does no harm.
    return lower.startswith(urls.TRACKING_PREFIXES) or (
        lower in urls.TRACKING_PARAMETERS and lower not in ("amp", "replytocom")
    )


def _post(entry: Entry, feed: Feed, post_id: str, link: str) -> Post:
    html = strip_injected(_without_backlink(entry.html or entry.summary, link))
    pictures = (usable(absolute(one, link), link) for one in entry.pictures)
    return post_from_json(
        {
            "id": post_id,
            "url": link,
            "title": entry.title,
            "html": html,
            # A feed does not tell tags from categories.
            "tags": [one for one in entry.tags if one.casefold() not in UNCATEGORIZED],
            "author": entry.author or feed.author,
            "language": _language(entry.language) or _language(feed.language),
            "published": entry.published and entry.published.isoformat(),
            "updated": entry.updated and entry.updated.isoformat(),
            "image": next(filter(None, pictures), None),
            "excerpt": _own_summary(entry, html) if entry.html else "",
            "slug": _slug(link),
        }
    )


def _own_summary(entry: Entry, html: str) -> str:
    """The summary where its author wrote one, not where the body was cut off to make it."""
    if not entry.summary:
        return ""
    summary = plain_excerpt(_without_backlink(entry.summary, entry.link))
    start = _TRUNCATED.sub("", summary)[:AGREEING_CHARACTERS]
    body = " ".join(prose(html).text.split())
    return "" if body.startswith(start) else summary


def _without_backlink(html: str, link: str) -> str:
    """The body without "The post … appeared first on …", which says nothing of it.

    It is known in any language by its links: the last paragraph holds two, one to the
    post itself and one to the blog's front page.
    """
    start = max(html.rfind("<p>"), html.rfind("<p "))
    if start < 0 or len(html) - start > _MAX_BACKLINK_CHARACTERS:
        return html
    hrefs = _HREF.findall(html, start)
    if len(hrefs) != 2 or urls.normalise(hrefs[0]) != urls.normalise(link):
        return html
    host, path = urls.split(hrefs[1])
    own_host, own_path = urls.split(link)
    is_front = host == own_host and path != own_path and own_path.startswith(path.rstrip("/"))
    return html[:start].rstrip() if is_front else html


def _slug(link: str) -> str:
    return PurePosixPath(unquote(urlsplit(link).path, errors="replace")).stem


def _language(tag: str) -> str:
    try:
        return fields.language("language", tag)
    except PostError:
        return ""
