"""The page at /widget/: choices become a live widget and lines that work when pasted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page

from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from service.widget.assets import load


@pytest.fixture
def page(browser: Browser, stage: Any) -> Iterator[Page]:
    """The page, open, with its preview loaded."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.problems = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda mistake: page.problems.append(str(mistake)))  # type: ignore
    page.on(
        "console",
        lambda said: page.problems.append(said.text) if "Policy" in said.text else None,  # type: ignore
    )
    page.goto("http://related.test/widget/")
    page.locator("#place related-posts a").first.wait_for()
    yield page
    assert page.problems == []  # type: ignore[attr-defined]
    context.close()


def snippet(page: Page) -> str:
    """What would be copied."""
    return page.locator("#code").inner_text()


def choose(page: Page) -> None:
    """Change everything that can be changed."""
    page.get_by_text("Cards", exact=True).click()
    page.get_by_label("Posts", exact=True).fill("3")
    page.get_by_label("Headline", exact=True).fill('A "quoted" <b>&amp;')
    page.get_by_label("Author").uncheck()
    page.get_by_label("Titles in a colour of their own").check()
    page.get_by_label("Colour of titles").fill("#aa0000")
    page.get_by_label("Roundness").fill("0")
    page.get_by_label("Fixed by its integrity value").check()


def test_choices_are_shown_and_written(page: Page) -> None:
    """The preview has what was chosen, and so has the snippet, without what is usual anyway."""
    assert "<related-posts></related-posts>" in snippet(page)
    choose(page)
    widget = page.locator("#place related-posts")
    page.wait_for_function(
        "document.querySelector('#place related-posts').shadowRoot"
        ".querySelectorAll('.section:not(.wait) .cards li').length === 3"
    )
    assert widget.locator("h2").inner_text() == 'A "quoted" <b>&amp;'
    assert widget.locator(".author").count() == 0
    title = widget.locator(".title").first
    assert title.evaluate("(e) => getComputedStyle(e).color") == "rgb(170, 0, 0)"
    written = snippet(page)
    asset = load("widget.js")
    assert f'src="http://related.test/{asset.pinned_name}"' in written
    assert f'integrity="{asset.integrity}" crossorigin' in written
    assert 'layout="cards" limit="3" headline="A &quot;quoted&quot; &lt;b>&amp;amp;"' in written
    assert 'show="image excerpt date category"' in written
    assert "--related-posts-link: #aa0000; --related-posts-radius: 0rem;" in written


def test_the_snippet_works(page: Page, look: Callable[..., Page]) -> None:
    """Pasted into a page of the blog, the lines show the same list, and reserve enough space."""
    choose(page)
    expected = page.locator("#place related-posts .title").all_inner_texts()
    post = page.locator("#post").input_value()
    blog = look(
        '<!doctype html><html lang="en"><title>A post</title>'
        "<body style='font: 17px/1.5 Georgia'>" + snippet(page) + "<p>After</p>",
        path=post,
    )
    blog.locator("related-posts a").first.wait_for()
    assert blog.locator("related-posts .title").all_inner_texts() == expected
    for width in (360, 414, 500, 620, 768, 800):
        blog.set_viewport_size({"width": width, "height": 900})
        reserved, needed = blog.evaluate(
            """() => { const w = document.querySelector("related-posts");
            return [parseFloat(getComputedStyle(w).minHeight),
              w.shadowRoot.querySelector(".section").offsetHeight]; }"""
        )
        assert reserved >= needed > 0.4 * reserved, width


def test_no_rule_says_what_holds_already(page: Page) -> None:
    """A wider window has a rule of its own only where the list is of another height there."""
    for layout in ("List", "Grid", "Cards", "Compact", "Text"):
        page.get_by_text(layout, exact=True).click()
        heights = re.findall(r"min-block-size: (\d+)em", snippet(page))
        assert heights
        assert all(one != next_one for one, next_one in pairwise(heights)), layout
    page.get_by_text("Text", exact=True).click()
    assert snippet(page).count("min-block-size") == 1


