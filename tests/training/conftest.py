"""What the tests of training share: servers that stand for the web, and sites made of texts."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from training.sources.base import Item
from training.sources.markdown.folder import MarkdownSource
from training.sources.markdown.options import MarkdownOptions

_FAKES = Path(__file__).parent / "fakes"


def _fake(name: str) -> ModuleType:
    """A module of the folder ``fakes``, which no import statement of a test finds."""
    full_name = f"fake_{name}"
    if full_name not in sys.modules:
        spec = importlib.util.spec_from_file_location(full_name, _FAKES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[full_name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[full_name]


@pytest.fixture(scope="session")
def fake_web() -> ModuleType:
    """``fakes/web.py``: ``Reply``, ``Asked``, ``serving``."""
    return _fake("web")


@pytest.fixture(scope="session")
def fake_wordpress() -> ModuleType:
    """``fakes/wordpress.py``: ``WordPress``, ``row``, ``rows_of``."""
    return _fake("wordpress")


@pytest.fixture
def serve(fake_web: ModuleType) -> Iterator[Callable[..., Any]]:
    """Starts servers: give a function of what is asked; they end with the test."""
    with ExitStack() as servers:
        yield lambda answer: servers.enter_context(fake_web.serving(answer))


@pytest.fixture
def read_site(tmp_path: Path) -> Callable[..., list[Item]]:
    """Writes files by path and content, and gives the items of the site they are.

    ``inner`` names the folder in it that is read; other keywords are ``MarkdownOptions``.
    """
    folder = tmp_path / "site"

    def read(
        files: dict[str, str], site: str | None = None, *, inner: str = "", **options: str
    ) -> list[Item]:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        source = MarkdownSource(
            folder / inner,
            site=site,
            now=datetime(2026, 1, 1, tzinfo=UTC),
            options=MarkdownOptions(**options),
        )
        return list(source.read())

    return read
