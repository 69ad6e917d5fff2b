"""Negotiation and compression around an answer; the rules are in ``encoding``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.headers import Fields
from service.ops import encoding

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Answers above this are files: they are sent as they are rather than read whole.
MOST_BYTES = 8_000_000

_VARY = "Accept-Encoding"
_CONTENT_FIELDS = frozenset({"Content-Type", "Content-Length", "Content-Encoding"})
_FIND_IN = "HTTP_IF_NONE_MATCH"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says about codings.

    Attributes:
        codings: Those that may be used, best first.
        if_none_match: The field as the client sent it, or None.
        exists: Whether the client asked for the answer only if there is none.
    """

    codings: list[str]
    if_none_match: str | None
    exists: bool


#: Of a request that says nothing about codings.
NOTHING = Asked([], None, False)


class Compressing:
    """Compresses answers of one service.

    Args:
        least: Bytes from which an answer is compressed; 0 switches all of it off.
    """

    def __init__(self, least: int) -> None:
        self._least = least

    def before(self, environ: WSGIEnvironment) -> Asked:
        """Read what the request says, and let what is behind see plain entity tags only."""
        accept = environ.get("HTTP_ACCEPT_ENCODING")
        if not accept or not self._least or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return NOTHING
        codings = encoding.acceptable(accept)
        known = environ.get(_FIND_IN)
        if known is None or not codings:
            return Asked(codings, None, False)
        if known.strip() == "*":
            # Which tag to confirm depends on the size of the answer: it has to be made.
            del environ[_FIND_IN]
            return Asked(codings, known, True)
        environ[_FIND_IN] = encoding.plain_tags(known, codings)
        return Asked(codings, known, False)

    def after(
        self, asked: Asked, status: str, fields: Fields, content: Iterable[bytes]
    ) -> tuple[str, Fields, Iterable[bytes]]:
        """The answer as the client gets it."""
        if not self._least:
            return status, fields, content
        if status.startswith("304"):
            _vary(fields)
            known = asked.if_none_match
            if known is not None:
                codings = asked.codings
                _replace(fields, "ETag", lambda tag: encoding.known_tag(tag, known, codings))
            return status, fields, content
        if not status.startswith("200"):
            return status, fields, content
        found = dict(fields)
        if (
            encoding.is_compressible(found.get("Content-Type", ""))
            and "Content-Encoding" not in found
            and "no-transform" not in found.get("Cache-Control", "")
        ):
            _vary(fields)
            length = found.get("Content-Length")
            if asked.codings and (length is None or self._least <= int(length) <= MOST_BYTES):
                content = _compress(asked.codings[0], fields, content, length is not None)
        if asked.exists:
            close(content)
            kept = [field for field in fields if field[0] not in _CONTENT_FIELDS]
            return "304 NOT MODIFIED", kept, ()
        return status, fields, content


def _compress(
    coding: str, fields: Fields, content: Iterable[bytes], is_whole: bool
) -> Iterable[bytes]:
    """The body in a coding, with the fields that tell of it changed in place."""
    _replace(fields, "ETag", lambda etag: encoding.tag_of(etag, coding))
    if not is_whole:
        fields.append(("Content-Encoding", coding))
        return Stream(coding, content)
    try:
        packed = encoding.compress(coding, b"".join(content))
    finally:
        close(content)
    _replace(fields, "Content-Length", lambda _: str(len(packed)))
    fields.append(("Content-Encoding", coding))
    return (packed,)


def _replace(fields: Fields, name: str, changed: Callable[[str], str]) -> bool:
    """Change the value of a field in place; whether there is one."""
    for place, (found, value) in enumerate(fields):
        if found == name:
            fields[place] = (name, changed(value))
            return True
    return False


def _vary(fields: Fields) -> None:
    """Say that the answer depends on the codings the client takes, whichever it got."""
    if not _replace(fields, "Vary", lambda value: f"{value}, {_VARY}"):
        fields.append(("Vary", _VARY))


class Stream:
    """A body of unknown length, compressed as it comes."""

    def __init__(self, coding: str, content: Iterable[bytes]) -> None:
        self._packer = encoding.PACKERS[coding]()
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        """Pieces as soon as the compression has some."""
        for piece in self._content:
            packed = self._packer.add(piece)
            if packed:
                yield packed
        yield self._packer.end()

    def close(self) -> None:
        """Let go of what makes the body, also where it was not read to its end."""
        close(self._content)


def close(content: Iterable[bytes]) -> None:
    """Close a WSGI body, where it is one that wants to be closed."""
    method = getattr(content, "close", None)
    if method is not None:
        method()
