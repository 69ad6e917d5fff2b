"""Every operation of the service in one table: the reads, and what is described here.

A test compares it with the routes that the application has.
"""

from __future__ import annotations

from pydantic import BaseModel

from service.api.models import Problem
from service.api.routes import JSON, ROUTES, Route
from service.description import drop_ins, models
from service.description.drop_ins import DROP_INS
from service.description.plugins import Refused
from service.errors import (
    BY_STATUS,
    INTERNAL,
    INVALID_BODY,
    INVALID_PARAMETER,
    NOT_READY,
    TOO_MANY,
    TOO_SLOW,
    UNKNOWN_POST,
    Kind,
)
from service.writes.bodies import FORM_TYPES, LINES_TYPES
from service.writes.refusals import KINDS

HTML = "text/html"

#: Kinds of problems that any route may answer with.
EVERYWHERE = (TOO_MANY.name, INTERNAL.name)
#: Those of routes that are sent a body, besides.
WITH_BODY = ("bad-request", TOO_SLOW.name, "content-too-large")

#: Every kind of problem by name.
PROBLEMS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(UNKNOWN_POST, INVALID_BODY, INVALID_PARAMETER, NOT_READY, TOO_MANY, TOO_SLOW),
        *BY_STATUS.values(),
        *KINDS,
        Kind("unauthorized", "Unauthorized", 401),
        Kind("forbidden", "Forbidden", 403),
    )
}

_KEY = (
    *("key-in-address", "invalid-parameter", "key-needed", "no-keys", "scope-missing"),
    *("writes-off", "not-kept"),
)
_POST = (*_KEY, "invalid-post", "unsupported-media-type")
_READ_RULES = ("key-in-address", "invalid-parameter", "key-needed", "no-keys", "scope-missing",
               "not-kept")  # fmt: skip

WRITES = (
    Route(
        name="put_post",
        method="PUT",
        path="/v1/posts/{id}",
        summary="Write one post.",
        body=models.SentPost,
        answer=models.Taken,
        problems=(*_POST, "precondition-failed"),
        group="Writing",
        statuses=(200, 201),
        access="write",
        is_conditional=True,
    ),
    Route(
        name="delete_post",
        method="DELETE",
        path="/v1/posts/{id}",
        summary="Delete one post, and let no version show it.",
        answer=models.Taken,
        problems=(*_KEY, "invalid-post", "precondition-failed"),
        group="Writing",
        access="write",
        is_conditional=True,
    ),
    Route(
        name="stored_post",
        path="/v1/posts/{id}/stored",
        summary="One post as it is kept, to be changed and sent again under its tag.",
        answer=models.SentPost,
        problems=(*_READ_RULES, "invalid-post", "unknown-post"),
        group="Writing",
        access="write",
        is_cached=True,
    ),
    Route(
        name="post_posts",
        method="POST",
        path="/v1/posts",
        summary="Write many posts, a line of JSON each; broken lines are told, the rest is taken.",
        body=models.SentPost,
        answer=models.TakenLines,
        problems=_POST,
        group="Writing",
        access="write",
        body_media=LINES_TYPES,
    ),
    Route(
        name="hook_wordpress",
        method="POST",
        path="/v1/hooks/wordpress",
        summary="Take a post from WordPress, as its own interface has it.",
        body=models.WordPressPost,
        answer=models.Taken,
        problems=_POST,
        group="Webhooks",
        access="write",
        body_media=(JSON, *FORM_TYPES),
    ),
    Route(
        name="hook_ghost",
        method="POST",
        path="/v1/hooks/ghost",
        summary="Take what Ghost's own webhooks send.",
        body=models.GhostMessage,
        answer=models.Taken,
        problems=(
            *("key-in-address", "invalid-parameter", "bad-signature", "no-keys", "invalid-post"),
            *("unsupported-media-type", "writes-off", "not-kept"),
        ),
        group="Webhooks",
        access="ghost",
    ),
    Route(
        name="hook_changed",
        method="POST",
        path="/v1/hooks/changed",
        summary="Take word of a post that was saved or is gone.",
        body=models.Changed,
        answer=models.Taken,
        problems=_POST,
        group="Webhooks",
        access="write",
    ),
)

