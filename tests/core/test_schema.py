"""The JSON form of a post: what is forgiven, what is refused, and that it is stable."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError
from related_posts.posts import Image, Post
from related_posts.schema import (
    FIELDS,
    content_hash,
    post_from_bytes,
    post_from_json,
    post_to_bytes,
    post_to_json,
)

NOON = datetime(2020, 1, 2, 12, tzinfo=UTC)


def post(**content: Any) -> Post:
    """A post with these fields and the two that are needed."""
    return post_from_json({"id": "1", "url": "/a/", **content})


# What may come in: any JSON in any field, near enough to the schema to get far.
_texts = st.text(st.characters(), max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_moments = st.datetimes(
    min_value=datetime(1001, 1, 1),
    max_value=datetime(2998, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3.5))]),
).map(datetime.isoformat)
_urls = st.sampled_from(
    ["/a/", "https://blog.example/b c", "//blog.example/x", "/ä/?q=1#f", "a.jpg"]
)
_objects = st.fixed_dictionaries(
    {"id": st.integers() | _texts, "url": _urls},
    optional={
        "title": _texts,
        "html": _texts,
        "tags": st.lists(_texts, max_size=4) | _texts,
        "author": _texts | st.lists(_texts, max_size=2),
        "language": st.sampled_from(["en", "pt_BR", "zh-Hant", "de_DE.UTF-8", ""]),
        "published": _moments | st.sampled_from(["2020-01-02", "", None]),
        "image": _urls | st.fixed_dictionaries({"src": _urls, "width": _json, "alt": _texts}),
        "aliases": st.lists(_urls, max_size=3),
        "links": st.lists(_texts, max_size=3),
        "extra": st.dictionaries(_texts, _json, max_size=3),
        "wordpress": _json,
    },
)


@given(_objects)
@settings(deadline=None, max_examples=300)
def test_what_was_read_is_stable(content: dict[str, Any]) -> None:
    """Writing a post and reading it back changes nothing, in either form."""
    try:
        first = post_from_json(content)
    except PostError:
        return
    written = post_to_json(first)
    again = post_from_json(written)
    assert again == first
    assert post_to_json(again) == written
    assert post_from_bytes(post_to_bytes(first)) == first
    assert content_hash(again) == content_hash(first)


@given(st.dictionaries(st.sampled_from([*FIELDS, "lang", "x"]), _json) | _json)
@settings(deadline=None, max_examples=300)
def test_any_json_is_a_post_or_a_post_error(content: Any) -> None:
    """Whatever JSON comes in, a post comes out or a PostError with a bounded message."""
    try:
        made = post_from_json(content)
    except PostError as error:
        reason = error.reason
    else:
        orjson.loads(post_to_bytes(made))
        reason = "-"
    assert 0 < len(reason) < 400


@given(_objects, st.randoms())
@settings(deadline=None, max_examples=100)
def test_hash_ignores_the_order_of_keys(content: dict[str, Any], rng: random.Random) -> None:
    """The same content in another order of keys has the same hash."""
    keys = list(content)
    rng.shuffle(keys)
    try:
        expected = content_hash(post_from_json(content))
    except PostError:
        return
    assert content_hash(post_from_json({key: content[key] for key in keys})) == expected


def test_hash_sees_every_field() -> None:
    """Changing any field, extra included, changes the hash."""
    variants = [
        post(),
        post(url="/b/"),
        post(title="x"),
        post(html="x"),
        post(tags=["x"]),
        post(categories=["x"]),
        post(author="x"),
        post(language="en"),
        post(published="2020-01-01"),
        post(updated="2020-01-01"),
        post(image="/x.png"),
        post(excerpt="x"),
        post(slug="x"),
        post(aliases=["/x"]),
        post(links=["x"]),
        post(translation_group="x"),
        post(extra={"x": 1}),
    ]
    assert len({content_hash(one) for one in variants}) == len(variants) == len(FIELDS)


def test_a_moment_has_one_hash_in_every_zone() -> None:
    """The same moment written in two zones is the same content."""
    assert content_hash(post(published="2020-01-01T09:00:00+09:00")) == content_hash(
        post(published="2020-01-01T00:00:00Z")
    )


def test_a_full_post_reads_field_by_field() -> None:
    """Every documented field arrives in its attribute."""
    made = post_from_json(
        {
            "id": 7,
            "url": "https://blog.example/a/",
            "title": " Q&A \n today ",
            "html": "<p>Hi</p>\n",
            "tags": ["a", "b", "a", "", None, 2020],
            "categories": "One | Two, three",
            "author": ["Ada", "Bob"],
            "lang": "pt_BR.UTF-8",
            "published": "2020-01-02 10:00:00 +0900",
            "updated": "2020-01-03",
            "image": {"src": "big.jpg", "width": "800px", "height": 0, "alt": None},
            "excerpt": "Short.",
            "slug": "a",
            "aliases": "/old/",
            "links": [1, "2"],
            "translation_group": 5,
            "extra": {"k": 1},
            "wp_id": 7,
        }
    )
    assert made == Post(
        id="7",
        url="https://blog.example/a/",
        title="Q&A today",
        html="<p>Hi</p>\n",
        tags=("a", "b", "2020"),
        categories=("One", "Two, three"),
        author="Ada, Bob",
        language="pt-br",
        published=datetime(2020, 1, 2, 1, tzinfo=UTC),
        updated=datetime(2020, 1, 3, tzinfo=UTC),
        image=Image("https://blog.example/a/big.jpg", 800, None, ""),
        excerpt="Short.",
        slug="a",
        aliases=("/old/",),
        links=("1", "2"),
        translation_group="5",
        extra={"wp_id": 7, "k": 1},
    )


def test_null_and_missing_are_empty() -> None:
    """A field that is null is as if it were absent."""
    nothing = dict.fromkeys([*FIELDS[2:], "lang"])
    assert post(**nothing) == post() == Post(id="1", url="/a/")


def test_empty_fields_are_not_written() -> None:
    """Only what is said is stored, so a new field makes no stored post look changed."""
    assert post_to_json(post()) == {"id": "1", "url": "/a/"}


def test_extra_wins_over_an_unknown_field_of_the_same_name() -> None:
    """What the exporter put into extra on purpose is kept."""
    assert post(extra={"a": 1}, a=2, b=3).extra == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2020-01-31T10:00:00Z", "2020-01-31T10:00:00Z"),
        ("2020-01-31t10:00:00z", "2020-01-31T10:00:00Z"),
        ("2020-01-31T10:00:00.123456789+00:00", "2020-01-31T10:00:00.123456Z"),
        ("2020-01-31 10:00", "2020-01-31T10:00:00Z"),
        ("2020-01-31 10:00:00 +0530", "2020-01-31T04:30:00Z"),
        ("2020-01-31 10:00:00-03", "2020-01-31T13:00:00Z"),
        (" 2020-01-31 ", "2020-01-31T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("0000-00-00 00:00:00", None),
        ("", None),
    ],
)
def test_dates_are_read(given: str, expected: str | None) -> None:
    """Every documented way to write a date is the right moment in UTC."""
    assert post_to_json(post(published=given)).get("published") == expected


@pytest.mark.parametrize(
    "value",
    [
        "2020-02-30",
        "2020-13-01",
        "0999-12-31",
        "9999-12-31T23:59:59-12:00",
        "2020-01-01T25:00:00Z",
        "2020-01-01T10:00:99Z",
        "2020-01-01T10:00:00+25:00",
        "2020-01-01T10:00:00+01:75",
        "yesterday",
        "01/02/2020",
        "٢٠٢٠-٠١-٠١",
        1577836800,
        True,
        [],
    ],
)
def test_dates_that_do_not_exist_are_refused(value: object) -> None:
    """A date that is none, or absurd, names the field and what is allowed."""
    with pytest.raises(PostError, match=r"^published is .*; it must be ") as caught:
        post(published=value)
    assert caught.value.post_id == "1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [(7, "7"), (7.0, "7"), (" /a b/ ", "/a b/"), (0, "0"), (2**70, f"{2**70}")],
)
def test_ids_are_strings_or_whole_numbers(given: object, expected: str) -> None:
    """A number is its digits; white space around an id is no part of it."""
    assert post_from_json({"id": given, "url": "/"}).id == expected


@pytest.mark.parametrize("value", [None, "", "  ", True, 1.5, [], {}, "a\0b", "a\nb", "x" * 2001])
def test_ids_that_are_none_are_refused(value: object) -> None:
    """A post without a usable id is refused."""
    with pytest.raises(PostError, match=r"^id is ") as caught:
        post_from_json({"id": value, "url": "/a/"})
    assert caught.value.post_id is None


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "ftp://blog.example/",
        "mailto:a@blog.example",
        "blog.example/a",
        "a/b",
        "/\\evil.example/",
        "https://",
        "https:///a",
        "http://[::1",
        "/a\tb",
        "java\nscript:x",
        "/a\0b",
        "/" + "x" * 8000,
        None,
        "",
        7,
    ],
)
def test_addresses_that_lead_nowhere_are_refused(value: object) -> None:
    """An address a reader could not or must not follow is refused, with the post's id."""
    with pytest.raises(PostError, match=r"^url is ") as caught:
        post(url=value)
    assert caught.value.post_id == "1"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (" https://blog.example/a b ", "https://blog.example/a%20b"),
        ("//blog.example/a", "https://blog.example/a"),
        ("HTTP://blog.example/", "HTTP://blog.example/"),
        ("/a?q=javascript:x", "/a?q=javascript:x"),
    ],
)
def test_addresses_are_kept_but_for_spaces_and_a_missing_scheme(given: str, expected: str) -> None:
    """An address is stored as the blog writes it, made whole where a browser would."""
    assert post(url=given).url == expected


