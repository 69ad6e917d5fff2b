"""The contract: every route of the table answers in the shapes that the table names."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.nearest import nearest
from service.api.parameters import Parameter
from service.api.routes import JSON, ROUTES, Route

BODIES: dict[str, Any] = {
    "related_of_text": {"title": "Moon", "text": "mirror glass"},
    "related_batch": {"posts": ["p1", "nobody"]},
}
NEEDED = {"related": "id=p1", "related_html": "id=p1", "search": "q=moon"}
BY_NAME = [pytest.param(route, id=route.name) for route in ROUTES]
GIVEN = [
    pytest.param(route, parameter, id=f"{route.name}-{parameter.name}")
    for route in ROUTES
    for parameter in route.parameters
]


def call(client: FlaskClient, route: Route, query: str = "", **options: Any) -> Any:
    """Ask a route with what it needs, and more."""
    whole = "&".join(filter(None, [NEEDED.get(route.name, ""), query]))
    path = route.path.replace("{id}", "p1") + (f"?{whole}" if whole else "")
    if route.body is not None:
        options["json"] = BODIES[route.name]
    return client.open(path, method=options.pop("method", route.method), **options)


def problem(response: Any) -> dict[str, Any]:
    """Hold an error to the one shape."""
    assert response.content_type == "application/problem+json"
    found = response.get_json()
    assert list(found)[:5] == ["type", "title", "status", "detail", "instance"]
    assert found["status"] == response.status_code
    return dict(found)


def test_the_table_is_the_routes_there_are(app: Flask) -> None:
    """Each route of the table exists, and each address under /v1 that reads is in the table."""
    rules = {
        (method, rule.rule.replace("<anything:post>", "{id}"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
    }
    assert {(route.method, route.path) for route in ROUTES} <= rules


@pytest.mark.parametrize("route", BY_NAME)
def test_answers_have_their_shape(reader: FlaskClient, route: Route) -> None:
    """A successful answer is what its model says, names its version and may be asked for again."""
    response = call(reader, route)
    assert response.status_code == 200, response.text
    assert response.mimetype == route.media
    if route.media == JSON:
        found = response.get_json()
        assert next(iter(found)) == "version"
        assert found["version"] == response.headers["X-Related-Posts-Version"]
        route.answer.model_validate(found)
    elif route.answer is not None:
        for line in response.data.splitlines():
            route.answer.model_validate(orjson.loads(line))
    if route.method == "GET":
        tag = response.headers["ETag"]
        known = call(reader, route, headers={"If-None-Match": f'"x", {tag}'})
        assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag)
        head = call(reader, route, method="HEAD")
        assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)
    else:
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("route", BY_NAME)
def test_unknown_parameters_name_the_nearest(reader: FlaskClient, route: Route) -> None:
    """A mistyped parameter is 400 on every route, with the one it is closest to."""
    for parameter in route.parameters:
        mistyped = parameter.name + "x"
        found = problem(call(reader, route, f"{mistyped}=1"))
        assert found["type"].endswith(":invalid-parameter")
        assert found["parameter"] == mistyped
        names = [each.name for each in route.parameters]
        near = nearest(mistyped, names)
        assert not near or f"did you mean {near}?" in found["detail"]
    found = problem(call(reader, route, "zzzz=1"))
    assert "did you mean" not in found["detail"]
    assert found["type"].endswith(":invalid-parameter")


@pytest.mark.parametrize(("route", "parameter"), GIVEN)
def test_examples_are_good_and_nonsense_is_not(
    reader: FlaskClient, route: Route, parameter: Parameter
) -> None:
    """The example in the table is accepted; what does not fit names the parameter."""
    if parameter.name in ("id", "url", "slug"):
        return
    query = f"{parameter.name}={quote(parameter.example, safe='')}"
    if parameter.name == "q":
        assert reader.get(f"{route.path}?{query}").status_code == 200
        return
    assert call(reader, route, query).status_code == 200
    nonsense = {"exclude": "%ff", "heading": "%ff", "exclude_referrer": ""}.get(parameter.name, "")
    if parameter.kind.schema["type"] in ("integer", "number") or "enum" in parameter.kind.schema:
        nonsense = "-1e999"
    if parameter.kind.schema["type"] == "boolean":
        nonsense = "maybe"
    response = call(reader, route, f"{parameter.name}={nonsense}")
    assert (response.status_code, problem(response)["parameter"]) == (400, parameter.name)
    if not parameter.repeatable:
        assert call(reader, route, f"{query}&{query}").status_code == 400
    else:
        many = "&".join([query] * (parameter.most + 1))
        assert call(reader, route, many).status_code == 400


@pytest.mark.parametrize("route", BY_NAME)
def test_before_the_first_version(make_app: Any, empty_folder: Any, route: Route) -> None:
    """Every route says 503 and when to come back while there is nothing to answer from."""
    response = call(make_app(empty_folder).test_client(), route)
    assert problem(response)["type"].endswith(":not-ready")
    assert (response.status_code, "Retry-After" in response.headers) == (503, True)


def test_every_parameter_is_documented() -> None:
    """Each parameter stands in docs/http.md as the table says it: values, default and meaning."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "http.md").read_text("utf-8")
    rows = {" ".join(line.split()) for line in page.splitlines() if line.startswith("| `")}
    for route in ROUTES:
        assert f"`{route.path}`" in page or f"`{route.method} {route.path}`" in page or (
            f"`{route.path}?" in page
        ), route.path  # fmt: skip
        for parameter in route.parameters:
            more = f"; up to {parameter.most} times" if parameter.repeatable else ""
            start = f"| `{parameter.name}` | {parameter.kind.allowed}{more} |"
            found = [row for row in rows if row.startswith(start)]
            assert any(row.endswith(f"| {parameter.help} |") for row in found), parameter.name
