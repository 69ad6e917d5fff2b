"""A real blog read four ways: export, interface, feed and our own schema.

The posts are the same but for what a format lacks, and ``docs/sources.md`` says what that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.posts import Post
from related_posts.schema import post_to_bytes
from training.sources import open_source
from training.sources.wordpress.wxr import WxrSource
from training.web import WebOptions

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEB = WebOptions(allow_private=True, per_second=1e6)
HOME = "http://127.0.0.1:8090"
POSTS_A_PAGE = 10


@pytest.fixture(scope="module")
def exported(shared: Path) -> list[Post]:
    """The blog's posts as its export has them, the newest first."""
    items = WxrSource(shared / "exports" / "wordpress-6.1-18f.xml.gz", now=NOW).read()
    posts = [one for one in items if isinstance(one, Post)]
    return sorted(posts, key=lambda one: one.published or NOW, reverse=True)


def feed_page(posts: list[Post]) -> str:
    """A page of the feed as WordPress's template writes it."""
    items = []
    for post in posts:
        terms = [
            f"<category><![CDATA[{one}]]></category>" for one in (*post.categories, *post.tags)
        ]
        back = (
            f'<p>The post <a href="{post.url}">{escape(post.title)}</a> appeared first on '
            f'<a href="{HOME}">18F</a>.</p>'
        )
        body = (post.html + back).replace("]]>", "]]]]><![CDATA[>")
        items.append(
            f"<item><title>{escape(escape(post.title, quote=False))}</title>"
            f"<link>{escape(post.url)}</link><dc:creator><![CDATA[{post.author}]]></dc:creator>"
            f"<pubDate>{format_datetime(post.published or NOW)}</pubDate>{''.join(terms)}"
            f'<guid isPermaLink="false">{escape(post.extra["wordpress"]["guid"])}</guid>'
            f"<description><![CDATA[{post.excerpt or 'Rye'} [&#8230;]]]></description>"
            f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>18F</title>'
        f"<link>{HOME}</link><language>en-US</language>"
        f"<generator>https://wordpress.org/?v=6.1.9</generator>{''.join(items)}</channel></rss>"
    )


def jsonl(posts: list[Post], folder: Path) -> str:
    """The posts in our own schema, as a file."""
    path = folder / "posts.jsonl"
    path.write_bytes(b"".join(post_to_bytes(post) + b"\n" for post in posts))
    return str(path)


@pytest.fixture
def ways(
    exported: list[Post],
    serve: Callable[..., Any],
    fake_web: ModuleType,
    fake_wordpress: ModuleType,
    tmp_path: Path,
) -> dict[str, str]:
    """Format to the place where the same posts are in it, made of the export."""
    rows = fake_wordpress.rows_of(exported, HOME)
    for row in rows:
        for name in ("title", "content", "excerpt"):
            # WordPress's typography, as its interface applies it.
            text = re.sub(r"(?<=\w)'(?=\w)(?![^<]*>)", "&#8217;", row[name]["rendered"])
            row[name]["rendered"] = text
    blog = fake_wordpress.WordPress(fake_web.Reply, home=HOME, rows=rows, language="en-US")

    def feed(asked: Any) -> Any:
        start = (int(asked.query.get("paged", 1)) - 1) * POSTS_A_PAGE
        page = exported[start : start + POSTS_A_PAGE]
        return fake_web.Reply(200 if page else 404, feed_page(page).encode() if page else b"")

    return {
        "wordpress": serve(blog).url,
        "feed": f"{serve(feed).url}/feed/",
        "jsonl": jsonl(exported, tmp_path),
    }


def documented() -> dict[str, set[str]]:
    """Format to the fields that ``docs/sources.md`` says are other than in the export."""
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    section = page.partition("## The same blog by different ways")[2].partition("\n## ")[0]
    table = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    head, _, *rows = table
    return {
        format: {row[0] for row in rows if row[column] != "="}
        for column, format in enumerate(head)
        if column
    }


@pytest.mark.parametrize("format", ["wordpress", "feed", "jsonl"])
def test_every_way_gives_the_same_posts_but_for_what_it_lacks(
    exported: list[Post], ways: dict[str, str], format: str
) -> None:
    """Every post, under its address; the fields that differ are those the docs name."""
    source = open_source(ways[format], format=format, now=NOW, web=WEB)
    items = list(source.read())
    posts = {one.url: one for one in items if isinstance(one, Post)}
    assert len(items) == len(posts) == len(exported) == 509
    differing = {
        each.name
        for post in exported
        for each in fields(Post)
        if getattr(post, each.name) != getattr(posts[post.url], each.name)
    }
    # This blog has neither categories nor pictures, so nothing of them can be lacking.
    assert not any(post.categories or post.image for post in exported)
    absent = {"tags", "categories", "image"} if format == "feed" else set()
    assert differing == documented()[format] - absent


def test_what_a_feed_has_instead(exported: list[Post], ways: dict[str, str]) -> None:
    """The guid for the number, tags and categories in one, an excerpt for every post or none."""
    source = open_source(ways["feed"], format="feed", now=NOW, web=WEB)
    posts = {one.url: one for one in source.read() if isinstance(one, Post)}
    for post in exported:
        other = posts[post.url]
        assert other.id == post.extra["wordpress"]["guid"]
        assert other.tags == tuple(dict.fromkeys((*post.categories, *post.tags)))
        assert (other.categories, other.updated) == ((), None)


def test_the_docs_speak_of_every_way() -> None:
    """The table has the ways that are read here, and names fields that posts have."""
    table = documented()
    assert list(table) == ["wordpress", "feed", "jsonl"]
    assert set().union(*table.values()) <= {each.name for each in fields(Post)}
