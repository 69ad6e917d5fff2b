"""The wheel: everything the product needs, nothing else, and a command that starts."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from related_posts import __version__

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("related_posts", "training", "service")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release is."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    """The paths of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_exactly_the_packages(contents: set[str]) -> None:
    """Every file of the three packages is in the wheel, and no other file is."""
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {name for name in contents if ".dist-info/" not in name}
    assert shipped == expected


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed(contents: set[str], package: str) -> None:
    """Users' type checkers may read our annotations."""
    assert f"{package}/py.typed" in contents


@pytest.mark.parametrize("folder", ["service/static/", "service/templates/"])
def test_the_wheel_holds_what_pages_need(contents: set[str], folder: str) -> None:
    """Templates and static files travel with the service."""
    assert [name for name in contents if name.startswith(folder)]


def test_the_wheel_carries_the_licence(contents: set[str]) -> None:
    """Whoever gets the wheel gets its terms."""
    assert f"related_posts-{__version__}.dist-info/licenses/LICENSE" in contents


def test_the_wheel_installs_one_command(wheel: Path) -> None:
    """The wheel declares the command `related-posts` and no other."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"related_posts-{__version__}.dist-info/entry_points.txt").decode()
    assert text.split() == ["[console_scripts]", "related-posts", "=", "related_posts.cli:main"]


def test_the_command_is_installed() -> None:
    """This environment has the command, and it tells its version."""
    (entry,) = entry_points(group="console_scripts", name="related-posts")
    assert entry.value == "related_posts.cli:main"
    command = Path(sys.executable).with_name("related-posts")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith(__version__)


def test_the_wheel_works_without_the_source(wheel: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere, the wheel's own modules are imported and show help."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import related_posts, related_posts.cli as cli\n"
        f"assert related_posts.__file__.startswith({str(tmp_path)!r})\n"
        "cli.main(['--help'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout
