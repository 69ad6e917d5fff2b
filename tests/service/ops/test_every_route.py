"""What holds for every route there is: HEAD, OPTIONS, other methods, and safe header fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
NAMED = {"X-Request-ID": "one"}


def addresses(app: Flask) -> Iterator[tuple[str, set[str]]]:
    """An address of every route, and the methods it takes."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "no-slash")
        path = adapter.build(rule.endpoint, values, method=None)
        yield path, set(adapter.allowed_methods(path))


@pytest.fixture(params=["", "preview"])
def either(request: Any, make_app: Callable[..., Flask], shared_folder: Path, tmp_path: Any) -> Any:
    """The application with and without its pages."""
    return make_app(shared_folder, **({"preview": tmp_path} if request.param else {}))


def test_head_is_get_without_its_body(either: Flask) -> None:
    """On every route that answers GET, HEAD has its status and its fields, in any coding."""
    client = either.test_client()
    seen = 0
    for path, methods in addresses(either):
        if "GET" not in methods or path == "/metrics":
            continue
        for more in ({}, {"Accept-Encoding": "gzip"}):
            headers = {**NAMED, **more}
            get, head = client.get(path, headers=headers), client.head(path, headers=headers)
            assert head.data == b""
            assert (head.status_code, list(head.headers)) == (get.status_code, list(get.headers))
            seen += 1
    assert seen >= 8


def test_options_and_other_methods(either: Flask) -> None:
    """OPTIONS names a route's methods; any other method is 405 and names them too."""
    client = either.test_client()
    for path, methods in addresses(either):
        answer = client.options(path)
        assert (answer.status_code, answer.data) == (204, b"")
        allowed = set(answer.headers["Allow"].split(", "))
        assert allowed == methods
        assert ("HEAD" in allowed) == ("GET" in allowed)
        for method in METHODS - methods:
            refused = client.open(path, method=method)
            assert refused.status_code == 405, (method, path)
            assert set(refused.headers["Allow"].split(", ")) == methods
            assert refused.content_type == "application/problem+json"


def test_options_of_the_whole_service(either: Flask) -> None:
    """``OPTIONS *`` means no path: it names what is done anywhere. Other methods have no such."""
    client = either.test_client()
    star = {"environ_overrides": {"PATH_INFO": "*", "RAW_URI": "*"}}
    answer = client.options("/", **star)
    assert (answer.status_code, answer.data) == (204, b"")
    everything = set().union(*(methods for _, methods in addresses(either)))
    assert set(answer.headers["Allow"].split(", ")) == everything
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/", **star).status_code in (400, 404)


def test_every_answer_is_safe(either: Flask) -> None:
    """Each answer, errors included, has each of these fields once; pages have a policy."""
    client = either.test_client()
    for path, _ in addresses(either):
        for answer in (client.get(path), client.delete(path), client.options(path)):
            headers = answer.headers
            assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
            assert headers.getlist("Referrer-Policy") == ["no-referrer"]
            assert headers.getlist("Cross-Origin-Resource-Policy") == ["cross-origin"]
            assert len(headers.getlist("X-Request-ID")) == 1
            assert "Strict-Transport-Security" not in headers
            if answer.content_type and answer.content_type.startswith("text/html"):
                (policy,) = headers.getlist("Content-Security-Policy")
                assert "frame-ancestors" in policy
                assert "object-src 'none'" in policy or "default-src 'none'" in policy


def test_https_only_where_asked(make_app: Any, shared_folder: Path) -> None:
    """HSTS is sent with the duration that was set, and for this host alone."""
    client = make_app(shared_folder, hsts_seconds=600).test_client()
    answer = client.get("/v1/related?id=no-slash")
    assert answer.headers["Strict-Transport-Security"] == "max-age=600"


def test_nobody_embeds_what_nobody_may_read(make_app: Any, shared_folder: Path) -> None:
    """Without origins that may read, other origins may not embed either."""
    client = make_app(shared_folder, cors_origins="none").test_client()
    answer = client.get("/v1/related?id=no-slash")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.fixture
def writing(make_app: Any, shared_folder: Path) -> Flask:
    """An application with a route that changes something, and one origin that may."""
    app = make_app(shared_folder, write_origins="https://editor.example")
    assert isinstance(app, Flask)
    app.add_url_rule("/write", "write", lambda: "", methods=["PUT", "GET"])
    return app


@pytest.mark.parametrize("origin", ["https://editor.example", "https://blog.example"])
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_preflights_of_writes_are_apart(writing: Flask, origin: str, method: str) -> None:
    """Every page may ask before a read; before a write only the listed ones get leave."""
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    answer = writing.test_client().options("/write", headers=headers)
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    if method == "GET":
        assert allowed == "*"
        assert "PUT" not in answer.headers["Access-Control-Allow-Methods"]
        # Rules are read with a key, by those who may change them.
        may_send_key = "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert may_send_key == (origin == "https://editor.example")
    elif origin == "https://editor.example":
        assert allowed == origin
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
        offered = answer.headers["Access-Control-Allow-Headers"].split(", ")
        # What is offered is looked at: conditions are, a key for repetition is not.
        assert {"Authorization", "If-Match", "If-None-Match"} <= set(offered)
        assert "Idempotency-Key" not in offered
        assert answer.headers["Vary"] == "Origin"
    else:
        assert allowed is None
        assert answer.headers["Vary"] == "Origin"


def test_a_write_s_answer_is_for_the_listed_alone(writing: Flask) -> None:
    """What a write answers may be read by the page that may write, and by no other."""
    client = writing.test_client()
    for origin, seen in (("https://editor.example", True), ("https://blog.example", False)):
        answer = client.put("/v1/related", headers={"Origin": origin})
        assert ("Access-Control-Allow-Origin" in answer.headers) == seen
