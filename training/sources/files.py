"""Open an export as a stream of bytes, compressed or not, telling how far it is."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from related_posts.errors import SourceError
from training.sources.base import Progress, no_progress

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"

_UTF_16 = (
    *((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")),
    *((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")),
)

#: Bytes read at a time; large enough that the progress costs nothing.
BLOCK_BYTES = 1 << 18


@contextmanager
def open_stream(path: Path, progress: Progress = no_progress) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where it is gzip by its first bytes.

    A file's name says nothing here: exports are renamed, and some servers pack
    what they call ``.xml``. Memory is bounded by what the caller reads at once,
    however far the content expands.

    Args:
        path: The file; members of a gzip file written one after another are one stream.
        progress: Told the bytes read on disk.

    Yields:
        A buffered binary stream, not seekable. Reading from it raises SourceError
        where the file is cut off, damaged or cannot be read.

    Raises:
        SourceError: No such file, not a regular file, or not readable.
    """
    try:
        size = regular_file_bytes(path)
        raw = path.open("rb", buffering=0)
    except OSError as error:
        raise SourceError(path, reason_of(error)) from error
    except ValueError as error:
        raise SourceError(repr(str(path)), f"this is not a path ({error})") from error
    with raw, io.BufferedReader(_Counted(raw, size, progress), BLOCK_BYTES) as packed:
        try:
            is_gzip = packed.peek(2)[:2] == GZIP_MAGIC
        except OSError as error:
            raise SourceError(path, reason_of(error)) from error
        content = gzip.GzipFile(fileobj=packed) if is_gzip else packed
        with io.BufferedReader(_Named(content, path), BLOCK_BYTES) as stream:
            yield stream


def utf_16_of(head: bytes) -> str:
    """The encoding of a text in UTF-16, by its mark or as XML begins in it; else empty."""
    return next((encoding for mark, encoding in _UTF_16 if head.startswith(mark)), "")


def regular_file_bytes(path: Path) -> int:
    """How long a file is on disk.

    Raises:
        SourceError: It is a folder, a pipe or a device; those cannot be read twice,
            once to detect the format and once to read the posts.
        OSError: It does not exist or may not be looked at.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(path, "this is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(path, "this is not a regular file; save its content in one first")
    return status.st_size


def reason_of(error: OSError) -> str:
    """An operating system's refusal in words, with what to do."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder; check the path"
    if isinstance(error, PermissionError):
        return "this may not be read; check its permissions"
    return f"this cannot be read ({error.strerror or error})"


class _Counted(io.RawIOBase):
    """A raw stream that tells how many of its bytes were read."""

    def __init__(self, raw: io.FileIO, size: int, progress: Progress) -> None:
        super().__init__()
        self._raw = raw
        self._size = size
        self._progress = progress
        self._done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = self._raw.readinto(buffer) or 0
        self._done += count
        # A file that grows while it is read must not show more than all of it.
        self._progress(self._done, max(self._size, self._done))
        return count


class _Named(io.RawIOBase):
    """A raw stream whose failures name the file and say what to do."""

    def __init__(self, content: io.BufferedIOBase, path: Path) -> None:
        super().__init__()
        self._content = content
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            return self._content.readinto(buffer)
        except EOFError as error:
            reason = "this gzip file is cut off; fetch or export it again"
            raise SourceError(self._path, reason) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            reason = f"this gzip file is damaged ({error}); fetch or export it again"
            raise SourceError(self._path, reason) from error
        except OSError as error:
            raise SourceError(self._path, reason_of(error)) from error

    def close(self) -> None:
        self._content.close()
        super().close()
