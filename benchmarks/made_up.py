"""A version of any size with made-up neighbours, for measuring what serving takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from related_posts.addresses import Addressed, lookup_entries
from related_posts.blobs import pack
from related_posts.facets import build as facets
from related_posts.facets import keys_of
from related_posts.items import item_json
from related_posts.lookup import build
from related_posts.posts import Image, Post
from related_posts.storage import Store

K = 50
#: A prime, so that steps of it meet all rows of most blogs.
STRIDE = 7919


def write_version(data: Path, n_posts: int, seed: int) -> str:
    """Publish a blog of this size with random neighbours; its version's name."""
    draw = np.random.default_rng(seed)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    posts = [
        Post(
            id=f"/2024/{row:06d}/a-post-about-something/",
            url=f"https://blog.example/2024/{row:06d}/a-post-about-something/",
            title=f"What number {row} taught us about baking sourdough bread",
            excerpt="Weigh the flour, feed the starter and wait; then wait a little longer. " * 2,
            author="Ada Example",
            tags=("bread", "sourdough", "patience"),
            published=start - timedelta(hours=row),
            image=Image(f"/images/{row}.jpg", 1200, 800, "A loaf on a table"),
            language="en",
        )
        for row in range(n_posts)
    ]
    items, items_offsets = pack(
        item_json(post, excerpt=post.excerpt, language=post.language) for post in posts
    )
    similarities = -np.sort(-draw.random((n_posts, K), dtype=np.float32), axis=1)
    # Fifty others, each once, anywhere in the blog.
    first = draw.integers(0, n_posts - 1, (n_posts, 1))
    away = 1 + (first + STRIDE * np.arange(K)) % (n_posts - 1)
    arrays = {
        "items": items,
        "items_offsets": items_offsets,
        "neighbours": (np.arange(n_posts)[:, None] + away).astype(np.int32) % n_posts,
        "similarities": similarities,
        "scores": (similarities * 0.7).astype(np.float32),
        **build(
            lookup_entries(Addressed(row, post.id, post.url) for row, post in enumerate(posts))
        ),
        **facets(keys_of(post, post.language) for post in posts),
        "days": np.array([post.published.timestamp() / 86_400 for post in posts if post.published]),
        "languages": np.zeros(n_posts, np.int16),
    }
    store = Store(data)
    name = store.write(arrays, {}, now=datetime.now(UTC))
    store.publish(name)
    return name
