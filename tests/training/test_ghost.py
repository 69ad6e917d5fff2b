"""Ghost exports of every age: what is read, what is not, and what is refused."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError, SourceError
from related_posts.ghost import moment
from related_posts.posts import Image, Post
from training.sources import detect, json_stream
from training.sources.base import Item, Problem, Skipped
from training.sources.ghost import export as ghost
from training.sources.ghost import tables as ghost_tables
from training.sources.ghost.export import GhostSource
from training.sources.ghost.posts import ghost_item

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SITE = "https://blog.example"

Write = Callable[[Any], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document, or bytes as they are, as an export."""

    def write_export(content: Any) -> Path:
        path = tmp_path / "export.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write_export


def row(**more: Any) -> dict[str, Any]:
    """A published post as Ghost 5 keeps it."""
    return {
        "id": "5ddc9063c35e7700383b27e0",
        "title": "Rye",
        "slug": "rye",
        "html": "<p>Rye.</p>",
        "type": "post",
        "status": "published",
        "visibility": "public",
        "published_at": "2024-01-02T01:00:00.000Z",
        "updated_at": "2024-01-03T00:00:00.000Z",
        **more,
    }


def export(*posts: Any, **tables: Any) -> dict[str, Any]:
    """A whole export in the usual envelope."""
    return {"db": [{"meta": {"version": "5.80.0"}, "data": {"posts": list(posts), **tables}}]}


def read(path: Path, site: str | None = SITE) -> list[Item]:
    """Every item."""
    return list(GhostSource(path, site=site, now=NOW).read())


def item(site: str | None = SITE, **more: Any) -> Item:
    """What one row is."""
    return ghost_item(row(**more), "here", site=site, now=NOW)


def post(site: str | None = SITE, **more: Any) -> Post:
    """The post that one row is."""
    found = item(site, **more)
    assert isinstance(found, Post), found
    return found


# --- envelopes and tables ---


