"""Tables: columns by many names, every dialect, and broken rows named by their line."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import FIELDS
from training.sources import csv_rows, detect
from training.sources.base import Item, Problem, Skipped
from training.sources.csv_file import COLUMNS, CsvSource, chosen_columns, misspelt_columns

NOW = datetime(2025, 1, 1, tzinfo=UTC)

Read = Callable[[str | bytes], list[Item]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read this text or these bytes as ``posts.csv``."""

    def read_content(content: str | bytes) -> list[Item]:
        path = tmp_path / "posts.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(CsvSource(path, now=NOW).read())

    return read_content


def only(items: list[Item]) -> Post:
    """The only item, which is a post."""
    (post,) = items
    assert isinstance(post, Post), post
    return post


def one(read: Read, **values: str) -> Item:
    """What a table of one row is, with these columns and values."""
    table = io.StringIO()
    csv.writer(table).writerows([["id", "url", *values], ["1", "/1/", *values.values()]])
    (item,) = read(table.getvalue())
    return item


def one_post(read: Read, **values: str) -> Post:
    """The post of a table of one row."""
    return only([one(read, **values)])


# --- columns ---


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("url,titel,Body", ["column titel is no field and is kept in extra; did you mean title?"]),
        ("url,titel,title,x", []),
        ("url,Katgeory,tgas", ["did you mean category?", "did you mean tags?"]),
        ("url,title,guidd,color", ["did you mean guid?"]),
        ("url,title,\x07titel,,  ", []),
        ("url,title," + ",".join("exrcept" + "x" * n for n in range(3)), ["did you mean excerpt?"]),
    ],
)
def test_misspelt_columns_are_told(tmp_path: Path, header: str, told: list[str]) -> None:
    """Where the field they look like is missing; what looks like none is the table's own."""
    path = tmp_path / "posts.csv"
    path.write_text(f"{header}\n/1/{',x' * header.count(',')}\n")
    source = CsvSource(path, now=NOW)
    (post,) = source.read()
    assert isinstance(post, Post)
    advice = list(source.advice())
    assert len(advice) >= len(told) if told else not advice
    assert all(words in line for words, line in zip(told, advice, strict=False))


def test_a_misspelt_address_is_an_error(read: Read) -> None:
    """It says which column may be meant."""
    with pytest.raises(SourceError, match="or is 'permalnk' meant to be permalink"):
        read("titel,permalnk\nx,/x/\n")


@settings(deadline=None)
@given(st.lists(st.text(max_size=50), max_size=20))
def test_any_header_is_looked_through(columns: list[str]) -> None:
    """What is told is a column that is no field, and a known name of a field that is missing."""
    known = {name for names in COLUMNS.values() for name in names}
    for column, meant in misspelt_columns(columns):
        assert column in columns
        assert meant in known
        assert not chosen_columns([column])
        assert not set(chosen_columns([meant])) & set(chosen_columns(columns))


def test_the_native_columns_are_read(read: Read) -> None:
    """Every field of our schema, with lists as JSON or with bars."""
    post = one_post(
        read,
        title="Rye",
        html="<p>Rye.</p>",
        tags='["bread, dark", "rye"]',
        categories="Baking|Grain",
        author="Ada",
        language="en",
        published="2024-01-02T10:00:00+09:00",
        updated="2024-01-03",
        image='{"src": "/a.jpg", "width": 800, "height": 600, "alt": "A loaf"}',
        excerpt="All about rye.",
        slug="rye",
        aliases="/old/|/older/",
        links="2|3",
        translation_group="g",
        extra='{"n": 1}',
    )
    assert (post.title, post.html, post.author, post.language) == (
        "Rye",
        "<p>Rye.</p>",
        "Ada",
        "en",
    )
    assert (post.tags, post.categories) == (("bread, dark", "rye"), ("Baking", "Grain"))
    assert post.published == datetime(2024, 1, 2, 1, tzinfo=UTC)
    assert post.image == Image("/a.jpg", 800, 600, "A loaf")
    assert (post.aliases, post.links) == (("/old/", "/older/"), ("2", "3"))
    assert (post.slug, post.excerpt, post.translation_group) == ("rye", "All about rye.", "g")
    assert post.extra == {"n": 1}


def test_every_field_of_the_schema_has_a_column() -> None:
    """And its own name comes first."""
    assert set(FIELDS) <= set(COLUMNS)
    assert all(names[0] == field for field, names in COLUMNS.items())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *(("Permalink", "url"), ("LINK", "url"), (" Page URL ", "url"), ("canonical-url", "url")),
        *(
            ("Post Title", "title"),
            ("Body", "html"),
            ("post_content", "html"),
            ("Keywords", "tags"),
        ),
        *(("Category", "categories"), ("Publish Date", "published"), ("pubDate", "published")),
        *(("createdAt", "published"), ("Last-Modified", "updated"), ("Featured Image", "image")),
        *(("Summary", "excerpt"), ("lang", "language"), ("post_id", "id"), ("Byline", "author")),
    ],
)
def test_columns_are_known_by_many_names(header: str, field: str) -> None:
    """Without case, spaces and punctuation."""
    assert chosen_columns([header]) == {field: header}


