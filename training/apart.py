"""Work in other processes: they end with this one, and nothing is left of them.

Each is asked through a pair of sockets and through nothing else. A pool with named semaphores or
files in shared memory needs somebody to remove them, and nobody does where all processes are
killed at once; sockets end with the processes that hold them, and a process whose socket is
closed ends by itself.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from multiprocessing.connection import Connection, Pipe
from types import TracebackType
from typing import Any, TypeVar

from related_posts.errors import RelatedPostsError

#: Pieces of work under way or done and not yet taken, for each process.
AHEAD = 2

_START = (
    "import sys; sys.path[:] = sys.argv[2:]; from training.apart import serve;"
    " serve(int(sys.argv[1]))"
)

_Result = TypeVar("_Result")


class EndedError(RelatedPostsError):
    """A process that worked for this one has ended before its work was done."""


def spread(
    work: Callable[..., _Result], pieces: Iterable[tuple[Any, ...]], processes: int
) -> Iterator[_Result]:
    """Do the work on each piece in other processes, which end with the last result.

    Args:
        work: Found by its name there, or a value that can be pickled.
        pieces: Arguments of each call; taken in this thread, a few more than results were.
        processes: How many, at least 1.

    Yields:
        The results, in the order of the pieces.

    Raises:
        EndedError: A process was killed, by a lack of memory for instance.
        Exception: Whatever the work raised.
    """
    idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
    with ExitStack() as opened:
        with _uninterrupted():
            started = [opened.enter_context(_Process()) for _ in range(processes)]
        threads = opened.enter_context(ThreadPoolExecutor(processes, "apart"))
        for process in started:
            idle.put(process)
            # Before the threads, which may wait for it where results are not wanted any more.
            opened.callback(process.kill)
        opened.callback(threads.shutdown, wait=False, cancel_futures=True)

        def ask(piece: tuple[Any, ...]) -> _Result:
            process = idle.get()
            try:
                return process.ask(work, piece)
            finally:
                idle.put(process)

        rest = iter(pieces)
        asked: deque[Future[_Result]] = deque()
        while True:
            wanted = islice(rest, processes * AHEAD - len(asked))
            asked.extend(threads.submit(ask, piece) for piece in wanted)
            if not asked:
                break
            yield asked.popleft().result()


class _Process:
    """A process that does what it is asked to, one piece at a time."""

    def __init__(self) -> None:
        self._socket, theirs = Pipe()
        with theirs:
            place = theirs.fileno()
            command = [sys.executable, "-c", _START, str(place), *sys.path]
            self._process = subprocess.Popen(command, pass_fds=[place], stdin=subprocess.DEVNULL)

    def __enter__(self) -> _Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._process.wait()
        self._socket.close()

    def kill(self) -> None:
        """End it at once, in the middle of its work too."""
        self._process.kill()

    def ask(self, work: Callable[..., _Result], piece: tuple[Any, ...]) -> _Result:
        """Have a piece of work done; what it came to."""
        try:
            self._socket.send_bytes(pickle.dumps((work, piece), pickle.HIGHEST_PROTOCOL))
            found, error = pickle.loads(self._socket.recv_bytes())
        except (EOFError, OSError) as problem:
            status = self._process.wait()
            how = f"was ended by {signal.Signals(-status).name}" if status < 0 else "has ended"
            raise EndedError(
                f"process {self._process.pid}, which analysed posts, {how}; where memory is"
                " short, fewer processes (--jobs 1) need less"
            ) from problem
        if error is not None:
            raise error
        result: _Result = found
        return result


def serve(place: int) -> None:
    """Do what the process at the other end of a socket asks for, until it closes it.

    Args:
        place: The socket's descriptor.
    """
    socket = Connection(place)
    with suppress(EOFError, OSError):
        while True:
            work, piece = pickle.loads(socket.recv_bytes())
            answer: tuple[Any, Exception | None]
            try:
                answer = work(*piece), None
            except Exception as error:
                error.add_note(f"in a process of its own:\n{traceback.format_exc()}")
                answer = None, error
            socket.send_bytes(_pickled(answer))
    # Nothing is open, and nobody waits for what else an orderly end would do.
    os._exit(0)


def _pickled(answer: tuple[Any, Exception | None]) -> bytes:
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception:
        # Some errors cannot travel.
        return pickle.dumps((None, RuntimeError(repr(answer[1] or answer[0])[:1_000])))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that a Ctrl-C does not reach: this one ends them, and without a traceback."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
