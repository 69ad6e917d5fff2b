"""Writing, publishing and removing versions, and what is left when that fails."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from related_posts.errors import IndexCorruptError, IndexMissingError, StorageError
from related_posts.manifest import VERSION_NAME
from related_posts.storage import Store

Arrays = dict[str, NDArray[Any]]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its content, the lock left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def other(arrays: Arrays) -> Arrays:
    """Arrays of another version of the same posts."""
    return {**arrays, "idf": arrays["idf"] * 2}


def test_what_is_written_is_read(store: Store, published: str, tiny: ModuleType) -> None:
    """Every array and detail comes back, and every file is an ordinary .npy file."""
    with store.open(published) as index:
        for name, array in tiny.arrays().items():
            np.testing.assert_array_equal(index._array(name), array)
            path = store.versions / published / f"{name}.npy"
            np.testing.assert_array_equal(np.load(path, allow_pickle=False), array)
            assert (index._array(name).dtype, np.load(path).dtype) == (array.dtype, array.dtype)
            assert not index._array(name).flags.writeable
        for name, detail in tiny.DETAILS.items():
            kept = getattr(index.manifest, name)
            assert (list(kept) if name == "languages" else kept) == detail
        assert index.created == tiny.NOW
        assert (index.n_posts, index.n_terms, index.k) == (5, 5, 3)


def test_nothing_else_is_left_in_the_data_folder(store: Store, published: str) -> None:
    """A version is a folder of arrays and a manifest; beside it there is the pointer."""
    found = tree(store.data)
    assert found.pop("current") == f"{published}\n".encode()
    assert {Path(name).parent.name for name in found} == {published}


def test_a_name_tells_the_second_and_the_content(
    store: Store, arrays: Arrays, now: datetime
) -> None:
    """Names begin with the moment in UTC and end with digits that equal builds share."""
    elsewhere = now.astimezone(timezone(timedelta(hours=9)))
    first = store.write(arrays, {"seconds": {"vectors": 1.0}}, now=elsewhere)
    later = store.write(arrays, {"seconds": {"vectors": 2.0}}, now=now + timedelta(hours=1))
    changed = store.write(other(arrays), {}, now=now + timedelta(hours=2))
    resettled = store.write(arrays, {"settings": {"k": 1}}, now=now + timedelta(hours=3))
    assert all(VERSION_NAME.fullmatch(name) for name in (first, later, changed))
    assert first.startswith("20260203T040506Z-")
    assert first[17:] == later[17:]
    assert len({first[17:], changed[17:], resettled[17:]}) == 3


def test_writing_does_not_publish(store: Store, arrays: Arrays, now: datetime) -> None:
    """A version is there before anybody is told to read it."""
    name = store.write(arrays, {}, now=now)
    assert store.names() == [name]
    with pytest.raises(IndexMissingError):
        store.current_name()


def test_the_same_version_is_written_once(store: Store, arrays: Arrays, now: datetime) -> None:
    """Equal builds of one second are one version, which is not touched."""
    name = store.write(arrays, {"seconds": {"a": 1.0}}, now=now)
    before = tree(store.data)
    assert store.write(arrays, {"seconds": {"a": 2.0}}, now=now) == name
    assert tree(store.data) == before


def test_a_damaged_version_of_the_same_name_is_not_taken_for_it(
    store: Store, arrays: Arrays, now: datetime
) -> None:
    """If the name is taken by something unusable, the new version is dated a second later."""
    name = store.write(arrays, {}, now=now)
    (store.versions / name / "scores.npy").write_bytes(b"")
    again = store.write(arrays, {}, now=now)
    assert again == f"20260203T040507Z-{name[17:]}"
    assert store.open(again, verify=True).created == now + timedelta(seconds=1)


def test_names_are_in_the_order_of_their_moments(
    store: Store, arrays: Arrays, now: datetime
) -> None:
    """Versions are listed oldest first, also within one second; damaged ones are listed too."""
    later = store.write(arrays, {}, now=now + timedelta(microseconds=2))
    earlier = store.write(other(arrays), {}, now=now + timedelta(microseconds=1))
    before = store.write(arrays, {}, now=now - timedelta(days=1))
    after = store.write(arrays, {}, now=now + timedelta(days=1))
    (store.versions / after / "manifest.json").unlink()
    (store.versions / "notes").mkdir()
    (store.versions / "20260101T000000Z-00000000").write_text("no folder")
    assert store.names() == [before, earlier, later, after]


def test_a_folder_that_is_not_there_has_no_versions(store: Store) -> None:
    """Asking creates nothing."""
    assert store.names() == []
    with pytest.raises(IndexMissingError, match="related-posts train"):
        store.open()
    assert not store.data.exists()


def test_publishing_moves_the_pointer(
    store: Store, published: str, arrays: Arrays, now: datetime
) -> None:
    """The pointer names one version at a time, and can go back; its inode changes."""
    inode = store.pointer.stat().st_ino
    newer = store.write(other(arrays), {}, now=now)
    store.publish(newer)
    assert store.open().version == store.current_name() == newer
    assert store.pointer.stat().st_ino != inode
    store.publish(published)
    assert store.open().version == published


@pytest.mark.parametrize("name", ["", "x", "../data", "20260203T040506Z-00000000", "/etc", "a\0"])
def test_only_versions_can_be_published_opened_or_removed(
    store: Store, published: str, name: str
) -> None:
    """A name that is none, or of no version, changes nothing and leads nowhere."""
    for act in (store.publish, store.open, store.remove, store.verify, store.manifest):
        with pytest.raises(IndexMissingError):
            act(name)
    assert store.current_name() == published


def test_a_damaged_version_cannot_be_published(
    store: Store, published: str, arrays: Arrays, now: datetime
) -> None:
    """The pointer never moves to what could not be opened."""
    broken = store.write(other(arrays), {}, now=now)
    (store.versions / broken / "items.npy").unlink()
    with pytest.raises(IndexCorruptError):
        store.publish(broken)
    assert store.current_name() == published


def test_a_version_can_be_removed_unless_it_is_published(
    store: Store, published: str, arrays: Arrays, now: datetime
) -> None:
    """Removing leaves nothing behind, the published version aside, and readers unharmed."""
    name = store.write(other(arrays), {}, now=now)
    index = store.open(name)
    store.remove(name)
    assert store.names() == [published]
    assert index.post(0)["id"] == "/rye/"
    with pytest.raises(StorageError, match="is published"):
        store.remove(published)
    assert store.open().version == published


def test_wrong_input_is_refused_before_anything_is_written(
    store: Store, arrays: Arrays, now: datetime
) -> None:
    """A caller's mistake leaves no trace."""
    for wrong, details, moment in (
        ({**arrays, "scores": arrays["scores"] * 2}, {}, now),
        (arrays, {"sight": 1}, now),
        (arrays, {}, now.replace(tzinfo=None)),
    ):
        with pytest.raises(ValueError, match=r"scores|sight|time zone"):
            store.write(wrong, details, now=moment)
    assert not store.data.exists()


