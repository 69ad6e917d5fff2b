"""Eleventy sites: posts, addresses, data of folders."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError, SourceError
from related_posts.posts import Post
from training.sources.base import Item, Problem, Skipped
from training.sources.markdown.eleventy_data import own_permalink

Read = Callable[..., list[Item]]
CONFIG = {"eleventy.config.js": "export default {}"}


def front(text: str = "", date: str = "2024-01-05") -> str:
    """A text with front matter and a date."""
    return f"---\ndate: {date}\n{text}\n---\nRye {{{{ title }}}}.\n"


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("blog/a.md", "", "/blog/a/"),
        ("blog/2024-01-08-two.md", "", "/blog/2024-01-08-two/"),
        ("blog/a/index.md", "", "/blog/a/"),
        ("posts/posts.md", "", "/posts/"),
        ("blog/Ü n.md", "", "/blog/%C3%9C%20n/"),
        ("blog/a.md", "permalink: /x/", "/x/"),
        ("blog/a.md", "permalink: x/y.html", "/x/y.html"),
        ("blog/a.md", "permalink: /x/index.html", "/x/"),
        ("blog/2024-01-08-b.md", 'permalink: "/x/{{ page.fileSlug }}/"', "/x/b/"),
        ("2024-01-08-b/index.md", 'permalink: "/x/{{ page.fileSlug }}/"', "/x/b/"),
        ("blog/2024-01-08-b.md", 'permalink: "{{ page.filePathStem }}.html"', "/blog/b.html"),
        ("a.md", 'title: What\'s & Ü\npermalink: "/{{ title | slugify }}/"', "/whats-and-u/"),
        ("a.md", "permalink: '/{{ page.date | date: \"%Y/%m\" }}/a/'", "/2024/01/a/"),
        ("a.md", "category: Rye\npermalink: '/{{ category | lower }}/a/'", "/rye/a/"),
    ],
)
def test_addresses(read_site: Read, name: str, text: str, path: str) -> None:
    """The file's path, or ``permalink``; checked against Eleventy 3."""
    (post,) = read_site(CONFIG | {name: front(text)})
    assert isinstance(post, Post), post
    assert post.id == path
    assert "{{" not in post.html


@pytest.mark.parametrize(
    "permalink",
    ["/{{ x | y }}/", "/{{ page.url }}/", "/{% if x %}a{% endif %}/", "/{{ x }}/",
     "/{{ title | a }}/", "/{{ page.date }}/", "/{{ page.date | date: '%Q' }}/", "/{{"],
)  # fmt: skip
def test_what_only_eleventy_can_tell_is_a_problem(read_site: Read, permalink: str) -> None:
    """The message names the setting that helps."""
    (item,) = read_site(CONFIG | {"a.md": front(f'permalink: "{permalink}"')})
    assert isinstance(item, Problem)
    assert "--url-template" in item.reason


def test_a_template_says_addresses_made_in_code(read_site: Read) -> None:
    """It takes the place of the file's path, not of a post's own ``permalink``."""
    files = {"blog/x/2024-01-05-a.md": front(), "blog/b.md": front("permalink: /own/")}
    items = read_site(CONFIG | files, url_template="/{year}/{folder}/{slug}/")
    assert [item.id for item in items if isinstance(item, Post)] == ["/own/", "/2024/x/a/"]


def test_data_of_folders(read_site: Read) -> None:
    """Of every folder above, in JSON or written out in a program; the text's own win."""
    files = {
        "posts/posts.json": '{"tags": "posts", "permalink": "/p/{{ page.fileSlug }}/"}',
        "notes/notes.11tydata.js": "// tags: 'no'\nexport default { tags: ['post', 'x'] };",
        "posts/deep/deep.11tydata.json": '{"permalink": "/d/{{ page.fileSlug }}/"}',
        "posts/a.md": "---\ntags: [rye, posts]\n---\n",
        "posts/b.md": front("permalink: /own/"),
        "posts/deep/c.md": "---\n---\n",
        "posts/e.md": "---\n---\n",
        "posts/e.11tydata.json": '{"permalink": "/e/"}',
        "notes/d.md": "---\n---\n",
    }
    found = {item.id: item.tags for item in read_site(CONFIG | files) if isinstance(item, Post)}
    assert found == {"/notes/d/": (), "/p/a/": ("rye",), "/own/": (), "/e/": (), "/d/c/": ()}


def test_broken_data_of_a_folder_is_a_source_error(read_site: Read) -> None:
    """Every address of the folder depends on it."""
    with pytest.raises(SourceError, match=r"posts\.json.*not valid"):
        read_site(CONFIG | {"posts/posts.json": "{", "posts/a.md": front()})


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("about.md", "---\ntitle: T\n---\n", "page"),
        ("README.md", "", "page"),
        ("a.md", front("draft: true"), "draft"),
        ("a.md", front("permalink: false"), "hidden"),
        ("a.md", front("eleventyExcludeFromCollections: true"), "hidden"),
        ("a.md", front(date="2990-01-01"), "scheduled"),
    ],
)
def test_what_is_no_post(read_site: Read, name: str, text: str, reason: str) -> None:
    """Undated and untagged texts are pages."""
    (item,) = read_site(CONFIG | {name: text})
    assert isinstance(item, Skipped)
    assert item.reason == reason


@pytest.mark.parametrize("date", ["Last Modified", "git Created"])
def test_dates_that_the_disk_knows_are_none(read_site: Read, date: str) -> None:
    """But show that it is a post."""
    (post,) = read_site(CONFIG | {"a.md": front(date=date)})
    assert isinstance(post, Post)
    assert post.published is None


def test_the_configuration_is_read_and_not_run(read_site: Read) -> None:
    """Folders, prefix, and the address in the data of the site."""
    files = {
        ".eleventy.js": "module.exports = () => ({ dir: { input: 'src', output: 'dist' },\n"
        "/* pathPrefix: '/no/' */ pathPrefix: '/sub/' })",
        "src/_data/metadata.js": "export default { language: 'de', url: 'https://b.example/' }",
        "src/blog/a.md": front("redirectFrom: /old/"),
        "src/_includes/x.md": front(),
        "dist/blog/a.md": front(),
        "other/b.md": front(),
    }
    (post,) = read_site(files)
    assert isinstance(post, Post)
    assert post.url == "https://b.example/sub/blog/a/"
    assert post.language == "de"
    assert post.aliases == ("https://b.example/sub/old/",)
    assert read_site({}, inner="src/blog") == [post]


PIECES = st.sampled_from(
    ["{{", "}}", "|", " title ", "page.date", "date: ", "'%Y'", "slugify", "/", "{%"]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=10).map("".join))
def test_any_permalink_is_a_path_or_refused(template: str) -> None:
    """Never anything else."""
    with contextlib.suppress(PostError):
        assert "{{" not in own_permalink(template, {"title": "T"}, {}, None)
