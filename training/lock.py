"""One training and one worker at a time: locks on the data folder that end with a process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from related_posts.errors import StorageError
from related_posts.files import make_folder
from related_posts.status import WORKER_LOCK

#: The lock's name in the data folder; it is empty and stays there.
LOCK = ".training.lock"

#: Between two attempts to get the lock of a training: what a stop has to wait at most.
LOOK_SECONDS = 0.1
#: How often a worker tries: a service that asks whether one runs holds its lock for a moment.
N_ATTEMPTS = 5


@contextmanager
def training_lock(data: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only training in a data folder; wait for another one to end.

    The system gives the lock back when the process ends, however it ends.

    Args:
        data: The data folder; it is created.
        waiting: Called again and again while another training has to be waited for; what
            it raises ends the waiting.

    Raises:
        StorageError: The folder cannot be created or written.
    """
    descriptor = _opened(data, LOCK)
    try:
        # Not in the system call: a signal whose handler only takes a note would not end it.
        while not _got(descriptor):
            waiting()
            time.sleep(LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def worker_lock(data: Path) -> Iterator[None]:
    """Be the only worker of a data folder.

    Args:
        data: The data folder; it is created.

    Raises:
        StorageError: Another worker runs, or the folder cannot be created or written.
    """
    descriptor = _opened(data, WORKER_LOCK)
    try:
        for _ in range(N_ATTEMPTS):
            if _got(descriptor):
                break
            time.sleep(LOOK_SECONDS)
        else:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            pid = f", process {holder}," if holder.isdigit() else ""
            raise StorageError(f"{data}: another worker{pid} watches this folder already")
        # For the message above alone: that it cannot be noted stops nothing.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(descriptor)


def _got(descriptor: int) -> bool:
    """Take a lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(data: Path, name: str) -> int:
    """The descriptor of a lock's file, which is made where it is missing."""
    try:
        make_folder(data)
        return os.open(data / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StorageError(
            f"{data}: cannot be written ({error.strerror}); name a folder that can, with --data"
        ) from error
