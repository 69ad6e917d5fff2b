"""Pelican sites: metadata, addresses, links with marks, a configuration that is never run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError, SourceError
from related_posts.links import hrefs
from related_posts.posts import Post
from training.sources.base import Item, Problem, Skipped
from training.sources.markdown.frontmatter import Document
from training.sources.markdown.pelican_config import COMPUTED, read_settings
from training.sources.markdown.pelican_text import split_pelican

Read = Callable[..., list[Item]]
A = "content/a.md"


def text(more: str = "", body: str = "Rye.") -> str:
    """A text with lines of metadata."""
    return f"Title: My Title\nDate: 2024-01-05\n{more}\n\n{body}\n".replace("\n\n\n", "\n\n")


@pytest.mark.parametrize(
    ("config", "name", "more", "path"),
    [
        ("", "a.md", "", "/my-title.html"),
        ("", "a.md", "Slug: My-Slug", "/My-Slug.html"),
        ("", "a.md", "Title: Rye & Füße: what’s *new*?", "/rye-fusse-whats-new.html"),
        ("ARTICLE_URL = '{date:%Y}/{date:%m}/{slug}/'", "a.md", "", "/2024/01/my-title/"),
        ("ARTICLE_SAVE_AS = 'b/{slug}/index.html'", "a.md", "", "/b/my-title/"),
        ("B = 'blog/'\nARTICLE_URL = B + '{slug}/'", "a.md", "", "/blog/my-title/"),
        ("ARTICLE_URL = '{category}/{slug}'", "Big Bread/a.md", "", "/big-bread/my-title"),
        ("ARTICLE_URL = '{category}/{slug}'", "a.md", "", "/misc/my-title"),
        ("ARTICLE_URL = '{category}/{slug}'\nUSE_FOLDER_AS_CATEGORY = False", "b/a.md", "",
         "/misc/my-title"),
        ("ARTICLE_URL = '{author}/{series}/{slug}'\nAUTHOR = 'Ada L'", "a.md", "Series: s",
         "/ada-l/s/my-title"),
        ("SLUGIFY_SOURCE = 'basename'", "A b.md", "", "/a-b.html"),
        ("SLUGIFY_USE_UNICODE = True", "a.md", "Title: 日本 の",
         "/%E6%97%A5%E6%9C%AC-%E3%81%AE.html"),
        ("SLUGIFY_PRESERVE_CASE = True", "a.md", "", "/My-Title.html"),
        ("FILENAME_METADATA = r'(?P<date>\\d{4}-\\d\\d-\\d\\d)_(?P<slug>.*)'",
         "2024-01-05_x.md", "", "/x.html"),
        ("PATH_METADATA = r'(?P<slug>[^/]+)/.*'", "x/a.md", "", "/x.html"),
        ("", "a.md", "URL: own/path/", "/own/path/"),
        ("", "a.md", "Lang: fr", "/my-title-fr.html"),
        ("DEFAULT_LANG = 'fr'", "a.md", "Lang: fr", "/my-title.html"),
        ("ARTICLE_LANG_URL = '{lang}/{slug}/'", "a.md", "Lang: fr", "/fr/my-title/"),
        ("", "a.md", "Translation: true", "/my-title-en.html"),
    ],
)  # fmt: skip
def test_addresses(read_site: Read, config: str, name: str, more: str, path: str) -> None:
    """By ``URL``, else ``ARTICLE_URL``; checked against Pelican 4.12."""
    (post,) = read_site({"pelicanconf.py": config, f"content/{name}": text(more)})
    assert isinstance(post, Post), post
    assert post.id == path


@pytest.mark.parametrize(
    ("config", "more", "reason"),
    [
        ("", "Title: 日本", "slug"),
        ("SLUG_REGEX_SUBSTITUTIONS = []", "", "SLUG_REGEX_SUBSTITUTIONS"),
        ("ARTICLE_URL = '{nothing}'", "", "nothing"),
        ("ARTICLE_URL = '{slug:>99999999999}x{slug.__class__}{series:>9999999999}'", "", "series"),
        ("ARTICLE_URL = '{date:%999999999Y}'", "", "date"),
        ("", "Date: soon", "soon"),
    ],
)
def test_what_has_no_sure_address_is_a_problem(
    read_site: Read, config: str, more: str, reason: str
) -> None:
    """A wrong address is worse than none, and a template is no program."""
    (item,) = read_site({"pelicanconf.py": config, A: text(more)})
    assert isinstance(item, Problem)
    assert reason in item.reason


def test_a_post_has_what_its_metadata_say(read_site: Read) -> None:
    """Lists by commas or semicolons, the zone and author of the site, pictures with marks."""
    config = "AUTHOR = 'Ada'\nTIMEZONE = 'Europe/Berlin'\nSITEURL = ''\nDEFAULT_LANG = 'de'"
    more = (
        "Modified: 2024-02-01\nTags: a, b\nCategory: Bread\nAuthors: Bo, B.; Al\nSummary: Short\n"
        "  and long\nCover: {static}/i.png\nAlias: /old/"
    )
    files = {"pelicanconf.py": config, "publishconf.py": "SITEURL = 'https://b.example'\n",
             A: text(more).replace("\n  and", "\n    and")}  # fmt: skip
    (post,) = read_site(files)
    assert isinstance(post, Post)
    assert post.url == "https://b.example/my-title.html"
    assert (post.tags, post.categories, post.author) == (("a", "b"), ("Bread",), "Bo, B., Al")
    assert post.published == datetime(2024, 1, 4, 23, tzinfo=UTC)
    assert post.updated == datetime(2024, 1, 31, 23, tzinfo=UTC)
    assert post.excerpt == "Short, and long"
    assert post.language == "de"
    assert post.image is not None
    assert post.image.src == "https://b.example/i.png"
    assert post.aliases == ("https://b.example/old/",)


@pytest.mark.parametrize(
    ("config", "name", "content", "reason"),
    [
        ("", A, text("Status: draft"), "draft"),
        ("", A, text("Status: hidden"), "hidden"),
        ("", A, text("Status: skip"), "hidden"),
        ("DEFAULT_METADATA = {'status': 'draft'}", A, text(), "draft"),
        ("", A, text("Date: 2990-01-01"), "scheduled"),
        ("", A, "Title: T\n\nRye.", "no date"),
        ("ARTICLE_URL = '{date:%Y}/{slug}'", A, "Title: T\nStatus: draft\n\nx", "draft"),
        ("", "content/pages/a.md", text(), "page"),
        ("ARTICLE_EXCLUDES = ['x']", "content/x/a.md", text(), "page"),
        ("", "content/a.rst", "Title\n=====\n", "reStructuredText"),
    ],
)
def test_what_is_not_shown(
    read_site: Read, config: str, name: str, content: str, reason: str
) -> None:
    """As Pelican has it, and texts of a kind that is not read."""
    (item,) = read_site({"pelicanconf.py": config, "content/.keep": "", name: content})
    assert isinstance(item, Skipped)
    assert item.reason == reason


@pytest.mark.parametrize(
    ("config", "content"),
    [
        ("WITH_FUTURE_DATES = True", text("Date: 2990-01-01")),
        ("DEFAULT_DATE = 'fs'", "Title: T\n\nRye."),
        ("DEFAULT_METADATA = {'status': 'draft'}", text("Status: published")),
    ],
)
def test_the_site_may_show_more(read_site: Read, config: str, content: str) -> None:
    """Where its configuration says so."""
    (post,) = read_site({"pelicanconf.py": config, A: content})
    assert isinstance(post, Post)


def test_links_with_marks(read_site: Read) -> None:
    """Lead to posts, files and the front; what is not known leads nowhere."""
    body = (
        "[b]({filename}sub/b.md#x) [c]({filename}/sub/b.md) [d](|filename|sub/b.md) "
        "[e]({filename}absent.md) ![f]({static}/i/f.png) [g]({attach}sub/g.pdf) [h]({index}) "
        "[i]({tag}rye) [j](sub/b.md)"
    )
    files = {"pelicanconf.py": "SITEURL = 'https://b.example/s'", A: text("", body),
             "content/sub/b.md": text("Slug: b", "[a]({filename}../a.md)")}  # fmt: skip
    first, second = (item for item in read_site(files) if isinstance(item, Post))
    base = "https://b.example/s"
    assert hrefs(first.html, first.url) == [f"{base}/b.html", f"{base}/sub/g.pdf", f"{base}/"]
    assert f'src="{base}/i/f.png"' in first.html
    assert f'href="{base}/b.html#x"' in first.html
    assert hrefs(second.html, second.url) == [f"{base}/my-title.html"]


# --- the configuration ---


def test_a_configuration_is_never_run(tmp_path: Path) -> None:
    """Literals and strings put together are known; the rest is not."""
    marker = tmp_path / "ran"
    (tmp_path / "pelicanconf.py").write_text(
        f"import os\nopen({str(marker)!r}, 'w').write('x')\nA = 'a'\nB = A + '/b'\n"
        "C = os.environ.get('X', 'y')\nD: str = 'd'\nE = {'a': [1, (2,)]}\nF = A * 999999999\n"
        "G = 5 + 5\nA1 = A + C\nif True:\n    H = 1\nI, J = 1, 2\n"
    )
    assert read_settings(tmp_path) == {
        **{"A": "a", "B": "a/b", "C": COMPUTED, "D": "d", "E": {"a": [1, (2,)]}, "F": COMPUTED},
        **{"G": COMPUTED, "A1": COMPUTED},
    }
    assert not marker.exists()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("A = (", "line 1: this is not Python"),
        ("A = " + "(" * 100_000, "not Python"),
        ("A = " + "-" * 100_000 + "1", "not Python"),
        ("A\0", "not Python"),
        ("#" * 300_000, "longer than 256 KiB"),
        ("TIMEZONE = 'Mars'", "no time zone 'Mars'"),
        ("import x\nARTICLE_URL = x.y", "ARTICLE_URL is computed"),
        ("FILENAME_METADATA = '(a+)+b'", "too complex"),
        ("PATH_METADATA = '.*.*.*.*x'", "too complex"),
        ("PATH_METADATA = '(a?){50}a'", "too complex"),
        ("PATH_METADATA = " + repr("a?" * 60 + "a" * 60), "too complex"),
        ("PATH_METADATA = " + repr("(a|a)" * 50 + "b"), "too complex"),
        ("PATH_METADATA = '('", "not a pattern"),
    ],
)
def test_a_configuration_of_no_use_is_a_source_error(
    read_site: Read, config: str, message: str
) -> None:
    """In bounded time and memory, with the file and the reason."""
    with pytest.raises(SourceError, match=message):
        read_site({"pelicanconf.py": config, A: text()})


def test_strings_that_double_do_not_fill_the_memory(tmp_path: Path) -> None:
    """Sixty lines would make a string of an exabyte."""
    lines = ["A = 'x'", *("A = A + A" for _ in range(60))]
    (tmp_path / "pelicanconf.py").write_text("\n".join(lines))
    assert read_settings(tmp_path) == {"A": COMPUTED}


# --- metadata ---


@pytest.mark.parametrize(
    ("content", "data", "body"),
    [
        ("Title: a: b\nTags: x\n\nBody: y", {"title": "a: b", "tags": "x"}, "Body: y"),
        ("\ufeffTitle: a\r\n\r\nB", {"title": "a"}, "B"),
        ("title: a\nB", {"title": "a"}, "B"),
        ("tags: a\n    b\n\nB", {"tags": "a, b"}, "B"),
        ("---\nTitle: a: b\n---\nB", {"title": "a: b"}, "B"),
        ("---\nTitle: a\ntags: [b]\n---\nB", {"Title": "a", "tags": ["b"]}, "B"),
        ("Plain text.", {}, "Plain text."),
        ("", {}, ""),
    ],
)
def test_metadata(content: str, data: dict[str, object], body: str) -> None:
    """Lines up to a blank one; YAML where it is YAML."""
    document = split_pelican(content)
    assert (document.data, document.body.strip()) == (data, body)


PIECES = st.sampled_from(
    ["---\n", "a: b\n", "Title: ", "\n", "    x\n", "\ufeff", "...\n", "\r", ":"]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_any_text_is_split_or_refused(content: str) -> None:
    """Nothing but a document or ``PostError``."""
    with contextlib.suppress(PostError):
        assert isinstance(split_pelican(content), Document)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.sampled_from(["A", " = ", "'x'", "+", "(", ")", "\n", "[", "]", "lambda: ", "\0", "1"]),
        max_size=12,
    ).map("".join)
)
def test_any_configuration_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, config: str
) -> None:
    """Nothing but settings or ``SourceError``."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "pelicanconf.py").write_text(config)
    with contextlib.suppress(SourceError):
        assert isinstance(read_settings(folder), dict)
