"""Numbers of posts that WordPress counted, and of those that it did not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.errors import UnknownPostError
from related_posts.posts import Post
from related_posts.storage import Store
from related_posts.wordpress.numbers import OURS, Numbers, details_json, number_of, own_number


def post(id: str = "x", told: Any = None, **more: Any) -> Post:
    """A post of a source that told something of WordPress."""
    return Post(id=id, url="https://b.example/a/", extra={"wordpress": told or {}}, **more)


def test_the_number_told_counts_first() -> None:
    """Then the id where it is a number WordPress could have given; then our own."""
    assert number_of(post("9", {"post_id": 7})) == 7
    assert number_of(post("9")) == 9
    for id_ in ("0", "07", "٣", "-1", str(OURS), "9" * 400, "/2024/x/"):
        assert number_of(post(id_)) == own_number("post", id_)
    for told in (True, 0, -1, "7", 2**60, None, [7]):
        assert number_of(post("9", {"post_id": told})) == 9
    assert number_of(Post(id="9", url="/", extra={"wordpress": "none"})) == 9


@given(st.text(max_size=20), st.text(max_size=20))
def test_our_numbers_are_exact_everywhere(one: str, other: str) -> None:
    """They are the same every time, apart by kind, and whole in JavaScript and PHP."""
    number = own_number("tag", one)
    assert OURS <= number < 2 * OURS < 2**53
    assert own_number("tag", one) == number != own_number("category", one)
    assert (one == other) == (own_number("tag", other) == number)


def test_details_hold_what_the_item_does_not() -> None:
    """What is as usual, or told by the item, takes no room."""
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    told = {
        "type": "post",
        "guid": "https://b.example/a/",
        "date": "2024-01-02T03:04:05",
        "format": "standard",
        "tag_ids": [],
        "sticky": False,
    }
    assert orjson.loads(details_json(post(told=told, published=moment))) == {"slug": "a"}
    told = {"date": "2024-01-02T04:04:05", "author_id": 3, "tag_ids": [1, 2], "sticky": True}
    assert orjson.loads(details_json(post(told=told, published=moment, updated=moment))) == {
        "slug": "a",
        "date": "2024-01-02T04:04:05",
        "updated": "2024-01-02T03:04:05",
        "author_id": 3,
        "tag_ids": [1, 2],
        "sticky": True,
    }


@pytest.mark.parametrize(
    "told",
    [
        {"author_id": "3", "tag_ids": "12", "type": 7, "date": 5},
        {"author_id": -3, "tag_ids": [1, "2"], "guid": ["x"], "sticky": "yes"},
        {"category_ids": {"1": 2}, "featured_media": 1.5, "comment_status": None},
    ],
)
def test_what_is_of_another_kind_is_not_kept(told: dict[str, Any]) -> None:
    """A source may tell anything; readers of the details need not look at kinds."""
    assert orjson.loads(details_json(post(told=told))) == {"slug": "a"}


def test_half_a_surrogate_pair_breaks_nothing() -> None:
    """UTF-8 cannot hold it; such details say nothing."""
    assert details_json(post(told={"guid": "\ud800"})) == b"{}"


def test_posts_are_found_by_number(store: Store, published: str, tiny: Any) -> None:
    """Every post of a version; other numbers, however large, lead nowhere."""
    with store.open(published) as index:
        numbers = Numbers(index)
        for row, each in enumerate(tiny.POSTS):
            assert numbers.row(number_of(each)) == row
            assert index.wordpress(row) == orjson.loads(details_json(each))
        for number in (0, -1, 4, 2**63, 10**30):
            with pytest.raises(UnknownPostError):
                numbers.row(number)


def test_of_posts_with_one_number_the_newest_is_found(store: Store, tiny: Any) -> None:
    """Two blogs in one archive count from 1 both."""
    numbers = np.array([5, 3, 5, 3, 9], np.int64)
    name = store.write({**tiny.arrays(), "numbers": numbers}, tiny.DETAILS, now=tiny.NOW)
    with store.open(name) as index:
        found = Numbers(index)
        assert (found.row(5), found.row(3), found.row(9)) == (0, 1, 4)
