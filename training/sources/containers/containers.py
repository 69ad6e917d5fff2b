"""Places that hold several exports: a folder, a glob, or an archive file of them.

``parts`` says which sources a place stands for. What has to be unpacked lies in a
private folder for as long as the ``Containers`` are open, and is gone afterwards.
"""

from __future__ import annotations

import contextlib
import glob
import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from related_posts.errors import SourceError, UnknownFormatError
from related_posts.leftovers import sweep
from training.sources.base import Progress, no_progress
from training.sources.containers.folders import Found, exports_of, whole_format
from training.sources.containers.members import Part, in_users_words
from training.sources.containers.unpack import archive_kind, unpack
from training.sources.files import reason_of

#: Formats that are a folder; every other one is a file.
FOLDER_FORMATS = frozenset({"markdown", "substack", "medium"})

#: Beginning of the names of folders to unpack in.
SCRATCH = ".unpacking-"

#: Folders whose name means something to a generator, so that they are no mere wrapping.
_MEANT = frozenset({"content", "source", "src", "posts", "_posts"})

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Containers:
    """Opens places; what it unpacks lives as long as it does.

    Args:
        scratch: Folder in which to unpack, of which this process is the only user;
            what an earlier one left there is removed. None unpacks among the
            system's temporary files.
    """

    def __init__(self, scratch: Path | None = None) -> None:
        self._scratch = scratch
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if self._scratch is not None:
            sweep(self._scratch, f"{SCRATCH}*")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.close()

    def parts(
        self, place: str, format: str | None = None, progress: Progress = no_progress
    ) -> list[Part]:
        """The sources that a place stands for, in order of their paths; at least one.

        Args:
            place: A file, a folder, a glob such as ``exports/*.xml``, or an address.
            format: The format of all of them, or None to detect each.
            progress: Told the bytes unpacked.

        Raises:
            SourceError: An archive file cannot be unpacked safely, or there is no
                export in a folder.
        """
        if _ADDRESS.match(place):
            return [Part(place, place, format)]
        path = Path(place)
        try:
            if path.exists():
                return self._of(path, place, format, progress)
            if not glob.has_magic(place):
                return [Part(place, place, format)]  # opening it says what is wrong
        except OSError as error:
            raise SourceError(place, reason_of(error)) from error
        except ValueError as error:
            raise SourceError(repr(place), f"this is not a path ({error})") from error
        matches = sorted(glob.glob(place, recursive=True))  # noqa: PTH207 - any start, also /
        if not matches:
            raise SourceError(place, "no file is called like that; check the path")
        found = [self._of(Path(each), each, format, progress) for each in matches]
        return [part for parts in found for part in parts]

    def _of(self, path: Path, place: str, format: str | None, progress: Progress) -> list[Part]:
        """The parts of a file or folder."""
        if path.is_dir():
            return self._of_folder(path, place, format, progress)
        if archive_kind(path) is None:
            return [Part(place, place, format)]
        folder = _unwrapped(self._unpacked(path, progress))
        with in_users_words(folder, place):
            if format in FOLDER_FORMATS or (format is None and whole_format(folder)):
                return [Part(str(folder), place, format, (folder, Path(place)))]
            found = exports_of(folder, format=format, archives=False)
        return _listed(found, folder, Path(place), format)

    def _of_folder(
        self, path: Path, place: str, format: str | None, progress: Progress
    ) -> list[Part]:
        if format in FOLDER_FORMATS or (format is None and whole_format(path)):
            return [Part(place, place, format)]
        found = exports_of(path, format=format)
        inner: dict[Path, list[Part]] = {}
        for file in [file for file, each in found.exports.items() if each is None]:
            shown = str(Path(place) / file.relative_to(path))
            try:
                inner[file] = self._of(file, shown, format, progress)
            except UnknownFormatError as error:
                del found.exports[file]
                found.passed_over[file] = error.reason
        return _listed(found, path, Path(place), format, inner)

    def _unpacked(self, path: Path, progress: Progress) -> Path:
        try:
            if self._scratch is not None:
                self._scratch.mkdir(parents=True, exist_ok=True)
            made = tempfile.TemporaryDirectory(
                prefix=SCRATCH, dir=self._scratch, ignore_cleanup_errors=True
            )
        except OSError as error:
            reason = f"it cannot be unpacked: {reason_of(error)}"
            raise SourceError(self._scratch or path, reason) from error
        folder = Path(self._exit.enter_context(made))
        unpack(path, folder, progress)
        return folder


def _listed(
    found: Found,
    folder: Path,
    place: Path,
    format: str | None,
    inner: Mapping[Path, list[Part]] = MappingProxyType({}),
) -> list[Part]:
    """The parts of each export; the first one reports what was passed over.

    Args:
        found: The exports.
        folder: Where they lie.
        place: What the user calls that.
        format: The only format wanted, or None.
        inner: The parts of those that are archive files.
    """
    if not found.exports:
        seen = ", ".join(sorted(found.seen)[:10]) or "nothing"
        wanted = f"no {format} export" if format else "neither Markdown files nor an export"
        reason = f"{wanted} in it (seen: {seen})"
        for file, why in list(found.passed_over.items())[:1]:
            reason += f"; {file.relative_to(folder).as_posix()}: {why}"
        raise UnknownFormatError(place, reason)
    parts: list[Part] = []
    for file, each in found.exports.items():
        shown = str(place / file.relative_to(folder))
        parts += inner.get(file) or [Part(str(file), shown, each, (folder, place))]
    over = {
        str(Path(place.name) / file.relative_to(folder)): reason
        for file, reason in found.passed_over.items()
    }
    parts[0] = replace(parts[0], passed_over={**over, **parts[0].passed_over})
    return parts


def _unwrapped(folder: Path) -> Path:
    """The folder, or the only one in it where an archive was made of a folder as a whole."""
    entries = [one for one in folder.iterdir() if one.name[0] != "."]
    if len(entries) == 1 and entries[0].is_dir() and entries[0].name not in _MEANT:
        return entries[0]
    return folder
