"""Ghost's Content API: its key, its pages, what it gives and what it hides."""

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
from training.sources.ghost.api import GhostApiSource
from training.web import Response, WebOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "22444f78447824223cefc48062"
API = "/ghost/api/content"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client of these tests waits."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)


def post(number: int, **more: Any) -> dict[str, Any]:
    """A post as the API gives it."""
    return {
        "id": f"{number:024x}",
        "slug": f"post-{number}",
        "title": f"Post {number}",
        "html": "<p>Rye.</p>",
        "url": f"https://blog.example/post-{number}/",
        "published_at": "2024-01-02T10:00:00.000+02:00",
        "updated_at": "2024-02-03T00:00:00.000+00:00",
        "visibility": "public",
        "access": True,
        **more,
    }


class Ghost:
    """A Ghost that answers like one: a key, pages, and a page for readers."""

    def __init__(self, reply: Any, posts: list[Any], *, api: str = API, size: int = 2) -> None:
        self.reply, self.posts, self.api, self.size = reply, posts, api, size
        self.total: int | None = None
        self.page = "<meta name='generator' content='Ghost 5.1'><script data-key='{}'></script>"

    def __call__(self, asked: Any) -> Any:
        if asked.path == "/":
            return self.reply(200, self.page.format(KEY).encode(), {"Content-Type": "text/html"})
        if not asked.path.startswith(f"{self.api}/"):
            return self.reply(404, b"{}")
        if asked.query.get("key") != KEY:
            return self.reply(401, b'{"errors": [{"message": "Unknown Content API Key"}]}')
        if asked.path.endswith("/settings/"):
            return self.reply(200, b'{"settings": {}}')
        page = int(asked.query["page"])
        start = (page - 1) * self.size
        following = page + 1 if start + self.size < len(self.posts) else None
        total = len(self.posts) if self.total is None else self.total
        paging = {"page": page, "limit": 100, "total": total, "next": following}
        content = {"posts": self.posts[start : start + self.size], "meta": {"pagination": paging}}
        return self.reply(200, json.dumps(content).encode())


@pytest.fixture
def ghost(serve: Callable[..., Any], fake_web: ModuleType) -> Callable[..., Any]:
    """Starts a Ghost with some posts."""

    def start(*posts: Any, **more: Any) -> Any:
        blog = Ghost(fake_web.Reply, list(posts), **more)
        server = serve(blog)
        server.blog = blog
        return server

    return start


def source(server: Any, path: str = f"/?key={KEY}", **more: Any) -> GhostApiSource:
    """The source of a Ghost."""
    web = WebOptions(allow_private=True, per_second=1e6, **more)
    return GhostApiSource(server.url + path, now=NOW, web=web, site="https://blog.example")


def test_a_post_arrives_whole(ghost: Callable[..., Any]) -> None:
    """As the export has it, with the names of authors and public tags."""
    more = {
        "tags": [{"name": "bread", "visibility": "public"}, {"name": "#secret"}],
        "authors": [{"name": "Ada"}],
        "feature_image": "https://blog.example/loaf.jpg",
        "custom_excerpt": "Short.",
    }
    (found,) = source(ghost(post(1, **more))).read()
    assert isinstance(found, Post)
    assert found.id == f"{1:024x}"
    assert found.url == "https://blog.example/post-1/"
    assert (found.tags, found.author, found.excerpt) == (("bread",), "Ada", "Short.")
    assert found.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert found.image == Image("https://blog.example/loaf.jpg")
    assert post_from_json(post_to_json(found)) == found


def test_every_page_is_read(ghost: Callable[..., Any]) -> None:
    """A hundred posts a page is the most Ghost 6 gives; the next page is what it says."""
    server = ghost(*map(post, range(5)))
    assert len(list(source(server).read())) == 5
    pages = [asked.query for asked in server.asked if asked.path.endswith("/posts/")]
    assert [query["page"] for query in pages] == ["1", "2", "3"]
    assert {query["limit"] for query in pages} == {"100"}
    assert {query["include"] for query in pages} == {"tags,authors"}


@pytest.mark.parametrize("hidden", [{"access": False}, {"visibility": "paid"}])
def test_posts_for_members_are_skipped(ghost: Callable[..., Any], hidden: dict[str, Any]) -> None:
    """The API gives their beginnings."""
    (found,) = source(ghost(post(1, **hidden))).read()
    assert isinstance(found, Skipped)
    assert (found.reason, found.post_id) == ("members only", f"{1:024x}")


