"""A real blog read by its export and by its feed: the same posts, but for what a feed lacks."""

from __future__ import annotations

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
from training.sources.feeds.feed import WebFeedSource
from training.sources.wordpress.wxr import WxrSource
from training.web import WebOptions

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


def test_export_and_feed_give_the_same_posts(
    exported: list[Post], serve: Callable[..., Any], fake_web: ModuleType
) -> None:
    """A feed lacks WordPress's numbers, so the guid is the id; and dates of change.

    It has tags and categories in one, and an excerpt for every post, cut off or not.
    All else is equal: addresses, titles, texts, authors, dates, language, slugs.
    """

    def answer(asked: Any) -> Any:
        start = (int(asked.query.get("paged", 1)) - 1) * POSTS_A_PAGE
        page = exported[start : start + POSTS_A_PAGE]
        return fake_web.Reply(200 if page else 404, feed_page(page).encode() if page else b"")

    items = list(WebFeedSource(f"{serve(answer).url}/feed/", now=NOW, web=WEB).read())
    posts = {one.url: one for one in items if isinstance(one, Post)}
    assert len(items) == len(posts) == len(exported) == 509
    differing: set[str] = set()
    for post in exported:
        other = posts[post.url]
        assert other.id == post.extra["wordpress"]["guid"]
        assert other.tags == tuple(dict.fromkeys((*post.categories, *post.tags)))
        differing |= {
            each.name
            for each in fields(Post)
            if getattr(post, each.name) != getattr(other, each.name)
        }
    assert differing <= {"id", "tags", "categories", "updated", "image", "excerpt", "extra"}
