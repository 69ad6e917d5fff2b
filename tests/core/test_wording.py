"""Numbers with their nouns, and lines of a summary."""

from __future__ import annotations

import pytest

from related_posts.wording import WIDTH, counted, labelled


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 posts"), (1, "1 post"), (2, "2 posts"), (1_234_567, "1,234,567 posts")],
)
def test_a_number_has_its_noun(count: int, text: str) -> None:
    """One of a thing is one, and large numbers are readable."""
    assert counted(count, "post") == text


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    """Where an s is not enough."""
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(3, "entry", "entries") == "3 entries"


def test_a_line_is_broken_beside_its_label() -> None:
    """The text stands in one column of a log of 80, and nothing of it is lost."""
    text = " ".join(f"word{number}" for number in range(40))
    lines = labelled("seconds", text).splitlines()
    assert lines[0].startswith("seconds  word0 ")
    assert len(lines) > 2
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.startswith(" " * 9 + "word") for line in lines[1:])
    assert " ".join(line[9:] for line in lines) == text


def test_an_address_is_never_broken() -> None:
    """So that it can be copied; the line is longer instead."""
    address = "https://blog.example/" + "a-long-slug-" * 12
    assert address in labelled("", f"read again from {address} today").replace("\n", " ")
