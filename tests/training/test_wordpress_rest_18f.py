"""A real blog read by its export and by its interface: the same posts, but for a few fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.archive import Archive
from related_posts.posts import Post
from related_posts.text.html import prose
from related_posts.wordpress.posts import read_post
from training.read import read_sources
from training.sources import open_source
from training.sources.wordpress.wxr import WxrSource
from training.web import WebOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEB = WebOptions(allow_private=True, per_second=1e6)

#: What WordPress's typography makes of straight quotes and dashes.
CURLY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


@pytest.fixture(scope="module")
def export(shared: Path) -> Path:
    """The blog's export."""
    return shared / "exports" / "wordpress-6.1-18f.xml.gz"


@pytest.fixture(scope="module")
def exported(export: Path) -> dict[str, Post]:
    """The blog's posts as its export has them, by id."""
    items = WxrSource(export, now=NOW).read()
    return {one.id: one for one in items if isinstance(one, Post)}


@pytest.fixture
def url(
    exported: dict[str, Post],
    serve: Callable[..., Any],
    fake_web: ModuleType,
    fake_wordpress: ModuleType,
) -> str:
    """The same blog behind WordPress's interface, its typography applied."""
    home = "http://127.0.0.1:8090"
    rows = fake_wordpress.rows_of(exported.values(), home)
    for row in rows:
        for name in ("title", "content", "excerpt"):
            row[name]["rendered"] = re.sub(
                r"(?<=\w)'(?=\w)(?![^<]*>)", "&#8217;", row[name]["rendered"]
            )
    blog = fake_wordpress.WordPress(fake_web.Reply, home=home, rows=rows, language="en-US")
    return str(serve(blog).url)


def differing(one: Post, other: Post) -> set[str]:
    """Names of the fields in which two posts differ."""
    return {
        each.name for each in fields(Post) if getattr(one, each.name) != getattr(other, each.name)
    }


def plain(text: str) -> str:
    """Text as it was before WordPress's typography."""
    return text.translate(CURLY)


def words(post: Post) -> list[str]:
    """The words of a post's text, whatever ends its lines."""
    return plain(prose(post.html).text).split()


def as_exported(post: Post) -> Post:
    """A post of the interface, made to say what the export can say."""
    known = dict(post.extra["wordpress"])
    known["author_login"] = known.pop("author_slug")
    title, excerpt = plain(post.title), plain(post.excerpt)
    return replace(post, title=title, excerpt=excerpt, html="", extra={"wordpress": known})


def test_both_ways_give_the_same_posts(exported: dict[str, Post], url: str) -> None:
    """The interface has the text as shown (typography), and the author's slug, not the login.

    All else is equal: ids, addresses, dates, tags, categories, author, language,
    picture, slug, numbers.
    """
    items = list(open_source(url, now=NOW, web=WEB).read())
    posts = {one.id: one for one in items if isinstance(one, Post)}
    assert len(items) == len(posts) == len(exported) == 509
    assert set(posts) == set(exported)
    seen: set[str] = set()
    for number, post in posts.items():
        other = exported[number]
        seen |= differing(post, other)
        before = replace(other, html="", title=plain(other.title), excerpt=plain(other.excerpt))
        assert differing(as_exported(post), before) == set()
        assert words(post) == words(other)
    assert seen == {"html", "title", "excerpt", "extra"}


def test_recorded_posts_are_those_of_the_export(exported: dict[str, Post], shared: Path) -> None:
    """What a real WordPress answered differs from its own export in the same fields only."""
    recorded = json.loads((shared / "wordpress" / "wp_posts_page1_first3.json").read_bytes())
    assert len(recorded) == 3
    for content in recorded:
        post = read_post(content, home="http://127.0.0.1:8090", language="en-us", now=NOW)
        assert isinstance(post, Post)
        other = exported[post.id]
        assert differing(post, other) <= {"html", "title", "excerpt", "extra"}
        before = replace(other, html="", title=plain(other.title), excerpt=plain(other.excerpt))
        assert differing(as_exported(post), before) == set()
        assert words(post) == words(other)


def test_a_blog_moves_from_export_to_interface(export: Path, url: str, tmp_path: Path) -> None:
    """The posts read before are taken over, not doubled."""
    with Archive(tmp_path / "data") as archive:
        read_sources([str(export)], archive, now=NOW)
        counts = read_sources([url], archive, now=NOW, web=WEB).counts
        assert (counts.added, counts.taken_over) == (0, 509)
        assert archive.count() == 509
