"""Makes the pictures of the widget in `docs/images/`, from the bundled blog.

    python examples/pictures.py            # all of them
    python examples/pictures.py --out DIR --width 390 --dark   # elsewhere, to look at them

Needs the development dependencies and Chromium. Run it after a change of the widget's looks, and
look at what it made.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

from playwright.sync_api import Browser
from werkzeug.wrappers import Request, Response

from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from training.publish import Watcher, train_and_publish
from training.settings import TrainingSettings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/wordpress/harness"))
from headless_chromium import launched, program  # noqa: E402 - found by the path above
from loopback import serving  # noqa: E402 - found by the path above

BLOG = ROOT / "examples" / "blog"
IMAGES = ROOT / "docs" / "images"
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
LAYOUTS = ("list", "grid", "cards", "compact", "text")
PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><meta charset="utf-8"><title>A post</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body {{ margin: 0; padding: 24px; font: 17px/1.5 Georgia, serif; }}
body {{ color: #222; background: #fff; }} related-posts {{ margin-block: 12px; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14171a; color: #e6e4df; }} }}</style>
<script type="module" src="http://related.test/widget.js"></script>
<related-posts {attributes}></related-posts>"""

#: What the service would answer for an Arabic blog; the bundled one has no such posts.
ARABIC = [
    {"id": "1", "title": "خبز العجين المخمر في مطبخ بارد", "published": "2024-01-20T08:00:00Z",
     "excerpt": "كيف ينضج العجين ببطء في ليالي الشتاء.",
     "image": {"src": "/images/a-sourdough-timetable.svg"}},
    {"id": "2", "title": "الشاي خطوة بخطوة: خمس درجات حرارة", "published": "2023-06-19T08:00:00Z",
     "excerpt": "الأوراق نفسها، والماء نفسه، ونتائج مختلفة.",
     "image": {"src": "/images/the-same-tea-at-five-temperatures.svg"}},
    {"id": "3", "title": "Pinhole: كاميرا من علبة بسكويت", "published": "2022-08-18T08:00:00Z",
     "excerpt": "صور بلا عدسة."},
]  # fmt: skip


@contextmanager
def blog_and_service() -> Iterator[tuple[int, dict[str, str]]]:
    """A port at which both hosts listen, and the blog's pages by path, to be filled."""
    pages: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as data:
        settings = TrainingSettings(data=Path(data), jobs=1)
        train_and_publish([str(BLOG)], settings, Mock(spec=Watcher))
        service = create_app(ServiceSettings(data=Path(data), reload_seconds=3600, preview=BLOG))

        def application(environ: Any, start_response: Any) -> Any:
            request = Request(environ)
            if request.host.startswith("related."):
                return service(environ, start_response)
            file = BLOG / request.path.lstrip("/")
            if file.suffix == ".svg" and file.is_file():
                answer = Response(file.read_bytes(), content_type="image/svg+xml")
            else:
                page = pages.get(request.path)
                status = 404 if page is None else 200
                answer = Response(page or "", status, content_type="text/html; charset=utf-8")
            return answer(environ, start_response)

        with serving(application) as address:
            yield urlsplit(address).port or 0, pages
        service.extensions[EXTENSION].stop()


def picture(
    browser: Browser,
    pages: dict[str, str],
    out: Path,
    name: str,
    *,
    dark: bool,
    width: int,
    **options: Any,
) -> None:
    """One picture of a widget.

    Args:
        browser: A browser for which ``related.test`` is the service.
        pages: The blog's pages by path.
        out: The folder.
        name: The file's name, without its ending.
        dark: Whether the reader's system is.
        width: Of the window, in CSS pixels.
        options: ``attributes`` of the element, ``lang``, ``dir``, and ``items`` for an answer of
            one's own.
    """
    given = {"lang": "en", "dir": "ltr", "attributes": "", "items": None, **options}
    scheme: Any = "dark" if dark else "light"
    page = browser.new_page(viewport={"width": width, "height": 200}, color_scheme=scheme)
    items = given.pop("items")
    if items:
        answer = {"version": "v", "items": [{"url": f"/{item['id']}/", **item} for item in items]}
        anyone = {"Access-Control-Allow-Origin": "*"}
        page.route("**/v1/related?*", lambda route: route.fulfill(json=answer, headers=anyone))
    pages[POST] = PAGE.format(**given)
    page.goto(f"http://blog.test{POST}")
    page.locator("related-posts .section:not(.wait) li").first.wait_for()
    page.evaluate(
        "Promise.all([...document.querySelector('related-posts').shadowRoot"
        ".querySelectorAll('img')].map((image) => image.decode()))"
    )
    # The space that was reserved is no part of the picture.
    high = page.locator("related-posts ul").bounding_box()
    assert high is not None
    clip: Any = {"x": 0, "y": 0, "width": width, "height": high["y"] + high["height"] + 24}
    page.screenshot(path=out / f"{name}.png", full_page=True, clip=clip)
    page.close()


def configurator(browser: Browser, out: Path) -> None:
    """The page `/widget/` of the service, with a choice made."""
    page = browser.new_page(viewport={"width": 1200, "height": 900}, color_scheme="light")
    page.goto("http://related.test/widget/")
    page.get_by_label("Cards").check(force=True)
    page.get_by_label("Posts", exact=True).fill("2")
    page.get_by_text("2 posts, version").wait_for()
    page.wait_for_function(
        "[...document.querySelector('#place related-posts').shadowRoot.querySelectorAll('img')]"
        ".filter((image) => image.naturalWidth).length === 2"
    )
    page.screenshot(path=out / "widget-page.png", full_page=True)
    page.close()


def main() -> None:
    """Make them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=IMAGES, help="the folder (docs/images)")
    parser.add_argument("--width", type=int, default=768, help="of the window (768)")
    parser.add_argument("--dark", action="store_true", help="on a dark ground")
    chosen = parser.parse_args()
    if program() is None:
        sys.exit("no Chromium is installed (Debian, Ubuntu: apt install chromium)")
    chosen.out.mkdir(parents=True, exist_ok=True)
    looks = {"dark": chosen.dark, "width": chosen.width}
    with blog_and_service() as (port, pages), launched(f"MAP *.test 127.0.0.1:{port}") as browser:
        for layout in LAYOUTS:
            attributes = f'layout="{layout}"'
            picture(browser, pages, chosen.out, f"widget-{layout}", attributes=attributes, **looks)
        arabic = {"lang": "ar", "dir": "rtl", "attributes": 'limit="3"', "items": ARABIC}
        picture(browser, pages, chosen.out, "widget-rtl", **{**looks, **arabic, "dark": True})
        configurator(browser, chosen.out)
    print(f"look at {chosen.out}/widget-*.png")


if __name__ == "__main__":
    main()