@pytest.mark.parametrize("value", ["data:image/png;base64,AAAA", "", None, {"src": None}, {}])
def test_a_picture_without_an_address_is_none(value: object) -> None:
    """An embedded or empty picture is no picture, and the post is read."""
    assert post(image=value).image is None


@pytest.mark.parametrize(
    "value", [7, [], {"src": 7}, {"src": "javascript:x"}, {"src": "/a", "alt": []}]
)
def test_a_picture_of_the_wrong_kind_is_refused(value: object) -> None:
    """A picture that is no URL names the field."""
    with pytest.raises(PostError, match=r"^image"):
        post(image=value)


@pytest.mark.parametrize("value", ["English", "e", "en--us", "日本語", 5])
def test_languages_that_are_no_tag_are_refused(value: object) -> None:
    """A language is a tag, not its name."""
    with pytest.raises(PostError, match=r"^language is .* such as en"):
        post(language=value)


def test_language_wins_over_lang() -> None:
    """The documented name counts where both are given; neither goes into extra."""
    assert post(language="de", lang="en") == post(language="de")
    assert post(language="", lang="EN").language == "en"


@pytest.mark.parametrize("field", ["title", "html", "excerpt", "slug", "translation_group"])
@pytest.mark.parametrize("value", [[], {}, True])
def test_texts_of_another_kind_are_refused(field: str, value: object) -> None:
    """A text that is an array, an object or a truth value names the field."""
    with pytest.raises(PostError, match=rf"^{field} is "):
        post(**{field: value})


