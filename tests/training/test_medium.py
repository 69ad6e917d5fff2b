"""Medium's export: what is read, what is not, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from training.sources import detect
from training.sources.base import Item, Problem, Skipped
from training.sources.medium import MediumSource

NOW = datetime(2025, 1, 1, tzinfo=UTC)
ID = "18504ab0fd01"
URL = f"https://medium.com/@ada/rye-bread-{ID}"
TITLE = '<h3 name="a" id="a" class="graf graf--h3 graf--leading graf--title">Rye bread</h3>'


def page(
    body: str = f'{TITLE}<p class="graf graf--p">Rye.</p>',
    *,
    title: str = "Rye bread",
    published: str = "2024-01-02T01:00:00.000Z",
    canonical: str | None = URL,
    more: str = "",
) -> str:
    """A page as Medium writes it."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>'
        "<style>* {margin: 0}</style></head><body>"
        f'<article class="h-entry"><header><h1 class="p-name">{title}</h1></header>'
        '<section data-field="subtitle" class="p-summary">\nAll about <b>rye</b> &amp; oat\n'
        '</section><section data-field="body" class="e-content">'
        f'<section name="a" class="section section--body">{body}</section>\n</section>\n<footer>'
        '<p>By <a href="https://medium.com/@ada" class="p-author h-card">Ada L.</a> on '
        f'<a href="https://medium.com/p/{ID}"><time class="dt-published" datetime="{published}">'
        "January 2, 2024</time></a>.</p>"
        + (
            f'<p><a href="{canonical}" class="p-canonical">Canonical link</a></p>'
            if canonical
            else ""
        )
        + f'{more}<p>Exported from <a href="https://medium.com">Medium</a>.</p></footer></article>'
        "</body></html>"
    )


def write(folder: Path, content: str | bytes, name: str = f"2024-01-02_Rye-bread-{ID}") -> Path:
    """An export of one page."""
    (folder / "posts").mkdir(exist_ok=True)
    path = folder / "posts" / f"{name}.html"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read(root: Path) -> list[Item]:
    """Every item."""
    return list(MediumSource(root, now=NOW).read())


def only(root: Path) -> Post:
    """The only item, which is a post."""
    (post,) = read(root)
    assert isinstance(post, Post), post
    return post


def test_a_story_is_read_whole(tmp_path: Path) -> None:
    """By its microformats; its title does not stand in its text again."""
    post = only(write(tmp_path, page()))
    assert (post.id, post.url) == (ID, URL)
    assert (post.title, post.author, post.excerpt) == ("Rye bread", "Ada L.", "All about rye & oat")
    assert post.published == datetime(2024, 1, 2, 1, tzinfo=UTC)
    assert post.html.endswith('<p class="graf graf--p">Rye.</p></section>')
    assert "Rye bread" not in post.html
    assert "Exported" not in post.html
    assert post.aliases == (f"https://medium.com/p/{ID}",)
    assert post.tags == ()


def test_a_story_on_a_domain_of_its_own_keeps_its_address(tmp_path: Path) -> None:
    """The canonical link says it; without one the short address leads there."""
    canonical = f"https://blog.example/rye-bread-{ID}"
    assert only(write(tmp_path, page(canonical=canonical))).url == canonical
    assert only(write(tmp_path, page(canonical=None))).url == f"https://medium.com/p/{ID}"


def test_categories_are_tags_where_a_page_has_them(tmp_path: Path) -> None:
    """Most have none."""
    more = '<ul><li><a class="p-category" href="/t/rye">Rye</a></li></ul>'
    assert only(write(tmp_path, page(more=more))).tags == ("Rye",)


def test_the_picture_the_author_chose_is_the_storys(tmp_path: Path) -> None:
    """Else the first one."""
    first = '<img class="graf-image" src="https://pic.example/1.png">'
    chosen = (
        '<img class="graf-image" data-image-id="2" data-width="3060" data-height="2304" '
        'data-is-featured="true" src="https://pic.example/2.png">'
    )
    assert only(write(tmp_path, page(TITLE + first + chosen))).image == Image(
        "https://pic.example/2.png", 3060, 2304
    )
    assert only(write(tmp_path, page(TITLE + first))).image == Image("https://pic.example/1.png")


def test_a_draft_is_skipped(tmp_path: Path) -> None:
    """By its name, whatever it holds."""
    (item,) = read(write(tmp_path, "", f"draft_Rye-bread-{ID}"))
    assert isinstance(item, Skipped)
    assert (item.reason, item.post_id) == ("draft", ID)


