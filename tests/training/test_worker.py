"""The worker: when it reads and trains, and that nothing ends it."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from related_posts.archive import Archive
from related_posts.posts import Post
from related_posts.status import REREAD_FILE, SOURCES_FILE, STATUS_FILE, read_status
from related_posts.storage import Store
from training.lock import training_lock
from training.settings import TrainingSettings
from training.versions import Versions
from training.worker import loop
from training.worker.loop import Worker, _second
from training.worker.timing import FIRST_PAUSE, LONGEST_PAUSE, Burst, Rhythm, pause

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()", "worker"]


class Time:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wall = NOW

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    """The clock of a test's workers."""
    return Time()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def make(data: Path, time: Time) -> Worker:
    """A worker that trains after 2 seconds of quiet, and after 10 at the latest."""
    settings = TrainingSettings(
        data=data, jobs=1, gate_ndcg=1.0, worker_quiet_seconds=2, worker_longest_seconds=10
    )
    return Worker(settings, threading.Event(), clock=lambda: time.wall, monotonic=lambda: time.now)


def write(data: Path, *ids: str) -> None:
    """Write posts as the API does."""
    with Archive(data) as archive, archive.writing(NOW) as update:
        for id_ in ids:
            update.put(Post(id=id_, url=f"https://b.example/{id_}/", title=f"bread {id_}"))


def export(data: Path, *ids: str) -> None:
    """Write an export into the data folder."""
    posts = [{"id": id_, "url": f"/{id_}/", "title": f"bread {id_}"} for id_ in ids]
    (data / "posts.jsonl").write_text("\n".join(map(json.dumps, posts)))


def listed(data: Path, *paths: str, interval: str = "1h") -> None:
    """Write ``sources.toml``."""
    tables = [f'[[source]]\npath = "{path}"\ninterval = "{interval}"\n' for path in paths]
    (data / SOURCES_FILE).write_text("".join(tables))


def live(data: Path) -> set[str]:
    """The ids in the live version."""
    with Store(data).open() as index:
        return {str(index.post(row)["id"]) for row in range(index.n_posts)}


def status(data: Path) -> dict[str, Any]:
    """What the status file says."""
    found = read_status(data)
    assert found is not None
    return found


def test_an_empty_folder_is_watched(data: Path, time: Time) -> None:
    """Without posts and sources there is nothing to do, and no error."""
    make(data, time).step()
    assert status(data)["doing"] == "waiting"
    assert status(data)["last_error"] is None
    assert status(data)["next_run"] is None


