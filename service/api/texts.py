"""Text in, posts out: what is sent is read by the analysis of training."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, TypeVar

import orjson
from flask import Flask, request
from pydantic import BaseModel, ValidationError

from related_posts.curation.overlay import Overlay
from related_posts.errors import InvalidQueryError, UnknownPostError
from related_posts.index import Index
from related_posts.nearest import nearest
from service.api import listing, parameters
from service.api.answers import Answer
from service.api.desk import Desk, row_of, rows_of
from service.api.models import Address, Batch, Draft
from service.api.parameters import EXPLANATION, MAX_EXPLAINED, MAX_RANKED, TEXT
from service.api.query import Options, options_of
from service.api.selection import Asked
from service.bodies import BOM, whole
from service.errors import UNKNOWN_POST, BodyError, unknown_post

if TYPE_CHECKING:
    from related_posts.scoring import Query

#: Characters of a text in which its language is looked for.
_SAMPLE_CHARS = 4_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Model = TypeVar("Model", bound=BaseModel)


class TextViews:
    """The routes that are sent something."""

    def __init__(self, app: Flask, desk: Desk) -> None:
        self._desk = desk
        add = app.add_url_rule
        add("/v1/related", "related_of_text", self.related, methods=["POST"], strict_slashes=True)
        add("/v1/related/batch", "related_batch", self.batch, methods=["POST"])

    def related(self) -> Answer:
        """``POST /v1/related``: the posts to show with a text."""
        index = self._desk.index()
        overlay = self._desk.overlay(index)
        values = parameters.read(request.environ.get("QUERY_STRING", ""), TEXT)
        draft = sent(Draft)
        options = options_of(values)
        excluded = rows_of(index, [*options.exclude, *([draft.id] if draft.id else [])])
        if draft.url:
            excluded |= _at(index, draft.url)
        asked = Asked(
            query=self._query(index, draft),
            words=draft.title,
            author=draft.author,
            tags=tuple(draft.tags),
            categories=tuple(draft.categories),
            without=excluded,
        )
        selection = self._desk.selection(index, overlay)
        content = listing.members(selection, asked, values["limit"], options)
        return self._desk.fresh(request.environ, listing.answer(index, content))

    def batch(self) -> Answer:
        """``POST /v1/related/batch``: the posts to show with each of many posts."""
        index = self._desk.index()
        overlay = self._desk.overlay(index)
        values = parameters.read(request.environ.get("QUERY_STRING", ""), TEXT)
        options = options_of(values)
        batch = sent(Batch)
        if options.explain and len(batch.posts) * values["limit"] > MAX_EXPLAINED:
            allowed = f"left out where posts times limit is more than {MAX_EXPLAINED:,}"
            asked = ("explain", "true") if values["explain"] else ("fields", EXPLANATION)
            raise InvalidQueryError(*asked, allowed)
        if len(batch.posts) * (options.offset + values["limit"]) > MAX_RANKED:
            allowed = f"so small that posts times offset + limit are at most {MAX_RANKED:,}"
            raise InvalidQueryError("offset", str(options.offset), allowed)
        excluded = rows_of(index, options.exclude)
        results = [
            b"{%b}" % self._one(index, overlay, address, excluded, values["limit"], options)
            for address in batch.posts
        ]
        content = b'"results":[%b]' % b",".join(results)
        return self._desk.fresh(request.environ, listing.answer(index, content))

    def _one(
        self,
        index: Index,
        overlay: Overlay | None,
        address: Address | str,
        excluded: frozenset[int],
        limit: int,
        options: Options,
    ) -> bytes:
        """The members of one result: a list, or why there is none."""
        if isinstance(address, str):
            address = Address.model_construct(id=address, url=None, slug=None)
        given = [each for each in (address.id, address.url, address.slug) if each is not None]
        if len(given) != 1:
            raise BodyError("posts", "each is an id, or an object with one of id, url and slug")
        try:
            row = row_of(index, overlay, id=address.id, url=address.url, slug=address.slug)
        except UnknownPostError as mistake:
            if not options.fallback:
                problem = {
                    "type": UNKNOWN_POST.type,
                    "title": UNKNOWN_POST.title,
                    "status": UNKNOWN_POST.status,
                    "detail": unknown_post(mistake),
                }
                return b'"problem":%b' % orjson.dumps(problem)
            asked = Asked(without=excluded)
        else:
            asked = Asked.of_row(self._desk.finder(index), row, excluded)
        return listing.members(self._desk.selection(index, overlay), asked, limit, options)

    def _query(self, index: Index, draft: Draft) -> Query:
        """The question that a draft is."""
        from related_posts.text.document import Document
        from related_posts.text.html import prose

        body = prose(draft.html)
        blocks = [*body.blocks, *prose(escape(draft.text, quote=False)).blocks]
        sample = "\n".join([draft.title, *blocks[:50]])[:_SAMPLE_CHARS]
        reader = self._desk.finder(index).reader
        day = math.nan
        if (moment := draft.published) is not None:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            day = (moment - _EPOCH) / timedelta(days=1)
        return reader.query(
            Document(
                title=draft.title,
                blocks=blocks,
                headings=body.headings,
                tags=[*draft.tags, *draft.categories],
                language=reader.language(draft.language, sample),
            ),
            day,
        )


def sent(model: type[Model]) -> Model:
    """The body of the request, checked.

    Raises:
        BodyError: It is not JSON, or does not fit the model.
        RequestEntityTooLarge: It is longer than the service takes.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise BodyError("", "it is packed; send it without a Content-Encoding")
    try:
        content = orjson.loads(whole(request).removeprefix(BOM))
    except orjson.JSONDecodeError as mistake:
        raise BodyError("", f"it is not JSON in UTF-8 ({mistake})") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            near = nearest(place, model.model_fields)
            hint = f" (did you mean {near}?)" if near else ""
            raise BodyError(
                place, f"it is not known{hint}; known are {', '.join(model.model_fields)}"
            ) from None
        reason = first["msg"][:1].lower() + first["msg"][1:]
        raise BodyError(place, reason) from None


def _at(index: Index, url: str) -> frozenset[int]:
    try:
        return frozenset([index.row(url=url)])
    except UnknownPostError:
        return frozenset()
