"""Exports in XML as a stream of elements, holding one at a time.

The parser takes nothing from outside the file and expands no entity: an export has
none, so a document type is refused before its entities could mean anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, cast

from lxml import etree

from related_posts.errors import SourceError
from training.sources.base import Progress, no_progress
from training.sources.files import BLOCK_BYTES, open_stream

_CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))
_ENCODING = re.compile(rb"""<\?xml\b[^>]{0,200}?\sencoding\s*=\s*["']([\w.-]{1,40})["']""")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: The end of the file, where a whole export closes its root.
_TAIL_BYTES = 256
_XML_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of export, as messages name it and as it is told from others.

    Attributes:
        what: ``a WordPress export``.
        end: The tag that closes the root, ``</rss>``.
        check: Given the path and the root without its content; raises SourceError
            where the file is another kind of XML.
    """

    what: str
    end: bytes
    check: Callable[[Path, etree._Element], None]


def stream(
    path: Path,
    kind: Kind,
    tags: Iterable[str],
    is_wanted: Callable[[etree._Element], bool],
    progress: Progress = no_progress,
) -> Generator[etree._Element, None, None]:
    """The wanted elements, in the order of the file.

    An element is complete when it is yielded and emptied when the next one is asked
    for, together with what lies before it. Control characters, which XML forbids and
    real exports hold, are removed from the bytes before they are parsed, and bytes that are
    no UTF-8 replaced: the parser's own recovery would drop the text around them.

    Args:
        path: The export, plain or gzip.
        kind: What it must be.
        tags: Names to look at, as lxml writes them: ``{*}item``.
        is_wanted: Asked of each complete element of such a name. What is not wanted
            is not emptied, as it may be part of what is.
        progress: Told the bytes read.

    Raises:
        SourceError: The file cannot be read, is of another kind, is not well-formed,
            or is cut off.
    """
    parser = etree.XMLPullParser(
        events=("end",),
        tag=list(tags),
        huge_tree=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    with open_stream(path, progress) as content:
        blocks = _clean_blocks(content)
        head = next(blocks, b"")
        _check_root(path, head, kind)
        tail = b""
        for block in chain((head,), blocks):
            try:
                parser.feed(block)
            except etree.XMLSyntaxError as error:
                raise _broken(path, error, parser, is_whole=True) from error
            for element in filter(is_wanted, _events(parser)):
                yield element
                element.clear()
                # What lies before it would stay in memory to the end of the file.
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
            tail = (tail + block)[-_TAIL_BYTES:]
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _broken(path, error, parser, is_whole=kind.end in tail) from error


def _events(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    """The elements of what was parsed; only namespace events carry something else."""
    return (cast(etree._Element, found) for _, found in parser.read_events())


def _check_root(path: Path, head: bytes, kind: Kind) -> None:
    """Refuse what is no such export, by the first element of the file."""
    if not head:
        raise SourceError(path, "this file is empty; export the blog again")
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    failure: etree.XMLSyntaxError | None = None
    try:
        parser.feed(head)
    except etree.XMLSyntaxError as error:
        failure = error
    root = next(_events(parser), None)
    if root is None:
        detail = f" (line {failure.lineno}: {failure.msg})" if failure else ""
        raise SourceError(path, f"this is not an XML file{detail}; {kind.what} is one")
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceError(path, f"this file declares a document type; {kind.what} has none")
    kind.check(path, root)


def _clean_blocks(content: IO[bytes]) -> Iterator[bytes]:
    """Blocks of the file without the characters that XML forbids, as valid UTF-8.

    Those are the control characters and U+FFFE and U+FFFF; also what stands before
    the first ``<``, as some plugins print a blank line first.
    """
    block = content.read(BLOCK_BYTES)
    if block.startswith(_UTF16_MARKS):
        # Half of its bytes are zeros, which must stay.
        while block:
            yield block
            block = content.read(BLOCK_BYTES)
        return
    declared = _ENCODING.search(block[:1024])
    is_utf_8 = declared is None or declared[1].lower() in (b"utf-8", b"utf8")
    carry = b""
    is_first = True
    while block:
        cleaned, carry = _whole_characters((carry + block).translate(None, _CONTROL))
        if b"\xef\xbf" in cleaned:
            cleaned = cleaned.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
        if is_utf_8:
            cleaned = _valid(cleaned)
        if is_first:
            cleaned = cleaned.removeprefix(b"\xef\xbb\xbf").lstrip(_XML_SPACE)
        if cleaned:
            yield cleaned
            is_first = False
        block = content.read(BLOCK_BYTES)
    if carry:
        yield _valid(carry) if is_utf_8 else carry


def _whole_characters(content: bytes) -> tuple[bytes, bytes]:
    """The content, and the beginning of a character of UTF-8 that its end cuts in two."""
    for length in (1, 2, 3):
        byte = content[-length] if len(content) >= length else 0
        if byte & 0xC0 != 0x80:
            size = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return (content[:-length], content[-length:]) if size > length else (content, b"")
    return content, b""


def _valid(content: bytes) -> bytes:
    """UTF-8 with U+FFFD for what is none, as one byte of a plugin must not cost the blog."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace").encode()
    return content


def _broken(
    path: Path, error: etree.XMLSyntaxError, parser: etree.XMLPullParser, *, is_whole: bool
) -> SourceError:
    """The error for XML that cannot be read to its end, with where and why."""
    # The parser goes on after some errors, and only its log has the first of them.
    first = next(iter(parser.feed_error_log), None)
    line, message = (first.line, first.message) if first else (error.lineno, error.msg)
    detail = f"at line {line} ({message})"
    if is_whole:
        reason = f"this export is not well-formed XML {detail}; do not edit it by hand"
    else:
        reason = f"this export is cut off {detail}"
    return SourceError(path, f"{reason}; export it again")
