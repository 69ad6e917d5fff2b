"""Every error as a problem document (RFC 9457): one table, one shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import (
    ClientDisconnected,
    HTTPException,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    TooManyRequests,
    Unauthorized,
)

from related_posts.errors import InvalidQueryError, QueryError, StorageError, UnknownPostError
from service.headers import Fields, HeaderFields

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PROBLEM_JSON = "application/problem+json"

#: Leads the ``type`` of every problem; what follows is stable and documented.
TYPE_PREFIX = "urn:related-posts:problem:"

#: Seconds after which a client may ask again while there is no version.
RETRY_SECONDS = 5

#: Most characters of what the client sent that are sent back.
LONGEST_ECHO = 100

_NO_STORE = ("Cache-Control", "no-store")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: what its ``type``, ``title`` and ``status`` say."""

    name: str
    title: str
    status: int

    @property
    def type(self) -> str:
        """The URI that stands for it."""
        return TYPE_PREFIX + self.name


class BodyError(QueryError):
    """The body of a request cannot be used.

    Attributes:
        place: Which member of it, or empty for the whole.
        reason: What is wrong with it; nothing of what was sent.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place = place
        self.reason = reason


class NothingServedError(StorageError):
    """There is no version to answer from.

    Attributes:
        reason: Why, without the names of folders around the data folder.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


UNKNOWN_POST = Kind("unknown-post", "No such post", 404)
INVALID_BODY = Kind("invalid-body", "What was sent cannot be used", 400)
INVALID_PARAMETER = Kind("invalid-parameter", "A parameter does not fit", 400)
NOT_READY = Kind("not-ready", "No version is being served yet", 503)
TOO_SLOW = Kind("request-timeout", "The request did not arrive in time", 408)
TOO_MANY = Kind("too-many-requests", "Too many requests", 429)
INTERNAL = Kind("internal", "Something went wrong on our side", 500)

#: Problems of HTTP itself, by status; other statuses are named by their phrase.
BY_STATUS = {
    400: Kind("bad-request", "The request could not be understood", 400),
    404: Kind("unknown-route", "No such address in this service", 404),
    405: Kind("method-not-allowed", "This address does not take this method", 405),
    413: Kind("content-too-large", "What was sent is too long", 413),
    500: INTERNAL,
}

_DETAILS = {
    "unknown-route": "The addresses of this service are described at /docs.",
    "content-too-large": "The service takes less at a time; its setting is max_body_bytes.",
    "internal": "The error is in the service's log; the same request may work later.",
}


def cut(text: str) -> str:
    """At most ``LONGEST_ECHO`` characters of what a client sent."""
    return text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 1] + "…"


def document(kind: Kind, detail: str, instance: str, **more: str) -> bytes:
    """A problem document.

    Args:
        kind: The kind of problem.
        detail: What is wrong in this case, and what to do.
        instance: The request's own address, percent-encoded.
        more: Further members, after the standard ones.
    """
    return orjson.dumps(
        {
            "type": kind.type,
            "title": kind.title,
            "status": kind.status,
            "detail": detail,
            "instance": instance,
            **more,
        }
    )


def unknown_post(mistake: UnknownPostError) -> str:
    """What is said of a post that is not there."""
    return (
        f"This version has no post {cut(mistake.key)!r}. "
        "If it is new, it appears with the next training."
    )


