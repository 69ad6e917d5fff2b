"""The archive under bad luck: damage, other programs, other processes, sudden death."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from related_posts.archive import ARCHIVE_FILE, Archive, Counts
from related_posts.errors import ArchiveError
from related_posts.posts import Post

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def posts(prefix: str, n_posts: int) -> Iterator[Post]:
    """Posts of two kilobytes each."""
    for number in range(n_posts):
        yield Post(id=f"{prefix}-{number:04}", url="/", html="x" * 2000)


def fill(folder: Path, prefix: str = "old", n_posts: int = 50) -> None:
    """Make an archive with posts in it."""
    with Archive(folder) as archive:
        archive.update("a", posts(prefix, n_posts), complete=True, now=NOW)


def use(folder: Path) -> None:
    """Read and write an archive, so that whatever is wrong with it shows."""
    with Archive(folder) as archive:
        list(archive.posts())
        archive.update("a", posts("new", 50), complete=True, now=NOW)


@pytest.mark.parametrize("content", [b"not a database", b"<?xml", b"\0" * 8192, b"x" * 100_000])
def test_another_kind_of_file_is_named(tmp_path: Path, content: bytes) -> None:
    """A file that is no database says so, and is left as it is."""
    file = tmp_path / ARCHIVE_FILE
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match=ARCHIVE_FILE):
        use(tmp_path)
    assert file.read_bytes() == content


def test_a_truncated_database_is_damaged(tmp_path: Path) -> None:
    """A database cut in half says that it is damaged and what to do."""
    fill(tmp_path)
    file = tmp_path / ARCHIVE_FILE
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ArchiveError, match="is damaged; restore a backup"):
        use(tmp_path)


def test_overwritten_pages_are_damage(tmp_path: Path) -> None:
    """Garbage in the middle of a database is an error, never a traceback."""
    fill(tmp_path)
    file = tmp_path / ARCHIVE_FILE
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match=ARCHIVE_FILE):
        use(tmp_path)


def test_an_empty_file_is_an_empty_archive(tmp_path: Path) -> None:
    """What a crash before the first update leaves behind is filled by the next one."""
    (tmp_path / ARCHIVE_FILE).touch()
    use(tmp_path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A database with other tables is refused, and not written to."""
    with sqlite3.connect(tmp_path / ARCHIVE_FILE) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(ArchiveError, match="another program"):
        use(tmp_path)


@pytest.mark.parametrize("version", ["5", "99", "x", "0"])
def test_a_newer_schema_is_refused_with_advice(tmp_path: Path, version: str) -> None:
    """An archive of a newer release names both schemas and the way out."""
    fill(tmp_path)
    with sqlite3.connect(tmp_path / ARCHIVE_FILE) as connection:
        connection.execute("UPDATE archive_meta SET value = ?", (version,))
    connection.close()
    said = f"schema {version}, this release reads 1, 2, 3 and 4; install"
    with pytest.raises(ArchiveError, match=said):
        use(tmp_path)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """A folder called like the database is one clear error."""
    (tmp_path / ARCHIVE_FILE).mkdir()
    with pytest.raises(ArchiveError, match="cannot be opened"):
        use(tmp_path)


def test_a_file_in_place_of_the_data_folder_is_named(tmp_path: Path) -> None:
    """A data folder that is a file is one clear error."""
    (tmp_path / "data").write_text("")
    with pytest.raises(ArchiveError, match="data"):
        use(tmp_path / "data")


