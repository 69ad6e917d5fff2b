"""What a disk may hold after a power cut, from a record of the calls that changed it.

A file system promises little: the content of a file is on the disk once the file was synced,
a name once its folder was. Of what came after, any part may be there, so that a cut leaves one
of many states. Three are looked at:

- *lost*: nothing that was not synced is there;
- *hollow*: every name is there and every file has its length, with zeros for what was not synced;
- *mixed*: each folder has the names of some moment since it was synced, and each file any of its
  writes since, or zeros for them; drawn with a fixed seed.

Source: Pillai et al. (2014), *All File Systems Are Not Created Equal*, OSDI: the states that
their tool ALICE makes, simplified.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

#: Path within the folder to content; None for a folder.
Tree: TypeAlias = dict[str, bytes | None]

#: The index of SQLite's log lives in memory that is shared, and is made anew from the log.
REMADE = "-shm"
#: How the system ends the path of an open file that has no name any more, or never had one.
NAMELESS = " (deleted)"


@dataclass(slots=True)
class File:
    """A file's content now, when it was synced, and what was written since.

    Attributes:
        now: The content as every process sees it.
        kept: As it was synced last.
        since: Place and data of each write since; a length and None where it was cut.
    """

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def change(self, place: int, data: bytes | None) -> None:
        """Write data at a place, or cut it there."""
        _change(self.now, place, data)
        self.since.append((place, data))

    def sync(self) -> None:
        """Have it on the disk."""
        self.kept = bytes(self.now)
        self.since.clear()


@dataclass(slots=True)
class Folder:
    """The names in a folder: now, when it was synced, and at each moment since."""

    now: dict[str, File | Folder] = field(default_factory=dict)
    moments: list[dict[str, File | Folder]] = field(default_factory=lambda: [{}])

    def change(self) -> None:
        """Take note of the names after one of them changed."""
        self.moments.append(dict(self.now))

    def sync(self) -> None:
        """Have them on the disk."""
        self.moments = [dict(self.now)]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a record; the paths are within the folder."""

    name: str
    inode: int
    place: int
    path: str
    to: str
    data: bytes


def recorded(path: Path) -> Iterator[Call]:
    """The calls of a record, in order."""
    with path.open("rb") as file:
        while line := file.readline():
            name, inode, place, *lengths = line.decode().split()
            n_data, n_path, n_to = map(int, lengths)
            places = file.read(n_path).decode(), file.read(n_to).decode()
            data = file.read(n_data) if name == "write" else b""
            yield Call(name, int(inode), int(place), *places, data)


class Disk:
    """A folder as calls change it, from what it holds now, all of which is on the disk.

    Args:
        place: The folder.
    """

    def __init__(self, place: Path) -> None:
        self._by_inode: dict[int, File | Folder] = {}
        self.top = self._found(place)
        assert isinstance(self.top, Folder)

    def apply(self, call: Call) -> None:
        """Do what a call did."""
        if call.path.endswith(NAMELESS):
            return
        node = self._by_inode.get(call.inode)
        match call.name:
            case "write" | "truncate":
                assert isinstance(node, File), call
                node.change(call.place, call.data if call.name == "write" else None)
            case "sync":
                assert node is not None, call
                node.sync()
            case "create" | "folder":
                node = File() if call.name == "create" else Folder()
                self._by_inode[call.inode] = node
                self._put(call.path, node)
            case "remove":
                self._take(call.path)
            case "rename":
                self._put(call.to, self._take(call.path))
            case "link":
                folder, name = self._beside(call.path)
                self._put(call.to, folder.now[name])
            case _:
                raise AssertionError(call)

    def now(self) -> Tree:
        """What every process sees."""
        return _tree(self.top, lambda folder: folder.now, lambda file: bytes(file.now))

    def states(self, draw: random.Random) -> dict[str, Tree]:
        """What may be left of it by a cut that comes now."""
        return {
            "lost": _tree(self.top, lambda folder: folder.moments[0], lambda file: file.kept),
            "hollow": _tree(self.top, lambda folder: folder.now, _hollow),
            "mixed": _tree(
                self.top,
                lambda folder: draw.choice(folder.moments),
                lambda file: _mixed(file, draw),
            ),
        }

    def _found(self, path: Path) -> File | Folder:
        inode = path.stat().st_ino
        node: File | Folder
        if inode in self._by_inode:
            node = self._by_inode[inode]
        elif path.is_dir():
            node = Folder({each.name: self._found(each) for each in sorted(path.iterdir())})
        else:
            content = path.read_bytes()
            node = File(bytearray(content), content)
        node.sync()
        self._by_inode[inode] = node
        return node

    def _beside(self, path: str) -> tuple[Folder, str]:
        """The folder of a path, and the name in it."""
        *folders, name = path.strip("/").split("/")
        node: File | Folder = self.top
        for each in folders:
            assert isinstance(node, Folder), path
            node = node.now[each]
        assert isinstance(node, Folder), path
        return node, name

    def _put(self, path: str, node: File | Folder) -> None:
        folder, name = self._beside(path)
        folder.now[name] = node
        folder.change()

    def _take(self, path: str) -> File | Folder:
        folder, name = self._beside(path)
        node = folder.now.pop(name)
        folder.change()
        return node


def read(place: Path) -> Tree:
    """What a folder holds."""
    return {
        str(path.relative_to(place)): None if path.is_dir() else path.read_bytes()
        for path in sorted(place.rglob("*"))
        if not path.name.endswith(REMADE)
    }


def write(tree: Tree, place: Path) -> None:
    """Make a folder that holds this."""
    place.mkdir()
    for path, content in tree.items():
        if content is None:
            (place / path).mkdir()
        else:
            (place / path).write_bytes(content)


def mark(tree: Tree) -> bytes:
    """What tells a state from others."""
    digest = hashlib.sha256()
    for path, content in tree.items():
        digest.update(f"{path}\n{-1 if content is None else len(content)}\n".encode())
        digest.update(content or b"")
    return digest.digest()


def _tree(
    folder: Folder,
    names: Callable[[Folder], dict[str, File | Folder]],
    content: Callable[[File], bytes],
    before: str = "",
) -> Tree:
    tree: Tree = {}
    for name, node in sorted(names(folder).items()):
        path = before + name
        if isinstance(node, Folder):
            tree[path] = None
            tree |= _tree(node, names, content, f"{path}/")
        elif not name.endswith(REMADE):
            tree[path] = content(node)
    return tree


def _change(content: bytearray, place: int, data: bytes | None) -> None:
    if data is None:
        del content[place:]
    end = place + len(data or b"")
    content.extend(bytes(max(0, end - len(content))))
    if data:
        content[place:end] = data


def _hollow(file: File) -> bytes:
    content = bytearray(file.kept)
    for place, data in file.since:
        _change(content, place, data and bytes(len(data)))
    return bytes(content)


def _mixed(file: File, draw: random.Random) -> bytes:
    content = bytearray(file.kept)
    for place, data in file.since:
        how = draw.random()
        if how < 0.5:
            _change(content, place, data)
        elif how < 0.75:
            _change(content, place, data and bytes(len(data)))
    return bytes(content)
