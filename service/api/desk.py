"""What every view stands on: the live version, its finder, and answers with their header fields."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import request

from related_posts.curation.overlay import Overlay
from related_posts.errors import UnknownPostError
from related_posts.facets import SLUG
from related_posts.index import Index
from service.api.answers import BODY_REVISION, JSON, Answer
from service.api.finder import Finder, Finders
from service.api.selection import Selection
from service.errors import NothingServedError
from service.headers import Fields, HeaderFields, matches
from service.ops.counters import Counters
from service.snapshot import INDEX, Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_NO_STORE = ("Cache-Control", "no-store")


class Desk:
    """Where views take the version to answer from and hand over their answers.

    Args:
        snapshot: The live version, and what people decided about it.
        fields: Header fields that answers share.
        counters: Where it is counted what lists became of the questions.
    """

    def __init__(self, snapshot: Snapshot, fields: HeaderFields, counters: Counters) -> None:
        self.counters = counters
        self._snapshot = snapshot
        self._overlays = snapshot.overlays
        self._fields = fields
        self._finders = Finders()

    def index(self) -> Index:
        """The version to answer one request from.

        Raises:
            NothingServedError: There is none, or it cannot be opened.
        """
        index: Index | None = request.environ[INDEX]
        if index is None:
            raise NothingServedError(self._snapshot.problem or "nothing was published yet")
        return index

    def overlay(self, index: Index) -> Overlay | None:
        """What people decided about the version; None for nothing."""
        return self._overlays.over(index)

    def finder(self, index: Index) -> Finder:
        """What the version answers beyond its kept lists."""
        return self._finders.of(index)

    def selection(self, index: Index, overlay: Overlay | None) -> Selection:
        """Makes lists in a version as of today, in UTC, with what people decided."""
        return Selection(self.finder(index), datetime.now(UTC).date(), overlay, self.counters)

    def cached(
        self,
        environ: WSGIEnvironment,
        etag: str,
        make: Callable[[], bytes],
        *more: tuple[str, str],
        media: str = JSON,
        shared: Fields | None = None,
    ) -> Answer:
        """A successful read, or "not modified" where the client has it already.

        Args:
            environ: The request.
            etag: Its strong entity tag.
            make: Makes the body, where it is wanted.
            more: Header fields.
            media: Media type of the body.
            shared: Fields in the place of those that every read has.
        """
        shared = [*more, *(shared or self._fields.fixed or self._fields.read(environ))]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, etag):
            return Answer([("ETag", etag), *shared], None)
        content = make()
        return Answer(
            [
                ("Content-Type", media),
                ("Content-Length", str(len(content))),
                ("ETag", etag),
                *shared,
            ],
            content,
        )

    def fresh(self, environ: WSGIEnvironment, content: bytes) -> Answer:
        """The answer to something sent, which no cache may keep."""
        fields: Fields = [
            ("Content-Type", JSON),
            ("Content-Length", str(len(content))),
            _NO_STORE,
            *self._fields.any(environ),
        ]
        return Answer(fields, content)

    def fields(self, environ: WSGIEnvironment) -> Fields:
        """Header fields of a successful read, for an answer that is sent piece by piece."""
        return [*(self._fields.fixed or self._fields.read(environ))]


def row_of(
    index: Index,
    overlay: Overlay | None,
    *,
    id: str | None = None,
    url: str | None = None,
    slug: str | None = None,
) -> int:
    """Row of the post that one of the three names.

    Raises:
        UnknownPostError: This version has no such post, or it was withdrawn.
    """
    if slug is None:
        row = index.row(id=id) if id is not None else index.row(url=url)
    else:
        rows = index.facets.rows(SLUG, slug).tolist()
        shown = (row for row in rows if overlay is None or not overlay.is_masked(row))
        found = next(shown, None)
        if found is None:
            raise UnknownPostError(slug)
        row = int(found)
    if overlay is not None:
        overlay.check(row)
    return row


def rows_of(index: Index, ids: Iterable[str]) -> frozenset[int]:
    """Rows of the posts that this version has; an id it does not know excludes nothing."""
    rows = set()
    for id_ in ids:
        try:
            rows.add(index.row(id=id_))
        except UnknownPostError:
            continue
    return frozenset(rows)


def entity_tag(index: Index, overlay: Overlay | None, kind: str, *question: Any) -> str:
    """A strong entity tag of a question whose parts have a definite ``repr``."""
    whole = repr((overlay and overlay.revision, *question))
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f'"{BODY_REVISION}.{index.version}.{kind}.{digest}"'
