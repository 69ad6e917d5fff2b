"""The addresses that WordPress makes of its permalink structures."""

from __future__ import annotations

import pytest

from training.sources.wordpress.permalinks import Linked, category_path, permalink

HOME = "https://blog.example/sub"
POST = Linked(7, "rye-bread", "2024-01-02 03:04:05", "baking/bread", "ada")


@pytest.mark.parametrize(
    ("structure", "path"),
    [
        ("/%postname%/", "/rye-bread/"),
        ("/%year%/%monthnum%/%day%/%postname%", "/2024/01/02/rye-bread"),
        ("/archives/%post_id%", "/archives/7"),
        ("/%category%/%postname%/", "/baking/bread/rye-bread/"),
        ("/%author%/%hour%%minute%%second%/%postname%.html", "/ada/030405/rye-bread.html"),
        ("/index.php/%year%/%postname%/", "/index.php/2024/rye-bread/"),
        ("", "/?p=7"),
    ],
)
def test_each_token_is_replaced(structure: str, path: str) -> None:
    """As WordPress documents them; a blog in a folder keeps it."""
    assert permalink(structure, HOME, POST) == HOME + path


@pytest.mark.parametrize("structure", ["/%category%/%postname%/", "/%year%/%postname%/"])
def test_what_the_post_lacks_leaves_its_number(structure: str) -> None:
    """An address with a hole in it would lead nowhere; by number a post is always found."""
    assert permalink(structure, HOME, Linked(7)) == f"{HOME}/?p=7"


def test_a_plugins_token_leaves_the_number() -> None:
    """Only the plugin knows what it stands for."""
    assert permalink("/%topic%/%postname%/", HOME, POST) == f"{HOME}/?p=7"


def test_the_lowest_category_counts_with_those_above_it() -> None:
    """As WordPress chooses one of several."""
    parents = {2: (0, "baking"), 3: (2, "bread"), 9: (0, "zoo")}
    assert category_path(parents, [9, 3]) == "baking/bread"
    assert category_path(parents, []) == ""


def test_categories_in_a_circle_end() -> None:
    """A damaged table must not hang the reader."""
    assert category_path({1: (2, "a"), 2: (1, "b")}, [1]) == "b/a"
