"""One entry of Blogger's Atom, of any of its schemas, and the post it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from related_posts.errors import PostError
from related_posts.pictures import first_picture, usable
from related_posts.plain import plain_title
from related_posts.posts import Post
from related_posts.schema import post_from_json
from training.sources.base import Item, Problem, Skipped

ATOM = "{http://www.w3.org/2005/Atom}"
#: The schema of exports since 2018; the one before says everything by categories.
BLOGGER_2018 = "{http://schemas.google.com/blogger/2018}"
_MEDIA = "{http://search.yahoo.com/mrss/}"

_KIND_SCHEME = "http://schemas.google.com/g/2005#kind"
_LABEL_SCHEMES = ("http://www.blogger.com/atom/ns#", "tag:blogger.com,1999:blog-")
_ID = re.compile(r"tag:blogger\.com,1999:blog-\d*\.(?:post|page)-(\w+)")

#: Statuses that are not public, with the reason reported.
_NOT_PUBLIC = {
    "draft": "draft",
    "scheduled": "scheduled",
    "soft_trashed": "trashed",
    "trashed": "trashed",
}
#: What an export holds beside posts and pages: of no interest, and not worth a count.
_MACHINERY = frozenset({"comment", "template", "settings"})
#: Names Blogger writes where it knows none.
_NO_AUTHORS = frozenset({"unknown", "anonymous", "noreply@blogger.com"})


@dataclass(frozen=True, slots=True)
class Entry:
    """The raw fields of one entry; empty where it does not say.

    Attributes:
        id: Blogger's number of the post, as its templates know it (``data:post.id``).
        kind: ``post``, ``page``, ``comment``, ``template``, ``settings`` or empty.
        status: ``live``, ``draft``, ``scheduled``, ``soft_trashed``, … or empty.
        url: The post's address.
        filename: Its path, where an export says only that.
        thumbnail: A small square picture that Blogger made.
    """

    id: str
    kind: str
    status: str
    title: str = ""
    html: str = ""
    labels: tuple[str, ...] = ()
    author: str = ""
    published: str = ""
    updated: str = ""
    url: str = ""
    filename: str = ""
    thumbnail: str = ""
    excerpt: str = ""

    @classmethod
    def of(cls, element: etree._Element) -> Entry:
        """Read an ``<entry>`` of an export or of the public feed."""
        # Direct children only: an author has a blogger:type as well.
        found = element.iterfind(f"{ATOM}category")
        categories = [(one.get("scheme", ""), one.get("term", "")) for one in found]
        kinds = [term.rpartition("#")[2] for scheme, term in categories if scheme == _KIND_SCHEME]
        kind = _text(element, f"{BLOGGER_2018}type") or next(iter(kinds), "")
        drafts = element.iterfind("{*}control/{*}draft")
        is_draft = any((one.text or "").strip().lower() == "yes" for one in drafts)
        status = _text(element, f"{BLOGGER_2018}status")
        if not status and element.find(f"{BLOGGER_2018}type") is None:
            status = "draft" if is_draft else "live"
        thumbnail = element.find(f"{_MEDIA}thumbnail")
        return cls(
            id=post_number(_text(element, f"{ATOM}id")),
            kind=kind.lower(),
            status=status.lower(),
            title=_title(element),
            html=_content(element),
            labels=tuple(
                term for scheme, term in categories if term and scheme.startswith(_LABEL_SCHEMES)
            ),
            author=_text(element, f"{ATOM}author/{ATOM}name"),
            published=_text(element, f"{ATOM}published"),
            updated=_text(element, f"{ATOM}updated"),
            url=_alternate(element),
            filename=_text(element, f"{BLOGGER_2018}filename"),
            thumbnail="" if thumbnail is None else thumbnail.get("url", ""),
            excerpt=_text(element, f"{BLOGGER_2018}metaDescription"),
        )


def post_number(atom_id: str) -> str:
    """Blogger's number in an Atom id; another id as it is.

    >>> post_number("tag:blogger.com,1999:blog-12.post-345")
    '345'
    """
    found = _ID.fullmatch(atom_id)
    return found[1] if found else atom_id


def entry_item(entry: Entry, place: str, *, site: str | None, now: datetime) -> Item | None:
    """What an entry is: a post, a problem, something skipped, or None for machinery.

    Args:
        entry: The entry.
        place: Where it is, for messages.
        site: The blog's address; without it a path alone stays a path.
        now: The moment of this read; aware.
    """
    if entry.kind in _MACHINERY:
        return None
    post_id = entry.id or None
    if entry.kind == "page":
        return Skipped(place, "page", post_id)
    if entry.kind != "post":
        return Problem(place, f"its kind is {entry.kind[:40]!r}; it must be a post", post_id)
    if entry.status != "live":
        if not entry.status:
            return Problem(place, "it has no blogger:status, so it may be a draft", post_id)
        reason = _NOT_PUBLIC.get(entry.status, f"status {entry.status[:40]}")
        return Skipped(place, reason, post_id)
    if post_id is None:
        return Problem(place, "it has no id")
    try:
        post = _post(entry, site)
    except PostError as error:
        return Problem(place, error.reason, post_id)
    if post.published is not None and post.published > now:
        return Skipped(place, "scheduled", post_id)
    return post


def _post(entry: Entry, site: str | None) -> Post:
    url = _url(entry, site)
    author = entry.author
    return post_from_json(
        {
            "id": entry.id,
            "url": url,
            "title": entry.title,
            "html": entry.html,
            "tags": list(entry.labels),
            "author": "" if author.casefold() in _NO_AUTHORS else author,
            "published": entry.published,
            "updated": entry.updated,
            # The picture Blogger makes is 72 pixels wide, so the original comes first.
            "image": first_picture(entry.html, url) or usable({"src": entry.thumbnail}, url),
            "excerpt": entry.excerpt,
            "slug": PurePosixPath(unquote(urlsplit(url).path, errors="replace")).stem,
        }
    )


def _url(entry: Entry, site: str | None) -> str:
    address = entry.url or entry.filename
    if not address:
        raise PostError("it has neither an address nor a blogger:filename; publish it again")
    try:
        urlsplit(address)
        return urljoin(f"{site.rstrip('/')}/", address) if site else address
    except ValueError:
        raise PostError(f"its address {address[:80]!r} is none") from None


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _title(element: etree._Element) -> str:
    title = element.find(f"{ATOM}title")
    if title is None:
        return ""
    text = "".join(map(str, title.itertext()))
    return plain_title(text) if title.get("type") in ("html", "xhtml") else text


def _content(element: etree._Element) -> str:
    content = element.find(f"{ATOM}content")
    if content is None:
        content = element.find(f"{ATOM}summary")
    if content is None:
        return ""
    if content.get("type") != "xhtml":
        return content.text or ""
    parts = [str(etree.tostring(one, encoding="unicode", method="html")) for one in content]
    return "".join(parts).strip()


def _alternate(element: etree._Element) -> str:
    for link in element.iterfind(f"{ATOM}link"):
        if link.get("rel", "alternate") == "alternate" and link.get("href"):
            return link.get("href", "").strip()
    return ""
