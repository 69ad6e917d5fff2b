"""``/v1/openapi.json`` for programs and ``/docs`` for people: one description, two forms."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from flask import Flask, Response, render_template, request

from service.api import parameters
from service.api.routes import JSON
from service.description.document import document
from service.description.page import HOST, groups, marked, words
from service.headers import Fields, HeaderFields, matches

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_AUTHORITY = re.compile(r"(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Description:
    """The two routes.

    Args:
        app: The application to add them to.
        fields: Header fields that answers share.
    """

    def __init__(self, app: Flask, fields: HeaderFields) -> None:
        self._fields = fields
        app.add_url_rule("/v1/openapi.json", "openapi", self.openapi)
        app.add_url_rule("/docs", "docs", self.docs)

    def openapi(self) -> Response:
        """The description as OpenAPI 3.1; its server is where it was asked for."""
        parameters.read(request.environ.get("QUERY_STRING", ""), ())
        root = quote(request.environ.get("SCRIPT_NAME", ""))
        content, etag = _encoded() if not root else _encode(root)
        return self._kept(etag, lambda: content, JSON)

    def docs(self) -> Response:
        """The same as a page that loads nothing from anywhere."""
        root = quote(request.environ.get("SCRIPT_NAME", ""))
        host = _host(request.environ)
        _, tag = _encoded()
        etag = tag[:-1] + f'.{hashlib.sha256((host + root).encode()).hexdigest()[:8]}.html"'
        return self._kept(
            etag,
            lambda: render_template(
                "docs.html",
                api=document(),
                groups=groups(),
                words=words,
                marked=marked,
                root=root,
                host=host + root,
                stand_in=HOST,
            ),
            "text/html; charset=utf-8",
            ("Content-Security-Policy", _policy()),
        )

    def _kept(
        self, etag: str, make: Callable[[], bytes | str], media: str, *more: tuple[str, str]
    ) -> Response:
        fields: Fields = [("ETag", etag), *more, *self._fields.read(request.environ)]
        if matches(request.headers.get("If-None-Match", ""), etag):
            response = Response(status=304, headers=fields)
            del response.headers["Content-Type"]
            return response
        return Response(make(), headers=fields, content_type=media)


def _host(environ: WSGIEnvironment) -> str:
    """Where the page is read, for commands to be copied; a stand-in for what is no address."""
    host = environ.get("HTTP_HOST", "")
    if not _AUTHORITY.fullmatch(host):
        return HOST
    return f"{environ['wsgi.url_scheme']}://{host}"


@cache
def _encoded() -> tuple[bytes, str]:
    return _encode("/")


def _encode(root: str) -> tuple[bytes, str]:
    """The document of a service at a path, and its entity tag."""
    content: dict[str, Any] = {**document(), "servers": [{"url": root}]}
    encoded = orjson.dumps(content)
    return encoded, f'"openapi.{hashlib.sha256(encoded).hexdigest()[:24]}"'


@cache
def _policy() -> str:
    """Nothing may be loaded or run; the style sheet is named by its hash, the icon is inside."""
    page = files("service").joinpath("templates/docs.html").read_text("utf-8")
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
