"""What the widget adds to a page: blocking time, work, requests and bytes.

Two pages of one blog, the same but for the widget's two lines, are opened in headless
Chromium in alternating rounds, with an empty cache and a processor slowed down four
times, as Lighthouse does for a telephone. Pages and service are asked over HTTP on
the loopback interface. Blocking time is the sum of what each task on the main thread
takes beyond 50 ms, until the network is idle; work is script, styles and layout.
The window is high enough for the widget to be near it from the beginning.

    python benchmarks/widget.py
    python benchmarks/widget.py --rounds 3
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from playwright.sync_api import Browser
from werkzeug.wrappers import Request, Response

from related_posts.archive import Archive
from service import create_app
from service.settings import ServiceSettings
from training.publish import Watcher, train_and_publish
from training.settings import TrainingSettings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/wordpress/harness"))
from headless_chromium import launched, program
from loopback import serving

ROOT = Path(__file__).resolve().parent.parent
BLOG = ROOT / "examples" / "blog"
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"
WIDGET = (
    '<script type="module" src="http://related.test/widget.js"></script>'
    '<related-posts limit="4" layout="{layout}"></related-posts>'
)
SLOWER = 4
WORK = ("Script", "V8Compile", "RecalcStyle", "Layout")
_LONG_TASKS = """
window.blocked = 0;
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50);
}).observe({ type: "longtask", buffered: true });
"""


def blog_and_service(data: Path) -> Any:
    """One WSGI application for both hosts: pages with and without the widget, and the service."""
    service = create_app(ServiceSettings(data=data, reload_seconds=3600))
    with Archive(data) as archive:
        post = archive.get(POST)
    assert post is not None
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{post.title}</title>'

    def application(environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.host.startswith("related."):
            return service(environ, start_response)
        file = BLOG / request.path.lstrip("/")
        if file.suffix == ".svg" and file.is_file():
            answer = Response(file.read_bytes(), content_type="image/svg+xml")
        else:
            layout = request.args.get("layout")
            widget = WIDGET.format(layout=layout) if layout else ""
            link = f'<link rel="canonical" href="{POST}">'
            body = f"{head}{link}<body><h1>{post.title}</h1>{post.html}{widget}"
            answer = Response(body, content_type="text/html; charset=utf-8")
        return answer(environ, start_response)

    return application


def visit(browser: Browser, layout: str) -> dict[str, float]:
    """Open the page once; with an empty layout, without the widget."""
    context = browser.new_context(viewport={"width": 412, "height": 4000})
    context.add_init_script(_LONG_TASKS)
    page = context.new_page()
    session = context.new_cdp_session(page)
    found = {"requests": 0.0, "bytes": 0.0}

    def finished(event: dict[str, Any]) -> None:
        found["requests"] += 1
        found["bytes"] += event["encodedDataLength"]

    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    session.send("Performance.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    # Nothing of the tool's own runs in the page until the measures are taken.
    page.goto(f"http://blog.test{POST}?layout={layout}", wait_until="networkidle")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    found["blocking"] = page.evaluate("window.blocked")
    found["work"] = 1000 * sum(metrics[f"{name}Duration"] for name in WORK)
    assert page.locator("related-posts a").count() == (4 if layout else 0)
    context.close()
    return found


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=7, help="visits of each page; default 7")
    options = parser.parse_args()
    if program() is None:
        print("widget: not measured, no Chromium is installed", file=sys.stderr)
        return
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        train_and_publish([str(BLOG)], TrainingSettings(data=data, jobs=1), Mock(spec=Watcher))
        kinds: dict[str, list[dict[str, float]]] = {"": [], "text": [], "cards": []}
        with (
            serving(blog_and_service(data)) as address,
            launched(f"MAP *.test {address.removeprefix('http://')}") as browser,
        ):
            visit(browser, "")
            for _ in range(options.rounds):
                for layout, visits in kinds.items():
                    visits.append(visit(browser, layout))
            release = browser.version
    report(kinds, options.rounds, release)


def report(kinds: dict[str, list[dict[str, float]]], rounds: int, release: str) -> None:
    """Print medians, and what the widget adds to those of the page alone."""
    middle = {
        layout: {name: statistics.median(v[name] for v in visits) for name in visits[0]}
        for layout, visits in kinds.items()
    }
    alone = middle.pop("")
    print(f"\nA page with the widget; medians of {rounds} visits, Chromium {release}, "
          f"processor {SLOWER} times slower")  # fmt: skip
    print(f"{'':14}{'blocking':>12}{'work':>12}{'requests':>12}{'bytes':>12}")
    rows = {"without": alone, **{f"with {name}": values for name, values in middle.items()}}
    for name, values in rows.items():
        print(f"{name:14}{values['blocking']:>9.0f} ms{values['work']:>9.0f} ms"
              f"{values['requests']:>12.0f}{values['bytes']:>12,.0f}")  # fmt: skip
    for name, values in middle.items():
        print(f"{name + ' adds':14}{values['blocking'] - alone['blocking']:>+9.0f} ms"
              f"{values['work'] - alone['work']:>+9.0f} ms"
              f"{values['requests'] - alone['requests']:>+12.0f}"
              f"{values['bytes'] - alone['bytes']:>+12,.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
