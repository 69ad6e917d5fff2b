"""RSS and Atom, read by feedparser."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin

from related_posts.fields import YEARS
from related_posts.plain import plain_title
from training.sources.feeds.document import Entry, Feed
from training.sources.feeds.xml_text import well_formed

#: Pictures of authors that WordPress.com puts among those of the post.
_AVATAR = re.compile(r"gravatar\.com/avatar|/blavatar/", re.IGNORECASE)
_LINKS = re.compile(r"""(\s(?:href|src)\s{0,9}=\s{0,9})("[^"<>]{1,8000}"|'[^'<>]{1,8000}')""", re.I)


def parse_xml(body: bytes, *, base: str = "", charset: str = "") -> Feed:
    """Read an RSS or Atom feed, mending what templates get wrong.

    Args:
        body: The document.
        base: Its address, where relative ones in it start from; may be empty.
        charset: The encoding that the server named.

    Raises:
        ValueError: It is no such feed, is cut off or cannot be mended; says why.
    """
    content = well_formed(body, charset)
    # Imported here: it takes a tenth of a second, and most blogs are no feed.
    import feedparser  # type: ignore[import-untyped]

    # As a stream: of a string it would open the file or the address that it names.
    found = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    kind = found.get("version") or ""
    if not kind and not found["entries"]:
        raise ValueError("this is no feed; RSS, Atom and JSON Feed are read")
    feed = found["feed"]
    links = list(_dicts(feed.get("links")))
    return Feed(
        kind=kind,
        link=_joined(base, _text(feed.get("link"))),
        language=_text(feed.get("language")),
        author=_author(feed),
        generator=_generator(feed),
        next_url=next(
            (_joined(base, _text(one.get("href"))) for one in links if one.get("rel") == "next"), ""
        ),
        entries=[_entry(one) for one in found["entries"]],
    )


def _entry(raw: Any) -> Entry:
    html, html_base, language = _content(raw)
    detail = raw.get("title_detail") or {}
    summary = _text(raw.get("summary"))
    # Without a summary of its own, feedparser gives the content for it.
    if any(summary == _text(one.get("value")) for one in _dicts(raw.get("content"))):
        summary = ""
    if summary and _is_plain({**(raw.get("summary_detail") or {}), "value": summary}):
        summary = text_html(summary)
    published, updated = _moment(raw, "published_parsed"), _moment(raw, "updated_parsed")
    # The feed's own address is not given to feedparser: it would join it to identifiers
    # as well. So a base is one that the feed declares.
    if html_base:
        html = _absolute_links(html, html_base)
    return Entry(
        id=_text(raw.get("id")),
        link=_text(raw.get("feedburner_origlink")) or _link(raw),
        title=_title(_text(raw.get("title")), _text(detail.get("type"))),
        html=html,
        summary=summary,
        tags=tuple(_tags(raw)),
        author=_author(raw),
        language=language or _text(detail.get("language")),
        published=published or updated,
        updated=updated,
        pictures=tuple(_pictures(raw)),
        is_draft=_text(raw.get("app_draft")).lower() == "yes",
    )


def _link(raw: Any) -> str:
    """The link; where feedparser took the guid for it, only if it looks like one."""
    link = _text(raw.get("link"))
    is_guid = link == _text(raw.get("id")) and not link.startswith(("http://", "https://", "/"))
    return "" if is_guid else link


def _title(title: str, kind: str) -> str:
    # Many feeds escape a title once more than its format asks for; text that still
    # shows an entity is of such a one.
    if kind in ("", "text/plain"):
        return " ".join(unescape(title).split())
    return plain_title(title)


def _content(raw: Any) -> tuple[str, str, str]:
    """The longest body in HTML, where its links start from, and its language."""
    bodies = [one for one in _dicts(raw.get("content")) if _text(one.get("value"))]
    bodies.sort(key=lambda one: (_is_plain(one), -len(one["value"])))
    if not bodies:
        return "", "", ""
    body = bodies[0]
    value = _text(body.get("value"))
    html = text_html(value) if _is_plain(body) else value
    return html, _text(body.get("base")), _text(body.get("language"))