def test_our_own_name_wins_and_the_other_column_is_kept(read: Read) -> None:
    """Nothing is lost."""
    post = one_post(read, link="/other/", title="Rye", headline="Oat", views="7", empty="")
    assert (post.url, post.title) == ("/1/", "Rye")
    assert post.extra == {"link": "/other/", "headline": "Oat", "views": "7"}


def test_without_an_id_the_address_is_it(read: Read) -> None:
    """It is what stays the same from one export to the next."""
    assert only(read("url,title\n/rye/,Rye\n")).id == "/rye/"


def test_a_body_of_plain_text_becomes_paragraphs(read: Read) -> None:
    """Unless its column says it is HTML."""
    assert one_post(read, content="a & b\n\nc").html == "<p>a &amp; b</p>\n<p>c</p>"
    assert one_post(read, html="a &amp; b").html == "a &amp; b"
    assert one_post(read, content="<p>a</p>").html == "<p>a</p>"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("a|b c", ("a", "b c")),
        ("a, b", ("a", "b")),
        ('["a, b", "c"]', ("a, b", "c")),
        ("[draft], b", ("[draft]", "b")),
        ("", ()),
    ],
)
def test_tags_are_json_or_split(read: Read, tags: str, expected: tuple[str, ...]) -> None:
    """At bars, else at commas; what only looks like JSON is text."""
    assert one_post(read, tags=tags).tags == expected


@pytest.mark.parametrize(
    "value",
    ["2024-01-02", "2024-01-02 00:00:00", "2024/1/2", "January 2, 2024", "2 Jan 2024",
     "Tue, 02 Jan 2024 09:00:00 +0900"],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(read: Read, value: str) -> None:
    """But for those that mean two days."""
    assert one_post(read, date=value).published == datetime(2024, 1, 2, tzinfo=UTC)
    assert isinstance(one(read, date="01/02/2024"), Problem)


# --- what is not shown ---


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("status", "Draft", "draft"),
        ("post_status", "private", "private"),
        ("draft", "TRUE", "draft"),
        ("draft", "1", "draft"),
        ("published", "FALSE", "draft"),
        ("published", "no", "draft"),
        ("password", "x", "password-protected"),
        ("visibility", "paid", "members only"),
        ("private", "1", "private"),
        ("date", "2025-01-02", "scheduled"),
    ],
)
def test_what_is_not_public_is_skipped(read: Read, column: str, value: str, reason: str) -> None:
    """As in JSON Lines, and by a column that says whether a post is published."""
    assert one(read, **{column: value}) == Skipped("posts.csv line 2", reason, "1")


def test_a_column_may_say_whether_and_another_when(read: Read) -> None:
    """``published`` is then no date."""
    post = one_post(read, published="true", date="2024-01-02", draft="false", status="publish")
    assert post.published == datetime(2024, 1, 2, tzinfo=UTC)
    assert one_post(read, published="yes").published is None


# --- dialects ---

TABLE = 'id,url,title,body\n1,/1/,"Rye, ""dark""","<p>a\nb</p>"\n2,/2/,Oat,\n'


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.rstrip("\n"),
        TABLE.replace("\n", "\r\n"),
        f"\ufeff{TABLE}",
        f"\n\n{TABLE}\n\n",
        TABLE.replace(",/", "\t/").replace("d,", "d\t").replace("l,", "l\t").replace("e,b", "e\tb")
        .replace('/,"', '/\t"').replace('"",', '""\t').replace('""","', '"""\t"')
        .replace("/,O", "/\tO").replace("t,\n", "t\t\n"),
    ],
    ids=["plain", "no last line end", "CRLF", "byte order mark", "blank lines", "tabs"],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_dialect_is_detected_and_read(
    read: Read, tmp_path: Path, content: str, pack: Callable[[bytes], bytes]
) -> None:
    """Line ends, marks, delimiters and gzip make no difference."""
    items = read(pack(content.encode()))
    assert [item.title for item in items if isinstance(item, Post)] == ['Rye, "dark"', "Oat"]
    assert detect(str(tmp_path / "posts.csv")) == "csv"


@pytest.mark.parametrize(
    "content", ["id;url;title\n1;/1/;Rye, dark\n", "sep=;\nid;url;title\n1;/1/;Rye, dark\n"]
)
def test_semicolons_are_told_by_the_header(read: Read, tmp_path: Path, content: str) -> None:
    """Commas in a value do not count; a spreadsheet's hint is passed over."""
    assert only(read(content)).title == "Rye, dark"
    assert detect(str(tmp_path / "posts.csv")) == "csv"


def test_a_huge_value_is_read(read: Read) -> None:
    """Longer than Python's own limit of 128 KiB."""
    assert len(one_post(read, html="<p>" + "rye bread " * 1_100_000).html) > 10_000_000


