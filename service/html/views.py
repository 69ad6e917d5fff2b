"""``GET /v1/related.html`` and its style sheet."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import escape

from related_posts.errors import UnknownPostError
from service.api import parameters
from service.api.desk import Desk, entity_tag, row_of
from service.api.kept import Kept
from service.api.parameters import ADDRESS, HTML, MARKUP
from service.api.query import named_in, options_of
from service.api.selection import Asked
from service.api.views import FROM_HEADER, without, words_of
from service.headers import HeaderFields
from service.html.fragment import context
from service.html.templating import Templates
from service.settings import ServiceSettings
from service.widget.assets import load
from service.widget.routes import CHANGING, respond

MEDIA = "text/html; charset=utf-8"
STYLES = "related.css"
#: Bytes of fragments that are kept, a few thousand each.
MOST_BYTES = 4_000_000

#: The fragment is part of a page that is indexed itself.
_ROBOTS = ("X-Robots-Tag", "noindex")


class HtmlViews:
    """The fragment and its style sheet."""

    def __init__(
        self,
        app: Flask,
        desk: Desk,
        fields: HeaderFields,
        templates: Templates,
        settings: ServiceSettings,
    ) -> None:
        self._desk = desk
        self._fields = fields
        self._templates = templates
        self._kept: Kept[bytes] = Kept(MOST_BYTES, lambda etag, fragment: len(etag) + len(fragment))
        styles = load(STYLES, Path(__file__).parent / "static")
        packed = styles.packed if settings.compress_from_bytes else {}
        app.add_url_rule("/v1/related.html", "related_html", self.related)
        app.add_url_rule(
            "/v1/related.css", "related_css", lambda: respond(styles, packed, CHANGING)
        )

    def related(self) -> Response:
        """The list of a post as a section of a page; nothing at all where it is empty."""
        environ = request.environ
        index = self._desk.index()
        values = parameters.read(environ.get("QUERY_STRING", ""), (*ADDRESS, *HTML))
        name, value = named_in(values)
        limit, options = values["limit"], options_of(values)
        overlay = self._desk.overlay(index)
        excluded = without(environ, index, options)
        try:
            row = row_of(index, overlay, **{name: value})
        except UnknownPostError:
            if not options.fallback:
                return self._unknown(values["empty"])
            address = "" if name == "id" else value
            asked = Asked(words=words_of(address), without=excluded)
        else:
            asked = Asked.of_row(self._desk.finder(index), row, excluded)
        selection = self._desk.selection(index, overlay)
        rest = replace(
            options,
            exclude=(),
            exclude_referrer=None,
            recent=None,
            filters=selection.filters(asked, options),
        )
        etag = entity_tag(
            index, overlay, "html", self._templates.fingerprint, asked.row, asked.words,
            sorted(asked.without), limit, rest, [values[each.name] for each in MARKUP],
        )  # fmt: skip
        vary = [("Vary", "Referer")] if options.exclude_referrer == FROM_HEADER else []

        def make() -> bytes:
            chosen = selection.choose(asked, limit, options)
            given = context(index, asked.row, chosen, values)
            if not given["posts"]:
                return _empty(values["empty"])
            return self._templates.render(values["layout"], given).encode("utf-8", "replace")

        # An entity tag stands for one body, so it is a key to it as well.
        kept = partial(self._kept.get, etag, make)
        return self._desk.cached(environ, etag, kept, _ROBOTS, *vary, media=MEDIA)

    def _unknown(self, text: str | None) -> Response:
        """No such post: an error by its status, and nothing that would show in a page."""
        caching = ("Cache-Control", self._fields.unknown_cache_control)
        fields = [caching, _ROBOTS, *self._fields.any(request.environ)]
        return Response(_empty(text), 404, fields, content_type=MEDIA)


def _empty(text: str | None) -> bytes:
    """What stands in the place of a list."""
    if not text:
        return b""
    return f'<p class="related-posts-empty">{escape(text)}</p>\n'.encode("utf-8", "replace")
