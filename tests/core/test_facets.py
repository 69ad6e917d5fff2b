"""Facets: names in every spelling lead to the same posts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.blobs import Blob
from related_posts.facets import (
    AUTHOR,
    CATEGORY,
    LANGUAGE,
    SLUG,
    TAG,
    Facets,
    amended,
    build,
    keys_of,
    label_key,
    slug_of,
)
from related_posts.posts import Post

POSTS = [
    Post(id="1", url="/a/rye-bread/", tags=("Rye Bread", "C++"), language="pt-br", author="Ada L."),
    Post(id="2", url="/b.html", tags=("rye-bread", "C"), categories=("Café",), language="pt"),
    Post(id="3", url="/c/", tags=("RYE  BREAD",), slug="own", categories=("!!",), author="ada l"),
]


def table(posts: list[Post]) -> Facets:
    """The reader of a table of these posts."""
    arrays = build(keys_of(post, post.language) for post in posts)
    return Facets(
        Blob(arrays["facet_keys"], arrays["facet_keys_offsets"]),
        arrays["facet_rows"],
        arrays["facet_indptr"],
    )


@pytest.mark.parametrize(
    ("kind", "name", "rows"),
    [
        (TAG, "rye bread", [0, 1, 2]),
        (TAG, "Rye-Bread", [0, 1, 2]),
        (TAG, "c++", [0]),
        (TAG, "c", [1]),
        (TAG, "rye", []),
        (TAG, "", []),
        (TAG, "!!", []),
        (CATEGORY, "cafe", [1]),
        (CATEGORY, "CAFÉ", [1]),
        (CATEGORY, "rye-bread", []),
        (AUTHOR, "Ada L", [0, 2]),
        (LANGUAGE, "pt", [0, 1]),
        (LANGUAGE, "pt_BR", [0]),
        (SLUG, "rye-bread", [0]),
        (SLUG, "b", [1]),
        (SLUG, "own", [2]),
        (SLUG, "c", []),
    ],
)
def test_names_and_slugs_find_the_posts(kind: str, name: str, rows: list[int]) -> None:
    """Case, accents, spaces and hyphens make no difference; the kind of name does."""
    assert table(POSTS).rows(kind, name).tolist() == rows


@given(st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=8))
def test_the_table_agrees_with_a_dictionary(names: list[list[str]]) -> None:
    """For any tags, the rows of each are those of the posts that have it, ascending."""
    posts = [Post(id=str(row), url=f"/{row}", tags=tuple(tags)) for row, tags in enumerate(names)]
    facets = table(posts)
    for name in {name for tags in names for name in tags}:
        key = label_key(name)
        expected = [row for row, tags in enumerate(names) if key in map(label_key, tags) and key]
        assert facets.rows(TAG, name).tolist() == expected


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    """Whoever copies a key finds the same posts with it."""
    assert label_key(label_key(name)) == label_key(name)


def test_a_slug_is_taken_from_the_address() -> None:
    """Percent codes are undone, page endings left out; an address without a path has none."""
    for url, slug in {
        "https://b.example/2024/k%C3%A4se/": "käse",
        "/x.php": "x",
        "https://b.example": "",
        "//[": "",
    }.items():
        assert slug_of(Post(id="1", url=url)) == slug


def test_arrays_that_do_not_fit_are_refused() -> None:
    """A table whose lists do not divide the rows is no table."""
    keys = Blob(np.frombuffer(b"ta", np.uint8), np.array([0, 2], np.uint64))
    with pytest.raises(ValueError, match="do not divide"):
        Facets(keys, np.zeros(3, np.int32), np.array([0, 2], np.int64))


NAMES = st.frozensets(st.sampled_from([b"ta", b"tb", b"tbb", b"c", b"a", b"zz"]), max_size=4)


@given(before=st.lists(NAMES, max_size=6), now=st.lists(st.none() | NAMES, max_size=8))
def test_an_amended_table_is_the_table_of_all(
    before: list[frozenset[bytes]], now: list[frozenset[bytes] | None]
) -> None:
    """Posts that stay (None), posts that are new, and posts that are gone."""
    earlier = iter(range(len(before)))
    origin = [-1 if names is not None else next(earlier, -2) for names in now]
    now = [names for names, row in zip(now, origin, strict=True) if row != -2]
    origin = [row for row in origin if row != -2]
    rows = np.full(len(before) + 1, -1, np.int32)
    for row, where in enumerate(origin):
        if where >= 0:
            rows[where] = row
    added = {row: names for row, names in enumerate(now) if names is not None}
    whole = build(before[where] if where >= 0 else added[row] for row, where in enumerate(origin))
    for name, array in amended(build(before), rows, added).items():
        assert array.dtype == whole[name].dtype
        assert array.tolist() == whole[name].tolist(), name
