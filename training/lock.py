"""One training at a time: a lock on the data folder that ends with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from related_posts.errors import StorageError

#: The lock's name in the data folder; it is empty and stays there.
LOCK = ".training.lock"


@contextmanager
def training_lock(data: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only training in a data folder; wait for another one to end.

    The system gives the lock back when the process ends, however it ends.

    Args:
        data: The data folder; it is created.
        waiting: Called once where another training has to be waited for.

    Raises:
        StorageError: The folder cannot be created or written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StorageError(
            f"{data}: cannot be written ({error.strerror}); name a folder that can, with --data"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
