"""Pages that are hard on an element: their styles, their scripts, their directions, on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

Look = Callable[..., Page]

SCRIPT = '<script type="module" src="http://related.test/widget.js"></script>'
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
OTHER = "/2016/11/rye-is-not-wheat/"
WIDGET = '<related-posts limit="4"></related-posts>'


def document(inside: str, *, css: str = "", head: str = "", html: str = 'lang="en"') -> str:
    """A page of a blog around some HTML."""
    return (
        f'<!doctype html><html {html}><head><meta charset="utf-8"><title>A post</title>'
        f"<style>{css}</style>{head}{SCRIPT}</head><body>{inside}</body></html>"
    )


def loaded(page: Page) -> None:
    """Wait for the list."""
    page.locator("related-posts .section:not(.wait) a").first.wait_for()


def answering(page: Page, *items: dict[str, Any]) -> None:
    """Have the service answer with these items instead of its own."""
    whole = [{"id": f"/{n}/", "url": f"/{n}/", **item} for n, item in enumerate(items)]
    page.route(
        "**/v1/related?*",
        lambda route: route.fulfill(
            json={"version": "v", "post": {"id": POST}, "items": whole},
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )


@pytest.mark.parametrize(
    "css",
    [
        "* { all: unset }",
        "body { white-space: pre; text-indent: 3em }",
        "body { letter-spacing: .3em; text-align: center; word-break: break-all }",
        "ul, li, a, p, h2, img { display: block !important; float: left; width: 9px !important }",
    ],
)
def test_styles_of_the_page_stay_outside(look: Look, css: str) -> None:
    """Resets, rules for elements and inherited white space leave four entries in four columns."""
    page = look(document(WIDGET.replace(">", ' layout="grid">', 1), css=css), width=768)
    loaded(page)
    boxes = page.evaluate(
        """() => [...document.querySelector("related-posts").shadowRoot.querySelectorAll("li")]
        .map((item) => item.getBoundingClientRect().toJSON())"""
    )
    assert len({round(box["top"]) for box in boxes}) == 1
    rights = [0, *(box["right"] for box in boxes)]
    assert all(box["left"] >= right for box, right in zip(boxes, rights, strict=False))
    assert all(box["width"] > 100 for box in boxes)
    assert rights[-1] <= 768


@pytest.mark.parametrize(
    "place", ["display: flex; flex-direction: column; align-items: center",
              "display: grid; justify-items: center", "display: flex"],
)  # fmt: skip
def test_it_fills_its_place_in_any_box(look: Look, place: str) -> None:
    """In a box that makes its children as narrow as they go, it takes the space there is."""
    page = look(document(f'<div style="{place}"><i>i</i>{WIDGET}</div>'), width=768)
    loaded(page)
    width = page.evaluate("document.querySelector('related-posts').offsetWidth")
    assert 700 < width < 768


def test_details_in_several_directions_stay_apart(look: Look) -> None:
    """On a page from right to left, a date that begins with a number keeps it beside a name."""
    page = look(
        document('<related-posts show="author date category"></related-posts>',
                 html='lang="ar" dir="rtl"'),
        before=lambda page: answering(
            page, {"title": "خبز", "author": "A. N. Author", "categories": ["Bread"],
                   "published": "2024-01-02T00:00:00Z"}),
    )  # fmt: skip
    loaded(page)
    rows = page.evaluate(
        """() => [...document.querySelector("related-posts").shadowRoot
        .querySelectorAll(".meta > *")].map((part) => [...part.getClientRects()]
        .map((box) => [Math.round(box.left), Math.round(box.right)]))"""
    )
    assert [len(boxes) for boxes in rows] == [1, 1, 1]
    (author,), (date,), (category,) = rows
    assert author[0] >= date[1]
    assert date[0] >= category[1]


def test_the_outline_can_be_seen_but_is_not_printed(look: Look, stage: Any) -> None:
    """While an answer is on its way its lines have a ground; paper has no place for them."""
    stage.held = {"/v1/related"}
    page = look(document(WIDGET))
    page.locator("related-posts .wait .title").first.wait_for(state="attached")
    ground = page.evaluate(
        """() => getComputedStyle(document.querySelector("related-posts").shadowRoot
        .querySelector(".wait .title")).backgroundColor"""
    )
    assert ground != "transparent"
    assert not ground.endswith(" 0)"), ground
    assert page.locator("related-posts .wait").is_visible()
    page.emulate_media(media="print")
    assert not page.locator("related-posts .wait").is_visible()


#: How libraries put another page into this one: its address, its head, its body.
_PUSH = f"history.pushState(null, '', '{OTHER}');"
_TITLE = "document.title = 'Rye is not wheat';"
_CANONICAL = f"""{{ const old = document.querySelector("[rel=canonical]");
  const own = old.cloneNode(); own.href = "{OTHER}"; old.replaceWith(own); }}"""
_BODY = f"""{{ const body = document.createElement("body"); body.innerHTML = '{WIDGET}';
  document.body.replaceWith(body); }}"""
_INSIDE = f"document.body.innerHTML = '{WIDGET}';"


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(_PUSH + _CANONICAL + _TITLE + _BODY, id="turbo"),
        pytest.param(_INSIDE + _TITLE + _PUSH, id="htmx"),
        pytest.param(_PUSH + _INSIDE + _TITLE, id="swup"),
    ],
)
def test_a_page_that_is_put_into_another(look: Look, steps: str) -> None:
    """The element that takes the first one's place shows the list of the new page."""
    page = look(
        document(WIDGET, head=f'<link rel="canonical" href="{POST}">'),
        before=lambda page: page.add_init_script(
            """window.posts = []; addEventListener("related-posts-loaded",
            (event) => posts.push(event.detail.post));"""
        ),
    )
    page.wait_for_function("posts.length === 1")
    page.evaluate(steps + "void 0")
    page.wait_for_function("posts.length > 1")
    loaded(page)
    assert page.evaluate("posts")[0] == POST
    assert set(page.evaluate("posts")[1:]) == {OTHER}
    assert page.problems == []  # type: ignore[attr-defined]


def test_pictures_of_any_shape(look: Look) -> None:
    """Very wide, very high, tiny and of a wrong size: each fills the same place and no more."""
    shapes = ((4000, 10), (10, 4000), (1, 1), (800, 450))
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}"/>'

    def picture(route: Route) -> None:
        place = int(route.request.url.rpartition("/")[2])
        route.fulfill(body=svg.format(*shapes[place]), content_type="image/svg+xml")

    def before(page: Page) -> None:
        page.route("**/shapes/*", picture)
        answering(page, *({"title": "A", "image": {
            "src": f"/shapes/{n}", "width": width, "height": 7}}
            for n, (width, _) in enumerate(shapes)))  # fmt: skip

    page = look(document(WIDGET.replace(">", ' layout="grid">', 1)), before=before)
    loaded(page)
    sizes = page.evaluate(
        """async () => { const all = [...document.querySelector("related-posts").shadowRoot
        .querySelectorAll("img")]; await Promise.all(all.map((image) => image.decode()));
        return all.map((image) => [image.clientWidth, image.clientHeight]); }"""
    )
    assert len(sizes) == 4
    assert len(set(map(tuple, sizes))) == 1
    width, height = sizes[0]
    assert width / height == pytest.approx(16 / 9, rel=0.03)
