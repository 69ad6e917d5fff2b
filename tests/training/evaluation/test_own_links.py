"""A blog's own links as judgements: all found, and not a word of them left in the texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import EvaluationError
from related_posts.posts import Post
from related_posts.text.html import prose
from training.evaluation.finder import Finder
from training.evaluation.own_links import hidden, own_links, part

PAIRS = st.frozensets(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).filter(lambda pair: pair[0] != pair[1])
)


def test_links_of_text_and_source_are_judgements(linked_posts: list[Post]) -> None:
    """Every link in a text counts, and every id a source states."""
    stated = Post(id="more", url="/more/", links=("/rye/", "/nowhere/"))
    posts = [*linked_posts, stated]
    found = own_links(posts, Finder(posts))
    ids = [post.id for post in posts]
    named = {(ids[a], ids[b]) for a, b in found.pairs}
    assert ("/rye/", "/starter/") in named
    assert ("more", "/rye/") in named
    assert len(named) == 7


def test_a_hidden_link_leaves_no_trace(linked_posts: list[Post]) -> None:
    """The link, its text and the source's word for it are gone; other words stay."""
    finder = Finder(linked_posts)
    for row, post in enumerate(linked_posts):
        bare = hidden(post, row, finder)
        assert finder.links(row, bare) == []
        assert bare.links == ()
        if finder.links(row, post):
            assert prose(bare.html).text.endswith("See .")


def test_links_to_other_sites_stay() -> None:
    """Only links to posts of the blog are judgements, so only they are taken out."""
    post = Post(id="a", url="/a/", html='<a href="https://else.example/b/">elsewhere</a>')
    assert hidden(post, 0, Finder([post])) == post


def test_a_blog_without_links_is_told_what_to_do() -> None:
    """There is nothing to judge by, and a way out."""
    posts = [Post(id="a", url="/a/", html='<a href="/a/">itself</a>'), Post(id="b", url="/b/")]
    with pytest.raises(EvaluationError, match="--judgements"):
        own_links(posts, Finder(posts))


@settings(deadline=None)
@given(PAIRS, st.floats(0, 1, exclude_max=True), st.integers(0, 3))
def test_parting_links_loses_none_and_leaks_none(
    pairs: frozenset[tuple[int, int]], share: float, seed: int
) -> None:
    """Known and judged make up the whole; a link and its reverse are on one side."""
    halves = part(pairs, share, seed)
    assert halves.known | halves.judged == pairs
    assert not halves.known & halves.judged
    assert not {(b, a) for a, b in halves.known} & halves.judged
    assert halves.judged or not pairs
    assert halves == part(pairs, share, seed)


def test_the_share_is_that_of_linked_pairs() -> None:
    """Half of a hundred pairs is fifty."""
    pairs = {(0, n) for n in range(1, 101)}
    assert len(part(pairs, 0.5, 1).known) == 50
    assert len(part(pairs, 0.0, 1).known) == 0
