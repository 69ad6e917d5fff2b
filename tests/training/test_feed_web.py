"""Feeds at a web address: found, followed back to their first post, and left in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.errors import SourceError
from related_posts.posts import Post
from training.sources import open_source
from training.sources.base import Item, Progress, no_progress
from training.sources.feeds.feed import FeedSource, WebFeedSource
from training.web import WebOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEB = WebOptions(allow_private=True, per_second=1e6)
Answer = str | bytes | tuple[int, str]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client of these tests waits."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)


@pytest.fixture
def site(serve: Callable[..., Any], fake_web: ModuleType) -> Callable[..., Any]:
    """Starts a server whose answers are given by target (path and query)."""

    def start(answers: dict[str, Answer]) -> Any:
        def answer(asked: Any) -> Any:
            found = answers.get(asked.target, (404, "nothing here"))
            status, body = found if isinstance(found, tuple) else (200, found)
            content = body.encode() if isinstance(body, str) else body
            return fake_web.Reply(status, content, {"Content-Type": "application/xml"})

        return serve(answer)

    return start


def rss(*numbers: int, head: str = "", generator: str = "https://wordpress.org/?v=6.1") -> str:
    """A page of a feed with posts of these numbers."""
    items = "".join(
        f"<item><title>Post {one}</title><link>/{one}/</link><guid>{one}</guid></item>"
        for one in numbers
    )
    spaces = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    said = f"<generator>{generator}</generator>" if generator else ""
    return f'<rss version="2.0" {spaces}><channel>{said}{head}{items}</channel></rss>'


def read(server: Any, path: str = "/feed/", progress: Progress = no_progress) -> list[Item]:
    """Everything the feed at an address yields."""
    return list(WebFeedSource(server.url + path, now=NOW, web=WEB, progress=progress).read())


def ids(items: list[Item]) -> list[str]:
    """The ids of items that all are posts."""
    return [item.id for item in items if isinstance(item, Post)]


def targets(server: Any) -> list[str]:
    """What was asked for, in order."""
    return [asked.target for asked in server.asked]


def test_wordpress_is_followed_to_its_first_post(site: Callable[..., Any]) -> None:
    """Page by page until it says that there is no more."""
    server = site(
        {
            "/feed/": rss(5, 4),
            "/feed/?paged=2": rss(3, 2),
            "/feed/?paged=3": rss(1),
        }
    )
    assert ids(read(server)) == ["5", "4", "3", "2", "1"]
    assert targets(server)[-1] == "/feed/?paged=4"


def test_a_post_that_moved_to_the_next_page_comes_once(site: Callable[..., Any]) -> None:
    """Something was published between two requests: that is no problem of the feed."""
    server = site({"/feed/": rss(5, 4), "/feed/?paged=2": rss(4, 3), "/feed/?paged=3": rss()})
    items = read(server)
    assert ids(items) == ["5", "4", "3"]
    assert len(items) == 3


def test_a_feed_that_ignores_the_page_ends(site: Callable[..., Any]) -> None:
    """Many servers answer every query with the same."""
    same = rss(2, 1, generator="")
    server = site({"/feed/": same, "/feed/?paged=2": same, "/feed/?paged=3": same})
    assert ids(read(server)) == ["2", "1"]
    assert len(server.asked) == 2


def test_a_page_for_readers_ends_the_feed(site: Callable[..., Any]) -> None:
    """Some themes answer with the front page."""
    server = site({"/feed/": rss(1), "/feed/?paged=2": "<!doctype html><html></html>"})
    assert ids(read(server)) == ["1"]


def test_other_generators_are_not_asked_for_pages(site: Callable[..., Any]) -> None:
    """A feed that says who wrote it is believed."""
    server = site({"/feed/": rss(1, generator="Hugo 0.120")})
    assert ids(read(server)) == ["1"]
    assert len(server.asked) == 1


def test_the_query_of_an_address_is_kept(site: Callable[..., Any]) -> None:
    """Plain permalinks: ``/?feed=rss2``."""
    server = site({"/?feed=rss2": rss(2), "/?feed=rss2&paged=2": rss(1)})
    assert ids(read(server, "/?feed=rss2")) == ["2", "1"]


def test_next_links_are_followed(site: Callable[..., Any]) -> None:
    """Of Atom (RFC 5005), also within RSS; a circle ends."""
    link = '<atom:link rel="next" href="{}"/>'
    server = site(
        {
            "/feed/": rss(2, head=link.format("/feed/older")),
            "/feed/older": rss(1, head=link.format("/feed/")),
        }
    )
    assert ids(read(server)) == ["2", "1"]
    assert targets(server) == ["/feed/", "/feed/older"]


def test_json_feeds_are_followed(site: Callable[..., Any]) -> None:
    """By ``next_url``."""

    def page(number: int, **more: str) -> str:
        item = {"id": str(number), "url": f"/{number}/"}
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", **more, "items": [item]})

    server = site({"/f.json": page(2, next_url="f2.json"), "/f2.json": page(1)})
    items = read(server, "/f.json")
    assert ids(items) == ["2", "1"]
    assert next(one.url for one in items if isinstance(one, Post)) == f"{server.url}/2/"


def test_a_page_that_fails_is_an_error(site: Callable[..., Any]) -> None:
    """A part of the posts must not be taken for all of them."""
    server = site({"/feed/": rss(2), "/feed/?paged=2": (500, "")})
    with pytest.raises(SourceError):
        read(server)


def test_ids_are_those_of_the_file(site: Callable[..., Any], tmp_path: Path) -> None:
    """The feed's address is not made part of what identifies a post."""
    server = site({"/feed/": rss(7, generator="x")})
    path = tmp_path / "feed.xml"
    path.write_text(rss(7, generator="x"))
    from_file = list(FeedSource(path, site=server.url, now=NOW).read())
    assert read(server) == from_file


def test_progress_counts_the_posts(site: Callable[..., Any]) -> None:
    """Up to all of them; how many there are is known at the end."""
    server = site({"/feed/": rss(3, 2), "/feed/?paged=2": rss(1)})
    told: list[tuple[int, int | None]] = []
    read(server, progress=lambda *step: told.append(step))
    assert told == [(2, None), (3, None), (3, 3)]


def test_a_feed_is_recognised_at_its_address(site: Callable[..., Any]) -> None:
    """By what it gives; the name is the blog's address, or its own without one."""
    blog = "<link>https://blog.example/</link>"
    server = site({"/feed/": rss(1, head=blog, generator="x"), "/a?key=x": rss(generator="x")})
    source = open_source(f"{server.url}/feed/", now=NOW, web=WEB)
    assert isinstance(source, WebFeedSource)
    assert source.name == "feed:https://blog.example"
    assert source.complete is False
    other = WebFeedSource(f"{server.url}/a?key=x", now=NOW, web=WEB)
    assert other.name == f"feed:{server.url.replace('http', 'https')}/a"


def test_what_is_no_feed_is_an_error(site: Callable[..., Any]) -> None:
    """It names the address."""
    server = site({"/feed/": "<!doctype html><html></html>"})
    with pytest.raises(SourceError, match="a web page, not a feed"):
        read(server)