@pytest.mark.parametrize("title", ["Thank you, Bo, for your story", "Thank you, Bo…"])
def test_a_reply_is_skipped(tmp_path: Path, title: str) -> None:
    """Medium gives it the beginning of its text as a title."""
    body = '<p class="graf graf--leading">Thank you, Bo, for your story.</p><p>I liked it.</p>'
    (item,) = read(write(tmp_path, page(body, title=title)))
    assert isinstance(item, Skipped)
    assert (item.reason, item.post_id) == ("reply", ID)


@pytest.mark.parametrize(
    "body",
    [
        '<h3 class="graf--title">Rye bread</h3><p>Rye bread is dark.</p>',
        '<p>Rye bread is dark.</p><h4 class="graf">Oat</h4>',
        '<p>Rye bread is dark.</p><img src="/a.jpg">',
        "<p>It is dark.</p>",
    ],
)
def test_a_story_with_a_heading_a_picture_or_a_title_of_its_own_is_no_reply(
    tmp_path: Path, body: str
) -> None:
    """Only what looks like nothing else is a reply."""
    only(write(tmp_path, page(body)))


def test_a_story_dated_later_is_scheduled(tmp_path: Path) -> None:
    """It is not out yet."""
    (item,) = read(write(tmp_path, page(published="2025-01-02T00:00:00.000Z")))
    assert isinstance(item, Skipped)
    assert item.reason == "scheduled"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no text"),
        ("<p>Rye.</p>", "no text"),
        (page()[:-60], "cut off"),
        (page()[:600], "cut off"),
        (page(published="soon"), "published is 'soon'"),
        (page(canonical="javascript:x"), "url is 'javascript:x'"),
        (page().encode().replace(b"Rye.", b"R\xffe."), "not UTF-8"),
    ],
)
def test_a_broken_page_is_a_problem(tmp_path: Path, content: str | bytes, reason: str) -> None:
    """It is named by its file, and keeps the id of its name."""
    write(tmp_path, page(title="Oat"), "2024-01-01_Oat-0123456789ab")
    good, broken = read(write(tmp_path, content))
    assert isinstance(good, Post)
    assert isinstance(broken, Problem)
    assert reason in broken.reason
    assert (broken.place, broken.post_id) == (f"posts/2024-01-02_Rye-bread-{ID}.html", ID)


def test_a_page_of_another_name_has_the_id_of_its_address(tmp_path: Path) -> None:
    """Of two pages with one id the first stays."""
    write(tmp_path, page(), "a")
    first, second = read(write(tmp_path, page(), "b"))
    assert isinstance(first, Post)
    assert isinstance(second, Problem)
    assert first.id == second.post_id == ID


@pytest.mark.parametrize("inner", [False, True])
def test_it_is_detected(tmp_path: Path, inner: bool) -> None:
    """Also with the folder around it that unpacking made, and a page about the export in it."""
    root = tmp_path / "export"
    root.mkdir()
    write(root, page())
    (root / "README.html").write_text("<html></html>")
    assert detect(str(tmp_path if inner else root)) == "medium"
    assert len(read(tmp_path if inner else root)) == 1


@pytest.mark.parametrize("place", ["absent", "file", "empty", "a\0b"])
def test_what_is_no_export_is_a_source_error(tmp_path: Path, place: str) -> None:
    """A missing folder, a file, and a folder without pages."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty" / "posts").mkdir(parents=True)
    with pytest.raises(SourceError):
        read(tmp_path / place)


def test_hostile_pages_take_bounded_time(tmp_path: Path) -> None:
    """Ten megabytes, 40,000 attributes, and tags that never end."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(40_000))
    write(tmp_path, page(f"{TITLE}<p {attributes}>" + "rye " * 2_500_000), "1-000000000001")
    write(tmp_path, page('<h3 class="graf--title">' * 100_000), "2-000000000002")
    write(tmp_path, page("<div>" * 100_000, title="x"), "3-000000000003")
    write(tmp_path, "<a class='" * 200_000, "4-000000000004")
    kinds = [type(item) for item in read(tmp_path)]
    assert kinds == [Post, Post, Post, Problem]


PIECES = st.sampled_from(
    ['<section class="e-content">', "</section>", "<footer>", "</article>", '<h1 class="p-name">',
     "</h1>", "<a class='p-canonical' href='//['>", '<time class="dt-published" datetime="x">',
     "<img src=x>", "<", ">", '"', "Rye", "&#0;", "\x00", '<a class="p-category">', page()]
)  # fmt: skip


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES | st.text(max_size=5)).map("".join), st.binary(max_size=5))
def test_any_page_is_an_item(tmp_path: Path, content: str, more: bytes) -> None:
    """No exception, whatever a page holds."""
    (item,) = read(write(tmp_path, content.encode("utf-8", "replace") + more))
    assert not isinstance(item, Problem) or item.reason
