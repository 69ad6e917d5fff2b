"""A disk that gives back something else, a folder that may not be written, a clock set back.

For everything that runs on a data folder: a training, a publish, a rollback, a prune, a worker
and a service. ``training/test_crash_safety.py`` breaks the same off in the middle.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.errors import RelatedPostsError
from related_posts.ledger import LEDGER_FILE
from related_posts.posts import Post
from related_posts.status import STATUS_FILE, read_status
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions
from training.worker.loop import Worker

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
IDS = {"b", "c", "d", "x"}


def settings(data: Path) -> TrainingSettings:
    """How everything here is trained: without a trial for the gate."""
    return TrainingSettings(
        data=data, jobs=1, keep_versions=0, gate_ndcg=1.0, worker_quiet_seconds=0
    )


def train(data: Path, *places: str, at: datetime = LATER) -> None:
    """One training."""
    train_and_publish(places, settings(data), Lines(), clock=lambda: at)


class Hand:
    """A worker that takes its steps when it is told to, and the clocks it looks at."""

    def __init__(self, data: Path) -> None:
        self.data, self.wall, self.now = data, LATER, 0.0
        self.worker = Worker(
            settings(data),
            threading.Event(),
            clock=lambda: self.wall,
            monotonic=lambda: self.now,
        )

    def step(self) -> None:
        """Two steps, the second when everything is due."""
        for _ in range(2):
            self.worker.step()
            self.now += 10_000

    def error(self) -> object:
        """What it says of itself to everybody."""
        told = read_status(self.data)
        assert told is not None
        return told["last_error"]


def asked(data: Path) -> tuple[int, set[str]]:
    """What a service that starts now answers for b: its status, and the ids on the list."""
    app = create_app(ServiceSettings(data=data, reload_seconds=3_600))
    try:
        client = app.test_client()
        answer = client.get("/v1/related?id=b")
        for path in ("/v1/status", "/metrics", "/healthz", "/v1/related?id=nowhere"):
            assert client.get(path).status_code in (200, 401, 404, 503), path
        if answer.status_code != 200:
            assert answer.content_type == "application/problem+json"
            return answer.status_code, set()
        return 200, {item["id"] for item in answer.get_json()["items"]}
    finally:
        app.extensions[EXTENSION].stop()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that were live in turn, one that waits, a withdrawn post, a source."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    for number, ids in enumerate(("abc", "abcd")):
        export = data.parent / "posts.jsonl"
        posts = ({"id": id_, "url": f"/{id_}/", "title": f"bread flour {id_}"} for id_ in ids)
        export.write_text("\n".join(map(json.dumps, posts)))
        train(data, str(export), at=NOW + timedelta(hours=number))
    with Archive(data) as archive:
        with archive.writing(NOW) as update:
            update.withdraw("a")
            update.put(Post(id="x", url="https://b.example/x/", title="bread flour x"))
        publish_state(archive, data)
    train_and_publish(
        [], settings(data), Lines(), publish=False, clock=lambda: NOW + timedelta(hours=2)
    )
    Hand(data).worker._tell("waiting")
    assert len(Versions(data).store.names()) == 3
    return data


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A copy of that for one test."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


ACTS: dict[str, Callable[[Path], object]] = {
    "train": train,
    "publish": lambda data: Versions(data).publish(Versions(data).store.names()[2]),
    "rollback": lambda data: Versions(data).rollback(LATER),
    "prune": lambda data: Versions(data).prune(1, LATER),
    "worker": lambda data: Hand(data).step(),
    "serve": asked,
}

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) * 2 // 3],
    "flipped": lambda content: (
        content[: len(content) // 2]
        + bytes([content[len(content) // 2] ^ 4])
        + content[len(content) // 2 + 1 :]
    ),
    "garbage": lambda content: bytes(range(255, -1, -1)) * (1 + len(content) // 256),
}

#: What is damaged: files of the folder, and of the live version and the one before.
FILES = (
    *("current", LEDGER_FILE, "overlay", STATUS_FILE, "analysis-cache.sqlite3"),
    *("archive.sqlite3", "manifest.json 1", "items.npy 1", "neighbours.npy 0"),
)


def put(path: Path, content: bytes) -> None:
    """Put content in the place of a file, as a disk gives it back at the next look."""
    aside = path.with_name("aside")
    aside.write_bytes(content)
    aside.replace(path)


#: Every damage of every file, or each file damaged in one way that differs from act to act.
EVERY = bool(os.environ.get("RELATED_POSTS_TEST_EVERY_FAULT"))


@pytest.mark.parametrize("act", ACTS)
def test_a_damaged_file_gives_no_wrong_answer(act: str, data: Path) -> None:
    """Whichever it is: an error that is ours or none, and a list of these posts or a refusal.

    Nothing stands in the way of a folder that is put back as it was: then all goes well again.
    """
    whole = data.with_name("whole")
    data.rename(whole)
    turn = list(ACTS).index(act)
    for how, file in product(DAMAGES, FILES):
        if not EVERY and (list(DAMAGES).index(how) + FILES.index(file) + turn) % len(DAMAGES):
            continue
        name, _, version = file.partition(" ")
        shutil.copytree(whole, data)
        place = data
        if version:
            place = data / "versions" / Versions(data).store.names()[int(version)]
        put(place / name, DAMAGES[how]((place / name).read_bytes()))
        with suppress(RelatedPostsError):
            ACTS[act](data)
        status, ids = asked(data)
        assert status in (200, 503), file
        assert ids <= IDS - {"b"}, file
        if act in ("train", "worker") and name not in ("archive.sqlite3", LEDGER_FILE):
            assert (status, ids) == (200, IDS - {"b"}), file
        shutil.rmtree(data)
        shutil.copytree(whole, data)
        ACTS[act](data)
        assert asked(data)[0] == 200, file
        shutil.rmtree(data)


def refuse(*_: object, **__: object) -> None:
    """What a read-only file system says."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_worker_goes_on_where_its_folder_cannot_be_written(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, readers notice nothing, and it does all that is due once it can."""
    hand = Hand(data)
    before = Versions(data).live()
    with monkeypatch.context() as patch:
        for call in ("write", "fsync", "rename", "replace", "unlink", "rmdir", "mkdir"):
            patch.setattr(os, call, refuse)
        hand.step()
        assert "the file system is read-only" in str(hand.worker.status.last_error)
        assert (Versions(data).live(), asked(data)) == (before, (200, {"c", "d"}))
    hand.step()
    assert (hand.error(), asked(data)) == (None, (200, IDS - {"b"}))