@pytest.mark.parametrize(
    "envelope",
    [
        lambda data: {"db": [{"meta": {"exported_on": 1, "version": "5.0"}, "data": data}]},
        lambda data: {"db": [{"data": data, "meta": {}}]},
        lambda data: {"meta": {"exported_on": 1, "version": "003"}, "data": data},
        lambda data: {"data": data},
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("indent", [None, 2])
def test_every_envelope_is_detected_and_read(
    write: Write,
    envelope: Callable[[Any], Any],
    pack: Callable[[bytes], bytes],
    indent: int | None,
) -> None:
    """On one line or many, with a byte order mark, packed or not."""
    content = json.dumps(envelope({"posts": [row()]}), indent=indent)
    path = write(pack(b"\xef\xbb\xbf" + content.encode()))
    assert detect(str(path)) == "ghost"
    (found,) = read(path)
    assert isinstance(found, Post)


def test_a_long_line_is_detected(write: Write) -> None:
    """The export is one line, longer than what is looked at."""
    assert detect(str(write(export(*[row(html="x" * 1000)] * 200)))) == "ghost"


def test_tables_are_joined(write: Write) -> None:
    """Tags and authors in the order of ``sort_order``, the picture's text from posts_meta."""
    post_id = row()["id"]
    path = write(
        export(
            row(feature_image="__GHOST_URL__/content/images/a.jpg", author="1"),
            users=[{"id": "u1", "name": "Ada"}, {"id": "u2", "name": "Bo"}],
            tags=[
                {"id": "t1", "name": "bread", "visibility": "public"},
                {"id": "t2", "name": "#feature", "visibility": "internal"},
                {"id": "t3", "name": "rye", "visibility": "public"},
                {"id": "t4", "name": "secret", "visibility": "internal"},
                {"id": "t5", "name": "# also", "visibility": "public"},
            ],
            posts_tags=[
                {"post_id": post_id, "tag_id": tag, "sort_order": order}
                for order, tag in ((2, "t1"), (1, "t2"), (0, "t3"), (3, "t4"), (4, "t5"))
            ],
            posts_authors=[
                {"post_id": post_id, "author_id": "u1", "sort_order": 1},
                {"post_id": post_id, "author_id": "u2", "sort_order": 0},
            ],
            posts_meta=[{"post_id": post_id, "feature_image_alt": "A loaf"}],
        )
    )
    (found,) = read(path)
    assert isinstance(found, Post)
    assert found.tags == ("rye", "bread")
    assert found.author == "Bo"
    assert found.image == Image(f"{SITE}/content/images/a.jpg", alt="A loaf")


def test_an_export_of_the_first_ghost_is_read(write: Write) -> None:
    """Numbers for ids, milliseconds for dates, Markdown, one author, no visibility, no order."""
    old = {
        "id": 7,
        "title": "Rye",
        "slug": "rye",
        "markdown": "Rye *b*.",
        "html": None,
        "image": "/content/images/a.jpg",
        "page": 0,
        "status": "published",
        "language": "en_US",
        "author_id": 1,
        "published_at": 1704157200000,
        "updated_at": 1704240000000,
    }
    tables = {
        "users": [{"id": 1, "name": "Ada"}],
        "tags": [{"id": 2, "name": "bread"}, {"id": 3, "name": "rye"}],
        "posts_tags": [{"post_id": 7, "tag_id": 3}, {"post_id": "7", "tag_id": 2}],
    }
    path = write({"meta": {}, "data": {"posts": [old, {**old, "id": 8, "page": 1}], **tables}})
    found, page = read(path)
    assert isinstance(found, Post)
    assert (found.id, found.url, found.author) == ("7", f"{SITE}/rye/", "Ada")
    assert found.tags == ("rye", "bread")
    assert found.html == "<p>Rye <em>b</em>.</p>"
    assert found.published == datetime(2024, 1, 2, 1, tzinfo=UTC)
    assert found.image == Image("/content/images/a.jpg")
    # Every post of that age says en_US, whatever it is written in.
    assert found.language == ""
    assert isinstance(page, Skipped)
    assert page.reason == "page"


# --- what is shown ---


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "draft", "html": None}, "draft"),
        ({"status": "scheduled"}, "scheduled"),
        ({"status": "sent"}, "email only"),
        ({"type": "page"}, "page"),
        ({"page": True}, "page"),
        ({"visibility": "members"}, "members only"),
        ({"visibility": "paid"}, "members only"),
        ({"visibility": "tiers"}, "members only"),
        ({"visibility": "label:vip"}, "members only"),
        ({"access": False}, "members only"),
        ({"published_at": "2025-01-01T00:00:01.000Z"}, "scheduled"),
    ],
)
def test_what_is_not_for_everyone_is_skipped(more: dict[str, Any], reason: str) -> None:
    """Drafts, e-mails, pages, gated and later posts each have their reason."""
    assert item(**more) == Skipped("here", reason, row()["id"])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"id": None}, "id is None"),
        ({"slug": ""}, "no slug"),
        ({"slug": {}}, "slug is an object"),
        ({"status": None}, "status is None"),
        ({"status": "archived"}, "status is 'archived'"),
        ({"published_at": "soon"}, "published_at is 'soon'"),
        ({"published_at": 1e300}, "published_at is 1e+300"),
        ({"title": []}, "title is an array"),
        ({"url": "javascript:alert(1)"}, "url is"),
        ({"html": None, "lexical": "{bad"}, "its lexical cannot be read"),
        ({"html": None, "lexical": None, "mobiledoc": "[]"}, "its mobiledoc cannot be read"),
    ],
)
def test_a_broken_row_is_a_problem(more: dict[str, Any], reason: str) -> None:
    """It names the field and the value, and keeps the id where there is one."""
    found = item(**more)
    assert isinstance(found, Problem)
    assert reason in found.reason
    assert found.post_id == (None if "id" in more else row()["id"])


def test_rows_are_named_by_place_and_slug(write: Write) -> None:
    """Also one that is no object, and the second of two with one id."""
    found = read(write(export(None, row(), row(slug="other"))))
    assert [type(one) for one in found] == [Problem, Post, Problem]
    assert found[0] == Problem("export.json post 1", "it is no object")
    assert isinstance(found[2], Problem)
    assert found[2].place == "export.json post 3 (other)"


# --- addresses ---


def test_the_placeholder_becomes_the_blogs_address() -> None:
    """In text, picture and links; a blog in a folder keeps its folder."""
    html = '<a href="__GHOST_URL__/a/">a</a><img src="__GHOST_URL__/content/b.jpg">'
    found = post("https://blog.example/blog/", html=html, feature_image="__GHOST_URL__/c.jpg")
    assert found.url == "https://blog.example/blog/rye/"
    assert 'href="https://blog.example/blog/a/"' in found.html
    assert found.image == Image("https://blog.example/blog/c.jpg")


def test_without_a_site_addresses_are_paths() -> None:
    """The export does not know where its blog is."""
    found = post(None, html='<a href="__GHOST_URL__/a/">a</a>', feature_image="__GHOST_URL__/c.jpg")
    assert (found.url, found.html) == ("/rye/", '<a href="/a/">a</a>')
    assert found.image == Image("/c.jpg")


