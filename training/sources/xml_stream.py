"""Exports in XML as a stream of elements, holding one at a time.

The parser takes nothing from outside the file and expands no entity of its: an export
declares none, so a document type is refused before its entities could mean anything.
HTML's, which plugins write where XML knows none, are declared here where a file needs them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from lxml import etree

from related_posts.errors import SourceError
from training.sources.base import Progress, no_progress
from training.sources.files import BLOCK_BYTES, open_stream, utf_16_of

_CONTROL = bytes(set(range(32)) - set(b"\t\n\r"))
_ENCODING = re.compile(rb"""<\?xml\b[^>]{0,200}?\sencoding\s*=\s*["']([\w.-]{1,40})["']""")
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]{0,200}\?>")
#: The end of the file, where a whole export closes its root.
_TAIL_BYTES = 256
_XML_SPACE = b" \t\r\n"


@dataclass(slots=True)
class Mending:
    """What a file needs so that it can be read; found out once, by whichever pass is first.

    Attributes:
        has_html_entities: Whether it holds entities that HTML knows and XML does not.
    """

    has_html_entities: bool = False

    def advice(self, path: Path) -> list[str]:
        """What was mended, a sentence each."""
        if not self.has_html_entities:
            return []
        what = "holds HTML's entities, such as &nbsp;, where XML knows none"
        return [f"{path.name} {what}; they are read as the characters they stand for"]


class _UnknownEntityError(Exception):
    """An entity that is not declared, and may be one of HTML's."""


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
    mending: Mending | None = None,
) -> Generator[etree._Element, None, None]:
    """The wanted elements, in the order of the file.

    An element is complete when it is yielded and emptied when the next one is asked
    for, together with what lies before it. Control characters, which XML forbids and
    real exports hold, are removed from the bytes before they are parsed, and bytes that are
    no UTF-8 replaced: the parser's own recovery would drop the text around them. A file
    with an entity that XML does not know is begun anew with all of HTML's declared, which
    costs the other files nothing.

    Args:
        path: The export, plain or gzip.
        kind: What it must be.
        tags: Names to look at, as lxml writes them: ``{*}item``.
        is_wanted: Asked of each complete element of such a name. What is not wanted
            is not emptied, as it may be part of what is.
        progress: Told the bytes read.
        mending: What an earlier pass found, and where this one keeps what it finds.

    Raises:
        SourceError: The file cannot be read, is of another kind, is not well-formed,
            or is cut off.
    """
    tags = tuple(tags)
    mending = mending or Mending()
    most = n_yielded = 0

    def forward(done: int, total: int | None) -> None:
        nonlocal most
        most = max(most, done)
        progress(most, total)

    if not mending.has_html_entities:
        try:
            with closing(_elements(path, kind, tags, is_wanted, forward)) as found:
                for element in found:
                    n_yielded += 1
                    yield element
            return
        except _UnknownEntityError:
            mending.has_html_entities = True
    again = _elements(path, kind, tags, is_wanted, forward, prologue=_html_entities())
    with closing(again) as found:
        for position, element in enumerate(found):
            if position >= n_yielded:
                yield element


def _elements(
    path: Path,
    kind: Kind,
    tags: tuple[str, ...],
    is_wanted: Callable[[etree._Element], bool],
    progress: Progress,
    prologue: bytes = b"",
) -> Generator[etree._Element, None, None]:
    """The elements of ``stream``; ``prologue`` is a document type that is put before the root.

    Raises:
        _UnknownEntityError: There is an entity that is not declared, and no prologue.
        SourceError: As for ``stream``.
    """
    parser = etree.XMLPullParser(
        events=("end",),
        tag=list(tags),
        huge_tree=True,
        # Of the prologue's alone: a file with a document type of its own is refused.
        resolve_entities="internal" if prologue else False,  # type: ignore[arg-type]  # older stubs
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    with open_stream(path, progress) as content:
        blocks = _clean_blocks(content)
        head = next(blocks, b"")
        _check_root(path, head, kind)
        if prologue:
            declared = _DECLARATION.match(head)
            start = declared.end() if declared else 0
            head = head[:start] + prologue + head[start:]
        tail = b""
        for block in chain((head,), blocks):
            failure = None
            try:
                parser.feed(block)
            except etree.XMLSyntaxError as error:
                failure = error
            # Of most mistakes the parser only keeps a record, and begins anew with the next block.
            if failure is not None or _first_fatal(parser) is not None:
                _refuse_entity(parser, prologue)
                raise _broken(path, failure, parser, is_whole=True) from failure
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
        _refuse_entity(parser, prologue)
        raise _broken(path, error, parser, is_whole=kind.end in tail) from error


def _first_fatal(parser: etree.XMLPullParser) -> Any:
    """The first mistake of the parser's log after which nothing more is read, or None."""
    return next((one for one in parser.feed_error_log if one.level_name == "FATAL"), None)


def _refuse_entity(parser: etree.XMLPullParser, prologue: bytes) -> None:
    first = _first_fatal(parser)
    is_entity = first is not None and first.type == etree.ErrorTypes.ERR_UNDECLARED_ENTITY
    if is_entity and not prologue:
        raise _UnknownEntityError


@lru_cache(maxsize=1)
def _html_entities() -> bytes:
    """A document type that declares every entity of HTML but those of XML, on one line."""
    declared = []
    for name, characters in html5.items():
        if name.endswith(";") and name[:-1] not in ("amp", "lt", "gt", "quot", "apos"):
            # Twice a reference, so that no value ever is markup.
            value = "".join(f"&#38;#{ord(one)};" for one in characters)
            declared.append(f'<!ENTITY {name[:-1]} "{value}">')
    return f"<!DOCTYPE html [{''.join(declared)}]>".encode()


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
    carry = b""
    is_first = is_utf_8 = True
    for block in _as_utf_8(content):
        if is_first and (declared := _ENCODING.search(block[:1024])):
            is_utf_8 = declared[1].lower() in (b"utf-8", b"utf8")
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
    if carry:
        yield _valid(carry) if is_utf_8 else carry


def _as_utf_8(content: IO[bytes]) -> Iterator[bytes]:
    """Blocks of the file as they are, or in UTF-8 where it is in UTF-16."""
    block = content.read(BLOCK_BYTES)
    encoding = utf_16_of(block)
    if not encoding:
        while block:
            yield block
            block = content.read(BLOCK_BYTES)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    first = decoder.decode(block).encode("utf-8", "replace")
    if declared := _ENCODING.search(first[:1024]):
        first = first[: declared.start(1)] + b"UTF-8" + first[declared.end(1) :]
    yield first
    while block := content.read(BLOCK_BYTES):
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


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
    path: Path, error: etree.XMLSyntaxError | None, parser: etree.XMLPullParser, *, is_whole: bool
) -> SourceError:
    """The error for XML that cannot be read to its end, with where and why."""
    # The parser goes on after some errors, and only its log has the first of them.
    first = next(iter(parser.feed_error_log), None)
    line, message = (first.line, first.message) if first else (0, "")
    if error is not None and not first:
        line, message = error.lineno, error.msg
    detail = f"at line {line} ({message})"
    if is_whole:
        reason = f"this export is not well-formed XML {detail}; do not edit it by hand"
    else:
        reason = f"this export is cut off {detail}"
    return SourceError(path, f"{reason}; export it again")