def instance_of(environ: WSGIEnvironment) -> str:
    """The address a request asked for, as a URI reference of bounded length."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not raw:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        raw = quote(path, encoding="latin-1", errors="replace")
        if environ.get("QUERY_STRING"):
            raw += "?" + environ["QUERY_STRING"]
    # A reference is ASCII without spaces or quotes; what is encoded already stays as it is.
    return quote(raw[: 2 * LONGEST_ECHO], safe="/?:@!$&'()*+,;=%-._~", errors="replace")


class Problems:
    """Turns every exception into a problem document, with the API's header fields.

    Attributes:
        page: Makes a page in the place of a 404 where a person asks; None for never.
    """

    def __init__(self, app: Flask, fields: HeaderFields) -> None:
        self.page: Callable[[str], Response | None] | None = None
        self._fields = fields
        app.register_error_handler(UnknownPostError, self._unknown_post)
        app.register_error_handler(InvalidQueryError, self._invalid)
        app.register_error_handler(BodyError, self._body)
        app.register_error_handler(StorageError, self._not_ready)
        app.register_error_handler(TimeoutError, self._too_slow)
        app.register_error_handler(ClientDisconnected, self._broke_off)
        app.register_error_handler(ParseException, self._broken)
        app.register_error_handler(HTTPException, self._http)

    def _unknown_post(self, mistake: UnknownPostError) -> Response:
        if self.page is not None and (page := self.page(unknown_post(mistake))):
            return page
        caching = ("Cache-Control", self._fields.unknown_cache_control)
        return self._respond(UNKNOWN_POST, unknown_post(mistake), [caching])

    def _invalid(self, mistake: InvalidQueryError) -> Response:
        field, value = cut(mistake.field), cut(str(mistake.value))
        said = f"={value!r} is not allowed; it must be {mistake.allowed}"
        detail = f"{field} {mistake.fault}" if mistake.fault else f"{field}{said}"
        detail += "" if detail.endswith(("?", ".")) else "."
        return self._respond(
            INVALID_PARAMETER,
            detail,
            [_NO_STORE],
            parameter=field,
            value=value,
            allowed=mistake.allowed,
        )

    def _body(self, mistake: BodyError) -> Response:
        place, reason = cut(mistake.place), mistake.reason
        detail = f"{place}: {reason}." if place else f"The body cannot be read: {reason}."
        return self._respond(INVALID_BODY, detail, [_NO_STORE], member=place)

    def _not_ready(self, mistake: StorageError) -> Response:
        if isinstance(mistake, NothingServedError):
            reason = mistake.reason[:1].upper() + mistake.reason[1:]
        else:
            reason = "What is served is damaged; run `related-posts train` to build it anew"
        detail = f"{reason}. Ask again in {RETRY_SECONDS} s."
        return self._respond(NOT_READY, detail, [_NO_STORE, ("Retry-After", str(RETRY_SECONDS))])

    def _too_slow(self, mistake: TimeoutError) -> Response:
        detail = "The body stopped before its end. Send it again, faster."
        return self._respond(TOO_SLOW, detail, [_NO_STORE])

    def _broke_off(self, mistake: ClientDisconnected) -> Response:
        """Werkzeug says so of whatever ends a body: the time, too."""
        slow = mistake.__context__
        if isinstance(slow, TimeoutError):
            return self._too_slow(slow)
        detail = "The body broke off before its end."
        return self._respond(BY_STATUS[400], detail, [_NO_STORE])

    def _broken(self, mistake: ParseException) -> Response:
        """Gunicorn reads what frames a body while it is asked for it."""
        detail = "The body is not framed as Transfer-Encoding says: a chunk of it is malformed."
        return self._respond(BY_STATUS[400], detail, [_NO_STORE])

    def _http(self, mistake: HTTPException) -> Response:
        status = mistake.code or 500
        kind = BY_STATUS.get(status)
        if kind is None:
            phrase = HTTPStatus(status).phrase
            kind = Kind(phrase.lower().replace(" ", "-"), phrase, status)
        detail = _DETAILS.get(kind.name, mistake.description or kind.title)
        if status == 404 and self.page is not None and (page := self.page(detail)):
            return page
        fields = [_NO_STORE]
        if isinstance(mistake, MethodNotAllowed):
            allowed = ", ".join(sorted(mistake.valid_methods or ()))
            detail = f"{cut(request.method)} is not allowed here; allowed are {allowed}."
            fields.append(("Allow", allowed))
        if isinstance(mistake, TooManyRequests) and mistake.retry_after:
            fields.append(("Retry-After", str(mistake.retry_after)))
        if isinstance(mistake, Unauthorized):
            fields.append(("WWW-Authenticate", 'Bearer realm="related-posts"'))
        if isinstance(mistake, RequestedRangeNotSatisfiable) and mistake.length is not None:
            fields.append(("Content-Range", f"{mistake.units} */{mistake.length}"))
        return self._respond(kind, detail, fields)

    def _respond(self, kind: Kind, detail: str, fields: Fields, **more: str) -> Response:
        environ = request.environ
        content = document(kind, detail, instance_of(environ), **more)
        return Response(
            content,
            status=kind.status,
            headers=[*fields, *self._fields.any(environ)],
            content_type=PROBLEM_JSON,
        )
