"""Unpack an archive file (zip, tar, tar.gz) into a folder, whatever is in it.

Nothing lands outside the folder: a member whose name leads elsewhere refuses the
whole archive. Links and devices are not made, pictures and the like not unpacked.
How much is written is bounded by what was read, not by what the archive says.
"""

from __future__ import annotations

import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Self, cast

from related_posts.errors import SourceError
from related_posts.fields import shown
from training.sources.base import Progress, no_progress
from training.sources.files import BLOCK_BYTES, open_stream, reason_of

#: Most members: twice the posts of the largest blogs, each with a picture or two beside it.
MAX_MEMBERS = 500_000

#: Most bytes written. The largest exports known are near one gigabyte.
MAX_BYTES = 16 << 30

#: How many times its size an archive may unpack to. Texts shrink to a fifth, the most
#: repetitive ones to a hundredth; what shrinks further was made to fill a disk.
MAX_RATIO = 200

#: Bytes to which any archive may unpack, however small it is.
FREE_BYTES = 64 << 20

#: Longest name or other attribute of a member in a tar file; read into memory at once.
_MAX_TAR_ATTRIBUTES = 1 << 20

_NOT_TEXT = """
    7z aac apk avi avif bin bmp dmg doc docx eot eps exe flac gif heic ico iso jar jpeg jpg m4a
    m4v mkv mov mp3 mp4 mpeg mpg ogg ogv opus otf pdf png ppt pptx psd rar so svgz tif tiff ttf
    wasm wav webm webp wmv woff woff2 xls xlsx
"""
#: Members left in the archive: no text of a blog is in them.
NOT_TEXT = frozenset(f".{suffix}" for suffix in _NOT_TEXT.split())

_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError),
)


def archive_kind(path: Path) -> str | None:
    """``zip`` or ``tar`` where a file is one by its first bytes, else None.

    Raises:
        SourceError: It is missing, no regular file, or cannot be read.
    """
    with open_stream(path) as stream:
        head = stream.read(512)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return "zip"
    # A tar file of nothing is only its end.
    return "tar" if head[257:262] == b"ustar" or head == bytes(512) else None


def unpack(path: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Unpack an archive file.

    Args:
        path: A file that ``archive_kind`` knows.
        folder: Where to; exists, and is empty.
        progress: Told the bytes read on disk.

    Raises:
        SourceError: The archive is damaged, cut off, encrypted or too large, holds a
            name that leads out of it, or cannot be written to the folder.
    """
    with _named(path):
        budget = _Budget(path)
        if archive_kind(path) == "zip":
            _unpack_zip(path, folder, budget, progress)
        else:
            _unpack_tar(path, folder, budget, progress)


def _unpack_zip(path: Path, folder: Path, budget: _Budget, progress: Progress) -> None:
    done, size = 0, path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = budget.member(folder, member.filename)
            done = min(done + member.compress_size, size)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if member.is_dir() or target is None or kind not in (0, stat.S_IFREG):
                continue
            if member.flag_bits & 0x1:
                reason = f"{shown(member.filename)} in it is encrypted; unpack it, name the folder"
                raise SourceError(path, reason)
            with archive.open(member) as content:
                _write(content, target, budget)
            progress(done, size)


def _unpack_tar(path: Path, folder: Path, budget: _Budget, progress: Progress) -> None:
    with open_stream(path, progress) as stream:
        counted = _Tail(stream, budget)
        with tarfile.open(fileobj=cast(BinaryIO, counted), mode="r|", tarinfo=_Member) as archive:
            for member in archive:
                target = budget.member(folder, member.name)
                # A sparse file is larger than what is read of it; no text is one.
                if target is not None and member.isreg() and not member.issparse():
                    content = archive.extractfile(member)
                    if content is not None:
                        _write(content, target)
                # Kept by the library otherwise, for all members at once.
                cast(Any, archive).members = []
    if counted.last.strip(b"\0"):
        raise SourceError(path, "this tar file is cut off; fetch or make it again")


class _Budget:
    """What an archive may still hold."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members = 0
        self._bytes = 0
        self._allowed = min(MAX_BYTES, max(FREE_BYTES, path.stat().st_size * MAX_RATIO))

    def member(self, folder: Path, name: str) -> Path | None:
        """Where a member goes; None where it holds nothing to read."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            reason = f"more than {MAX_MEMBERS:,} files are in it; unpack it, name the folder"
            raise SourceError(self._path, reason)
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or "\0" in name or name[1:2] == ":":
            reason = f"the name {shown(name)} in it leads out of it; this archive is not safe"
            raise SourceError(self._path, reason)
        is_apple = path.parts[:1] == ("__MACOSX",)
        if not path.parts or is_apple or path.suffix.lower() in NOT_TEXT:
            return None
        return folder.joinpath(*path.parts)

    def spend(self, n_bytes: int) -> None:
        """Count what came out of the archive."""
        self._bytes += n_bytes
        if self._bytes > self._allowed:
            reason = (
                f"it unpacks to more than {self._allowed >> 20:,} MiB, far more than its size; "
                "if that is right, unpack it and name the folder"
            )
            raise SourceError(self._path, reason)


class _Tail:
    """A stream that counts what is read from it and remembers how it ended."""

    def __init__(self, stream: BinaryIO, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget
        self.last = b""

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self._budget.spend(len(content))
        # A whole tar file ends with blocks of zeros, one that was cut off need not.
        self.last = content[-512:] or self.last
        return content


class _Member(tarfile.TarInfo):
    """A member whose attributes are not read where they are too long."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)
        is_attribute = member.type in (
            *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
            *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
        )
        if is_attribute and member.size > _MAX_TAR_ATTRIBUTES:
            raise ValueError("a name longer than a megabyte")
        return member


def _write(content: IO[bytes], target: Path, budget: _Budget | None = None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        while block := content.read(BLOCK_BYTES):
            if budget is not None:
                budget.spend(len(block))
            file.write(block)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn whatever an archive file makes the libraries say into one sentence."""
    try:
        yield
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(path, f"it cannot be unpacked: {reason_of(error)}") from error
    except _DAMAGE as error:
        reason = f"this archive is damaged or cut off ({error}); fetch or make it again"
        raise SourceError(path, reason) from error
