"""Copies: the same text published twice, told from texts that resemble each other."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.duplicates import MOST_TEXTS, PIECE, SAMPLE, Print, groups, print_of
from related_posts.posts import Post

WORDS = [f"{a}{b}{c}" for a in ("ba", "ke", "lo", "mi", "ru") for b in "nrst" for c in "aeiou"]
DAY = datetime(2024, 5, 1, tzinfo=UTC)


def words(seed: int, n: int = 300) -> list[str]:
    """A text that has little in common with that of another seed."""
    return random.Random(seed).choices(WORDS, k=n)


def post(text: str, title: str = "A title", days: int | None = 0, html: str = "") -> Print:
    """The print of a post whose body is a text, published some days after another."""
    published = None if days is None else DAY + timedelta(days)
    html = html or f"<p>{text}</p>"
    return print_of(Post(id="x", url="/x/", title=title, html=html, published=published), text)


def changed(seed: int, every: int) -> str:
    """The text of a seed with every so manieth word replaced."""
    text = words(seed)
    text[::every] = ["changed"] * len(text[::every])
    return " ".join(text)


TEXT = " ".join(words(0))


@pytest.mark.parametrize(
    "second",
    [
        post(TEXT),
        post(TEXT, days=4000),
        post(TEXT, days=None),
        post(TEXT, "Quite another title"),
        post(TEXT.upper().replace(" ", "\n"), html="<div>else</div>"),
        post(changed(0, 60)),
        post(f"{TEXT} {' '.join(words(1, 40))}"),
        post(f"An update came in. {TEXT}", "Update: A title", days=30),
    ],
)
def test_copies_are_found(second: Print) -> None:
    """Re-posts, new titles, other markup, small changes, something added."""
    assert groups([post(TEXT), second]).tolist() == [0, 0]


@pytest.mark.parametrize(
    "second",
    [
        post(" ".join(words(1))),
        post(changed(0, 10)),
        post(f"{TEXT} {' '.join(words(1))}"),
        post(changed(0, 60), days=365),
        post(changed(0, 60), days=None),
        post(TEXT, "A title 2"),
    ],
)
def test_what_only_resembles_is_no_copy(second: Print) -> None:
    """Another text, many changes, twice as much; changes after a year; a number in the title."""
    assert groups([post(TEXT), second]).tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("one", "other", "are_copies"),
    [
        ("Media updates in Chrome 70", "Audio and video in Chrome 70", True),
        ("Council March 2025", "Council September 2026", False),
        ("Release 1.2.1", "Release 1.2.2", False),
        ("第1回", "第2回", False),
        ("Electing directors", "Electing directors 2024", False),
    ],
)
def test_numbers_tell_posts_apart(one: str, other: str, are_copies: bool) -> None:
    """Texts that are equal but for a word belong to two posts if titles are numbered apart."""
    found = groups([post(TEXT, one), post(f"new {TEXT}", other)])
    assert (found >= 0).all() == are_copies


def test_short_texts_must_be_equal_with_their_titles() -> None:
    """A podcast says the same of each episode; three words may be said twice."""
    blurb = " ".join(words(0, 40))
    assert groups([post(blurb, "Cats"), post(blurb, "Dogs")]).tolist() == [-1, -1]
    assert groups([post(blurb), post(blurb)]).tolist() == [0, 0]
    assert groups([post("a b c"), post("a b c"), post("a b d")]).tolist() == [0, 0, -1]


def test_other_pictures_and_another_title_are_another_post() -> None:
    """Long texts that are equal, of two films, are no copies; nor are empty posts."""
    one = post(TEXT, "Cats", html=f'<video src="/cats.mp4"></video>{TEXT}')
    other = post(TEXT, "Dogs", html=f'<video src="/dogs.mp4"></video>{TEXT}')
    again = post(TEXT, "Felines", html=f'<video src="//cdn.example/cats.mp4?w=1">{TEXT}')
    assert groups([one, other, again]).tolist() == [0, -1, 0]
    assert groups([Print(), Print(), post("", " ", html=" ")]).tolist() == [-1, -1, -1]


def test_a_template_counts_for_nothing() -> None:
    """Newsletters that are nearly all template are no copies; any number of equal posts are."""
    template = " ".join(words(0, 280))
    issues = [post(f"{template} {' '.join(words(seed, 30))}") for seed in range(1, MOST_TEXTS + 2)]
    assert (groups(issues) == -1).all()
    assert (groups([issues[0]] * 50 + issues[1:]) == [0] * 50 + [-1] * MOST_TEXTS).all()


def test_a_chain_of_changes_is_no_group() -> None:
    """Every two posts of a group are copies."""
    steps = [" ".join(words(0)[start : start + 200]) for start in range(0, 101, 20)]
    found = groups([post(step) for step in steps])
    assert len(set(found.tolist())) > 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12), st.randoms())
def test_order_does_not_matter(made: list[tuple[int, int]], chance: random.Random) -> None:
    """The same groups are found in any order; they are numbered by their first row."""
    prints = [post(f"{' '.join(words(seed))} {'more ' * extra}") for seed, extra in made]
    order = list(range(len(prints)))
    chance.shuffle(order)
    found = groups(prints)
    again = groups([prints[row] for row in order])
    together = {
        frozenset(np.flatnonzero(found == number).tolist()) for number in set(found[found >= 0])
    }
    assert together == {
        frozenset(order[place] for place in np.flatnonzero(again == number))
        for number in set(again[again >= 0])
    }
    assert [group for group in dict.fromkeys(found.tolist()) if group >= 0] == list(
        range(found.max(initial=-1) + 1)
    )
    assert {seed for seed, _ in made} >= {made[row][0] for row in np.flatnonzero(found >= 0)}


@given(st.text(), st.text())
def test_any_text_has_a_print(title: str, html: str) -> None:
    """Halves of surrogate pairs, controls and emoji included."""
    found = print_of(Post(id="x", url="/x/", title=title, html=html), html)
    assert (np.diff(found.pieces.astype(object)) > 0).all()


def test_copies_are_in_one_language() -> None:
    """The same code or pictures with a word in two languages are translations, if anything."""
    one, other = (print_of(Post(id="x", url="/x/", title="Ada"), TEXT, code) for code in "ab")
    assert groups([one, other]).tolist() == [-1, -1]


ANY_TEXT = st.text(
    st.characters() | st.sampled_from("aB1_ .,-\n²½Ⅷİßé中ｱ\u0301\ud800"), max_size=200
)


@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_a_print_holds_letters_and_numbers_alone(title: str, text: str) -> None:
    """Whatever stands between them; and of the text each piece once, the least of them."""
    found = post(text, title)
    assert found.title == re.sub(r"[\W_]+", "", title.lower())
    letters = re.sub(r"[\W_]+", "", text.lower()).encode("utf-8", "replace")
    pieces = {letters[start : start + PIECE] for start in range(len(letters) - PIECE + 1)}
    assert found.n_pieces == len(pieces)
    assert len(found.pieces) == min(SAMPLE, len(pieces))
    assert found.pieces.tolist() == sorted(set(found.pieces.tolist()))