def test_an_archive_that_nobody_wrote_to_is_not_opened(
    data: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files tell; it is asked at a write, and now and then."""
    write(data, "a")
    worker = make(data, time)
    asked: list[float] = []
    revision = Archive.revision
    monkeypatch.setattr(
        Archive, "revision", lambda archive: asked.append(time.now) or revision(archive)
    )

    def asks() -> bool:
        before = len(asked)
        worker.step()
        return len(asked) > before

    assert [asks(), asks()] == [True, False]
    write(data, "b")
    assert [asks(), asks()] == [True, False]
    time.now += loop.ASK_SECONDS
    assert [asks(), asks()] == [True, False]
    time.now += 2
    assert asks()
    assert live(data) == {"a", "b"}


def test_writes_are_trained_after_a_moment_of_quiet(data: Path, time: Time) -> None:
    """Several writes in a row make one version."""
    worker = make(data, time)
    for id_ in "abc":
        write(data, id_)
        worker.step()
        assert not Store(data).names()
        time.go(1)
    time.go(1)
    worker.step()
    assert live(data) == {"a", "b", "c"}
    assert len(Store(data).names()) == 1
    told = status(data)["last_training"]
    assert (told["published"], told["posts"], told["version"]) == (True, 3, *Store(data).names())
    # Nothing changed since, so nothing is trained.
    time.go(100)
    worker.step()
    assert status(data)["last_training"] == told


def test_writes_that_never_pause_are_trained_in_time(data: Path, time: Time) -> None:
    """The longest wait is kept, however busy the writers are."""
    worker = make(data, time)
    n_written = 0
    while not Store(data).names():
        write(data, f"p{n_written}")
        n_written += 1
        worker.step()
        time.go(1)
    assert n_written == 11


def test_sources_are_read_on_schedule(data: Path, time: Time) -> None:
    """At once when they are new, then after each interval."""
    export(data, "a", "b")
    listed(data, "posts.jsonl")
    worker = make(data, time)
    worker.step()
    time.go(2)
    worker.step()
    assert live(data) == {"a", "b"}
    export(data, "a", "b", "c")
    time.go(3500)
    worker.step()
    assert live(data) == {"a", "b"}
    assert status(data)["next_run"] is not None
    time.go(100)
    worker.step()
    time.go(2)
    worker.step()
    assert live(data) == {"a", "b", "c"}


def test_a_new_worker_keeps_the_schedule(data: Path, time: Time) -> None:
    """What was read by an earlier one is due when it would have been, unless clocks moved."""
    export(data, "a", "b")
    listed(data, "posts.jsonl")
    make(data, time).step()
    export(data, "a", "b", "c")
    time.go(1800)
    make(data, time).step()
    with Archive(data) as archive:
        assert archive.count() == 2
    time.wall = NOW - timedelta(days=400)
    make(data, time).step()
    with Archive(data) as archive:
        assert archive.count() == 3


def test_a_failing_source_stops_nothing(data: Path, time: Time) -> None:
    """The others are read, the error is told once and forgotten when it is mended."""
    export(data, "a", "b")
    listed(data, "missing.jsonl", "posts.jsonl")
    worker = make(data, time)
    worker.step()
    time.go(2)
    worker.step()
    assert live(data) == {"a", "b"}
    told = status(data)
    assert told["last_error"]["what"] == "reading missing.jsonl"
    assert told["sources"]["missing.jsonl"]["error"]
    (data / "posts.jsonl").rename(data / "missing.jsonl")
    export(data, "a", "b")
    time.go(FIRST_PAUSE)
    worker.step()
    assert status(data)["last_error"] is None


def test_a_source_that_is_listed_no_more_has_no_error(data: Path, time: Time) -> None:
    """Nobody reads it again, so that taking it from the list takes its error away."""
    listed(data, "missing.jsonl")
    worker = make(data, time)
    worker.step()
    assert status(data)["last_error"]["what"] == "reading missing.jsonl"
    export(data, "a")
    listed(data, "posts.jsonl")
    worker.step()
    assert status(data)["last_error"] is None


def test_being_asked_makes_sources_due(data: Path, time: Time) -> None:
    """A webhook that names an address alone has everything read again, once."""
    export(data, "a", "b")
    listed(data, "posts.jsonl")
    worker = make(data, time)
    worker.step()
    export(data, "a", "b", "c")
    (data / REREAD_FILE).touch()
    time.go(1)
    worker.step()
    assert not (data / REREAD_FILE).exists()
    with Archive(data) as archive:
        assert archive.count() == 3


def test_a_broken_list_of_sources_leaves_the_earlier(data: Path, time: Time) -> None:
    """Until it is mended, and its error is told."""
    export(data, "a", "b")
    listed(data, "posts.jsonl")
    worker = make(data, time)
    worker.step()
    (data / SOURCES_FILE).write_text("[[source")
    time.go(3600)
    export(data, "a", "b", "c")
    worker.step()
    assert status(data)["last_error"]["what"] == SOURCES_FILE
    with Archive(data) as archive:
        assert archive.count() == 3
    listed(data, "posts.jsonl")
    worker.step()
    assert status(data)["last_error"] is None


def test_a_rollback_holds_and_is_told(data: Path, time: Time) -> None:
    """The worker trains on, and its status says why nothing is published."""
    worker = make(data, time)
    for n in range(2):
        write(data, "a", f"b{n}")
        worker.step()
        time.go(2)
        worker.step()
    Versions(data).rollback(NOW)
    write(data, "c")
    worker.step()
    time.go(2)
    worker.step()
    told = status(data)["last_training"]
    assert told["published"] is False
    assert "rolled back" in told["held"]
    assert "c" not in live(data)


def test_a_failing_training_is_tried_again(
    data: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a full disk the worker waits longer and longer, and then succeeds by itself."""
    worker = make(data, time)
    write(data, "a")
    worker.step()
    attempts = []

    def full(*_: object, **__: object) -> None:
        attempts.append(time.now)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(loop, "train_and_publish", full)
        for _ in range(60):
            time.go(1)
            worker.step()
        assert [b - a for a, b in pairwise(attempts)] == [5, 10, 20]
        assert "No space left" in status(data)["last_error"]["message"]
    time.go(LONGEST_PAUSE)
    worker.step()
    assert live(data) == {"a"}
    assert status(data)["last_error"] is None


def test_a_status_that_cannot_be_written_stops_nothing(
    data: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service then knows less; the lists are fresh all the same."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(loop, "replace_file", full)
    write(data, "a")
    worker = make(data, time)
    worker.step()
    time.go(2)
    worker.step()
    assert live(data) == {"a"}
    assert not (data / STATUS_FILE).exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"doing": 1}', b"\xff"])
def test_a_damaged_status_is_written_anew(data: Path, time: Time, content: bytes) -> None:
    """What an earlier worker knew is lost, no more."""
    (data / STATUS_FILE).write_bytes(content)
    make(data, time).step()
    assert status(data)["doing"] == "waiting"


def test_what_is_lost_is_trained_again(data: Path, time: Time) -> None:
    """A new worker does not believe the status where the live version is damaged."""
    worker = make(data, time)
    write(data, "a")
    worker.step()
    time.go(2)
    worker.step()
    (data / "current").write_text("nonsense")
    worker = make(data, time)
    worker.step()
    time.go(2)
    worker.step()
    assert live(data) == {"a"}


def test_stopping_leaves_nothing_half_done(data: Path, time: Time) -> None:
    """Told to stop while it builds, the worker ends and the live version stays."""
    export(data, "a", "b")
    listed(data, "posts.jsonl")
    worker = make(data, time)
    worker._stop.set()  # as a signal does while the worker is in a step
    with pytest.raises(loop.StoppedError):
        worker.step()
    assert not Store(data).names()
    worker.run()
    assert status(data)["doing"] == "stopped"


def test_one_worker_at_a_time(data: Path) -> None:
    """The second is refused in a sentence; a killed one makes room; SIGTERM ends with 0."""
    command = [*COMMAND, "--data", str(data)]

    def start() -> subprocess.Popen[str]:
        started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert started.stderr is not None
        assert "watching" in started.stderr.readline()
        return started

    with start() as first:
        second = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (second.returncode, second.stdout) == (1, "")
        assert f"another worker, process {first.pid}, watches" in second.stderr
        first.kill()
    with start() as third:
        os.kill(third.pid, signal.SIGTERM)
        assert third.wait(60) == 0
    assert status(data)["doing"] == "stopped"


def test_a_worker_ends_with_what_started_it(data: Path) -> None:
    """Killed, its parent leaves no orphan behind; the log is JSON and says why it ends."""
    command = [*COMMAND, "--data", str(data), "--with-parent", "--log-format", "auto"]
    script = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", script, *command], stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stderr is not None
        first = json.loads(parent.stderr.readline())
        assert first["message"] == f"watching {data} and 0 sources"
        parent.kill()
        # The worker has the pipe too: this waits until it has ended.
        (last,) = map(json.loads, parent.stderr)
    assert last["message"].endswith(f"process {parent.pid}, is gone: the worker ends")
    assert status(data)["doing"] == "stopped"


@pytest.mark.parametrize("what", ["sources.toml", "worker_quiet_seconds"])
def test_why_it_does_not_start_is_told_as_all_else(data: Path, what: str) -> None:
    """A line of JSON where the log is JSON, a sentence for a person; the status is the same."""
    wrong = what.endswith("seconds")
    (data / SOURCES_FILE).write_text("" if wrong else "[[source")
    command = [*COMMAND, "--data", str(data), *(["--set", f"{what}=soon"] if wrong else [])]
    text, lines = (
        subprocess.run([*command, *more], capture_output=True, text=True, timeout=60)
        for more in ([], ["--log-format", "json"])
    )
    assert text.returncode == lines.returncode == 2
    told = json.loads(lines.stderr)
    assert (told["level"], text.stderr) == ("error", f"Error: {told['message']}\n")
    assert what in told["message"]


def test_a_worker_that_waits_for_a_training_ends_when_told(data: Path) -> None:
    """SIGTERM ends it although the other training goes on; what is due stays due."""
    write(data, "a")
    command = [*COMMAND, "--data", str(data), "--set", "worker_quiet_seconds=0"]
    with (
        training_lock(data, lambda: pytest.fail("nobody else is there")),
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker,
    ):
        assert worker.stderr is not None
        told = [worker.stderr.readline() for _ in range(3)]
        assert "training revision 1" in told[1]
        assert "waiting for another training" in told[2]
        worker.terminate()
        assert worker.wait(60) == 0
        assert worker.stderr.read() == ""
    assert status(data)["doing"] == "stopped"
    assert status(data)["revision"] is None
    assert not Store(data).names()


def test_what_is_done_is_told(data: Path, time: Time, caplog: pytest.LogCaptureFixture) -> None:
    """The log has a line when a read or a training begins, and one for what came of it."""
    caplog.set_level(logging.INFO, "training.worker")
    export(data, "a", "b")
    listed(data, "posts.jsonl")
    worker = make(data, time)
    for _ in range(2):
        worker.step()
        time.go(2)
    worker.step()
    first, second, third, fourth = caplog.messages
    assert first == "reading posts.jsonl"
    assert second == "read posts.jsonl: 2 added"
    assert third == "training revision 1 of the archive"
    (name,) = Store(data).names()
    assert re.fullmatch(rf"version {name} of 2 posts after [\d.]+ s is live, built in full", fourth)


def test_the_next_run_is_not_what_is_done_now(
    data: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it trains, and once it has ended, nothing is said to be due in the past."""
    worker = make(data, time)
    write(data, "a")
    worker.step()
    assert status(data)["next_run"] == (NOW + timedelta(seconds=2)).isoformat()
    assert _second(NOW, 1.000_001) == NOW + timedelta(seconds=2)
    time.go(3)
    seen = []

    def look(*_: object, **__: object) -> None:
        seen.append((status(data)["doing"], status(data)["next_run"]))
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(loop, "train_and_publish", look)
    worker.step()
    assert seen == [("training", None)]
    assert status(data)["next_run"] == (time.wall + timedelta(seconds=5)).isoformat()
    worker._stop.set()
    worker.run()
    assert (status(data)["doing"], status(data)["next_run"]) == ("stopped", None)


def test_a_broken_list_of_sources_stops_a_start(data: Path) -> None:
    """Who starts a worker by hand learns of the mistake at once."""
    (data / SOURCES_FILE).write_text('[[source]]\npth = "x"')
    done = subprocess.run(
        [*COMMAND, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "no such name" in done.stderr


def test_a_broken_list_of_sources_stops_no_worker_beside_a_service(data: Path) -> None:
    """It is said once, and what the API writes is trained."""
    write(data, "a")
    (data / SOURCES_FILE).write_text('[[source]]\npth = "x"')
    command = [*COMMAND, "--data", str(data), "--with-parent", "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        told = []
        while "is live" not in (told or [""])[-1]:
            told.append(worker.stderr.readline())
            assert told[-1], told
        worker.terminate()
        told += worker.stderr
    assert live(data) == {"a"}
    assert sum("no such name" in line for line in told) == 1
    assert "ERROR" in next(line for line in told if "no such name" in line)


def test_pauses_grow_to_a_bound() -> None:
    """Each failure in a row waits twice as long, up to ten minutes, or the interval."""
    assert [pause(n) for n in (1, 2, 3, 8, 10_000)] == [5, 10, 20, LONGEST_PAUSE, LONGEST_PAUSE]
    rhythm = Rhythm(15.0, 0.0)
    for _ in range(9):
        rhythm.failed(100.0)
    assert rhythm.due_at == 115.0
    rhythm.hurry(101.0)
    assert rhythm.due_at == 115.0


def test_a_burst_ends() -> None:
    """Without changes nothing is due; the same mark twice is one change."""
    burst = Burst(2, 10)
    assert burst.due_at is None
    burst.see(1, 100)
    burst.see(1, 101)
    assert burst.due_at == 102
    burst.end()
    assert burst.due_at is None
