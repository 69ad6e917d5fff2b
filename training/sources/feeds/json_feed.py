"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from related_posts.errors import PostError
from related_posts.plain import plain_title
from training.sources.dates import read_date
from training.sources.feeds.document import Entry, Feed
from training.sources.feeds.xml import text_html


def parse_json(body: bytes, *, base: str = "") -> Feed:
    """Read a JSON Feed.

    Args:
        body: The document.
        base: Its address, where relative ones in it start from; may be empty.

    Raises:
        ValueError: It is no JSON Feed, or cut off; says why.
    """
    try:
        # The strict reader refuses lone surrogates, which common tools write.
        found = json.loads(body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is not a whole JSON document ({error}); fetch it again") from None
    if not isinstance(found, Mapping) or not isinstance(found.get("items"), list):
        raise ValueError("this is JSON, but no JSON Feed: it has no list of items")
    own = _text(found.get("feed_url"))
    base = base or own
    return Feed(
        kind="json",
        link=_joined(base, found.get("home_page_url")),
        language=_text(found.get("language")),
        author=_author(found),
        next_url=_joined(base, found.get("next_url")),
        entries=[_entry(one if isinstance(one, Mapping) else {}, base) for one in found["items"]],
    )


def is_json_feed(head: bytes) -> bool:
    """Whether the start of a file looks like a JSON Feed."""
    return b"jsonfeed.org/version/" in head.replace(b"\\/", b"/")


def _entry(raw: Mapping[str, Any], base: str) -> Entry:
    html = _text(raw.get("content_html"))
    published = _moment(raw.get("date_published"))
    updated = _moment(raw.get("date_modified"))
    tags = raw.get("tags")
    given = raw.get("id")
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    return Entry(
        id=f"{given:.15g}"
        if isinstance(given, float)
        else str(given)
        if is_number
        else _text(given),
        link=_joined(base, raw.get("url")),
        title=plain_title(_text(raw.get("title"))),
        html=html or text_html(_text(raw.get("content_text"))),
        summary=text_html(_text(raw.get("summary"))),
        tags=tuple(filter(None, map(_text, tags if isinstance(tags, list) else ()))),
        author=_author(raw),
        language=_text(raw.get("language")),
        published=published or updated,
        updated=updated,
        pictures=tuple(_pictures(raw)),
    )


def _pictures(raw: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    attachments = raw.get("attachments")
    attached = [
        one.get("url")
        for one in (attachments if isinstance(attachments, list) else ())
        if isinstance(one, Mapping) and _text(one.get("mime_type")).startswith("image/")
    ]
    for src in (raw.get("image"), raw.get("banner_image"), *attached):
        if _text(src):
            yield {"src": _text(src)}


def _author(raw: Mapping[str, Any]) -> str:
    """The names of ``authors``, or of ``author`` as version 1 has it."""
    authors = raw.get("authors")
    given = authors if isinstance(authors, list) and authors else [raw.get("author")]
    names = (_text(one.get("name")) for one in given if isinstance(one, Mapping))
    return ", ".join(dict.fromkeys(filter(None, names)))


def _moment(value: object) -> datetime | None:
    try:
        return read_date("date", value)
    except PostError:
        return None


def _joined(base: str, value: object) -> str:
    address = _text(value)
    try:
        return urljoin(base, address) if address and base else address
    except ValueError:
        return address


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
