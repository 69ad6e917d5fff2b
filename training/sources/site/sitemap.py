"""Sitemaps: the lists of pages that a site keeps for search engines.

Source: sitemaps.org, protocol 0.9: at most 50,000 addresses and 50 MB a file, gzip,
and an index of files. Indexes within indexes, which it forbids, are found in the wild.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from lxml import etree

from related_posts.errors import PostError
from training.sources.base import Problem
from training.sources.dates import read_date
from training.web import Client, FetchError

#: Addresses in one file, and its bytes after unpacking; the protocol's own limits.
MAX_URLS = 50_000
MAX_BYTES = 50 << 20

#: Files of one site, and levels of indexes.
MAX_FILES = 2_000
MAX_DEPTH = 4

_GZIP = b"\x1f\x8b"
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))
#: Maps of what is no post, by the names that common programs give them.
_NOT_POSTS = re.compile(
    r"(?:^|[-_/.])(?:categor(?:y|ies)|post_tag|tags?|authors?|users|taxonom(?:y|ies)|images?|"
    r"videos?|product_cat|e-landing-page)(?=[-_/.\d])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a sitemap names.

    Attributes:
        url: Its address as it is written.
        modified: When it changed last, as the site says, or None; not to be relied on.
    """

    url: str
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """One file: either pages, or other files."""

    pages: tuple[Page, ...] = ()
    files: tuple[str, ...] = ()


Found: TypeAlias = Page | Problem


def parse_sitemap(body: bytes) -> Sitemap:
    """Read one sitemap, plain or gzip, in XML or as lines of text.

    Args:
        body: The file.

    Raises:
        ValueError: It is none, is cut off, or goes beyond the protocol's limits.
    """
    content = _unpacked(body).translate(None, _CONTROL).removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith((b"http://", b"https://")):
        lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
        return Sitemap(pages=tuple(_limited(Page(line) for line in lines if line)))
    if not content.startswith(b"<"):
        raise ValueError("this is no sitemap: neither XML nor lines of addresses")
    pages: list[Page] = []
    files: list[str] = []
    root = ""
    for element in _elements(content):
        name = etree.QName(element).localname
        if not root:
            root = name
            _check_root(element, name)
            continue
        loc = _child(element, "loc")
        if not loc:
            continue
        if name == "sitemap":
            files.append(loc)
        else:
            pages.append(Page(loc, _moment(_child(element, "lastmod"))))
        if len(pages) + len(files) > MAX_URLS:
            raise ValueError(f"this sitemap names more than {MAX_URLS:,} addresses")
    return Sitemap(tuple(pages), tuple(files))


def walk_sitemaps(client: Client, roots: Iterable[str]) -> Iterator[Found]:
    """Every page of some sitemaps and of those they lead to, each once.

    Maps that by their names list categories, tags and authors are passed over.

    Args:
        client: What fetches them.
        roots: Addresses to begin with.

    Yields:
        Pages in the order of the files, and a problem without an id for a file that
        cannot be read: what it would have named is not known.
    """
    waiting = deque((url, 0) for url in dict.fromkeys(roots) if not is_not_posts(url))
    known = {url for url, _ in waiting}
    seen: set[str] = set()
    n_files = 0
    while waiting:
        url, depth = waiting.popleft()
        n_files += 1
        if n_files > MAX_FILES:
            yield Problem(
                url, f"there are more than {MAX_FILES:,} sitemaps; the others are not read"
            )
            return
        try:
            found = parse_sitemap(client.get(url, max_bytes=MAX_BYTES).body)
        except FetchError as error:
            yield Problem(url, f"this sitemap cannot be fetched: {error.reason}")
            continue
        except ValueError as error:
            yield Problem(url, str(error))
            continue
        for page in found.pages:
            if page.url not in seen:
                seen.add(page.url)
                yield page
        following = [one for one in found.files if one not in known and not is_not_posts(one)]
        if following and depth >= MAX_DEPTH:
            yield Problem(url, f"sitemaps nest deeper than {MAX_DEPTH} levels")
            continue
        known.update(following)
        waiting.extend((one, depth + 1) for one in following)


def is_not_posts(url: str) -> bool:
    """Whether a sitemap's name says that it lists no posts."""
    return _NOT_POSTS.search(url.rpartition("/")[2].partition("?")[0]) is not None


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            content = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"this gzip file is cut off or damaged ({error})") from None
    if len(content) > MAX_BYTES:
        raise ValueError(f"this sitemap is larger than {MAX_BYTES >> 20} MiB")
    return content


def _elements(content: bytes) -> Iterator[etree._Element]:
    """The root as it begins, then each of its entries, emptied when the next is asked for."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: etree._Element | None = None
    try:
        for start in range(0, len(content), 1 << 16):
            parser.feed(content[start : start + (1 << 16)])
            for event, element in parser.read_events():
                if not isinstance(element, etree._Element):
                    continue
                if root is None:
                    root = element
                    yield root
                elif event == "end" and element.getparent() is root:
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del root[0]
        parser.close()
    except etree.XMLSyntaxError as error:
        raise ValueError(f"this sitemap is no whole XML file ({error.msg})") from None


def _check_root(root: etree._Element, name: str) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("this file declares a document type; a sitemap has none")
    if name not in ("urlset", "sitemapindex"):
        raise ValueError(f"this is <{name[:40]}>, not a sitemap")


def _child(element: etree._Element, name: str) -> str:
    """The text of an entry's own child; a picture's address is deeper or of another space."""
    for child in element.iterchildren("{*}" + name):
        space = etree.QName(child).namespace or ""
        if "sitemap-image" not in space and "sitemap-video" not in space:
            return (child.text or "").strip()
    return ""


def _limited(pages: Iterable[Page]) -> Iterator[Page]:
    for position, page in enumerate(pages):
        if position >= MAX_URLS:
            raise ValueError(f"this sitemap names more than {MAX_URLS:,} addresses")
        yield page


def _moment(text: str) -> datetime | None:
    try:
        return read_date("lastmod", text)
    except PostError:
        return None
