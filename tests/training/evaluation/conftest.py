"""What the tests of evaluation share: a small blog whose links and relations are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.posts import Post

NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: Who links to whom on the small blog, by id.
LINKED = {
    "/rye/": ("/starter/", "/sourdough/"),
    "/kitchen-scale/": ("/sourdough/",),
    "/tyres/": ("/brakes/",),
    "/mirror/": ("/moon/",),
    "/sourdough/": ("/sauerteig/",),
}


@pytest.fixture
def linked_posts(archive_posts: list[Post]) -> list[Post]:
    """The twelve posts with links in their texts; the anchors repeat the linked titles."""
    titles = {post.id: post.title for post in archive_posts}

    def with_links(post: Post) -> Post:
        anchors = "".join(
            f'<p>See <a href="https://blog.example{target}">{titles[target]}</a>.</p>'
            for target in LINKED.get(post.id, ())
        )
        return replace(post, html=post.html + anchors, links=())

    return [with_links(post) for post in archive_posts]


@pytest.fixture
def filled(tmp_path: Path, linked_posts: list[Post]) -> Callable[..., Archive]:
    """An archive of some posts, by default the twelve with links, in the folder ``data``."""

    def fill(posts: list[Post] | None = None) -> Archive:
        archive = Archive(tmp_path / "data")
        archive.update("test", linked_posts if posts is None else posts, complete=True, now=NOW)
        return archive

    return fill
