"""The description as a page shows it: operations under their headings, schemas as tables."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any

import orjson
from markupsafe import Markup, escape

from service.api.routes import JSON, Route
from service.description.document import document
from service.description.examples import Example, example_of
from service.description.operations import GROUPS, OPERATIONS
from service.writes.bodies import FORM_TYPES

#: Stands in commands for the address of the service until a page is read somewhere.
HOST = "https://related.example"

_CODE = re.compile("`+([^`]+)`+")


@cache
def groups() -> list[dict[str, Any]]:
    """Headings with their operations, in the order of the document."""
    paths = document()["paths"]
    shown: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for route in OPERATIONS:
        operation = paths[route.path][route.method.lower()]
        example = example_of(route.name) or Example()
        sent = operation.get("requestBody", {}).get("content", {})
        first = next(iter(sent.values()), None)
        shown[route.group].append(
            {
                "id": route.name,
                "method": route.method,
                "path": route.path,
                "summary": route.summary,
                "access": route.access,
                "path_parameters": [p for p in operation["parameters"] if p["in"] == "path"],
                "parameters": [p for p in operation["parameters"] if p["in"] != "path"],
                "media": list(sent),
                "members": _members(first["schema"]) if first else [],
                "answer": _answer(operation),
                "example": _pretty(example.answer),
                "status": example.status,
                "command": _command(route, example),
                "link": example.path(route.path)
                if route.method == "GET" and not route.access
                else None,
                "responses": {
                    status: response["description"].split("\n")
                    for status, response in operation["responses"].items()
                },
            }
        )
    return [
        {"name": name, "text": text, "operations": shown[name]} for name, text in GROUPS.items()
    ]


def _answer(operation: dict[str, Any]) -> list[dict[str, str]]:
    for status, response in operation["responses"].items():
        content = response.get("content", {}).get(JSON)
        if status.startswith("2") and content:
            return _members(content["schema"])
    return []


def _members(schema: dict[str, Any]) -> list[dict[str, str]]:
    """Rows of a table: the members of an object, with their types in words."""
    model = _resolved(schema)
    if "anyOf" in model:
        # Of a list its entries; an envelope is the same for all.
        first = model["anyOf"][0]
        model = _resolved(first.get("items", first))
    required = model.get("required", [])
    return [
        {
            "name": name,
            "type": words(member),
            "text": member.get("description", ""),
            "needed": "needed" if name in required else "",
        }
        for name, member in model.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document()["components"]["schemas"][name] if name else schema
    return found


def words(schema: dict[str, Any]) -> str:
    """The type of a value in words; models by their names."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(words, schema["anyOf"])))
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"array of {words(schema.get('items', {}))}"
    return kind


def marked(text: str) -> Markup:
    """A sentence of the document as HTML: what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _pretty(content: Any) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _command(route: Route, example: Example) -> str:
    """The request as a line of curl."""
    line = "curl"
    if route.method != "GET" and not (route.method == "POST" and route.body):
        line += f" -X {route.method}"
    line += f" '{HOST}{example.path(route.path)}'"
    if route.access in ("write", "metrics"):
        line += " \\\n  -H 'Authorization: Bearer KEY'"
    if route.access == "ghost":
        line += " \\\n  -H 'X-Ghost-Signature: sha256=…, t=…'"
    if route.body:
        media = route.body_media[0]
        if media in FORM_TYPES:
            fields = [f"--data {name}={value}" for name, value in (example.body or {}).items()]
            return " ".join([line, *fields])
        line += f" \\\n  -H 'Content-Type: {media}'"
        lines = example.body if isinstance(example.body, list) else [example.body or {}]
        sent = "\n".join(orjson.dumps(each).decode() for each in lines)
        flag = "--data" if media == JSON else "--data-binary"
        line += f" \\\n  {flag} {shlex.quote(sent)}"
    return line
