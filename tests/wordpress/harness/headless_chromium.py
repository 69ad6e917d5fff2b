"""A Chromium without a window, for tests and benchmarks that look at pages.

It reaches the loopback interface and no other host: names lead where the caller says, or
nowhere. Debian and Ubuntu have it as ``chromium``; an installed Google Chrome does as well.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_QUIET = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def program() -> str | None:
    """The path of the browser, or None where none is installed."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def launched(*rules: str) -> Iterator[Browser]:
    """Start the browser.

    Args:
        rules: Where names lead, as Chromium's ``--host-resolver-rules`` takes them:
            ``MAP *.test 127.0.0.1:8000``.
    """
    # The first that fits a name counts.
    names = ", ".join([*rules, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"])
    with sync_playwright() as playwright:
        # As root there is no sandbox to be had; pages are our own.
        browser = playwright.chromium.launch(
            executable_path=program(),
            args=[f"--host-resolver-rules={names}", *_QUIET],
            chromium_sandbox=False,
        )
        yield browser
        browser.close()
