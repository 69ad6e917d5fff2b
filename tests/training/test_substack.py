"""Substack's export: what is read, what is not, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from training.sources import detect
from training.sources.base import Item, Problem, Skipped
from training.sources.substack import SubstackSource

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SITE = "https://blog.example"
COLUMNS = (
    *("post_id", "post_date", "is_published", "email_sent_at", "inbox_sent_at", "type"),
    *("audience", "title", "subtitle", "podcast_url"),
)

ReadOne = Callable[..., Item]


def write(folder: Path, *rows: dict[str, str]) -> Path:
    """An export with these rows; one that has no ``body`` has no file of text."""
    root = folder / "export"
    (root / "posts").mkdir(parents=True, exist_ok=True)
    with (root / "posts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", restval="")
        writer.writeheader()
        for row in rows:
            whole = {
                "post_id": "12.rye-bread",
                "post_date": "2024-01-02T01:00:00.000Z",
                "is_published": "true",
                "type": "newsletter",
                "audience": "everyone",
                "title": "Rye bread",
                "subtitle": "All about rye",
                "body": "<p>Rye.</p>",
                **row,
            }
            writer.writerow(whole)
            if whole["body"]:
                (root / "posts" / f"{whole['post_id']}.html").write_text(whole["body"])
    return root


def read(root: Path, site: str | None = SITE) -> list[Item]:
    """Every item."""
    return list(SubstackSource(root, site=site, now=NOW).read())


@pytest.fixture
def one(tmp_path: Path) -> ReadOne:
    """What an export of one row is."""

    def read_one(site: str | None = SITE, **row: str) -> Item:
        (item,) = read(write(tmp_path, row), site)
        return item

    return read_one


def test_a_post_is_read_whole(one: ReadOne) -> None:
    """Number, address, date, title, subtitle, text and its first picture."""
    body = '<div><img src="https://pic.example/a.jpg" width="800" height="600" alt="A"></div>Rye.'
    post = one(body=body)
    assert isinstance(post, Post)
    assert (post.id, post.url, post.slug) == ("12", f"{SITE}/p/rye-bread", "rye-bread")
    assert (post.title, post.excerpt, post.html) == ("Rye bread", "All about rye", body)
    assert post.published == datetime(2024, 1, 2, 1, tzinfo=UTC)
    assert post.image == Image("https://pic.example/a.jpg", 800, 600, "A")


def test_without_a_site_addresses_are_paths(one: ReadOne) -> None:
    """The export does not know the blog's address."""
    post = one(None)
    assert isinstance(post, Post)
    assert post.url == "/p/rye-bread"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"is_published": "false", "body": ""}, "draft"),
        ({"is_published": "", "body": ""}, "draft"),
        ({"audience": "only_paid"}, "paid only"),
        ({"audience": "founding"}, "paid only"),
        ({"audience": "only_free"}, "subscribers only"),
        ({"audience": ""}, "audience unknown"),
        ({"type": "page"}, "page"),
        ({"type": "thread"}, "thread"),
        ({"type": "restack"}, "not a post (restack)"),
        ({"post_date": "2025-01-02T00:00:00.000Z"}, "scheduled"),
    ],
)
def test_what_is_not_for_everyone_is_skipped(
    one: ReadOne, row: dict[str, str], reason: str
) -> None:
    """Each with its reason; a draft needs no text."""
    item = one(**row)
    assert isinstance(item, Skipped)
    assert (item.reason, item.post_id) == (reason, "12")


def test_a_podcast_is_a_post(one: ReadOne) -> None:
    """Its notes are text."""
    assert isinstance(one(type="podcast"), Post)


def test_what_stands_behind_the_paywall_is_cut(one: ReadOne) -> None:
    """However the mark is written."""
    mark = '<div class="paywall-jump" data-component-name="PaywallToDOM"></div>'
    post = one(body=f"<p>Free.</p>{mark}<p>Paid.</p>")
    assert isinstance(post, Post)
    assert post.html == "<p>Free.</p>"


