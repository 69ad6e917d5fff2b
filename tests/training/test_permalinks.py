"""Addresses by the rules of Jekyll and Hugo."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.sources.markdown.permalinks import (
    JEKYLL_STYLES,
    Parts,
    encoded_path,
    hugo_name,
    hugo_path,
    jekyll_path,
    jekyll_slug,
)

# A Friday, the fifth day of the year, in its first week.
MOMENT = datetime(2024, 1, 5, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("date", "/bread/rye/2024/01/05/My-Post.html"),
        ("pretty", "/bread/rye/2024/01/05/My-Post/"),
        ("ordinal", "/bread/rye/2024/005/My-Post.html"),
        ("weekdate", "/bread/rye/2024/W01/Fri/My-Post.html"),
        ("none", "/bread/rye/My-Post.html"),
        ("/:year/:month/:title/", "/2024/01/My-Post/"),
        ("/:short_year/:i_month/:i_day/:slug", "/24/1/5/my-post"),
        ("/:long_day/:short_month/:y_day", "/Friday/Jan/005"),
        ("/:hour:minute:second/", "/070809/"),
        ("/:collection/:name:output_ext", "/posts/My-Post.html"),
        ("/:w_year-:w_day/:title", "/2024-5/My-Post"),
        ("blog/:title", "/blog/My-Post"),
        ("/:unknown/:title/", "/:unknown/My-Post/"),
        ("//a///:title", "/a/My-Post"),
    ],
)
def test_jekyll(template: str, path: str) -> None:
    """Named styles and templates; ``:title`` keeps case, categories do not."""
    parts = Parts(name="My-Post", moment=MOMENT, categories=["Bread", "rye", "BREAD"])
    assert jekyll_path(template, parts) == path


def test_jekyll_without_categories_leaves_no_gap() -> None:
    """An empty token takes its slash along."""
    assert jekyll_path("date", Parts(name="a", moment=MOMENT)) == "/2024/01/05/a.html"


def test_jekyll_prefers_the_authors_slug() -> None:
    """It stands for the name of the file."""
    parts = Parts(name="file", slug="My Choice!", moment=MOMENT)
    assert jekyll_path("/:title/:slug/", parts) == "/My-Choice!/my-choice/"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("  --a__b--  ", "a-b"),
        ("Füße & Straße", "füße-straße"),
        ("日本語 の 投稿", "日本語-の-投稿"),
        ("हिन्दी", "हिन्दी"),
        ("…", ""),
    ],
)
def test_jekyll_slugs_keep_letters_marks_and_digits(text: str, slug: str) -> None:
    """Of every script; the rest becomes hyphens."""
    assert jekyll_slug(text) == slug


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/:sections/:slugorcontentbasename/", "/Posts/2024/a-Name/"),
        ("/:year/:month/:day/:slug/", "/2024/01/05/My-Title/"),
        ("/:section/:title", "/Posts/My-Title/"),
        ("/:sections[0]/:filename/", "/Posts/a-Name/"),
        ("/:sections[1:]/:contentbasename/", "/2024/a-Name/"),
        ("/:sections[:last]/:slugorfilename/", "/Posts/a-Name/"),
        ("/:sections[last]/x/", "/2024/x/"),
        ("/:sections[9]/x/", "/x/"),
        ("/:sections[a]/x/", "/x/"),
        ("/:monthname/:weekday/:weekdayname/:yearday/", "/January/5/Friday/5/"),
        ("/:unknown/x/", "/:unknown/x/"),
        ("/a/:slug.html", "/a/My-Title.html"),
    ],
)
def test_hugo(template: str, path: str) -> None:
    """Tokens, cuts of the sections, and a slash at the end unless there is a suffix."""
    parts = Parts(name="a-Name", title="My Title", moment=MOMENT, sections=["Posts", "2024"])
    assert hugo_path(template, parts, keeps_case=True) == path
    assert hugo_path(template, parts).casefold() == path.casefold()


def test_hugo_lowers_names_and_prefers_the_slug() -> None:
    """The template's own letters stay."""
    parts = Parts(name="Name", slug="My Slug", sections=["Posts"])
    assert hugo_path("/Blog/:section/:slugorcontentbasename/", parts) == "/Blog/posts/my-slug/"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Title", "my-title"),
        ("C++ & C#: what’s new?", "c++-c#-whats-new"),
        ("a  -  b", "a-b"),
        (" a ", "a"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_hugo_names(text: str, name: str) -> None:
    """Spaces become single hyphens, most signs go, case is lowered."""
    assert hugo_name(text) == name


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        ("a", "/a"),
        ("/a b/", "/a%20b/"),
        ("/日本/", "/%E6%97%A5%E6%9C%AC/"),
        ("/%E6%97%A5/", "/%E6%97%A5/"),
        ("/a?b#c", "/a%3Fb%23c"),
        ("//evil.example//a", "/evil.example/a"),
        ("", "/"),
    ],
)
def test_paths_are_percent_encoded_once(path: str, encoded: str) -> None:
    """And never lead to another host."""
    assert encoded_path(path) == encoded


@settings(deadline=None)
@given(
    st.text(max_size=30) | st.sampled_from(sorted(JEKYLL_STYLES)),
    st.builds(
        Parts,
        name=st.text(max_size=8),
        slug=st.text(max_size=8),
        title=st.text(max_size=8),
        moment=st.none() | st.datetimes(timezones=st.just(UTC)),
        categories=st.lists(st.text(max_size=5), max_size=3),
        sections=st.lists(st.text(max_size=5), max_size=3),
    ),
)
def test_any_template_gives_a_path(template: str, parts: Parts) -> None:
    """ASCII, from the root, never of another host."""
    for path in (jekyll_path(template, parts), hugo_path(template, parts)):
        assert path.isascii()
        assert path.startswith("/")
        assert not path.startswith(("//", "/\\"))
