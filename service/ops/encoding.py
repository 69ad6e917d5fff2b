"""Compressed answers: which coding a client gets, and which entity tag that has.

A compressed answer is another representation, so it has another strong tag:
the answer's own with ``-zstd``, ``-br`` or ``-gzip`` before the closing quote
(RFC 9110 section 8.8.3.3).
"""

from __future__ import annotations

import re
import sys
import threading
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class _Packer(Protocol):
    """Compresses one body, piece by piece."""

    def add(self, piece: bytes) -> bytes:
        """Take a piece; what is ready of the compressed body, perhaps nothing."""

    def end(self) -> bytes:
        """The rest of it."""


#: Where more time stops to pay, as in the other codings.
_ZSTD_LEVEL = 3
#: Bytes up to which a thread keeps what it compresses with.
_MOST_SMALL = 65_536


class _Zstd:
    def __init__(self) -> None:
        self._packer = zstd.ZstdCompressor(level=_ZSTD_LEVEL)

    def add(self, piece: bytes) -> bytes:
        return self._packer.compress(piece)

    def end(self) -> bytes:
        return self._packer.flush()


class _Whole(threading.local):
    """Each thread's compressor of small bodies: to make one takes longer than to use it."""

    def __init__(self) -> None:
        self._packer = zstd.ZstdCompressor(level=_ZSTD_LEVEL)

    def compress(self, content: bytes) -> bytes:
        try:
            return self._packer.compress(content, self._packer.FLUSH_FRAME)
        except BaseException:
            # What was begun must not come out in front of another body.
            self._packer = zstd.ZstdCompressor(level=_ZSTD_LEVEL)
            raise


_whole = _Whole()


class _Brotli:
    def __init__(self) -> None:
        self._packer = brotli.Compressor(mode=brotli.MODE_TEXT, quality=3)

    def add(self, piece: bytes) -> bytes:
        return bytes(self._packer.process(piece))

    def end(self) -> bytes:
        return bytes(self._packer.finish())


class _Gzip:
    def __init__(self) -> None:
        # A window of 32 KiB, and 16 more for gzip's own head and checksum.
        self._packer = zlib.compressobj(4, zlib.DEFLATED, 31)

    def add(self, piece: bytes) -> bytes:
        return self._packer.compress(piece)

    def end(self) -> bytes:
        return self._packer.flush()


#: Codings we have, the one we like best first: of those that end up about as
#: small, the one that takes least time. Levels are where more time stops to pay.
PACKERS: dict[str, Callable[[], _Packer]] = {"zstd": _Zstd, "br": _Brotli, "gzip": _Gzip}

#: Media types that are smaller when compressed, pictures and fonts left out.
_COMPRESSIBLE = re.compile(
    r"(?:text/|application/(?:[\w.-]+\+)?(?:json|xml|javascript|x-ndjson|jsonl)|image/svg)", re.I
)
_TAG = re.compile(r'((?:W/)?"[^"]*?)-(zstd|br|gzip)"')
#: Longest field that is remembered.
_MOST_REMEMBERED = 200
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def weights(accept_encoding: str) -> dict[str, float]:
    """Codings a client names, with the weight of each; what cannot be read is left out.

    Source: RFC 9110 sections 12.4.2 and 12.5.3. ``x-gzip`` is gzip.
    """
    found: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                value = value.strip()
                weight = float(value) if _WEIGHT.fullmatch(value) else -1.0
        if name and weight >= 0:
            found.setdefault(name.removeprefix("x-") if name == "x-gzip" else name, weight)
    return found


def acceptable(accept_encoding: str | None) -> list[str]:
    """Our codings that a client takes rather than none, best first.

    By its weights, and among equal ones in the order of ``PACKERS``. A client
    that prefers no coding to some coding does not get that coding.
    """
    if not accept_encoding:
        return []
    is_short = len(accept_encoding) <= _MOST_REMEMBERED
    return list(_ranked(accept_encoding) if is_short else _rank(accept_encoding))


def _rank(accept_encoding: str) -> tuple[str, ...]:
    found = weights(accept_encoding)
    other = found.get("*", 0.0)
    plain = found.get("identity", 0.0)
    ranked = [(found.get(name, other), name) for name in PACKERS]
    chosen = [(weight, name) for weight, name in ranked if weight > 0 and weight >= plain]
    return tuple(name for _, name in sorted(chosen, key=lambda pair: -pair[0]))


#: Browsers have few ways to say it.
_ranked = lru_cache(maxsize=256)(_rank)


def tag_of(etag: str, coding: str) -> str:
    """The entity tag of an answer in a coding; ``etag`` is that of the plain one."""
    return f'{etag[:-1]}-{coding}"' if etag.endswith('"') else etag


def plain_tags(if_none_match: str, codings: list[str]) -> str:
    """``If-None-Match`` with the tags of acceptable codings as those of the plain answer.

    A client that has an answer in a coding it still accepts has this answer: which
    of the representations to choose is the server's to say, and it chooses that one.
    """
    return _TAG.sub(
        lambda tag: f'{tag[1]}"' if tag[2] in codings else tag[0],
        if_none_match,
    )


def known_tag(etag: str, if_none_match: str, codings: list[str]) -> str:
    """The tag to confirm with 304: the one of this answer's tags that the client has."""
    if etag in if_none_match:
        return etag
    named = (tag_of(etag, coding) for coding in codings)
    return next((tag for tag in named if tag in if_none_match), etag)


def compress(coding: str, content: bytes) -> bytes:
    """A whole body in a coding."""
    if coding == "zstd" and len(content) <= _MOST_SMALL:
        return _whole.compress(content)
    packer = PACKERS[coding]()
    return packer.add(content) + packer.end()


def is_compressible(media_type: str) -> bool:
    """Whether answers of this media type get smaller by compression."""
    return _COMPRESSIBLE.match(media_type) is not None