@pytest.mark.parametrize(
    ("canonical", "url", "aliases"),
    [
        (f"{SITE}/2024/rye/", f"{SITE}/2024/rye/", (f"{SITE}/rye/",)),
        ("__GHOST_URL__/2024/rye/", f"{SITE}/2024/rye/", (f"{SITE}/rye/",)),
        ("/2024/rye/", "/2024/rye/", (f"{SITE}/rye/",)),
        (f"{SITE}/rye/", f"{SITE}/rye/", ()),
        ("https://other.example/rye", f"{SITE}/rye/", ("https://other.example/rye",)),
        ("javascript:alert(1)", f"{SITE}/rye/", ()),
        ("", f"{SITE}/rye/", ()),
        (None, f"{SITE}/rye/", ()),
    ],
)
def test_a_canonical_address_on_the_blog_is_the_posts(
    canonical: str | None, url: str, aliases: tuple[str, ...]
) -> None:
    """One on another site says where it was first: readers stay, and it is found by it."""
    found = post(canonical_url=canonical)
    assert (found.url, found.aliases) == (url, aliases)


def test_the_content_apis_own_address_is_taken() -> None:
    """It knows the blog's routes; authors and tags stand in the post."""
    found = post(
        url="https://blog.example/2024/rye/",
        primary_author={"name": "Bo"},
        authors=[{"name": "Ada"}],
        tags=[{"name": "bread", "visibility": "public"}],
    )
    assert (found.url, found.author, found.tags) == (f"{SITE}/2024/rye/", "Bo", ("bread",))


def test_a_slug_in_any_script_is_encoded() -> None:
    """Ghost keeps it as it is typed."""
    assert post(slug="ライ麦").url == f"{SITE}/%E3%83%A9%E3%82%A4%E9%BA%A6/"


# --- bodies ---

LEXICAL = json.dumps(
    {"root": {"children": [{"type": "paragraph", "children": [{"type": "text", "text": "Lex."}]}]}}
)
MOBILEDOC = json.dumps({"version": "0.3.1", "sections": [[1, "p", [[0, [], 0, "Mob."]]]]})


@pytest.mark.parametrize(
    ("more", "html"),
    [
        ({"html": "<p>H.</p>", "lexical": LEXICAL}, "<p>H.</p>"),
        ({"html": None, "lexical": LEXICAL, "plaintext": "P."}, "<p>Lex.</p>"),
        ({"html": "", "lexical": None, "mobiledoc": MOBILEDOC}, "<p>Mob.</p>"),
        ({"html": None, "lexical": "{", "mobiledoc": MOBILEDOC}, "<p>Mob.</p>"),
        (
            {"html": None, "lexical": "[]", "plaintext": "P & q\n\nR"},
            "<p>P &amp; q</p>\n<p>R</p>\n",
        ),
        ({"html": 5, "lexical": {}, "mobiledoc": []}, ""),
    ],
)
def test_the_first_form_that_can_be_read_is_the_body(more: dict[str, Any], html: str) -> None:
    """HTML, Lexical, Mobiledoc, Markdown, plain text."""
    assert post(**more).html == html


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("2024-01-02 01:00:00", datetime(2024, 1, 2, 1, tzinfo=UTC)),
        (1704157200000, datetime(2024, 1, 2, 1, tzinfo=UTC)),
    ],
)
def test_dates_of_every_age_are_read(value: Any, expected: datetime | None) -> None:
    """ISO with or without T, and milliseconds."""
    assert moment("published_at", value) == expected


@pytest.mark.parametrize("value", [True, [], {}, "yesterday", float("nan"), 10**30])
def test_other_dates_are_refused(value: Any) -> None:
    """No exception but ours."""
    with pytest.raises(PostError):
        moment("published_at", value)


# --- refusal ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not JSON|no Ghost export"),
        (b"id,title", "not JSON"),
        (b'{"db":[{"data":{"posts":[{"id":', "cut off"),
        (b'{"db":[{"data":{"posts":[{"id":1}]', "cut off"),
        (b'{"db":[{"data":{"posts":[{"id":1}]}}]}}', "something follows"),
        (b'{"db":[{"data":{"posts":[{"id":1} 5]}}]}', "no . or comma"),
        (b'{"db":[{"data":{"posts":[{"id":1],]}}]}', "not JSON"),
        (b'{"db":[{"data":{posts:[]}}]}', "a name is missing"),
        (b'{"db":[{"data":{"posts":[,]}}]}', "a value is missing"),
        (b"[" * 100_000, "cut off"),
        (b'{"data":{"posts":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}}", "not JSON"),
        (b"[1]", "no Ghost export"),
        (b'{"db": []}', "no Ghost export"),
        (b'{"db": [7]}', "no Ghost export"),
        (b'{"data": {"posts": {}}}', "no Ghost export"),
        (b'{"data": []}', "no Ghost export"),
    ],
)
def test_what_is_no_export_is_a_source_error(write: Write, content: bytes, message: str) -> None:
    """It says what the file is instead."""
    with pytest.raises(SourceError, match=message):
        read(write(content))


