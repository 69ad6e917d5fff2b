"""What a request asks for, read from its query string.

Nearly every request is ``id=…`` or ``url=…``, perhaps with ``limit=…`` behind it,
and takes the short way. Anything else takes the long way, which also words the
errors; a test holds the two to the same answers.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from related_posts.errors import InvalidQueryError

#: Items in an answer where the request does not say.
DEFAULT_LIMIT = 5
#: Most items in an answer: as many as an index keeps for each post.
MAX_LIMIT = 50
#: Most posts that one request may exclude.
MAX_EXCLUDED = 100

_LIMITS = {str(limit): limit for limit in range(1, MAX_LIMIT + 1)}
_LIMIT_WORDS = f"a whole number from 1 to {MAX_LIMIT}"
_PARAMETERS = ("id", "url", "limit", "exclude")
_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Attributes:
        id: The post's id, or None where it is asked for by URL.
        url: The post's URL, or None where it is asked for by id.
        limit: Most items wanted, from 1 to ``MAX_LIMIT``.
        exclude: Ids that must not be among the items.
    """

    id: str | None
    url: str | None
    limit: int = DEFAULT_LIMIT
    exclude: tuple[str, ...] = ()


def parse(query_string: str) -> Query:
    """Read a WSGI query string that names a post.

    Args:
        query_string: As the server passes it: percent-encoded, bytes as latin-1.

    Raises:
        InvalidQueryError: A parameter is missing, unknown, repeated, not UTF-8
            or out of its range.
    """
    return short(query_string) or parse_fully(query_string)


def short(query_string: str) -> Query | None:
    """Read ``id=…`` or ``url=…`` with or without ``&limit=…``; None for all else."""
    name, _, rest = query_string.partition("=")
    value, more, last = rest.partition("&")
    limit: int | None = DEFAULT_LIMIT
    if more:
        limit = _LIMITS.get(last[6:]) if last.startswith("limit=") else None
    if limit is None or not value or not value.isascii() or "+" in value:
        return None
    if "%" in value:
        # Most often only these two are encoded, and what they become cannot begin a code.
        value = value.replace("%2F", "/").replace("%3A", ":")
    if "%" in value:
        try:
            value = unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            return None
    if name == "id":
        return Query(value, None, limit)
    if name == "url":
        return Query(None, value, limit)
    return None


def parse_fully(query_string: str) -> Query:
    """Read a query string that names a post, whatever it looks like; see ``parse``."""
    values = _values(query_string, _PARAMETERS)
    id_, url = _single(values, "id"), _single(values, "url")
    if id_ is not None and url is not None:
        raise InvalidQueryError("url", url, "left out when id is given")
    if id_ is None and url is None:
        raise InvalidQueryError("id", "", "given, or url: which post is asked about?")
    name, value = ("id", id_) if id_ is not None else ("url", url)
    if not value:
        raise InvalidQueryError(name, "", "the post's own, not empty")
    return Query(id_, url, _limit(values), _excluded(values))


def parse_options(query_string: str) -> tuple[int, tuple[str, ...]]:
    """Read limit and exclude of a request whose path names the post; see ``parse``."""
    if not query_string:
        return DEFAULT_LIMIT, ()
    values = _values(query_string, _PARAMETERS[2:])
    return _limit(values), _excluded(values)


def _values(query_string: str, known: tuple[str, ...]) -> dict[str, list[str]]:
    """Decoded values of every parameter, in their order."""
    values: dict[str, list[str]] = {}
    for pair in filter(None, query_string.split("&")):
        raw_name, _, raw_value = pair.partition("=")
        name = decode(raw_name, "query")
        if name not in known:
            near = difflib.get_close_matches(name[:40], known, n=1)
            hint = f"did you mean {near[0]}?" if near else "a & inside a value is written %26"
            raise InvalidQueryError(
                name, decode(raw_value, name), f"left out: known are {', '.join(known)}; {hint}"
            )
        values.setdefault(name, []).append(decode(raw_value, name))
    return values


def decode(text: str, field: str, *, plus_is_space: bool = True) -> str:
    """Undo the percent-encoding of one piece of a URL; a stray % stays as it is.

    Raises:
        InvalidQueryError: What comes out is not UTF-8.
    """
    if plus_is_space:
        text = text.replace("+", " ")
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidQueryError(field, text, "UTF-8, percent-encoded") from None


def _single(values: dict[str, list[str]], name: str) -> str | None:
    """The only value of a parameter, or None where it is not given."""
    given = values.get(name)
    if given is None:
        return None
    if len(given) > 1:
        raise InvalidQueryError(name, ", ".join(given), "given once")
    return given[0]


def _limit(values: dict[str, list[str]]) -> int:
    text = _single(values, "limit")
    if text is None:
        return DEFAULT_LIMIT
    limit = int(text) if _WHOLE.fullmatch(text) else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidQueryError("limit", text, _LIMIT_WORDS)
    return limit


def _excluded(values: dict[str, list[str]]) -> tuple[str, ...]:
    excluded = values.get("exclude", [])
    if len(excluded) > MAX_EXCLUDED:
        raise InvalidQueryError(
            "exclude", f"{len(excluded)} ids", f"given at most {MAX_EXCLUDED} times"
        )
    return tuple(excluded)
