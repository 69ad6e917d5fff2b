"""The worker beside the service: started again where it ends, ended with the service."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from related_posts.status import STATUS_FILE
from service import companion
from service.companion import Companion

DEADLINE_SECONDS = 60.0

#: A service that keeps a command running until it is told to end, or killed.
SERVICE = (
    "import sys; from service.companion import companion\n"
    "with companion(sys.argv[1:]): print('up', flush=True); sys.stdin.read(1)"
)


@pytest.mark.parametrize("killed", [False, True])
def test_the_worker_ends_with_the_service(tmp_path: Path, killed: bool) -> None:
    """Whether the service ends by itself or is killed."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # The worker holds the pipe open: reading it to its end waits for the worker's.
    work = f"import time; out = open({str(pipe)!r}, 'w'); print('at work', file=out, flush=True)\n"
    command = [sys.executable, "-c", SERVICE, sys.executable, "-c", work + "time.sleep(600)"]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as service,
        pipe.open() as worker,
    ):
        assert worker.readline() == "at work\n"
        if killed:
            service.kill()
        else:
            service.communicate(b"x")
        assert worker.read() == ""


def test_a_fork_of_the_service_leaves_the_keeper_alone(tmp_path: Path) -> None:
    """As gunicorn's workers do: they leave through what their parent is within, and at once."""
    script = (
        "import os, sys\nfrom service.companion import companion\n"
        "with companion(sys.argv[1:]) as kept:\n"
        "    pid = os.fork()\n"
        "    if not pid: sys.exit(7)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)\n"
        "    kept.look()\n"
    )
    command = [sys.executable, "-c", script, sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as service:
        try:
            out, error = service.communicate(timeout=DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            service.kill()
            raise
    # Nor is the keeper ended by it: it would be said that it was.
    assert (out, error, service.returncode) == (b"7\n", b"", 0)


def test_a_worker_that_ends_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """After growing pauses, which are said, until the service ends."""
    ours, theirs = os.pipe()
    pauses: list[float] = []

    def closed(_: int, seconds: float) -> bool:
        if seconds >= companion.FIRST_PAUSE:
            pauses.append(seconds)
        return len(pauses) == 4

    monkeypatch.setattr(companion, "_closed", closed)
    companion.supervise([sys.executable, "-c", "raise SystemExit(3)"], ours)
    os.close(ours)
    os.close(theirs)
    assert pauses == [1, 2, 4, 8]
    assert capfd.readouterr().err.count("ended with status 3") == 4


def wait_for(met: Callable[[], Any]) -> None:
    """Poll until something holds; fail after a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def parent(pid: int) -> int:
    """The process that started one; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_keeper_that_is_killed_comes_back(data_folder: Path, serve: Callable[..., Any]) -> None:
    """Nobody has to see to it: a worker watches again, and both end with the service."""
    server = serve("--data", str(data_folder), "--workers", "1", "--with-worker")

    def worker_but(other: int) -> int:
        """The worker that watches, where it is none that was there before."""
        try:
            found = json.loads((data_folder / STATUS_FILE).read_text())
        except FileNotFoundError:
            return 0
        pid = int(found["pid"])
        return pid if found["doing"] == "waiting" and pid != other and parent(pid) else 0

    wait_for(lambda: worker_but(0))
    first = worker_but(0)
    keeper = parent(first)
    assert parent(keeper) == server.process.pid
    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: worker_but(first))
    second = worker_but(first)
    again = parent(second)
    assert again != keeper
    assert parent(again) == server.process.pid
    # It would keep the port when the service has ended.
    held = [str(path.readlink()) for path in Path(f"/proc/{again}/fd").iterdir()]
    assert not [each for each in held if each.startswith("socket:")]
    assert server.get("/v1/status")[1]["doing"] == "waiting"
    assert server.stop().count("the keeper of the worker") == 1
    assert (parent(first), parent(second), parent(again)) == (0, 0, 0)


def test_a_keeper_that_ends_again_and_again(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Pauses grow up to a bound, each is said in one line, and begin anew after a good time.

    That none can be started is no different.
    """
    now = 0.0
    tried: list[float] = []
    kept = Companion(["true"], "text", clock=lambda: now)

    def fork() -> int:
        """What a keeper is that ends at once; the third cannot be started."""
        tried.append(now)
        if len(tried) == 3:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return 10**9

    monkeypatch.setattr(os, "fork", fork)
    kept.start()
    while len(tried) < 9:
        kept.look()
        now += 0.5
    assert [round(b - a) for a, b in pairwise(tried)] == [1, 2, 4, 8, 16, 32, 60, 60]
    now += companion.WELL_SECONDS
    kept.look()
    kept.end()
    lines = capfd.readouterr().err.splitlines()
    pauses = [int(line.rpartition("again in ")[2].removesuffix(" s")) for line in lines]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 1]
    assert [line for line in lines if "cannot be started (" in line] == [lines[2]]
