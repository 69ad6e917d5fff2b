"""Sitemaps: files, indexes, packed ones; their limits; and whatever else a server gives."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.sources.base import Problem
from training.sources.site import sitemap
from training.sources.site.sitemap import Page, is_not_posts, parse_sitemap, walk_sitemaps
from training.web import WebOptions

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*locs: str, more: str = "") -> bytes:
    """A sitemap of pages."""
    urls = "".join(f"<url><loc>{loc}</loc>{more}</url>" for loc in locs)
    return f'<?xml version="1.0"?><urlset {SPACE}>{urls}</urlset>'.encode()


def index(*locs: str) -> bytes:
    """A sitemap of sitemaps."""
    files = "".join(f"<sitemap><loc>{loc}</loc></sitemap>" for loc in locs)
    return f"<sitemapindex {SPACE}>{files}</sitemapindex>".encode()


@pytest.fixture
def walk(
    serve: Callable[..., Any], fake_web: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Walks sitemaps that are served at given paths."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)

    def walked(files: dict[str, Any], *roots: str) -> list[Page | Problem]:
        def answer(asked: Any) -> Any:
            body = files.get(asked.path)
            content = body(server.url) if callable(body) else body
            return fake_web.Reply(200 if content is not None else 404, content or b"")

        server = serve(answer)
        with WebOptions(allow_private=True, per_second=1e6).client() as client:
            return list(walk_sitemaps(client, [server.url + root for root in roots]))

    return walked


def test_pages_are_read_with_their_dates() -> None:
    """A date that is none is none; white space and comments mean nothing."""
    more = "<!-- x --><lastmod> 2024-01-02T10:00:00+02:00 </lastmod><priority>1</priority>"
    (page,) = parse_sitemap(urlset(" https://b.example/a?x=1&amp;y=2\n", more=more)).pages
    assert page == Page("https://b.example/a?x=1&y=2", datetime(2024, 1, 2, 8, tzinfo=UTC))
    (odd,) = parse_sitemap(urlset("https://b.example/", more="<lastmod>soon</lastmod>")).pages
    assert odd.modified is None


def test_pictures_and_translations_are_no_pages() -> None:
    """They have addresses of their own within a page's entry."""
    more = (
        '<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
        "<image:loc>https://b.example/p.jpg</image:loc></image:image>"
        '<xhtml:link xmlns:xhtml="http://www.w3.org/1999/xhtml" rel="alternate" href="/de"/>'
    )
    pages = parse_sitemap(urlset("https://b.example/a", more=more)).pages
    assert [page.url for page in pages] == ["https://b.example/a"]


@pytest.mark.parametrize("space", ["", 'xmlns="https://www.google.com/schemas/sitemap/0.84"'])
def test_any_namespace_will_do(space: str) -> None:
    """Many generators write an old one, or none."""
    content = f"<urlset {space}><url><loc>https://b.example/a</loc></url></urlset>"
    assert len(parse_sitemap(content.encode()).pages) == 1


def test_packed_and_plain_text_sitemaps_are_read() -> None:
    """By their first bytes, whatever they are called."""
    assert len(parse_sitemap(gzip.compress(urlset("https://b.example/a"))).pages) == 1
    lines = b"\xef\xbb\xbfhttps://b.example/a\r\n\r\nhttps://b.example/b\n"
    assert [one.url for one in parse_sitemap(lines).pages] == [
        "https://b.example/a",
        "https://b.example/b",
    ]


def test_control_characters_and_a_blank_line_before_are_passed_over() -> None:
    """Strict XML forbids both."""
    assert len(parse_sitemap(b"\n" + urlset("https://b.example/a\x08")).pages) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no sitemap"),
        (b"\x00\x01\x02", "no sitemap"),
        (b"<!doctype html><html><p>404", "not a sitemap|no whole XML|document type"),
        (b"<rss><channel/></rss>", "<rss>, not a sitemap"),
        (urlset("https://b.example/a")[:-4], "no whole XML"),
        (gzip.compress(urlset("https://b.example/a"))[:-9], "cut off"),
        (b'<!DOCTYPE u [<!ENTITY a "b">]>' + index("&a;"), "document type"),
        (urlset("<a>" * 5_000), "no whole XML"),
    ],
)
def test_what_is_none_or_not_whole_is_refused(body: bytes, reason: str) -> None:
    """A sitemap cut off would make pages look deleted."""
    with pytest.raises(ValueError, match=reason):
        parse_sitemap(body)


