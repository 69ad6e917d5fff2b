"""Versions on disk: written aside, made durable, renamed; the pointer moves last.

::

    DATA/current                     name of the published version, one line
    DATA/versions/NAME/manifest.json what the version holds, written last
    DATA/versions/NAME/*.npy         its arrays
    DATA/versions/.lock              held by whoever writes, publishes or removes
    DATA/versions/.writing-*         a version being written, or what an interruption left

A version never changes once it has its name. Readers wait for nobody: they follow
the pointer and map the files, and keep them even if the version is removed. Who has
a version open holds a lease on it (:mod:`related_posts.leases`), for pruning to see.
Writers take turns, so whatever has a hidden name under the lock was abandoned,
and the next writer sweeps it away. Nothing here is ever unpickled. This module needs
a POSIX system: file locks, and folders that can be synced.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from numpy.typing import NDArray

from related_posts import layout
from related_posts.errors import IndexCorruptError, IndexMissingError, StorageError
from related_posts.files import (
    check_array,
    is_sound,
    link,
    make_folder,
    map_array,
    read_small,
    reading,
    sync_folder,
    write_arrays,
    write_bytes,
    writing,
)
from related_posts.index import Index
from related_posts.leases import Lease, removing
from related_posts.leftovers import sweep
from related_posts.manifest import VERSION_NAME, FileEntry, Manifest, check_details
from related_posts.replacing import replace_file
from related_posts.soundness import check

#: The pointer's name in the data folder.
CURRENT = "current"

MANIFEST = "manifest.json"

#: Details that tell how a build went and do not decide any answer.
_INCIDENTAL = frozenset(["libraries", "counts", "seconds"])

_MANIFEST_LIMIT_BYTES = 1 << 24


class Store:
    """The versions in a data folder.

    Making one touches nothing; the folder is created by the first write.

    Args:
        data: The data folder.

    Attributes:
        data: The data folder.
        versions: The folder of the versions.
        pointer: The file that names the published version. It is replaced, not
            rewritten: another version has another inode.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self.versions = data / "versions"
        self.pointer = data / CURRENT
        self._written: Lease | None = None

    def names(self) -> list[str]:
        """All versions, oldest first, damaged ones included.

        They are in the order of the moments their manifests name, then by name. A clock that
        was set back makes a new version look old; what is published is not touched by that.
        """
        with reading(self.versions):
            try:
                folders = [entry.name for entry in self.versions.iterdir() if entry.is_dir()]
            except (FileNotFoundError, NotADirectoryError):
                return []
        found = filter(VERSION_NAME.fullmatch, folders)
        return sorted(found, key=lambda name: (self._created(name), name))

    def current_name(self) -> str:
        """The name of the published version.

        Raises:
            IndexMissingError: None was published yet.
            IndexCorruptError: The pointer does not hold a version's name.
            StorageError: It could not be read.
        """
        with reading(self.pointer):
            try:
                content = read_small(self.pointer, 1024)
            except (FileNotFoundError, NotADirectoryError) as error:
                raise IndexMissingError(self.data) from error
        name = content.decode("ascii", "replace").strip()
        if not VERSION_NAME.fullmatch(name):
            raise IndexCorruptError(self.pointer, f"names no version ({name[:40]!r})")
        return name

    def manifest(self, name: str) -> Manifest:
        """What a version says about itself.

        Raises:
            IndexMissingError: There is no such version.
            IndexCorruptError: Its manifest is missing or damaged.
            IndexIncompatibleError: It has a format that is not read here.
            StorageError: It could not be read.
        """
        path = self._folder(name) / MANIFEST
        with reading(path):
            manifest = Manifest.from_json(read_small(path, _MANIFEST_LIMIT_BYTES), path)
        if manifest.version != name:
            raise IndexCorruptError(path, f"is that of version {manifest.version}")
        return manifest

    def open(self, name: str | None = None, *, verify: bool = False) -> Index:
        """Open a version.

        Every file's size and header is compared with the manifest. What the
        service answers from is mapped at once, the rest when first used.

        Args:
            name: The version; without one, the published one.
            verify: Also compare the checksum of every file, which reads them all.

        Raises:
            IndexMissingError: There is no such version, or none is published.
            IndexCorruptError: It is damaged, truncated or incomplete.
            IndexIncompatibleError: It has a format that is not read here.
            StorageError: It could not be read.
        """
        if name is not None:
            return self._open(name, verify)
        name = self.current_name()
        while True:
            try:
                return self._open(name, verify)
            except StorageError as error:
                # It may have been replaced and removed since the pointer was read.
                named, name = name, self.current_name()
                if name == named:
                    if isinstance(error, IndexMissingError):
                        problem = f"names version {name}, which is not there"
                        raise IndexCorruptError(self.pointer, problem) from error
                    raise

    def verify(self, name: str, *, serving_only: bool = False) -> None:
        """Compare every file of a version with its checksum.

        Args:
            name: The version.
            serving_only: Look only at what the service answers from.

        Raises:
            StorageError: As for :meth:`open`.
        """
        for file, entry in self.manifest(name).files.items():
            if serving_only and file not in layout.SERVED:
                continue
            path = self._file(name, file)
            with reading(path):
                check_array(path, entry)
                if not is_sound(path, entry.sha256):
                    raise IndexCorruptError(path, "does not have the checksum of its manifest")

    def write(
        self,
        arrays: Mapping[str, NDArray[Any]],
        details: Mapping[str, Any],
        *,
        now: datetime,
        base: str = "",
        shared: Collection[str] = (),
    ) -> str:
        """Write a version, without publishing it.

        It appears under its name whole and durable, or not at all. Waits for
        another process that is writing to the same data folder. As long as this object
        lives and writes no other, pruning leaves it alone: there is time to publish it.

        If a version with the same answers was written in the same second, that one is left
        alone and named. If its name is taken otherwise, the new one is dated a second later.

        Args:
            arrays: All serving arrays of :mod:`related_posts.layout`, and any more.
            details: What the build tells about itself, by the names of
                :data:`related_posts.manifest.DETAILS`; any may be left out.
            now: The aware moment of the build.
            base: A version that holds some of these arrays already; it must be sound.
            shared: Their names: its very files are linked to, and neither copied nor read.

        Returns:
            The version's name.

        Raises:
            ValueError: Arrays or details are not those of a version.
            TypeError: A detail is not JSON.
            StorageError: It could not be written; nothing of it is left.
        """
        sizes = check(arrays, shared)
        check_details(details)
        if now.utcoffset() is None:
            raise ValueError(f"now has no time zone ({now})")
        with writing(self.versions), self._locked():
            folder = self.versions / _hidden()
            try:
                folder.mkdir()
                earlier = self.manifest(base).files if shared else {}
                files = {
                    name: earlier[name]
                    for name in sorted(shared)
                    if link(self._file(base, name), folder / f"{name}.npy")
                }
                rest = {name: arrays[name] for name in sorted(arrays.keys() - files.keys())}
                files = dict(sorted({**files, **write_arrays(folder, rest)}.items()))
                manifest = Manifest(
                    version="",
                    created=now.astimezone(UTC),
                    content=_content(files, details),
                    n_posts=sizes["n"],
                    n_terms=sizes["v"],
                    k=sizes["k"],
                    files=files,
                    **{**details, "languages": tuple(details.get("languages", ()))},
                )
                manifest, exists = self._named(manifest)
                if exists:
                    _discard(folder)
                    self._written = Lease(self.versions / manifest.version / MANIFEST)
                    return manifest.version
                write_bytes(folder / MANIFEST, manifest.to_json())
                sync_folder(folder)
                folder = folder.rename(self.versions / manifest.version)
                sync_folder(self.versions)
                self._written = Lease(folder / MANIFEST)
            except BaseException:
                _discard(folder)
                raise
        return manifest.version

    def publish(self, name: str) -> None:
        """Make a version the published one, by replacing the pointer as a whole.

        Raises:
            StorageError: The version cannot be opened, or the pointer could not
                be written. If only the last sync failed, the pointer has moved.
        """
        self.open(name).close()
        with writing(self.data), self._locked():
            # Once more under the lock: nobody can remove it from here on.
            self._folder(name)
            # Whoever wrote it may have been killed before its name was durable.
            sync_folder(self.versions)
            replace_file(self.pointer, f"{name}\n".encode("ascii"))

    def remove(self, name: str, *, unless_read: bool = False) -> None:
        """Remove a version; whoever has it open keeps it.

        Args:
            name: The version.
            unless_read: Refuse where anybody has it open.

        Raises:
            IndexMissingError: There is no such version.
            StorageError: It is the published one, is read, or could not be removed.
        """
        with writing(self.versions), self._locked():
            folder = self._folder(name)
            if self._published() == name:
                raise StorageError(f"version {name} is published; publish another one first")
            with removing(folder / MANIFEST, unless_read=unless_read):
                folder = folder.rename(self.versions / _hidden())
            # Else a power cut may leave its name, and its files not.
            sync_folder(self.versions)
            shutil.rmtree(folder)

    def _open(self, name: str, verify: bool) -> Index:
        manifest = self.manifest(name)
        if verify:
            self.verify(name)
        arrays = {}
        path = self.versions / name / MANIFEST
        with reading(path):
            lease = Lease(path)
        for file, entry in manifest.files.items():
            path = self._file(name, file)
            with reading(path):
                if file in layout.SERVED:
                    arrays[file] = map_array(path, entry)
                else:
                    check_array(path, entry)

        def load(file: str, lease: Lease = lease) -> NDArray[Any]:
            # The index lives as long as this function, and the lease with it.
            path = self._file(name, file)
            if file not in manifest.files:
                raise IndexCorruptError(path, "is not part of this version")
            with reading(path):
                return map_array(path, manifest.files[file])

        return Index(manifest, arrays, load=load, place=str(self.versions / name))

    def _folder(self, name: str) -> Path:
        """The folder of a version that exists; a name never leads anywhere else."""
        folder = self.versions / name
        if not VERSION_NAME.fullmatch(name) or not folder.is_dir():
            raise IndexMissingError(self.versions, f"there is no version {name[:80]!r}")
        return folder

    def _file(self, name: str, file: str) -> Path:
        return self.versions / name / f"{file}.npy"

    def _published(self) -> str | None:
        try:
            return self.current_name()
        except StorageError:
            return None

    def _created(self, name: str) -> datetime:
        """When a version was built, by its name if its manifest does not tell."""
        try:
            return self.manifest(name).created
        except StorageError:
            pass
        try:
            return datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)

    def _named(self, manifest: Manifest) -> tuple[Manifest, bool]:
        """The manifest with a free name, or that of an equal version that exists."""
        while True:
            second = manifest.created.strftime("%Y%m%dT%H%M%SZ")
            manifest = replace(manifest, version=f"{second}-{manifest.content[:8]}")
            if not os.path.lexists(self.versions / manifest.version):
                return manifest, False
            try:
                with self._open(manifest.version, verify=True) as existing:
                    if existing.manifest.content == manifest.content:
                        return manifest, True
            except StorageError:
                pass
            manifest = replace(manifest, created=manifest.created + timedelta(seconds=1))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only writer in the data folder, and clear away what others left."""
        make_folder(self.versions)
        descriptor = os.open(self.versions / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            sweep(self.versions, ".writing-*")
            sweep(self.data, f".{CURRENT}-*")
            yield
        finally:
            # Closing gives the lock back, as does the end of the process.
            os.close(descriptor)


def _hidden() -> str:
    return f".writing-{os.getpid()}-{secrets.token_hex(8)}"


def _discard(folder: Path) -> None:
    """Remove what was written, under a hidden name so that half of it is never seen."""
    if VERSION_NAME.fullmatch(folder.name):
        folder = folder.rename(folder.with_name(_hidden()))
    shutil.rmtree(folder, ignore_errors=True)


def _content(files: Mapping[str, FileEntry], details: Mapping[str, Any]) -> str:
    """Checksum of all that decides a version's answers."""
    decisive = {name: value for name, value in details.items() if name not in _INCIDENTAL}
    sums = {name: entry.sha256 for name, entry in files.items()}
    canonical = orjson.dumps({"files": sums, **decisive}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()
