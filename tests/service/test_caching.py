"""Caches and other origins: entity tags, 304, Cache-Control, CORS, HEAD and OPTIONS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.headers import matches

PATH = "/v1/related?id=no-slash"


def etag(client: FlaskClient, query: str) -> str:
    """The entity tag of an answer."""
    return str(client.get(f"/v1/related?{query}").headers["ETag"])


def test_equal_questions_have_equal_tags(client: FlaskClient) -> None:
    """The tag is strong and depends on the question, not on how it was written."""
    tag = etag(client, "id=no-slash")
    assert tag.startswith('"')
    same = ["id=no%2Dslash", "limit=5&id=no-slash", "id=no-slash&limit=05", "url=/1/",
            "id=no-slash&exclude=unknown"]  # fmt: skip
    assert {etag(client, query) for query in same} == {tag}
    assert client.get("/v1/posts/no-slash/related").headers["ETag"] == tag


def test_different_answers_have_different_tags(client: FlaskClient) -> None:
    """Post, limit and exclusions each change the tag; the order of exclusions does not."""
    queries = ["id=no-slash", "id=no-slash&limit=4", "id=%2Frelated", "id=no-slash&exclude=related",
               "id=no-slash&exclude=related&exclude=%2Frelated"]  # fmt: skip
    assert len({etag(client, query) for query in queries}) == len(queries)
    swapped = "id=no-slash&exclude=%2Frelated&exclude=related"
    assert etag(client, swapped) == etag(client, queries[-1])


def test_a_new_version_changes_every_tag(
    make_app: Callable[..., Flask], data_folder: Path, publish: Any
) -> None:
    """What a cache holds of one version is never confirmed for another."""
    app = make_app(data_folder)
    client = app.test_client()
    before = etag(client, "id=no-slash")
    publish(data_folder, "other")
    app.extensions["related_posts"].refresh()
    assert etag(client, "id=no-slash") != before
    assert client.get(PATH, headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize("pattern", ["{}", "W/{}", '"a", {}', 'W/"b",{} , "c"', "*", '"", {}'])
def test_not_modified(client: FlaskClient, pattern: str) -> None:
    """A known tag, alone, weak or in a list, is answered by 304 with the same fields."""
    full = client.get(PATH)
    header = pattern.format(full.headers["ETag"])
    short = client.get(PATH, headers={"If-None-Match": header})
    assert (short.status_code, short.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Access-Control-Allow-Origin"):
        assert short.headers[name] == full.headers[name]
    assert "Content-Length" not in short.headers


@pytest.mark.parametrize("header", ['"other"', "", "garbage", ",,,", 'W/"x", y', '"' * 500])
def test_modified(client: FlaskClient, header: str) -> None:
    """Another tag, or none that can be read, gets the whole answer."""
    assert client.get(PATH, headers={"If-None-Match": header}).status_code == 200


def test_weak_comparison() -> None:
    """RFC 9110 section 13.1.2: the weakness prefix does not count, the opaque tag does."""
    assert matches('W/"1"', '"1"')
    assert not matches('"11"', '"1"')
    assert not matches("1", '"1"')


def test_errors_are_not_confirmed(client: FlaskClient) -> None:
    """``*`` confirms what exists; an unknown post stays unknown."""
    response = client.get("/v1/related?id=nobody", headers={"If-None-Match": "*"})
    assert response.status_code == 404


def test_cache_control_follows_the_settings(
    make_app: Callable[..., Flask], shared_folder: Path
) -> None:
    """Both durations are the settings'; "no such post" is kept for a minute at most."""
    client = make_app(shared_folder).test_client()
    assert client.get(PATH).headers["Cache-Control"] == (
        "public, max-age=300, stale-while-revalidate=86400, stale-if-error=86400"
    )
    assert client.get("/v1/related?id=x").headers["Cache-Control"] == "public, max-age=60"
    brief = make_app(shared_folder, max_age_seconds=10, stale_seconds=20).test_client()
    assert brief.get(PATH).headers["Cache-Control"] == (
        "public, max-age=10, stale-while-revalidate=20, stale-if-error=20"
    )
    assert brief.get("/v1/related?id=x").headers["Cache-Control"] == "public, max-age=10"
    assert brief.get("/v1/related").headers["Cache-Control"] == "no-store"


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    """HEAD sends the same fields, the length included, on every route."""
    for path in (PATH, "/v1/posts/no-slash/related", "/healthz", "/readyz", "/", "/v1/related"):
        named = {"X-Request-ID": "one"}
        get, head = client.get(path, headers=named), client.head(path, headers=named)
        assert head.data == b""
        assert (head.status_code, dict(head.headers)) == (get.status_code, dict(get.headers))


def test_every_page_may_read(client: FlaskClient) -> None:
    """By default pages of all origins may read, errors included, and caches need not vary."""
    for path in (PATH, "/v1/related?id=nobody", "/v1/related", "/nowhere"):
        response = client.get(path, headers={"Origin": "https://any.example"})
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        exposed = response.headers["Access-Control-Expose-Headers"]
        assert exposed == "ETag, X-Related-Posts-Version, X-Request-ID"
        assert "Origin" not in response.headers.get("Vary", "")
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_only_listed_origins_may_read(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """A listed origin is named; another is not, and either answer says that it varies."""
    app = make_app(shared_folder, cors_origins=["https://blog.example"])
    client = app.test_client()
    for path in (PATH, "/v1/related?id=nobody"):
        listed = client.get(path, headers={"Origin": "https://blog.example"})
        assert listed.headers["Access-Control-Allow-Origin"] == "https://blog.example"
        assert "Origin" in listed.headers["Vary"]
        for headers in ({"Origin": "https://evil.example"}, {}):
            other = client.get(path, headers=headers)
            assert "Access-Control-Allow-Origin" not in other.headers
            assert "Origin" in other.headers["Vary"]


def test_nobody_may_read(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """Without origins there is nothing of CORS in any answer."""
    client = make_app(shared_folder, cors_origins="none").test_client()
    for response in (client.get(PATH), client.options(PATH)):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
        assert "Origin" not in response.headers.get("Vary", "")


def test_preflight(client: FlaskClient) -> None:
    """A browser's question before a read is answered for every route."""
    headers = {
        "Origin": "https://any.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "If-None-Match",
    }
    for path in ("/v1/related", "/v1/posts/%2Fa%2F/related", "/healthz", "/readyz"):
        response = client.options(path, headers=headers)
        assert (response.status_code, response.data) == (204, b"")
        assert "Content-Type" not in response.headers
        methods = "GET, HEAD, OPTIONS, POST" if path == "/v1/related" else "GET, HEAD, OPTIONS"
        assert set(methods.split(", ")) <= set(response.headers["Allow"].split(", "))
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Methods"] == methods
        fields = response.headers["Access-Control-Allow-Headers"]
        assert fields == "Content-Type, If-None-Match, X-Request-ID"
        assert int(response.headers["Access-Control-Max-Age"]) > 0
