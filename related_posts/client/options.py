"""What lists may be asked for with: the parameters of the HTTP interface, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from urllib.parse import quote, urlencode


class Filters(TypedDict, total=False):
    """Narrow any list of posts; see ``docs/http.md`` for what each does."""

    tag: str | Iterable[str]
    category: str | Iterable[str]
    not_tag: str | Iterable[str]
    not_category: str | Iterable[str]
    author: str | Iterable[str]
    language: str | Iterable[str]
    published_after: date | str
    published_before: date | str
    recent: str
    fields: Iterable[str] | str
    excerpt_length: int
    limit: int
    offset: int


class Options(Filters, total=False):
    """What a list of related posts may be asked for with besides."""

    exclude: str | Iterable[str]
    exclude_referrer: str
    exclude_linked: bool
    past_only: bool
    same_author: bool
    min_score: float
    diversity: float
    fallback: Iterable[str] | str
    explain: bool


class Draft(TypedDict, total=False):
    """A text that is no post yet, for which posts are looked for."""

    title: str
    html: str
    text: str
    tags: Sequence[str]
    categories: Sequence[str]
    author: str
    language: str
    published: datetime | str | None
    id: str | None
    url: str | None


#: Written with commas in one parameter; other sequences are one parameter each.
_JOINED = frozenset({"fields", "fallback"})


def query_of(given: Mapping[str, Any]) -> str:
    """The query string of some parameters; None leaves one out."""
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        if value is None:
            continue
        values = [value] if isinstance(value, str) or not isinstance(value, Iterable) else [*value]
        texts = [_text(each) for each in values]
        pairs += [(name, ",".join(texts))] if name in _JOINED else [(name, text) for text in texts]
    # A space is %20 everywhere, and a plus is a space to some.
    return urlencode(pairs, quote_via=quote, safe="", errors="surrogatepass")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
