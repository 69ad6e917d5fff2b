"""Which known name was probably meant."""

from __future__ import annotations

import pytest

from related_posts.nearest import nearest

NAMES = ("limit", "offset", "exclude", "exclude_linked", "language", "title", "author", "tags")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("limitt", "limit"),
        ("langauge", "language"),
        ("titel", "title"),
        ("auther", "author"),
        ("tag", "tags"),
        ("exclude-linked", "exclude_linked"),
    ],
)
def test_a_mistyped_name(name: str, meant: str) -> None:
    """A letter too many, too few or in another place still names it."""
    assert nearest(name, NAMES) == meant


@pytest.mark.parametrize(
    "name", ["utm_source", "page", "count", "fbclid", "text", "id", "", "x" * 10_000, "\0", "日本"]
)
def test_another_name(name: str) -> None:
    """What means something else is near to nothing."""
    assert nearest(name, NAMES) is None
    assert nearest(name, []) is None


def test_equally_near() -> None:
    """The order in which names are known does not matter."""
    assert nearest("tagx", ["tagb", "taga"]) == nearest("tagx", ["taga", "tagb"]) is not None
