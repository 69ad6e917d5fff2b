"""A blog and its service on one loopback port, and one browser that looks at both.

The browser is told that every name under ``.test`` is that port: ``blog.test`` are the
pages a test wrote, ``related.test`` is the real application. Both are asked over
real HTTP, so caching, CORS, integrity and policies are the browser's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import headless_chromium
import pytest
from loopback import serving
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.wrappers import Request, Response

from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from training.publish import Watcher, train_and_publish
from training.settings import TrainingSettings

ROOT = Path(__file__).resolve().parents[2]
BLOG = ROOT / "examples" / "blog"
POST = "/2019/01/proving-dough-in-a-cold-kitchen/"

#: More than any page takes on a busy machine.
PATIENCE_MS = 60_000

#: Collects every layout shift of a page, also of before the widget's script ran.
_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
  .observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Stage:
    """What the two hosts answer, and what they were asked.

    Attributes:
        app: The service's application.
        pages: Path to HTML, or a whole response, of the blog.
        asked: ``host/path?query`` of every request, in order.
        held: Paths whose answers wait until ``release`` is called.
    """

    app: Any
    pages: dict[str, str | Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    bodies: list[bytes] = field(default_factory=list)
    _gate: threading.Event = field(default_factory=threading.Event)

    def reset(self) -> None:
        """Forget what one test wanted."""
        self.release()
        self.pages, self.asked, self.held, self.bodies = {}, [], set(), []
        self._gate = threading.Event()

    def release(self) -> None:
        """Let the answers that wait go out."""
        self._gate.set()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        host = request.host.partition(":")[0]
        self.asked.append(f"{host}{request.full_path.rstrip('?')}")
        if request.path in self.held:
            assert self._gate.wait(30)
        if host == "related.test":
            return self.app(environ, start_response)
        return self._blog(request)(environ, start_response)

    def _blog(self, request: Request) -> Response:
        page = self.pages.get(request.path)
        if isinstance(page, Response):
            return page
        if page is not None:
            return Response(page, content_type="text/html; charset=utf-8")
        file = BLOG / request.path.lstrip("/")
        if file.suffix == ".svg" and file.is_file():
            return Response(file.read_bytes(), content_type="image/svg+xml")
        return Response("", 404)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the bundled blog, trained once."""
    data = tmp_path_factory.mktemp("widget")
    settings = TrainingSettings(data=data, jobs=1)
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    train_and_publish([str(BLOG)], settings, Mock(spec=Watcher), clock=lambda: moment)
    return data


@pytest.fixture(scope="session")
def stage_server(trained: Path) -> Iterator[tuple[Stage, int]]:
    """The two hosts, listening."""
    settings = ServiceSettings(
        data=trained, reload_seconds=3600, count_origins=("http://blog.test",)
    )
    app = create_app(settings)
    stage = Stage(app)
    with serving(stage) as address:
        yield stage, urlsplit(address).port or 0
    app.extensions[EXTENSION].stop()


@pytest.fixture
def stage(stage_server: tuple[Stage, int]) -> Iterator[Stage]:
    """The two hosts, without pages yet."""
    yield stage_server[0]
    stage_server[0].reset()


@pytest.fixture(scope="session")
def browser(stage_server: tuple[Stage, int]) -> Iterator[Browser]:
    """One Chromium for all tests; they skip where none is installed."""
    if headless_chromium.program() is None:
        pytest.skip("no Chromium is installed (Debian and Ubuntu: apt install chromium)")
    with headless_chromium.launched(f"MAP *.test 127.0.0.1:{stage_server[1]}") as browser:
        yield browser


@pytest.fixture
def look(browser: Browser, stage: Stage) -> Iterator[Callable[..., Page]]:
    """Open a page of the blog: ``look(html, width=…, **options of the context)``.

    ``before`` is given the page before it loads. What a page logs as an error or
    throws is kept as ``page.problems``.
    """
    contexts: list[BrowserContext] = []

    def look(
        html: str | Response,
        path: str = POST,
        *,
        width: int = 768,
        height: int = 900,
        until: Any = "load",
        before: Callable[[Page], object] = lambda page: None,
        **options: Any,
    ) -> Page:
        stage.pages[path] = html
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", **options
        )
        contexts.append(context)
        context.add_init_script(_SHIFTS)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.problems = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda mistake: page.problems.append(str(mistake)))  # type: ignore
        before(page)
        page.goto(f"http://blog.test{path}", wait_until=until)
        return page

    yield look
    stage.release()
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe_script() -> str:
    """axe-core, as the development dependency ships it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


@pytest.fixture
def axe(axe_script: str) -> Callable[[Page], list[str]]:
    """What axe-core finds in a page: rule and element of each violation."""

    def run(page: Page) -> list[str]:
        page.evaluate(axe_script)
        found = page.evaluate("axe.run()")
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return run
