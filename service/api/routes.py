"""The routes of the API: what each takes and gives, as data.

Requests are read by this table, the contract test walks along it, and the description of
the API is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from service.api import models
from service.api.parameters import (
    ADDRESS,
    EXPORT,
    HTML,
    LISTING,
    RELATED,
    SEARCH,
    SHAPE,
    TEXT,
    Parameter,
)

JSON = "application/json"
JSON_LINES = "application/jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one address.

    Attributes:
        name: Its name in the code, unique.
        method: ``GET``, which HEAD goes with, ``POST``, ``PUT`` or ``DELETE``.
        path: The address; ``{id}`` stands for an id.
        summary: What it answers, in one sentence.
        parameters: What its query string may hold.
        body: What is sent to it, or None.
        answer: What it answers with; of ``JSON_LINES``, each line; None for what is no JSON.
        media: Media type of a successful answer; empty for one without a body.
        problems: Names of the problems it may answer with, beside those every route may.
        group: Under which heading it is described.
        statuses: With which it may answer so.
        access: Who may: ``write`` takes a key of that scope, ``metrics`` a token, ``ghost``
            a signature; empty for everyone.
        body_media: Media types in which the body may be sent, the usual one first.
        is_cached: Whether answers have an entity tag and may be "not modified".
        is_conditional: Whether ``If-Match`` and ``If-None-Match`` decide whether it is done.
        refused: Of a drop-in route, what each status means that is answered in WordPress's form.
    """

    name: str
    method: str = "GET"
    path: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None
    media: str = JSON
    problems: tuple[str, ...] = ("invalid-parameter", "not-ready")
    group: str = "Reading"
    statuses: tuple[int, ...] = (200,)
    access: str = ""
    body_media: tuple[str, ...] = (JSON,)
    is_cached: bool = False
    is_conditional: bool = False
    refused: Mapping[int, str] = field(default_factory=dict)


_SENT = ("invalid-parameter", "invalid-body", "content-too-large", "not-ready")
_NAMED = ("invalid-parameter", "unknown-post", "not-ready")

ROUTES = (
    Route(
        name="related",
        path="/v1/related",
        summary="The posts to show with a post.",
        parameters=(*ADDRESS, *RELATED),
        answer=models.Related,
        problems=_NAMED,
        is_cached=True,
    ),
    Route(
        name="related_html",
        path="/v1/related.html",
        summary="The same as a section of a page, for templates; nothing where there is none.",
        parameters=(*ADDRESS, *HTML),
        answer=None,
        media="text/html",
        # An unknown post is no text of an error: nothing shows in the page that includes it.
        statuses=(200, 404),
        problems=("invalid-parameter", "not-ready"),
        is_cached=True,
    ),
    Route(
        name="related_of_post",
        path="/v1/posts/{id}/related",
        summary="The same, with the id in the path.",
        parameters=RELATED,
        answer=models.Related,
        problems=_NAMED,
        is_cached=True,
    ),
    Route(
        name="related_of_text",
        method="POST",
        path="/v1/related",
        summary="The posts to show with a text that is no post: a draft, a page not found.",
        parameters=TEXT,
        body=models.Draft,
        answer=models.Related,
        problems=_SENT,
    ),
    Route(
        name="related_batch",
        method="POST",
        path="/v1/related/batch",
        summary="The posts to show with each of up to 1,000 posts.",
        parameters=TEXT,
        body=models.Batch,
        answer=models.Results,
        problems=_SENT,
    ),
    Route(
        name="posts",
        path="/v1/posts",
        summary="The posts of the blog, newest first.",
        parameters=LISTING,
        answer=models.Listed,
        is_cached=True,
    ),
    Route(
        name="post",
        path="/v1/posts/{id}",
        summary="One post.",
        parameters=SHAPE,
        answer=models.One,
        problems=_NAMED,
        is_cached=True,
    ),
    Route(
        name="search",
        path="/v1/search",
        summary="The posts that hold some words, best first.",
        parameters=SEARCH,
        answer=models.Found,
        is_cached=True,
    ),
    Route(
        name="export",
        path="/v1/export.jsonl",
        summary="Every post's related posts, a line each, from one version.",
        parameters=EXPORT,
        answer=models.Line,
        media=JSON_LINES,
        is_cached=True,
    ),
)
