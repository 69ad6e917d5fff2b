"""Front matter: what is read, that nothing is guessed, and that broken ones say where."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError
from training.sources.dates import read_date, read_zone
from training.sources.markdown.frontmatter import Document, FrontMatterError, read_yaml, split


@pytest.mark.parametrize(
    ("text", "data", "body", "line"),
    [
        ("---\na: 1\n---\nBody\n", {"a": "1"}, "Body\n", 4),
        ("---\na: 1\n...\nBody\n", {"a": "1"}, "Body\n", 4),
        ("---  \r\na: 1\r\n---\t\r\nBody\r\n", {"a": "1"}, "Body\n", 4),
        ("\ufeff---\na: 1\n---\nBody\n", {"a": "1"}, "Body\n", 4),
        ("\n\n---\na: 1\n---\nBody\n", {"a": "1"}, "Body\n", 6),
        ("---\n---\nBody\n", {}, "Body\n", 3),
        ("---\na: 1\n---", {"a": "1"}, "", 4),
        ("---\na: |\n  ---x\n  b\n---\nBody\n", {"a": "---x\nb\n"}, "Body\n", 6),
        ('+++\na = "b"\nn = 1\n+++\nBody\n', {"a": "b", "n": 1}, "Body\n", 5),
        ("+++\nd = 2020-01-02\n+++\n", {"d": date(2020, 1, 2)}, "", 4),
        ('{\n"a": "b"\n}\n\nBody\n', {"a": "b"}, "\nBody\n", 4),
        ('{"a": {"b": "}"}} Body\n', {"a": {"b": "}"}}, " Body\n", 1),
        ("Body\n---\na: 1\n---\n", {}, "Body\n---\na: 1\n---\n", 1),
        ("", {}, "", 1),
    ],
)
def test_front_matter_is_split_off(text: str, data: dict[str, Any], body: str, line: int) -> None:
    """YAML, TOML and JSON; byte order marks, any line end, a closing ``...``."""
    assert split(text) == Document(data, body, line)


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule, then text\n",
        "---\nText\n---\nbetween rules\n",
        "----\na: 1\n----\n",
        "--- a\n",
        "{: .class}\nBody\n",
        "{% include a %}\n",
        "{{< figure >}}\n",
        "{not json}\n",
    ],
)
def test_a_text_that_only_looks_so_is_all_body(text: str) -> None:
    """Rules, attribute lists and template code are no front matter."""
    assert split(text) == Document({}, text, 1)


def test_an_html_file_tells_whether_it_has_front_matter() -> None:
    """An empty one counts: that is how Jekyll is told to process a file."""
    assert split("---\n---\nx").has_front_matter
    assert not split("x").has_front_matter


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("[no, yes, on, off]", ["no", "yes", "on", "off"]),
        ("[1.10, 010, 0x1F, 1_000, 1e3]", ["1.10", "010", "0x1F", "1_000", "1e3"]),
        ("[12:30:45, 2020-01-02]", ["12:30:45", "2020-01-02"]),
        ("2020-01-02 10:00:00 +0900", "2020-01-02 10:00:00 +0900"),
        ("[true, True, TRUE, false]", [True, True, True, False]),
        ("[~, null, Null, NULL, '']", [None, None, None, None, ""]),
        ("", None),
        ("nothing", "nothing"),
        ("truely", "truely"),
        ("=", "="),
        ("'true'", "true"),
    ],
)
def test_yaml_does_not_guess(yaml: str, value: object) -> None:
    """Only null, true and false are more than text."""
    assert read_yaml(f"a: {yaml}\n") == {"a": value}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("---\na: 1\nFoo: bar: baz\n---\n", 3, "mapping values are not allowed"),
        ("---\ntitle: x\n\tb: 1\n---\n", 3, "tab|token"),
        ("---\na: {{ x }}\n---\n", 2, "unhashable"),
        ("---\na: [b\n---\n", 3, "did not find|expected"),
        ("---\na: 1\n", 1, "never ends"),
        ("+++\na = 1\n", 1, "never ends"),
        ("---\n- a\n- b\n---\n", 2, "not a list of names and values"),
        ("---\na: !!python/object:os.system x\n---\n", 2, "constructor"),
        ("---\na: !!int x\n---\n", 2, "does not fit"),
        ("---\na: !!timestamp 2020-99-99\n---\n", 2, "does not fit"),
        ("---\na: *b\n---\n", 2, "alias"),
        ("---\na: 1\n--- # x\n---\nb", 3, "valid"),
        ("+++\na = 1\nb = c\n+++\n", 3, "Invalid value"),
        ("+++\na = 1\na = 2\n+++\n", 3, "overwrite"),
        ('{"a": 1,\n}\n', 2, "JSON"),
        ('{"a":' + "1" * 5000 + "}", 1, "JSON"),
    ],
)
def test_broken_front_matter_says_where_and_why(text: str, line: int, message: str) -> None:
    """The line is that of the file, so that an editor finds it."""
    with pytest.raises(FrontMatterError, match=message) as caught:
        split(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "---\na: " + "[" * 100_000 + "\n---\n",
        "---\n" + "- " * 100_000 + "a\n---\n",
        "---\n" + "? " * 100_000 + "a\n---\n",
        "---\na: " + "{a: " * 50_000 + "\n---\n",
        "---\n" + "".join(" " * n + "a:\n" for n in range(500)) + "---\n",
        "---\na: " + "x" * 300_000 + "\n---\n",
        "+++\na = " + "[" * 100_000 + "\n+++\n",
        "+++\n" + "a." * 100_000 + "b = 1\n+++\n",
        '{"a": ' + "[" * 100_000,
    ],
    ids=["flow", "sequence", "key", "mapping", "block", "long", "toml", "dots", "json"],
)
def test_nesting_that_would_crash_a_parser_is_refused(text: str) -> None:
    """The C parser of YAML overflows its stack on it, Python's of TOML its memory."""
    with pytest.raises(FrontMatterError):
        split(text)