@pytest.mark.parametrize("field", ["tags", "categories", "links", "aliases"])
@pytest.mark.parametrize("value", [{}, True, [{}], [True], [[]]])
def test_lists_of_another_kind_are_refused(field: str, value: object) -> None:
    """An entry that is no string is named with its place."""
    with pytest.raises(PostError, match=rf"^{field}(\[0\])? is "):
        post(**{field: value})


def test_what_no_text_can_hold_is_replaced() -> None:
    """NUL and lone surrogates become U+FFFD, wherever they stand."""
    made = post(
        title="a\ud800b", html="a\0b", tags=["\udfff"], extra={"\ud800": ["\0"]}, x="\udc00"
    )
    assert (made.title, made.html, made.tags) == ("a�b", "a�b", ("�",))
    assert made.extra == {"�": ["�"], "x": "�"}
    post_to_bytes(made)


def test_a_surrogate_in_a_hand_made_post_is_still_written() -> None:
    """A source that builds posts itself cannot break the archive with half a character."""
    assert b"a\xef\xbf\xbd" in post_to_bytes(Post(id="1", url="/", title="a\ud800"))


def test_numbers_beyond_json_are_kept_as_near_as_possible() -> None:
    """NaN is null, a huge whole number is floating point."""
    made = post(extra={"nan": float("nan"), "huge": 2**70, "vast": 10**400, "max": 2**64 - 1})
    assert made.extra == {"nan": None, "huge": 2.0**70, "vast": None, "max": 2**64 - 1}


