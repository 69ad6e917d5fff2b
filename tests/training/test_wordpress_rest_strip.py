"""What plugins put into a post is taken out, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.html import prose
from related_posts.wordpress.injected import INJECTED, strip_injected

#: Plugin to what it adds, in the shape it writes it.
BLOCKS = {
    "Jetpack related posts": '<div id="jp-relatedposts" class="jp-relatedposts">'
    '<h3 class="jp-relatedposts-headline"><em>NOISE</em></h3></div>',
    "Jetpack sharing and likes": '<div id="jp-post-flair" class="sharedaddy sd-like-enabled">'
    '<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent sd-block">'
    '<h3 class="sd-title">NOISE</h3><ul><li>NOISE</li></ul></div></div></div>',
    "YARPP": "<div class='yarpp yarpp-related yarpp-related-website yarpp-template-list'>"
    "<h3>NOISE</h3><ol><li><a href='/x/'>NOISE</a></li></ol></div>",
    "Contextual Related Posts": '<div class="crp_related     crp-text-only"><h3>NOISE</h3>'
    '<ul><li><a href="/x/"><span class="crp_title">NOISE</span></a></li></ul></div>',
    "Related Posts for WordPress": "<div class='rp4wp-related-posts'><h3>NOISE</h3></div>",
    "AddToAny": '<div class="addtoany_share_save_container addtoany_content_bottom"><div '
    'class="a2a_kit a2a_kit_size_32"><a class="a2a_button_x">NOISE</a></div></div>',
    "Heateor": '<div class="heateor_sss_sharing_container"><div>NOISE</div></div>'
    '<div class="heateorSssClear"></div>',
    "Social Warfare": '<div class="swp_social_panel swp_horizontal_panel">NOISE</div>',
    "AddThis": '<div class="at-below-post addthis_tool" data-url="x">NOISE</div>',
    "Easy Table of Contents": '<div id="ez-toc-container" class="ez-toc-v2_0_66 counter">'
    '<p class="ez-toc-title">NOISE</p><nav><ul><li><a>NOISE</a></li></ul></nav></div>',
    "LuckyWP Table of Contents": '<div class="lwptoc lwptoc-autoWidth"><div>NOISE</div></div>',
    "Table of Contents Plus": '<div id="toc_container" class="no_bullets"><p>NOISE</p></div>',
    "Yoast table of contents": '<div class="wp-block-yoast-seo-table-of-contents '
    'yoast-table-of-contents"><h2>NOISE</h2></div>',
    "Rank Math": '<div class="wp-block-rank-math-toc-block" id="rank-math-toc">'
    "<nav>NOISE</nav></div>",
    "Simple Author Box": '<div class="saboxplugin-wrap" itemtype="x">NOISE</div>',
    "Reading time": '<span class="span-reading-time rt-reading-time">NOISE</span>',
}


@pytest.mark.parametrize("plugin", BLOCKS)
@pytest.mark.parametrize(
    "place", ["{block}<p>Rye.</p>", "<p>Rye.</p>{block}", "<div>Rye.{block}</div>"]
)
def test_what_a_plugin_adds_goes(plugin: str, place: str) -> None:
    """Before, after or within the text; what the author wrote stays."""
    stripped = strip_injected(place.format(block=BLOCKS[plugin]))
    assert "NOISE" not in stripped
    assert prose(stripped).text == "Rye."


@pytest.mark.parametrize(
    "html",
    [
        "<p>We compared yarpp and sharedaddy: class=related-posts is not an attribute here</p>",
        '<p class="my-yarpp-notes" id="toc_containers">Rye.</p>',
        "<pre><code>&lt;div class=&quot;sharedaddy&quot;&gt;</code></pre>",
        '<div class="wp-block-group"><p>Rye.</p></div>',
        "<p>Unclosed <b>everything",
        "",
    ],
)
def test_what_an_author_wrote_stays(html: str) -> None:
    """Words about plugins, names that only look alike, code: not a letter is changed."""
    assert prose(strip_injected(html)).text == prose(html).text


def test_html_without_plugins_is_the_same_string() -> None:
    """It is not even written anew."""
    html = "<p>Rye &amp; <B>oats</B><br>\n<img src=x>"
    assert strip_injected(html) is html


def test_a_block_within_a_block_is_taken_once() -> None:
    """Elements that lie in each other, and one that is named twice."""
    name = "sharedaddy"
    html = f'<div class="{name}" id="jp-post-flair">' * 50 + "NOISE" + "</div>" * 50 + "<p>Rye.</p>"
    assert strip_injected(html) == "<p>Rye.</p>"


def test_names_are_names() -> None:
    """Each can stand in a selector."""
    assert all(name.replace("-", "").replace("_", "").isalnum() for name in INJECTED)


@settings(deadline=None)
@given(st.text(alphabet="<>/=\"' abcdivpsyr\n&-", max_size=200), st.sampled_from(sorted(INJECTED)))
def test_any_text_around_a_block(text: str, name: str) -> None:
    """Broken markup around it costs no more than that: no error, and a string."""
    assert isinstance(strip_injected(f'{text}<div class="{name}">NOISE</div>{text}'), str)


def test_hostile_markup_takes_no_time() -> None:
    """An element nested a hundred thousand deep, and one of 40,000 attributes."""
    deep = '<div class="yarpp">' * 100_000 + "Rye."
    wide = f'<p {"a=1 " * 40_000}class="yarpp">Rye.</p>'
    for html in (deep, wide, '<p class="yarpp">' + "x" * 10_000_000):
        assert isinstance(strip_injected(html), str)
