"""Hexo sites: which texts are posts, where they are found, what their tags become."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError
from related_posts.posts import Post
from training.sources.base import Item, Problem, Skipped
from training.sources.markdown.frontmatter import Document, FrontMatterError
from training.sources.markdown.hexo_text import split_hexo

Read = Callable[..., list[Item]]
A = "source/_posts/a.md"


def front(text: str, body: str = "Rye.\n") -> str:
    """A text with front matter and a date."""
    return f"---\ndate: 2024-01-05 07:08:09\n{text}\n---\n{body}"


@pytest.mark.parametrize(
    ("config", "name", "text", "path"),
    [
        ("", "a.md", "", "/2024/01/05/a/"),
        ("", "sub/A_b.md", "", "/2024/01/05/sub/A_b/"),
        ("permalink: :year/:i_month/:i_day/:name.html", "sub/a.md", "", "/2024/1/5/a.html"),
        ("permalink: :hour-:minute-:second/:timestamp/", "a.md", "", "/07-08-09/1704438489/"),
        ("permalink: :post_title/", "a.md", "title: Über My Täg!", "/uber-my-tag/"),
        ("permalink: :category/:title/", "a.md", "categories: [A, B c]", "/A/B-c/a/"),
        ("permalink: :category/:title/", "a.md", "categories: [[A, B], [C]]", "/C/a/"),
        ("permalink: :category/:title/", "a.md", "category: A", "/A/a/"),
        ("permalink: :category/:title/", "a.md", "", "/uncategorized/a/"),
        ("default_category: x\npermalink: :category/:title/", "a.md", "", "/x/a/"),
        ("filename_case: 1\npermalink: :category/", "a.md", "categories: [A B]", "/a-b/"),
        ("category_map: {Brot: bread}\npermalink: :category/", "a.md", "categories: Brot",
         "/bread/"),
        ("permalink: :lang/:title/\npermalink_defaults: {lang: en}", "a.md", "", "/en/a/"),
        ("permalink: :lang/:title/\nnew_post_name: :lang/:title.md", "fr/a.md", "", "/fr/a/"),
        ("permalink: :series/:title/", "a.md", "series: s", "/s/a/"),
        ("new_post_name: :year-:month-:day-:title.md", "2023-02-03-a.md", "", "/2024/01/05/a/"),
        ("source_dir: texts", "../../texts/_posts/a.md", "", "/2024/01/05/a/"),
        ("", "a.md", "permalink: x/y.html", "/x/y.html"),
        ("", "日本.md", "", "/2024/01/05/%E6%97%A5%E6%9C%AC/"),
    ],
)  # fmt: skip
def test_addresses(read_site: Read, config: str, name: str, text: str, path: str) -> None:
    """By the configuration, the file and front matter; checked against Hexo 8."""
    files = {"_config.yml": config, "source/_posts/.keep": "", f"source/_posts/{name}": front(text)}
    if "source_dir" in config:
        del files["source/_posts/.keep"]
    (post,) = read_site(files)
    assert isinstance(post, Post), post
    assert post.id == path


def test_a_hash_is_that_of_name_and_second(read_site: Read) -> None:
    """The first twelve digits of the SHA-1 of both."""
    (post,) = read_site({"_config.yml": "permalink: :hash/", A: front("")})
    assert isinstance(post, Post)
    digest = hashlib.sha1(b"a1704438489", usedforsecurity=False).hexdigest()
    assert post.id == f"/{digest[:12]}/"


@pytest.mark.parametrize("token", ["id", "nothing"])
def test_what_only_hexo_knows_is_a_problem(read_site: Read, token: str) -> None:
    """A wrong address is worse than none."""
    (item,) = read_site({"_config.yml": f"permalink: :{token}/", A: front("")})
    assert isinstance(item, Problem)
    assert token in item.reason


def test_a_post_without_a_date_needs_no_date(read_site: Read) -> None:
    """Hexo takes the file's, which says nothing: fine where the address does without."""
    (post,) = read_site({"_config.yml": "permalink: :title/", A: "Rye."})
    assert isinstance(post, Post)
    assert post.published is None
    (item,) = read_site({"_config.yml": ""})
    assert isinstance(item, Problem)


