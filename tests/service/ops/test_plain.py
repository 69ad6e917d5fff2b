"""The short way in front of Flask gives the very bytes that Flask gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.curation.rules import Rule

ORIGINS = ["*", "none", "https://blog.example"]

queries = st.one_of(
    st.tuples(
        st.sampled_from(["id", "url", "limit", "exclude", "ID", "x", ""]),
        st.sampled_from(["=", "", "=="]),
        st.sampled_from(
            ["no-slash", "%2Frelated", "no%2Dslash", "https%3A%2F%2Fblog.example%2F1%2F", "nobody",
             "100%", "plus%2Band+space", "%C3%BCn", "%ff", "", "5", "é", "%252F"]
        ),
        st.sampled_from(["", "&limit=3", "&limit=50", "&limit=51", "&limit=05", "&limit=", "&",
                         "&exclude=related", "&limit=3&limit=4"]),
    ).map("".join),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace").decode("latin-1")),
)  # fmt: skip
codings = st.sampled_from(
    [None, "gzip", "br", "zstd", "gzip, br;q=0.5", "identity", "*", "gzip;q=0", "identity;q=0", "x"]
)
known = st.sampled_from(
    [None, "*", "{}", "W/{}", '"a", {}', "zstd", "gzip", '"other"', "", "garbage"]
)


@pytest.fixture(scope="module", params=["as it was built", "curated"])
def both(request: pytest.FixtureRequest, tmp_path_factory: Any, publish: Any) -> Any:
    """Ask an application the short way and through Flask, by its origins."""
    from service import create_app
    from service.settings import ServiceSettings

    folder = tmp_path_factory.mktemp("plain")
    publish(folder)
    if request.param == "curated":
        curate(folder)
    apps: dict[str, Flask] = {}
    for origins in ORIGINS:
        app = create_app(
            ServiceSettings(data=folder, reload_seconds=3600, cors_origins=origins)  # type: ignore[arg-type]
        )
        apps[origins] = app
    yield apps
    for app in apps.values():
        app.extensions["related_posts"].stop()


def curate(folder: Path) -> None:
    """Pins, blocks, a post without a list and a withdrawn one, among those that are asked about."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    rules = [
        Rule(kind="pin", post="/post/9/", under="no-slash", position=2),
        Rule(kind="block", post="related", under="no-slash"),
        Rule(kind="mute", post="plus+and space"),
        Rule(kind="cornerstone", post="/post/3/"),
    ]
    with Archive(folder) as archive:
        with archive.writing(now) as update:
            for rule in rules:
                update.put_rule(rule)
            update.withdraw("100%")
        publish_state(archive, folder)


def test_what_was_decided_shows(both: Any, request: pytest.FixtureRequest) -> None:
    """The curated half of these tests compares answers that differ from the other half's."""
    content, _, fields = ask(both["*"], environ_of("id=no-slash&limit=20"))
    is_curated = "curated" in request.node.name
    assert (b'"reason":"pinned"' in content) == is_curated
    assert (b'"id":"100%"' in content) != is_curated
    assert (".c" in dict(fields)["ETag"]) == is_curated


def environ_of(query: str) -> dict[str, Any]:
    """A plain question as a server passes it."""
    environ = EnvironBuilder("/v1/related").get_environ()
    environ["QUERY_STRING"] = query
    return environ


def ask(app: Any, environ: dict[str, Any]) -> tuple[bytes, str, list[tuple[str, str]]]:
    """Body, status and header fields, in their order."""
    content, status, headers = run_wsgi_app(app, dict(environ), buffered=True)
    return b"".join(content), status, list(headers)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    query=queries,
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS"]),
    coding=codings,
    tag=known,
    origins=st.sampled_from(ORIGINS),
    origin=st.sampled_from([None, "https://blog.example", "https://evil.example"]),
    path=st.sampled_from(["/v1/related", "/v1/related", "/v1/related/", "/v1/Related"]),
)
def test_equal_to_the_byte(both: Any, **asked: Any) -> None:
    """Status, header fields in their order and body are those of Flask, whatever is asked."""
    compare(both, asked)


@pytest.mark.parametrize("query", ["id=no-slash", "id=no-slash&limit=50"])
@pytest.mark.parametrize("coding", [None, "gzip", "zstd, br"])
@pytest.mark.parametrize("tag", [None, "*", "{}", "zstd", "gzip"])
@pytest.mark.parametrize("origins", ORIGINS)
def test_the_usual_is_equal_too(
    both: Any, query: str, coding: str | None, tag: str | None, origins: str
) -> None:
    """What nearly everybody asks is not left to chance."""
    more = {"method": "GET", "path": "/v1/related", "origin": "https://blog.example"}
    compare(both, {"query": query, "coding": coding, "tag": tag, "origins": origins, **more})


def compare(both: Any, asked: dict[str, Any]) -> None:
    """Ask both ways and hold the answers to be the same."""
    app = both[asked["origins"]]
    headers = {"X-Request-ID": "fixed"}
    if asked["coding"]:
        headers["Accept-Encoding"] = asked["coding"]
    if asked["origin"]:
        headers["Origin"] = asked["origin"]
    environ = EnvironBuilder(asked["path"], method=asked["method"], headers=headers).get_environ()
    environ["QUERY_STRING"] = asked["query"]
    if asked["tag"] is not None:
        plain_tag = dict(ask(app, {**environ, "HTTP_ACCEPT_ENCODING": ""})[2]).get("ETag", '"-"')
        tag = asked["tag"].format(plain_tag)
        if tag in ("zstd", "gzip"):
            tag = f'{plain_tag[:-1]}-{tag}"'
        environ["HTTP_IF_NONE_MATCH"] = tag
    short = ask(app, environ)
    way, app.front.plain = app.front.plain, None
    try:
        assert ask(app, environ) == short
    finally:
        app.front.plain = way


def test_the_short_way_is_taken(
    make_app: Callable[..., Flask], shared_folder: Path, awkward_ids: list[str], monkeypatch: Any
) -> None:
    """Plain questions about any id never reach Flask; others do."""
    app = make_app(shared_folder)
    asked: list[str] = []
    inside = app.front._app  # type: ignore[attr-defined]
    monkeypatch.setattr(
        app.front,  # type: ignore[attr-defined]
        "_app",
        lambda environ, start: asked.append(environ["QUERY_STRING"]) or inside(environ, start),
    )
    client = app.test_client()
    for id_ in awkward_ids:
        assert client.get(f"/v1/related?id={quote(id_, safe='')}&limit=7").status_code == 200
    assert client.get("/v1/related?url=https%3A%2F%2Fblog.example%2F1%2F").status_code == 200
    assert asked == []
    assert client.get("/v1/related?id=no-slash&exclude=related").status_code == 200
    assert client.get("/v1/related?id=nobody").status_code == 404
    assert asked == ["id=no-slash&exclude=related", "id=nobody"]


def test_a_mistake_in_the_short_way_is_answered_by_flask(
    make_app: Callable[..., Flask], shared_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong there costs the reader nothing."""
    app = make_app(shared_folder)

    def fail(*arguments: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr("service.ops.plain.body", fail)
    assert app.test_client().get("/v1/related?id=no-slash").status_code == 200
