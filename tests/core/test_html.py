"""HTML to blocks: words neither glued nor split, whatever the markup."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text import html as module
from related_posts.text.html import MAX_DEPTH, MAX_TAG_CHARS, Prose, prose

BLOCKS = [
    # Block boundaries
    ("<h2>Head</h2>One", ["Head", "One"]),
    ("<p>one</p><p>two</p>", ["one", "two"]),
    ("one<div>two<div>three</div>four</div>five", ["one", "two", "three", "four", "five"]),
    ("<ul><li>one</li><li>two</li></ul>three", ["one", "two", "three"]),
    ("<dl><dt>one</dt><dd>two</dd></dl>", ["one", "two"]),
    ("<blockquote>one</blockquote>two", ["one", "two"]),
    ("<details><summary>one</summary>two</details>", ["one", "two"]),
    ("<fieldset><legend>one</legend>two</fieldset>", ["one", "two"]),
    ("<header>one</header><main>two</main><footer>three</footer>", ["one", "two", "three"]),
    # Tables
    ("<table><tr><td>one</td><td>two</td></tr><tr><td>3</td></tr></table>", ["one", "two", "3"]),
    ("<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</table>", ["a", "b"]),
    ("<td>one</td><td>two</td>", ["one", "two"]),
    (
        "<table><tr><td>a<table><tr><td>b</td></tr></table>c</td><td>d</td></tr></table>",
        ["a", "b", "c", "d"],
    ),
    # Line breaks and rules
    ("one<br>two", ["one", "two"]),
    ("one<br/>two<BR />three<br\n>four", ["one", "two", "three", "four"]),
    ("one</br>two", ["one", "two"]),
    ("one<hr>two", ["one", "two"]),
    # Left open, closed twice, upper case, odd white space
    ("<ul><li>one<li>two</ul>", ["one", "two"]),
    ("<dl><dt>one<dd>two</dl>", ["one", "two"]),
    ("<p>one<p>two", ["one", "two"]),
    ("<tr><td>one<td>two", ["one", "two"]),
    ("one</p>two</p>", ["one", "two"]),
    ("<P>one</P ><DIV>two</DIV\n>three", ["one", "two", "three"]),
    ("<article\nclass='x'\n>one</article\n>two", ["one", "two"]),
    ("one<p/>two", ["one", "two"]),
    # Attributes that look like markup
    ('one<p title="x > y">two', ["one", "two"]),
    ('one<br title="x>y">two', ["one", "two"]),
    ("one<p title='x>\"y'>two", ["one", "two"]),
    ('<p title="<p>">one</p>two', ["one", "two"]),
    ('<p title="x > y < z">one</p>two', ["one", "two"]),
    ('<div data-x="</div>">one</div>two', ["one", "two"]),
    ('<table><tr><td title="a>b">one<td title="c>d">two</table>', ["one", "two"]),
    ('one<p class="a"">two</p>three<p class="b">four', ["one", "two", "three", "four"]),
    ("one<p don't>two</p>three<p>it's", ["one", "two", "three", "it's"]),
    ('tas<img alt="<p> a>b">ty', ["tasty"]),
    # Inline markup
    ("tas<b>ty</b>", ["tasty"]),
    ("<b>tas</b><i>ty</i>", ["tasty"]),
    ('tas<a href="/x">ty</a> <em>food</em>', ["tasty food"]),
    ("<p>tas<span>ty</span></p>", ["tasty"]),
    ("tas<wbr>ty", ["tasty"]),
    ("tas<!-- x -->ty", ["tasty"]),
    ("tas<!-- <p> -->ty", ["tasty"]),
    ("<my-word>tas</my-word>ty", ["tasty"]),
    ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>", ["漢字"]),
    # Entities
    ("<p>caf&eacute; &amp; t&#234;te&#x21;</p>", ["café & tête!"]),
    ("&lt;p&gt;one <i>two</i>", ["<p>one two"]),
    # Kept: captions and code
    ("<figure><img src=x><figcaption>one</figcaption></figure>two", ["one", "two"]),
    ("<table><caption>one</caption><tr><td>two</table>", ["one", "two"]),
    ("<pre><code>x = 1\ny</code></pre>use <code>x</code>", ["x = 1\ny", "use x"]),
    # Whole documents and pieces of them
    (
        "<!doctype html><html><head><title>no</title></head><body><p>one</p></body></html>",
        ["one"],
    ),
    ("<body>one</body>", ["one"]),
    ("<?php no ?>one", ["one"]),
    ("<![CDATA[no]]>one", ["one"]),
    # Not markup at all
    ("1 < 2 and 3 > 2", ["1 < 2 and 3 > 2"]),
    ("<", ["<"]),
    # Nothing to read
    ("", []),
    (" \n ", []),
    ("<p></p><h1> </h1>", []),
    ("<p>&nbsp;</p>", []),
    ("<script>no", []),
    ("<!-- no", []),
    ("<p", []),
    ("</p>", []),
    ("<frameset><frame></frameset>", []),
]


@pytest.mark.parametrize(("html", "blocks"), BLOCKS, ids=[html for html, _ in BLOCKS])
def test_words_are_neither_glued_nor_split(html: str, blocks: list[str]) -> None:
    """Blocks are parted where a reader sees them part, and nowhere else."""
    assert prose(html).blocks == blocks


DROPPED = (
    "script style template noscript nav iframe object svg math button select textarea form "
    "audio video canvas title"
)


@pytest.mark.parametrize("name", DROPPED.split())
@pytest.mark.parametrize("place", ["{}", "one {} two", "<p>one</p>{}<p>two</p>"])
def test_what_is_no_prose_is_dropped(name: str, place: str) -> None:
    """Code, navigation, forms, players and drawings are left out, wherever they stand."""
    html = place.format(f"<{name} class='x'>hidden</{name}>")
    expected = html.split("<", 1)[0].split() + (["two"] if "two" in html else [])
    if "<p>" in place:
        expected = ["one", "two"]
    assert prose(html).text.split() == expected


def test_headings_are_found_in_order_and_stand_in_the_blocks() -> None:
    """Headings are listed apart, each in one line, without what is dropped in them."""
    html = "<h2>Second <i>level</i></h2><p>x</p><h1>A<br>B</h1><h3><script>s</script> </h3>"
    found = prose(html)
    assert found.headings == ["Second level", "A B"]
    assert found.blocks == ["Second level", "x", "A", "B"]


def test_headings_in_dropped_elements_are_dropped() -> None:
    """The heading of a form is none of the post's."""
    assert prose("<form><h2>Subscribe</h2></form><h2>Bread</h2>").headings == ["Bread"]


