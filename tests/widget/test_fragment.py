"""The look of /v1/related.html with its own style sheet, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page


@pytest.fixture
def fragment(look: Callable[..., Page], stage: Any) -> Callable[..., Page]:
    """Open a page that is a fragment and its style sheet alone."""

    def fragment(width: int, css: str = "", **query: Any) -> Page:
        client = stage.app.test_client()
        url = "https://sourdough.example/2019/01/proving-dough-in-a-cold-kitchen/"
        listed = client.get(f"/v1/related.html?{urlencode({'url': url, **query})}")
        assert listed.status_code == 200
        sheet = client.get("/v1/related.css").text
        html = (
            '<!doctype html><html lang="en"><title>A post</title>'
            f"<style>body {{ margin: 1rem }} {css} {sheet}</style>"
            f"<main><h1>A post</h1>{listed.text}</main></html>"
        )
        return look(html, width=width)

    return fragment


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Where the elements are that a selector finds."""
    return page.evaluate(  # type: ignore[no-any-return]
        "(selector) => [...document.querySelectorAll(selector)]"
        ".map((each) => each.getBoundingClientRect().toJSON())",
        selector,
    )


@pytest.mark.parametrize(("width", "columns"), [(1280, 4), (390, 2)])
def test_a_grid_fills_its_place(fragment: Callable[..., Page], width: int, columns: int) -> None:
    """Four posts are one full row on a wide page and two on a telephone, as in the widget."""
    items = boxes(fragment(width, layout="grid", limit=4), ".related-posts__item")
    assert len(items) == 4
    assert len({round(item["left"]) for item in items}) == columns
    assert max(item["right"] for item in items) == pytest.approx(width - 16, abs=16)


def test_dates_of_cards_line_up(fragment: Callable[..., Page]) -> None:
    """The last line of each card of a row stands at the same height."""
    lines = boxes(fragment(1280, layout="cards", limit=3), ".related-posts__meta")
    assert len(lines) == 3
    assert len({round(line["bottom"]) for line in lines}) == 1


@pytest.mark.parametrize("layout", ["list", "grid", "cards"])
def test_everyone_can_read_it(
    fragment: Callable[..., Page], axe: Callable[[Page], list[str]], layout: str
) -> None:
    """With everything shown, on light and dark ground, axe finds nothing; links show focus."""
    css = (
        "body { color: #222; background: #fff }"
        "@media (prefers-color-scheme: dark) { body { color: #e6e4df; background: #14171a } }"
    )
    page = fragment(390, css, layout=layout, show="image,category,excerpt,date,author")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert axe(page) == []
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert page.evaluate("document.activeElement.className") == "related-posts__link"