@pytest.mark.parametrize(
    ("engine", "piece"),
    [
        ("html", "<related-posts></related-posts>"),
        ("wordpress", "<related-posts></related-posts>"),
        ("ghost", '<related-posts url="{{url absolute="true"}}"></related-posts>'),
        ("hugo", '<related-posts url="{{ .Permalink }}"></related-posts>'),
        ("jekyll", '<related-posts url="{{ page.url | absolute_url }}"></related-posts>'),
        ("blogger", "<related-posts expr:url='data:post.url'></related-posts>"),
    ],
)
def test_engines(page: Page, engine: str, piece: str) -> None:
    """Each engine's lines tell the widget the post in that engine's words."""
    page.locator("#engine").select_option(engine)
    assert piece in snippet(page)
    assert page.locator("#where").inner_text()
    if engine == "blogger":
        whole = f"<t xmlns:b='b' xmlns:expr='e'>{snippet(page)}</t>"
        assert ElementTree.fromstring(re.sub(r" async(?=[ >])", "", whole)) is not None


def test_copy(page: Page) -> None:
    """The button copies the lines and says so."""
    page.evaluate(
        """Object.defineProperty(navigator, "clipboard",
        { value: { writeText: async (text) => { window.copied = text; } } }); void 0"""
    )
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("copied").strip() == snippet(page).strip()


def test_a_preview_is_not_left(page: Page) -> None:
    """Clicking a post in the preview stays on the page."""
    page.locator("#place related-posts a").first.click()
    assert page.url == "http://related.test/widget/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_everyone_can_use_it(
    page: Page, axe: Callable[[Page], list[str]], scheme: Any, width: int
) -> None:
    """axe-core finds nothing, light or dark, wide or narrow, and nothing sticks out."""
    page.set_viewport_size({"width": width, "height": 1200})
    page.emulate_media(color_scheme=scheme)
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_nobody_else_is_asked(page: Page, stage: Any) -> None:
    """Only the service itself, and the pictures of the blog's posts."""
    assert {each.partition("/")[0] for each in stage.asked} == {"related.test"}


def test_how_it_is_sent(trained: Path, empty_data: Path) -> None:
    """A strict policy, no cookie; without a version 503; without the slash the way to it."""
    app = create_app(ServiceSettings(data=trained, reload_seconds=3600))
    client = app.test_client()
    response = client.get("/widget/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in response.headers
    assert "Count views and clicks" not in response.text
    moved = client.get("/widget", environ_overrides={"SCRIPT_NAME": "/prefix"})
    assert (moved.status_code, moved.headers["Location"]) == (308, "/prefix/widget/")
    app.extensions[EXTENSION].stop()
    app = create_app(ServiceSettings(data=empty_data, reload_seconds=3600))
    assert app.test_client().get("/widget/").status_code == 503
    app.extensions[EXTENSION].stop()


@pytest.fixture
def empty_data(tmp_path: Path) -> Path:
    """A data folder without a version."""
    return tmp_path


def test_names_of_layouts_stand_apart(page: Page) -> None:
    """Beside the preview too, each name fits its place and has a space to the next."""
    gaps = page.evaluate(
        """() => { const texts = [...document.querySelectorAll(".layouts label")].map((label) => {
          const range = document.createRange(); range.selectNodeContents(label.lastChild);
          return range.getBoundingClientRect(); });
        return texts.slice(1).map((text, at) => text.left - texts[at].right); }"""
    )
    assert len(gaps) == 4
    assert min(gaps) >= 8


def test_no_request_fails(page: Page, stage: Any) -> None:
    """The page names its icon itself, so that the browser asks for none that is not there."""
    assert page.locator("link[rel=icon]").count() == 1
    assert not [each for each in stage.asked if "favicon" in each]
