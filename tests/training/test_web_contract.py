"""What every source read from a web address promises, whatever its format.

The counterpart of the contract of files: a new web format joins by one function that
serves the same small blog, and one line in ``BLOGS``. The blog holds two public posts,
``One`` (tagged ``bread``, of 2 January 2024) and ``Two`` (of 2 February 2024), and a post
that is dated in the year 2990 where the format can have one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.archive import Archive, Counts
from related_posts.errors import RelatedPostsError, SourceError
from related_posts.posts import Post
from related_posts.schema import post_from_json, post_to_bytes, post_to_json
from training.read import read_sources
from training.sources import WEB_FORMATS, open_source
from training.sources.base import Item, Problem, Progress, Skipped, Source, no_progress
from training.web import WebOptions

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SITE = "https://blog.example"
WEB = WebOptions(allow_private=True, per_second=1e6)
KEY = "22444f78447824223cefc48062"
POSTS = (("One", "2024-01-02"), ("Two", "2024-02-02"), ("Four", "2990-01-01"))
#: Formats that give only what is out already.
WITHOUT_LATER = frozenset({"wordpress"})

Answer = Callable[[Any], Any]


def wordpress_blog(reply: Any, fakes: ModuleType) -> Answer:
    """As WordPress's own interface gives it."""
    blog = fakes.WordPress(reply)
    for number, (title, date) in enumerate(POSTS[:2], start=1):
        made = Post(
            id=str(number),
            url=f"{SITE}/{title.lower()}/",
            title=title,
            html="<p>Rye.</p>",
            tags=("bread",) if title == "One" else (),
            published=datetime.fromisoformat(date).replace(tzinfo=UTC),
            slug=title.lower(),
        )
        blog.rows += fakes.rows_of([made], SITE)
    answer: Answer = blog
    return answer


def ghost_blog(reply: Any, _: ModuleType) -> Answer:
    """As Ghost's Content API gives it; the page holds the key."""
    posts = [
        {
            "id": f"{number:024x}",
            "slug": title.lower(),
            "url": f"{SITE}/{title.lower()}/",
            "title": title,
            "html": "<p>Rye.</p>",
            "published_at": f"{date}T00:00:00.000Z",
            "tags": [{"name": "bread"}] if title == "One" else [],
            "visibility": "public",
        }
        for number, (title, date) in enumerate(POSTS, start=1)
    ]
    page = f'<meta name="generator" content="Ghost 5.1"><script data-key="{KEY}"></script>'
    content = {"posts": posts, "meta": {"pagination": {"total": len(posts), "next": None}}}
    return served(
        reply,
        {"/": page, "/ghost/api/content/settings/": "{}"},
        {"/ghost/api/content/posts/": json.dumps(content)},
    )


def blogger_blog(reply: Any, _: ModuleType) -> Answer:
    """As Blogger's public feed gives it."""
    entries = [
        {
            "id": {"$t": f"tag:blogger.com,1999:blog-1.post-{number}"},
            "title": {"$t": title},
            "content": {"$t": "<p>Rye.</p>"},
            "published": {"$t": f"{date}T00:00:00Z"},
            "category": [{"term": "bread"}] if title == "One" else [],
            "link": [{"rel": "alternate", "href": f"{SITE}/{title.lower()}.html"}],
        }
        for number, (title, date) in enumerate(POSTS, start=1)
    ]
    feed = {"id": {"$t": "tag:blogger.com,1999:blog-1"}, "entry": entries}
    page = "<html><meta name='generator' content='blogger'></html>"
    return served(reply, {"/": page}, {"/feeds/posts/default": json.dumps({"feed": feed})})


def feed_blog(reply: Any, _: ModuleType) -> Answer:
    """As a JSON Feed of two pages."""
    items = [
        {
            "id": title,
            "url": f"{SITE}/{title.lower()}/",
            "title": title,
            "content_html": "<p>Rye.</p>",
            "date_published": f"{date}T00:00:00Z",
            "tags": ["bread"] if title == "One" else [],
        }
        for title, date in POSTS
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "home_page_url": SITE}
    first = json.dumps({**head, "next_url": "/2", "items": items[:1]})
    return served(reply, {"/": first, "/2": json.dumps({**head, "items": items[1:]})})


