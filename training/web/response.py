"""What comes back from the web: a whole answer, or the error that there is none."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from related_posts.errors import SourceError
from training.web.encodings import decoded, web_encoding

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)", re.I)
#: A page says its encoding within this many bytes, as browsers look for it.
_META_BYTES = 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Headers(Mapping[str, str]):
    """Header fields by name, whatever its case; repeated fields are joined by commas."""

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self._fields = {name.lower(): value for name, value in (fields or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer with a status that means success.

    Attributes:
        url: Where it came from in the end, after redirects; without user and password.
        status: 200 to 299; or 304 where ``not_modified``.
        headers: Header fields; names in any case.
        body: The content, unpacked.
        not_modified: Nothing changed since the answer whose ETag or date was given;
            the body is empty.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=Headers)
    body: bytes = b""
    not_modified: bool = False

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, or empty."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The content as text; never fails.

        The encoding is told by a byte order mark, by the header, or by a ``<meta>`` at
        the start, in this order; else it is UTF-8, or Windows-1252 where it cannot be
        that. What does not decode is U+FFFD.
        """
        for mark, encoding in _MARKS:
            if self.body.startswith(mark):
                return self.body.decode(encoding, "replace").removeprefix("\ufeff")
        found = _CHARSET.search(self.headers.get("content-type", ""))
        name = found[1] if found else ""
        if not name and (in_page := _META_CHARSET.search(self.body[:_META_BYTES])):
            name = in_page[1].decode("ascii", "replace")
        return self.body.decode(web_encoding(name), "replace") if name else decoded(self.body)

    def json(self) -> Any:
        """The content as JSON.

        Raises:
            FetchError: It is no JSON.
        """
        try:
            return orjson.loads(self.body.removeprefix(codecs.BOM_UTF8))
        except orjson.JSONDecodeError as error:
            kind = self.content_type or "no media type"
            reason = f"the answer is not JSON ({error.msg}; it says it is {kind})"
            raise FetchError(self.url, reason, status=self.status, headers=self.headers) from error


class FetchError(SourceError):
    """An address could not be fetched.

    Attributes:
        url: The address at fault, which after a redirect is not the one asked for;
            without user and password.
        reason: What is wrong and what to do.
        status: The answer's status, or 0 where there was none.
        headers: The answer's header fields, or none.
        body: The start of the answer's content, for the reason a server gives.
        is_slow: There was no answer in time, or it was too large to take: asking for
            less may help.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int = 0,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        is_slow: bool = False,
    ) -> None:
        super().__init__(url, reason)
        self.url = url
        self.status = status
        self.headers: Mapping[str, str] = headers or Headers()
        self.body = body
        self.is_slow = is_slow
