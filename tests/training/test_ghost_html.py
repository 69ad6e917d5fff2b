"""Ghost's two editors' documents to HTML: text kept, cards shown, nothing raised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.sources.ghost.cards import card_html
from training.sources.ghost.lexical import MAX_DEPTH, lexical_html
from training.sources.ghost.mobiledoc import mobiledoc_html


def text(content: str, format: int = 0, kind: str = "extended-text") -> dict[str, Any]:
    """A text node."""
    return {"type": kind, "text": content, "format": format, "detail": 0, "version": 1}


def lexical(*children: Any) -> str:
    """The HTML of these nodes."""
    return lexical_html(json.dumps({"root": {"type": "root", "children": list(children)}}))


def mobiledoc(*sections: Any, **more: Any) -> str:
    """The HTML of these sections."""
    return mobiledoc_html(json.dumps({"version": "0.3.1", "sections": list(sections), **more}))


# --- Lexical ---


@pytest.mark.parametrize(
    ("node", "html"),
    [
        ({"type": "paragraph", "children": [text("Rye & <oat>")]}, "<p>Rye &amp; &lt;oat&gt;</p>"),
        ({"type": "heading", "tag": "h3", "children": [text("Rye")]}, "<h3>Rye</h3>"),
        ({"type": "extended-heading", "tag": "h2", "children": [text("R")]}, "<h2>R</h2>"),
        ({"type": "heading", "tag": "script", "children": [text("R")]}, "<h2>R</h2>"),
        ({"type": "extended-quote", "children": [text("R")]}, "<blockquote>R</blockquote>"),
        ({"type": "aside", "children": [text("R")]}, "<blockquote>R</blockquote>"),
        (
            {"type": "list", "listType": "number", "tag": "ol",
             "children": [{"type": "listitem", "children": [text("a")]}]},
            "<ol><li>a</li></ol>",
        ),
        (
            {"type": "list", "listType": "bullet", "tag": "ul",
             "children": [{"type": "listitem", "children": [
                 {"type": "list", "children": [{"type": "listitem", "children": [text("a")]}]}]}]},
            "<ul><li><ul><li>a</li></ul></li></ul>",
        ),
        (
            {"type": "link", "url": "https://a.example/?a=1&b=2", "children": [text("a")]},
            '<a href="https://a.example/?a=1&amp;b=2">a</a>',
        ),
        ({"type": "link", "url": "javascript:alert(1)", "children": [text("a")]}, "a"),
        ({"type": "autolink", "url": "/a", "children": [text("a")]}, '<a href="/a">a</a>'),
        ({"type": "linebreak"}, "<br>"),
        ({"type": "horizontalrule"}, "<hr>"),
        ({"type": "at-link-of-a-later-ghost", "children": [text("a")]}, "a"),
        (text("a", 3), "<em><strong>a</strong></em>"),
        (text("a", 16, "text"), "<code>a</code>"),
        (text("a", 1 << 20), "a"),
    ],
)  # fmt: skip
def test_lexical_nodes_are_html(node: dict[str, Any], html: str) -> None:
    """Each kind of node; text is escaped, addresses that are none are left out."""
    assert lexical(node) == html


def test_nesting_too_deep_is_left_out() -> None:
    """And what stands beside it is kept."""
    deep: dict[str, Any] = text("deep")
    for _ in range(MAX_DEPTH + 1):
        deep = {"type": "list", "children": [deep]}
    html = lexical(deep, text("beside"))
    assert "deep" not in html
    assert html.endswith("beside")


# --- Mobiledoc ---


def test_markers_open_and_close() -> None:
    """By number and count, within and across markers."""
    html = mobiledoc(
        [1, "p", [[0, [0], 0, "a "], [0, [1], 1, "b"], [0, [], 1, " c"], [0, [], 0, " <d>"]]],
        markups=[["strong"], ["a", ["rel", "x", "href", "https://a.example/"]]],
    )
    assert html == '<p><strong>a <a href="https://a.example/">b</a> c</strong> &lt;d&gt;</p>'


def test_lists_atoms_pictures_and_cards_are_html() -> None:
    """Sections of every kind."""
    html = mobiledoc(
        [3, "ol", [[[0, [], 0, "a"]], [[0, [], 0, "b"], [1, [], 0, 0], [0, [], 0, "c"]]]],
        [2, "/a.jpg"],
        [10, 0],
        [10, 1],
        atoms=[["soft-return", "", {}]],
        cards=[["card-markdown", {"markdown": "Rye *b*."}], ["hr", {}]],
    )
    assert html == (
        "<ol><li>a</li><li>b<br>c</li></ol>"
        '<figure><img src="/a.jpg"></figure><p>Rye <em>b</em>.</p><hr>'
    )


@pytest.mark.parametrize(
    ("markers", "html"),
    [
        ([[0, [9], 1, "a"]], "<p>a</p>"),
        ([[0, [0], 0, "a"]], "<p><em>a</em></p>"),
        ([[0, [], 9, "a"]], "<p>a</p>"),
        ([[0, [1], 1, "a"]], "<p>a</p>"),
        ([[0, [2], 1, "a"]], "<p>a</p>"),
        ([[1, [], 0, 9]], "<p></p>"),
        ([[0, "x", 0, "a"], "x", [], [0, [0], -1, "b"]], "<p><em>b</em></p>"),
    ],
)
def test_numbers_that_do_not_fit_are_left_out(markers: list[Any], html: str) -> None:
    """Text stays, and what was opened is closed."""
    markups = [["em"], ["script"], ["a", ["href", "javascript:x"]]]
    assert mobiledoc([1, "p", markers], markups=markups) == html


# --- cards ---


@pytest.mark.parametrize(
    ("name", "card", "html"),
    [
        ("html", {"html": "<b>a</b>"}, "<b>a</b>"),
        ("markdown", {"markdown": "# A"}, "<h1>A</h1>"),
        ("codeblock", {"code": "a < b", "language": "c"}, "<pre><code>a &lt; b</code></pre>"),
        ("code", {"code": "a", "caption": "<i>c</i>"},
         "<pre><code>a</code></pre><figcaption><i>c</i></figcaption>"),
        ("image", {"src": "/a.jpg", "alt": 'a "b"', "width": 4, "caption": "c"},
         '<figure><img src="/a.jpg" alt="a &quot;b&quot;" width="4">'
         "<figcaption>c</figcaption></figure>"),
        ("gallery", {"images": [{"src": "/a.jpg"}, 5], "caption": "c"},
         '<figure><img src="/a.jpg"></figure><figcaption>c</figcaption>'),
        ("bookmark", {"url": "https://a.example", "metadata": {"title": "A", "description": "D"}},
         '<p><a href="https://a.example">A</a></p>'),
        ("embed", {"html": "<iframe></iframe>", "caption": "c"},
         "<iframe></iframe><figcaption>c</figcaption>"),
        ("callout", {"calloutText": "a"}, "<div>a</div>"),
        ("toggle", {"heading": "h", "content": "<p>c</p>"}, "<h4>h</h4><div><p>c</p></div>"),
        ("header", {"header": "h", "subheader": "s"}, "<h2>h</h2><div>s</div>"),
        ("product", {"productTitle": "p", "productDescription": "d"}, "<h4>p</h4><div>d</div>"),
        ("file", {"fileTitle": "f", "fileCaption": "<c>"}, "<div>f</div><div>&lt;c&gt;</div>"),
        ("video", {"src": "/a.mp4", "caption": "c"}, "<figcaption>c</figcaption>"),
        ("button", {"buttonText": "Subscribe", "buttonUrl": "/x"}, ""),
        ("email-cta", {"html": "Only by mail"}, ""),
        ("signup", {"header": "Join"}, ""),
        ("paywall", {}, ""),
    ],
)  # fmt: skip
def test_cards_show_what_a_reader_reads(name: str, card: dict[str, Any], html: str) -> None:
    """And leave out what only asks readers for something."""
    assert card_html(name, card) == html


# --- anything at all ---

KEYS = (
    *("root", "type", "children", "text", "format", "tag", "url", "listType", "html", "markdown"),
    *("src", "caption", "images", "metadata", "title", "code", "heading", "content", "sections"),
    *("markups", "cards", "atoms"),
)
WORDS = (
    *("root", "paragraph", "text", "link", "list", "heading", "image", "gallery", "bookmark"),
    *("html", "markdown", "code", "p", "h1", "a", "em", "href", "soft-return", "toggle", "//["),
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=5), ANYTHING)
def test_any_document_is_html_or_a_value_error(document: dict[str, Any], root: Any) -> None:
    """Whatever JSON an export holds in their place."""
    for content in (document, {**document, "root": {"children": [document, root]}}, root):
        for to_html in (lexical_html, mobiledoc_html):
            try:
                html = to_html(json.dumps(content))
            except ValueError:
                continue
            assert isinstance(html, str)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3, 10, 0]), st.sampled_from(["p", "ul", "x", 0, 1]), ANYTHING
        )
    ),
    ANYTHING,
    ANYTHING,
    ANYTHING,
)
def test_any_sections_are_html(sections: list[Any], markups: Any, atoms: Any, cards: Any) -> None:
    """Tables of any kind, markers of any kind."""
    html = mobiledoc(*map(list, sections), markups=markups, atoms=atoms, cards=cards)
    assert isinstance(html, str)
