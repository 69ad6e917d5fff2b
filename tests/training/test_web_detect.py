"""What a web address leads to, and what is said where that is nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from related_posts.errors import ConfigError, SourceError
from training.settings import TrainingSettings
from training.sources import WEB_FORMATS, open_source
from training.sources.detect_web import PROBES, detect_web, is_web
from training.web import WebOptions
from training.web.cache import CACHE_FILE

NOW = datetime(2025, 1, 1, tzinfo=UTC)
WEB = WebOptions(allow_private=True, per_second=1e6)
RSS = b"<?xml version='1.0'?><!-- a --><rss version='2.0'><channel><title>x</title></channel></rss>"


@pytest.mark.parametrize(
    ("place", "web"),
    [
        ("https://blog.example", True),
        ("HTTP://blog.example/x", True),
        (" https://blog.example ", True),
        ("blog.example", False),
        ("./https:/x", False),
        ("ftp://blog.example", False),
        ("posts.jsonl", False),
    ],
)
def test_addresses_begin_with_http(place: str, web: bool) -> None:
    """Whatever else a place may be, it is no address on the web."""
    assert is_web(place) == web


def test_every_web_format_is_told_by_a_probe() -> None:
    """And what gives a blog whole is asked before what gives a part of it."""
    assert set(PROBES) == set(WEB_FORMATS)
    assert next(iter(PROBES)) == "wordpress"
    assert list(PROBES)[-2:] == ["feed", "site"]


@pytest.mark.parametrize("page", [b"%PDF-1.4 ...", b"", b"\0\1\2\3" * 100, b"hello"])
def test_what_is_no_blog_is_said_so(
    serve: Callable[..., Any], fake_web: ModuleType, page: bytes
) -> None:
    """With what could have been there; after a few requests, not dozens."""
    kind = {"Content-Type": "application/octet-stream"}
    server = serve(
        lambda asked: fake_web.Reply(200, page, kind) if asked.path == "/" else fake_web.Reply(404)
    )
    with pytest.raises(SourceError, match=r"no blog was recognised.*wordpress.*site"):
        detect_web(server.url, WEB)
    assert len(server.asked) <= 8


def test_a_server_that_fails_is_not_guessed_at(
    serve: Callable[..., Any], fake_web: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be anything when it is well again."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)
    server = serve(lambda asked: fake_web.Reply(500, b"<html>"))
    with pytest.raises(SourceError, match="HTTP 500"):
        detect_web(server.url, WEB)


def test_the_feed_of_a_wordpress_is_a_feed(
    serve: Callable[..., Any], fake_web: ModuleType, fake_wordpress: ModuleType
) -> None:
    """Who names the feed means it; who names the blog gets all of it."""
    blog = fake_wordpress.WordPress(fake_web.Reply)

    def answer(asked: Any) -> Any:
        if asked.path != "/category/bread/feed/":
            return blog(asked)
        link = {"Link": f'<{blog.here}/wp-json/>; rel="https://api.w.org/"'}
        return fake_web.Reply(200, RSS, {"Content-Type": "application/rss+xml", **link})

    server = serve(answer)
    assert detect_web(server.url, WEB) == "wordpress"
    assert detect_web(f"{server.url}/category/bread/feed/", WEB) == "feed"


def test_a_format_may_be_given(serve: Callable[..., Any], fake_web: ModuleType) -> None:
    """Then nobody looks; one that reads no address is refused."""
    server = serve(lambda asked: fake_web.Reply(404))
    for format, (module, _, name) in ((f, p.partition(":")) for f, p in WEB_FORMATS.items()):
        source = open_source(server.url, format=format, now=NOW, web=WEB)
        assert (type(source).__module__, type(source).__name__) == (module, name)
    assert server.asked == []
    with pytest.raises(ConfigError, match="wordpress"):
        open_source(server.url, format="wxr", now=NOW, web=WEB)


def test_settings_become_options() -> None:
    """The password is in none of what is shown or kept."""
    settings = TrainingSettings.load(
        {"auth": "ada:s3cret: x", "concurrency": 2, "requests_per_second": 0.5}
    )
    assert settings.web == WebOptions(
        concurrency=2,
        per_second=0.5,
        auth=("ada", "s3cret: x"),
        cache=settings.data / CACHE_FILE,
    )
    assert "s3cret" not in f"{settings!r} {settings.web!r} {settings.build}"
    usual = TrainingSettings.load({})
    assert usual.web == WebOptions(cache=usual.data / CACHE_FILE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auth", "s3cret"),
        ("auth", "a:s3cret\nX: y"),
        ("user_agent", "a\r\nX: y"),
        ("user_agent", ""),
        ("requests_per_second", 0),
        ("concurrency", 0),
    ],
)
def test_settings_that_do_not_fit_are_refused(name: str, value: object) -> None:
    """A broken password is not shown either; nothing can break out of a header field."""
    with pytest.raises(ConfigError, match=name.replace("_", "-")) as raised:
        TrainingSettings.load({name: value})
    assert "s3cret" not in str(raised.value)
