"""JSON as people's tools write it: strict first, forgiving where that costs nothing."""

from __future__ import annotations

import json
from typing import Any

import orjson

from related_posts.fields import shown


def loads(content: bytes, what: str = "the post") -> Any:
    """What a piece of JSON says.

    A lone surrogate or NaN, which common tools write and strict JSON forbids, does
    not cost the whole: it is then read again by a parser that lets them pass.

    Args:
        content: The JSON.
        what: How messages call it.

    Raises:
        ValueError: It is not JSON, not UTF-8, or nested too deep; says why.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        try:
            text = content.decode()
        except UnicodeDecodeError as broken:
            where = f"byte {broken.start + 1}: {broken.reason}"
            raise ValueError(f"{what} is not UTF-8 ({where})") from None
        try:
            return json.loads(text, parse_constant=lambda name: None)
        except (ValueError, RecursionError):
            where = f"{error.msg} at character {error.pos + 1}"
            raise ValueError(f"{what} is not JSON ({where}): {shown(text)}") from None
