"""Old templates: the widget appears where LinkWithin's did, for the posts it did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

Look = Callable[..., Page]
LOADER = "http://related.test/widget-legacy.js"
ONE, TWO = "/2019/01/proving-dough-in-a-cold-kitchen/", "/2016/11/rye-is-not-wheat/"


def document(
    inside: str, script: str = f'<script src="{LOADER}"></script>', before: str = ""
) -> str:
    """A page as an old Blogger template makes it."""
    return (
        '<!doctype html><html lang="en"><head><title>Blog</title></head><body>'
        f"<script>var linkwithin_site_id = 12345; {before}</script>{script}{inside}</body></html>"
    )


def widgets(page: Page, count: int) -> list[dict[str, str]]:
    """The attributes of that many widgets, once their lists are there."""
    page.wait_for_function(
        """(count) => [...document.querySelectorAll("related-posts")].filter(
          (w) => w.shadowRoot?.querySelector("a")).length === count""",
        arg=count,
    )
    return page.evaluate(  # type: ignore[no-any-return]
        """[...document.querySelectorAll("related-posts")].map((w) =>
          Object.fromEntries(w.getAttributeNames().map((n) => [n, w.getAttribute(n)])))"""
    )


def post(address: str) -> str:
    """One post of a page of several, as Blogger writes it."""
    return (
        f'<div class="post"><h3 class="post-title"><a href="{address}">T</a></h3>'
        '<div class="post-body entry-content">Text</div></div>'
    )


def test_globals(look: Look) -> None:
    """Text, class and text_only do what they did, without a change to the template."""
    before = "var linkwithin_text='Look:', linkwithin_div_class='mine', linkwithin_text_only=true"
    page = look(document('<p>Text</p><div class="mine"></div>', before=before))
    assert widgets(page, 1) == [{"layout": "text", "limit": "4", "headline": "Look:"}]
    assert page.locator(".mine > related-posts").count() == 1
    assert page.get_by_role("heading", name="Look:").is_visible()


def test_attributes(look: Look) -> None:
    """The same as data attributes of the script, which win over the globals."""
    script = (
        f'<script src="{LOADER}" data-text="Mine" data-text-only="false" data-limit="2"></script>'
    )
    page = look(document('<div class="linkwithin_div"></div>', script, "linkwithin_text = 'Old'"))
    assert widgets(page, 1) == [{"layout": "grid", "limit": "2", "headline": "Mine"}]


def test_a_page_of_several_posts(look: Look) -> None:
    """Each post has the list of the address that its title leads to; one without has none."""
    inside = post(ONE) + post(TWO) + '<div class="post"><div class="post-body">No title</div></div>'
    page = look(document(inside), path="/")
    found = widgets(page, 2)
    assert [each["url"] for each in found] == [f"http://blog.test{ONE}", f"http://blog.test{TWO}"]


def test_at_most_fifteen(look: Look) -> None:
    """A long page has fifteen widgets, loaded twice or not."""
    script = f'<script src="{LOADER}"></script>' * 2
    page = look(document(post(ONE) * 20, script), path="/")
    page.wait_for_function("!!customElements.get('related-posts')")
    assert page.locator("related-posts").count() == 15


@pytest.mark.parametrize("inside", ["", "<p>No post here</p>"])
def test_nowhere_to_go(look: Look, stage: object, inside: str) -> None:
    """A page without a place for it gets nothing and loads nothing more."""
    page = look(document(inside), path="/")
    page.wait_for_load_state("load")
    assert page.locator("related-posts").count() == 0
    assert page.problems == []  # type: ignore[attr-defined]
    assert not [each for each in stage.asked if each.endswith("/widget.js")]  # type: ignore
