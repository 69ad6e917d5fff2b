"""Blogger's public feed: its pages, which are shorter than asked for, and its posts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import post_from_json, post_to_json
from training.sources import open_source
from training.sources.base import Item, Problem, Skipped
from training.sources.blogger.feed import BloggerFeedSource
from training.web import Response, WebOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEB = WebOptions(allow_private=True, per_second=1e6)
SITE = "https://blog.example"


def entry(number: int, **more: Any) -> dict[str, Any]:
    """An entry as Google writes it."""
    return {
        "id": {"$t": f"tag:blogger.com,1999:blog-12.post-{number}"},
        "published": {"$t": "2024-01-02T10:00:00.000+02:00"},
        "updated": {"$t": "2024-02-03T00:00:00.000Z"},
        "category": [
            {"scheme": "http://www.blogger.com/atom/ns#", "term": "bread"},
            {"scheme": "http://schemas.google.com/g/2005#kind", "term": "x#post"},
        ],
        "title": {"type": "text", "$t": f"Post {number} & more"},
        "content": {"type": "html", "$t": "<p>Rye.</p>"},
        "link": [
            {"rel": "replies", "href": f"{SITE}/x"},
            {"rel": "alternate", "href": f"{SITE}/2024/01/{number}.html"},
        ],
        "author": [{"name": {"$t": "Ada"}}],
        "media$thumbnail": {"url": f"{SITE}/s72/loaf.jpg", "width": "72", "height": "72"},
        **more,
    }


class Blogger:
    """Answers like Blogger: at most ``size`` posts, whatever is asked for."""

    def __init__(self, reply: Any, entries: list[Any], size: int, *, links: bool = True) -> None:
        self.reply, self.entries, self.size, self.links = reply, entries, size, links

    def __call__(self, asked: Any) -> Any:
        if asked.path == "/":
            page = b"<html><meta content='blogger' name='generator'/></html>"
            return self.reply(200, page, {"Content-Type": "text/html"})
        if asked.path != "/feeds/posts/default":
            return self.reply(404)
        assert asked.query["alt"] == "json"
        start = int(asked.query["start-index"])
        end = start + self.size
        feed: dict[str, Any] = {
            "id": {"$t": "tag:blogger.com,1999:blog-12"},
            "openSearch$totalResults": {"$t": str(len(self.entries))},
            "entry": self.entries[start - 1 : end - 1],
            "link": [],
        }
        if self.links and end <= len(self.entries):
            query = f"alt=json&start-index={end}&max-results={self.size}"
            href = f"http://www.blogger.com/feeds/12/posts/default?{query}"
            feed["link"].append({"rel": "next", "href": href})
        return self.reply(200, json.dumps({"feed": feed}).encode())


@pytest.fixture
def blogger(serve: Callable[..., Any], fake_web: ModuleType) -> Callable[..., Any]:
    """Starts a blog with some entries."""
    return lambda *entries, size=2, **more: serve(
        Blogger(fake_web.Reply, list(entries), size, **more)
    )


def read(server: Any) -> list[Item]:
    """Everything the blog yields."""
    return list(BloggerFeedSource(f"{server.url}/2024/", site=SITE, now=NOW, web=WEB).read())


def test_a_post_arrives_whole(blogger: Callable[..., Any]) -> None:
    """With the number that its export gives it."""
    (found,) = read(blogger(entry(7)))
    assert isinstance(found, Post)
    assert (found.id, found.url) == ("7", f"{SITE}/2024/01/7.html")
    assert (found.title, found.html) == ("Post 7 & more", "<p>Rye.</p>")
    assert (found.tags, found.author, found.slug) == (("bread",), "Ada", "7")
    assert found.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert found.image == Image(f"{SITE}/s72/loaf.jpg")
    assert post_from_json(post_to_json(found)) == found


@pytest.mark.parametrize("links", [True, False])
def test_every_page_is_read_however_short(blogger: Callable[..., Any], links: bool) -> None:
    """By the link to the next one, whose host is not the blog's, or by counting."""
    server = blogger(*map(entry, range(5)), links=links)
    assert [one.id for one in read(server) if isinstance(one, Post)] == list("01234")
    assert all(asked.path == "/feeds/posts/default" for asked in server.asked)


def test_a_feed_set_to_short_gives_the_beginnings(blogger: Callable[..., Any]) -> None:
    """There is nothing else to read."""
    short = {"content": None, "summary": {"$t": "Rye is …"}}
    (found,) = read(blogger(entry(1, **short)))
    assert isinstance(found, Post)
    assert found.html == "Rye is …"


def test_a_post_that_moved_to_the_next_page_comes_once(blogger: Callable[..., Any]) -> None:
    """Something was published between two requests."""
    items = read(blogger(entry(3), entry(2), entry(2), entry(1)))
    assert [one.id for one in items if isinstance(one, Post)] == ["3", "2", "1"]
    assert len(items) == 3


def test_drafts_later_and_broken_posts_are_none(blogger: Callable[..., Any]) -> None:
    """Each with its reason."""
    draft = entry(1, **{"app$control": {"app$draft": {"$t": "yes"}}})
    later = entry(2, published={"$t": "2990-01-01T00:00:00Z"})
    broken = entry(3, link=None)
    found = read(blogger(draft, later, broken, size=9))
    assert [one.reason for one in found if isinstance(one, Skipped)] == ["draft", "scheduled"]
    assert isinstance(found[2], Problem)
    assert found[2].post_id == "3"


def test_the_name_is_the_exports(blogger: Callable[..., Any]) -> None:
    """Read by feed or by export, it is one blog."""
    server = blogger(entry(1))
    source = open_source(server.url, now=NOW, web=WEB)
    assert isinstance(source, BloggerFeedSource)
    assert (source.name, source.complete) == ("blogger:12", True)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"feed": 3}', b"<html>", b"\xff\x00"])
def test_what_is_no_feed_is_a_source_error(
    serve: Callable[..., Any], fake_web: ModuleType, body: bytes
) -> None:
    """Whatever else a server answers."""
    with pytest.raises(SourceError):
        read(serve(lambda asked: fake_web.Reply(200, body)))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$t", "term", "href", "rel", "type", "x"]), inner, max_size=3
        )
    ),
    max_leaves=9,
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.sampled_from([*entry(1)]), values), other=values)
def test_any_answer_is_read_or_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], other: Any
) -> None:
    """Fields of any kind: items or SourceError, nothing else; and it ends."""
    feed = {"entry": [{**entry(1), **changes}, other], "link": other, "id": other}
    answer = Response(SITE, 200, {}, json.dumps({"feed": feed}).encode())
    monkeypatch.setattr("training.web.Client.get", lambda *args, **more: answer)
    reader = BloggerFeedSource(SITE, now=NOW, web=WebOptions())
    assert list(reader.read())
