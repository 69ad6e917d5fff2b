"""Addresses that a blog had before it moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.addresses import Addressed, at_site, find_row, lookup_entries
from related_posts.former import former_addresses, moved
from related_posts.posts import Image, Post

OLD = ("http://127.0.0.1:8090", "https://old.example/weblog")


def find(url: str, *posts: str, site: str = "", former: tuple[str, ...] = OLD) -> int | None:
    """The row found at an address in a blog of posts at these."""
    addressed = [Addressed(row, str(row), post) for row, post in enumerate(posts)]
    entries = list(lookup_entries(addressed, site=site, former=former))
    return find_row(dict(reversed(entries)).get, url=url)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8090/2024/rye/?a=1#b", "https://blog.example/2024/rye/?a=1#b"),
        ("https://127.0.0.1:8090/?p=7", "https://blog.example/?p=7"),
        ("https://www.old.example/weblog/rye", "https://blog.example/rye"),
        ("https://old.example/weblog", "https://blog.example/"),
        ("https://old.example/weblogs/rye", "https://old.example/weblogs/rye"),
        ("https://old.example/rye", "https://old.example/rye"),
        ("http://127.0.0.1/rye", "http://127.0.0.1/rye"),
        ("/rye", "/rye"),
    ],
)
def test_an_address_at_a_former_site_is_one_at_the_site(address: str, expected: str) -> None:
    """With its query and fragment; other hosts, ports and folders are none."""
    assert moved(address, OLD, "https://blog.example/") == expected
    assert moved(address, OLD, "") == address


@pytest.mark.parametrize(
    "post",
    ["https://blog.example/2024/rye/", "/2024/rye/", "https://blog.example/2024/rye/?utm_x=1"],
)
@pytest.mark.parametrize(
    "old", ["http://127.0.0.1:8090/2024/rye", "https://old.example/weblog/2024/rye/"]
)
def test_a_post_is_found_where_it_was(post: str, old: str) -> None:
    """Under the path it has now, whether its own address is whole or not."""
    assert find(old, post) == 0
    assert find(old.replace("rye", "oat"), post) is None
    assert find(old, "https://blog.example/2024/rye/", former=()) is None


def test_folders_of_then_and_now_are_exchanged() -> None:
    """A blog that went from a folder to another keeps what is below it."""
    posts = (
        "https://new.example/blog/rye/",
        "https://new.example/blog/?p=7",
        "https://new.example/x",
    )
    old = "https://old.example/weblog"
    found = [
        find(f"{old}{rest}", *posts, site="https://new.example/blog")
        for rest in ("/rye", "/?p=7", "/x")
    ]
    assert found == [0, 1, None]


def test_a_path_of_two_hosts_is_nobodys() -> None:
    """Which of the two was there before, nobody can tell; a post's own address comes first."""
    posts = ("https://a.example/rye", "https://b.example/rye", "http://127.0.0.1:8090/oat")
    assert find("http://127.0.0.1:8090/rye", *posts) is None
    assert find("http://127.0.0.1:8090/oat", *posts) == 2


def test_a_post_read_from_a_copy_is_shown_at_the_site() -> None:
    """Its picture as well."""
    copy = "http://127.0.0.1:8090"
    post = Post(id="1", url=f"{copy}/rye/", image=Image(f"{copy}/rye.jpg"))
    placed = at_site(post, "https://blog.example", OLD)
    assert (placed.url, placed.image) == (
        "https://blog.example/rye/",
        Image("https://blog.example/rye.jpg"),
    )


@given(st.text(), st.lists(st.text(), max_size=3), st.text())
def test_any_texts_are_addresses(address: str, former: list[str], site: str) -> None:
    """Nothing raises."""
    moved(address, former, site)
    list(former_addresses({address: 0}, former, site))