def _is_plain(body: Mapping[str, Any]) -> bool:
    # Declared as text and yet full of tags: the template forgot to say so.
    return body.get("type") == "text/plain" and "</" not in body["value"]


def text_html(text: str) -> str:
    """Plain text as HTML: a blank line begins a paragraph."""
    paragraphs = re.split(r"\n[ \t\r]*\n\s*", text.strip())
    return "\n".join(f"<p>{escape(one, quote=False)}</p>" for one in paragraphs if one)


def _tags(raw: Any) -> Iterator[str]:
    for tag in _dicts(raw.get("tags")):
        # Blogger says what an entry is by a category.
        if _text(tag.get("scheme")).endswith("#kind"):
            continue
        if name := plain_title(_text(tag.get("label")) or _text(tag.get("term"))):
            yield name


def _author(raw: Any) -> str:
    names = [plain_title(_text(one.get("name"))) for one in _dicts(raw.get("authors"))]
    names = list(dict.fromkeys(filter(None, names)))
    said = _text(raw.get("author"))
    if len(names) > 1 or (names and "@" not in said):
        return ", ".join(names)
    # An address is no name, and feedparser takes the end of a long domain for one.
    words = (word for word in said.split() if "@" not in word.strip("@"))
    return plain_title(" ".join(words).removeprefix("(").removesuffix(")"))


def _generator(feed: Any) -> str:
    detail = feed.get("generator_detail") or {}
    said = f"{_text(feed.get('generator'))} {_text(detail.get('href'))}"
    return said.strip().lower()


def _pictures(raw: Any) -> Iterator[dict[str, str]]:
    """Pictures of the entry, the largest of what it gives whole before thumbnails."""
    whole = [one for one in _dicts(raw.get("media_content")) if _is_picture(one)]
    whole.sort(key=lambda one: -_whole_number(one.get("width")))
    thumbnails = _dicts(raw.get("media_thumbnail"))
    enclosures = (
        {**one, "url": one.get("href")}
        for one in _dicts(raw.get("links"))
        if one.get("rel") == "enclosure" and _is_picture({**one, "url": one.get("href")})
    )
    image = raw.get("image")
    of_entry = [{"url": image.get("href")}] if isinstance(image, Mapping) else []
    for one in (*whole, *enclosures, *thumbnails, *of_entry):
        if (src := _text(one.get("url"))) and not _AVATAR.search(src):
            yield {
                "src": src,
                "width": _text(one.get("width")),
                "height": _text(one.get("height")),
            }


def _is_picture(media: Mapping[str, Any]) -> bool:
    said = _text(media.get("medium")) or _text(media.get("type")).partition("/")[0]
    address = _text(media.get("url")).partition("?")[0].lower()
    return said == "image" or (
        not said and address.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"))
    )


def _moment(raw: Any, name: str) -> datetime | None:
    # Its own ``get`` warns where there is no date of change, and gives the other one.
    parsed = dict.get(raw, name)
    if parsed is None:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    # Years out of reach are placeholders and mistakes.
    return moment if YEARS[0] < moment.year < YEARS[1] else None


def _absolute_links(html: str, base: str) -> str:
    """HTML with the addresses in it made absolute, where the feed names their base."""

    def absolute(match: re.Match[str]) -> str:
        quote, address = match[2][0], unescape(match[2][1:-1].strip())
        if address.startswith("#") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
            return match[0]
        try:
            return f"{match[1]}{quote}{escape(urljoin(base, address))}{quote}"
        except ValueError:
            return match[0]

    return _LINKS.sub(absolute, html)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if base and address else address
    except ValueError:
        return address


def _dicts(value: object) -> Iterator[Mapping[str, Any]]:
    """The entries of a list that are mappings; none where it is no list."""
    entries: Iterable[object] = value if isinstance(value, list) else ()
    return (one for one in entries if isinstance(one, Mapping))


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _whole_number(value: object) -> int:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
