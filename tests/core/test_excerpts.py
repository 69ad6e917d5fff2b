"""Excerpts: the start of a text, cut where a word ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.excerpts import MAX_CHARS, excerpt

ENDINGS = " ,;:–—-"


@pytest.mark.parametrize(
    ("text", "max_chars", "expected"),
    [
        ("", 10, ""),
        (" \n ", 10, ""),
        ("short", 5, "short"),
        ("  two \n\t words  ", 9, "two words"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("one, two", 5, "one…"),
        ("one — two three", 8, "one…"),
        ("one two three " * 20, 9, "one two…"),
        ("a" + " " * 100 + "b", 3, "a b"),
        ("a" + " " * 100 + "bcd", 3, "a…"),
        ("unbreakable", 5, "unbr…"),
        ("日本語の長い文章です", 5, "日本語の…"),
        ("word", 1, "…"),
    ],
)
def test_excerpt(text: str, max_chars: int, expected: str) -> None:
    """Each text has exactly this excerpt."""
    assert excerpt(text, max_chars) == expected


TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs", "Cc"]) | st.just(" "), max_size=400)


@settings(deadline=None)
@given(TEXT, st.integers(1, 300))
def test_an_excerpt_is_a_short_start(text: str, max_chars: int) -> None:
    """It is never too long, and without its ellipsis it is how the text begins."""
    found = excerpt(text, max_chars)
    folded = " ".join(text.split())
    assert len(found) <= max_chars
    assert found == folded or (found.endswith("…") and folded.startswith(found[:-1]))


@settings(deadline=None)
@given(
    st.lists(st.text("abcdé", min_size=1, max_size=20), min_size=1, max_size=80),
    st.integers(22, 300),
)
def test_no_word_is_cut_where_there_are_spaces(words: list[str], max_chars: int) -> None:
    """Words of ordinary length come whole; as many as fit, or one less for the ellipsis."""
    found = excerpt("\n ".join(words), max_chars)
    whole = found.removesuffix("…").split(" ")
    assert whole == words[: len(whole)]
    if found.endswith("…"):
        assert len(found) + 1 + len(words[len(whole)]) > max_chars


def test_an_endless_word_is_cut_between_characters() -> None:
    """A cut does not move back far: text without spaces still fills its room."""
    found = excerpt("start " + "x" * 1_000, MAX_CHARS)
    assert len(found) == MAX_CHARS
    assert len(excerpt("本" * 1_000)) == MAX_CHARS


def test_white_space_does_not_eat_the_excerpt() -> None:
    """A text laid out with much white space still has a full excerpt."""
    text = ("word" + " " * 30 + "\n") * 100
    assert len(excerpt(text, 50)) > 40
