"""Whatever fails, and whenever: a good version stays live, and the next run recovers by itself.

Each way of changing a data folder is broken off at the system calls that it makes, whoever makes
them (SQLite too): by a full disk, by an error of the disk, by ``kill -9`` with half of a write
done, by a cut of the power (``harness/power_cut.py``), and by a cut after a kill: before the act
is done again, or while it is. The calls are those of a run that goes well, so a new one cannot be
forgotten. About 450 cases are tried, some of each kind. ``make test-faults`` tries every one, half
a second of a processor each; ``make test-faults PYTEST='-k worker'`` those of one act. They change
nothing outside of the folder for temporary files, which may be in memory (``TMPDIR=/dev/shm``).
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions

HARNESS = Path(__file__).parents[1] / "harness"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)

#: Set in the environment to try every case.
EVERY = "RELATED_POSTS_TEST_EVERY_FAULT"

#: What ``harness/chain.py`` breaks off, and a call that must be among those it makes.
ACTS = {
    "put": "write ./archive.sqlite3-wal",
    "delete": "rename ./.overlay-",
    "bulk": "write ./archive.sqlite3-wal",
    "rule": "rename ./.overlay-",
    "wish": "rename ./.reread-",
    "first": "rename ./first/.current-",
    "export": "rename ./.related-posts-export-",
    "export folder": "rename ./lists/.related-posts-export-",
    "read": "write ./archive.sqlite3-wal",
    "train": "rename ./.current-",
    "train anew": "remove ./analysis-cache.sqlite3",
    "train upon": "link ./versions/",
    "worker": "rename ./.status.json-",
    "publish": "rename ./.current-",
    "hold": "rename ./.ledger-",
    "rollback": "rename ./.ledger-",
    "prune": "remove ./versions/.writing-",
    "overlay": "rename ./.overlay-",
    "keys": "rename ./.keys.json-",
    "counts": "write ./counts.sqlite3",
}

#: The power is cut after a kill of these, where not every case is tried.
KILLED = ("put", "train upon", "publish", "rollback")
FAULTS = [
    *((act, fault) for act in ACTS for fault in ("kill", "full", "broken", "cut")),
    *((act, "kill, cut") for act in (ACTS if os.environ.get(EVERY) else KILLED)),
]

Chain = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Breaks an act off by a fault; what it found."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("no C compiler on Linux here (Debian: apt-get install gcc)")
    folder = tmp_path_factory.mktemp("chain")
    shim = folder / "faults.so"
    options = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *options, "-o", shim, HARNESS / "faults.c", "-ldl"], check=True)
    (folder / "data").mkdir()
    # Threads of libraries would not survive the forks.
    variables = {**os.environ, "LD_PRELOAD": str(shim), "OMP_NUM_THREADS": "1"}
    with (folder / "log.txt").open("w") as log:
        driver = subprocess.Popen(
            [sys.executable, HARNESS / "chain.py", folder / "data"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=variables,
            cwd=HARNESS.parents[1],
        )
    assert driver.stdin is not None
    assert driver.stdout is not None

    def run(act: str, fault: str) -> dict[str, Any]:
        assert driver.stdin is not None
        assert driver.stdout is not None
        print(json.dumps({"act": act, "fault": fault}), file=driver.stdin, flush=True)
        line = driver.stdout.readline()
        assert line, (folder / "log.txt").read_text()[-3000:]
        found: dict[str, Any] = json.loads(line)
        return found

    yield run
    driver.communicate(timeout=60)


@pytest.mark.parametrize(("act", "fault"), FAULTS)
def test_it_breaks_off_anywhere(chain: Chain, act: str, fault: str) -> None:
    """A good version is served all the time; done is done; done again, nothing is left of it.

    What an interruption left is removed by the next who writes there, who says so.
    """
    found = chain(act, fault)
    assert any(call.startswith(ACTS[act]) for call in found["calls"])
    assert found["failures"] == []


def export(path: Path, *ids: str) -> str:
    """Write an export of these posts; its path."""
    posts = ({"id": id_, "url": f"/{id_}/", "title": f"bread flour {id_}"} for id_ in ids)
    path.write_text("\n".join(map(json.dumps, posts)))
    return str(path)


def train(data: Path, *places: str, at: datetime = LATER) -> None:
    """One training."""
    settings = TrainingSettings(data=data, jobs=1, keep_versions=0)
    train_and_publish(places, settings, Lines(), clock=lambda: at)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that were live in turn, one that waits, and a post that was withdrawn."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    for number, ids in enumerate(("abc", "abcd")):
        train(data, export(data.parent / "posts.jsonl", *ids), at=NOW + timedelta(hours=number))
    with Archive(data) as archive:
        with archive.writing(NOW) as update:
            update.withdraw("a")
            update.put(Post(id="x", url="https://b.example/x/", title="bread x"))
        publish_state(archive, data)
    versions = Versions(data)
    versions.rollback(NOW)
    train(data, at=NOW + timedelta(hours=2))
    versions.publish(versions.store.names()[1])
    assert len(versions.store.names()) == 3
    return data


@pytest.fixture
def versions(prepared: Path, tmp_path: Path) -> Versions:
    """A copy of that for one test."""
    return Versions(Path(shutil.copytree(prepared, tmp_path / "data")))


def live(versions: Versions) -> set[str]:
    """The ids of the live version, whose every byte was checked."""
    with versions.store.open(verify=True) as index:
        return {str(index.post(row)["id"]) for row in range(index.n_posts)}


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "flipped": lambda content: (
        content[: len(content) // 2]
        + bytes([content[len(content) // 2] ^ 4])
        + content[len(content) // 2 + 1 :]
    ),
    "garbage": lambda content: os.urandom(max(4096, len(content))),
}


def damaged(path: Path, how: str) -> None:
    """Put a damaged file in the place of a good one, as a disk gives it back at the next look."""
    aside = path.with_name("aside")
    aside.write_bytes(DAMAGES[how](path.read_bytes()))
    aside.replace(path)


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize(
    "name", ["current", "analysis-cache.sqlite3", "overlay", "manifest.json", "items.npy"]
)
def test_a_training_mends_what_can_be_made_again(versions: Versions, name: str, how: str) -> None:
    """A damaged pointer, version, mask or cache: the next training makes all good by itself."""
    data = versions.store.data
    path = data / name
    if not path.exists():
        path = versions.store.versions / versions.store.current_name() / name
    damaged(path, how)
    train(data)
    assert live(versions) == {"b", "c", "d", "x"}
    assert read_state(data).withdrawn_ids == ("a",)
    assert versions.ledger().published[-1] == versions.store.current_name()


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_version_that_waits_harms_nobody(versions: Versions, how: str) -> None:
    """It is not published, not taken for an equal one, and pruned in its time."""
    waiting = versions.store.names()[2]
    damaged(versions.store.versions / waiting / "neighbours.npy", how)
    with pytest.raises(StorageError, match="neighbours"):
        versions.publish(waiting)
    train(versions.store.data)
    assert live(versions) == {"b", "c", "d", "x"}
    versions.prune(1, LATER + timedelta(days=9))
    assert len(versions.store.names()) == 1


def refuse(*_: object, **__: object) -> None:
    """What a read-only file system says."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_folder_that_cannot_be_written(
    versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is refused in a sentence, and reading goes on."""
    names = versions.store.names()
    acts: list[Callable[[], object]] = [
        lambda: versions.publish(names[2]),
        lambda: versions.settle(names[2], held=None, now=NOW),
        lambda: versions.settle(names[2], held=Held("gate", "x", NOW), now=NOW),
        lambda: versions.rollback(NOW),
        lambda: train(versions.store.data),
    ]
    for call in ("write", "fsync", "rename", "replace", "unlink", "rmdir", "mkdir"):
        monkeypatch.setattr(os, call, refuse)
    for act in acts:
        with pytest.raises(StorageError, match="the file system is read-only"):
            act()
    pruned = versions.prune(1, LATER)
    assert (pruned.removed, set(pruned.spared)) == ((), {names[0], names[2]})
    assert versions.store.current_name() == names[1]
    assert live(versions) == {"a", "b", "c", "d"}


def test_a_clock_that_goes_back(versions: Versions) -> None:
    """A version built in the past is live all the same, and a rollback knows the order."""
    before = versions.store.current_name()
    past = NOW - timedelta(days=900)
    train(versions.store.data, export(versions.store.data.parent / "p.jsonl", *"bcdy"), at=past)
    now_live = versions.store.current_name()
    assert now_live.startswith(f"{past:%Y%m%d}")
    assert live(versions) == {"b", "c", "d", "x", "y"}
    assert versions.rollback(past) == (now_live, before)
    assert now_live not in versions.prune(1, past - timedelta(days=1)).removed
