"""The archive as its users see it: open it, update it, read it in index order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Select, inspect, select

from related_posts.archive import database
from related_posts.archive.placing import address_key
from related_posts.archive.reads import Read, reads_of, sources_of
from related_posts.archive.revision import revision_of
from related_posts.archive.rules import rules_of
from related_posts.archive.snapshot import Snapshot
from related_posts.archive.tables import posts, reads, withdrawn
from related_posts.archive.update import Counts, Entry, Update
from related_posts.archive.withdrawals import withdrawals
from related_posts.curation.state import State
from related_posts.errors import ArchiveError
from related_posts.files import make_folder
from related_posts.posts import Post
from related_posts.schema import post_from_bytes

#: The database's name within the data folder.
ARCHIVE_FILE = "archive.sqlite3"


class Archive:
    """What a blog says now: one row a post, each with the source it came from.

    Opening touches nothing; the database is created by the first update, and one
    that does not exist reads as empty. Readers see the last whole update, never
    half of one. One process writes at a time; a second waits, then is refused. In a folder
    that may not be written an archive is read all the same.

    Args:
        place: The data folder, or a database URL such as
            ``sqlite:///data/archive.sqlite3``.
        wait_seconds: How long to wait for another writer.

    Raises:
        ArchiveError: The address is no database URL or has no driver. Every method
            raises it where the database is damaged, of another program, of a newer
            release, locked, or may not be read or written.
    """

    def __init__(self, place: Path | str, *, wait_seconds: float = 30.0) -> None:
        if isinstance(place, str) and "://" in place:
            self._address = database.parse(place)
        else:
            self._address = database.sqlite_address(Path(place) / ARCHIVE_FILE)
        self._file = self._sqlite_file()
        self._wait_seconds = wait_seconds
        self._engine = database.connect(self._address, wait_seconds)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; closing twice is harmless."""
        self._engine.dispose()

    @property
    def place(self) -> str:
        """The database as messages name it, without a password."""
        return database.shown(self._address)

    @contextmanager
    def writing(self, now: datetime) -> Iterator[Update]:
        """One transaction for the reads of one or several sources.

        It is committed when the block ends and undone when the block raises or the
        process dies: the archive then says what it said before.

        Args:
            now: The moment recorded with every row that changes; aware.
        """
        self._create_folder()
        with database.named(self._address):
            engine = self._engine.execution_options(**{database.WRITE: True})
            with engine.begin() as connection:
                database.prepare_to_write(connection, self._address, self._wait_seconds)
                yield Update(connection, now)

    def update(
        self, source: str, entries: Iterable[Entry], *, complete: bool, now: datetime
    ) -> Counts:
        """Take in one read of one source, in a transaction of its own.

        See ``Update.read``; whatever raises while it is read leaves the archive as it was.
        """
        with self.writing(now) as update:
            return update.read(source, entries, complete=complete)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The archive as it is now, for several readings that must agree."""
        with self._reading() as connection:
            yield Snapshot(connection)

    def blocks(self, size: int = 500) -> Iterator[list[bytes]]:
        """Every post's canonical JSON, all of one moment; see ``Snapshot.blocks``."""
        with self.snapshot() as snapshot:
            yield from snapshot.blocks(size)

    def posts(self) -> Iterator[Post]:
        """Every post in index order, one at a time; see ``Snapshot.blocks``."""
        for block in self.blocks():
            yield from map(post_from_bytes, block)

    def get(self, post_id: str) -> Post | None:
        """One post, or None where the archive does not hold it."""
        try:
            found = self._rows(select(posts.c.post).where(posts.c.id == post_id))
        except UnicodeEncodeError:
            return None  # a command line can carry what no id can
        return post_from_bytes(found[0][0]) if found else None

    def kept(self, post_id: str) -> tuple[Post, str] | None:
        """One post and its content hash, or None where the archive does not hold it."""
        question = select(posts.c.post, posts.c.content_hash).where(posts.c.id == post_id)
        found = self._rows(question)
        return (post_from_bytes(found[0].post), found[0].content_hash) if found else None

    def id_at(self, url: str) -> str | None:
        """The id of the post at an address; None where there is none or several."""
        address = address_key(url)
        found = self._rows(select(posts.c.id).where(posts.c.address == address).limit(2))
        return str(found[0][0]) if address and len(found) == 1 else None

    def count(self) -> int:
        """How many posts there are."""
        with self.snapshot() as snapshot:
            return snapshot.count()

    def sources(self) -> dict[str, int]:
        """The sources rows came from, by name, each with its number of posts."""
        with self._reading() as connection:
            return {} if connection is None else sources_of(connection)

    def reads(self) -> dict[str, Read]:
        """The last whole read of each source that has one recorded, by its name."""
        with self._reading() as connection:
            if connection is None or not inspect(connection).has_table(reads.name):
                return {}
            return reads_of(connection)

    def revision(self) -> int:
        """The number of the last change of posts or rules; 0 before the first."""
        with self._reading() as connection:
            return 0 if connection is None else revision_of(connection)

    def state(self) -> State:
        """Every rule and withdrawal; an archive of an earlier release has none."""
        with self._reading() as connection:
            if connection is None or not inspect(connection).has_table(withdrawn.name):
                return State()
            ids, urls = withdrawals(connection)
            return State(revision_of(connection), rules_of(connection), ids, urls)

    def _rows(self, question: Select[Any]) -> list[Any]:
        with self._reading() as connection:
            return [] if connection is None else list(connection.execute(question))

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """A connection in a snapshot of its own, or None where there is no archive yet."""
        if not self._exists():
            yield None
            return
        if self._file is not None and not _may_be_written(self._file):
            with self._reading_only(self._file) as connection:
                yield connection
            return
        engine = database.for_reading(self._engine)
        with database.named(self._address), engine.begin() as connection:
            yield connection if database.schema_of(connection, self._address) else None

    @contextmanager
    def _reading_only(self, file: Path) -> Iterator[Connection | None]:
        """The same where nothing may be written; refused where somebody else does meanwhile."""
        with database.named(self._address):
            is_still = not database.has_log(file)
            before = _state_of(file)
            engine = database.connect_read_only(file, self._wait_seconds, is_still=is_still)
            with engine.begin() as connection:
                yield connection if database.schema_of(connection, self._address) else None
            if is_still and _state_of(file) != before:
                raise ArchiveError(f"{file} was written while it was read; try again")

    def _sqlite_file(self) -> Path | None:
        if self._address.get_backend_name() != "sqlite":
            return None
        name = self._address.database
        if not name or name == ":memory:" or self._address.query:
            raise ArchiveError(
                "an archive is kept in a file; name one: sqlite:///data/file.sqlite3"
            )
        return Path(name)

    def _exists(self) -> bool:
        try:
            return self._file is None or self._file.exists()
        except OSError as error:
            raise ArchiveError(f"{self._file} cannot be looked at ({error.strerror})") from error

    def _create_folder(self) -> None:
        if self._file is None:
            return
        try:
            make_folder(self._file.parent)
        except OSError as error:
            raise ArchiveError(
                f"{self._file.parent} cannot be created ({error.strerror}); "
                "name a folder that may be written"
            ) from error


def _may_be_written(file: Path) -> bool:
    """Whether SQLite may write a file and what it keeps beside it."""
    # As the user who acts, who need not be the one who started the program.
    acting = os.access in os.supports_effective_ids
    places = ((file, os.W_OK), (file.parent, os.W_OK | os.X_OK))
    return all(os.access(place, right, effective_ids=acting) for place, right in places)


def _state_of(file: Path) -> tuple[int, int, int]:
    try:
        status = file.stat()
    except OSError as error:
        raise ArchiveError(f"{file} cannot be looked at ({error.strerror})") from error
    return status.st_ino, status.st_size, status.st_mtime_ns
