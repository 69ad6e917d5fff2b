"""Arrays as .npy files: written durably, mapped without trust.

A file is version 1.0 of numpy's own format, so ``numpy.load`` reads it. Its
header is a pure function of type and shape, made here; reading one is comparing
it with the header that the manifest calls for. Nothing found in a file is ever
parsed or unpickled.
"""

from __future__ import annotations

import errno
import hashlib
import math
import mmap
import os
import stat
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from related_posts.errors import IndexCorruptError, StorageError
from related_posts.manifest import FileEntry

_CHUNK_BYTES = 1 << 22
#: A file whose checksum a thread of its own is worth.
_LARGE_BYTES = 1 << 20

#: Files that this process found to have their checksums, oldest first: device, inode, size,
#: time of change and checksum.
_SOUND: dict[tuple[int, int, int, int, str], None] = {}
_MOST_SOUND = 1_000
#: Changes less than so far apart may have the same time.
_NEAR_NS = 2_000_000_000

#: What to do about the errors that users meet.
_ADVICE = {
    errno.ENOSPC: "free some space and run the command again",
    errno.EDQUOT: "free some of your quota and run the command again",
    errno.EROFS: "the file system is read-only; choose another data folder",
    errno.EACCES: "give this user the right to it or choose another data folder",
    errno.EPERM: "give this user the right to it or choose another data folder",
    errno.EIO: "the disk may be failing; check it",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "raise the system's limit of open files",
    errno.ENOLCK: "its file system has no locks; choose a data folder on another one",
}


def npy_header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """Header of an .npy file of version 1.0, padded so that the data is 64-byte aligned.

    Source: numpy.lib.format, "Format Version 1.0".
    """
    text = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    # Magic string, two bytes of version, two of length, and the line feed at the end.
    padding = -(len(text) + 11) % 64
    line = f"{text}{' ' * padding}\n".encode("ascii")
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line


def write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> dict[str, FileEntry]:
    """Write arrays to new files and on to the disk, which sees to all of them at once.

    Args:
        folder: Where no file of these names must exist yet.
        arrays: Of plain little-endian types, by the names of their files; C-contiguous or copied
            to be so.

    Returns:
        The files' entries for the manifest.

    Raises:
        OSError: They could not be written; some may be there, one of them in part.
    """
    entries = {}
    with ExitStack() as opened:
        written = []
        for name, array in arrays.items():
            each = np.ascontiguousarray(array)
            header = npy_header(each.dtype.str, each.shape)
            data = each.reshape(-1).view(np.uint8).data
            path = folder / f"{name}.npy"
            file = opened.enter_context(_New(path))
            digest = file.write(header, data)
            written.append((file, digest))
            entries[name] = FileEntry(len(header) + len(data), digest, each.dtype.str, each.shape)
        # Waiting for each before the next is written would take several times as long.
        for file, digest in written:
            file.sync(digest)
    return entries