def test_arrays_of_any_memory_order_are_written_in_rows(
    store: Store, arrays: Arrays, now: datetime
) -> None:
    """Slices and transposed arrays are stored like their copies."""
    strange = {name: np.repeat(array, 2, axis=0)[::2] for name, array in arrays.items()}
    strange["scores"] = np.asfortranarray(arrays["scores"])
    assert store.write(strange, {}, now=now)[17:] == store.write(arrays, {}, now=now)[17:]


class Faults:
    """Makes the n-th of the system calls that a write needs fail, and counts them."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int | None, code: int) -> None:
        self.calls = 0
        self._at = at
        self._code = code
        self._failed: str | None = None
        for name in ("write", "fsync", "mkdir", "rename", "replace"):
            patch.setattr(os, name, self._faulty(name, getattr(os, name)))
        patch.setattr(os, "open", self._faulty("open", os.open))
        patch.setattr(fcntl, "flock", self._faulty("flock", fcntl.flock))

    def _faulty(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if name == "mkdir" and Path(arguments[0]).is_dir():
                # Making a folder that exists fails anyhow, which is expected.
                return real(*arguments, **options)
            self.calls += 1
            if self.calls - 1 == self._at:
                self._failed = name
                raise OSError(self._code, os.strerror(self._code))
            if name == "write" and self._failed == "write" and self._code == errno.ENOSPC:
                # A full disk stays full.
                raise OSError(self._code, os.strerror(self._code))
            return real(*arguments, **options)

        return call


def count(act: Callable[[], object]) -> int:
    """How many system calls an action makes."""
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch, None, 0)
        act()
        return faults.calls


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_no_failed_write_leaves_a_trace(
    store: Store, published: str, arrays: Arrays, now: datetime, tmp_path: Path, code: int
) -> None:
    """Whichever step fails: a clear error, the published version as before, and no litter."""
    few = {name: array for name, array in arrays.items() if not name.startswith("titles")}
    trial = Store(tmp_path / "trial")
    trial.versions.mkdir(parents=True)
    steps = count(lambda: trial.write(few, {}, now=now))
    before = tree(store.data)
    folders = sorted(store.versions.iterdir())
    assert steps > 60
    for at in range(steps):
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, at, code)
            with pytest.raises(StorageError) as caught:
                store.write(few, {}, now=now)
        assert os.strerror(code) in str(caught.value)
        assert "the published version is unchanged" in str(caught.value)
        assert tree(store.data) == before
        assert sorted(store.versions.iterdir()) == folders
    assert store.open(verify=True).version == published


def test_a_failed_publication_leaves_a_version_published(
    store: Store, published: str, arrays: Arrays, now: datetime
) -> None:
    """Whichever step fails, the pointer names a whole version: the old one until it has moved."""
    name = store.write(other(arrays), {}, now=now)
    steps = count(lambda: store.publish(name))
    store.publish(published)
    moved = []
    for at in range(steps):
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, at, errno.EIO)
            with pytest.raises(StorageError):
                store.publish(name)
        assert store.open(verify=True).version in (published, name)
        assert not list(store.data.glob(".current*"))
        moved.append(store.current_name() == name)
    # Only the folder's own sync comes after the move: opening it, and syncing it.
    assert moved == [False] * (steps - 2) + [True] * 2


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "give this user the right"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EIO, "the disk may be failing"),
        (errno.ENOLCK, "has no locks"),
    ],
)
def test_errors_of_the_system_say_what_to_do(
    store: Store, arrays: Arrays, now: datetime, code: int, advice: str
) -> None:
    """A full disk, a missing right and the like are named with the file and with advice."""
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, 12, code)
        with pytest.raises(StorageError, match=advice) as caught:
            store.write(arrays, {}, now=now)
    assert str(store.versions) in str(caught.value)


def test_a_system_that_cannot_sync_folders_will_do(
    store: Store, arrays: Arrays, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems refuse to sync a folder; that is no error."""
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    store.publish(store.write(arrays, {}, now=now))
    assert store.open().n_posts == 5


