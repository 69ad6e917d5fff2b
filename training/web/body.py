"""Read an answer's content: unpacked, at most so many bytes, in at most so long."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

from urllib3.response import BaseHTTPResponse

#: Bytes taken from the network, and unpacked, at a time.
PIECE_BYTES = 1 << 16

_GZIP_MAGIC = b"\x1f\x8b"

#: Encodings asked for and understood; a server that sends another one is refused.
ACCEPT_ENCODING = "gzip, deflate"


class TooLargeError(Exception):
    """The content is larger than allowed, packed or unpacked."""


class TooSlowError(Exception):
    """The content did not arrive in time."""


class EncodingError(Exception):
    """The content is packed in a way that cannot be read, or is damaged."""


def read_body(
    response: BaseHTTPResponse, max_bytes: int, is_late: Callable[[], bool] = lambda: False
) -> bytes:
    """The whole content, unpacked piece by piece so that a bomb never opens.

    Args:
        response: Not read yet, with ``preload_content=False``.
        max_bytes: Most bytes after unpacking.
        is_late: Asked after each piece whether time is up.

    Raises:
        TooLargeError, TooSlowError, EncodingError: As their names say.
        urllib3.exceptions.HTTPError: The connection broke.
    """
    content = bytearray()
    for piece in _unpacked(_pieces(response, is_late), response.headers.get("content-encoding")):
        content += piece
        if len(content) > max_bytes:
            raise TooLargeError
    return bytes(content)


def _pieces(response: BaseHTTPResponse, is_late: Callable[[], bool]) -> Iterator[bytes]:
    # One read of the socket each, so that a trickle is noticed between two drops.
    while piece := response.read1(PIECE_BYTES, decode_content=False):
        if is_late():
            raise TooSlowError
        yield piece


def _unpacked(pieces: Iterator[bytes], encoding: str | None) -> Iterator[bytes]:
    encodings = [one.strip().lower() for one in (encoding or "").split(",")]
    for one in reversed([one for one in encodings if one not in ("", "identity")]):
        if one in ("gzip", "x-gzip"):
            pieces = _inflated(pieces, zlib.MAX_WBITS | 16)
        elif one == "deflate":
            pieces = _inflated(pieces, None)
        else:
            raise EncodingError(f"it is packed with {one[:20]}, which was not asked for")
    yield from pieces


def _inflated(pieces: Iterator[bytes], window: int | None) -> Iterator[bytes]:
    """Unpack; several gzip members after one another are one content."""
    unpacker = None
    for piece in pieces:
        while piece:
            if unpacker is None:
                unpacker = zlib.decompressobj(_deflate_window(piece) if window is None else window)
            try:
                opened = unpacker.decompress(piece, PIECE_BYTES)
            except zlib.error as error:
                raise EncodingError(f"it is damaged ({error})") from error
            piece = unpacker.unconsumed_tail
            if unpacker.eof:
                # A further member may follow; what else does is padding.
                rest = unpacker.unused_data
                piece = rest if window is not None and rest.startswith(_GZIP_MAGIC) else b""
                unpacker = None
            yield opened
            if unpacker is None and not piece:
                break
    if unpacker is not None:
        yield unpacker.flush()
        if not unpacker.eof:
            raise EncodingError("it is cut off")


def _deflate_window(piece: bytes) -> int:
    # The standard means zlib's format; some servers send it without its header.
    return zlib.MAX_WBITS if piece[0] & 0x0F == 8 else -zlib.MAX_WBITS
