"""Tables (CSV): one post a row, in the columns of our own schema or what others call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from html import escape
from typing import Any

import orjson

from related_posts import fields
from related_posts.errors import PostError, SourceError
from related_posts.nearest import nearest
from related_posts.schema import FIELDS, post_from_json
from related_posts.visibility import is_yes, not_public
from training.sources.base import FileSource, Item, Problem, Skipped
from training.sources.csv_rows import EXCEL_HINT, Row, header_of, read_rows
from training.sources.dates import read_date
from training.sources.distinct import distinct

#: Field to the names its column may have, compared without case and punctuation; the
#: first that a table has is taken, the others are kept in ``extra``.
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "post_id", "guid", "uuid"),
    "url": ("url", "link", "permalink", "page_url", "post_url", "canonical_url", "address"),
    "title": ("title", "post_title", "headline", "name"),
    "html": (
        *("html", "body_html", "content_html", "body", "content", "post_content", "article"),
        "text",
    ),
    "tags": ("tags", "tag", "keywords", "labels", "topics", "post_tag"),
    "categories": ("categories", "category", "sections", "section"),
    "author": ("author", "authors", "author_name", "post_author", "creator", "byline"),
    "language": ("language", "lang", "locale"),
    "published": (
        *("published", "published_at", "publish_date", "publication_date", "published_date"),
        *("date_published", "pubdate", "post_date", "date", "created_at", "created"),
    ),
    "updated": (
        *("updated", "updated_at", "modified", "modified_at", "last_modified", "lastmod"),
        *("date_modified", "post_modified"),
    ),
    "image": ("image", "image_url", "feature_image", "featured_image", "thumbnail", "cover"),
    "excerpt": ("excerpt", "summary", "description", "meta_description", "subtitle"),
    "slug": ("slug", "post_name"),
    "aliases": ("aliases", "redirects"),
    "links": ("links",),
    "translation_group": ("translation_group",),
    "extra": ("extra",),
    "status": ("status", "post_status", "state"),
    "draft": ("draft", "is_draft"),
    "password": ("password", "post_password"),
}
#: Columns of HTML; a body in any other column without a tag in it is plain text.
_HTML_COLUMNS = frozenset({"html", "bodyhtml", "contenthtml"})
#: Fields whose value may be JSON.
_JSON_FIELDS = ("tags", "categories", "author", "image", "aliases", "links", "extra")
_NOT_WORD = re.compile(r"[\W_]+")
_DAYS = frozenset({_NOT_WORD.sub("", one) for one in COLUMNS["published"][1:]})
#: Columns looked at for misspelt ones, and those of them that are told.
_MOST_COLUMNS, _MOST_ADVICE = 200, 5
_BLANK_LINE = re.compile(r"\n\s*\n")


class CsvSource(FileSource):
    """A table with a header, one post a row, plain or gzip.

    What is between values (comma, semicolon or tab) is told by the header. A row that
    is no post is a problem and the rest goes on; one that says it is not public is
    skipped, as in JSON Lines.

    Args:
        path: The file.
        site: The blog's address; not needed here, every post says its own.
        now: The moment of this read; aware.
        progress: Told the bytes read on disk.
    """

    name = "csv"
    complete = True

    def read(self) -> Iterator[Item]:
        """Every row as a post, a problem or something skipped.

        Raises:
            SourceError: The file is missing, unreadable, damaged or cut off, or its
                header names no column for the address.
        """
        yield from distinct(self._placed())

    def advice(self) -> Sequence[str]:
        """Columns that are no fields and look like one that is missing, misspelt."""
        return [
            f"column {column} is no field and is kept in extra; did you mean {meant}?"
            for column, meant in misspelt_columns(self._columns)
        ]

    @cached_property
    def _columns(self) -> list[str]:
        """What the header names; empty until it was read."""
        return []

    def _placed(self) -> Iterator[tuple[str, Item]]:
        chosen: dict[str, str] = {}

        def choose(columns: list[str]) -> None:
            self._columns[:] = columns
            chosen.update(chosen_columns(columns))
            if "url" not in chosen:
                raise SourceError(self.path, _no_url(columns))

        for row in read_rows(self.path, choose, self._progress):
            place = f"{self.path.name} line {row.line}"
            yield place, self._item(place, row, chosen)

    def _item(self, place: str, row: Row, chosen: Mapping[str, str]) -> Item:
        if row.problem:
            # Its values may stand in wrong columns, so also its id is not known.
            return Problem(place, row.problem)
        content = _content(row.values, chosen)
        if reason := not_public(content):
            return Skipped(place, reason, _id_of(content))
        try:
            post = post_from_json(_prepared(content, chosen))
        except PostError as error:
            return Problem(place, error.reason, error.post_id)
        if post.published is not None and post.published > self._now:
            return Skipped(place, "scheduled", post.id)
        return post


def chosen_columns(columns: Iterable[str]) -> dict[str, str]:
    """Field to the column it is read from, for the columns of a header."""
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(_plain(column), column)
    chosen: dict[str, str] = {}
    for name, names in COLUMNS.items():
        found = next((known[one] for one in map(_plain, names) if one in known), None)
        if found is not None:
            chosen[name] = found
    return chosen


def misspelt_columns(columns: Iterable[str]) -> list[tuple[str, str]]:
    """Columns that no field is called by, with the name of a missing field that is alike."""
    columns = list(columns)
    chosen = chosen_columns(columns)
    known = {_plain(name): field for field, names in COLUMNS.items() for name in names}
    missing = {name for name, field in known.items() if field not in chosen}
    told = {}
    for column in columns[:_MOST_COLUMNS]:
        plain = _plain(column)
        is_unknown = plain and plain not in known and column.isprintable()
        if is_unknown and (meant := nearest(plain, missing)):
            told[column] = next(one for one in COLUMNS[known[meant]] if _plain(one) == meant)
    return list(told.items())[:_MOST_ADVICE]


def address_meant(columns: Iterable[str]) -> str:
    """The column that may be meant to be that of the addresses, as a question, or nothing."""
    for column, meant in misspelt_columns(columns):
        if meant in COLUMNS["url"]:
            return f"is {fields.shown(column[:40])} meant to be {meant}?"
    return ""


def is_table(head: str) -> bool:
    """Whether a text begins with a header that names an address and what is found there."""
    # Excel writes before it what stands between the values.
    lines = (one for one in head.splitlines() if one.strip() and not EXCEL_HINT.fullmatch(one))
    line = next(lines, "")
    chosen = chosen_columns(header_of(line[:10_000])[0])
    return "url" in chosen and bool({"title", "html", "id"}.intersection(chosen))


def _content(values: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Field to value, and the other columns under their own names; without empty ones."""
    taken = set(chosen.values())
    content = {
        column: value
        for column, value in values.items()
        if column and value.strip() and column not in taken and column not in FIELDS
    }
    content.update(
        (name, values[column]) for name, column in chosen.items() if values.get(column, "").strip()
    )
    if "id" not in chosen and "url" in content:
        content["id"] = content["url"].strip()
    return content


