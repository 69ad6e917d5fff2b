"""``harness/power_cut.py``: what it says a cut of the power may leave."""

from __future__ import annotations

import random
from pathlib import Path

import power_cut
import pytest
from hypothesis import given
from hypothesis import strategies as st
from power_cut import Call, Disk, File, Folder, recorded

NAMES = st.sampled_from(["a", "b", "c"])
WRITES = st.tuples(st.integers(0, 9), st.binary(min_size=1, max_size=4))
CUTS = st.tuples(st.integers(0, 9), st.none())


def call(name: str, inode: int = 0, path: str = "", **more: object) -> Call:
    """One call of a record."""
    values = {"place": 0, "to": "", "data": b"", **more}
    return Call(name, inode, path=path, **values)  # type: ignore[arg-type]  # by name


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """A folder with one file, old, all of which is on the disk."""
    place = tmp_path / "data"
    power_cut.write({"old": b"old"}, place)
    return Disk(place)


def left(disk: Disk) -> dict[str, power_cut.Tree]:
    """What a cut leaves, by kind."""
    return disk.states(random.Random(0))


def test_what_was_not_synced_is_lost_or_hollow(disk: Disk) -> None:
    """A new file has no name, or its name and zeros."""
    disk.apply(call("create", 7, "/new"))
    disk.apply(call("write", 7, "/new", data=b"abc"))
    assert disk.now() == {"old": b"old", "new": b"abc"}
    assert left(disk)["lost"] == {"old": b"old"}
    assert left(disk)["hollow"] == {"old": b"old", "new": b"\0\0\0"}


def test_a_file_and_its_name_are_synced_apart(disk: Disk) -> None:
    """The content by the file, the name by the folder."""
    disk.apply(call("create", 7, "/new"))
    disk.apply(call("write", 7, "/new", data=b"abc"))
    disk.apply(call("sync", 7, "/new"))
    assert left(disk)["lost"] == {"old": b"old"}
    assert left(disk)["hollow"] == {"old": b"old", "new": b"abc"}
    disk.apply(call("rename", path="/new", to="/old"))
    assert left(disk)["lost"] == {"old": b"old"}
    assert left(disk)["hollow"] == {"old": b"abc"}
    top = next(inode for inode, node in disk._by_inode.items() if node is disk.top)
    disk.apply(call("sync", top))
    assert all(tree == {"old": b"abc"} for tree in left(disk).values())


def test_a_folder_has_the_names_of_a_moment_since_it_was_synced(disk: Disk) -> None:
    """All of them come up, in any order with those of another folder."""
    disk.apply(call("folder", 8, "/in"))
    disk.apply(call("create", 9, "/in/x"))
    disk.apply(call("remove", path="/old"))
    seen = {tuple(disk.states(random.Random(seed))["mixed"]) for seed in range(99)}
    assert seen == {("old",), ("in", "old"), ("in", "in/x", "old"), ("in",), ("in", "in/x")}


@given(st.lists(st.one_of(WRITES, CUTS)), st.lists(st.one_of(WRITES, CUTS)), st.integers())
def test_what_was_synced_stays_as_it_was(
    before: list[tuple[int, bytes | None]], after: list[tuple[int, bytes | None]], seed: int
) -> None:
    """Every state of a file is its synced content where nothing was written since."""
    file = File()
    slow = b""
    for place, data in before:
        file.change(place, data)
        head = slow[:place].ljust(place, b"\0")
        slow = head if data is None else head + data + slow[place + len(data) :]
    file.sync()
    disk = Disk.__new__(Disk)
    disk.top = Folder({"a": file})
    disk.top.sync()
    assert all(tree == {"a": slow} for tree in disk.states(random.Random(seed)).values())
    for place, data in after:
        file.change(place, data)
    assert disk.states(random.Random(seed))["lost"] == {"a": slow}
    assert len(disk.states(random.Random(seed))["hollow"]["a"] or b"") == len(file.now)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Paths with spaces and line feeds, and data that looks like a line of the record."""
    path = tmp_path / "record"
    path.write_bytes(b"write 7 3 9 4 0\n/a\n mark 0 0\nrename 0 0 0 2 4\n/a/b cmark 0 0 0 0 0\n")
    assert list(recorded(path)) == [
        call("write", 7, "/a\n ", place=3, data=b"mark 0 0\n"),
        call("rename", path="/a", to="/b c"),
        call("mark"),
    ]
