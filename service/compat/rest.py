"""What the routes in WordPress's manner stand on: posts by number, answers, errors."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from related_posts.curation.overlay import Overlay
from related_posts.errors import StorageError, UnknownPostError
from related_posts.index import Index
from service.api.answers import Answer
from service.api.desk import Desk, entity_tag
from service.api.query import PLAIN, Options
from service.api.selection import Asked, Chosen
from service.compat import refusals
from service.compat.known import Known
from service.compat.refusals import RestError
from service.compat.shaping import enveloped
from service.compat.values import Given
from service.errors import RETRY_SECONDS
from service.headers import Fields, HeaderFields

JSON = "application/json; charset=UTF-8"
EXPOSED = "X-WP-Total, X-WP-TotalPages, Link, ETag, X-Related-Posts-Version, X-Request-ID"
_EXPOSING = "Access-Control-Expose-Headers"
#: What every answer of WordPress's interface has.
_ALWAYS: Fields = [("X-Robots-Tag", "noindex")]
#: Errors by which a cache may go for a while: the next version may have the post.
_UNKNOWN = frozenset({401, 404})

View = Callable[..., Response]


class Question:
    """One request of a drop-in route.

    Args:
        desk: Where the version comes from.

    Attributes:
        given: Its parameters.
        index: The version to answer from.
        overlay: What people decided about it.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.given = Given(request.environ.get("QUERY_STRING", ""))
        self.index: Index = desk.index()
        self.overlay: Overlay | None = desk.overlay(self.index)

    def row(self, name: str) -> int:
        """Row of the post of a number, or of the publisher's own id where that is none.

        Raises:
            UnknownPostError: There is none that may be seen.
        """
        if name.isascii() and name.isdigit():
            row = self.desk.finder(self.index).numbers.row(int(name[:20]))
        else:
            row = self.index.row(id=name)
        if self.overlay is not None:
            self.overlay.check(row)
        return row

    def rows(self, numbers: Iterable[int]) -> frozenset[int]:
        """Rows of the posts that there are; another number excludes nothing."""
        found = set()
        for number in numbers:
            try:
                found.add(self.desk.finder(self.index).numbers.row(number))
            except UnknownPostError:
                continue
        return frozenset(found)

    def related(
        self, row: int, limit: int, without: frozenset[int] = frozenset(), options: Options = PLAIN
    ) -> list[Chosen]:
        """The list of a post, with what people decided about it."""
        asked = Asked.of_row(self.desk.finder(self.index), row, without)
        return self.desk.selection(self.index, self.overlay).choose(asked, limit, options)

    def known(self, row: int) -> Known:
        """What is known of a post."""
        return Known(self.index, row)

    def answer(
        self, kind: str, about: Sequence[Any], make: Callable[[], Any], headers: Fields
    ) -> Answer:
        """A successful answer.

        Args:
            kind: The route, in a word.
            about: What the answer depends on beside the version and the query string.
            make: Makes the content.
            headers: Header fields of its own.
        """
        environ = request.environ
        query = environ.get("QUERY_STRING", "")
        etag = entity_tag(self.index, self.overlay, kind, query, *about)
        return self.desk.cached(
            environ,
            etag,
            lambda: self._encoded(make(), headers),
            *_ALWAYS,
            *headers,
            media=JSON,
            shared=exposing(self.desk.fields(environ)),
        )

    def _encoded(self, content: Any, headers: Fields) -> bytes:
        if self.given.text("_envelope") is not None:
            numbers = {name: int(v) if v.isdigit() else v for name, v in headers}
            content = enveloped(content, 200, numbers)
        return orjson.dumps(content)


def exposing(fields: Iterable[tuple[str, str]]) -> Fields:
    """Header fields that let pages of other origins read WordPress's fields as well."""
    return [(name, EXPOSED if name == _EXPOSING else value) for name, value in fields]


class Guard:
    """Turns what goes wrong in a drop-in route into an error in WordPress's shape.

    Args:
        app: The application, for its log.
        fields: Header fields that answers share.
    """

    def __init__(self, app: Flask, fields: HeaderFields) -> None:
        self._app = app
        self._fields = fields

    def __call__(self, view: View) -> View:
        """The view, so guarded."""

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Response:
            try:
                return view(*args, **kwargs)
            except RestError as refused:
                return self._respond(refused)
            except StorageError:
                return self._respond(refusals.not_ready())
            except (HTTPException, ParseException, TimeoutError):
                # A mistake of HTTP itself, such as a body that is too long, broken or slow.
                raise
            except Exception:
                self._app.log_exception(sys.exc_info())
                return self._respond(refusals.broken())

        return guarded

    def _respond(self, refused: RestError) -> Response:
        environ = request.environ
        status, content = refused.status, refused.content
        caching = self._fields.unknown_cache_control if status in _UNKNOWN else "no-store"
        fields = [("Cache-Control", caching), *_ALWAYS, *exposing(self._fields.any(environ))]
        if status == 503:
            fields.append(("Retry-After", str(RETRY_SECONDS)))
        if status == 400 and request.method == "GET":
            # WordPress names what this client may do here, where it got as far as asking that.
            fields.append(("Allow", "GET"))
        if Given(environ.get("QUERY_STRING", "")).text("_envelope") is not None:
            content, status = enveloped(content, status, {}), 200
        return Response(orjson.dumps(content), status, fields, content_type=JSON)
