"""``/widget/``: choose how the widget looks and copy what your blog's engine needs."""

from __future__ import annotations

from itertools import islice
from urllib.parse import quote

from flask import Flask, Response, render_template, request

from service.api.desk import Desk
from service.api.posts import masked
from service.headers import NOSNIFF
from service.settings import ServiceSettings
from service.widget.assets import load
from service.widget.routes import SCRIPTS, add

#: Newest posts to try the widget with.
POSTS = 40

#: Nothing runs or is loaded from elsewhere but the blog's own pictures.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def register(app: Flask, settings: ServiceSettings, desk: Desk) -> None:
    """Add the page and its files to an application."""
    compress = settings.compress_from_bytes > 0
    for name in ("configurator.js", "configurator.css"):
        add(app, f"/widget/{name}", load(name), compress=compress)
    pinned = {name: load(name) for name in SCRIPTS}

    def page() -> Response:
        index = desk.index()
        hidden = masked(desk.overlay(index))
        rows = (row for row in range(index.n_posts) if row not in hidden)
        posts = [index.post(row) for row in islice(rows, POSTS)]
        content = render_template(
            "widget.html", posts=posts, scripts=pinned, counting=bool(settings.count_origins)
        )
        return Response(
            content,
            headers=[
                ("Content-Security-Policy", POLICY),
                ("Referrer-Policy", "no-referrer"),
                ("Cache-Control", "no-cache"),
                NOSNIFF,
            ],
            content_type="text/html; charset=utf-8",
        )

    app.add_url_rule("/widget/", "widget_configurator", page)
    app.add_url_rule("/widget", "widget_folder", _to_folder)


def _to_folder() -> Response:
    """The page's own links are relative: they need the slash."""
    place = quote(request.environ.get("SCRIPT_NAME", "")) + "/widget/"
    return Response(status=308, headers=[("Location", place), ("Cache-Control", "no-store")])
