"""The plain question, answered before Flask: ``GET /v1/related?id=…`` or ``?url=…``.

Nearly every request is one, and Flask takes longer to find its view than the view
takes. What is unusual in any way is left to Flask; a test holds the two to equal
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from related_posts.errors import UnknownPostError
from related_posts.index import Index
from service.api.answers import JSON, body, entity_tag
from service.api.query import short
from service.headers import Fields, HeaderFields, matches
from service.ops.counters import Counters
from service.overlays import Overlays

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ROUTE = "/v1/related"

_OK = "200 OK"
_NOT_MODIFIED = "304 NOT MODIFIED"


class Plain:
    """Answers plain questions.

    Args:
        fields: The header fields of the application's answers.
        overlays: What people decided about lists.
        counters: Where empty lists are counted.
    """

    def __init__(self, fields: HeaderFields, overlays: Overlays, counters: Counters) -> None:
        self._counters = counters
        self._fields = fields
        self._overlays = overlays

    def answer(
        self,
        environ: WSGIEnvironment,
        index: Index | None,
        shared: Sequence[tuple[str, str]] | None,
    ) -> tuple[str, Fields, bytes] | None:
        """Answer a request, or leave it to Flask.

        Args:
            environ: The request.
            index: The version to answer from.
            shared: Fields of every successful read; None where they depend on the request.

        Returns:
            Status, header fields and body; None for what is Flask's to answer.
        """
        if environ["PATH_INFO"] != ROUTE or environ["REQUEST_METHOD"] != "GET" or index is None:
            return None
        query = short(environ.get("QUERY_STRING", ""))
        if query is None or query.limit > index.k:
            return None
        try:
            row = index.row(id=query.id) if query.id is not None else index.row(url=query.url)
        except UnknownPostError:
            return None
        overlay = self._overlays.over(index)
        if overlay is not None and (
            overlay.is_masked(row) or not overlay.suffices(row, query.limit)
        ):
            return None
        etag = entity_tag(index, row, query.limit, overlay=overlay)
        if shared is None:
            shared = self._fields.read(environ)
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, etag):
            return _NOT_MODIFIED, [("ETag", etag), *shared], b""
        content = body(index, row, query.limit, overlay, self._counters)
        length = str(len(content))
        fields = [("Content-Type", JSON), ("Content-Length", length), ("ETag", etag), *shared]
        return _OK, fields, content
