"""Names as generators write them into addresses."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import PostError
from training.sources.markdown.slugs import (
    ascii_slug,
    eleventy_slug,
    github_slug,
    hexo_slug,
    latin,
)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("test (hey)", "test-hey"),
        ("héhé", "hehe"),
        ("Füße Æther Łódź", "fusse-aether-lodz"),
        ("what’s -- new", "what-s-new"),
        ("ﬁne ½", "fine-1-2"),
    ],
)
def test_ascii(text: str, slug: str) -> None:
    """Latin letters without accents, all else a hyphen."""
    assert ascii_slug(text) == slug


@pytest.mark.parametrize("text", ["日本", "Привет", "हिन्दी", "a 한"])
def test_other_scripts_are_refused(text: str) -> None:
    """Guessing would give a wrong address."""
    with pytest.raises(PostError, match="slug"):
        latin(text)


def test_words_for_signs() -> None:
    """Eleventy writes ``and``, and leaves contractions whole."""
    assert eleventy_slug("Salt & what's new") == "salt-and-whats-new"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Über & Öl", "Uber-Ol"),
        ("日本 の", "日本-の"),
        ("Ünï C", "Uni-C"),
        ("йод", "йод"),
        ("-a-", "a"),
    ],
)
def test_hexo(text: str, slug: str) -> None:
    """Letters of every script stay."""
    assert hexo_slug(text) == slug


def test_hexo_case() -> None:
    """By ``filename_case``."""
    assert (hexo_slug("Ab", 1), hexo_slug("Ab", 2)) == ("ab", "AB")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("My Post!", "my-post"),
        ("a_b.c", "a_bc"),
        ("it’s – ½", "its--"),
        ("a  b", "a--b"),
        ("日本 の", "日本-の"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_github(text: str, slug: str) -> None:
    """Signs go, spaces become hyphens."""
    assert github_slug(text) == slug


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text(text: str) -> None:
    """No exception but ``PostError``; what is ASCII is ASCII."""
    assert isinstance(hexo_slug(text) + github_slug(text), str)
    with contextlib.suppress(PostError):
        assert (ascii_slug(text) + eleventy_slug(text)).isascii()
