"""Tell an export's format by what is in it; a name is only a name."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

import orjson

from related_posts.errors import SourceError, UnknownFormatError
from related_posts.fields import shown
from training.sources.csv_file import address_meant, chosen_columns, is_table
from training.sources.csv_rows import header_of
from training.sources.detect_exports import export_of
from training.sources.files import open_stream, reason_of, utf_16_of
from training.sources.jsonl import ARRAY

#: Bytes looked at, after unpacking; a WordPress export says what it is within the first ten.
HEAD_BYTES = 64 << 10

#: Entries of a folder looked at before giving up on finding a text in it.
MAX_ENTRIES = 100_000

#: Suffixes of the texts that a static site generator turns into pages.
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mkd", ".mkdn", ".mdown", ".mdx")

#: Folders that hold programs and caches, never a blog's texts.
IGNORED_FOLDERS = frozenset({"node_modules", "_site", "vendor", "__pycache__"})

#: What may be a site's address without its scheme; names of files are alike.
_HOST = re.compile(
    r"(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*"
    r"\.(?!(?:jsonl?|xml|csv|tsv|gz|tgz|zip|tar|md|html?|txt|sql|atom|rss)(?![a-z0-9-]))[a-z0-9-]+)"
    r"(?::\d{1,5})?(?:/.*)?",
    re.IGNORECASE,
)

_KNOWN = (
    "Read here are jsonl, csv, feeds, exports of WordPress (wxr), Blogger and Ghost, and folders: "
    "markdown, or an export of Substack or Medium"
)

#: First bytes of what has to be unpacked or saved in another form first.
_MAGIC = (
    (b"PK\x03\x04", "a zip archive; unpack it and name the file or folder in it"),
    (b"BZh", "packed with bzip2; unpack it first"),
    (b"\xfd7zXZ\x00", "packed with xz; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database; export its posts as jsonl"),
    (b"\xff\xfe", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as UTF-8"),
    (b"%PDF", "a PDF document"),
)

#: What an XML file may be when it is no WordPress export, by its first element.
_XML = (
    (rb"<urlset\b|<sitemapindex\b", "a sitemap, which this release does not read"),
    (rb"<!doctype html|<html\b", "a web page, not an export"),
)

_FEED = re.compile(rb"(?:\s*<[?!][^>]*>)*\s*<feed\b")
_BLOGGER = re.compile(
    rb"<feed\b[^>]*schemas\.google\.com/blogger/2018|<id>tag:blogger\.com,1999:blog-\d+\.archive<"
)
_GHOST = re.compile(
    rb'\{\s*(?:"db"\s*:\s*\[\s*\{\s*"(?:meta|data)"\s*:|"meta"\s*:\s*\{[^{}]{0,2000}\}\s*,\s*"data"\s*:'
    rb'|"data"\s*:\s*\{\s*"(?:posts|posts_meta|tags|users|roles|settings|newsletters)"\s*:\s*\[)'
)
# A blog's feed names WordPress too, but not the namespaces of an export.
_WXR = re.compile(rb"wordpress\.org/export/|<wp:wxr_version", re.I)
_ANY_FEED = re.compile(rb"(?:\s*<[?!][^>]*>)*\s*<(?:rss|rdf:RDF|feed)\b", re.I)
_JSON_FEED = re.compile(
    rb'\{[^{}\[\]]{0,4000}"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version'
)


def detect(place: str) -> str:
    """The format of a file or folder, by its content.

    Raises:
        SourceError: It is missing, unreadable, empty or of no format read here;
            says what was seen and what to do.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", place):
        reason = "only http, https and mysql addresses are read; save the export and name the file"
        raise SourceError(place, reason)
    path = Path(place)
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise SourceError(place, reason_of(error)) from error
    if not is_folder and _HOST.fullmatch(place) and not os.path.lexists(path):
        reason = "there is no such file or folder; check the path"
        raise SourceError(place, f"{reason}, or for an address write https://{place}")
    return _detect_folder(path) if is_folder else _detect_file(path)


def _detect_folder(path: Path) -> str:
    """A folder is a blog when it is an export of a known kind or there is a text in it."""
    if export := export_of(path):
        return export
    entries = 0
    suffixes: set[str] = set()
    for _, folders, files in os.walk(path, onerror=partial(_refuse_folder, path)):
        folders[:] = [one for one in folders if one[0] != "." and one not in IGNORED_FOLDERS]
        for name in files:
            suffix = Path(name).suffix.lower()
            if suffix in MARKDOWN_SUFFIXES:
                return "markdown"
            suffixes.add(suffix or name)
        entries += len(files) + len(folders)
        if entries > MAX_ENTRIES:
            break
    seen = ", ".join(sorted(suffixes)[:10]) or "nothing"
    raise UnknownFormatError(
        path,
        f"no Markdown file in this folder (seen: {seen}); name an export file or another folder",
    )