@pytest.mark.parametrize("version", ["content", "v4/content", "v3/content", "v2/content"])
def test_older_releases_are_read(ghost: Callable[..., Any], version: str) -> None:
    """Their API is at another address."""
    assert len(list(source(ghost(post(1), api=f"/ghost/api/{version}")).read())) == 1


def test_the_key_may_be_given_in_three_ways(ghost: Callable[..., Any]) -> None:
    """As ``auth``, in the address of the blog or of its API, or by the blog's own page."""
    server = ghost(post(1))
    for path, more in (
        ("", {"auth": ("key", KEY)}),
        (f"/?key={KEY}", {}),
        (f"{API}/posts/?key={KEY}&page=3", {}),
        ("/", {}),
    ):
        assert len(list(source(server, path, **more).read())) == 1


def test_no_password_is_sent(ghost: Callable[..., Any]) -> None:
    """What is given as ``auth`` goes into the address, which is all the API takes."""
    server = ghost(post(1))
    list(source(server, "", auth=("key", KEY)).read())
    assert not any("authorization" in asked.headers for asked in server.asked)


@pytest.mark.parametrize("wrong", ["0" * 26, "a/../b"])
def test_a_wrong_key_is_an_error_that_does_not_show_it(
    ghost: Callable[..., Any], wrong: str
) -> None:
    """It says where to get a right one."""
    with pytest.raises(SourceError, match="Settings, Integrations") as caught:
        list(source(ghost(post(1)), "", auth=("key", wrong)).read())
    assert wrong not in str(caught.value)


def test_without_a_key_the_error_says_what_to_give(ghost: Callable[..., Any]) -> None:
    """The blog's page may not have one."""
    server = ghost(post(1))
    server.blog.page = "<p>Blog</p>"
    with pytest.raises(SourceError, match="a key for Ghost's Content API is needed"):
        list(source(server, "").read())


def test_a_failing_server_is_an_error_without_the_key(
    serve: Callable[..., Any], fake_web: ModuleType
) -> None:
    """Addresses are shown in errors, and this one holds the key."""
    server = serve(lambda asked: fake_web.Reply(500, b""))
    with pytest.raises(SourceError) as caught:
        list(source(server).read())
    assert KEY not in str(caught.value)


def test_what_is_no_ghost_is_an_error(serve: Callable[..., Any], fake_web: ModuleType) -> None:
    """Nothing is at any of the addresses that an API has."""
    server = serve(lambda asked: fake_web.Reply(404, b""))
    with pytest.raises(SourceError, match="no Ghost Content API"):
        list(source(server).read())


def test_fewer_posts_than_said_hold_deletions_back(ghost: Callable[..., Any]) -> None:
    """A problem without an id: whatever is missing was not deleted."""
    server = ghost(post(1))
    server.blog.total = 9
    *_, last = source(server).read()
    assert isinstance(last, Problem)
    assert last.post_id is None


def test_broken_posts_are_problems(ghost: Callable[..., Any]) -> None:
    """Named by page, position and slug; the others are read."""
    first, second, third = source(ghost(7, post(1, url=None, slug=None), post(2))).read()
    assert isinstance(first, Problem)
    assert isinstance(second, Problem)
    assert "page 1 post 2" in second.place
    assert isinstance(third, Post)


def test_the_name_is_the_blogs_address_without_the_key(ghost: Callable[..., Any]) -> None:
    """However the address is written."""
    server = ghost()
    for path in ("", "/", f"/?key={KEY}", f"{API}/posts/?key={KEY}"):
        assert source(server, path).name == f"ghost:{server.url}"
    assert source(server, "").complete


def test_it_is_recognised_by_key_or_page(ghost: Callable[..., Any]) -> None:
    """Without ``--format``."""
    server = ghost(post(1))
    web = WebOptions(allow_private=True, per_second=1e6)
    for path in ("/", f"/?key={KEY}"):
        assert isinstance(open_source(server.url + path, now=NOW, web=web), GhostApiSource)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(changes=st.dictionaries(st.sampled_from([*post(1), "tags", "authors"]), values), meta=values)
def test_any_answer_is_read_or_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], meta: Any
) -> None:
    """Fields of any kind: items or SourceError, nothing else."""
    content = {"posts": [{**post(1), **changes}, meta], "meta": meta}
    body = json.dumps(content).encode()
    answer = Response("https://blog.example/", 200, {}, body)
    monkeypatch.setattr("training.web.Client.get", lambda *args, **more: answer)
    found: list[Item] = []
    try:
        reader = GhostApiSource(f"https://b.example/?key={KEY}", now=NOW, web=WebOptions())
        found = list(reader.read())
    except SourceError:
        return
    assert found
