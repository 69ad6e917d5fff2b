"""The body of a WordPress post to HTML: paragraphs, block comments, shortcodes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.html import prose
from training.sources.wordpress.html import body_html
from training.sources.wordpress.shortcodes import strip_shortcodes


def text(body: str) -> str:
    """What a reader reads of a body."""
    return prose(body_html(body)).text


# --- paragraphs ---


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("", ""),
        (" \n\n ", ""),
        ("One", "<p>One</p>"),
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\r\n\r\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\n \t\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\nline", "<p>One<br>\nline</p>"),
        ("<em>One</em>\n\n<a href='/'>Two</a>", "<p><em>One</em></p>\n<p><a href='/'>Two</a></p>"),
        ("<p>One</p>\n\n<p>Two</p>", "<p>One</p>\n\n<p>Two</p>"),
        ("<h2>Head</h2>\nOne", "<h2>Head</h2><p>One</p>"),
        ("One<h2>Head</h2>", "<p>One</p>\n<h2>Head</h2>"),
        ("<ul>\n<li>a\n\nb</li>\n</ul>", "<ul>\n<li>a\n\nb</li>\n</ul>"),
        ("<div>One\n\nTwo</div>", "<div><p>One</p>\n<p>Two</p>\n</div>"),
        ("<blockquote>One</blockquote>", "<blockquote><p>One</p>\n</blockquote>"),
        ("<p>One<div>Two</div>", "<p>One<div><p>Two</p>\n</div>"),
        ("<hr>One<hr />Two", "<hr><p>One</p>\n<hr /><p>Two</p>"),
        ("</div>One</p>", "</div><p>One</p>\n</p>"),
        ("<preface>One</preface>", "<p><preface>One</preface></p>"),
    ],
)
def test_a_blank_line_begins_a_paragraph(body: str, html: str) -> None:
    """Only in text that stands outside any block element."""
    assert body_html(body) == html


@pytest.mark.parametrize("name", ["pre", "script", "style", "textarea", "svg", "PRE"])
def test_verbatim_elements_are_left_alone(name: str) -> None:
    """With the blank lines and the tags in them."""
    element = f"<{name} class='a'>\n\nx\n\n<div>y\n\n</{name}>"
    assert body_html(f"One\n\n{element}\n\nTwo") == f"<p>One</p>\n{element}<p>Two</p>"


def test_a_verbatim_element_that_does_not_end_is_text() -> None:
    """It must not swallow the rest."""
    assert "<p>Two</p>" in body_html("<pre>One\n\nTwo\n\n<script>")


def test_letters_that_grow_when_lowered_shift_nothing() -> None:
    """The Turkish dotted capital I is two characters in lower case."""
    assert body_html("İİİ <pre>a\n\nb</pre> c") == "<p>İİİ</p>\n<pre>a\n\nb</pre><p>c</p>"


# --- blocks ---


def test_block_comments_go() -> None:
    """With their settings; a block without content vanishes."""
    body = (
        '<!-- wp:paragraph {"content":"secret -> \\u002d\\u002d"} -->\n<p>One</p>\n'
        "<!-- /wp:paragraph -->\n\n<!-- wp:latest-posts /-->\n<!--more Read on-->\n"
        "<!--nextpage--><!--noteaser--><!-- a remark --><p>Two</p>"
    )
    html = body_html(body)
    assert text(body) == "One\nTwo"
    assert "wp:" not in html
    assert "Read on" not in html
    assert "<!-- a remark -->" in html


def test_a_block_comment_that_does_not_end_hides_the_rest() -> None:
    """As in a browser: it is left as the comment that it is."""
    assert text("One<!-- wp:paragraph {\n\nTwo") == "One"


# --- shortcodes ---


@pytest.mark.parametrize(
    ("body", "stripped"),
    [
        ('[gallery ids="1,2"]', ""),
        ("[gallery]", ""),
        ("[gallery/]", ""),
        ('[caption id="a" width="3"]<img src="/a.jpg"> Rye[/caption]', '<img src="/a.jpg"> Rye'),
        ("[embed]https://a.example[/embed]x", "x"),
        ('[video src="a.mp4"]', ""),
        ("[audio mp3='a.mp3'][/audio]x", "x"),
        ("[youtube https://y.example/1]", ""),
        ("[yarpp][crp limit=3][jetpack-related-posts]", ""),
        ('[contact-form-7 id="1" title="Contact"]', ""),
        ("[toc]One", "One"),
        ("[vc_row][vc_column width=\"1/2\"]One[/vc_column][/vc_row]", "One"),
        ("[et_pb_section]One[/et_pb_section]", "One"),
        ("[unknown foo='bar']One[/unknown]", "One"),
        ("[unknown]One[/unknown]", "One"),
        ('[unknown foo="bar" /]', ""),
        ("[outer][inner]One[/inner][/outer]", "One"),
        ("[code]\n\na[0]\n\n[/code]", "<pre>\n\na[0]\n\n</pre>"),
        ("[embed]https://a.example", "https://a.example"),
        ("[embed][embed]x[/embed]y", "y"),
    ],
)  # fmt: skip
def test_shortcodes_go_and_their_text_stays(body: str, stripped: str) -> None:
    """Known ones, and those that look like nothing else."""
    assert strip_shortcodes(body) == stripped


@pytest.mark.parametrize(
    "body",
    [
        "[citation needed]",
        "[1]",
        "[sic]",
        "[…]",
        "[Video]",
        "[video embedded below]",
        "[table of contents]",
        "[space]",
        "[author] wrote [it]",
        "a[row][column]",
        'input[type="text"]',
        "[[section]]",
        "[link](https://a.example)",
        "[ ]",
        "[]",
        "[",
        "]",
        "[/]",
        "[gallery",
    ],
)
def test_other_brackets_are_prose(body: str) -> None:
    """Text in brackets survives as it is."""
    assert strip_shortcodes(f"One {body} two") == f"One {body} two"


def test_an_escaped_shortcode_is_what_the_author_writes_about() -> None:
    """One pair of brackets goes, as when WordPress shows it."""
    assert strip_shortcodes("Use [[gallery]] or [[gallery ids='1']].") == (
        "Use [gallery] or [gallery ids='1']."
    )
    assert strip_shortcodes("[[gallery] and [gallery]]") == "[ and ]"


def test_a_shortcode_alone_makes_no_paragraph() -> None:
    """Nothing is left where it stood."""
    assert body_html("One\n\n[gallery]\n\nTwo") == "<p>One</p>\n<p>Two</p>"


# --- any text ---

PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<pre>", "</pre>", "<li>", "\n\n", "\n", "word ", "[",
        "]", "[gallery]", "[[gallery]]", "[embed]", "[/embed]", "[x a='b']", "[/x]", "<!-- wp:a ",
        "-->", "<!--", "<", ">", "'", '"', "İ", "<hr/>", "&amp;",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_any_text_is_taken(body: str) -> None:
    """No exception, and a body without mark-up keeps every word (XML holds no NUL)."""
    html = body_html(body)
    if not set(body) & set("<>[]&\0"):
        assert prose(html).text.split() == body.split()


@settings(deadline=None)
@given(st.lists(st.from_regex(r"\A[a-z]{1,6}\Z"), min_size=1, max_size=6))
def test_each_blank_line_makes_one_more_paragraph(words: list[str]) -> None:
    """Paragraphs are as the author separated them."""
    assert prose(body_html("\n\n".join(words))).blocks == words


@pytest.mark.parametrize(
    "piece",
    [
        "[gallery ", "[[gallery", "[a a='", "<!-- wp:", "<div ", "<div>", "</div>", "<pre>", "<pre",
        "[embed]", "[embed][/embed", "\n\n", " \n", "<!--", "[a a=",
    ],
)  # fmt: skip
def test_hostile_repetition_is_taken_in_one_go(piece: str) -> None:
    """A megabyte of openers is no more work than a megabyte of text (else this hangs)."""
    body_html(piece * (1_000_000 // len(piece)))
