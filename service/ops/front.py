"""What every request passes before Flask, and every answer after it.

In their order: the request's id, the client's own address, its rate, the plain
question's short way; then the coding, the fields of every answer, the counts and
the access log. All of it is one WSGI layer, so that Flask's hooks stay empty and
its answers need not be made into objects to be added to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

from related_posts.index import Index
from related_posts.keys import Keys
from service.api.answers import JSON
from service.errors import PROBLEM_JSON, TOO_MANY, document, instance_of
from service.headers import Fields, HeaderFields
from service.ops.compressing import NOTHING, Asked, Compressing, close
from service.ops.counters import UNMATCHED, Counters
from service.ops.limits import EXEMPT, Clients, Limits
from service.ops.logs import ACCESS
from service.ops.plain import ROUTE, Plain
from service.ops.proxies import Proxies
from service.ops.request_ids import HEADER, RequestIds
from service.ops.security import SecurityFields
from service.settings import ServiceSettings
from service.snapshot import INDEX, Snapshot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Names the version that was live when the request came.
VERSION = "X-Related-Posts-Version"

#: Where a request's id is for whoever logs something about it.
REQUEST_ID = "related_posts.request_id"

#: Pattern of the route that Flask has found for a request.
RULE = "related_posts.rule"

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")

#: Route, status, header fields, body, and whether nothing is to be added any more.
_Answered = tuple[str, str, Fields, Iterable[bytes], bool]


class Front:
    """The layer in front of Flask.

    Args:
        app: The application behind it.
        settings: The service's settings.
        snapshot: Where each request's index comes from, once.
        fields: The header fields of the application's answers.
        counters: Where requests are counted.
        watched: Whether somebody wants to see every request in Flask.
    """

    def __init__(
        self,
        app: WSGIApplication,
        settings: ServiceSettings,
        snapshot: Snapshot,
        fields: HeaderFields,
        counters: Counters,
        watched: Callable[[], bool],
    ) -> None:
        self._app = app
        self._snapshot = snapshot
        self._fields = fields
        self._counters = counters
        self._watched = watched
        self._ids = RequestIds()
        self._proxies = Proxies(settings.trusted_proxies)
        self._clients = Clients(Keys(settings.data))
        self._limits = (
            Limits(settings.rate_limit, settings.rate_limit_storage)
            if settings.rate_limit
            else None
        )
        #: The short way; None leaves everything to Flask.
        self.plain: Plain | None = Plain(fields, snapshot.overlays, counters)
        self._compressing = Compressing(settings.compress_from_bytes)
        self._security = SecurityFields(settings)
        self._log_access = settings.access_log
        self._ready = self._ready_fields()

    def _ready_fields(self) -> Fields | None:
        """What ``_answer`` is followed by where no coding was asked for, made once."""
        if self._fields.fixed is None:
            return None
        fields = [("Content-Type", JSON), ("Content-Length", "0"), *self._fields.fixed]
        _, fields, _ = self._compressing.after(NOTHING, "200 OK", fields, ())
        self._add(fields)
        return fields[2:]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; see PEP 3333."""
        started = perf_counter()
        method = environ["REQUEST_METHOD"]
        environ[REQUEST_ID] = request_id = self._ids.of(environ.get("HTTP_X_REQUEST_ID"))
        environ[INDEX] = index = self._snapshot.current()
        if self._proxies:
            self._proxies.apply(environ)
        asked = self._compressing.before(environ)
        # Where nothing depends on the request, the last fields are known beforehand too.
        ready = self._ready if asked is NOTHING else None
        answered = self._answer(environ, index, ready)
        route, status, fields, content = self._finished(answered, asked, index, request_id)
        if method == "HEAD":
            close(content)
            content = ()
        start_response(status, fields)
        self._ended(method, route, status, fields, started)
        return content

    def quickly(self, environ: WSGIEnvironment) -> tuple[str, Fields, Iterable[bytes]] | None:
        """Answer a plain question as a call would, without waiting for anything.

        Returns:
            Status, header fields and body; None for what is not one, or has to pass more
            than this, of which nothing is then counted or logged.
        """
        started = perf_counter()
        if self.plain is None or self._limits is not None or self._watched():
            return None
        index = self._snapshot.current()
        asked = self._compressing.before(environ)
        ready = self._ready if asked is NOTHING else None
        found = self._plainly(self.plain, environ, index, ready)
        if found is None:
            return None
        request_id = self._ids.of(environ.get("HTTP_X_REQUEST_ID"))
        route, status, fields, content = self._finished(found, asked, index, request_id)
        self._ended("GET", route, status, fields, started)
        return status, fields, content

    def _finished(
        self, answered: _Answered, asked: Asked, index: Index | None, request_id: str
    ) -> tuple[str, str, Fields, Iterable[bytes]]:
        """Route, status, fields and body of an answer, as they go out."""
        route, status, fields, content, is_ready = answered
        if not is_ready:
            status, fields, content = self._compressing.after(asked, status, fields, content)
            self._add(fields)
        if index is not None:
            fields.append((VERSION, index.version))
        fields.append((HEADER, request_id))
        return route, status, fields, content

    def _ended(self, method: str, route: str, status: str, fields: Fields, started: float) -> None:
        """Count an answer, and log it where that is asked for."""
        seconds = perf_counter() - started
        self._counters.answered(route, int(status[:3]), seconds)
        if self._log_access:
            _log(method, route, status, fields, seconds)

    def _answer(
        self, environ: WSGIEnvironment, index: Index | None, ready: Sequence[tuple[str, str]] | None
    ) -> _Answered:
        """The answer of whoever answers first."""
        if self._limits is not None and environ["PATH_INFO"] not in EXEMPT:
            wait = self._limits.retry_after(self._clients.of(environ))
            if wait is not None:
                return self._refuse(environ, wait)
        if self.plain is not None and not self._watched():
            found = self._plainly(self.plain, environ, index, ready)
            if found is not None:
                return found
        if environ["REQUEST_METHOD"] == "HEAD":
            # The answer to GET without its body, on every route and in every coding.
            environ["REQUEST_METHOD"] = "GET"
        held: list[Any] = []

        def hold(status: str, fields: Fields, exc_info: Any = None) -> Callable[[bytes], object]:
            held[:] = (status, fields)
            return _refuse_to_write

        content = self._app(environ, hold)
        return environ.get(RULE, UNMATCHED), held[0], held[1], content, False

    def _plainly(
        self,
        plain: Plain,
        environ: WSGIEnvironment,
        index: Index | None,
        ready: Sequence[tuple[str, str]] | None,
    ) -> _Answered | None:
        """The short way's answer; a mistake in it is Flask's to make again, log and answer."""
        try:
            found = plain.answer(environ, index, ready or self._fields.fixed)
        except Exception:
            return None
        if found is None:
            return None
        status, fields, body = found
        return ROUTE, status, fields, (body,) if body else (), ready is not None

    def _refuse(self, environ: WSGIEnvironment, wait: int) -> _Answered:
        self._counters.happened("rate_limited")
        detail = f"This client has sent too many requests. Ask again in {wait} s."
        content = document(TOO_MANY, detail, instance_of(environ))
        fields = [
            ("Content-Type", PROBLEM_JSON),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
            ("Retry-After", str(wait)),
            *self._fields.any(environ),
        ]
        return UNMATCHED, f"{TOO_MANY.status} TOO MANY REQUESTS", fields, (content,), False

    def _add(self, fields: Fields) -> None:
        """The security fields of every answer, where it has none of its own of that name."""
        present = dict(fields)
        fields += [field for field in self._security.everywhere if field[0] not in present]
        if present.get("Content-Type", "").startswith("text/html"):
            fields += [field for field in self._security.pages if field[0] not in present]


def _log(method: str, route: str, status: str, fields: Fields, seconds: float) -> None:
    members = dict(fields)
    length = members.get("Content-Length", "")
    extra = {
        "request_id": members[HEADER],
        # A method is the client's own text: one that is no word is not worth a line of log.
        "method": method if method.isalpha() and len(method) <= 16 else "?",
        "route": route,
        "status": int(status[:3]),
        "ms": round(seconds * 1e3, 3),
        "bytes": int(length) if length else None,
        "version": members.get(VERSION, ""),
    }
    ACCESS.info("request", extra=extra)


@cache
def pattern_of(rule: str) -> str:
    """A route as documents, logs and metrics name it, from the framework's rule."""
    path = _PLACE.sub(r"{\1}", rule)
    return path.replace("{post}", "{id}") if path.startswith("/v1/") else path


def _refuse_to_write(content: bytes) -> object:
    raise RuntimeError("answers are returned, not written")