def _prepared(content: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, Any]:
    """A row as the schema takes it."""
    prepared: dict[str, Any] = {
        name: value for name, value in content.items() if name not in ("draft", "password")
    }
    for name in _JSON_FIELDS:
        if name in prepared:
            prepared[name] = _json(name, prepared[name])
    for name in ("aliases", "links"):
        if isinstance(value := prepared.get(name), str):
            prepared[name] = value.split("|")
    if is_yes(prepared.get("published")):
        # Not when, but whether: the day stands in another column.
        day = next((column for column in content if _plain(column) in _DAYS), "")
        prepared["published"] = prepared.pop(day, "")
    for name in ("published", "updated"):
        if name in prepared and (moment := read_date(name, prepared[name])):
            prepared[name] = moment.isoformat()
    body = prepared.get("html", "")
    if "<" not in body and _plain(chosen.get("html", "")) not in _HTML_COLUMNS:
        prepared["html"] = _paragraphs(body)
    return prepared


def _json(name: str, value: str) -> Any:
    """A value that may be JSON: an array, an object, or a string as it stands."""
    if not value.lstrip().startswith(("[", "{")):
        if name == "extra":
            raise fields.refuse(name, value, "a JSON object")
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        if name in ("tags", "categories", "author"):
            return value
        raise fields.refuse(name, value, "JSON, as it begins like it") from None


def _paragraphs(text: str) -> str:
    blocks = (one.strip() for one in _BLANK_LINE.split(text))
    return "".join(f"<p>{escape(one, quote=False)}</p>\n" for one in blocks if one).rstrip()


def _id_of(content: Mapping[str, str]) -> str | None:
    try:
        return fields.identifier("id", content.get("id"))
    except PostError:
        return None


def _plain(column: str) -> str:
    return _NOT_WORD.sub("", column).lower()


def _no_url(columns: list[str]) -> str:
    seen = ", ".join(fields.shown(column[:40]) for column in columns[:20]) or "nothing"
    reason = f"no column holds the posts' addresses (seen: {seen}); name one url"
    meant = address_meant(columns)
    return f"{reason}, or {meant}" if meant else reason
