"""Errors: one shape on every route, whatever is sent, and nothing of the inside."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import errors
from service.errors import LONGEST_ECHO, RETRY_SECONDS, Kind

ODD = [
    *("", " ", "a", "/", "//", "///", ".", "..", "../..", "\0", "\0\0", "\n", "\r\nX: y", "\t"),
    *(
        "%",
        "%%",
        "%2",
        "%zz",
        "%u0041",
        "%00",
        "%0a",
        "%ff",
        "%c3",
        "%C3%28",
        "%F0%9F",
        "%ED%A0%80",
    ),
    *("é", "日本語", "😀", "\u202e", "\ufeff", "e\u0301", "ẞ", "\x7f", "\x80", "\xff"),
    *("'", '"', "<script>alert(1)</script>", "' OR 1=1 --", "${jndi:ldap://x}", "{{7*7}}", "`id`"),
    *("a" * 300, "é" * 300, "/" * 300, "%2F" * 300, "a/" * 300, "9" * 300, "-1", "1e9", "NaN"),
    *("http://", "http://[", "http://[::1]:99999/", "javascript:alert(1)", "file:///etc/passwd"),
    *("related", "/related/", "a/related/related", "?", "#", ";", "&", "=", "+", "\\", "|", "^"),
]
TEMPLATES = [
    "/v1/related?id={}",
    "/v1/related?url={}",
    "/v1/related?id=no-slash&limit={}",
    "/v1/related?id=no-slash&exclude={}",
    "/v1/related?{}=1",
    "/v1/related?{}",
    "/v1/posts/{}/related",
    "/v1/posts/no-slash/related?{}",
    "/v1/posts/{}",
    "/v1/{}",
    "/{}",
    "/healthz?{}",
    "/readyz{}",
]


def check_problem(response: Any) -> dict[str, Any]:
    """Hold an error to the one shape; its document."""
    assert response.content_type == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"]
    found = response.get_json()
    assert list(found)[:5] == ["type", "title", "status", "detail", "instance"]
    assert found["type"].startswith("urn:related-posts:problem:")
    assert found["status"] == response.status_code
    assert found["title"]
    assert found["detail"]
    assert found["instance"].isascii()
    assert len(response.data) < 40 * LONGEST_ECHO
    for inside in ("Traceback", 'File "', "service/", "site-packages"):
        assert inside not in response.text
    return dict(found)


def check(response: Any) -> None:
    """Hold any answer to what clients may expect: no 5xx, and errors in one shape."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        check_problem(response)


@pytest.mark.parametrize("template", TEMPLATES)
def test_odd_input_is_no_server_error(client: FlaskClient, template: str) -> None:
    """Odd text anywhere, encoded or as it is, gives an answer or a problem document."""
    for odd in ODD:
        for text in {quote(odd, safe=""), odd.encode().decode("latin-1")}:
            path, _, query = template.format(text).partition("?")
            if not path.startswith("/"):
                continue
            overrides = {"RAW_URI": template.format(text), "QUERY_STRING": query}
            check(client.get(path, environ_overrides=overrides))
            check(client.get(path, environ_overrides={"QUERY_STRING": query}))


# One application serves all examples: it is only read.
@settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(path=st.text(max_size=40), query=st.text(max_size=40))
def test_any_path_and_query(app: Flask, path: str, query: str) -> None:
    """Nothing that a server can hand over breaks the application."""
    decoded = f"/v1/{path}".encode("utf-8", "replace").decode("latin-1")
    raw_query = query.encode("utf-8", "replace").decode("latin-1")
    overrides = {"PATH_INFO": decoded, "QUERY_STRING": raw_query}
    for more in ({}, {"RAW_URI": f"{decoded}?{raw_query}"}):
        check(app.test_client().get("/", environ_overrides={**overrides, **more}))


@pytest.mark.parametrize("host", ["", "[", "a b", "\xff", "a:b:c", "x" * 300, "evil.example"])
def test_any_host_field(client: FlaskClient, host: str) -> None:
    """The client's Host field decides nothing."""
    for path, status in (("/v1/related?id=no-slash", 200), ("/x", 404)):
        response = client.get(path, environ_overrides={"HTTP_HOST": host})
        assert response.status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "LINK", "X" * 200])
@pytest.mark.parametrize(
    "path", ["/v1/posts", "/v1/posts/no-slash/related", "/v1/search", "/healthz", "/readyz", "/"]
)
def test_other_methods(client: FlaskClient, path: str, method: str) -> None:
    """Anything but what a route takes is 405 with the methods that it takes."""
    more = {"/v1/posts": {"POST"}, "/v1/posts/no-slash/related": {"PUT", "DELETE"}}.get(path, set())
    response = client.open(path, method=method)
    if method in more:
        assert check_problem(response)["type"].endswith(":no-keys")
        return
    assert check_problem(response)["type"].endswith(":method-not-allowed")
    assert response.status_code == 405
    assert response.headers["Allow"] == ", ".join(sorted({"GET", "HEAD", "OPTIONS"} | more))


