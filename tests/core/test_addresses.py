"""Which ids and URLs lead to which post."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.addresses import Addressed, at_site, find_row, lookup_entries
from related_posts.posts import Image, Post
from related_posts.urls import split


def find(posts: list[Addressed], *, id: str | None = None, url: str | None = None) -> int | None:
    """The row found in a version of these posts; the first of equal keys counts."""
    table = dict(reversed(list(lookup_entries(posts))))
    return find_row(table.get, id=id, url=url)


ABSOLUTE = Addressed(0, "/x/", "https://blog.example/2014/x/", ("/old/", "https://b.example/y"))
RELATIVE = Addressed(0, "/x/", "/2014/x/", ("/old/", "https://b.example/y"))


@pytest.mark.parametrize(
    ("post", "url", "found"),
    [
        (ABSOLUTE, "http://www.blog.example/2014/x?utm_source=a#b", True),
        (ABSOLUTE, "/2014/x/", True),
        (ABSOLUTE, "2014/x", True),
        (ABSOLUTE, "blog.example/2014/x/", True),
        (ABSOLUTE, "https://other.example/2014/x/", False),
        (ABSOLUTE, "https://blog.example:8080/2014/x/", False),
        (ABSOLUTE, "https://blog.example/2014/X/", False),
        (ABSOLUTE, "https://blog.example/old", True),
        (ABSOLUTE, "/old/", True),
        (ABSOLUTE, "https://other.example/old/", False),
        (ABSOLUTE, "https://b.example/y/", True),
        (ABSOLUTE, "https://blog.example/y/", False),
        (ABSOLUTE, "/y", True),
        (ABSOLUTE, "", False),
        (RELATIVE, "/2014/x/", True),
        (RELATIVE, "https://blog.example/2014/x/", True),
        (RELATIVE, "https://other.example/2014/x/?fbclid=1", True),
        (RELATIVE, "/old", True),
        (RELATIVE, "https://other.example/old", True),
        (RELATIVE, "https://b.example/y", True),
        (RELATIVE, "https://other.example/y", False),
    ],
)
def test_a_url_finds_a_post_on_its_own_host(post: Addressed, url: str, found: bool) -> None:
    """Absolute URLs bind a post to their host, relative ones to none, and paths do as questions."""
    assert find([post], url=url) == (0 if found else None)


@pytest.mark.parametrize(
    "id", ["/x/", "x", "", "ä/ü", "a" * 5000, "https://blog.example/x?utm_source=1", "i", "\0"]
)
def test_ids_are_compared_exactly(id: str) -> None:
    """Any string may be an id, and only the same string finds it."""
    posts = [Addressed(0, id, "https://blog.example/a"), Addressed(1, id + "/", "/b")]
    assert find(posts, id=id) == 0
    assert find(posts, id=id + "/") == 1
    assert find(posts, id=id + " ") is None


def test_ids_and_urls_are_different_questions() -> None:
    """A post whose id is another's URL does not answer for it."""
    posts = [Addressed(0, "/b/", "/a/"), Addressed(1, "/a/", "/b/")]
    assert (find(posts, id="/a/"), find(posts, url="/a/")) == (1, 0)


def test_half_a_surrogate_pair_finds_nothing() -> None:
    """A question that is no text is an unknown post."""
    posts = [Addressed(0, "?", "https://blog.example/?")]
    assert find(posts, id="\ud800") is None
    assert find(posts, url="https://blog.example/\ud800") is None


def test_a_path_that_two_hosts_share_needs_its_host() -> None:
    """A path alone finds a post only if it is the only one with it."""
    posts = [
        Addressed(0, "a", "https://a.example/x", aliases=("https://a.example/only",)),
        Addressed(1, "b", "https://b.example/x"),
        Addressed(2, "c", "https://c.example/x"),
    ]
    assert find(posts, url="/x") is None
    assert find(posts, url="https://b.example/x") == 1
    assert find(posts, url="/only") == 0


def test_a_url_wins_over_an_alias() -> None:
    """An address that is one post's URL and another's alias is the former's."""
    posts = [
        Addressed(0, "a", "https://a.example/a", aliases=("/b", "https://a.example/b")),
        Addressed(1, "b", "https://a.example/b"),
    ]
    assert find(posts, url="https://a.example/b") == 1
    assert find(posts, url="/b") == 1


def test_the_newer_of_two_posts_with_one_url_is_found() -> None:
    """Of posts that claim one address the first row has it; the other keeps its id."""
    posts = [Addressed(0, "a", "https://a.example/x"), Addressed(1, "b", "https://a.example/x/")]
    assert find(posts, url="https://a.example/x") == 0
    assert find(posts, id="b") == 1


def test_a_site_relative_post_wins_a_relative_question() -> None:
    """Among a relative and an absolute post with one path, a relative question means the former."""
    posts = [Addressed(0, "a", "https://a.example/x"), Addressed(1, "b", "/x")]
    assert find(posts, url="/x") == 1
    assert find(posts, url="https://a.example/x") == 0
    assert find(posts, url="https://b.example/x") == 1


_URLS = st.builds(
    "{}{}".format,
    st.sampled_from(["", "https://a.example", "http://www.a.example", "https://b.example"]),
    st.sampled_from(["/x", "/x/", "/y?p=1", "/"]),
)


@given(
    st.lists(st.tuples(_URLS, st.lists(_URLS, max_size=3).map(tuple)), max_size=6),
    _URLS,
)
@settings(deadline=None)
def test_absolute_questions_agree_with_reading_all_posts(
    given_posts: list[tuple[str, tuple[str, ...]]], url: str
) -> None:
    """A lookup gives what a walk over all posts by the documented rules gives."""
    posts = [Addressed(row, str(row), *rest) for row, rest in enumerate(given_posts)]
    host, path = split(url)

    def first(host: str) -> int | None:
        for addresses in (lambda post: [post.url], lambda post: post.aliases):
            for post in posts:
                own = split(post.url)[0]
                for address in addresses(post):
                    its_host, its_path = split(address)
                    if (its_host or own, its_path) == (host, path):
                        return post.row
        return None

    found = first(host)
    if host and found is None:
        found = first("")
    if not host and found is None:
        for addresses in (lambda post: [post.url], lambda post: post.aliases):
            rows = {
                post.row
                for post in posts
                for address in addresses(post)
                if (split(address)[0] or split(post.url)[0]) and split(address)[1] == path
            }
            if rows:
                found = rows.pop() if len(rows) == 1 else None
                break
    assert find(posts, url=url) == found


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/2024/a/", "https://blog.example/sub/2024/a/"),
        ("https://other.example/a/", "https://other.example/a/"),
        ("//cdn.example/a", "//cdn.example/a"),
    ],
)
def test_the_site_is_put_before_paths_alone(address: str, expected: str) -> None:
    """Paths become whole addresses; what names its host stays."""
    post = Post(id="/2024/a/", url=address, image=Image(address))
    placed = at_site(post, "https://blog.example/sub/")
    assert (placed.url, placed.image) == (expected, Image(expected))
    assert placed.id == post.id
    assert at_site(post, "") is post
