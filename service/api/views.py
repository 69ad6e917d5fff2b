"""Related posts of a post."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flask import Flask, request

from related_posts.curation.overlay import Overlay, is_kept
from related_posts.errors import UnknownPostError
from related_posts.index import Index
from service.api import listing
from service.api.address import AFTER, BEFORE, ends_in, id_in_path
from service.api.answers import Answer, body, entity_tag
from service.api.desk import Desk, row_of, rows_of
from service.api.desk import entity_tag as tag_of
from service.api.posts import PostViews
from service.api.query import PLAIN, Options, parse, parse_options
from service.api.selection import Asked

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: The value of ``exclude_referrer`` that stands for the request's own field.
FROM_HEADER = "header"

_PAGE = re.compile(r"\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_NO_WORDS = re.compile(r"[\W\d_]+")


class Views:
    """The routes that answer for one post."""

    def __init__(self, app: Flask, desk: Desk, posts: PostViews) -> None:
        self._desk = desk
        self._posts = posts
        add = app.add_url_rule
        add("/v1/related", "related", self.related, strict_slashes=True)
        add(f"{BEFORE}<anything:post>{AFTER}", "related_of_post", self.related_of_post)

    def related(self) -> Answer:
        """``GET /v1/related?id=…``, ``?url=…`` or ``?slug=…``: the canonical route."""
        environ = request.environ
        index = self._desk.index()
        query = parse(environ.get("QUERY_STRING", ""))
        limit, options = query.limit, query.options
        overlay = self._desk.overlay(index)
        try:
            row = row_of(index, overlay, id=query.id, url=query.url, slug=query.slug)
        except UnknownPostError:
            if not options.fallback:
                raise
            return self._unknown(
                environ, index, overlay, query.url or query.slug or "", limit, options
            )
        return self._list(environ, index, overlay, row, limit, options)

    def related_of_post(self, post: str) -> Answer:
        """``GET /v1/posts/<id>/related``: the same answer, with the id in the path.

        What the router took from the decoded path is of no use; see ``address``.
        """
        environ = request.environ
        if not ends_in(environ, AFTER):
            return self._posts.post(post)
        index = self._desk.index()
        limit, options = parse_options(environ.get("QUERY_STRING", ""))
        overlay = self._desk.overlay(index)
        try:
            row = row_of(index, overlay, id=id_in_path(environ))
        except UnknownPostError:
            if not options.fallback:
                raise
            return self._unknown(environ, index, overlay, "", limit, options)
        return self._list(environ, index, overlay, row, limit, options)

    def _plain(
        self, environ: WSGIEnvironment, index: Index, overlay: Overlay | None, row: int, limit: int
    ) -> Answer:
        """The list as it was kept: no similarity is computed and no JSON encoded."""
        etag = entity_tag(index, row, limit, overlay)
        return self._desk.cached(
            environ, etag, lambda: body(index, row, limit, overlay, self._desk.counters)
        )

    def _list(
        self,
        environ: WSGIEnvironment,
        index: Index,
        overlay: Overlay | None,
        row: int,
        limit: int,
        options: Options,
    ) -> Answer:
        is_whole = is_kept(index, row, limit, overlay)
        if options is PLAIN and is_whole:
            return self._plain(environ, index, overlay, row, limit)
        excluded = without(environ, index, options)
        if not excluded and replace(options, exclude=()) == PLAIN and is_whole:
            return self._plain(environ, index, overlay, row, limit)
        asked = Asked.of_row(self._desk.finder(index), row, excluded)
        return self._answer(environ, index, overlay, asked, limit, options)

    def _unknown(
        self,
        environ: WSGIEnvironment,
        index: Index,
        overlay: Overlay | None,
        address: str,
        limit: int,
        options: Options,
    ) -> Answer:
        """What a fallback brings for a post that is not there."""
        asked = Asked(words=words_of(address), without=without(environ, index, options))
        return self._answer(environ, index, overlay, asked, limit, options)

    def _answer(
        self,
        environ: WSGIEnvironment,
        index: Index,
        overlay: Overlay | None,
        asked: Asked,
        limit: int,
        options: Options,
    ) -> Answer:
        selection = self._desk.selection(index, overlay)
        filters = selection.filters(asked, options)
        rest = replace(options, exclude=(), exclude_referrer=None, recent=None, filters=filters)
        etag = tag_of(
            index, overlay, "related", asked.row, asked.words, sorted(asked.without), limit, rest
        )
        vary = [("Vary", "Referer")] if options.exclude_referrer == FROM_HEADER else []
        return self._desk.cached(
            environ,
            etag,
            lambda: listing.answer(index, listing.members(selection, asked, limit, options)),
            *vary,
        )


def without(environ: WSGIEnvironment, index: Index, options: Options) -> frozenset[int]:
    """Rows that a request excludes, the page that the reader came from included."""
    rows = rows_of(index, options.exclude)
    address = options.exclude_referrer
    if address == FROM_HEADER:
        address = environ.get("HTTP_REFERER")
    if not address:
        return rows
    try:
        return rows | {index.row(url=address)}
    except UnknownPostError:
        return rows


def words_of(address: str) -> str:
    """The words that an address is made of: those of its last piece, numbers left out."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    last = _PAGE.sub("", unquote(path.rstrip("/").rpartition("/")[2]))
    return _NO_WORDS.sub(" ", last).strip()