def test_an_interruption_leaves_no_trace(
    store: Store, published: str, arrays: Arrays, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle of writing is passed on after clearing up."""
    before = tree(store.data)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.write(arrays, {}, now=now)
    assert tree(store.data) == before


def test_the_next_write_sweeps_away_what_a_killed_one_left(
    store: Store, published: str, arrays: Arrays, now: datetime
) -> None:
    """A process that died half-way left hidden names, which are not versions and do not stay."""
    left = store.versions / ".writing-1-0123"
    left.mkdir()
    (left / "items.npy").write_bytes(b"half")
    (store.data / ".current-0123").write_text("half")
    assert store.names() == [published]
    name = store.write(other(arrays), {}, now=now)
    assert not left.exists()
    assert not (store.data / ".current-0123").exists()
    assert store.names() == [published, name]


def _write_in_child(data: Path, started: Any, tiny_arrays: Arrays, now: datetime) -> None:
    started.set()
    Store(data).write(tiny_arrays, {}, now=now)


def test_writers_take_turns(store: Store, published: str, arrays: Arrays, now: datetime) -> None:
    """A second process waits for the first, whose half-written version it does not sweep away."""
    spawn = multiprocessing.get_context("spawn")
    started = spawn.Event()
    child = spawn.Process(target=_write_in_child, args=(store.data, started, arrays, now))
    with store._locked():
        half = store.versions / ".writing-half"
        half.mkdir()
        child.start()
        assert started.wait(60)
        assert half.exists()
        assert len(store.names()) == 1
    child.join(60)
    assert child.exitcode == 0
    assert not half.exists()
    assert len(store.names()) == 2


def test_the_lock_is_given_back_after_an_error(store: Store, arrays: Arrays, now: datetime) -> None:
    """A failed write does not keep the next one waiting."""
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, 10, errno.EIO)
        with pytest.raises(StorageError):
            store.write(arrays, {}, now=now)
    assert store.write(arrays, {}, now=now) in store.names()


def test_years_of_any_length_of_use(store: Store, arrays: Arrays) -> None:
    """A clock that is far off makes names that are still names."""
    for year in (1970, 9998):
        assert store.write(arrays, {}, now=datetime(year, 1, 1, tzinfo=UTC)).startswith(str(year))
