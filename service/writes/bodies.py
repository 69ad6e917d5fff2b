"""Bodies of writes: of the right type, not too long, and read line by line where they are many."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from related_posts.loose_json import loads
from service.bodies import BOM, whole
from service.writes.refusals import INVALID_POST, MEDIA_TYPE, TOO_LONG, RefusedError

#: Longest body of one post, and longest line of many, in bytes.
MAX_POST_BYTES = 8 << 20
#: Longest body of many posts, in bytes.
MAX_BULK_BYTES = 256 << 20

JSON_TYPES = ("application/json",)
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
LINES_TYPES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
)


def json_body(request: Request) -> Any:
    """The JSON of a request.

    Raises:
        RefusedError: It is of another type, too long, or no JSON.
    """
    check_type(request, JSON_TYPES)
    try:
        return loads(raw_body(request).removeprefix(BOM), "the body")
    except ValueError as error:
        raise RefusedError(INVALID_POST, f"{error}.") from None


def raw_body(request: Request) -> bytes:
    """The body of a request that holds one thing.

    Raises:
        RefusedError: It is too long.
    """
    request.max_content_length = MAX_POST_BYTES
    try:
        return whole(request)
    except RequestEntityTooLarge:
        raise _too_long(MAX_POST_BYTES) from None


def lines_of(request: Request) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank, with their number from 1; None for one that is too long.

    They are read as they come; what is over the limit is read past, never held.

    Raises:
        RefusedError: The body is of another type, or too long as a whole.
    """
    check_type(request, LINES_TYPES)
    request.max_content_length = MAX_BULK_BYTES
    try:
        # The stream itself reads lines a byte at a time.
        yield from _lines(io.BufferedReader(cast(io.RawIOBase, request.stream), 1 << 16))
    except RequestEntityTooLarge:
        raise _too_long(MAX_BULK_BYTES) from None


def check_type(request: Request, allowed: tuple[str, ...]) -> None:
    """Refuse a body of another type or encoding.

    Raises:
        RefusedError: It is.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in allowed or charset not in ("utf-8", "utf8"):
        detail = f"Send it as `Content-Type: {allowed[0]}`, in UTF-8."
        raise RefusedError(MEDIA_TYPE, detail, [("Accept", ", ".join(allowed))])
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        fields = [("Accept-Encoding", "identity")]
        raise RefusedError(MEDIA_TYPE, "Send it without a Content-Encoding.", fields)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    number = 0
    while line := stream.readline(MAX_POST_BYTES + 1):
        number += 1
        if len(line) > MAX_POST_BYTES and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_POST_BYTES)
            yield number, None
            continue
        line = line.removeprefix(BOM) if number == 1 else line
        if line := line.strip():
            yield number, line


def _too_long(limit: int) -> RefusedError:
    return RefusedError(TOO_LONG, f"The limit is {limit >> 20} MiB; send less at a time.")