def write_bytes(path: Path, data: bytes) -> None:
    """Write a new small file and on to the disk."""
    with _New(path) as file:
        file.sync(file.write(data))


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot sync folders; they order renames themselves.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder where there is none, with those above it; their names are durable.

    Raises:
        OSError: It could not be made.
    """
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in reversed(missing):
        # Who may make a folder there may still not be allowed to look at what is there.
        with suppress(PermissionError):
            sync_folder(each.parent)


def read_small(path: Path, limit_bytes: int) -> bytes:
    """The content of a small file.

    Raises:
        IndexCorruptError: It is longer than the limit, or no file.
        OSError: It could not be read.
    """
    with _opened(path) as (descriptor, size):
        if size > limit_bytes:
            raise IndexCorruptError(path, f"has {size} bytes, far more than it should")
        return os.pread(descriptor, limit_bytes, 0)


def check_array(path: Path, entry: FileEntry) -> None:
    """Refuse a file whose size or header is not what the manifest says.

    Raises:
        IndexCorruptError: What is wrong.
        OSError: It could not be read.
    """
    with _opened(path) as (descriptor, size):
        _check(path, entry, descriptor, size)


def map_array(path: Path, entry: FileEntry) -> NDArray[Any]:
    """Map a file as a read-only array after checking it as :func:`check_array` does.

    The file stays open for as long as the array, or a view of it, is in use.
    """
    with _opened(path) as (descriptor, size):
        start = _check(path, entry, descriptor, size)
        mapped = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
    return np.ndarray(entry.shape, entry.dtype, buffer=mapped, offset=start)


def link(existing: Path, path: Path) -> bool:
    """Give a file another name; False where its file system cannot."""
    try:
        os.link(existing, path)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.EACCES, errno.EMLINK, errno.EXDEV, errno.ENOTSUP):
            return False
        raise
    return True


def is_sound(path: Path, sha256: str) -> bool:
    """Whether a file has a checksum.

    A file that this process found sound is not read again while its inode, size and time of
    change are the same, unless that time is so near that another change could have the same.

    Raises:
        OSError: It could not be read.
    """
    with path.open("rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        key = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, sha256
        if key in _SOUND and time.time_ns() - status.st_mtime_ns > _NEAR_NS:
            return True
        sound = hashlib.file_digest(file, "sha256").hexdigest() == sha256
    if sound:
        _remember(key)
    return sound


def _remember(key: tuple[int, int, int, int, str]) -> None:
    while len(_SOUND) >= _MOST_SOUND:
        # Another thread may be quicker.
        _SOUND.pop(next(iter(_SOUND), key), None)
    _SOUND[key] = None


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors of the system into ours while a version's file is read."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexCorruptError(error.filename or path, "is missing") from error
    except OSError as error:
        raise StorageError(_explain("could not read", path, error)) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn errors of the system into ours while something is written under a folder."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{_explain('could not write', path, error)}; the published version is unchanged"
        ) from error


def _explain(what: str, path: Path, error: OSError) -> str:
    advice = _ADVICE.get(error.errno or 0, "check the data folder")
    return f"{what} {error.filename or path}: {error.strerror or error}; {advice}"


class _New:
    """A new file; what goes wrong with it names it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def write(self, *parts: bytes | memoryview) -> str:
        """Write parts, which the disk then begins with; their checksum."""
        summing = _Digest(parts)
        try:
            with self._named():
                for part in parts:
                    rest = memoryview(part)
                    while rest:
                        written = os.write(self._descriptor, rest[:_CHUNK_BYTES])
                        rest = rest[written:]
        finally:
            found = summing.result()
        if hasattr(os, "posix_fadvise"):
            # What is not needed in memory any more is written first; a failure costs time alone.
            with suppress(OSError):
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        return found

    def sync(self, digest: str) -> None:
        """Wait for the disk; the file has a checksum then."""
        with self._named():
            os.fsync(self._descriptor)
            status = os.fstat(self._descriptor)
        _remember((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, digest))

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # These calls do not name the file themselves.
            error.filename = error.filename or str(self._path)
            raise


class _Digest:
    """The checksum of parts, worked out beside the writing of them where they are large.

    Args:
        parts: One after another; they must not change before :meth:`result`.
    """

    def __init__(self, parts: Sequence[bytes | memoryview]) -> None:
        self._parts, self._found = parts, hashlib.sha256()
        self._thread: threading.Thread | None = None
        if sum(map(len, parts)) >= _LARGE_BYTES:
            self._thread = threading.Thread(target=self._sum)
            self._thread.start()

    def result(self) -> str:
        """The checksum, in hex."""
        if self._thread is None:
            self._sum()
        else:
            self._thread.join()
        return self._found.hexdigest()

    def _sum(self) -> None:
        for part in self._parts:
            self._found.update(part)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, int]]:
    """A regular file's descriptor and size."""
    # Without O_NONBLOCK a named pipe would be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise IndexCorruptError(path, "is not a regular file")
        yield descriptor, status.st_size
    finally:
        os.close(descriptor)


def _check(path: Path, entry: FileEntry, descriptor: int, size: int) -> int:
    """Where the data starts in a file that is what the manifest says."""
    header = npy_header(entry.dtype, entry.shape)
    expected = len(header) + math.prod(entry.shape) * np.dtype(entry.dtype).itemsize
    if size != entry.bytes:
        raise IndexCorruptError(path, f"has {size} bytes instead of {entry.bytes}")
    if size != expected or os.pread(descriptor, len(header), 0) != header:
        raise IndexCorruptError(path, f"is not an array of {entry.dtype} and shape {entry.shape}")
    return len(header)
