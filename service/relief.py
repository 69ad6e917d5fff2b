"""Threads of a worker that wait for a slow client are relieved: another answers meanwhile.

A thread is all it takes to answer, and a client that sends its body a byte at a time, or
takes its answer so, would keep one for as long as it likes: a handful of them, all. So
whoever has to wait says so, and one more thread works until it is back.
"""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

log = logging.getLogger(__name__)

#: How long a thread waits for a client before another takes its place.
PROMPT_SECONDS = 0.01
#: Most threads of a worker that wait for clients; a client that would need one more is cut off.
MOST_WAITING = 100


class Relief:
    """The threads that answer, as many at work as were asked for.

    Args:
        n_threads: How many work at a time.
        work: Takes one piece of work, waiting for it, and does it.
        most_waiting: How many may wait for clients beside them.
    """

    def __init__(
        self, n_threads: int, work: Callable[[], None], most_waiting: int = MOST_WAITING
    ) -> None:
        self._n_wanted = n_threads
        self._work = work
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._n_threads = 0
        self._n_waiting = 0

    def start(self) -> None:
        """Start the threads, once."""
        for _ in range(self._n_wanted):
            self._n_threads += 1
            self._begin()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait for a client within; another thread is at work for as long.

        Raises:
            TimeoutError: So many threads wait already that this client is not waited for.
        """
        with self._lock:
            if self._n_waiting >= self._most_waiting:
                raise TimeoutError("too many clients are waited for")
            self._n_waiting += 1
            is_short = self._n_threads - self._n_waiting < self._n_wanted
            self._n_threads += is_short
        if is_short:
            self._begin()
        try:
            yield
        finally:
            with self._lock:
                self._n_waiting -= 1

    def _begin(self) -> None:
        threading.Thread(target=self._run, name="related-posts-answer", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self._work()
            except Exception:
                # One thread less for good would be one too few.
                log.exception("a thread could not do its work")
            with self._lock:
                if self._n_threads - self._n_waiting > self._n_wanted:
                    # Whoever was relieved is back at work.
                    self._n_threads -= 1
                    return


def is_prompt(descriptor: int, event: int) -> bool:
    """Whether a client is ready within ``PROMPT_SECONDS``.

    Args:
        descriptor: Of the connection.
        event: ``select.POLLIN`` for having sent something, ``POLLOUT`` for taking more.
    """
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(PROMPT_SECONDS * 1_000))


def send_all(
    sock: socket.socket,
    data: bytes | memoryview,
    waiting: Callable[[], AbstractContextManager[None]],
) -> None:
    """Send what the system takes at once, nearly always all, and wait only for the rest.

    A socket with a time limit asks whether it may send before each time it does.

    Args:
        sock: The connection; its descriptor never waits, its time limit is for the rest.
        data: What is to be sent.
        waiting: Makes the context in which a client that is not prompt is waited for.

    Raises:
        OSError: The client is gone, takes too long, or is one too many to wait for.
    """
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(sock.fileno(), rest) :]
        except BlockingIOError:
            if not is_prompt(sock.fileno(), select.POLLOUT):
                with waiting():
                    sock.sendall(rest)
                return