def test_requests_to_subscribe_are_no_text(one: ReadOne) -> None:
    """They stand under every post, and would make all posts alike."""
    asking = (
        '<div class="subscription-widget-wrap-editor" data-attrs="{}"><div class="preamble">'
        '<p class="cta-caption">Thanks for reading! Subscribe for free.</p></div></div>'
        '<p class="button-wrapper" data-attrs="{}"><a class="button primary" href="/s">'
        "<span>Subscribe now</span></a></p>"
    )
    post = one(body=f"<p>Rye.</p>{asking}<p>Oat.</p>")
    assert isinstance(post, Post)
    assert "ubscribe" not in post.html.replace("subscription", "")
    assert "<p>Rye.</p>" in post.html
    assert post.html.endswith("<p>Oat.</p>")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"body": ""}, "posts/12.rye-bread.html: there is no such file"),
        ({"post_id": "12"}, "no slug"),
        ({"post_date": "soon"}, "published is 'soon'"),
    ],
)
def test_a_broken_row_is_a_problem(one: ReadOne, row: dict[str, str], reason: str) -> None:
    """With its line and number; the text of the newest post is often missing."""
    item = one(**row)
    assert isinstance(item, Problem)
    assert reason in item.reason
    assert item.place.startswith("posts.csv line 2 (12")
    assert item.post_id == "12"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\x", ""])
def test_a_row_does_not_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """Its number is part of a file's name."""
    root = write(tmp_path, {})
    table = root / "posts.csv"
    table.write_text(table.read_text().replace("12.rye-bread", name))
    (item,) = read(root)
    assert isinstance(item, Problem)
    assert "post_id is none" in item.reason


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """An export has none."""
    (tmp_path / "secret").write_text("secret")
    root = write(tmp_path, {"body": ""})
    (root / "posts" / "12.rye-bread.html").symlink_to(tmp_path / "secret")
    (item,) = read(root)
    assert isinstance(item, Problem)
    assert "link out of the folder" in item.reason


@pytest.mark.parametrize("inner", [False, True])
def test_it_is_detected(tmp_path: Path, inner: bool) -> None:
    """Also with the folder around it that unpacking made."""
    root = write(tmp_path, {})
    assert detect(str(tmp_path if inner else root)) == "substack"
    assert len(read(tmp_path if inner else root)) == 1


def test_another_table_is_not_its(tmp_path: Path) -> None:
    """A folder with a table of another kind is refused, and not detected."""
    (tmp_path / "posts.csv").write_text("id,url\n1,/1/\n")
    with pytest.raises(SourceError, match="not Substack's: no column post_id, is_published"):
        read(tmp_path)
    with pytest.raises(SourceError):
        detect(str(tmp_path))


@pytest.mark.parametrize("place", ["absent", "file", "empty", "a\0b"])
def test_what_is_no_export_is_a_source_error(tmp_path: Path, place: str) -> None:
    """A missing folder, a file, and a folder without a table."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError):
        read(tmp_path / place)


def test_a_text_of_ten_megabytes_is_read(one: ReadOne) -> None:
    """In linear time, also where every paragraph could be a request."""
    post = one(body='<p class="cta-caption">' * 100_000 + "rye bread " * 1_000_000)
    assert isinstance(post, Post)
    assert len(post.html) > 10_000_000


PIECES = st.sampled_from(
    ["12.a", ",", "\n", '"', "true", "everyone", "2024-01-02", "newsletter", "é", "\0", ".."]
)


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES).map("".join), st.binary(max_size=50))
def test_any_table_and_text_are_items(tmp_path: Path, table: str, body: bytes) -> None:
    """Or one SourceError; no other exception."""
    root = write(tmp_path, {})
    with (root / "posts.csv").open("a") as file:
        file.write(table)
    (root / "posts" / "12.a.html").write_bytes(body)
    try:
        items = read(root)
    except SourceError:
        return
    assert all(item.reason for item in items if isinstance(item, Problem))
