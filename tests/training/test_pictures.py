"""The first picture of a text: what counts as one, and what is passed over."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.fields import url
from related_posts.pictures import first_picture, usable

BASE = "https://blog.example/2024/rye/"


@pytest.mark.parametrize(
    ("html", "src"),
    [
        ('<p>Rye</p><IMG SRC="/a.jpg"><img src="/b.jpg">', "/a.jpg"),
        ("<img src='/a.jpg'/>", "/a.jpg"),
        ("<img alt=x src=/a.jpg >", "/a.jpg"),
        ('<img\nsrc = "/a.jpg"\n>', "/a.jpg"),
        ('<img src="a.jpg">', "https://blog.example/2024/rye/a.jpg"),
        ('<img src="//pic.example/a.jpg">', "https://pic.example/a.jpg"),
        ('<img src="/a.jpg?x=1&amp;y=2">', "/a.jpg?x=1&y=2"),
        ('<img src="data:x" data-src="/a.jpg">', "/a.jpg"),
        ('<img data-src="/b.jpg" src="/a.jpg">', "/a.jpg"),
        ('<img src="javascript:x"><img src="/a.jpg">', "/a.jpg"),
        ('<img src="http://[x"><img src="/a.jpg">', "/a.jpg"),
        ('<img src=""><img><img src="/a.jpg">', "/a.jpg"),
        ('<img width="1" height="1" src="/b.gif"><img src="/a.jpg">', "/a.jpg"),
        ('<img data-width="24" src="/b.gif"><img src="/a.jpg">', "/a.jpg"),
        ('<img title="a=b src=/b.jpg" src="/a.jpg">', "/a.jpg"),
        ('<image src="/b.jpg"><img src="/a.jpg">', "/a.jpg"),
        ("<p>Rye</p>", None),
        ('<img src="data:image/gif;base64,x">', None),
        ("<img src", None),
    ],
)
def test_the_first_that_can_be_shown(html: str, src: str | None) -> None:
    """Of any writing of the tag; embedded, tiny and unsafe ones do not count."""
    found = first_picture(html, BASE)
    assert (found and found["src"]) == src


def test_size_and_text_are_read() -> None:
    """In pixels; a width in percent says nothing."""
    html = '<img alt="A &quot;loaf&quot;" height=600 width="80%" src="/a.jpg">'
    assert first_picture(html) == {"src": "/a.jpg", "width": None, "height": 600, "alt": 'A "loaf"'}


@pytest.mark.parametrize("picture", [{}, {"src": None}, {"src": 5}, {"src": "/a", "alt": []}])
def test_what_is_no_picture_is_none(picture: dict[str, object]) -> None:
    """It never costs the post."""
    assert usable(picture) is None


PIECES = st.sampled_from(
    ["<img ", "src=",
     "'", '"', ">", "<", "/a.jpg", " ", "data-src=", "width=", "http://[", "=", "&#0;"]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4)).map("".join))
@settings(deadline=None, max_examples=300)
def test_whatever_is_found_can_be_shown(html: str) -> None:
    """Any text gives a picture our schema takes, or none."""
    if found := first_picture(html, BASE):
        assert url("src", found["src"]) == found["src"]


def test_hostile_texts_take_linear_time() -> None:
    """Tags that never end, and attributes without number."""
    for html in ("<img " * 200_000, "<img " + "a=" * 500_000, "<img src='" * 100_000):
        assert first_picture(html) is None
