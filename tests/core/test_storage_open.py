"""Opening versions: the pointer, files and their handles, and formats of the past."""

from __future__ import annotations

import gc
import os
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from related_posts import layout, storage
from related_posts.errors import (
    IndexCorruptError,
    IndexIncompatibleError,
    IndexMissingError,
    IndexOutdatedError,
    StorageError,
)
from related_posts.files import npy_header
from related_posts.layout import ANALYSIS, DROP_IN, SERVED, SHARING, SHARING_MORE
from related_posts.manifest import FORMAT_VERSION, SUPPORTED_FORMATS, Manifest
from related_posts.storage import Store

INDEXES = Path(__file__).parents[1] / "data" / "indexes"


def n_open_files() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are all that is wanted


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="this system does not list open files in /proc"
)


@needs_proc
def test_opening_and_closing_leaks_no_file(store: Store, published: str) -> None:
    """After fifty versions opened, used and closed, as many files are open as before."""
    gc.collect()  # What earlier tests left may hold files.
    before = n_open_files()
    for _ in range(50):
        with store.open(verify=True) as index:
            assert index.vectors.shape == (5, 5)
            assert index.terms(0) == "bread"
    assert n_open_files() == before


@needs_proc
def test_dropping_the_last_reference_closes(store: Store, published: str) -> None:
    """A service that forgets a version has closed its files, without waiting for a collection."""
    gc.collect()  # What earlier tests left may hold files.
    before = n_open_files()
    index = store.open()
    assert n_open_files() > before
    del index
    assert n_open_files() == before


@needs_proc
def test_a_version_that_cannot_be_opened_leaks_no_file(store: Store, published: str) -> None:
    """A service may try a damaged version again and again."""
    (store.versions / published / "titles_data.npy").write_bytes(b"")
    gc.collect()  # What earlier tests left may hold files.
    before = n_open_files()
    for _ in range(5):
        with pytest.raises(IndexCorruptError):
            store.open()
    assert n_open_files() == before


def test_only_what_answers_need_is_mapped_at_once(
    store: Store, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The analysis side is opened when it is first asked for, and then once."""
    mapped: list[str] = []
    real = storage.map_array

    def map_array(path: Path, entry: Any) -> NDArray[Any]:
        mapped.append(path.stem)
        return real(path, entry)

    monkeypatch.setattr(storage, "map_array", map_array)
    index = store.open()
    assert sorted(mapped) == sorted(layout.SERVED)
    mapped.clear()
    assert index.idf is index.idf
    assert mapped == ["idf"]


def test_arrays_are_plain_and_read_only(store: Store, published: str) -> None:
    """No caller can change a published version, nor meets a special kind of array."""
    index = store.open()
    assert type(index.idf) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        index.idf[0] = 1


def test_a_version_removed_between_pointer_and_files_is_not_an_error(
    store: Store,
    published: str,
    arrays: dict[str, NDArray[Any]],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the pointer moved on while it was followed, it is followed again."""
    newer = store.write(arrays, {}, now=now)
    real = Store.current_name
    moments = iter([lambda: None, lambda: (store.publish(newer), store.remove(published))])

    def current_name(self: Store) -> str:
        name = real(self)
        if self is reader:
            for act in moments:
                act()
        return name

    reader = Store(store.data)
    monkeypatch.setattr(Store, "current_name", current_name)
    assert reader.open().version == newer


@pytest.mark.parametrize("content", ["{}", "{}\n", " {}\r\n\n"])
def test_a_pointer_written_by_hand_will_do(store: Store, published: str, content: str) -> None:
    """White space around the name is nothing."""
    store.pointer.write_text(content.format(published), newline="")
    assert store.open().version == published


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        b"\0" * 26,
        b"x" * 5000,
        b"../../etc",
        b"/etc/passwd",
        b"versions/20260102T030405Z-0123abcd",
        b"20260102T030405Z-0123abcd/../x",
        b"20260102T030405Z-0123ABCD",
        b"20260102T030405Z-0123abcd\n20260102T030405Z-0123abcd\n",
        "２０260102T030405Z-0123abcd".encode(),
        b"20260102T030405Z-0123abcd",
    ],
)
def test_a_damaged_pointer_is_named_and_leads_nowhere(
    store: Store, published: str, content: bytes
) -> None:
    """Whatever the pointer holds but a version that is there, is damage with advice."""
    store.pointer.write_bytes(content)
    with pytest.raises(IndexCorruptError, match="related-posts train") as caught:
        store.open()
    assert caught.value.file == str(store.pointer)


def test_a_pointer_that_is_no_file_is_damage(store: Store, published: str) -> None:
    """A folder or a pipe in the pointer's place neither confuses nor blocks."""
    store.pointer.unlink()
    store.pointer.mkdir()
    with pytest.raises(IndexCorruptError, match="not a regular file"):
        store.open()
    store.pointer.rmdir()
    os.mkfifo(store.pointer)
    with pytest.raises(IndexCorruptError, match="not a regular file"):
        store.open()


def test_a_data_folder_that_is_a_file_holds_nothing(tmp_path: Path) -> None:
    """A wrong path is nothing published, and an error when written to."""
    place = tmp_path / "file"
    place.write_text("")
    assert Store(place).names() == []
    with pytest.raises(IndexMissingError):
        Store(place).open()


def test_a_data_folder_that_is_a_file_cannot_be_written_to(
    tmp_path: Path, arrays: dict[str, NDArray[Any]], now: datetime
) -> None:
    """The error names what is in the way."""
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(StorageError, match=str(place)):
        Store(place).write(arrays, {}, now=now)