def _refuse_folder(path: Path, error: OSError) -> None:
    """A folder that may not be listed is an error; one within it is passed over."""
    if error.filename == os.fspath(path):
        raise SourceError(path, reason_of(error)) from error


def _detect_file(path: Path) -> str:
    with open_stream(path) as stream:
        head = stream.read(HEAD_BYTES)
    if (encoding := utf_16_of(head)) and (content := _xml_in(head, encoding)):
        return _detect_xml(path, content)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise _unread(path, what)
    if head[257:262] == b"ustar":
        raise _unread(path, "a tar archive; unpack it and name the file or folder in it")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise SourceError(path, "the file is empty; export it again")
    if text.startswith(b"<"):
        return _detect_xml(path, text)
    if text.startswith(b"{"):
        return _detect_json(path, text, is_whole=len(head) < HEAD_BYTES)
    if ARRAY.match(text):
        return "jsonl"
    if is_table(text.decode("utf-8", "replace")):
        return "csv"
    raise _unread(path, _describe(path, text))


def _xml_in(head: bytes, encoding: str) -> bytes:
    """The head of an XML file as UTF-8, or nothing where it is another text."""
    text = head.decode(encoding, "replace").removeprefix("\ufeff").lstrip()
    return text.encode("utf-8", "replace") if text.startswith("<") else b""


def _detect_xml(path: Path, text: bytes) -> str:
    # Comments may speak of WordPress and of elements; they are no content.
    content = re.sub(rb"<!--.*?(?:-->|\Z)", b"", text, flags=re.S)
    if _FEED.match(content) and _BLOGGER.search(content):
        return "blogger"
    if _WXR.search(content):
        return "wxr"
    if _ANY_FEED.match(content):
        return "feed"
    for pattern, what in _XML:
        if re.search(pattern, content, re.I):
            raise _unread(path, what)
    raise _unread(path, "XML, but no WordPress export")


def _detect_json(path: Path, text: bytes, *, is_whole: bool) -> str:
    """JSON Lines when one of the lines seen is an object for itself that could be a post."""
    if _GHOST.match(text):
        return "ghost"
    if _JSON_FEED.match(text):
        return "feed"
    lines = [line for line in text.splitlines() if line.strip()]
    complete = lines if is_whole else lines[:-1]
    if not complete:
        return "jsonl"  # one line longer than what was looked at
    for line in complete:
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(found, dict):
            _refuse_documents(path, found)
            return "jsonl"
    if lines[0].strip() == b"{":
        what = "one JSON document over several lines"
        raise _unread(path, f"{what}; jsonl has a whole post on each line")
    return "jsonl"  # every line seen is broken: reading says where and why


def _refuse_documents(path: Path, found: dict[str, object]) -> None:
    """A whole export in one line is not a post."""
    if "id" in found or "url" in found:
        return
    for name, value in found.items():
        if name != "items" and isinstance(value, list) and value and isinstance(value[0], dict):
            what = f"one JSON document with its posts in {shown(name)}"
            raise _unread(path, f"{what}; save that array, or each of its posts on a line")
    if "items" in found:
        raise _unread(path, "JSON with items, but it does not say that it is a JSON Feed")


def _describe(path: Path, text: bytes) -> str:
    """What a file seems to be that no format reads."""
    suffix = path.suffix.lower()
    if text.startswith(b"["):
        return "a JSON array, but not of objects"
    if suffix in MARKDOWN_SUFFIXES or text.startswith((b"---\n", b"---\r\n", b"+++")):
        return "a single text; name the folder that holds the blog's texts"
    if suffix in (".csv", ".tsv"):
        return _table(text)
    if suffix == ".sql" or text.startswith((b"-- MySQL", b"-- MariaDB", b"-- phpMyAdmin")):
        return "a database dump, which this release does not read; export from the blog itself"
    if b"\0" in text:
        return "binary data"
    start = shown(text[:60].decode("utf-8", "replace"))
    return f"of no known kind, it starts with {start}; if you know it, say so with --format"


def _table(text: bytes) -> str:
    """What a file is that is called a table, and has no header of posts."""
    columns = header_of(next(iter(text.decode("utf-8", "replace").splitlines()), "")[:10_000])[0]
    if "url" in chosen_columns(columns):
        return "a table (CSV) of nothing but addresses; it needs a column title, html or id"
    meant = address_meant(columns) or "see docs/sources.md for the names"
    return f"a table (CSV) whose header names no column url; {meant}"


def _unread(path: Path, what: str) -> UnknownFormatError:
    return UnknownFormatError(path, f"this is {what}. {_KNOWN}")
