"""Scripts and style sheets as they are sent: read once, compressed once, named by content."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FOLDER = Path(__file__).parent / "static"

#: What is sent as one file and written as several, an idea each; in this order.
PARTS = {"widget.js": ("widget/looks.js", "widget/element.js")}

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_LINE_COMMENT = re.compile(rb"^\s*(//|/\*\*.*\*/\s*$)")
_SHEET = re.compile(rb"(?<=replaceSync\()`([^`]*)`")
#: Characters of the hash in a file's name and entity tag.
_SHORT = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """One file.

    Attributes:
        name: Its file name, such as ``widget.js``.
        content_type: What it is sent as.
        content: Its bytes.
        packed: The same by coding, best first, as small as each coding makes it.
        hash: Hexadecimal digits that change with the content.
        integrity: The value of an ``integrity`` attribute (Subresource Integrity).
    """

    name: str
    content_type: str
    content: bytes
    packed: Mapping[str, bytes]
    hash: str
    integrity: str

    @property
    def pinned_name(self) -> str:
        """The name under which this content alone is sent: ``widget.0123456789abcdef.js``."""
        stem, _, suffix = self.name.rpartition(".")
        return f"{stem}.{self.hash}.{suffix}"


@cache
def load(name: str, folder: Path = FOLDER) -> Asset:
    """Read a file of the folder ``static``, or join those it is made of; once in a process.

    Scripts are sent without lines that are comments, without indentation and with
    their style sheets close together: no page pays for what only their authors
    read, and nothing has to be built.
    """
    content = b"".join((folder / part).read_bytes() for part in PARTS.get(name, (name,)))
    suffix = Path(name).suffix
    if suffix == ".js":
        content = as_sent(content)
    digest = hashlib.sha384(content)
    return Asset(
        name,
        _TYPES[suffix],
        content,
        {
            "br": brotli.compress(content),
            "zstd": zstd.compress(content, level=22),
            "gzip": _gzip(content),
        },
        digest.hexdigest()[:_SHORT],
        "sha384-" + base64.b64encode(digest.digest()).decode(),
    )


def _gzip(content: bytes) -> bytes:
    """As small as zlib gets a script: a low ``memLevel`` means more blocks, each with own codes."""
    packer = zlib.compressobj(9, wbits=31, memLevel=5)
    return packer.compress(content) + packer.flush()


def as_sent(script: bytes) -> bytes:
    """A script without what only its authors read."""
    return _SHEET.sub(lambda sheet: b"`%b`" % tight(sheet[1]), without_comments(script))


def without_comments(script: bytes) -> bytes:
    """Leave out empty lines, lines that are a comment as a whole, and indentation.

    Only ``//`` and ``/** … */`` on a line of their own count as comments. Text
    that spans lines (template literals) must not begin a line with either.
    """
    lines = (line.strip() for line in script.splitlines() if not _LINE_COMMENT.match(line))
    return b"\n".join(line for line in lines if line) + b"\n"


def tight(sheet: bytes) -> bytes:
    """A style sheet without the white space that says nothing.

    Spaces around operators and between selectors stay. The sheet must have no comments,
    and no texts that hold one of ``{};,`` or a colon before a space.
    """
    joined = b" ".join(sheet.split())
    return re.sub(rb" ?([{};,]) ?", rb"\1", joined).replace(b": ", b":").replace(b";}", b"}")