def test_errors_while_reading_are_named_with_advice(
    store: Store, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many open files is not damage, and not the end of the version that is served."""
    real = os.open
    allowed = iter(range(8))

    def limited(path: Any, *arguments: Any, **options: Any) -> int:
        if next(allowed, None) is None:
            raise OSError(24, "Too many open files")
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", limited)
    with pytest.raises(StorageError, match="ulimit") as caught:
        store.open()
    assert not isinstance(caught.value, IndexCorruptError)


def test_readers_never_meet_half_a_version(
    store: Store, published: str, tiny: ModuleType, now: datetime
) -> None:
    """While another thread writes, publishes and removes, every opening succeeds and is whole."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                with store.open() as index:
                    step = index.manifest.settings.get("step", 60)
                    assert index.neighbours(0, 1)[1] == pytest.approx([step / 100])
        except BaseException as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    last = published
    for step in range(2, 22):
        arrays = tiny.arrays()
        arrays["similarities"][0, 0] = step / 100
        name = store.write(arrays, {"settings": {"step": step}}, now=now + timedelta(seconds=step))
        store.publish(name)
        store.remove(last)
        last = name
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []


@pytest.mark.parametrize("dtype", sorted(layout.DTYPES))
@pytest.mark.parametrize("shape", [(0,), (1,), (3,), (0, 5), (2, 3), (10**9,), (10**9, 50, 2)])
def test_headers_are_those_of_numpy(dtype: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    """Numpy reads from our header the type and shape it was made of, and aligned data behind it."""
    header = npy_header(dtype, shape)
    (tmp_path / "x.npy").write_bytes(header)
    with (tmp_path / "x.npy").open("rb") as file:
        assert np.lib.format.read_magic(file) == (1, 0)
        assert np.lib.format.read_array_header_1_0(file) == (shape, False, np.dtype(dtype))
        assert file.tell() == len(header)
    assert len(header) % 64 == 0


@pytest.mark.parametrize("format_version", SUPPORTED_FORMATS)
def test_versions_of_every_supported_format_still_answer(
    format_version: int, tiny: ModuleType
) -> None:
    """An index frozen when its format was new is read today, array by array.

    It is missing, never made here: tests/data/indexes/make.py writes it once.
    """
    store = Store(INDEXES / f"v{format_version}")
    with store.open(verify=True) as index:
        assert index.manifest.format == format_version
        assert index.created == tiny.NOW
        for row, post in enumerate(tiny.POSTS):
            assert index.row(id=post.id) == index.row(url=post.url) == row
            assert index.post(row)["title"] == post.title
        assert index.row(url="http://www.blog.example/old/rye.html?utm_source=x") == 0
        rows, similarities, scores = index.neighbours(0, 5)
        assert rows == [1, 2, 3]
        assert similarities == pytest.approx([0.6, 0.5, 0.25])
        assert scores == [1, 0.75, 0.125]
        assert index.neighbours(3, 5)[0] == [0]
        assert index.terms(1) == "käse"
        assert index.readable(4) == "rye Bread"
        assert index.vectors.toarray()[1] == pytest.approx([0.6, 0, 0, 0.8, 0])
        assert index.titles.toarray()[2] == pytest.approx([1, 0, 0, 0, 0])
        assert index.days[2] == -1
        assert index.manifest.languages[index.languages[3]] == "de"


#: Without its pairs a version has fewer terms than it says, which is damage.
NEEDED = sorted((ANALYSIS.keys() | DROP_IN.keys()) - {"pairs"})
SHARED = SHARING.keys() | SHARING_MORE.keys()


@pytest.mark.parametrize("name", [*NEEDED, *sorted(SHARED)])
def test_a_version_that_lacks_what_was_added_says_so(
    store: Store, published: str, name: str
) -> None:
    """Its manifest tells before anything is asked of it; what is shared is there whole or not."""
    whole = store.manifest(published)
    files = {each: entry for each, entry in whole.files.items() if each != name}
    with pytest.raises(IndexOutdatedError) as caught:
        Manifest.from_json(replace(whole, files=files).to_json(), "here")
    assert caught.value.lacking == (name,)
    unshared = {each: entry for each, entry in whole.files.items() if each not in SHARED}
    assert Manifest.from_json(replace(whole, files=unshared).to_json(), "here").files == unshared


def test_an_outdated_version_is_refused(
    store: Store, tiny: ModuleType, arrays: dict[str, Any]
) -> None:
    """However it is opened: what is lacking, where, what to do; and it is never published."""
    del arrays["damping"]
    version = store.write(arrays, tiny.DETAILS, now=tiny.NOW)
    for ask in (store.open, store.manifest, store.publish, store.verify):
        with pytest.raises(IndexOutdatedError, match=r"earlier format.*train again") as caught:
            ask(version)
        assert caught.value.lacking == ("damping",)
        assert version in caught.value.place
    with pytest.raises(IndexMissingError):
        store.current_name()


def test_a_version_that_only_answers_is_whole(
    store: Store, tiny: ModuleType, arrays: dict[str, Any]
) -> None:
    """One that holds nothing but what plain answers need opens."""
    few = {name: arrays[name] for name in SERVED}
    with store.open(store.write(few, tiny.DETAILS, now=tiny.NOW)) as index:
        assert index.neighbours(0, 5)[0] == [1, 2, 3]


def test_an_older_format_is_refused_with_advice() -> None:
    """A version of format 1, which has no facets, says that training builds a new one."""
    with pytest.raises(IndexIncompatibleError, match="related-posts train") as caught:
        Store(INDEXES / "v1").open()
    assert caught.value.found == 1


def test_the_format_written_today_is_frozen() -> None:
    """A new format brings its own frozen index."""
    assert (INDEXES / f"v{FORMAT_VERSION}" / "current").is_file()
    assert max(SUPPORTED_FORMATS) == FORMAT_VERSION
