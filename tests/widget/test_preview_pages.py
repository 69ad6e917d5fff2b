"""The preview's pages in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION

BLOG = Path(__file__).resolve().parents[2] / "examples" / "blog"
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"


@pytest.fixture
def preview(stage: Any, trained: Path) -> Iterator[None]:
    """The service shows its preview."""
    usual = stage.app
    settings = ServiceSettings(data=trained, reload_seconds=3600, preview=BLOG)
    stage.app = create_app(settings)
    yield
    stage.app.extensions[EXTENSION].stop()
    stage.app = usual


@pytest.mark.usefixtures("preview")
def test_everyone_can_read_it(browser: Browser, axe: Callable[[Page], list[str]]) -> None:
    """On a telephone axe finds nothing in a list and a post, none is too wide, Tab leads past.

    The policy of these pages forbids scripts, axe's too; for the look at them it is passed over.
    """
    context = browser.new_context(viewport={"width": 390, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    looks: list[tuple[str, Any]] = [("/?tag=baking", "light"), (POST, "dark")]
    for path, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        page.goto(f"http://related.test{path}")
        assert axe(page) == [], path
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), path
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "Skip to content"
        assert page.locator(":focus").is_visible()
    context.close()
