"""How it looks: every layout at every width, in light, dark and from right to left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

Look = Callable[..., Page]

LAYOUTS = ("list", "grid", "cards", "compact", "text")
WIDTHS = (360, 768, 1280)
SCRIPT = '<script type="module" src="http://related.test/widget.js"></script>'
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
CSS = """
  html { color-scheme: light dark; }
  body { font: 17px/1.5 Georgia, serif; margin: 0 auto; padding: 24px; max-width: 1100px;
    color: #222; background: #fff; }
  @media (prefers-color-scheme: dark) { body { background: #14171a; color: #e6e4df; } }
"""

#: What is wrong with the boxes of a widget: things outside, on top of each other, without size.
_FLAWS = """() => {
  const host = document.querySelector("related-posts");
  const outer = host.getBoundingClientRect(), flaws = [];
  const items = [...host.shadowRoot.querySelectorAll("li")];
  const boxes = items.map((item) => item.getBoundingClientRect());
  items.forEach((item, n) => {
    const box = boxes[n];
    if (box.left < outer.left - 1 || box.right > outer.right + 1) flaws.push(`${n} sticks out`);
    for (const part of item.querySelectorAll(".title, .meta, .excerpt, .thumb")) {
      const inner = part.getBoundingClientRect();
      if (!inner.height) continue;
      if (inner.left < box.left - 1 || inner.right > box.right + 1 ||
          inner.bottom > box.bottom + 1) flaws.push(`${part.className} of ${n} sticks out`);
      if (inner.width < 40) flaws.push(`${part.className} of ${n} is ${inner.width} wide`);
    }
    boxes.slice(0, n).forEach((other, m) => {
      if (box.left < other.right - 1 && other.left < box.right - 1 &&
          box.top < other.bottom - 1 && other.top < box.bottom - 1) flaws.push(`${m} under ${n}`);
    });
    const thumb = item.querySelector(".thumb"), title = item.querySelector(".title");
    if (thumb && ["list", "compact"].includes(item.parentElement.className)) {
      const before = thumb.getBoundingClientRect().left < title.getBoundingClientRect().left;
      if (before !== (document.dir !== "rtl")) flaws.push(`${n} is the wrong way round`);
    }
  });
  if (document.scrollingElement.scrollWidth > innerWidth) flaws.push("the page scrolls sideways");
  return flaws;
}"""

#: Longest words and titles that real blogs have, and none at all.
_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3


def document(inside: str, *, css: str = CSS, lang: str = "en", more: str = "") -> str:
    """A page of a blog around some HTML."""
    return (
        f'<!doctype html><html lang="{lang}" {more}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>A post</title>'
        f"<style>{css}</style>{SCRIPT}</head><body><main><h1>A post</h1>{inside}</main></body>"
        "</html>"
    )


def loaded(page: Page, count: int = 4) -> None:
    """Wait until a list of that many items is there and its pictures are."""
    page.wait_for_function(
        """(count) => { const root = document.querySelector("related-posts").shadowRoot;
        return root !== null && root.querySelectorAll(".section:not(.wait) li").length === count &&
          [...root.querySelectorAll("img")].every((img) => img.complete); }""",
        arg=count,
    )


def test_every_layout(look: Look, axe: Callable[[Page], list[str]]) -> None:
    """In 5 layouts, 3 widths, light, dark and RTL nothing sticks out or overlaps; axe is content.

    One page is turned into all of them: what a reader's window, system and language do.
    """
    page = look(document("<related-posts></related-posts>"), height=2400)
    loaded(page)
    wrong: dict[tuple[Any, ...], list[str]] = {}
    for layout in LAYOUTS:
        page.evaluate("(v) => document.querySelector('related-posts').setAttribute('layout', v)",
                      layout)  # fmt: skip
        page.locator(f"related-posts ul.{layout}").wait_for()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for direction in ("ltr", "rtl"):
                page.evaluate("(v) => { document.dir = v; }", direction)
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 2400})
                    found = page.evaluate(_FLAWS)
                    if width == WIDTHS[1] and direction == "ltr":
                        found += axe(page)
                    if found:
                        wrong[layout, scheme, direction, width] = found
    assert wrong == {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_awkward_texts(look: Look, layout: str) -> None:
    """Endless words, endless titles, mixed directions and missing members stay in their boxes."""
    items = [
        {"id": "1", "url": "/1", "title": _LONG, "excerpt": _LONG, "author": _LONG,
         "categories": [_LONG], "published": "2024-01-02T00:00:00Z"},
        {"id": "2", "url": "/2", "title": "כותרת in English גם", "language": "he"},
        {"id": "3", "url": "/3", "title": "短い", "excerpt": "", "author": "A"},
        {"id": "4", "url": "/4", "title": "x"},
    ]  # fmt: skip
    page = look(
        document(f'<related-posts layout="{layout}" '
                 'show="image excerpt date author category"></related-posts>'),
        width=360,
        before=lambda page: page.route(
            "**/v1/related?*",
            lambda route: route.fulfill(
                json={"version": "v", "items": items},
                headers={"Access-Control-Allow-Origin": "*"},
            ),
        ),
    )  # fmt: skip
    loaded(page)
    assert page.evaluate(_FLAWS) == []


@pytest.mark.parametrize("show", ["image date", "excerpt date", "category"])
def test_a_card_frames_its_text_evenly(look: Look, show: str) -> None:
    """With a picture or without, no text of a card touches the frame: a letter's height stays."""
    page = look(document(f'<related-posts layout="cards" show="{show}"></related-posts>'))
    loaded(page)
    least = page.evaluate(
        """() => Math.min(...[...document.querySelector("related-posts").shadowRoot
          .querySelectorAll("li")].flatMap((item) => {
            const frame = item.getBoundingClientRect();
            return [...item.querySelectorAll(".title, .excerpt, .meta")].flatMap((part) => {
              const text = part.getBoundingClientRect();
              return [text.top - frame.top, frame.bottom - text.bottom,
                      text.left - frame.left, frame.right - text.right]; }); }))"""
    )
    assert least >= 16


def test_columns_follow_the_container(look: Look) -> None:
    """The width of the place decides, not that of the window: two places, two shapes."""
    page = look(
        document(
            '<div class="side"><related-posts layout="grid"></related-posts></div>',
            css=CSS + ".side { width: 320px }",
        ),
        width=1280,
    )
    loaded(page)
    columns = """() => getComputedStyle(document.querySelector("related-posts").shadowRoot
      .querySelector("ul")).gridTemplateColumns.split(" ").length"""
    assert page.evaluate(columns) == 2
    page.add_style_tag(content=".side { width: auto }")
    assert page.evaluate(columns) == 4


#: Counts what the widget tells of its answer, whatever came.
_TOLD = """
window.told = 0;
for (const name of ["loaded", "empty", "error"]) {
  addEventListener(`related-posts-${name}`, () => { told += 1; });
}
"""


def painted(page: Page) -> None:
    """Wait until the page is seen without the widget: what moves before that is no shift."""
    page.get_by_text("More of it.").wait_for()
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")


def cls(page: Page) -> float:
    """The cumulative layout shift so far."""
    # A shift is told of once its frame is drawn: in the second one it has been.
    frame = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
    page.evaluate(f"{frame}.then(() => {frame})")
    return page.evaluate("shifts.reduce((sum, shift) => sum + shift.value, 0)")  # type: ignore


AFTER = "<footer><p>What follows the list, and would jump.</p><p>More of it.</p></footer>"
RESERVE = "related-posts { display: block; margin-block: 2rem; min-block-size: %s }"


@pytest.mark.parametrize(
    ("layout", "count"),
    [*((layout, 4) for layout in LAYOUTS), ("cards", 1), ("list", 0), ("grid", None)],
)
def test_nothing_moves(look: Look, stage: Any, layout: str, count: int | None) -> None:
    """In sight, with text below: script and answer come late, in full, in part, not at all: CLS 0.

    The page reserves the space with the one line of style that docs/widget.md gives.
    """
    stage.held = {"/widget.js", "/v1/related"}

    def before(page: Page) -> None:
        page.add_init_script(_TOLD)
        if count is None:
            page.route("**/v1/related?*", lambda route: route.abort())
            return
        if count < 4:
            page.route("**/v1/related?*", lambda route: route.fulfill(
                json={"version": "v", "items": [{"id": "a", "url": "/a", "title": "A"}][:count]},
                headers={"Access-Control-Allow-Origin": "*"}))  # fmt: skip

    stage.pages[POST] = document(
        f'<related-posts layout="{layout}"></related-posts>{AFTER}',
        css=CSS + RESERVE % "120rem",
    )
    # The script is held back, so the page is waited for only until it is read.
    page = look(stage.pages[POST], before=before, height=2600, until="commit")
    painted(page)
    stage.release()
    page.wait_for_function("told === 1")
    if count:
        loaded(page, count)
    assert cls(page) == 0


def test_a_shift_would_be_seen(look: Look, stage: Any) -> None:
    """The measure itself works: without reserved space a late script does move the page."""
    stage.held = {"/widget.js"}
    page = look(document(f"<related-posts></related-posts>{AFTER}"), until="commit")
    painted(page)
    stage.release()
    loaded(page)
    page.wait_for_function("shifts.length > 0")
    assert cls(page) > 0


@pytest.mark.parametrize("act", ["click", "key", "wheel"])
def test_no_hole_stays_for_nothing(look: Look, act: str) -> None:
    """Space reserved for an unknown post goes with the reader's next act; that alone moves it."""
    page = look(
        document(
            f'<related-posts post="/nope/"></related-posts>{AFTER}<div id="long"></div>',
            css=CSS + RESERVE % "700px" + "#long { height: 3000px }",
        ),
        height=1600,
        before=lambda page: page.add_init_script(_TOLD),
    )
    page.wait_for_function("told === 1")
    height = "document.querySelector('related-posts').offsetHeight"
    assert page.evaluate(height) == 700
    assert cls(page) == 0
    if act == "click":
        page.get_by_text("More of it.").click()
    elif act == "key":
        page.keyboard.press("Shift")
    else:
        page.mouse.wheel(0, 10)
    page.wait_for_function(f"{height} === 0")
    if act != "wheel":
        cls(page)
        assert page.evaluate("shifts.every((shift) => shift.hadRecentInput)")


def test_a_narrow_list_has_excerpts(look: Look) -> None:
    """On a telephone too the layout `list` shows its excerpts, on two lines at most."""
    page = look(document("<related-posts></related-posts>"), width=390)
    loaded(page)
    excerpts = page.locator("related-posts .excerpt")
    assert excerpts.count() == 4
    for excerpt in excerpts.all():
        assert excerpt.is_visible()
        lines = excerpt.evaluate(
            "(e) => e.offsetHeight / parseFloat(getComputedStyle(e).lineHeight)"
        )
        assert round(lines) in (1, 2)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_outline_is_as_high_as_the_list_can_be(look: Look, stage: Any, layout: str) -> None:
    """What is reserved while the answer is on its way fits the answer, at every width."""
    stage.held = {"/v1/related"}
    page = look(document(f'<related-posts layout="{layout}"></related-posts>'), height=2400)
    height = "document.querySelector('related-posts').shadowRoot.querySelector('.section')"
    page.wait_for_function(f"!!{height.replace('.shadowRoot', '.shadowRoot?')}")
    before = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 2400})
        before[width] = page.evaluate(f"{height}.getBoundingClientRect().height")
    stage.release()
    loaded(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 2400})
        after = page.evaluate(
            f"(() => {{ const root = {height}.parentElement; root.style.minBlockSize = '';"
            f"return {height}.getBoundingClientRect().height }})()"
        )
        assert after <= before[width], width
        assert after > 0.4 * before[width], width


def test_space_is_given_back_out_of_sight(look: Look, stage: Any) -> None:
    """An answer that comes while the widget is below the window leaves no gap."""
    page = look(
        document(
            '<div id="text"></div><related-posts limit="20"></related-posts><footer></footer>',
            css=CSS + "#text { height: 1000px }" + RESERVE % "99rem",
        ),
        height=800,
        before=lambda page: page.route(
            "**/v1/related?*",
            lambda route: route.fulfill(
                json={"version": "v", "items": [{"id": "a", "url": "/a", "title": "A"}]},
                headers={"Access-Control-Allow-Origin": "*"},
            ),
        ),
    )
    loaded(page, 1)
    assert page.locator("related-posts").bounding_box()["height"] < 250  # type: ignore[index]
    assert cls(page) == 0