def test_the_limits_of_the_protocol_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """In addresses, and in bytes after unpacking."""
    monkeypatch.setattr(sitemap, "MAX_URLS", 3)
    for body in (urlset(*"abcd"), index(*"abcd"), b"\n".join([b"https://b.example/"] * 4)):
        with pytest.raises(ValueError, match="more than 3 addresses"):
            parse_sitemap(body)
    monkeypatch.setattr(sitemap, "MAX_BYTES", 10_000)
    with pytest.raises(ValueError, match="larger than"):
        parse_sitemap(gzip.compress(b"<" * 1_000_000))


def test_indexes_are_followed_and_circles_end(walk: Callable[..., Any]) -> None:
    """Also indexes within indexes; every page comes once."""
    files = {
        "/a": lambda root: index(f"{root}/b", f"{root}/a", f"{root}/c"),
        "/b": lambda root: index(f"{root}/c", f"{root}/a"),
        "/c": urlset("https://b.example/1", "https://b.example/2", "https://b.example/1"),
    }
    assert [page.url for page in walk(files, "/a", "/c")] == [
        "https://b.example/1",
        "https://b.example/2",
    ]


def test_a_file_that_cannot_be_read_is_a_problem_without_an_id(walk: Callable[..., Any]) -> None:
    """Nobody knows what it would have named; the others are read."""
    files = {
        "/a": lambda root: index(f"{root}/gone", f"{root}/broken", f"{root}/c"),
        "/broken": b"<urlset>",
        "/c": urlset("https://b.example/1"),
    }
    gone, broken, page = walk(files, "/a")
    assert isinstance(gone, Problem)
    assert isinstance(broken, Problem)
    assert gone.post_id is broken.post_id is None
    assert isinstance(page, Page)


def test_nesting_and_numbers_have_an_end(
    walk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that makes up sitemaps for ever is left."""
    endless = {f"/{n}": (lambda root, n=n: index(f"{root}/{n + 1}")) for n in range(50)}
    (problem,) = walk(endless, "/0")
    assert "deeper than" in problem.reason
    monkeypatch.setattr(sitemap, "MAX_FILES", 3)
    wide = {"/a": lambda root: index(*(f"{root}/{n}" for n in range(9)))}
    assert "more than 3 sitemaps" in walk(wide, "/a")[-1].reason


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("post-sitemap2.xml", False),
        ("sitemap-posts.xml", False),
        ("wp-sitemap-posts-post-1.xml", False),
        ("page-sitemap.xml", False),
        ("sitemap.xml?page=2", False),
        ("category-sitemap.xml", True),
        ("post_tag-sitemap1.xml", True),
        ("wp-sitemap-taxonomies-category-1.xml", True),
        ("wp-sitemap-users-1.xml", True),
        ("sitemap-tags.xml", True),
        ("sitemap-authors.xml", True),
    ],
)
def test_maps_of_no_posts_are_told_by_their_names(name: str, expected: bool) -> None:
    """As WordPress, Yoast and Ghost name them."""
    assert is_not_posts(f"https://b.example/tags/{name}") is expected


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200), st.randoms(use_true_random=False))
def test_any_bytes_are_a_sitemap_or_refused(content: bytes, rng: random.Random) -> None:
    """Also those of a good one that was damaged."""
    good = urlset("https://b.example/a", more="<lastmod>2024-01-02</lastmod>")
    place = rng.randrange(len(good))
    for body in (content, good[:place] + content + good[place + rng.randrange(20) :]):
        with suppress(ValueError):
            parse_sitemap(body)
        with suppress(ValueError):
            parse_sitemap(gzip.compress(body))
