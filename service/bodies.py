"""The whole body of a request, or the word that it is too long."""

from __future__ import annotations

from flask import Request

#: What some programs put in front of UTF-8; no part of JSON (RFC 8259, section 8.1).
BOM = b"\xef\xbb\xbf"


def whole(request: Request) -> bytes:
    """The body, no longer than the request may have it.

    Werkzeug reads a body that does not say its length up to the limit, and takes that for its
    end: what follows has to be asked for.

    Raises:
        RequestEntityTooLarge: It is longer.
        ClientDisconnected: It broke off.
    """
    content = request.get_data(cache=False)
    if request.content_length is None:
        request.stream.read(1)
    return content