def site_blog(reply: Any, _: ModuleType) -> Answer:
    """As pages with a sitemap."""
    text = "<p>" + "Rye. Bread needs flour, water, salt and patience. " * 9 + "</p>"
    pages = {
        f"/{title.lower()}/": "<html><head>"
        f'<script type="application/ld+json">{json.dumps({"@type": "Article", "headline": title})}'
        f'</script><meta property="article:published_time" content="{date}">'
        + ('<meta property="article:tag" content="bread">' if title == "One" else "")
        + f"</head><body><article><h1>{title}</h1>{text}</article></body></html>"
        for title, date in POSTS
    }
    locs = "".join(f"<url><loc>{{root}}{path}</loc></url>" for path in pages)
    return served(
        reply, {"/": "<html></html>", "/sitemap.xml": f"<urlset>{locs}</urlset>", **pages}
    )


def served(reply: Any, *pages: dict[str, str]) -> Answer:
    """An answer for each path."""
    answers = {path: body for group in pages for path, body in group.items()}

    def answer(asked: Any) -> Any:
        body = answers.get(asked.path)
        if body is None:
            return reply(404, b"")
        kind = "text/html" if body.startswith("<") else "application/json"
        content = body.replace("{root}", f"http://{asked.headers['host']}")
        return reply(200, content.encode(), {"Content-Type": kind})

    return answer


#: Format to what serves the blog in it.
BLOGS: dict[str, Callable[[Any, ModuleType], Answer]] = {
    "wordpress": wordpress_blog,
    "ghost": ghost_blog,
    "blogger": blogger_blog,
    "feed": feed_blog,
    "site": site_blog,
}


@pytest.fixture(params=list(BLOGS))
def format(request: pytest.FixtureRequest) -> str:
    """Each format in turn."""
    return str(request.param)


