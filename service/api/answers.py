"""Related posts as HTTP answers, joined from pieces that were encoded at training time.

No similarity is computed and nothing is encoded here: an index holds every post
as a JSON fragment and its neighbours by row, so an answer is a lookup and a join.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.datastructures import Headers

from related_posts.curation.overlay import Overlay
from related_posts.index import Index
from related_posts.items import curated_item, item_with_scores, plain_item
from service.headers import Fields
from service.ops.counters import EMPTY_LISTS, Counters

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Leads every entity tag; changes when the same version would be worded differently.
BODY_REVISION = "1"

JSON = "application/json"
_OK = "200 OK"
_NOT_MODIFIED = "304 NOT MODIFIED"


def body(
    index: Index,
    row: int,
    limit: int,
    overlay: Overlay | None = None,
    counters: Counters | None = None,
) -> bytes:
    """The JSON answer for one post.

    Args:
        index: The version to answer from.
        row: The post's row in it.
        limit: Most items.
        overlay: What people decided; None for nothing.
        counters: Where an empty list is counted.
    """
    item = index.item
    if overlay is not None:
        pieces = _curated(index, row, limit, overlay)
    else:
        rows, similarities, scores = index.neighbours(row, limit)
        pieces = [
            item_with_scores(item(other), similarity, score)
            for other, similarity, score in zip(rows, similarities, scores, strict=True)
        ]
    if not pieces and counters is not None:
        counters.happened(EMPTY_LISTS)
    return b'{"version":"%b","post":%b,"items":[%b]}' % (
        index.version.encode(),
        plain_item(item(row)),
        b",".join(pieces),
    )


def entity_tag(
    index: Index,
    row: int,
    limit: int,
    overlay: Overlay | None = None,
) -> str:
    """A strong entity tag: two equal tags of this service are two equal bodies."""
    tag = f"{BODY_REVISION}.{index.version}.{row}.{limit}"
    if overlay is not None:
        tag += f".c{overlay.revision}"
    return f'"{tag}"'


def _curated(index: Index, row: int, limit: int, overlay: Overlay) -> list[bytes]:
    """The items of a list that people had a say in."""
    shown = overlay.apply(row, *index.neighbours(row, index.k), limit)
    return [
        item_with_scores(index.item(one.row), one.similarity, one.score)
        if one.reason is None and one.similarity is not None and one.score is not None
        else curated_item(index.item(one.row), one.similarity, one.score, one.reason or "")
        for one in shown
    ]


class Answer(Response):
    """A finished answer that goes to the server as it is.

    Flask and its hooks may treat it as any response; as long as nobody asks for
    its ``headers``, they are not parsed, checked and copied only to be sent.

    Args:
        fields: Header fields, complete, Content-Length included.
        content: The body, or None for "not modified".
    """

    def __init__(self, fields: Fields, content: bytes | None) -> None:
        self._fields: Fields | None = fields
        self._headers: Headers | None = None
        self._status = _OK if content is not None else _NOT_MODIFIED
        self._status_code = 200 if content is not None else 304
        self.response = [content] if content else []
        self.direct_passthrough = False
        self._on_close = []

    @property
    def headers(self) -> Headers:  # type: ignore[override]  # read-only here
        """Header fields, made into an object when somebody wants to read or change them."""
        if self._headers is None:
            self._headers = Headers(self._fields)
            self._fields = None
        return self._headers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it; see PEP 3333."""
        if self._fields is None or self._on_close:
            return super().__call__(environ, start_response)
        start_response(self._status, self._fields)
        content: Any = self.response
        return () if environ["REQUEST_METHOD"] == "HEAD" else content