def test_yaml_that_refers_to_itself_is_read_without_an_end() -> None:
    """Aliases are shared, not copied: neither a bomb nor a circle costs anything."""
    bomb = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 20))
    data = split(f"---\nl0: &l0 [ha]\n{bomb}\nself: &s [*s]\n---\n").data
    assert data["self"][0] is data["self"]


PIECES = st.sampled_from(
    ["---\n", "+++\n", "...\n", "{", "}", '"a"', ":", "a: 1\n", "a = 1\n", "[", "]", "&a ", "*a",
     "!!int ", "!!map ", "!!binary ", "!!set ", "- ", "? ", "| \n", "\t", "\n", "\r\n", "#", "<<: ",
     "\ufeff", "%YAML 9.9\n", "\x85", "'", "~", "2020-01-01"]
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from(["", "---\n", "+++\n", '{"a":']),
    st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join),
    st.sampled_from(["", "\n---\nBody", "\n+++\nBody", "}"]),
)
def test_any_text_is_split_or_refused(before: str, text: str, after: str) -> None:
    """No other exception, whatever stands between the fences."""
    try:
        document = split(before + text + after)
    except FrontMatterError:
        return
    assert document.line >= 1
    assert all(isinstance(key, str) for key in document.data)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"\A[a-z]{1,8}\Z"), st.from_regex(r"\A[A-Za-z0-9.+:-]{0,12}\Z"), min_size=1
    )
)
def test_yaml_keeps_plain_text_as_it_is(data: dict[str, str]) -> None:
    """Whatever is quoted reads back as it was written."""
    lines = "".join(f"{key}: '{value}'\n" for key, value in data.items())
    assert split(f"---\n{lines}---\nBody") == Document(data, "Body\n", len(data) + 3)


# --- dates ---

TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-01-02", datetime(2020, 1, 2, tzinfo=TOKYO)),
        ("2020-1-2", datetime(2020, 1, 2, tzinfo=TOKYO)),
        ("2020/01/02 10:30", datetime(2020, 1, 2, 10, 30, tzinfo=TOKYO)),
        ("2020-01-02 10:00:00 +0900", datetime(2020, 1, 2, 10, tzinfo=TOKYO)),
        ("2020-01-02 10:00:00 +09:00", datetime(2020, 1, 2, 10, tzinfo=TOKYO)),
        ("2020-01-02T10:00:00Z", datetime(2020, 1, 2, 10, tzinfo=UTC)),
        ("2020-01-02T10:00:00.123-05:00", datetime(2020, 1, 2, 15, tzinfo=UTC)),
        ("2020-01-02 10:00:00 UTC", datetime(2020, 1, 2, 10, tzinfo=UTC)),
        ("Thu, 02 Jan 2020 10:00:00 +0900", datetime(2020, 1, 2, 10, tzinfo=TOKYO)),
        ("January 2, 2020", datetime(2020, 1, 2, tzinfo=TOKYO)),
        ("2nd Jan 2020", datetime(2020, 1, 2, tzinfo=TOKYO)),
        (date(2020, 1, 2), datetime(2020, 1, 2, tzinfo=TOKYO)),
        (datetime(2020, 1, 2, 10), datetime(2020, 1, 2, 10, tzinfo=TOKYO)),
        (datetime(2020, 1, 2, 10, tzinfo=UTC), datetime(2020, 1, 2, 10, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(value: object, expected: datetime | None) -> None:
    """One without a zone is in the blog's."""
    assert read_date("date", value, TOKYO) == expected


@pytest.mark.parametrize(
    "value",
    ["soon", "2020-13-01", "2020-02-30", "0001-01-01", "9999-12-31", "2020-01-02 25:00", 12, True,
     [], {"a": 1}, "2020-01-02 10:00:00 +9900", "x" * 10_000, "Mon, 30 Nov -0001 00:00:00 +0000"],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: object) -> None:
    """The message names the field and says what would be one."""
    with pytest.raises(PostError, match=r"date is .*; it must be "):
        read_date("date", value)


def test_a_day_is_the_day_of_the_blog_in_summer_too() -> None:
    """The zone's own rules decide its offset."""
    berlin = read_zone("Europe/Berlin")
    assert berlin == ZoneInfo("Europe/Berlin")
    assert berlin is not None
    assert read_date("date", "2020-07-01", berlin) == datetime(2020, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", None, 5, "Mars/Olympus", "../../etc/passwd", "Europe", "\0"])
def test_a_zone_that_is_none(name: object) -> None:
    """No exception, and no file outside the zones is looked at."""
    assert read_zone(name) is None


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=30) | st.from_regex(r"\A\d{1,5}-\d{1,3}-\d{1,3}[T ]?\d*:?\d*.{0,8}\Z"))
def test_any_text_is_a_date_or_refused(value: str) -> None:
    """No other exception; what is read is aware."""
    try:
        moment = read_date("date", value, ZoneInfo("America/New_York"))
    except PostError:
        return
    assert moment is None or moment.utcoffset() is not None
