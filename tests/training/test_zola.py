"""Zola sites: sections, slugs, languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from related_posts.posts import Post
from training.sources.base import Item, Problem, Skipped

Read = Callable[..., list[Item]]


def front(text: str = "", body: str = "Rye.") -> str:
    """A text with TOML front matter."""
    return f"+++\n{text}\n+++\n{body}\n"


@pytest.mark.parametrize(
    ("config", "name", "text", "path"),
    [
        ("", "posts/a.md", "", "/posts/a/"),
        ("", "posts/My Pöst & more.md", "", "/posts/my-post-more/"),
        ("", "Posts/2024/a.md", "", "/Posts/2024/a/"),
        ("", "posts/a/index.md", "", "/posts/a/"),
        ("", "a.md", "date = 2024-01-05", "/a/"),
        ("", "a/index.md", "date = 2024-01-05", "/a/"),
        ("", "posts/2024-01-05-a.md", "", "/posts/a/"),
        ("", "posts/2024-01-05_a/index.md", "", "/posts/a/"),
        ("", "posts/2024-01-05T06:07:08Z-a.md", "", "/posts/a/"),
        ("", "posts/2024-01-05.md", "", "/posts/2024-01-05/"),
        ("[slugify]\npaths_keep_dates = true", "posts/2024-01-05-a.md", "", "/posts/2024-01-05-a/"),
        ("[slugify]\npaths = 'safe'", "posts/Ü: b?.md", "", "/posts/%C3%9C%20b/"),
        ("[slugify]\npaths = 'off'", "posts/A b.md", "", "/posts/A%20b/"),
        ("", "posts/a.md", "slug = 'My Slug'", "/posts/my-slug/"),
        ("", "posts/a.md", "path = 'x/y'", "/x/y/"),
        ("", "posts/a.md", "path = '/x/'\nslug = 'z'", "/x/"),
        ("[languages.fr]", "posts/a.fr.md", "", "/fr/posts/a/"),
        ("[languages.fr]", "posts/a/index.fr.md", "", "/fr/posts/a/"),
        ("[languages.fr]", "posts/a.fr.md", "path = 'x'", "/x/"),
        ("[languages.fr]", "posts/a.de.md", "", "/posts/a-de/"),
    ],
)
def test_addresses(read_site: Read, config: str, name: str, text: str, path: str) -> None:
    """By ``path``, else by sections and slug, behind the language."""
    config = f"base_url = 'https://b.example/sub/'\n{config}"
    (post,) = read_site({"config.toml": config, f"content/{name}": front(text)})
    assert isinstance(post, Post), post
    assert (post.id, post.url) == (path, f"https://b.example/sub{path}")


def test_a_name_that_is_not_latin_needs_a_slug(read_site: Read) -> None:
    """Zola writes it in Latin letters by a table that is not kept here."""
    files = {"config.toml": "base_url = ''", "content/posts/日本.md": front("title = 'T'")}
    (item,) = read_site(files)
    assert isinstance(item, Problem)
    assert "slug" in item.reason


def test_a_post_has_what_its_front_matter_says(read_site: Read) -> None:
    """Taxonomies, aliases from the root, the picture of ``extra``, the excerpt's mark, a group."""
    text = front(
        "title = 'T'\ndate = 2024-01-05\nupdated = 2024-01-06\nauthors = ['Ada']\n"
        "aliases = ['old', '/older/']\n[taxonomies]\ntags = ['a']\ncategories = ['c']\n"
        "[extra]\nimage = '/i.png'",
        "Rye.\n\n<!-- more -->\n\n{% note(a=1) %}*in*{% end %} {{ x(y='}') }}",
    )
    config = "base_url = 'https://b.example'\ndefault_language = 'de'\n[languages.fr]"
    files = {"zola.toml": config, "content/posts/a.md": text, "content/posts/a.fr.md": front()}
    french, post = (item for item in read_site(files) if isinstance(item, Post))
    assert (post.tags, post.categories, post.author) == (("a",), ("c",), "Ada")
    assert post.aliases == ("https://b.example/old", "https://b.example/older/")
    assert post.image is not None
    assert post.image.src == "https://b.example/i.png"
    assert post.excerpt == "Rye."
    assert "<em>in</em>" in post.html
    assert "note" not in post.html
    assert (french.language, post.language) == ("fr", "de")
    assert french.translation_group == post.translation_group == "posts/a"
    assert post.published == datetime(2024, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("posts/_index.md", "", "list of posts"),
        ("posts/_index.fr.md", "", "list of posts"),
        ("about.md", "", "page"),
        ("posts/a.md", "draft = true", "draft"),
        ("posts/a.md", "date = 2990-01-01", "scheduled"),
        ("posts/2990-01-01-a.md", "", "scheduled"),
    ],
)
def test_what_is_no_post(read_site: Read, name: str, text: str, reason: str) -> None:
    """Sections, undated texts at the top, drafts, the future."""
    config = "base_url = 'https://b.example'\n[languages.fr]"
    (item,) = read_site({"config.toml": config, f"content/{name}": front(text)})
    assert isinstance(item, Skipped)
    assert item.reason == reason


def test_the_files_of_a_bundle_are_no_posts(read_site: Read) -> None:
    """A folder with an ``index.md`` is one page, in any language."""
    files = {"config.toml": "base_url = ''\n[languages.fr]", "content/p/a/index.md": front(),
             "content/p/a/index.fr.md": front(), "content/p/a/notes.md": "x",
             "content/p/a/more/x.md": "x"}  # fmt: skip
    assert {getattr(item, "id", "") for item in read_site(files)} == {"/p/a/", "/fr/p/a/"}


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"config.toml": "base_url = '/'"}, "/p/a-b/"),
        ({"config.toml": "baseURL = '/'"}, "/p/a-b-c/"),
        ({"hugo.toml": "", "config.toml": "base_url = '/'"}, "/p/a-b-c/"),
    ],
)
def test_zola_and_hugo_are_told_apart(read_site: Read, files: dict[str, str], path: str) -> None:
    """By the spelling of the address in a file that both have."""
    name = {"/p/a-b/": "a (b).md", "/p/a-b-c/": "a b-c.md"}[path]
    (post,) = read_site(files | {f"content/p/{name}": front()})
    assert isinstance(post, Post)
    assert post.id == path
