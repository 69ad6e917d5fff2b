"""JSON Lines: what is read, what is skipped, what is a problem, and what is an error."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Post
from related_posts.schema import FIELDS, post_from_json, post_to_json
from related_posts.visibility import NOT_PUBLIC
from training.sources import jsonl
from training.sources.base import Item, Problem, Skipped
from training.sources.jsonl import JsonlSource

NOW = datetime(2025, 1, 1, tzinfo=UTC)

Read = Callable[[bytes], list[Item]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read these bytes as a file called ``posts.jsonl``."""

    def read_bytes(content: bytes) -> list[Item]:
        path = tmp_path / "posts.jsonl"
        path.write_bytes(content)
        return list(JsonlSource(path, now=NOW).read())

    return read_bytes


def row(post_id: str = "1", **more: Any) -> bytes:
    """A line, with its end."""
    return orjson.dumps({"id": post_id, "url": f"/{post_id}", **more}) + b"\n"


def ids(items: list[Item]) -> list[str]:
    """The ids of the posts among the items."""
    return [item.id for item in items if isinstance(item, Post)]


def problem(items: list[Item]) -> Problem:
    """The only problem among the items."""
    (found,) = (item for item in items if isinstance(item, Problem))
    return found


@pytest.mark.parametrize(
    "content",
    [
        row("1") + row("2"),
        (row("1") + row("2")).rstrip(b"\n"),
        b"\xef\xbb\xbf" + row("1") + row("2"),
        (row("1") + row("2")).replace(b"\n", b"\r\n"),
        b"\n  \n" + row("1") + b"\r\n\t\n" + row("2") + b"\n\n",
    ],
    ids=["plain", "no last line end", "byte order mark", "CRLF", "blank lines"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zlib.compress])
def test_every_harmless_form_is_read(read: Read, content: bytes, pack: Any) -> None:
    """Line ends, blank lines, a byte order mark and gzip make no difference."""
    if pack is zlib.compress:
        # Two gzip members, one after the other, are one stream.
        half = len(content) // 2
        assert ids(read(gzip.compress(content[:half]) + gzip.compress(content[half:]))) == [
            "1",
            "2",
        ]
    else:
        assert ids(read(pack(content))) == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{\n", "not JSON"),
        (b'{"id": "1"\n', "not JSON"),
        (b"hello\n", "not JSON"),
        (b'{"id": "1", "url": "/", "title": "\xff"}\n', "not UTF-8"),
        (b"\x00\x01\x02\n", "not JSON"),
        (b"[1]\n", "an array"),
        (b"null\n", "null"),
        (b'"text"\n', "a string"),
        (b"[" * 5000 + b"]" * 5000 + b"\n", "not JSON"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n", "not JSON"),
        (b"1" * 5000 + b"\n", "not JSON"),
        (b"1.5\n", "a number"),
        (b'{"url": "/"}\n', "id is missing"),
    ],
)
def test_a_broken_line_is_a_problem_and_the_rest_goes_on(
    read: Read, line: bytes, reason: str
) -> None:
    """A line that is no post is reported with its number and reason; the others are read."""
    items = read(row("1") + b"\n" + line + row("2"))
    assert ids(items) == ["1", "2"]
    found = problem(items)
    assert (found.place, found.post_id) == ("posts.jsonl line 3", None)
    assert reason in found.reason
    assert len(found.reason) < 250


def test_a_field_that_does_not_fit_keeps_the_id(read: Read) -> None:
    """A broken field names itself, and the id, so that the old row can stay."""
    found = problem(read(row("1", published="soon")))
    assert found.post_id == "1"
    assert found.reason.startswith("published is 'soon'; it must be a date")


def test_what_strict_json_forbids_does_not_cost_the_post(read: Read) -> None:
    """NaN is null and half a character is replaced, as common tools write both."""
    (item,) = read(b'{"id": "1", "url": "/", "title": "a\\ud83d", "extra": {"x": NaN}}\n')
    assert isinstance(item, Post)
    assert (item.title, item.extra) == ("a�", {"x": None})


