"""The Makefile and what it runs: a clear word where something is missing."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytest.fixture
def demo() -> ModuleType:
    """The script behind `make demo`, as a module."""
    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port of this machine on which somebody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in a folder, as a person would: without the settings of a make around us."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    command = [str(MAKE), "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@needs_make
def test_help_lists_every_target() -> None:
    """`make help` has a line for every target a person may name."""
    text = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.M)
    shown = make(ROOT, "help").stdout
    assert [line.split()[1] for line in shown.splitlines()] == phony.split()


@needs_make
def test_without_python_there_is_one_clear_sentence(tmp_path: Path) -> None:
    """A machine without a usable Python is told what to install, and nothing is made."""
    folder = tmp_path / "a folder"
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    done = make(folder, "demo", "PYTHON=/nowhere/python3")
    assert done.returncode == 2
    assert done.stdout == ""
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1
    assert "Python 3.11 or newer" in said[0]
    assert not (folder / ".venv").exists()


@needs_make
def test_locking_without_its_tool_is_one_clear_sentence() -> None:
    """`make lock` says which tool is missing before it touches a lock."""
    before = (ROOT / "requirements" / "dev.txt").read_bytes()
    done = make(ROOT, "lock", "UV=/nowhere/uv")
    assert done.returncode == 2
    assert "needs uv" in done.stderr
    assert (ROOT / "requirements" / "dev.txt").read_bytes() == before


def test_a_busy_port_that_was_asked_for_is_an_error(demo: ModuleType, busy_port: int) -> None:
    """Asking for a port that is taken says so and names another way to call."""
    with pytest.raises(SystemExit, match=f"port {busy_port} is busy.*make demo PORT="):
        demo.choose_port("127.0.0.1", busy_port)


def test_a_busy_first_port_is_passed_over(
    demo: ModuleType, busy_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no port was asked for, the next free one is taken, and it is said."""
    demo.FIRST_PORT = busy_port
    chosen = demo.choose_port("127.0.0.1", None)
    assert busy_port < chosen < busy_port + demo.PORTS_TRIED
    assert f"port {busy_port} is busy" in capsys.readouterr().out


def test_the_demo_trains_only_when_something_is_newer(demo: ModuleType, tmp_path: Path) -> None:
    """No training yet, or an input newer than it, makes the demo train; nothing else does."""
    trained, posts = tmp_path / "trained", tmp_path / "posts"
    (posts / "deep" / "__pycache__").mkdir(parents=True)
    for name in ("deep/a.md", "deep/__pycache__/b.pyc"):
        (posts / name).touch()
    assert demo.is_stale(trained, (posts,))
    trained.touch()
    os.utime(posts / "deep" / "a.md", (1, 1))
    assert not demo.is_stale(trained, (posts,))
    os.utime(posts / "deep" / "a.md")
    os.utime(trained, (2, 2))
    assert demo.is_stale(trained, (posts,))


def test_what_a_real_wordpress_needs_is_named_where_it_cannot_be_installed() -> None:
    """Without a package manager the script says which packages are wanted, and fails."""
    script = ROOT / "tests" / "wordpress" / "install.sh"
    done = subprocess.run([script], env={"PATH": "/nowhere"}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "wordpress" in done.stderr
    assert "php-mysql" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_submission_script_ends_with_the_tests() -> None:
    """Nothing is printed after the closing line of the tests; what failed has one more try."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "set -euo pipefail" in script
    # A run with nothing that failed to try again must not count as passed.
    assert "\nAGAIN='--last-failed --last-failed-no-failures none'\n" in script
    assert script.endswith('\nmake test || exec make test PYTEST="$AGAIN"\n')
    # The real WordPress is no option there.
    assert '\nmake test-wordpress || make test-wordpress PYTEST="$AGAIN"\n' in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
