"""Every list at once, as a stream of lines from one version."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flask import Flask, Response, request

from service.api import parameters
from service.api.desk import Desk, entity_tag
from service.api.parameters import EXPORT
from service.api.routes import JSON_LINES
from service.export import lines
from service.headers import matches

#: Lines sent at a time: fewer, longer pieces cost less.
_LINES = 64


class BulkViews:
    """The route that sends everything."""

    def __init__(self, app: Flask, desk: Desk) -> None:
        self._desk = desk
        app.add_url_rule("/v1/export.jsonl", "export", self.export)

    def export(self) -> Response:
        """``GET /v1/export.jsonl``: every list, a line each; one version to the end."""
        environ = request.environ
        index = self._desk.index()
        overlay = self._desk.overlay(index)
        limit = parameters.read(environ.get("QUERY_STRING", ""), EXPORT)["limit"]
        etag = entity_tag(index, overlay, "export", limit)
        fields = [("ETag", etag), *self._desk.fields(environ)]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, etag):
            response = Response(status=304, headers=fields)
            del response.headers["Content-Type"]
            return response
        # The stream holds the version, which stays mapped until the last line is sent.
        pieces = _joined(lines(index, limit, overlay))
        return Response(pieces, headers=fields, content_type=JSON_LINES)


def _joined(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces."""
    while piece := b"".join(islice(lines, _LINES)):
        yield piece
