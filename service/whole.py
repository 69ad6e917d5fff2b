"""Files that others read while they are written: aside and durable first, then in their place.

What an interruption leaves has a name of its own, and the next who writes there takes it away.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from related_posts.files import sync_folder
from related_posts.leftovers import sweep

#: How the names begin of what is not in its place yet.
ASIDE = ".related-posts-export-"
#: Files brought to the disk at once: file systems write those that come together in one go.
_AT_ONCE = 32


@contextmanager
def only_exporter(folder: Path) -> Iterator[None]:
    """Be the only one who exports into a folder, and clear away what an interruption left.

    Where the file system has no locks nothing is cleared away: it might be somebody's.

    Raises:
        OSError: The folder cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            sweep(folder, f"{ASIDE}*")
        yield
    finally:
        os.close(descriptor)


def aside(folder: Path) -> Path:
    """A free name in a folder for what is not in its place yet."""
    return folder / f"{ASIDE}{secrets.token_hex(8)}"


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of another at the end and on the disk.

    Whatever is raised meanwhile, the earlier file stays as it was.

    Raises:
        OSError: It could not be written.
    """
    path = aside(target.parent)
    try:
        with path.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        path.replace(target)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_files(paths: Iterable[Path]) -> None:
    """Bring files that were written to the disk.

    Raises:
        OSError: One could not be.
    """
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(_sync, paths):
            pass


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
