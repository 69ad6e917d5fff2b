"""The worker beside the service: started again where it ends, ended with the service."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service import companion

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