def test_a_status_that_could_not_be_written_is_written_later(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Though nothing new is to be said; and the trouble is told once."""
    hand = Hand(data)
    hand.step()
    (data / STATUS_FILE).unlink()
    hand.worker._told = b""
    with monkeypatch.context() as patch:
        patch.setattr("training.worker.loop.replace_file", refuse)
        hand.step()
    assert read_status(data) is None
    assert caplog.text.count("the status cannot be written") == 1
    hand.step()
    assert hand.error() is None


def add(data: Path, id_: str) -> None:
    """Write a post as the API does."""
    with Archive(data) as archive, archive.writing(LATER) as update:
        update.put(Post(id=id_, url=f"https://b.example/{id_}/", title=f"bread flour {id_}"))


@pytest.mark.parametrize("days", [-900, 900])
def test_a_worker_whose_clock_jumps(days: int, data: Path) -> None:
    """It trains what is written, whatever the date is, and its version is live."""
    hand = Hand(data)
    hand.step()
    hand.wall += timedelta(days=days)
    add(data, "y")
    hand.step()
    assert (hand.error(), asked(data)) == (None, (200, {*IDS, "y"} - {"b"}))
    told = read_status(data)
    assert told is not None
    assert told["last_training"]["at"].startswith(f"{hand.wall:%Y-%m-%d}")


def test_a_version_from_the_future_is_as_old_as_nothing(data: Path) -> None:
    """Where the clock was set back since it was built: no negative age, and a good answer."""
    add(data, "y")
    train(data, at=datetime.now(UTC) + timedelta(days=400))
    app = create_app(ServiceSettings(data=data, reload_seconds=3_600, max_age_seconds=60))
    try:
        client = app.test_client()
        assert client.get("/v1/related?id=b").status_code == 200
        assert client.get("/v1/status").get_json()["age_seconds"] == 0
        assert "related_posts_version_age_seconds 0" in client.get("/metrics").text
    finally:
        app.extensions[EXTENSION].stop()


def test_publishing_and_pruning_know_no_clock(data: Path) -> None:
    """A version of the past is published, and a prune by an earlier clock spares what it must."""
    versions = Versions(data)
    add(data, "y")
    train(data, at=NOW - timedelta(days=900))
    oldest = versions.store.names()[0]
    assert versions.live() == oldest
    newest = versions.store.names()[-1]
    versions.publish(newest)
    assert versions.prune(2, NOW - timedelta(days=999)).removed
    assert set(versions.store.names()) == {oldest, newest}
