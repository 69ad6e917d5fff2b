"""Small files that are replaced as a whole, by one writer at a time.

For what every process of the service looks at: a reader meets the old file or
the new one, never half of one, and tells them apart by one ``stat``.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from related_posts.files import make_folder, sync_folder, write_bytes
from related_posts.leftovers import sweep

#: What tells a file from the one that replaced it, without reading it.
Mark: TypeAlias = tuple[int, int, int]


def mark_of(path: Path) -> Mark | None:
    """The mark of a file, or None where there is none or it cannot be looked at."""
    try:
        status = os.stat(path)  # noqa: PTH116 - asked at every request
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file as a whole; it is on the disk when this returns.

    Raises:
        OSError: It could not be written; the old file is still there.
    """
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        write_bytes(aside, content)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Be the only one who replaces a file, and clear away what an interruption left.

    The lock is a file of its own beside it, and ends with the process.

    Raises:
        OSError: The folder cannot be created or written.
    """
    make_folder(path.parent)
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        sweep(path.parent, f".{path.name}-*")
        yield
    finally:
        os.close(descriptor)