def test_a_row_that_is_too_long_is_a_source_error(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not held in memory; also where a small file unpacks to it."""
    monkeypatch.setattr(json_stream, "MAX_VALUE_BYTES", 1000)
    content = json.dumps(export(row(html="x" * 1_000_000))).encode()
    with pytest.raises(SourceError, match="a value longer than"):
        read(write(gzip.compress(content)))


def test_more_rows_than_any_blog_has_are_a_source_error(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What posts point to is kept in memory, so it has a limit."""
    monkeypatch.setattr(ghost, "MAX_ROWS", 3)
    with pytest.raises(SourceError, match="more than 3 rows"):
        read(write(export(row(), tags=[{}] * 4)))


def test_memory_does_not_grow_with_the_posts(write: Write) -> None:
    """Ten times the posts, the same peak."""

    def peak(n_posts: int) -> int:
        body = "rye bread wants time " * 2_000
        path = write(export(*(row(id=n, html=body) for n in range(1, n_posts + 1))))
        tracemalloc.start()
        try:
            n_read = sum(isinstance(one, Post) for one in GhostSource(path, now=NOW).read())
            return tracemalloc.get_traced_memory()[1] if n_read == n_posts else -1
        finally:
            tracemalloc.stop()

    peak(10)
    small, large = peak(40), peak(400)
    assert 0 < large < small + 1_000_000


def test_a_post_of_ten_megabytes_is_read(write: Write) -> None:
    """Also one of nothing but quotation marks."""
    found = read(write(export(row(html='"' * 10_000_000), row(id="2", html="rye " * 2_500_000))))
    assert [len(one.html) for one in found if isinstance(one, Post)] == [10_000_000, 10_000_000]


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.text(max_size=4) | st.just("posts"),
        st.none() | st.lists(st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=9) | st.sampled_from(['"', "\\", '\\"', "}]", "{["]),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6), max_size=4),
        max_size=5,
    ),
    st.sampled_from([None, 1]),
    st.integers(1, 9),
)  # fmt: skip
def test_rows_are_those_a_parser_finds(
    write: Write, tables: dict[str, Any], indent: int | None, block_bytes: int
) -> None:
    """However strings and brackets stand, and wherever the file is cut into blocks."""
    content = json.dumps({"meta": {"a": ["}"]}, "data": tables, "x": 1.5}, indent=indent)
    expected = [
        (name, one) for name, rows in tables.items() if isinstance(rows, list) for one in rows
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "BLOCK_BYTES", block_bytes)
        rows = ghost_tables.table_rows(write(content.encode()), tables)
        if isinstance(tables.get("posts"), list):
            assert list(rows) == expected
        else:
            with pytest.raises(SourceError, match="no Ghost export"):
                list(rows)


def test_half_a_surrogate_pair_does_not_cost_the_blog(write: Write) -> None:
    """An emoji that was cut in two is replaced."""
    (found,) = read(write(export(row(title="Rye \ud83d"))))
    assert isinstance(found, Post)
    assert found.title == "Rye \ufffd"


WORDS = ("published", "public", "post", LEXICAL, MOBILEDOC, "__GHOST_URL__/x", "//[")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
VALUES = st.recursive(
    SCALARS | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = (
    *("id", "title", "slug", "html", "lexical", "mobiledoc", "plaintext", "type", "status", "page"),
    *("visibility", "published_at", "updated_at", "feature_image", "canonical_url", "url", "tags"),
    *("authors", "primary_author", "locale", "custom_excerpt", "access", "author_id", "markdown"),
)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4).map(lambda m: row(**m))),
    st.dictionaries(
        st.sampled_from(["users", "tags", "posts_tags", "posts_authors", "posts_meta"]),
        VALUES | st.lists(st.dictionaries(st.sampled_from(["id", "post_id", "tag_id", "author_id",
                                                           "sort_order", "name"]), VALUES)),
    ),
)  # fmt: skip
def test_any_rows_are_items(
    write: Write, posts: list[dict[str, Any]], tables: dict[str, Any]
) -> None:
    """Whatever a table holds, every row is an item."""
    found = read(write(export(*posts, **tables)))
    assert len(found) == len(posts)
    assert all(one.reason for one in found if isinstance(one, Problem))


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_change_of_a_good_export_is_items_or_a_source_error(
    write: Write, data: st.DataObject
) -> None:
    """Bytes overwritten anywhere."""
    whole = bytearray(json.dumps(export(row(), row(id="2", lexical=LEXICAL, html=None))).encode())
    start = data.draw(st.integers(0, len(whole) - 1))
    whole[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    try:
        read(write(bytes(whole)))
    except SourceError:
        return
