"""Leases: whoever reads a version says so, and pruning leaves it alone.

A lease is a shared lock on the version's manifest. It needs no right to write, costs
three system calls when a version is opened and one descriptor while it is, and ends
with the process, however that ends.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from related_posts.errors import StorageError

#: What file systems without locks say.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL)


class Lease:
    """Held until it is dropped.

    On a file system without locks nothing is held: reading comes first.

    Args:
        path: The manifest of a version.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = -1
        # Without O_NONBLOCK a named pipe would be waited for.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise

    def __del__(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def removing(path: Path, *, unless_read: bool) -> Iterator[None]:
    """Keep readers from beginning while a version is taken away.

    Args:
        path: The manifest of the version; it may be missing or damaged.
        unless_read: Refuse where anybody holds a lease.

    Raises:
        StorageError: The version is read.
        OSError: Whether it is cannot be told.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        # Without a manifest nobody can have opened it.
        yield
        return
    try:
        if unless_read:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StorageError(f"version {path.parent.name} is being read") from None
        yield
    finally:
        os.close(descriptor)