def test_dates_and_languages(read_site: Read) -> None:
    """A naive date is of the site's zone, a name's date counts, the first language holds."""
    config = "timezone: Asia/Tokyo\nlanguage: [de, en]\nnew_post_name: :year-:month-:day-:title.md"
    (post,) = read_site({"_config.yml": config, "source/_posts/2024-01-05-a.md": "Rye."})
    assert isinstance(post, Post)
    assert (post.id, post.language) == ("/2024/01/05/a/", "de")
    assert post.published == datetime(2024, 1, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("config", "base"),
    [
        ("url: https://b.example", "https://b.example"),
        ("url: https://b.example\nroot: /sub/", "https://b.example/sub"),
        ("url: https://b.example/sub\nroot: /sub/", "https://b.example/sub"),
        ("url: http://example.com", ""),
        ("url: http://yoursite.com/child\nroot: /child/", "/child"),
        ("url: 'http://[::1'", ""),
    ],
)
def test_bases(read_site: Read, config: str, base: str) -> None:
    """The address that a new configuration holds is nobody's."""
    (post,) = read_site({"_config.yml": config, A: front("")})
    assert isinstance(post, Post)
    assert post.url == f"{base}/2024/01/05/a/"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("source/_drafts/a.md", "", "draft"),
        (A, "published: false", "draft"),
        (A, "date: 2990-01-01", "scheduled"),
        (A, "password: x", "password-protected"),
        ("source/_posts/_a.md", "", "hidden"),
    ],
)
def test_what_is_not_shown(read_site: Read, name: str, text: str, reason: str) -> None:
    """Drafts, the future, and files that Hexo passes over."""
    text = text.replace("date", "updated: 2020-01-01\ndate") if "date" in text else text
    content = front(text) if "date" not in text else f"---\n{text}\n---\n"
    (item,) = read_site({"_config.yml": "", "source/_posts/.keep": "", name: content})
    assert isinstance(item, Skipped)
    assert item.reason == reason


def test_the_site_may_show_more(read_site: Read) -> None:
    """``future`` and ``render_drafts`` are followed."""
    files = {"_config.yml": "future: true\nrender_drafts: true",
             A: "---\ndate: 2990-01-01\n---\n", "source/_drafts/b.md": front("")}  # fmt: skip
    assert {item.id for item in read_site(files) if isinstance(item, Post)} == {
        "/2990/01/01/a/",
        "/2024/01/05/b/",
    }


def test_the_mark_ends_the_excerpt(read_site: Read) -> None:
    """What stands before ``<!-- more -->``, unless front matter has one."""
    body = "Rye *and* water.\n\n<!-- more -->\n\nThe rest.\n"
    (post,) = read_site({"_config.yml": "", A: front("", body)})
    assert isinstance(post, Post)
    assert post.excerpt == "Rye and water."
    (post,) = read_site({A: front("description: Own", body)})
    assert isinstance(post, Post)
    assert post.excerpt == "Own"


def test_a_jekyll_site_with_a_source_folder_is_no_hexo(read_site: Read) -> None:
    """``source:`` is Jekyll's (Octopress had both)."""
    files = {"_config.yml": "source: source", "source/_posts/2024-01-05-a.md": "Rye."}
    (post,) = read_site(files)
    assert isinstance(post, Post)
    assert post.id.endswith("/2024/01/05/a.html")


def test_a_hostile_name_is_taken_in_one_go(read_site: Read) -> None:
    """A deep path against a pattern of free parts (else this hangs)."""
    config = "new_post_name: ':a-:b-:c-:title!.md'\npermalink: :title/"
    name = "/".join(["-" * 200] * 10)
    (post,) = read_site({"_config.yml": config, f"source/_posts/{name}/a.md": front("")})
    assert isinstance(post, Post)


# --- front matter ---


@pytest.mark.parametrize(
    ("text", "data", "body"),
    [
        ("---\na: 1\n---\nb", {"a": "1"}, "b\n"),
        ("a: x\n---\nb", {"a": "x"}, "b"),
        ("a:\n\t- x\n---\nb", {"a": ["x"]}, "b"),
        (';;;\n"a": 1\n;;;\nb', {"a": 1}, "b"),
        ('"a": 1\n;;;\nb', {"a": 1}, "b"),
        ("\ufeff;;;\r\n\"a\": 1\r\n;;;\r\nb", {"a": 1}, "b"),
        ("Note: rye\n\nmore\n\n---\nb", {}, "Note: rye\n\nmore\n\n---\nb"),
        ("Head\n---\nb", {}, "Head\n---\nb"),
        ("a: b", {}, "a: b"),
    ],
)  # fmt: skip
def test_front_matter(text: str, data: dict[str, object], body: str) -> None:
    """With and without the first line of marks, in YAML and JSON; a rule is no mark."""
    document = split_hexo(text)
    assert (document.data, document.body.rstrip()) == (data, body.rstrip())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (";;;\n\"a\": 1\n", "never ends"),
        (";;;\n\"a\": }\n;;;\n", "not valid"),
        (";;;\n\"a\": 1\n---\n", "ends with ---"),
        ("---\na: [\n---\n", "not valid"),
    ],
)  # fmt: skip
def test_broken_front_matter(text: str, message: str) -> None:
    """Said with the line."""
    with pytest.raises(FrontMatterError, match=message):
        split_hexo(text)


PIECES = st.sampled_from(
    ["---\n", ";;;\n", "a: b\n", '"a": 1', ",", "\n", "\ufeff", "[", "}", "\t"]
)


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_any_text_is_split_or_refused(text: str) -> None:
    """Nothing but a document or ``PostError``."""
    with contextlib.suppress(PostError):
        assert isinstance(split_hexo(text), Document)
