"""A JSON document of any size, of which only one value at a time is held and parsed.

What is passed over is not parsed but matched by pattern, so its strings and brackets
are sound and nothing more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from related_posts.errors import SourceError
from training.sources.files import BLOCK_BYTES

#: Longest value read, in bytes; a longer one is no post.
MAX_VALUE_BYTES = 256 << 20

# Possessive throughout: each byte is looked at once, however a string ends or does not.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
#: Everything up to the next bracket or unfinished string.
_FLAT = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,:\]}\[{\"]*+")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_BOM = b"\xef\xbb\xbf"


class JsonStream:
    """Reads a JSON document from a stream of bytes, one value at a time.

    The caller walks through objects and arrays, and reads or passes over each value
    in its turn. Every method raises SourceError where the document is none or is cut
    off.

    Args:
        path: The file, for messages.
        stream: Its bytes, unpacked.
    """

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path = path
        self._stream = stream
        self._buffer = b""
        self._at = 0
        self._dropped = 0
        self._fill()
        self._at = len(_BOM) if self._buffer.startswith(_BOM) else 0

    def peek(self) -> bytes:
        """The next byte that is no white space; empty at the end of the file."""
        while True:
            self._at = self._match(_SPACE, self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._fill():
                return b""

    def members(self) -> Iterator[str]:
        """Names of an object's members; whoever asks has to read the value of each."""
        self._take(b"{")
        if self.peek() == b"}":
            self._at += 1
            return
        while True:
            name = self.parsed() if self.peek() == b'"' else None
            if not isinstance(name, str):
                raise self.broken("a name is missing")
            self._take(b":")
            yield name
            if self._ended(b"}"):
                return

    def elements(self) -> Iterator[int]:
        """Positions of an array's elements; whoever asks has to read each."""
        self._take(b"[")
        if self.peek() == b"]":
            self._at += 1
            return
        position = 0
        while True:
            yield position
            if self._ended(b"]"):
                return
            position += 1

    def parsed(self) -> Any:
        """The next value."""
        content = self.value()
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            try:
                # Half a surrogate pair, which strict JSON forbids, costs no blog.
                return json.loads(content)
            except (ValueError, RecursionError):
                raise self.broken(error.msg) from None

    def value(self) -> bytes:
        """The bytes of the next value; brackets of a value are counted, not compared."""
        first = self.peek()
        if not first:
            raise self._cut_off()
        length = self._bracketed() if first in b"{[" else self._scalar(first)
        content = self._buffer[self._at : self._at + length]
        self._at += length
        return content

    def broken(self, what: str) -> SourceError:
        """The error for a document that is none, with where."""
        where = f"{what}, near byte {self._dropped + self._at + 1:,}"
        return SourceError(self._path, f"this is not JSON ({where}); export the blog again")

    def _bracketed(self) -> int:
        depth = 0
        length = 0
        while True:
            end = self._match(_FLAT, self._at + length)
            found = self._buffer[end : end + 1]
            if found in (b"", b'"'):
                self._more()
                continue
            depth += 1 if found in b"{[" else -1
            length = end + 1 - self._at
            if not depth:
                return length

    def _scalar(self, first: bytes) -> int:
        while True:
            if first == b'"':
                found = _STRING.match(self._buffer, self._at)
                if found:
                    return found.end() - self._at
            else:
                end = self._match(_SCALAR, self._at)
                if end == self._at:
                    raise self.broken("a value is missing")
                if end < len(self._buffer):
                    return end - self._at
                if not self._fill():
                    return len(self._buffer) - self._at
                continue
            self._more()

    def _ended(self, closing: bytes) -> bool:
        """Whether the object or array ends here; else the comma is read past."""
        found = self.peek()
        if found not in (b",", closing):
            raise self.broken(f"no {closing.decode()} or comma") if found else self._cut_off()
        self._at += 1
        return found == closing

    def _take(self, expected: bytes) -> None:
        found = self.peek()
        if found != expected:
            raise self.broken(f"no {expected.decode()}") if found else self._cut_off()
        self._at += 1

    def _match(self, pattern: re.Pattern[bytes], start: int) -> int:
        """Where a pattern that always matches ends."""
        found = pattern.match(self._buffer, start)
        return found.end() if found else start

    def _more(self) -> None:
        """Read on within a value."""
        if len(self._buffer) - self._at > MAX_VALUE_BYTES:
            limit = f"it holds a value longer than {MAX_VALUE_BYTES >> 20} MiB"
            raise SourceError(self._path, f"{limit}; leave that post out")
        if not self._fill():
            raise self._cut_off()

    def _fill(self) -> bool:
        """Read more of the file, twice what is waiting; drops what was read past."""
        waiting = self._buffer[self._at :]
        self._dropped += self._at
        more = self._stream.read(max(BLOCK_BYTES, len(waiting)))
        self._buffer, self._at = waiting + more, 0
        return bool(more)

    def _cut_off(self) -> SourceError:
        return SourceError(self._path, "this export is cut off; export the blog again")
