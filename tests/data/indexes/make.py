"""Write a tiny version in today's format, to be kept: ``python tests/data/indexes/make.py``.

Run it once for each new FORMAT_VERSION, before the release that brings it, and
commit the folder it makes (``v1``, ``v2``, ...). A folder that exists is never
written again: later releases prove with it that they still read that format.
The posts, their neighbours and all numbers are made up by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts.addresses import Addressed, lookup_entries
from related_posts.blobs import pack
from related_posts.facets import build as facets
from related_posts.facets import keys_of
from related_posts.items import item_json
from related_posts.lookup import build
from related_posts.manifest import FORMAT_VERSION
from related_posts.posts import Image, Post
from related_posts.storage import Store
from related_posts.wordpress.numbers import details_json, number_of

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

POSTS = [
    Post(
        id="/rye/",
        url="https://blog.example/rye/",
        title="Rye bread",
        tags=("bread", "rye"),
        categories=("Baking",),
        author="Ada",
        language="en",
        published=datetime(2025, 12, 24, 18, 30, tzinfo=UTC),
        image=Image("/images/rye.jpg", 800, 600, "A loaf"),
        aliases=("/old/rye.html",),
    ),
    Post(
        id="wheat",
        url="https://blog.example/wheat/",
        title="Wheat bread",
        language="en",
        published=datetime(2025, 1, 1, tzinfo=UTC),
    ),
    Post(
        id="3",
        url="https://blog.example/?p=3",
        title="Spelt “bread”",
        language="en",
        published=datetime(1969, 12, 31, tzinfo=UTC),
    ),
    Post(id="käse", url="https://blog.example/k%C3%A4se/", title="Käsebrot 🧀", language="de"),
    Post(id="relative", url="/relative/", title=""),
]

DETAILS: dict[str, Any] = {
    "site": "https://blog.example/",
    "languages": ["", "de", "en"],
    "analyzer": {"fingerprint": "made-up", "stem": True},
    "settings": {"k": 3},
    "libraries": {"numpy": "0"},
    "counts": {"posts": len(POSTS)},
    "seconds": {"vectors": 0.25},
}


def _item(post: Post) -> bytes:
    return item_json(post, excerpt=f"About {post.title}", language=post.language)


def arrays() -> dict[str, NDArray[Any]]:
    """All arrays of a version of :data:`POSTS`: 4 words, a pair of them, 3 neighbours a post."""
    # What the fourth post said before stays at its place, where nobody finds it any more.
    before = [*POSTS[:3], replace(POSTS[3], title="As it was"), *POSTS[4:]]
    items, items_offsets = pack(_item(post) for post in before)
    details, details_offsets = pack(details_json(post) for post in before)
    fresh_items, fresh_items_offsets = pack([_item(POSTS[3])])
    fresh_details, fresh_details_offsets = pack([details_json(POSTS[3])])
    terms, terms_offsets = pack(["bread", "käse", "rye", "wheat"])
    readable, readable_offsets = pack(["Bread", "Käse", "rye", "wheat"])
    entries = lookup_entries(
        Addressed(row, post.id, post.url, post.aliases) for row, post in enumerate(POSTS)
    )
    return {
        "items": items,
        "items_offsets": items_offsets,
        # The fourth post is at the sixth place, and the list of the second one was another.
        "neighbours": np.array(
            [[1, 2, 5], [2, 0, -1], [0, 1, -1], [0, -1, -1], [-1, -1, -1]], dtype=np.int32
        ),
        "similarities": np.array(
            [[0.6, 0.5, 0.25], [0.6, 0.5, 0], [0.5, 0.5, 0], [0.25, 0, 0], [0, 0, 0]],
            dtype=np.float32,
        ),
        "scores": np.array(
            [[1, 0.75, 0.125], [1, 0.5, 0], [0.75, 0.75, 0], [0.125, 0, 0], [0, 0, 0]],
            dtype=np.float32,
        ),
        "numbers": np.array([number_of(post) for post in POSTS], dtype=np.int64),
        "wordpress": details,
        "wordpress_offsets": details_offsets,
        **build(entries),
        **facets(keys_of(post, post.language) for post in POSTS),
        "vectors_data": np.array([0.48, 0.64, 0.6, 0.6, 0.8, 1, 1], dtype=np.float32),
        "vectors_indices": np.array([0, 2, 4, 0, 3, 0, 1], dtype=np.int32),
        "vectors_indptr": np.array([0, 3, 5, 6, 7, 7], dtype=np.int64),
        "postings_data": np.array([0.48, 0.6, 1, 1, 0.64, 0.8, 0.6], dtype=np.float32),
        "postings_indices": np.array([0, 1, 2, 3, 0, 1, 0], dtype=np.int32),
        "postings_indptr": np.array([0, 3, 4, 5, 6, 7], dtype=np.int64),
        "titles_data": np.array([0.5, 0.5, 0.5, 0.5, 1], dtype=np.float32),
        "titles_indices": np.array([0, 2, 0, 3, 0], dtype=np.int32),
        "titles_indptr": np.array([0, 2, 4, 5, 5, 5], dtype=np.int64),
        "idf": np.array([1, 3, 2, 2, 3], dtype=np.float32),
        "frequencies": np.array([4, 1, 2, 2, 1], dtype=np.int32),
        "terms": terms,
        "terms_offsets": terms_offsets,
        "readable": readable,
        "readable_offsets": readable_offsets,
        "pairs": np.array([[2, 0]], dtype=np.int32),
        "links_indices": np.array([1, 3, 0], dtype=np.int32),
        "links_indptr": np.array([0, 2, 2, 3, 3, 3], dtype=np.int64),
        "days": np.array([20446.75, 20089, -1, np.nan, np.nan], dtype=np.float64),
        "languages": np.array([2, 2, 2, 1, 0], dtype=np.int16),
        "translations": np.array([-1, -1, -1, -1, -1], dtype=np.int32),
        "duplicates": np.array([-1, -1, -1, -1, -1], dtype=np.int32),
        "series": np.array([-1, -1, -1, -1, -1], dtype=np.int32),
        "part": np.array([0, 0, 0, 0, 0], dtype=np.int16),
        "damping": np.array([1, 0.5, 1, 1, 1], dtype=np.float64),
        "boilerplate": np.array([3, 2**63], dtype=np.uint64),
        "contents": np.arange(10, dtype=np.uint64).reshape(5, 2),
        "templates": np.array([5, 6], dtype=np.uint64),
        "common_things": np.array([7], dtype=np.uint64),
        "ties": np.array([8, 8, 16], dtype=np.uint64),
        "ties_owners": np.array([0, 1, 3], dtype=np.int32),
        # As in a version built upon another, of which one post and one list have changed.
        "places": np.array([0, 1, 2, 5, 4], dtype=np.int32),
        "posts_at": np.array([0, 1, 2, -1, 4, 3], dtype=np.int32),
        "list_places": np.array([0, 5, 2, 3, 4], dtype=np.int32),
        "fresh_items": fresh_items,
        "fresh_items_offsets": fresh_items_offsets,
        "fresh_wordpress": fresh_details,
        "fresh_wordpress_offsets": fresh_details_offsets,
        "fresh_neighbours": np.array([[0, 2, -1]], dtype=np.int32),
        "fresh_similarities": np.array([[0.6, 0.5, 0]], dtype=np.float32),
        "fresh_scores": np.array([[1, 0.5, 0]], dtype=np.float32),
        "fresh_data": np.array([1], dtype=np.float32),
        "fresh_indices": np.array([1], dtype=np.int32),
        "fresh_indptr": np.array([0, 1], dtype=np.int64),
        "borrowed_indices": np.array([2], dtype=np.int32),
        "borrowed_indptr": np.array([0, 1, 1, 1, 1, 1], dtype=np.int64),
        "fresh_borrowed_indices": np.array([1], dtype=np.int32),
        "fresh_borrowed_indptr": np.array([0, 1], dtype=np.int64),
        "fresh_ties": np.array([24], dtype=np.uint64),
        "fresh_ties_owners": np.array([5], dtype=np.int32),
    }


def main() -> None:
    """Write and publish the version in a new folder beside this file."""
    folder = Path(__file__).parent / f"v{FORMAT_VERSION}"
    folder.mkdir()
    store = Store(folder)
    store.publish(store.write(arrays(), DETAILS, now=NOW))
    (store.versions / ".lock").unlink()
    print(f"wrote {folder}; commit it and never change it")


if __name__ == "__main__":
    main()