def test_a_folder_that_may_not_be_written_says_so() -> None:
    """Without the right to write, the message speaks of permissions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        for path in (folder / ARCHIVE_FILE, folder):
            path.chmod(0o555)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)  # root may write anywhere, so be nobody for a moment
            with pytest.raises(ArchiveError, match=r"permissions|may be written"):
                use(folder)
            with pytest.raises(ArchiveError, match="cannot be created"):
                use(folder / "deeper")
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


# --- where nothing may be written ---


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], None]]:
    """Makes a folder with an archive one that may not be written, for root too."""
    closed: list[Path] = []
    user = os.geteuid()

    def close(folder: Path) -> None:
        closed.append(folder)
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555 if path is folder else 0o444)
        if user == 0:
            os.seteuid(65534)

    yield close
    os.seteuid(user)
    for folder in closed:
        folder.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may look into, with a name that an address must write in code."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "a?b#c%20 d"
        folder.mkdir()
        yield folder


def test_an_archive_is_read_where_nothing_may_be_written(
    open_folder: Path, read_only: Callable[[Path], None]
) -> None:
    """Everything that is asked of it; and nothing is made beside it."""
    fill(open_folder)
    names = sorted(path.name for path in open_folder.iterdir())
    read_only(open_folder)
    with Archive(open_folder) as archive:
        assert (archive.count(), archive.sources(), list(archive.reads())) == (50, {"a": 50}, [])
        assert len(list(archive.posts())) == 50
        assert archive.get("old-0001") is not None
        assert archive.revision() == 1
        assert not archive.state().rules
        with pytest.raises(ArchiveError, match=r"permissions|may be written"):
            archive.update("a", posts("new", 1), complete=True, now=NOW)
    assert sorted(path.name for path in open_folder.iterdir()) == names


@pytest.mark.parametrize("has_index", [True, False])
def test_a_log_beside_it_is_read_or_told(
    open_folder: Path, read_only: Callable[[Path], None], has_index: bool
) -> None:
    """A copy of a folder in use holds its last updates there: they are never left out."""
    fill(open_folder, n_posts=20)
    copy = open_folder.with_name("copy")
    with Archive(open_folder) as archive, archive.snapshot() as reader:
        # Somebody reads: what is written now stays in the log.
        assert reader.count() == 20
        fill(open_folder, "new", 30)
        shutil.copytree(open_folder, copy)
    if not has_index:
        (copy / f"{ARCHIVE_FILE}-shm").unlink()
    read_only(copy)
    with Archive(copy) as archive:
        if has_index:
            assert archive.count() == 30
        else:
            with pytest.raises(ArchiveError, match=r"-wal holds updates.*read a copy"):
                archive.count()


def test_an_archive_that_changes_while_it_is_read_is_told(
    open_folder: Path, read_only: Callable[[Path], None]
) -> None:
    """Where nothing may be written nobody is expected to: half of two states is no answer."""
    fill(open_folder)
    later = (open_folder / ARCHIVE_FILE).stat().st_mtime_ns + 1_000_000
    user = os.geteuid()
    read_only(open_folder)

    def read() -> None:
        with Archive(open_folder) as archive, archive.snapshot() as snapshot:
            assert snapshot.count() == 50
            os.seteuid(user)
            os.utime(open_folder / ARCHIVE_FILE, ns=(later, later))

    with pytest.raises(ArchiveError, match="was written while it was read; try again"):
        read()


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    """A second process, in which ``archive``, ``posts`` and ``NOW`` are at hand."""
    prelude = (
        "import os, sys\n"
        "from datetime import datetime, UTC\n"
        "from related_posts.archive import Archive\n"
        "from related_posts.posts import Post\n"
        "NOW = datetime(2025, 1, 1, tzinfo=UTC)\n"
        "def posts(prefix, n):\n"
        "    for i in range(n): yield Post(id=f'{prefix}-{i:04}', url='/', html='x' * 2000)\n"
        "archive = Archive(sys.argv[1])\n"
        "def say(word): print(word, flush=True)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", prelude + code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )


#: A writer that stops when it has sent 3,000 posts (6 MB, more than a page cache), and
#: waits for a line before it goes on.
HALF_WAY = """
def half():
    yield from posts('new', 3000)
    say('half')
    sys.stdin.readline()
    yield from posts('rest', 10)
archive.update('a', half(), complete=True, now=NOW)
say('done')
"""


def line(process: subprocess.Popen[str]) -> str:
    """The next thing a process says."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a process that waits go on."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_reader_never_sees_half_an_update(tmp_path: Path) -> None:
    """While another process writes, readers see the last whole update; afterwards the new one."""
    fill(tmp_path)
    with run(HALF_WAY, tmp_path) as writer, Archive(tmp_path) as archive:
        assert line(writer) == "half"
        assert archive.count() == 50
        reading = archive.posts()
        assert next(reading).id == "old-0000"
        go_on(writer)
        assert line(writer) == "done"
        assert [post.id for post in reading] == [f"old-{number:04}" for number in range(1, 50)]
        assert archive.count() == 3010


def test_a_killed_update_keeps_the_previous_state(tmp_path: Path) -> None:
    """A process killed half-way leaves an archive that reads and updates as before."""
    fill(tmp_path)
    with run(HALF_WAY, tmp_path) as writer:
        assert line(writer) == "half"
        os.kill(writer.pid, signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    with Archive(tmp_path) as archive:
        assert [post.id for post in archive.posts()] == [f"old-{n:04}" for n in range(50)]
        assert archive.update("a", posts("old", 51), complete=True, now=NOW) == Counts(
            added=1, unchanged=50
        )


def test_a_first_update_killed_half_way_leaves_an_empty_archive(tmp_path: Path) -> None:
    """Also before there was anything, half an update counts for nothing."""
    with run(HALF_WAY, tmp_path) as writer:
        assert line(writer) == "half"
        os.kill(writer.pid, signal.SIGKILL)
    with Archive(tmp_path) as archive:
        assert archive.count() == 0
    use(tmp_path)


def test_a_second_writer_is_refused_in_words(tmp_path: Path) -> None:
    """A writer that waited in vain learns that another process writes."""
    fill(tmp_path)
    with run(HALF_WAY, tmp_path) as writer:
        assert line(writer) == "half"
        with (
            Archive(tmp_path, wait_seconds=0) as archive,
            pytest.raises(ArchiveError, match="is being written by another process"),
        ):
            archive.update("a", posts("mine", 1), complete=True, now=NOW)
        go_on(writer)
        assert line(writer) == "done"


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    """Two writers one after the other: the second sees what the first left."""
    fill(tmp_path)
    with run(HALF_WAY, tmp_path) as first:
        assert line(first) == "half"
        second_code = (
            "say('ready')\nsay(archive.update('b', posts('mine', 1), complete=True, now=NOW))"
        )
        with run(second_code, tmp_path) as second:
            assert line(second) == "ready"
            go_on(first)
            assert line(first) == "done"
            assert line(second).startswith("Counts(added=1,")
    with Archive(tmp_path) as archive:
        assert archive.sources() == {"a": 3010, "b": 1}