CURATION = (
    Route(
        name="rules",
        path="/v1/curation",
        summary="Every decision about lists.",
        answer=models.Rules,
        problems=_READ_RULES,
        group="Curation",
        access="write",
    ),
    Route(
        name="post_rule",
        method="POST",
        path="/v1/curation",
        summary="Make a rule; the same decision made again replaces the first.",
        body=models.SentRule,
        answer=models.Rule,
        problems=_POST,
        group="Curation",
        statuses=(200, 201),
        access="write",
    ),
    Route(
        name="rule",
        path="/v1/curation/{rule}",
        summary="One rule.",
        answer=models.Rule,
        problems=(*_READ_RULES, "unknown-rule", "unknown-route"),
        group="Curation",
        access="write",
    ),
    Route(
        name="put_rule",
        method="PUT",
        path="/v1/curation/{rule}",
        summary="Change a rule's place, end or note.",
        body=models.RulePlace,
        answer=models.Rule,
        problems=(*_POST, "unknown-rule", "unknown-route"),
        group="Curation",
        access="write",
    ),
    Route(
        name="delete_rule",
        method="DELETE",
        path="/v1/curation/{rule}",
        summary="Remove a rule.",
        answer=models.Removed,
        problems=(*_KEY, "unknown-rule", "unknown-route"),
        group="Curation",
        access="write",
    ),
)

STATE = (
    Route(
        name="events",
        method="POST",
        path="/v1/events",
        summary="Count what a page showed; only where the setting count_origins names its origin.",
        body=models.Report,
        answer=None,
        media="",
        problems=("invalid-parameter", "forbidden", "unknown-route", "not-ready"),
        group="Service",
        statuses=(204,),
        body_media=("text/plain", JSON),
    ),
    Route(
        name="healthz",
        path="/healthz",
        summary="Whether the process is alive.",
        answer=models.Alive,
        problems=(),
        group="Service",
    ),
    Route(
        name="readyz",
        path="/readyz",
        summary="Which version is served, and whether readers should be sent here.",
        answer=models.State,
        problems=(),
        group="Service",
        statuses=(200, 503),
    ),
    Route(
        name="status",
        path="/v1/status",
        summary="How fresh the lists are: what is served, what training did and does next.",
        answer=models.Status,
        problems=("invalid-parameter",),
        group="Service",
    ),
    Route(
        name="metrics",
        path="/metrics",
        summary="Counts and times for Prometheus, for those who may read them.",
        answer=None,
        media="text/plain",
        problems=("unauthorized", "forbidden", "unknown-route"),
        group="Service",
        access="metrics",
    ),
    Route(
        name="openapi",
        path="/v1/openapi.json",
        summary="This document.",
        answer=models.OpenAPI,
        problems=("invalid-parameter",),
        group="Service",
        is_cached=True,
    ),
    Route(
        name="docs",
        path="/docs",
        summary="This document as a page for people.",
        answer=None,
        media=HTML,
        problems=(),
        group="Service",
        is_cached=True,
    ),
    Route(
        name="index",
        path="/",
        summary="What this service is and where it answers; or the preview, where it is on.",
        answer=models.About,
        problems=(),
        group="Service",
    ),
)

#: Every operation that is described, in the order of the document.
OPERATIONS = (*ROUTES, *DROP_INS, *WRITES, *CURATION, *STATE)

#: Headings in their order, with a sentence of each.
GROUPS = {
    "Reading": "Which posts to show. Open to everyone.",
    drop_ins.GROUP: "What WordPress plugins answer, at their addresses and in their form, errors "
    "included; parameters that they do not know are passed over.",
    "Writing": "Posts, with a key; on the disk and in force before the answer.",
    "Webhooks": "What blog software says by itself when a post changes.",
    "Curation": "Decisions of people about lists, with a key.",
    "Service": "For operators, pages of the blog, and programs that read this.",
}


def kinds_of(route: Route) -> list[Kind]:
    """Kinds of problems that a route may answer with, by status and name."""
    names = {*route.problems, *EVERYWHERE, *(WITH_BODY if route.body else ())}
    return sorted((PROBLEMS[name] for name in names), key=lambda kind: (kind.status, kind.name))


def models_of() -> list[type[BaseModel]]:
    """Every model that the document shows."""
    found: list[type[BaseModel]] = [Problem, Refused]
    for route in OPERATIONS:
        found += [model for model in (route.body, route.answer) if model is not None]
    return list(dict.fromkeys(found))
