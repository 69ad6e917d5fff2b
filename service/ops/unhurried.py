"""Log lines on their way out: whoever logs waits for nobody who should read them.

A pipe that nobody reads takes 64 KiB, and then whoever writes stands still: the main loop of a
worker, say, and with it every answer. So lines are put in a queue, and a thread writes them,
some milliseconds later and many at a time. Where it stands still, lines are lost, and counted.
"""

from __future__ import annotations

import io
import logging
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from related_posts.wording import counted

log = logging.getLogger(__name__)

#: Characters that wait to be written at most: some seconds of a busy access log.
MOST_CHARACTERS = 1_048_576
#: How long lines are collected to be written together.
PAUSE_SECONDS = 0.02
#: How long an ending process waits for its last lines to be taken.
LAST_SECONDS = 1.0
#: The system does not mix what several processes write into a pipe in pieces up to this size.
PIECE_BYTES = 4_096


class Unhurried(io.TextIOBase):
    """A stream to write lines to without waiting for whoever reads them.

    Args:
        stream: Where they go in the end; it has a descriptor.
        lost: Told how many lines were lost, each time some were.
    """

    def __init__(self, stream: io.TextIOBase, lost: Callable[[int], None]) -> None:
        # A copy of it, so that nobody closes it while it is written to.
        self._descriptor = os.dup(stream.fileno())
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self._lost = lost
        self._lines: deque[str] = deque()
        # Whoever handles a signal may log within a line of its own thread.
        self._lock = threading.RLock()
        self._n_characters = 0
        self._n_lost = 0
        self._some = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="related-posts-log", daemon=True)
        self._thread.start()

    def writable(self) -> bool:
        """It is; nothing can be read from it."""
        return True

    def write(self, lines: str) -> int:
        """Have whole lines written, soon; they are lost where too many wait."""
        with self._lock:
            if self._n_characters + len(lines) > MOST_CHARACTERS:
                self._n_lost += 1
                is_kept = False
            else:
                self._n_characters += len(lines)
                self._lines.append(lines)
                is_kept = True
        if not is_kept:
            self._lost(1)
        elif not self._some.is_set():
            self._some.set()
        return len(lines)

    def flush(self) -> None:
        """Nothing: the thread sees to it."""

    def end(self) -> None:
        """Write what waits, for a limited time; for a process that is about to end."""
        self._ending.set()
        self._some.set()
        self._thread.join(LAST_SECONDS)

    def _run(self) -> None:
        while not (self._ending.is_set() and not self._lines):
            self._some.wait()
            self._ending.wait(PAUSE_SECONDS)
            self._some.clear()
            self._write_all()

    def _write_all(self) -> None:
        """Write what waits, then say once how much did not find room meanwhile."""
        is_taken = True
        for piece, n_lines in self._pieces():
            try:
                self._send(piece)
            except OSError:
                # There is no such reader any more, or no room on a disk.
                is_taken = False
                with self._lock:
                    self._n_lost += n_lines
                self._lost(n_lines)
        if not is_taken:
            return
        with self._lock:
            n_lost, self._n_lost = self._n_lost, 0
        if n_lost:
            what = counted(n_lost, "log line")
            log.warning("%s lost: nothing took them in time", what)

    def _pieces(self) -> Iterator[tuple[bytes, int]]:
        """What waits, in pieces of whole lines, and the number of lines of each."""
        piece, n_lines = b"", 0
        while self._lines:
            with self._lock:
                lines = self._lines.popleft()
                self._n_characters -= len(lines)
            content = lines.encode(self._encoding, "backslashreplace")
            if piece and len(piece) + len(content) > PIECE_BYTES:
                yield piece, n_lines
                piece, n_lines = b"", 0
            piece += content
            n_lines += 1
        if piece:
            yield piece, n_lines

    def _send(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                # Somebody has made this pipe one that does not wait.
                poll = select.poll()
                poll.register(self._descriptor, select.POLLOUT)
                poll.poll()


def unhurry(handlers: list[logging.Handler], lost: Callable[[int], None]) -> list[Unhurried]:
    """Put a queue before each stream that handlers write to; the streams, to be ended.

    Files stay as they are: they do not stand still, and gunicorn opens them anew on a signal.

    Args:
        handlers: Those of a logger.
        lost: Told how many lines were lost, each time some were.
    """
    found = []
    for handler in handlers:
        if type(handler) is logging.StreamHandler:
            # A stream without a descriptor is a program's own, and takes everything.
            with suppress(OSError, ValueError, AttributeError):
                stream = Unhurried(handler.stream, lost)
                handler.setStream(stream)
                found.append(stream)
    return found
