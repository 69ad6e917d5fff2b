"""Posts themselves: one, a page of all, and a search."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from flask import Flask, request

from related_posts.curation.overlay import Overlay
from related_posts.errors import InvalidQueryError
from related_posts.filters import Filters
from related_posts.index import Index
from related_posts.text.language import primary
from service.api import listing, parameters, rendering
from service.api.address import BEFORE, id_in_path
from service.api.answers import Answer
from service.api.desk import Desk, entity_tag, row_of, rows_of
from service.api.parameters import LISTING, SEARCH, SHAPE
from service.api.query import Options, options_of


class PostViews:
    """The routes that read posts."""

    def __init__(self, app: Flask, desk: Desk) -> None:
        self._desk = desk
        add = app.add_url_rule
        add("/v1/posts", "posts", self.posts, strict_slashes=True)
        add(f"{BEFORE}<anything:post>", "post", self.post)
        add("/v1/search", "search", self.search, strict_slashes=True)

    def post(self, post: str) -> Answer:
        """``GET /v1/posts/<id>``: one post; the decoded path is of no use, see ``address``."""
        environ = request.environ
        index = self._desk.index()
        overlay = self._desk.overlay(index)
        options = options_of(parameters.read(environ.get("QUERY_STRING", ""), SHAPE))
        row = row_of(index, overlay, id=id_in_path(environ, ""))
        tag = entity_tag(index, overlay, "post", row, options)
        # What the post says ends the tag, so that ``If-Match`` can tell whether it still does.
        etag = f'{tag[:-1]}.{index.contents[row].tobytes().hex()}"'
        return self._desk.cached(
            environ,
            etag,
            lambda: listing.answer(index, b'"post":%b' % rendering.post(index, row, options)),
        )

    def posts(self) -> Answer:
        """``GET /v1/posts``: a page of the posts that pass the filters, by date."""
        environ = request.environ
        index = self._desk.index()
        overlay = self._desk.overlay(index)
        values = parameters.read(environ.get("QUERY_STRING", ""), LISTING)
        options, limit, order = options_of(values), values["limit"], values["order"]
        filters = options.filters_on(datetime.now(UTC).date())

        def make() -> bytes:
            mask = self._desk.finder(index).mask(filters)
            rows: Any = range(index.n_posts) if mask is None else np.flatnonzero(mask).tolist()
            if hidden := masked(overlay):
                rows = [row for row in rows if row not in hidden]
            page = (rows if order == "newest" else rows[::-1])[options.offset :][:limit]
            return _page(index, len(rows), [rendering.post(index, row, options) for row in page])

        etag = entity_tag(index, overlay, "posts", limit, order, filters, _shape(options))
        return self._desk.cached(environ, etag, make)

    def search(self) -> Answer:
        """``GET /v1/search?q=…``: a page of the posts that hold some of the words."""
        environ = request.environ
        index = self._desk.index()
        overlay = self._desk.overlay(index)
        values = parameters.read(environ.get("QUERY_STRING", ""), SEARCH)
        if values["q"] is None:
            fault = "is missing: which words are looked for?"
            raise InvalidQueryError("q", "", "words to search for", fault)
        words, limit, options = values["q"], values["limit"], options_of(values)
        filters = options.filters_on(datetime.now(UTC).date())
        excluded = rows_of(index, options.exclude) | masked(overlay)

        def make() -> bytes:
            found, total = self._desk.selection(index, overlay).search(
                words, options.offset + limit, filters, excluded, _only(filters), options.min_score
            )
            chosen = found[options.offset :]
            return _page(index, total, [rendering.item(index, item, options) for item in chosen])

        etag = entity_tag(
            index, overlay, "search", words, limit, filters, sorted(excluded), options.min_score,
            _shape(options),
        )  # fmt: skip
        return self._desk.cached(environ, etag, make)


def masked(overlay: Overlay | None) -> frozenset[int]:
    """Rows of posts that were withdrawn: they are not there for anyone."""
    return frozenset() if overlay is None else overlay.masked


def _page(index: Index, total: int, items: list[bytes]) -> bytes:
    return listing.answer(index, b'"total":%d,"items":[%b]' % (total, b",".join(items)))


def _only(filters: Filters) -> str:
    """The language of the words where the request names one."""
    return primary(filters.languages[0]) if len(filters.languages) == 1 else ""


def _shape(options: Options) -> tuple[Any, ...]:
    return options.offset, options.fields, options.excerpt_length
