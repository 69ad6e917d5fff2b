"""Translations: found by what the source says, by address and by content, and nothing else."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.links import hrefs
from related_posts.posts import Post
from related_posts.translations import MAX_GROUP, Outline, groups, outline, path_without_language

PICTURES = '<img src="/img/crust.jpg"><img alt="" src="/img/crumb.png?w=300">'
CODE = "<pre><code>oven = 250</code></pre>"
LINK = '<a href="https://mill.example/rye">'


def post(url: str, language: str, html: str = "", group: str = "") -> Post:
    """A post with no more than what tells a translation."""
    return Post(id=url, url=url, language=language, html=html, translation_group=group)


def numbered(*posts: Post) -> list[int]:
    """The groups of posts."""
    outlines = [outline(one, hrefs(one.html, one.url)) for one in posts]
    return groups(outlines, [one.language for one in posts]).tolist()


@pytest.mark.parametrize(
    ("url", "language"),
    [
        ("/blog/rye-bread/", "en"),
        ("/es/blog/rye-bread/", "es"),
        ("/pt-br/blog/rye-bread", "pt"),
        ("https://blog.example/zh_hans/blog/rye-bread.html?x=1", "zh"),
        ("/blog/rye-bread-es/", "es"),
        ("/blog/rye-bread-en/", "en"),
        ("/blog/rye-bread.fr.html", "fr"),
        ("/blog/rye-bread-pt-br", "pt"),
        ("/Blog/Rye-Bread/", ""),
    ],
)
def test_addresses_that_differ_in_the_language_alone_are_one(url: str, language: str) -> None:
    """Folders and suffixes of languages are left out, of the post's own only."""
    assert path_without_language(url, language) == "blog/rye-bread"


@pytest.mark.parametrize("url", ["/blog/on-off", "/blog/made-in-it", "/blog/at", "/", "", "/en/"])
def test_words_that_look_like_a_language_stay(url: str) -> None:
    """``-it`` of an English post is a word."""
    assert path_without_language(url, "en") == url.strip("/")


def test_the_same_path_or_slug_in_two_languages_is_a_translation() -> None:
    """Either is enough; other posts stay alone."""
    posts = [
        post("/blog/rye-bread/", "en"),
        post("/es/blog/rye-bread/", "es"),
        post("/2024/kneading-dough/", "en"),
        post("/es/2025/kneading-dough/", "es"),
        post("/es/otro/", "es"),
    ]
    assert numbered(*posts) == [0, 0, 1, 1, -1]


def test_short_slugs_and_equal_languages_are_no_sign() -> None:
    """``about`` of two sections, and one address twice in a language, say nothing."""
    posts = [
        post("/a/about/", "en"),
        post("/b/about/", "es"),
        post("/a/sourdough-starter/", "en"),
        post("/b/sourdough-starter/", "en"),
        post("/c/sourdough-starter/", "es"),
    ]
    assert numbered(*posts) == [-1] * 5


def test_the_same_pictures_code_and_links_are_a_translation() -> None:
    """Texts and addresses may differ throughout; half of the things must be common."""
    posts = [
        post("/bread", "en", f"<p>Bake {PICTURES}{CODE}{LINK}rye</a>"),
        post("/brot", "de", f"<p>Backe {PICTURES}{CODE}{LINK}Roggen</a>"),
        post("/pain", "fr", f'<img src="/img/crust.jpg">{LINK}seigle</a>'),
        post("/loaf", "en", f"<p>Again {PICTURES}{CODE}{LINK}rye</a>"),
    ]
    assert numbered(*posts) == [0, 0, -1, -1]


def test_what_all_posts_hold_is_no_sign() -> None:
    """A logo, a licence and a newsletter's link stand under every post."""
    footer = "".join(f'<img src="/logo{i}.png">' for i in range(5))
    posts = [post(f"/{i}", ("en", "de")[i % 2], footer) for i in range(40)]
    assert numbered(*posts) == [-1] * 40


def test_the_source_is_believed() -> None:
    """Also for two posts of one language (en-us, en-gb); a group of one is none."""
    posts = [post("/a", "en", group="x"), post("/b", "en", group="x"), post("/c", "de", group="y")]
    assert numbered(*posts) == [0, 0, -1]


def test_a_group_of_half_the_blog_is_a_mistake() -> None:
    """No text has a hundred translations."""
    posts = [post(f"/{i}", "en", group="x") for i in range(MAX_GROUP + 1)]
    assert numbered(*posts) == [-1] * (MAX_GROUP + 1)
    assert numbered(*posts[:-1]) == [0] * MAX_GROUP


def test_code_that_never_begins_takes_linear_time() -> None:
    """Every tag that is not closed may be one of code."""
    assert not outline(post("/a/", "en", "<pre " * 200_000), ()).things.size


def test_an_empty_archive_has_no_groups() -> None:
    """No post, no group, the right type."""
    assert groups([], []).dtype == np.int32
    assert len(groups([], [])) == 0


@settings(deadline=None, max_examples=60)
@given(st.text(), st.text(), st.text())
def test_any_post_has_an_outline(url: str, html: str, language: str) -> None:
    """No text raises."""
    one = Post(id="x", url=url or "/", html=html, language=language)
    found = outline(one, hrefs(one.html, one.url))
    assert sorted(set(found.things.tolist())) == found.things.tolist()


_OUTLINES = st.lists(
    st.tuples(
        st.builds(
            Outline,
            st.sampled_from(["", "", "g", "h"]),
            st.sampled_from(["", "rye-bread", "x/rye-bread", "kneading"]),
            st.sampled_from([None, 1, 2]),
            st.sets(st.integers(0, 8)).map(lambda s: np.array(sorted(s), np.uint64)),
        ),
        st.sampled_from(["en", "de", "es", ""]),
    ),
    max_size=10,
)


@settings(deadline=None, max_examples=150)
@given(_OUTLINES)
def test_groups_are_numbered_by_first_row_and_hold_several(
    posts: list[tuple[Outline, str]],
) -> None:
    """Numbers ascend from 0 by first appearance, and no group holds one post alone."""
    found = groups([one for one, _ in posts], [language for _, language in posts]).tolist()
    met = list(dict.fromkeys(number for number in found if number >= 0))
    assert met == list(range(len(met)))
    assert all(found.count(number) > 1 for number in met)


@settings(deadline=None, max_examples=60)
@given(_OUTLINES, st.randoms(use_true_random=False))
def test_what_the_source_says_does_not_depend_on_the_order(
    posts: list[tuple[Outline, str]], chance: random.Random
) -> None:
    """Stated groups are the same sets of posts in any order."""
    posts = [(one._replace(path="", things=np.empty(0, np.uint64)), code) for one, code in posts]
    order = list(range(len(posts)))
    chance.shuffle(order)

    def sets(rows: list[int]) -> set[frozenset[int]]:
        chosen = [posts[row] for row in rows]
        found = groups([one for one, _ in chosen], [code for _, code in chosen])
        return {
            frozenset(rows[place] for place in np.flatnonzero(found == number))
            for number in set(found[found >= 0].tolist())
        }

    assert sets(order) == sets(sorted(order))
