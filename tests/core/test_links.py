"""Links between posts: found in HTML, led to rows, never outside and never to themselves."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts import links
from related_posts.addresses import Addressed, lookup_entries
from related_posts.links import hrefs, resolve, without_links
from related_posts.lookup import first_of_each

URL = "https://blog.example/2024/rye/"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/x/">x</a>', ["https://blog.example/x/"]),
        ("<p><A class='b' HREF='../wheat'>x", ["https://blog.example/2024/wheat"]),
        ("<a href=y>x</a>", [f"{URL}y"]),
        ('<a\n href = "?p=7&amp;x=1#top">', [f"{URL}?p=7&x=1"]),
        ('<a title="a > b" data-href="/no" href="//other.example/z">', ["https://other.example/z"]),
        ('<a title="x href=/no" href="/yes">', ["https://blog.example/yes"]),
        ('<a href="/x"/><a href="/x"><a href=" /y ">', ["/x", "/y"]),
        ('<a href="/first" href="/second">', ["/first"]),
        ('<a href="#note">', []),
        ('<a href="">', []),
        ("<a href>x</a>", []),
        ('<a name="x">', []),
        ('<a href="mailto:a@b.example"><a href="javascript:x()"><a href="data:,x">', []),
        ('<abbr href="/x"><area href="/y"><link href="/z">', []),
        ('<!-- <a href="/x"> --><script>"<a href=/y>"</script>', []),
        ("<a href='http://[bad/'>", []),
        ('&lt;a href="/x"&gt;', []),
        ("no markup", []),
    ],
)
def test_links_are_found_as_a_browser_would(html: str, expected: list[str]) -> None:
    """Whatever way they are written; in code and comments there are none."""
    absolute = [f"https://blog.example{one}" if one[0] == "/" else one for one in expected]
    assert hrefs(html, URL) == absolute


def test_a_site_relative_post_has_site_relative_links() -> None:
    """Where the site is left open, it is left open for links too."""
    assert hrefs('<a href="../b/"><a href="/c"><a href="https://x.example/">', "/a/") == [
        "/b/",
        "/c",
        "https://x.example/",
    ]


@given(
    st.lists(
        st.from_regex(r"/[a-z0-9/&;<>'\"._ -]{0,12}", fullmatch=True).map(str.strip), max_size=6
    ),
    st.text(alphabet="<>\"'= /ahrefx\n", max_size=40),
)
@settings(deadline=None)
def test_any_markup_is_accepted_and_good_links_are_found(targets: list[str], noise: str) -> None:
    """Random text between them does no harm to links that follow a whole paragraph."""
    html = "".join(f'<p>x</p><a class="y" href="{escape(one)}">x</a>' for one in targets)
    found = {urljoin("/", one.partition("#")[0]) for one in targets}
    assert set(hrefs(html, "/")) == found
    hrefs(noise, URL)
    hrefs(noise + html, URL)


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        '<a "',
        "<a '",
        "<a href=",
        '<a href="',
        "<a x=' ",
        "<a " + "x" * 50,
        "<a b=c ",
        "<!--",
        "<script>",
        "<a href='/x'>",
        "<a/",
        "&amp;",
    ],
)
def test_hostile_markup_has_a_result(piece: str) -> None:
    """A million characters of it, which anything quadratic would never get through."""
    assert len(hrefs("<a " + piece * (1_000_000 // len(piece)), URL)) <= 1


def test_a_tag_of_many_attributes_is_read() -> None:
    """Forty thousand attributes before the link."""
    many = " ".join(f'a{number}="x"' for number in range(40_000))
    assert hrefs(f'<a {many} href="/x">', "/") == ["/x"]


def test_links_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory of the whole web is cut off."""
    monkeypatch.setattr(links, "MAX_LINKS", 3)
    html = "".join(f'<a href="/{number}">' for number in range(9))
    assert hrefs(html, "/") == ["/0", "/1", "/2"]
    assert hrefs(f'<a href="/{"x" * 9000}">', "/") == []


POSTS = [
    Addressed(0, "1", "https://blog.example/a/", ("/old-a/",)),
    Addressed(1, "2", "https://blog.example/b/"),
    Addressed(2, "3", "https://other.example/b/"),
    Addressed(3, "4", "/d/"),
    Addressed(4, "5", "/"),
]


@pytest.fixture
def get() -> Callable[[bytes], int | None]:
    """The lookup of a few posts."""
    return first_of_each(lookup_entries(POSTS)).get


@pytest.mark.parametrize(
    ("href", "row"),
    [
        ("http://www.blog.example/a?utm_source=x", 0),
        ("https://blog.example/old-a", 0),
        ("/a/", 0),
        ("https://blog.example/b/", 1),
        ("https://other.example/b/", 2),
        ("https://anywhere.example/d/", 3),
        ("/d", 3),
        ("/", 4),
        ("https://elsewhere.example/a/", None),
        ("https://elsewhere.example/", None),
        ("/b/", None),
        ("/nowhere/", None),
    ],
)
def test_a_link_leads_where_a_reader_would_get(
    get: Callable[[bytes], int | None], href: str, row: int | None
) -> None:
    """Written in any way, to an address or an alias; and to no post of another site."""
    assert resolve(get, 99, [], [href]) == ([] if row is None else [row])


def test_links_are_ascending_unique_and_never_to_oneself(
    get: Callable[[bytes], int | None],
) -> None:
    """Ids and addresses together, each post once."""
    found = resolve(get, 0, ["3", "2", "nobody"], ["/d/", "https://blog.example/b/", "/a/"])
    assert found == [1, 2, 3]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('one <a href="/x/">an <b>anchor</b></a> two', "one  two"),
        ("<A class='b' HREF=/x/ >an\nanchor</A\n> stays", " stays"),
        ('<a href="/x/" title="a > b">anchor</a>!', "!"),
        ('<a href="/y/">stays</a><a href="/x/">goes</a>', '<a href="/y/">stays</a>'),
        ('<a href="/x/">unclosed <a href="/y/">stays</a>', 'unclosed <a href="/y/">stays</a>'),
        ('<a href="/x/">never closed', "never closed"),
        ('<a href="/x/"', ""),
        ('<abbr title="/x/">stays</abbr><a href="/y/">too</a>', None),
        ('<!-- <a href="/x/"> --><a href="/y/">stays</a>', None),
        ('<a href="/x/">goes</a><!-- <a href="/y/"> -->', ""),
        ("no markup", None),
    ],
)
def test_a_link_goes_with_its_text(html: str, expected: str | None) -> None:
    """What leads away is cut from its tag to its end, and nothing beside it."""
    left = without_links(html, URL, lambda address: address == "https://blog.example/x/")
    assert left == (html if expected is None else expected)


@given(
    st.lists(st.sampled_from(["<a href='/x/'>", "<a href=/y/>", "</a>", "<a", ">", "t ", "<b>"]))
)
def test_no_link_that_leads_away_is_left(pieces: list[str]) -> None:
    """However links are nested and broken, none of them is found afterwards."""
    gone = "https://blog.example/x/"
    left = without_links("".join(pieces), URL, lambda address: address == gone)
    assert gone not in hrefs(left, URL)