def test_forty_thousand_attributes_and_columns_are_read(read: Read) -> None:
    """In bounded time."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(40_000))
    assert "a39999" in one_post(read, html=f"<p {attributes}>Rye.</p>").html
    more = ",".join(f"c{n}" for n in range(40_000))
    assert only(read(f"id,url,{more}\n1,/1/,{more}\n")).extra["c39999"] == "c39999"


# --- broken rows ---


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("3,/3/", "2 values where the header names 3"),
        ("3,/3/,a,b", "4 values where the header names 3"),
        ('3,/3/,"a" b', "cannot be read"),
        ("3,javascript:x,a", "url is 'javascript:x'"),
        (",/3/,a", "id is missing"),
        ("3,,a", "url is missing"),
        ("1,/3/,a", "read before, at posts.csv line 2"),
    ],
)
def test_a_broken_row_is_a_problem_and_the_rest_goes_on(read: Read, row: str, reason: str) -> None:
    """It is named by the line it begins on."""
    items = read(f'id,url,title\n1,/1/,"a\nb"\n{row}\n2,/2/,c\n')
    assert [type(item) for item in items] == [Post, Problem, Post]
    problem = items[1]
    assert isinstance(problem, Problem)
    assert reason in problem.reason
    assert problem.place == "posts.csv line 4"


def test_a_row_that_is_not_utf8_is_a_problem(read: Read) -> None:
    """As a spreadsheet of the last century saves it; other rows are read."""
    items = read(b"id,url,title\n1,/1/,Zo\xeb\n2,/2/,Rye\n")
    assert [type(item) for item in items] == [Problem, Post]
    assert "save the table as UTF-8" in str(items[0])


def test_a_quotation_mark_that_does_not_end_is_a_problem(read: Read) -> None:
    """It swallows what follows, so nobody knows whose row it was."""
    items = read('id,url,title\n1,/1/,a\n2,/2/,"b\n3,/3/,c\n')
    assert [type(item) for item in items] == [Post, Problem]
    assert isinstance(items[1], Problem)
    assert (items[1].place, items[1].post_id) == ("posts.csv line 3", None)


@pytest.mark.parametrize("row", ["2,/2/," + "x" * 3000, '2,/2/,"' + "x\n" * 3000 + '"'])
def test_a_row_that_is_too_long_is_a_problem(
    read: Read, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    """On one line or many, and is not held in memory."""
    monkeypatch.setattr(csv_rows, "MAX_ROW_CHARS", 1000)
    items = read(f"id,url,title\n1,/1/,a\n{row}\n3,/3/,c\n")
    assert isinstance(items[0], Post)
    assert "longer than 1,000 characters" in str(items[1])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column.*seen: nothing"),
        ("\n\n", "no column"),
        ("id,title\n1,a\n", "no column holds the posts' addresses .seen: 'id', 'title'"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no column"),
        ("Dear diary", "no column"),
        ("x" * 100_000, "no column"),
    ],
)
def test_what_is_no_table_of_posts_is_a_source_error(
    read: Read, content: str | bytes, message: str
) -> None:
    """It says which columns were seen."""
    with pytest.raises(SourceError, match=message):
        read(content)


def test_a_header_alone_holds_nothing(read: Read) -> None:
    """Whether that is an error is the reader's business."""
    assert read("id,url,title\n") == []


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            [b'"', b",", b"\n", b"\r", b"1", b"/1/", b"\x00", b"\xff", b"[", b"{", b";"]
        )
        | st.binary(max_size=9)
    ).map(b"".join),
    st.booleans(),
)
def test_any_bytes_are_items_or_a_source_error(read: Read, content: bytes, is_framed: bool) -> None:
    """No other exception, whatever the file holds."""
    head = b"id,url,title,tags,date,image,extra\n" if is_framed else b""
    try:
        items = read(head + content)
    except SourceError:
        return
    assert all(item.reason for item in items if isinstance(item, Problem))


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.text(), st.text()), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_what_a_writer_writes_is_read_back(
    read: Read, rows: list[tuple[str, str]], delimiter: str
) -> None:
    """Any text in any cell: the title and body of each row."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow(["id", "url", "title", "html"])
    for number, (title, html) in enumerate(rows):
        writer.writerow([number, f"/{number}/", title, html])
    items = read(table.getvalue().encode("utf-8", "replace"))
    assert [item.title for item in items if isinstance(item, Post)] == [
        " ".join(title.replace("\0", "\ufffd").encode("utf-8", "replace").decode().split())
        for title, _ in rows
    ]


def test_the_columns_are_documented() -> None:
    """The table in the documentation is the one that is read by."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text("utf-8")
    lines = page.partition("## Tables: `csv`")[2].splitlines()
    rows = [line.split("`")[1::2] for line in lines if line.startswith("| `")]
    assert {field: tuple(names) for field, *names in rows} == COLUMNS
