"""What is shown of a post, as a piece of JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.items import (
    PARTS,
    curated_item,
    item_json,
    item_with_scores,
    plain_item,
    rounded,
)
from related_posts.posts import Image, Post


def item(post: Post, excerpt: str = "", language: str = "") -> dict[str, Any]:
    """The item as it is read by anybody."""
    made: dict[str, Any] = json.loads(
        plain_item(item_json(post, excerpt=excerpt, language=language))
    )
    return made


FULL = Post(
    id="/a/",
    url="https://blog.example/a/",
    title="A “title” & </script>",
    html="<p>never shown</p>",
    tags=("t", "u"),
    categories=("c",),
    author="Ada",
    published=datetime(2024, 5, 1, 2, 0, 0, 999999, tzinfo=timezone(timedelta(hours=2))),
    image=Image("/i.jpg", 8, None, "alt"),
    excerpt="the author's own",
    extra={"secret": 1},
)


def test_an_item_holds_what_is_shown_in_a_fixed_order() -> None:
    """Fields come in the documented order, and nothing else of the post is shown."""
    assert list(item(FULL, "An excerpt", "en").items()) == [
        ("id", "/a/"),
        ("url", "https://blog.example/a/"),
        ("title", "A “title” & </script>"),
        ("excerpt", "An excerpt"),
        ("published", "2024-05-01T00:00:00Z"),
        ("author", "Ada"),
        ("image", {"src": "/i.jpg", "width": 8, "height": None, "alt": "alt"}),
        ("tags", ["t", "u"]),
        ("categories", ["c"]),
        ("language", "en"),
    ]


def test_what_is_unknown_is_null_or_empty() -> None:
    """Every field is there, whatever the post lacks."""
    assert item(Post(id="1", url="/1")) == {
        "id": "1",
        "url": "/1",
        "title": "",
        "excerpt": "",
        "published": None,
        "author": "",
        "image": None,
        "tags": [],
        "categories": [],
        "language": "",
    }


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59Z"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), None),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))), None),
        (
            datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
            "2024-01-01T05:30:00Z",
        ),
    ],
)
def test_moments_are_shown_in_utc(moment: datetime, shown: str | None) -> None:
    """Publication is RFC 3339 in UTC; one that UTC cannot name is unknown."""
    assert item(Post(id="1", url="/1", published=moment))["published"] == shown


def test_a_fragment_lacks_only_its_closing_brace() -> None:
    """A service can put more fields behind it."""
    fragment = item_json(FULL, excerpt="", language="")
    assert fragment.startswith(b'{"id":"/a/",')
    assert fragment.endswith(b'"language":""')


@pytest.mark.parametrize(
    ("similarity", "score", "end"),
    [
        (0.0, 1.0, b',"similarity":0,"score":1}'),
        (0.12346, 0.99999, b',"similarity":0.1235,"score":1}'),
        (1e-9, 0.5, b',"similarity":0,"score":0.5}'),
        (0.00014, 0.4020, b',"similarity":0.0001,"score":0.402}'),
    ],
)
def test_numbers_have_at_most_four_decimals(similarity: float, score: float, end: bytes) -> None:
    """Both numbers are written without zeros at their end, whole ones without a point."""
    fragment = item_json(FULL, excerpt="", language="")
    whole = item_with_scores(fragment, similarity, score)
    assert whole == fragment + end
    assert list(json.loads(whole))[-2:] == ["similarity", "score"]


def test_every_number_there_is_has_one_form() -> None:
    """What is looked up is, for each of the numbers that are shown, what encoding gives."""
    for parts in range(PARTS + 1):
        value = parts / PARTS
        number = orjson.dumps(rounded(value))
        assert item_with_scores(b"{", value, value) == (
            b'{,"similarity":%b,"score":%b}' % (number, number)
        )


@given(st.floats(0, 1), st.floats(0, 1, width=32))
def test_one_number_is_written_one_way(similarity: float, score: float) -> None:
    """Joined from pieces or encoded as an object, an item has the same bytes."""
    numbers = {"similarity": rounded(similarity), "score": rounded(score)}
    assert item_with_scores(b"{", similarity, score) == b"{," + orjson.dumps(numbers)[1:]
    assert curated_item(b"{", None, score, "pinned") == (
        b'{,"similarity":null,"score":%b,"reason":"pinned"}' % orjson.dumps(rounded(score))
    )
    assert abs(numbers["similarity"] - similarity) <= 0.5 / PARTS + 1e-12


@given(st.text(st.characters(codec=None)), st.lists(st.text(st.characters(codec=None))))
@settings(deadline=None)
def test_any_text_becomes_valid_json(text: str, tags: list[str]) -> None:
    """Text comes back as it was, but for halves of surrogate pairs."""
    shown = item(Post(id="1", url="/1", title=text, tags=tuple(tags)))

    def sound(text: str) -> str:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    assert shown["title"] == sound(text)
    assert shown["tags"] == [sound(tag) for tag in tags]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_null(value: Any) -> None:
    """A picture's impossible width never makes an answer unreadable."""
    image = Image("/i.jpg", value, 2)
    assert item(Post(id="1", url="/1", image=image))["image"]["width"] is None