@pytest.fixture
def blog(
    format: str,
    serve: Callable[..., Any],
    fake_web: ModuleType,
    fake_wordpress: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The blog in this format, served; ``damage`` mangles what it answers."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)
    answer = BLOGS[format](fake_web.Reply, fake_wordpress)

    def damaged(asked: Any) -> Any:
        reply = answer(asked)
        reply.body = server.damage(reply.body)
        return reply

    server = serve(damaged)
    server.damage = lambda body: body
    return server


def opened(blog: Any, progress: Progress = no_progress, format: str | None = None) -> Source:
    """The blog's source, its format detected."""
    return open_source(blog.url, format=format, now=NOW, web=WEB, progress=progress)


def test_every_format_is_held_to_the_contract() -> None:
    """A web format that is registered takes part here."""
    assert list(BLOGS) == list(WEB_FORMATS)


def test_the_format_is_detected(blog: Any, format: str) -> None:
    """The address says what is there."""
    module, _, name = WEB_FORMATS[format].partition(":")
    source = opened(blog)
    assert (type(source).__module__, type(source).__name__) == (module, name)
    assert isinstance(source, Source)


def test_public_posts_are_read_and_nothing_else(blog: Any, format: str) -> None:
    """A post that is not out yet is skipped."""
    items = list(opened(blog).read())
    titles = sorted(item.title for item in items if isinstance(item, Post))
    assert titles == ["One", "Two"]
    reasons = [item.reason for item in items if isinstance(item, Skipped)]
    assert reasons == ([] if format in WITHOUT_LATER else ["scheduled"])


def test_a_post_arrives_whole_and_clean(blog: Any) -> None:
    """Address, date, tag and body are those the blog gave it."""
    (one,) = (
        item for item in opened(blog).read() if isinstance(item, Post) and item.title == "One"
    )
    assert one.url.startswith((SITE, blog.url))
    assert "one" in one.url
    assert one.published == datetime(2024, 1, 2, tzinfo=UTC)
    assert one.tags == ("bread",)
    assert "Rye." in one.html
    assert post_from_json(post_to_json(one)) == one


def test_reading_twice_gives_the_same(blog: Any) -> None:
    """A source can be read again, and says the same in the same order."""
    source = opened(blog)
    assert list(source.read()) == list(source.read()) == list(opened(blog).read())
    assert source.name == opened(blog).name != ""


def test_progress_goes_forward_to_the_end(blog: Any) -> None:
    """Progress never goes backwards and ends at the whole."""
    told: list[tuple[int, int | None]] = []
    list(opened(blog, lambda *step: told.append(step)).read())
    assert told
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    done, total = told[-1]
    assert total is None or done == total


def test_reading_can_be_given_up(blog: Any) -> None:
    """A read that is left in the middle closes its connections (a warning would fail this)."""
    reading = opened(blog).read()
    next(reading)
    close = getattr(reading, "close", None)
    assert close is not None
    close()


def test_it_reads_into_an_archive(blog: Any, tmp_path: Path) -> None:
    """The whole way: added once, unchanged the second time."""
    with Archive(tmp_path / "data") as archive:
        first = read_sources([blog.url], archive, now=NOW, web=WEB)
        assert first.counts == Counts(added=2)
        second = read_sources([blog.url], archive, now=NOW, web=WEB)
        assert second.counts == Counts(unchanged=2)


def test_nothing_private_is_read_unless_allowed(blog: Any, format: str) -> None:
    """This machine's own addresses are not the web."""
    source = open_source(blog.url, format=format, now=NOW, web=WebOptions())
    with pytest.raises(SourceError, match="allow_private"):
        list(source.read())
    assert blog.asked == []


#: A post's text, without what JSON would have to quote.
HOSTILE = {
    "ten megabytes": "Rye. " + "bread " * 1_750_000,
    "forty thousand attributes": "Rye. <a "
    + " ".join(f"a{number}='x'" for number in range(40_000))
    + ">link</a>",
    "deep nesting": "Rye. " + "<b><div>" * 50_000,
    "an unfinished tag": "Rye. " + "<a title='" * 50_000,
    "an entity of a file": "Rye. <!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
}


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_a_hostile_post_costs_at_most_itself(blog: Any, format: str, kind: str) -> None:
    """It is read, or is left out with its place; the other post is read, and no file of ours."""
    is_sent: list[bool] = []

    def damage(body: bytes) -> bytes:
        # One page of a site is one post; elsewhere the first text of an answer is one.
        if b"Rye." not in body or (format == "site" and b"<h1>One" not in body):
            return body
        is_sent.append(True)
        return body.replace(b"Rye.", HOSTILE[kind].encode(), 1)

    blog.damage = damage
    items = list(opened(blog, format=format).read())
    assert is_sent
    posts = {item.title: item for item in items if isinstance(item, Post)}
    assert "Two" in posts
    if "One" not in posts:
        left_out = [item for item in items if isinstance(item, Problem | Skipped)]
        assert any("one" in item.place for item in left_out)
    assert not any("root:" in post.html for post in posts.values())


@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize(
    "content",
    [b"", bytes(5000), random.Random(3).randbytes(5000), b"<html><body>Gone", b'{"code": "x"}'],
    ids=["nothing", "zeros", "garbage", "a page", "an error"],
)
def test_what_is_no_blog_leaves_the_archive_alone(
    blog: Any, fake_web: ModuleType, format: str, content: bytes, status: int, tmp_path: Path
) -> None:
    """A server that answers everything alike is an error that names it, and the posts stay."""
    with Archive(tmp_path / "data") as archive:
        read_sources([blog.url], archive, now=NOW, web=WEB)
        before = list(archive.posts())
        blog.answer = lambda asked: fake_web.Reply(status, content)
        with pytest.raises(RelatedPostsError, match=r"127\.0\.0\.1"):
            read_sources([blog.url], archive, format=format, now=NOW, web=WEB)
        assert list(archive.posts()) == before
        assert len(before) == 2


def test_a_server_that_goes_away_takes_no_post_with_it(
    blog: Any, fake_web: ModuleType, format: str, tmp_path: Path
) -> None:
    """After whichever request it stops answering: an error or problems, and the posts stay."""
    answer = blog.answer
    # Nothing but the end of the connection.
    gone = fake_web.Reply(raw=lambda out: None)
    with Archive(tmp_path / "data") as archive:
        read_sources([blog.url], archive, format=format, now=NOW, web=WEB)
        before = list(archive.posts())
        n_requests = len(blog.asked)
        n_failed = 0
        for n_answered in range(n_requests):
            until = len(blog.asked) + n_answered
            blog.answer = lambda asked, until=until: (
                answer(asked) if len(blog.asked) <= until else gone
            )
            try:
                report = read_sources([blog.url], archive, format=format, now=NOW, web=WEB)
                n_failed += report.sources[0].n_problems > 0
            except RelatedPostsError:
                n_failed += 1
            assert list(archive.posts()) == before
        assert n_failed


def test_damage_is_a_problem_or_a_source_error(blog: Any, format: str) -> None:
    """Whatever is cut off, overwritten or mixed up: items or SourceError, nothing else."""
    rng = random.Random(7)

    def damage(body: bytes) -> bytes:
        place, length = rng.randrange(len(body) + 1), rng.randrange(1, 20)
        return rng.choice(
            [
                body,
                body,
                body[:place],
                body[:place] + rng.randbytes(length) + body[place + length :],
                body[:place] + body[place + length :],
                body[:place] + body[place : place + length] * 3 + body[place + length :],
            ]
        )

    blog.damage = damage
    for _ in range(25):
        items: list[Item] = []
        try:
            source = opened(blog, format=format)
            items = list(source.read()) if source.name else []
        except SourceError:
            continue
        for item in items:
            if isinstance(item, Post):
                post_to_bytes(item)
