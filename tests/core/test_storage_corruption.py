"""Damage to a version on disk, one kind after the other."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from related_posts import layout
from related_posts.errors import (
    IndexCorruptError,
    IndexIncompatibleError,
    IndexMissingError,
    StorageError,
)
from related_posts.manifest import FORMAT_VERSION
from related_posts.storage import Store

ARRAYS = sorted(layout.ARRAYS)
EVERY_FILE = [*(f"{name}.npy" for name in ARRAYS), "manifest.json"]


def flip(path: Path, place: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def saved(array: Any, **options: Any) -> bytes:
    """An array as numpy itself saves it."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def refused(store: Store, name: str, *, verify: bool = False, file: str | None = None) -> None:
    """The version is refused with an error that names the file and what to do."""
    for which in (None, name):
        with pytest.raises(IndexCorruptError, match="run `related-posts train` to build") as caught:
            store.open(which, verify=verify)
        if file:
            assert Path(caught.value.file) == store.versions / name / file


@pytest.mark.parametrize("file", EVERY_FILE)
def test_a_missing_file(store: Store, published: str, file: str) -> None:
    """A version without one of its files is incomplete."""
    (store.versions / published / file).unlink()
    refused(store, published, file=file)


@pytest.mark.parametrize("file", EVERY_FILE)
@pytest.mark.parametrize("left", [0, 1, 127, 128, -1])
def test_a_truncated_file(store: Store, published: str, file: str, left: int) -> None:
    """A version with a shortened file, by however much, is refused when it is opened."""
    path = store.versions / published / file
    data = path.read_bytes()
    if left >= len(data):
        # An empty array is only its header.
        left = -1
    path.write_bytes(
        data[:left] if file != "manifest.json" else data[: left - 1 if left < 0 else left]
    )
    refused(store, published, file=file)


@pytest.mark.parametrize("file", EVERY_FILE)
def test_a_file_with_something_behind_it(store: Store, published: str, file: str) -> None:
    """A version with a longer file is refused when it is opened."""
    path = store.versions / published / file
    path.write_bytes(path.read_bytes() + b"x")
    refused(store, published, file=file)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_flipped_bit_in_a_header(store: Store, published: str, name: str) -> None:
    """Any change of the first 128 bytes is found when a version is opened."""
    path = store.versions / published / f"{name}.npy"
    for place in range(0, 128, 9):
        flip(path, place)
        refused(store, published, file=f"{name}.npy")
        flip(path, place)
    assert store.open(verify=True).n_posts == 5


@pytest.mark.parametrize("name", ARRAYS)
def test_a_flipped_bit_in_the_data(store: Store, published: str, name: str) -> None:
    """Any change of the numbers is found by the checksum."""
    path = store.versions / published / f"{name}.npy"
    size = path.stat().st_size
    for place in {128, (128 + size) // 2, size - 1}:
        flip(path, place)
        refused(store, published, verify=True, file=f"{name}.npy")
        with pytest.raises(IndexCorruptError, match="checksum"):
            store.verify(published)
        flip(path, place)
    store.verify(published)


def test_a_service_need_not_check_what_it_does_not_read(store: Store, published: str) -> None:
    """Checking the serving side finds damage there, and passes over the rest."""
    path = store.versions / published
    flip(path / "vectors_data.npy", 130)
    store.verify(published, serving_only=True)
    flip(path / "scores.npy", 130)
    with pytest.raises(IndexCorruptError, match="scores"):
        store.verify(published, serving_only=True)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array.astype(np.int8),
        lambda array: array[..., None],
        lambda array: array.repeat(2, axis=0),
        lambda array: array.reshape(-1)[:0],
    ],
    ids=["type", "axes", "longer", "empty"],
)
def test_another_array(
    store: Store, published: str, name: str, change: Callable[[Any], Any]
) -> None:
    """A sound file with an array of another type or shape is refused when it is opened."""
    path = store.versions / published / f"{name}.npy"
    path.write_bytes(saved(change(np.nan_to_num(np.load(path)))))
    refused(store, published, file=f"{name}.npy")


@pytest.mark.parametrize("name", ["items", "neighbours", "idf"])
def test_pickled_objects_are_never_loaded(
    store: Store, published: str, name: str, tmp_path: Path
) -> None:
    """A file with objects is refused, and none of its code runs."""
    witness = tmp_path / "witness"

    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
            return os.mkdir, (str(witness),)

    path = store.versions / published / f"{name}.npy"
    wanted = path.stat().st_size
    data = saved(np.array([Evil()], dtype=object), allow_pickle=True)
    path.write_bytes(data.ljust(wanted, b"\0")[: max(wanted, len(data))])
    refused(store, published, file=f"{name}.npy")
    assert not witness.exists()


@pytest.mark.parametrize("file", EVERY_FILE)
def test_something_else_in_a_files_place(store: Store, published: str, file: str) -> None:
    """A folder or a pipe where a file should be is refused without waiting."""
    path = store.versions / published / file
    path.unlink()
    path.mkdir()
    refused(store, published)
    path.rmdir()
    os.mkfifo(path)
    refused(store, published)


def test_a_manifest_of_a_version_with_another_name(store: Store, published: str) -> None:
    """A renamed folder is refused, since answers carry the version's name."""
    renamed = "20270101T000000Z-00000000"
    (store.versions / published).rename(store.versions / renamed)
    with pytest.raises(IndexCorruptError, match=f"that of version {published}"):
        store.open(renamed)


def test_a_version_of_a_future_format(store: Store, published: str) -> None:
    """A version of a later release is refused with what it is and what to do."""
    path = store.versions / published / "manifest.json"
    path.write_bytes(
        orjson.dumps({**orjson.loads(path.read_bytes()), "format": FORMAT_VERSION + 1})
    )
    with pytest.raises(IndexIncompatibleError, match=r"install the newer release.*train") as caught:
        store.open()
    assert caught.value.found == FORMAT_VERSION + 1


def test_a_huge_manifest_is_not_read(store: Store, published: str) -> None:
    """A manifest of a gigabyte, all holes, costs nothing."""
    os.truncate(store.versions / published / "manifest.json", 1 << 30)
    refused(store, published, file="manifest.json")


def test_a_missing_version(store: Store, published: str) -> None:
    """A pointer to a version that was deleted by hand is damage of the pointer."""
    (store.versions / published).rename(store.data / "elsewhere")
    with pytest.raises(IndexCorruptError, match="names version") as caught:
        store.open()
    assert caught.value.file == str(store.pointer)
    with pytest.raises(IndexMissingError):
        store.open(published)


def test_damage_to_one_version_is_no_damage_to_another(
    store: Store, published: str, arrays: Any, now: Any
) -> None:
    """The version before a damaged one can still be opened and published."""
    newer = store.write(arrays, {}, now=now)
    store.publish(newer)
    flip(store.versions / newer / "manifest.json", 40)
    with pytest.raises(StorageError):
        store.open()
    assert store.names() == [published, newer]
    store.publish(published)
    assert store.open(verify=True).version == published
