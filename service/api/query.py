"""What a request asks for, read from its query string.

Nearly every request is ``id=…`` or ``url=…``, perhaps with ``limit=…`` behind it,
and takes the short way. Anything else takes the long way, which also words the
errors; a test holds the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import unquote_to_bytes

from related_posts.errors import InvalidQueryError
from related_posts.filters import NO_FILTERS, Filters
from service.api import parameters
from service.api.kinds import Period
from service.api.parameters import (
    ADDRESS,
    DEFAULT_LIMIT,
    EXPLANATION,
    LIMIT,
    MAX_LIMIT,
    RELATED,
)

_LIMITS = {str(limit): limit for limit in range(1, MAX_LIMIT + 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a list may be asked for with, beyond its length.

    Attributes are the parameters of the same names; the filters by name and date are one.
    """

    offset: int = 0
    exclude: tuple[str, ...] = ()
    exclude_referrer: str | None = None
    exclude_linked: bool = False
    filters: Filters = NO_FILTERS
    recent: Period | None = None
    past_only: bool = False
    same_author: bool = False
    min_score: float = 0.0
    diversity: float = 0.0
    fallback: tuple[str, ...] = ()
    fields: tuple[str, ...] | None = None
    excerpt_length: int | None = None
    explain: bool = False

    def filters_on(self, today: date) -> Filters:
        """The filters with the recent past counted from a day."""
        if self.recent is None:
            return self.filters
        since = self.recent.since(today)
        known = self.filters.since
        return replace(self.filters, since=since if known is None else max(since, known))


PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Query:
    """One question about a post; exactly one of id, url and slug is given.

    Attributes:
        id: The post's id, or None.
        url: The post's URL, or None.
        limit: Most items wanted, from 1 to ``MAX_LIMIT``.
        options: What else is asked for; ``PLAIN`` for nothing.
        slug: The post's slug, or None.
    """

    id: str | None
    url: str | None
    limit: int = DEFAULT_LIMIT
    options: Options = PLAIN
    slug: str | None = None


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
    values = parameters.read(query_string, (*ADDRESS, *RELATED))
    named_in(values)
    return Query(
        values["id"], values["url"], values["limit"], options_of(values), slug=values["slug"]
    )


def named_in(values: Mapping[str, Any]) -> tuple[str, str]:
    """Which of id, url and slug names the post, and its value.

    Raises:
        InvalidQueryError: None of them does, or two.
    """
    named = [(each.name, values[each.name]) for each in ADDRESS if values[each.name] is not None]
    if not named:
        fault = "is missing: which post is asked about? Give its id, its url or its slug"
        raise InvalidQueryError("id", "", "the post's own, or url or slug in its place", fault)
    if len(named) > 1:
        raise InvalidQueryError(*named[1], f"left out when {named[0][0]} is given")
    return named[0]


def parse_options(query_string: str) -> tuple[int, Options]:
    """Read limit and options of a request whose path names the post; see ``parse``."""
    if not query_string:
        return DEFAULT_LIMIT, PLAIN
    values = parameters.read(query_string, RELATED)
    return values[LIMIT.name], options_of(values)


def options_of(values: Mapping[str, Any]) -> Options:
    """Options from the values of parameters, of which any may be missing.

    Explanations are asked for by ``explain`` or among ``fields``, where both may be given.
    """
    get = values.get
    filters = Filters(
        tags=get("tag", ()),
        categories=get("category", ()),
        authors=get("author", ()),
        languages=get("language", ()),
        not_tags=get("not_tag", ()),
        not_categories=get("not_category", ()),
        since=get("published_after"),
        before=get("published_before"),
    )
    names = (
        *("offset", "exclude", "exclude_referrer", "exclude_linked", "recent"),
        *("past_only", "same_author"),
        *("min_score", "diversity", "fallback", "fields", "excerpt_length", "explain"),
    )
    options = Options(filters=filters, **{name: values[name] for name in names if name in values})
    if "explain" in values and options.fields is not None:
        fields = options.fields if EXPLANATION in options.fields else (*options.fields, EXPLANATION)
        if options.explain or fields is options.fields:
            options = replace(options, explain=True, fields=fields)
    return PLAIN if options == PLAIN else options
