"""The widget's addresses: ``/widget.js``, ``/widget.<hash>.js`` and their like."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, request

from service.headers import NOSNIFF, Fields, matches
from service.ops import encoding
from service.settings import ServiceSettings
from service.widget.assets import Asset, load

#: What pages of blogs load: the element, a loader for old templates, and the counting.
SCRIPTS = ("widget.js", "widget-legacy.js", "widget-count.js")

#: How long a browser may use a script without asking whether it changed.
MAX_AGE_SECONDS = 300
CHANGING = f"public, max-age={MAX_AGE_SECONDS}, stale-while-revalidate=86400, stale-if-error=604800"
_PINNED = "public, max-age=31536000, immutable"

#: A script is for every page, whoever may read the answers: `cors_origins` is no matter here.
_ANYWHERE: Fields = [
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    NOSNIFF,
]


def register(app: Flask, settings: ServiceSettings) -> None:
    """Add the widget's addresses to an application."""
    for name in SCRIPTS:
        add(app, f"/{name}", load(name), compress=settings.compress_from_bytes > 0)


def add(app: Flask, path: str, asset: Asset, *, compress: bool) -> None:
    """Send a file at a path, where it may change, and beside it under its pinned name."""
    pinned = path.removesuffix(asset.name) + asset.pinned_name
    packed = asset.packed if compress else {}
    app.add_url_rule(path, path, lambda: respond(asset, packed, CHANGING))
    app.add_url_rule(pinned, pinned, lambda: respond(asset, packed, _PINNED))


def respond(asset: Asset, packed: Mapping[str, bytes], caching: str) -> Response:
    """Answer with a file in a coding the client takes, or "not modified".

    What is sent to every reader of a blog is compressed once, as small as it gets;
    the layer in front leaves it as it is and tells the tags of codings apart.
    """
    etag = f'"{asset.hash}"'
    fields = [("Cache-Control", caching), *_ANYWHERE]
    if matches(request.headers.get("If-None-Match", ""), etag):
        return Response(status=304, headers=[("ETag", etag), *fields])
    accepted = encoding.acceptable(request.environ.get("HTTP_ACCEPT_ENCODING"))
    coding = next((name for name in packed if name in accepted), None)
    if coding is not None:
        etag = encoding.tag_of(etag, coding)
        fields += [("Content-Encoding", coding), ("Vary", "Accept-Encoding")]
    content = packed[coding] if coding is not None else asset.content
    return Response(content, headers=[("ETag", etag), *fields], content_type=asset.content_type)
