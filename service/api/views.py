"""The API's routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.routing import BaseConverter

from related_posts.errors import IndexMissingError
from related_posts.index import Index
from service.api.address import AFTER, BEFORE, id_in_path
from service.api.answers import JSON, Answer, body, entity_tag, rows_of
from service.api.query import parse, parse_options
from service.headers import HeaderFields, matches
from service.snapshot import INDEX, Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DOCUMENTATION = "docs/http.md"


class AnythingConverter(BaseConverter):
    """A piece of a path that may hold anything, slashes at its ends included."""

    regex = "(?s:.*)"
    part_isolating = False
    weight = 300


class Views:
    """The routes of one application."""

    def __init__(self, app: Flask, snapshot: Snapshot, fields: HeaderFields) -> None:
        self._snapshot = snapshot
        self._fields = fields
        app.url_map.merge_slashes = False
        app.url_map.converters["anything"] = AnythingConverter
        add = app.add_url_rule
        add("/v1/related", "related", self.related, strict_slashes=True)
        add(f"{BEFORE}<anything:post>{AFTER}", "related_of_post", self.related_of_post)

    def related(self) -> Answer:
        """``GET /v1/related?id=…`` or ``?url=…``: the canonical route."""
        environ = request.environ
        index = self._index()
        query = parse(environ.get("QUERY_STRING", ""))
        row = index.row(id=query.id) if query.id is not None else index.row(url=query.url)
        return self._answer(environ, index, row, query.limit, query.exclude)

    def related_of_post(self, post: str) -> Answer:
        """``GET /v1/posts/<id>/related``: the same answer, with the id in the path.

        What the router took from the decoded path is of no use; see ``address``.
        """
        environ = request.environ
        index = self._index()
        limit, exclude = parse_options(environ.get("QUERY_STRING", ""))
        row = index.row(id=id_in_path(environ))
        return self._answer(environ, index, row, limit, exclude)

    def _index(self) -> Index:
        index: Index | None = request.environ[INDEX]
        if index is None:
            raise IndexMissingError("the data folder")
        return index

    def _answer(
        self,
        environ: WSGIEnvironment,
        index: Index,
        row: int,
        limit: int,
        exclude: tuple[str, ...],
    ) -> Answer:
        overlay = self._snapshot.overlays.over(index)
        if overlay is not None:
            overlay.check(row)
        excluded = rows_of(index, exclude) if exclude else frozenset[int]()
        etag = entity_tag(index, row, limit, excluded, overlay)
        shared = self._fields.fixed or self._fields.read(environ)
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, etag):
            return Answer([("ETag", etag), *shared], None)
        content = body(index, row, limit, excluded, overlay)
        return Answer(
            [
                ("Content-Type", JSON),
                ("Content-Length", str(len(content))),
                ("ETag", etag),
                *shared,
            ],
            content,
        )
