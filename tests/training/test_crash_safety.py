"""Whatever fails, and whenever: a good version stays live, and the next run recovers.

Each way of changing what is live is broken off at every write, sync, rename and removal it
makes: by an error of the disk, and by the end of the process with half of a write done.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.curation.state import read_state
from related_posts.errors import StorageError
from related_posts.ledger import Held
from related_posts.posts import Post
from training.versions import Versions

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
#: The system calls that change a disk.
CALLS = ("write", "fsync", "rename", "replace", "unlink", "rmdir", "mkdir")
_MAKE = Path(__file__).parents[1] / "data" / "indexes" / "make.py"


def _tiny() -> Any:
    spec = importlib.util.spec_from_file_location("make_index_for_crashes", _MAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TINY = _tiny()


def write(versions: Versions, number: int) -> str:
    """Write the tiny version with a mark of its own."""
    moment = NOW + timedelta(minutes=number)
    return versions.store.write(TINY.arrays(), {"site": f"https://{number}.example"}, now=moment)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that were live in turn, one that waits, and a post that was withdrawn."""
    data = tmp_path_factory.mktemp("prepared")
    versions = Versions(data)
    for number in range(2):
        versions.settle(write(versions, number), held=None, now=NOW)
    versions.settle(write(versions, 2), held=Held("rollback", "a test", NOW), now=NOW)
    with Archive(data) as archive, archive.writing(NOW) as update:
        update.put(Post(id="a", url="https://b.example/a/", title="a"))
        update.withdraw("a")
    return data


Act = Callable[[Versions, list[str]], object]


def _overlay(versions: Versions, _: list[str]) -> None:
    with Archive(versions.store.data) as archive:
        publish_state(archive, versions.store.data)


#: What is done, and the places of the versions that may be live afterwards.
ACTS: dict[str, tuple[Act, set[int]]] = {
    "write": (lambda versions, _: write(versions, 3), {1}),
    "publish": (lambda versions, names: versions.publish(names[2]), {1, 2}),
    "settle": (lambda versions, names: versions.settle(names[2], held=None, now=NOW), {1, 2}),
    "hold": (
        lambda versions, names: versions.settle(names[2], held=Held("gate", "x", NOW), now=NOW),
        {1},
    ),
    "rollback": (lambda versions, _: versions.rollback(NOW), {0, 1}),
    "prune": (lambda versions, _: versions.prune(1, LATER), {1}),
    "overlay": (_overlay, {1}),
}


@contextmanager
def broken_at(step: int, break_off: Callable[[], None]) -> Iterator[list[str]]:
    """Break off at one of the calls that change a disk; gives the calls that were made."""
    made: list[str] = []

    def patched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            if len(made) == step + 1:
                if name == "write":
                    descriptor, content = arguments
                    real(descriptor, bytes(content)[: len(content) // 2])
                break_off()
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, patched(name, getattr(os, name)))
        yield made


def copied(prepared: Path, place: Path) -> Versions:
    """A data folder of its own for one attempt."""
    return Versions(Path(shutil.copytree(prepared, place)))


def litter(data: Path) -> list[str]:
    """What an interruption left behind: hidden names that are no locks."""
    hidden = [*data.glob(".*"), *(data / "versions").glob(".*")]
    return [path.name for path in hidden if not path.name.endswith(".lock")]


def check(versions: Versions, names: list[str], allowed: set[int]) -> None:
    """A whole version is live, one of those allowed; a rollback that moved it holds."""
    with versions.store.open(verify=True) as index:
        assert index.version in {names[place] for place in allowed}
    ledger = versions.ledger()
    assert ledger.published[-1] == index.version
    if index.version == names[0]:
        assert ledger.rollback is not None
    read_state(versions.store.data)


def recover(versions: Versions, names: list[str], act: Act) -> None:
    """Doing it again, and whatever comes next, goes well and leaves no litter."""
    try:
        act(versions, names)
    except StorageError as problem:
        # It was done already, before it was broken off.
        assert "no version was live before" in str(problem)  # noqa: PT017
    write(versions, 9)
    _overlay(versions, names)
    versions.publish(versions.store.names()[-1])
    assert versions.ledger().rollback is None
    assert read_state(versions.store.data).withdrawn_ids == ("a",)
    assert litter(versions.store.data) == []


def n_steps(prepared: Path, place: Path, act: Act) -> int:
    """How many calls an act makes."""
    versions = copied(prepared, place)
    with broken_at(-1, lambda: None) as made:
        act(versions, versions.store.names())
    return len(made)


def some_of(steps: int) -> list[int]:
    """Every step of a short act; the first and the last of writing many arrays."""
    return [*range(min(steps, 9)), *range(max(9, steps - 8), steps)]


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_error_of_the_disk(prepared: Path, tmp_path: Path, name: str, code: int) -> None:
    """Every step may fail: what is live is whole, and the next run goes well."""
    act, allowed = ACTS[name]
    steps = n_steps(prepared, tmp_path / "trial", act)
    for step in some_of(steps):
        versions = copied(prepared, tmp_path / f"{step}")
        names = versions.store.names()

        def fail() -> None:
            raise OSError(code, os.strerror(code))

        with broken_at(step, fail):
            try:
                act(versions, names)
            except StorageError as problem:
                assert os.strerror(code) in str(problem)  # noqa: PT017
        check(versions, names, allowed)
        recover(versions, names, act)


@pytest.mark.parametrize("name", ACTS)
def test_the_end_of_the_process(prepared: Path, tmp_path: Path, name: str) -> None:
    """Killed at any step, nothing is tidied up: the next process does that."""
    act, allowed = ACTS[name]
    steps = n_steps(prepared, tmp_path / "trial", act)
    for step in some_of(steps):
        versions = copied(prepared, tmp_path / f"{step}")
        names = versions.store.names()
        child = os.fork()
        if child == 0:
            try:
                with broken_at(step, lambda: os._exit(9)):
                    act(versions, names)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        check(versions, names, allowed)
        recover(versions, names, act)


def test_a_folder_that_cannot_be_written(prepared: Path, tmp_path: Path) -> None:
    """Everything is refused in a sentence, and reading goes on."""
    versions = copied(prepared, tmp_path / "data")
    names = versions.store.names()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    for name in ("publish", "settle", "hold", "rollback", "prune", "write"):
        with pytest.MonkeyPatch.context() as patch:
            for call in CALLS:
                patch.setattr(os, call, refuse)
            with pytest.raises(StorageError, match="give this user the right"):
                ACTS[name][0](versions, names)
        check(versions, names, {1})


def test_a_clock_that_goes_back(prepared: Path, tmp_path: Path) -> None:
    """A version built in the past is live all the same, and a rollback knows the order."""
    versions = copied(prepared, tmp_path / "data")
    live = versions.store.current_name()
    past = versions.store.write(TINY.arrays(), {}, now=NOW - timedelta(days=900))
    assert versions.settle(past, held=None, now=NOW - timedelta(days=900)) is None
    assert versions.store.current_name() == past
    assert versions.rollback(NOW - timedelta(days=900)) == (past, live)
    assert past not in versions.prune(1, NOW - timedelta(days=901)).removed