def test_the_first_of_two_lines_with_one_id_stays(read: Read) -> None:
    """The second is a problem that names the first one's line."""
    items = read(row("1", title="first") + row("2") + row("1", title="second"))
    assert ids(items) == ["1", "2"]
    assert problem(items) == Problem(
        "posts.jsonl line 3", "id '1' was read before, on line 1; the first one stays", "1"
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"draft": True}, "draft"),
        ({"draft": "true"}, "draft"),
        ({"draft": 1}, "draft"),
        ({"published": False}, "draft"),
        ({"private": True}, "private"),
        ({"visibility": "members"}, "members only"),
        ({"visibility": "private"}, "private"),
        ({"status": "unlisted"}, "hidden"),
        ({"status": "draft"}, "draft"),
        ({"status": " Private "}, "private"),
        ({"status": "trash"}, "trashed"),
        ({"status": "future"}, "scheduled"),
        ({"password": "x"}, "password-protected"),
        ({"published": "2025-01-01T00:00:01Z"}, "scheduled"),
    ],
)
def test_what_is_not_public_is_skipped(read: Read, more: dict[str, Any], reason: str) -> None:
    """An export of everything does not leak what should stay hidden."""
    assert read(row("1", **more)) == [Skipped("posts.jsonl line 1", reason, "1")]


@pytest.mark.parametrize(
    "more",
    [
        {"draft": False},
        {"draft": "no"},
        {"private": False, "visibility": "public"},
        {"status": "publish"},
        {"status": "evergreen"},
        {"status": None},
        {"password": ""},
        {"published": "2025-01-01T00:00:00Z"},
    ],
)
def test_what_is_public_is_read(read: Read, more: dict[str, Any]) -> None:
    """Nothing else hides a post."""
    assert ids(read(row("1", **more))) == ["1"]


@pytest.mark.parametrize("post_id", [None, "", [], {}])
def test_a_draft_need_not_be_whole(read: Read, post_id: Any) -> None:
    """What is not shown anyway is no problem, whatever it lacks."""
    content = orjson.dumps({"id": post_id, "draft": True})
    assert read(content) == [Skipped("posts.jsonl line 1", "draft", None)]


@pytest.mark.parametrize("share", [0.2, 0.9, 0.999])
def test_a_gzip_file_that_is_cut_off_is_an_error(read: Read, share: float) -> None:
    """Nobody could say what is missing, so the source as a whole is of no use."""
    content = gzip.compress(b"".join(row(str(number), html="x") for number in range(500)))
    with pytest.raises(SourceError, match="cut off; fetch or export it again"):
        read(content[: int(len(content) * share)])


def test_a_damaged_gzip_file_is_an_error(read: Read) -> None:
    """A flipped byte in packed content is noticed."""
    content = bytearray(gzip.compress(b"".join(row(str(number)) for number in range(500))))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(SourceError, match="damaged"):
        read(bytes(content))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_that_is_too_long_is_read_past(
    read: Read, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    """A line over the limit is a problem with its number; one at the limit is read."""
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 1000)
    at_limit = row("2", html="x" * (1000 - len(row("2", html="")) + 1))
    assert len(at_limit) == 1001
    too_long = row("3", html="x" * 50_000)
    items = read(pack(row("1") + at_limit + too_long + row("4") + b"x" * 1001))
    assert ids(items) == ["1", "2", "4"]
    places = [item.place for item in items if isinstance(item, Problem)]
    assert places == ["posts.jsonl line 3", "posts.jsonl line 5"]


def test_a_packed_bomb_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to a line of 64 MiB is read past in bounded memory."""
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 1 << 20)
    path = tmp_path / "bomb.jsonl"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        for _ in range(64):
            packed.write(b" " * (1 << 20))
        packed.write(b"x\n" + row("1"))
    tracemalloc.start()
    try:
        items = list(JsonlSource(path, now=NOW).read())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ids(items) == ["1"]
    assert peak < 8 << 20


def test_an_empty_file_holds_nothing(read: Read) -> None:
    """No line, no item; whether that is an error is the reader's business."""
    assert read(b"") == []


@pytest.mark.parametrize("name", ["absent.jsonl", "."])
def test_what_is_no_file_is_an_error(tmp_path: Path, name: str) -> None:
    """A missing file and a folder are named."""
    with pytest.raises(SourceError):
        list(JsonlSource(tmp_path / name, now=NOW).read())