def test_a_programs_values_in_extra_become_json() -> None:
    """Dates and tuples of front matter are kept as JSON has them."""
    made = post(extra={"day": date(2020, 1, 2), 1: (NOON, None)})
    assert made.extra == {"day": "2020-01-02", "1": ["2020-01-02T12:00:00+00:00", None]}


def test_nesting_is_bounded() -> None:
    """An object as deep as an attacker likes is refused, not a crash."""
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(PostError, match="nested deeper than 64"):
        post(extra={"deep": deep})


def test_what_json_cannot_hold_is_refused_with_the_id() -> None:
    """A value of a program in extra names its type and the post."""
    with pytest.raises(PostError, match="extra is a set") as caught:
        post_to_bytes(Post(id="9", url="/", extra={"a": {1}}))
    assert caught.value.post_id == "9"


@pytest.mark.parametrize("value", [None, [], "x", 7, True])
def test_what_is_no_object_is_refused(value: Any) -> None:
    """A line that is valid JSON but no object says what it is."""
    with pytest.raises(PostError, match="a post must be a JSON object"):
        post_from_json(value)


def test_messages_show_at_most_eighty_characters_of_a_value() -> None:
    """A megabyte in the wrong place does not fill the terminal."""
    with pytest.raises(PostError) as caught:
        post(language="x" * 1_000_000)
    assert len(caught.value.reason) < 180


@pytest.mark.parametrize(
    "stored",
    [
        *(b"", b"{", b"[]", b"7", b"{}", b'{"id":"1"}', b'{"id":"1","url":"/","image":{"x":1}}'),
        *(b'{"id":"1","url":"/","published":"x"}', b'{"id":"1","url":"/","tags":7}'),
    ],
)
def test_stored_bytes_that_are_no_post_are_a_post_error(stored: bytes) -> None:
    """A damaged row is named, not a traceback."""
    with pytest.raises(PostError):
        post_from_bytes(stored)


def test_a_stored_post_is_read_as_it_was_written() -> None:
    """Nothing is cleaned on the way out, so no row can make an archive unreadable."""
    odd = Post(id=" 1 ", url="odd", title=" a  b ", tags=("x", "x"), image=Image("odd"))
    assert post_from_bytes(post_to_bytes(odd)) == odd


def test_shared_blogs_read_without_an_error(shared: Any) -> None:
    """The first posts of every shared blog read, and are stable."""
    import gzip

    for file in sorted((shared / "relevance").glob("*.jsonl.gz")):
        with gzip.open(file) as lines:
            for _, line in zip(range(50), lines, strict=False):
                made = post_from_json(json.loads(line))
                assert post_from_json(post_to_json(made)) == made
