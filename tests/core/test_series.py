"""Series: parts are told by marked numbers in titles, releases and years are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.series import groups, part_of


@pytest.mark.parametrize(
    ("title", "name", "number"),
    [
        ("Profiling, part 2: memory", "profiling", 2),
        ("Profiling (Part II)", "profiling", 2),
        ("Profiling pt. 3 of 5", "profiling", 3),
        ("Profiling, part four", "profiling", 4),
        ("Inside the kernel (2/5)", "insidethekernel", 2),
        ("Inside the kernel [12 of 20]", "insidethekernel", 12),
        ("The Chromium Chronicle #17: mixins", "thechromiumchronicle", 17),
        ("Sicher backen (Teil 3)", "sicherbacken", 3),
        ("Teil 3: Sicher backen", "sicherbacken", 3),
        ("Le levain, partie IX", "lelevain", 9),
        ("La masa madre. Parte XIV", "lamasamadre", 14),
        ("Закваска, часть 2", "закваска", 2),
        ("Zakwas, część 2", "zakwas", 2),
        ("第３回 ブラウザー勉強会", "ブラウザー勉強会", 3),
        ("入門講座 第十二回", "入門講座", 12),
        ("入門講座 その二", "入門講座", 2),
        ("발효빵 굽기 2부", "발효빵굽기", 2),
    ],
)
def test_parts_are_told_in_many_languages(title: str, name: str, number: int) -> None:
    """The number, and what is left of the title."""
    found = part_of(title)
    assert found is not None
    assert found[:2] == (name, number)


@pytest.mark.parametrize(
    "title",
    [
        "Announcing Rust 1.45",
        "Go 1.21 is released!",
        "State of the survey 2024",
        "2016 / 2017 mobile analysis",
        "Media updates in Chrome 63/64",
        "CRediTas is now part of it",
        "Part 1.5 of the plan",
        "World War II sites",
        "My part in this",
        "Part 2",
        "#1",
        "C#7 &#39;",
        "Top 10 tips (2019)",
        "",
    ],
)
def test_other_numbers_are_no_parts(title: str) -> None:
    """Releases, years, counts, entities; and a number without a name."""
    assert part_of(title) is None


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Inside  the kernel (2/5)", "Inside the kernel"),
        ("Areas of growth — part 2: more", "Areas of growth"),
        ("第２回「勉強会」 メモ", "「勉強会」 メモ"),
    ],
)
def test_a_name_is_shown_as_it_is_written(title: str, shown: str) -> None:
    """Without what led to the number."""
    found = part_of(title)
    assert found is not None
    assert found.shown == shown


def grouped(*posts: tuple[str, float], languages: list[str] | None = None) -> Any:
    """Groups and parts of posts of a title and a day."""
    series, parts = groups(
        [part_of(title) for title, _ in posts],
        np.array([day for _, day in posts]),
        languages or ["en"] * len(posts),
    )
    return series.tolist(), parts.tolist()


def test_a_series_has_two_different_parts() -> None:
    """One part alone is none, nor is the same part twice."""
    assert grouped(("Ovens, part 1", 0), ("Salt, part 2", 1)) == ([-1, -1], [0, 0])
    assert grouped(("Ovens, part 1", 0), ("Ovens (part 1)", 1)) == ([-1, -1], [0, 0])
    found = grouped(("Ovens (2/2)", 3), ("Salt", 2), ("Ovens, part 1: clay", 1))
    assert found == ([0, -1, 0], [2, 0, 1])


def test_a_first_part_may_have_a_longer_title() -> None:
    """The others' name is how it begins."""
    posts = [
        ("Senior executives, part 3", 3.0),
        ("Senior executives are allies, part 1", 1.0),
        ("Senior executives, part 2", 2.0),
    ]
    assert grouped(*posts) == ([0, 0, 0], [3, 1, 2])


def test_parts_are_of_one_time_and_language() -> None:
    """Another language, or many years later, is another series; no date is any time."""
    assert grouped(("Ovens 1/2 #1", 0), ("Ovens 1/2 #2", 5000))[0] == [-1, -1]
    assert grouped(("Ovens #1", 0), ("Ovens #2", float("nan")))[0] == [0, 0]
    assert grouped(("Ovens #1", 0), ("Ovens #2", 1), languages=["en", "de"])[0] == [-1, -1]


@given(st.lists(st.text(st.sampled_from("part #12()/IVx第回 :ä.\ud800"), max_size=20), max_size=12))
def test_any_titles_have_groups(titles: list[str]) -> None:
    """Every part is of a series and every series has two parts or more."""
    series, parts = groups([*map(part_of, titles)], np.zeros(len(titles)), [""] * len(titles))
    assert ((series >= 0) == (parts > 0)).all()
    for number in range(series.max(initial=-1) + 1):
        assert len(set(parts[series == number])) > 1