def test_unknown_post(client: FlaskClient) -> None:
    """404 says which post, in its own words and cut to a bounded length."""
    response = client.get("/v1/related?id=" + "n" * 3000)
    found = check_problem(response)
    assert (response.status_code, found["type"]) == (404, "urn:related-posts:problem:unknown-post")
    assert "nnn…" in found["detail"]
    assert found["instance"].startswith("/v1/related?id=nnn")


def test_bad_parameter(client: FlaskClient) -> None:
    """400 names the parameter, the value and what is allowed, for people and for programs."""
    response = client.get("/v1/related?id=no-slash&limit=500")
    found = check_problem(response)
    assert response.status_code == 400
    assert found == {
        "type": "urn:related-posts:problem:invalid-parameter",
        "title": "A parameter does not fit",
        "status": 400,
        "detail": "limit='500' is not allowed; it must be a whole number from 1 to 50.",
        "instance": "/v1/related?id=no-slash&limit=500",
        "parameter": "limit",
        "value": "500",
        "allowed": "a whole number from 1 to 50",
    }


class Stalled(io.RawIOBase):
    """A body that stops."""

    def __init__(self, mistake: type[Exception]) -> None:
        self._mistake = mistake

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise self._mistake


@pytest.mark.parametrize(
    ("mistake", "status", "kind"),
    [(TimeoutError, 408, "request-timeout"), (ConnectionResetError, 400, "bad-request")],
)
def test_a_body_that_stops(
    client: FlaskClient, mistake: type[Exception], status: int, kind: str
) -> None:
    """Time that is over is told from a client that went away."""
    answer = client.post(
        "/v1/related", environ_overrides={"wsgi.input": Stalled(mistake), "CONTENT_LENGTH": "9"}
    )
    assert answer.status_code == status
    assert answer.get_json()["type"] == f"urn:related-posts:problem:{kind}"


def test_unknown_address(client: FlaskClient) -> None:
    """404 of a route is told from 404 of a post."""
    for path in ("/v2/related", "/v1/related/", "/v1//related", "/v1/", "/static/x.css"):
        found = check_problem(client.get(path))
        assert (found["type"], found["status"]) == ("urn:related-posts:problem:unknown-route", 404)


def test_no_version_yet(make_app: Callable[..., Flask], empty_folder: Path) -> None:
    """Before the first version every read is 503 with Retry-After; the process is alive."""
    client = make_app(empty_folder).test_client()
    for path in ("/v1/related?id=a", "/v1/posts/a/related", "/v1/related"):
        response = client.get(path)
        found = check_problem(response)
        assert (response.status_code, found["type"]) == (503, "urn:related-posts:problem:not-ready")
        assert response.headers["Retry-After"] == str(RETRY_SECONDS)
        assert response.headers["Cache-Control"] == "no-store"
        assert str(empty_folder) not in response.text
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["status"]) == (503, "waiting")
    assert "related-posts train" in ready.get_json()["reload_error"]
    assert ready.headers["Retry-After"] == str(RETRY_SECONDS)


def test_a_mistake_of_ours(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen exception is 500 with nothing of the inside, and is logged."""

    def fail(**asked: Any) -> Any:
        raise RuntimeError("secret detail")

    logged: list[Any] = []
    monkeypatch.setattr(app, "log_exception", logged.append)
    monkeypatch.setattr(app.extensions["related_posts"].current(), "row", fail)
    response = app.test_client().get("/v1/related?id=a")
    found = check_problem(response)
    assert (response.status_code, found["type"]) == (500, "urn:related-posts:problem:internal")
    assert "secret" not in response.text
    assert isinstance(logged[0][1], RuntimeError)


def test_the_document_names_every_problem() -> None:
    """Each kind of problem stands in the table of docs/http.md with its status."""
    document = (Path(__file__).resolve().parents[2] / "docs" / "http.md").read_text("utf-8")
    kinds = {value for value in vars(errors).values() if isinstance(value, Kind)}
    for kind in kinds | set(errors.BY_STATUS.values()):
        rows = [line for line in document.splitlines() if line.startswith(f"| `{kind.name}`")]
        assert len(rows) == 1, kind.name
        assert str(kind.status) in rows[0]


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/v1/related", "id is missing: which post is asked about? Give its id, its url or its"),
        ("/v1/related?limit=3", "id is missing: which post is asked about?"),
        ("/v1/related?id=a&limt=3", "limt is no parameter here; did you mean limit? Known are id,"),
        ("/v1/related?id=a&zz=3", "zz is no parameter here; a & inside a value is written %26."),
        ("/v1/search", "q is missing: which words are looked for?"),
        ("/v1/search?q=a&limt=3", "limt is no parameter here; did you mean limit?"),
    ],
)  # fmt: skip
def test_what_is_missing_or_unknown_is_said_as_such(
    client: FlaskClient, path: str, detail: str
) -> None:
    """Neither reads as a value that does not fit; each says what to give."""
    response = client.get(path)
    assert response.status_code == 400
    assert response.get_json()["detail"].startswith(detail)
    assert response.get_json()["detail"][-1] in ".?"
