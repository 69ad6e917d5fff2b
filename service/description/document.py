"""The OpenAPI document, made of the tables by which requests are read and answered."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from related_posts import __version__
from service.api.models import Problem
from service.api.parameters import Parameter
from service.api.routes import JSON, JSON_LINES, Route
from service.description.drop_ins import GROUP
from service.description.examples import Example, example_of
from service.description.operations import GROUPS, OPERATIONS, kinds_of, models_of
from service.description.plugins import HitsAsked, Refused
from service.errors import PROBLEM_JSON
from service.writes.bodies import FORM_TYPES

OPENAPI = "3.1.0"

_REF = "#/components/schemas/{model}"
_ABOUT = """\
Which posts should a reader of this one read next?

Answers of `/v1` name the version of the index they come from. Reading takes no key. Errors are
problem documents (RFC 9457): programs look at `type` and `status`. Parameters that a route under
`/v1` does not know are errors. Members may be added to answers; those that are there stay, as
long as the path begins with `/v1`. Operations tagged `drop-in` answer as WordPress plugins do,
errors included, and pass over what they do not know."""

_PATH_HELP = {
    "id": "The post's own id, percent-encoded, slashes included.",
    "rule": "The rule's id, as the list of rules has it.",
    "post": "WordPress's number of the post, or the publisher's own id where it has no slash.",
    "site": "The blog's number, or its name.",
}
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "write": [{"key": []}, {"keyField": []}],
    "metrics": [{"metricsToken": []}, {}],
    "ghost": [{"ghostSignature": []}],
}
_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of the scope that the operation names: `related-posts keys create`.",
    },
    "keyField": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "The same key, for clients that cannot set Authorization.",
    },
    "metricsToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The setting metrics_token; without one, addresses decide.",
    },
    "ghostSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Ghost-Signature",
        "description": "Ghost's signature, made with the setting ghost_secret.",
    },
}
_HEADERS = {
    "X-Request-ID": (
        "The request's id: the client's own where it sent a good one.",
        {"type": "string", "minLength": 1},
    ),
    "X-Related-Posts-Version": (
        "The version that was live when the request came; absent before the first.",
        {"type": "string"},
    ),
    "ETag": (
        "A strong entity tag; send it back as If-None-Match, or a post's as If-Match with a write.",
        {"type": "string", "pattern": '^".*"$'},
    ),
    "Cache-Control": ("How long the answer may be kept.", {"type": "string"}),
    "Retry-After": ("Seconds after which to ask again.", {"type": "string", "pattern": "^[0-9]+$"}),
    "WWW-Authenticate": ("How to show who asks.", {"type": "string"}),
}
#: Header fields that decide whether a write is done: what they mean, and an example.
_CONDITIONS = {
    "If-Match": (
        "Do it only if the post still is what this tag stands for, or with `*` if there is one.",
        '"post.9f86d081884c7d659a2feaa0c55ad015"',
    ),
    "If-None-Match": ("Do it only if there is no such post: `*`.", "*"),
}
#: What every drop-in route may answer in WordPress's form.
_REFUSED = {
    500: "`internal_server_error`: something went wrong on our side.",
    503: "`rest_not_ready`: no version is being served yet.",
}
_REQUIRED = frozenset({"X-Request-ID", "ETag", "Retry-After"})


class _Schemas(GenerateJsonSchema):
    """JSON schemas without a title for each member: their names say it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No member has a title of its own."""
        return False


@cache
def document() -> dict[str, Any]:
    """The document of this release; the same object every time, not to be changed."""
    _, found = models_json_schema(
        [(model, "validation") for model in models_of()],
        ref_template=_REF,
        schema_generator=_Schemas,
    )
    paths: dict[str, Any] = defaultdict(dict)
    for route in OPERATIONS:
        paths[route.path][route.method.lower()] = _operation(route)
    headers = {
        name: {"description": text, "required": name in _REQUIRED, "schema": schema}
        for name, (text, schema) in _HEADERS.items()
    }
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "related-posts",
            "summary": "Which posts should a reader of this one read next?",
            "description": _ABOUT,
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in GROUPS.items()],
        "paths": dict(paths),
        "components": {
            "schemas": dict(sorted(found["$defs"].items())),
            "headers": headers,
            "securitySchemes": _SCHEMES,
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    example = example_of(route.name)
    names = re.findall(r"\{(\w+)\}", route.path)
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.group],
        "summary": route.summary,
        "parameters": [
            *(_in_path(name, example) for name in names),
            *map(_in_query, route.parameters),
            *(map(_in_header, _CONDITIONS) if route.is_conditional else ()),
        ],
        "responses": _responses(route, example),
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": route.group != GROUP,
            "content": {media: _sent(route.body, media, example) for media in route.body_media},
        }
    if route.access:
        operation["security"] = _SECURITY[route.access]
    return operation


def _in_path(name: str, example: Example | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PATH_HELP[name],
        "schema": {"type": "string", "minLength": 1},
    }
    return {**found, "example": example.id} if example else found


def _in_query(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(parameter.kind.schema)
    example: Any = _typed(parameter.example, schema["type"])
    if parameter.repeatable:
        schema = {"type": "array", "items": schema, "maxItems": parameter.most}
        example = [example]
    elif parameter.default not in (None, ()):
        schema["default"] = parameter.default
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "description": f"{parameter.help} It is {parameter.kind.allowed}.",
        "schema": schema,
        "example": example,
    }


def _in_header(name: str) -> dict[str, Any]:
    text, example = _CONDITIONS[name]
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": text,
        "schema": {"type": "string"},
        "example": example,
    }


def _typed(text: str, kind: str) -> Any:
    if kind == "boolean":
        return text == "true"
    return {"integer": int, "number": float}.get(kind, str)(text)


def _sent(body: type[BaseModel], media: str, example: Example | None) -> dict[str, Any]:
    if media in FORM_TYPES and body is not HitsAsked:
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {"post": {"type": "string", "description": "The same, as JSON."}},
            "required": ["post"],
        }
        return {"schema": schema}
    if media != JSON and "json" in media:
        return {"schema": {"type": "string", "description": f"Lines, each a {body.__name__}."}}
    content: dict[str, Any] = {"schema": _ref(body)}
    if example is not None and example.body is not None:
        content["example"] = example.body
    return content


def _responses(route: Route, example: Example | None) -> dict[str, Any]:
    responses: dict[int, Any] = {}
    for status in route.statuses:
        response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        response["headers"] = _headers(status, cached=route.is_cached and status == 200)
        if route.refused and "ETag" in response["headers"]:
            # With _envelope an error has the status 200 too, and no tag.
            text, schema = _HEADERS["ETag"]
            response["headers"]["ETag"] = {"description": text, "schema": schema}
        if route.media:
            content: dict[str, Any] = {"schema": {"type": "string"}}
            if route.answer is not None and route.media != JSON_LINES:
                content["schema"] = _ref(route.answer)
            elif route.answer is not None:
                content["schema"]["description"] = f"Lines, each a {route.answer.__name__}."
            if example is not None and example.answer is not None and status == example.status:
                content["example"] = example.answer
            response["content"] = {route.media: content}
        responses[status] = response
    if route.is_cached:
        responses[304] = {
            "description": "The client has it already.",
            "headers": _headers(304, cached=True),
        }
    if route.refused:
        for status, text in {**route.refused, **_REFUSED}.items():
            responses[status] = {
                "description": text,
                "headers": _headers(status, cached=False, asks_for_key=False),
                "content": {JSON: {"schema": _ref(Refused)}},
            }
    kinds: dict[int, list[str]] = defaultdict(list)
    for kind in kinds_of(route):
        kinds[kind.status].append(f"`{kind.name}`: {kind.title}.")
    for status, lines in kinds.items():
        content = {PROBLEM_JSON: {"schema": _ref(Problem)}}
        if status in responses:
            if route.refused:
                responses[status]["content"] |= content
            continue
        responses[status] = {
            "description": "\n".join(lines),
            "headers": _headers(status, cached=False),
            "content": content,
        }
    return {str(status): responses[status] for status in sorted(responses)}


def _headers(status: int, *, cached: bool, asks_for_key: bool = True) -> dict[str, Any]:
    names = ["X-Request-ID", "X-Related-Posts-Version"]
    if cached:
        names += ["ETag", "Cache-Control"]
    if status in (429, 503):
        names.append("Retry-After")
    if status == 401 and asks_for_key:
        names.append("WWW-Authenticate")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
