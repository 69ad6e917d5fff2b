"""``serve --with-worker``: the training worker as a companion of the service.

A process between the two, the keeper, starts the worker, starts it again with growing pauses
where it ends, and ends it when the service has ended, however that did: the service holds the
other end of a pipe that then closes. The service looks after the keeper in the same way.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import NoReturn

from related_posts.log_lines import formatter

#: Pauses before the worker or its keeper is started again: the first, and the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: One that ran so long was well: pauses begin anew.
WELL_SECONDS = 60.0
#: How long a worker may take to finish its step, before it is killed.
PATIENCE_SECONDS = 30.0


def worker_command(data: str, log_format: str) -> list[str]:
    """The command that starts the worker of a data folder, by this very Python."""
    return [
        *(sys.executable, "-c", "from related_posts.cli import main; main()"),
        *("worker", "--data", data, "--log-format", log_format, "--with-parent"),
    ]


class Companion:
    """A command that is kept running beside this process, by a process of its own: the keeper.

    Args:
        command: What to run.
        log_format: How lines of the log look: ``auto``, ``text`` or ``json``.
        clock: Tells seconds that never go back.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_format: str = "auto",
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._command = command
        self._log_format = log_format
        self._clock = clock
        self._home = os.getpid()
        # The keeper reads the one until we have ended; we the other until it has.
        self._ours, self._theirs = os.pipe()
        self._alive: int | None = None
        self._pid = 0
        self._pause = FIRST_PAUSE
        self._began = 0.0
        self._due: float | None = None

    def start(self) -> None:
        """Start the keeper; to be called before any thread is started.

        Raises:
            OSError: The system has no room for another process, or for its pipe.
        """
        self._began, self._due = self._clock(), None
        alive, held = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(alive)
            raise
        else:
            self._alive = alive
            if self._pid == 0:
                self._keep(held)
        finally:
            os.close(held)

    def look(self) -> None:
        """Start the keeper again where it has ended, after pauses that grow; waits for nothing."""
        if self._due is not None and self._clock() >= self._due:
            try:
                self.start()
            except OSError as mistake:
                self._later(f"the keeper of the worker cannot be started ({mistake.strerror})")
        elif self._alive is not None and _closed(self._alive, 0):
            self._forget(os.WNOHANG)
            if self._clock() - self._began > WELL_SECONDS:
                self._pause = FIRST_PAUSE
            self._later(f"the keeper of the worker, process {self._pid}, ended")

    def _later(self, why: str) -> None:
        _say(f"{why}; again in {self._pause:.0f} s", self._log_format)
        self._due = self._clock() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def end(self) -> None:
        """Let the keeper end the command, and wait for both."""
        if os.getpid() != self._home:
            # Gunicorn's workers are forks that leave through all that their parent is within.
            return
        os.close(self._theirs)
        if self._alive is not None:
            select.select([self._alive], [], [])
            self._forget(0)
        os.close(self._ours)

    def _forget(self, how: int) -> None:
        """Collect what is left of a keeper that has ended."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
        # Gunicorn collects whatever ends, and may have been quicker.
        with suppress(ChildProcessError):
            os.waitpid(self._pid, how)

    def _keep(self, held: int) -> NoReturn:
        """Be the keeper: nothing of the service but its log and the pipes."""
        try:
            for number in signal.valid_signals():
                if callable(signal.getsignal(number)):
                    signal.signal(number, signal.SIG_DFL)
            # These reach a whole group; the pipe tells when it is time. Not ignored: that would
            # go over to the worker.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: None)
            # A port that the service listened on is not to be held longer than by itself.
            first = 3
            beyond = max(os.sysconf("SC_OPEN_MAX"), 1 << 16)
            for kept in (*sorted((self._ours, held)), beyond):
                os.closerange(first, kept)
                first = max(first, kept + 1)
            supervise(self._command, self._ours, self._log_format)
        except Exception as mistake:
            _say(f"the worker cannot be kept: {mistake}", self._log_format)
        finally:
            os._exit(0)


@contextmanager
def companion(command: Sequence[str], log_format: str = "auto") -> Iterator[Companion]:
    """Keep a command running beside this process, which looks after its keeper now and then.

    To be entered before any thread is started.
    """
    kept = Companion(command, log_format)
    kept.start()
    try:
        yield kept
    finally:
        kept.end()


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
        _say(said, log_format)
        if _closed(ours, pause):
            return
        pause = min(pause * 2, LONGEST_PAUSE)


def _say(what: str, log_format: str) -> None:
    """One line of the log."""
    record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, what, None, None)
    print(formatter(log_format).format(record), file=sys.stderr, flush=True)


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
