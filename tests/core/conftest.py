"""What the tests of the core share: a tiny version, and places for archives."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from numpy.typing import NDArray
from scratch_postgres import PostgreSQL

from related_posts.storage import Store

_MAKE = Path(__file__).parents[1] / "data" / "indexes" / "make.py"


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module that makes the tiny version: its POSTS, DETAILS, NOW and arrays()."""
    spec = importlib.util.spec_from_file_location("make_index", _MAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def arrays(tiny: ModuleType) -> dict[str, NDArray[Any]]:
    """All arrays of the tiny version, free to be changed."""
    made: dict[str, NDArray[Any]] = tiny.arrays()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A data folder that does not exist yet."""
    return Store(tmp_path / "data")


@pytest.fixture
def published(store: Store, tiny: ModuleType) -> str:
    """The name of the tiny version, written to ``store`` and published there."""
    name = store.write(tiny.arrays(), tiny.DETAILS, now=tiny.NOW)
    store.publish(name)
    return name


@pytest.fixture
def now() -> datetime:
    """A moment after the tiny version's."""
    return datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an archive is kept: a new data folder, and a new database of a server."""
    if request.param == "sqlite":
        return tmp_path
    server: PostgreSQL = request.getfixturevalue("postgres")
    return server.database()
