"""A real WordPress for each test, on one database server; and our command as a user runs it."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

import pytest
from scratch_mariadb import MariaDB
from scratch_wordpress import WordPress, missing

COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()"]
_numbers = itertools.count()

#: Runs our command with these words in the test's folder.
Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A database server. Whoever runs these tests wants them run, so nothing is skipped."""
    if lacking := missing():
        pytest.fail(f"not installed: {', '.join(lacking)}; `make test-wordpress` installs them")
    with MariaDB() as server:
        yield server


@pytest.fixture
def wordpress(mariadb: MariaDB, tmp_path: Path) -> Iterator[WordPress]:
    """A blog without a post."""
    with WordPress(tmp_path, mariadb, f"wordpress{next(_numbers)}") as blog:
        yield blog


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``related-posts`` with these words; ``auth`` goes by the environment."""

    def run(*words: object, auth: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, words)],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **({"RELATED_POSTS_AUTH": auth} if auth else {})},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture(scope="session")
def axe_script() -> str:
    """axe-core, as the development dependency ships it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
