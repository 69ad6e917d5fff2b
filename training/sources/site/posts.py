"""A page of a site, and the post it is."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from related_posts import fields, urls
from related_posts.errors import PostError, SourceError
from related_posts.pictures import usable
from related_posts.plain import plain_title
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.text.html import tree as tree_of
from related_posts.wordpress.injected import strip_injected
from training.sources.base import Item, Problem, Skipped
from training.sources.feeds.entries import absolute, clean_link
from training.sources.site.content import EXTRA, ExtraMissingError, main_html
from training.sources.site.page import Facts, read_page
from training.sources.wordpress.protected import asks_for_password
from training.web import Response
from training.web.robots import directives

_HEADING = re.compile(
    r"\s*(?:<(?:div|header|article)\b[^<>]*>\s*)*(<(h[12])\b[^<>]*>(.{1,500}?)</\2>\s*)",
    re.IGNORECASE | re.DOTALL,
)
_HTML = ("text/html", "application/xhtml+xml", "")


def page_id(url: str) -> str:
    """A post's id: the path of its address, with the parameters that mean something.

    >>> page_id("https://blog.example/2024/rye/?utm_source=x#more")
    '/2024/rye'
    """
    return urls.path_key(url)


def page_item(page: Response, *, site: str, now: datetime) -> tuple[Item, Facts | None]:
    """What a page is: a post, a problem, or something skipped; and what it says.

    Args:
        page: As it was fetched.
        site: The address the blog is known by, for blogs read under another one.
        now: The moment of this read; aware.

    Raises:
        SourceError: Its text cannot be found without what the extra installs.
    """
    place, post_id = page.url, page_id(page.url)
    if page.content_type not in _HTML:
        return Skipped(place, f"not a page ({page.content_type[:40]})", post_id), None
    tree = tree_of(page.text)
    if tree is None:
        return Problem(place, "its elements nest too deep to be read", post_id), None
    facts = read_page(tree, page.url)
    if reason := _hidden(page, facts, site, now):
        return Skipped(place, reason, post_id), facts
    try:
        return _post(page, facts, main_html(tree, page.url)), facts
    except PostError as error:
        return Problem(place, error.reason, post_id), facts
    except ExtraMissingError:
        reason = f"this page does not mark its text as an <article>; to find it, {EXTRA}"
        raise SourceError(place, reason) from None


def _hidden(page: Response, facts: Facts, site: str, now: datetime) -> str | None:
    """Why a page is no post to show, in a few words, or None."""
    robots = directives(page.headers.get("x-robots-tag", ""))
    if not facts.is_indexed or "noindex" in robots:
        return "noindex"
    if not _is_itself(page.url, facts.canonical, site):
        return "copy of another page"
    if facts.no_article:
        return facts.no_article
    if asks_for_password(page.text):
        return "password-protected"
    if facts.published is not None and facts.published > now:
        return "scheduled"
    return None


def _is_itself(url: str, canonical: str, site: str) -> bool:
    """Whether a page is the one that it names as the right one."""
    if not canonical or urls.normalise(canonical) == urls.normalise(url):
        return True
    host, path = urls.split(canonical)
    return host == urls.split(site)[0] and path == urls.path_key(url)


def _post(page: Response, facts: Facts, html: str) -> Post:
    url = facts.canonical or clean_link(page.url)
    pictures = (usable(absolute(one, page.url)) for one in facts.images)
    return post_from_json(
        {
            "id": page_id(url),
            "url": url,
            "title": facts.title,
            "html": _without_title(strip_injected(html), facts.title),
            "tags": list(facts.tags),
            "categories": list(facts.categories),
            "author": facts.author,
            "language": _language(facts.language),
            "published": facts.published and facts.published.isoformat(),
            "updated": facts.updated and facts.updated.isoformat(),
            "image": next(filter(None, pictures), None),
            "excerpt": facts.description,
            "slug": PurePosixPath(unquote(urlsplit(url).path, errors="replace")).stem,
            "translation_group": facts.translation_group,
        }
    )


def _without_title(html: str, title: str) -> str:
    """The text without the heading above it that says the title once more."""
    found = _HEADING.match(html)
    if found is None or plain_title(found[3]) != title:
        return html
    return html[: found.start(1)] + html[found.end() :]


def _language(tag: str) -> str:
    try:
        return fields.language("language", tag)
    except PostError:
        return ""
