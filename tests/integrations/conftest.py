"""The bundled blog, trained on and exported once for all engines."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from loopback import serving

from related_posts.cli import cli
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from training.publish import Watcher, train_and_publish
from training.settings import TrainingSettings

ROOT = Path(__file__).resolve().parents[2]
BLOG = ROOT / "examples" / "blog"
SECONDS = 120


@pytest.fixture(scope="session")
def integrations() -> Path:
    """The folder of what is copied into blogs."""
    return ROOT / "integrations"


@pytest.fixture(scope="session")
def blog_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was trained on the bundled blog."""
    data = tmp_path_factory.mktemp("data")
    train_and_publish([str(BLOG)], TrainingSettings(data=data, jobs=1), Mock(spec=Watcher))
    return data


@pytest.fixture(scope="session")
def lists(blog_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``related-posts export`` writes of it."""
    folder = tmp_path_factory.mktemp("exported") / "related"
    done = CliRunner().invoke(cli, ["export", "--data", str(blog_data), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="session")
def service(blog_data: Path) -> Iterator[str]:
    """The service's address."""
    app = create_app(ServiceSettings(data=blog_data, reload_seconds=3600))
    with serving(app) as address:
        yield address
    app.extensions[EXTENSION].stop()


@pytest.fixture
def build() -> Callable[..., str]:
    """Runs a site generator; what it said."""

    def build(program: str, *words: str, at: Path) -> str:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed, or not on the PATH")
        done = subprocess.run(
            [program, *words], cwd=at, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return build
