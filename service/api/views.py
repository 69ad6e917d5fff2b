"""The API's routes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

from related_posts import __version__
from related_posts.errors import IndexMissingError
from related_posts.index import Index
from service.api.address import AFTER, BEFORE, id_in_path
from service.api.answers import JSON, Answer, body, entity_tag, rows_of
from service.api.query import parse, parse_options
from service.errors import RETRY_SECONDS
from service.headers import NOSNIFF, HeaderFields, matches
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
        add("/healthz", "healthz", self.healthz)
        add("/readyz", "readyz", self.readyz)

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

    def healthz(self) -> Response:
        """The process is alive; says nothing about the index."""
        return _state({"status": "alive", "release": __version__})

    def readyz(self) -> Response:
        """Whether there is a version to answer from, which, and how old it is."""
        index = self._snapshot.current()
        problem = self._snapshot.problem
        if index is None:
            response = _state({"status": "waiting", "reload_error": problem}, status=503)
            response.headers["Retry-After"] = str(RETRY_SECONDS)
            return response
        age = (datetime.now(UTC) - index.created).total_seconds()
        return _state(
            {
                "status": "ready",
                "version": index.version,
                "created": index.created.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "age_seconds": max(0, round(age)),
                "n_posts": index.n_posts,
                "reload_error": problem,
            }
        )

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
        excluded = rows_of(index, exclude) if exclude else frozenset[int]()
        etag = entity_tag(index, row, limit, excluded)
        shared = self._fields.fixed or self._fields.read(environ)
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, etag):
            return Answer([("ETag", etag), *shared], None)
        content = body(index, row, limit, excluded)
        return Answer(
            [
                ("Content-Type", JSON),
                ("Content-Length", str(len(content))),
                ("ETag", etag),
                *shared,
            ],
            content,
        )


def _state(members: dict[str, Any], status: int = 200) -> Response:
    """A small JSON object that no cache may keep."""
    return Response(
        orjson.dumps(members) + b"\n",
        status=status,
        headers=[("Cache-Control", "no-store"), NOSNIFF],
        content_type=JSON,
    )
