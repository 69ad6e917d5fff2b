"""``serve --with-worker``: the training worker as a companion of the service.

A process between the two starts the worker, starts it again with growing pauses where it
ends, and ends it when the service has ended, however that did: the service holds the other
end of a pipe that then closes.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic

from related_posts.log_lines import formatter

#: Pauses before the worker is started again: the first, and the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: A worker that ran so long was well: pauses begin anew.
WELL_SECONDS = 60.0
#: How long a worker may take to finish its step, before it is killed.
PATIENCE_SECONDS = 30.0


def worker_command(data: str, log_format: str) -> list[str]:
    """The command that starts the worker of a data folder, by this very Python."""
    return [
        *(sys.executable, "-c", "from related_posts.cli import main; main()"),
        *("worker", "--data", data, "--log-format", log_format, "--with-parent"),
    ]


@contextmanager
def companion(command: Sequence[str], log_format: str = "auto") -> Iterator[int]:
    """Keep a command running beside this process; the id of the process that sees to it.

    To be entered before any thread is started.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(theirs)
        # A Ctrl-C reaches the whole group; the pipe tells when it is time.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            supervise(command, ours, log_format)
        finally:
            os._exit(0)
    os.close(ours)
    try:
        yield pid
    finally:
        os.close(theirs)
        # The server may have collected it already.
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def supervise(command: Sequence[str], ours: int, log_format: str = "auto") -> None:
    """Run a command again and again until the other end of a pipe closes.

    Args:
        command: What to run.
        ours: The end of the pipe to watch.
        log_format: How lines of the log look: ``auto``, ``text`` or ``json``.
    """
    pause = FIRST_PAUSE
    while True:
        started = monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        while child.poll() is None:
            if _closed(ours, 0.25):
                _end(child)
                return
        if monotonic() - started > WELL_SECONDS:
            pause = FIRST_PAUSE
        said = f"the worker ended with status {child.returncode}; again in {pause:.0f} s"
        record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, said, None, None)
        print(formatter(log_format).format(record), file=sys.stderr, flush=True)
        if _closed(ours, pause):
            return
        pause = min(pause * 2, LONGEST_PAUSE)


def _closed(ours: int, seconds: float) -> bool:
    """Whether the other end is closed, waiting a while for it."""
    return bool(select.select([ours], [], [], seconds)[0])


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