def test_progress_ends_at_the_size_on_disk(tmp_path: Path) -> None:
    """Progress counts packed bytes, never goes backwards and ends at all of them."""
    path = tmp_path / "posts"
    path.write_bytes(gzip.compress(b"".join(row(str(number)) for number in range(20_000))))
    told: list[tuple[int, int | None]] = []
    source = JsonlSource(path, now=NOW, progress=lambda done, total: told.append((done, total)))
    assert len(list(source.read())) == 20_000
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


# --- an array of posts ---


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_array_of_posts_is_read(read: Read, indent: int | None, pack: Any) -> None:
    """On one line or many, as many tools write it; an empty one holds nothing."""
    posts = [{"id": "1", "url": "/1", "title": "a ]} b"}, {"id": "2", "url": "/2"}]
    content = json.dumps(posts, indent=indent).encode()
    assert ids(read(pack(b"\xef\xbb\xbf\n" + content + b"\n"))) == ["1", "2"]
    assert read(b"[ ]") == []


def test_a_broken_post_of_an_array_is_a_problem(read: Read) -> None:
    """It is named by its position, and the rest goes on."""
    items = read(b'[{"id": "1", "url": "/1"}, {"id": 2 "url"}, 5, {"id": "1", "url": "/"}, '
                 b'{"id": "3", "url": "/3", "draft": true}, {"id": "4", "url": "/4"}]')  # fmt: skip
    assert ids(items) == ["1", "4"]
    places = [item.place for item in items if isinstance(item, (Problem, Skipped))]
    assert places == [f"posts.jsonl item {position}" for position in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"id": "1", "url": "/1"}', "cut off"),
        (b'[{"id": "1", "url": "/', "cut off"),
        (b'[{"id": "1", "url": "/1"}] {}', "something follows"),
        (b'[{"id": "1", "url": "/1"} {}]', "no ] or comma"),
        (b"[{}" * 50_000, "no ] or comma"),
    ],
)
def test_an_array_that_does_not_end_is_an_error(read: Read, content: bytes, message: str) -> None:
    """Nobody could say what is missing."""
    with pytest.raises(SourceError, match=message):
        read(content)


def documentation() -> str:
    """The page that documents the schema."""
    return (Path(__file__).resolve().parents[2] / "docs" / "jsonl.md").read_text()


def test_the_documented_example_is_a_whole_post(read: Read) -> None:
    """The example in the documentation uses every field and reads without a change."""
    example = json.loads(documentation().split("```json\n")[1].split("```")[0])
    assert list(example) == list(FIELDS)
    assert read(orjson.dumps(example)) == [post_from_json(example)]


def test_every_field_is_documented() -> None:
    """The table has a row for each field, in order, and for nothing else."""
    rows = [line.split("`")[1] for line in documentation().split("\n") if line.startswith("| `")]
    assert rows == list(FIELDS)


def test_every_status_that_hides_a_post_is_documented() -> None:
    """The page names each status, so nobody is surprised."""
    (line,) = (one for one in documentation().split("\n") if '`"status"`' in one)
    assert all(f"`{status}`" in line for status in NOT_PUBLIC)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FIELDS, "draft", "status", "password"]), inner)
    ),
    max_leaves=20,
)
_lines = st.lists(
    st.binary(max_size=60)
    | st.dictionaries(st.sampled_from([*FIELDS, "draft", "status", "password"]), _values).map(
        lambda value: json.dumps(value).encode()
    ),
    max_size=6,
)


@given(_lines, st.sampled_from([b"\n", b"\r\n", b",", b"\n\n"]), st.booleans())
def test_any_lines_are_items_or_a_source_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes, is_array: bool
) -> None:
    """Whatever stands in a file: clean posts, problems, skips, or one error for all of it."""
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    content = end.join(lines)
    path.write_bytes(b"[" + content + b"]" if is_array else content)
    try:
        items = list(JsonlSource(path, now=datetime(2026, 1, 1, tzinfo=UTC)).read())
    except SourceError:
        return
    found = [item for item in items if isinstance(item, Post)]
    assert len({post.id for post in found}) == len(found)
    for post in found:
        assert post_from_json(post_to_json(post)) == post


def test_every_shared_blog_reads_without_a_problem(shared: Path) -> None:
    """The seven shared blogs are posts from the first line to the last."""
    files = sorted((shared / "relevance").glob("*.jsonl.gz"))
    assert len(files) == 7
    for file in files:
        items = list(JsonlSource(file, now=datetime.now(UTC)).read())
        assert items
        assert len(ids(items)) == len(items), file