def test_plain_text_is_parted_at_blank_lines() -> None:
    """Text without a tag keeps its lines together and parts at blank lines."""
    assert prose("one\ntwo\n \nthree &amp; four\n\r\n\n").blocks == [
        "one\ntwo",
        "three & four",
    ]


def test_text_has_a_line_for_each_block() -> None:
    """The joined text folds white space within a block."""
    assert Prose(["one\n  two", "three"], []).text == "one two\nthree"


class _Parser:
    """Stands in for the parser, and must not be called."""

    def __init__(self, html: str) -> None:
        raise AssertionError("the parser was given markup that it takes quadratic time for")


MANY = 20_000
DEEP = {
    "divs": "<div>" * 100_000 + "deep",
    "divs that end in text": "<div>word</p>" * MANY + "deep",
    "stray ends": "<div></span>" * MANY + "deep",
    "ends that a scope keeps out": "<div><marquee></div></marquee>" * MANY + "deep",
    "misnested": "<a><b></a>" * MANY + "deep",
    "formatting with attributes": "".join(f"<b x={i}></i>" for i in range(MANY)) + "deep",
    "lists in each other": "<dd><li>" * MANY + "deep",
    "lists behind unknown tags": "<x><dd><li></x>" * MANY + "deep",
    "cells in a drawing": "<math>" + "<td>" * MANY + "deep",
    "upper case": "<DIV>" * MANY + "deep",
    "ends first": "</div>" * MANY + "<div>" * MANY + "deep",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_markup_never_reaches_the_parser(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hostile nesting is stripped by pattern; its text is still found."""
    monkeypatch.setattr(module, "LexborHTMLParser", _Parser)
    found = prose(DEEP[name])
    assert found.headings == []
    assert found.blocks[-1] == "deep"


FLAT = {
    "paragraphs": "<p>a",
    "list": "<ul><li><p>a<li><b>b</b></ul>",
    "definitions": "<dl><dt>a<dd>b</dl>",
    "table": "<table><tr><td><b>a</b></td></tr></table>",
    "breaks and links": "<p>a<br><a href=x>b</a><img src=x><input>",
    "closed": "<div><section><span>a</span></section></div>",
    "stray ends": "</div></b></p>a",
}


@pytest.mark.parametrize("name", FLAT)
def test_long_markup_that_is_not_deep_is_parsed(name: str) -> None:
    """Thousands of elements beside each other are an ordinary long post."""
    found = prose(FLAT[name] * 3_000 + "<h2>Head</h2>")
    assert found.headings == ["Head"]


def test_moderate_depth_is_parsed() -> None:
    """Nesting up to the limit goes to the parser, one more does not."""
    filler = "<p>word</p>" * 3_000
    for depth, headings in ((MAX_DEPTH - 1, ["Head"]), (MAX_DEPTH + 1, [])):
        html = "<div>" * depth + filler + "<h2>Head</h2>" + "</div>" * depth
        assert prose(html).headings == headings


def test_pattern_stripping_keeps_blocks_and_drops_code() -> None:
    """Also without a tree: blocks part, inline tags do not, scripts and comments go."""
    html = (
        "<div>" * (MAX_DEPTH + 1)
        + "<p>tas<b>ty</b></p><h2>Head</h2>&amp;<script>no <p>no</script><!-- no <p> no -->"
        + "<style>no</style><svg><text>no</text></svg><br>end"
        + "<div></div>" * MAX_TAG_CHARS
    )
    assert prose(html).blocks == ["tasty", "Head", "&", "end"]


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_tag_with_endless_attributes_is_reduced_to_its_name(
    quote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parser never sees an over-long tag; what it encloses is kept."""
    seen: list[str] = []
    parser = module.LexborHTMLParser

    def spy(html: str) -> object:
        seen.append(html)
        return parser(html)

    monkeypatch.setattr(module, "LexborHTMLParser", spy)
    attributes = " ".join(f"a{i}={quote}{i}{quote}" for i in range(50_000))
    assert prose(f"<h2 {attributes}>Head</h2>one<div {attributes}>two").blocks == [
        "Head",
        "one",
        "two",
    ]
    assert len(seen[0]) < 200


HOSTILE = {
    "script tags": ("<script" * 100_000, []),
    "open scripts": ("<script>" * MANY + "x", []),
    "unclosed comment": ("one<!--" + "<p>two</p>" * MANY, ["one"]),
    "comment openings": ("<!--" * MANY, []),
    "brackets": ("<" * MANY, ["<" * MANY]),
    "entities": ("&amp;" * MANY, ["&" * MANY]),
    "open quotes": ('<p title="' * MANY, []),
    "alternating quotes": ("<p =\"'<p ='\"" * MANY, []),
    "equals signs": ("<br =" * MANY, []),
    "NUL": ("<p>a</p>\0<p>b</p>", ["a", "b"]),
    "lone surrogate": ("<p>a\ud800</p>b", ["a", "b"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_has_a_result(name: str) -> None:
    """Whatever the string, there is an answer."""
    html, expected = HOSTILE[name]
    assert prose(html).blocks == expected


TAGS = (
    "<p> </p> <div> </div> <b> </b> <td> <table> </table> <tr> <li> <br> <h1> </h1> "
    "<script> </script> <svg> </svg> <!-- --> <![CDATA[ ]]> < > / & &amp; &#x0; \" ' "
    "<p/> <ruby> <rt> <select> <frameset> <body> <head> </head> <template> <noscript> "
    "<textarea> <plaintext> = \x1e"
)
MARKUP = st.lists(st.sampled_from(TAGS.split(" ")) | st.text(max_size=6), max_size=30).map("".join)


@settings(deadline=None, max_examples=300)
@given(MARKUP | st.text(alphabet=st.characters()))
def test_any_text_gives_the_same_blocks_twice_and_none_is_blank(html: str) -> None:
    """No string raises; no block or heading is blank; the answer is always the same."""
    found = prose(html)
    assert all(text.strip() for text in found.blocks + found.headings)
    assert prose(html) == found


WORD = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=8)


@settings(deadline=None)
@given(
    st.lists(WORD, min_size=1, max_size=8),
    st.sampled_from(["p", "div", "li", "h2", "td", "blockquote", "section", "figcaption"]),
    st.booleans(),
)
def test_words_in_block_elements_come_back_one_by_one(
    words: list[str], name: str, closed: bool
) -> None:
    """Each element's words are one block, with and without its closing tag."""
    end = f"</{name}>" if closed else ""
    assert prose("".join(f"<{name}>{word}{end}" for word in words)).blocks == words


@settings(deadline=None)
@given(
    st.lists(WORD, min_size=1, max_size=8),
    st.sampled_from(["b", "i", "span", "a", "em", "strong", "code", "mark", "sub", "font"]),
)
def test_words_in_inline_elements_stay_one_word(words: list[str], name: str) -> None:
    """Inline tags part nothing, wherever they stand within a word."""
    assert prose("".join(f"<{name}>{word}</{name}>" for word in words)).blocks == ["".join(words)]


@settings(deadline=None)
@given(st.lists(WORD, min_size=1, max_size=8))
def test_both_ways_of_stripping_agree_on_simple_markup(words: list[str]) -> None:
    """What the guard falls back to finds the same blocks as the parser."""
    html = "".join(f"<div><p>x<b>{word}</b></p></div>" for word in words)
    stripped = module._split(module._strip_by_pattern(html))
    assert stripped == prose(html).blocks
