"""Connect to the archive's database, and say what is wrong with it in words.

SQLite runs with a write-ahead log, so readers see the last whole update while
another is written, and ``synchronous = FULL``: an update is one commit, so the
one fsync that makes it survive a power cut costs nothing that could be felt.

A folder that may not be written has no room for the log's index; what lies in it is read
as a file that does not change.

PostgreSQL has no such lock for one writer, so writers take an advisory one, and
readers a snapshot for as long as they read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from related_posts.archive.migration import SUPPORTED, migrate
from related_posts.archive.tables import SCHEMA_VERSION, meta, metadata
from related_posts.errors import ArchiveError

#: The execution option that makes a transaction take the write lock at once.
WRITE = "related_posts_write"

#: Largest write-ahead log kept after an update; without a limit it stays as it grew.
_LOG_BYTES = 64 << 20

#: The advisory lock of PostgreSQL that writers hold; any number that is ours alone.
_WRITERS = 0x72656C706F737473

#: What PostgreSQL calls a lock that was waited for in vain.
_LOCK_NOT_AVAILABLE = "55P03"

#: Which driver is meant where an address names none.
_DRIVERS = dict.fromkeys(("postgresql", "postgres"), "postgresql+psycopg")

_ADVICE = {
    "SQLITE_NOTADB": "is not an SQLite database; move it away and train again",
    "SQLITE_CORRUPT": "is damaged; restore a backup, or move it away and train again",
    "SQLITE_READONLY": "may not be written; check the folder's permissions and owner",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and may be written",
    "SQLITE_PERM": "may not be opened; check its permissions and owner",
    "SQLITE_BUSY": "is being written by another process; let that one finish, then try again",
    "SQLITE_LOCKED": "is being written by another process; let that one finish, then try again",
    "SQLITE_FULL": "cannot grow, the disk is full; make room and try again",
    "SQLITE_IOERR": "could not be read or written (input/output error); check the disk",
}


def connect(address: URL, wait_seconds: float) -> Engine:
    """An engine for an address; nothing is opened yet.

    Connections are not pooled: an archive is opened a few times a run, and a
    connection carried over a fork is a trap.

    Raises:
        ArchiveError: There is no driver for this kind of address.
    """
    try:
        engine = create_engine(address, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ArchiveError(f"{shown(address)}: no driver for this database ({error})") from error
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, wait_seconds)
    return engine


def connect_read_only(file: Path, wait_seconds: float, *, is_still: bool) -> Engine:
    """An engine for an SQLite file where nothing may be written.

    Args:
        file: The file, which exists.
        wait_seconds: How long to wait for a lock.
        is_still: Whether it has no log, so that nobody is expected to write to it.

    Raises:
        ArchiveError: It has a log that cannot be read here.
    """
    if not is_still and not file.with_name(f"{file.name}-shm").exists():
        raise ArchiveError(
            f"{file}-wal holds updates that cannot be read in a folder that may not be written; "
            "give this user the right to write there, or read a copy of the folder"
        )
    options = "mode=ro&immutable=1" if is_still else "mode=ro"
    address = f"file:{quote(str(file.absolute()))}?{options}"
    engine = create_engine(
        "sqlite://", poolclass=NullPool, creator=lambda: sqlite3.connect(address, uri=True)
    )
    _tune_sqlite(engine, wait_seconds, is_read_only=True)
    return engine


def has_log(file: Path) -> bool:
    """Whether an SQLite file has updates beside it that are not in it yet."""
    log = file.with_name(f"{file.name}-wal")
    return log.exists() and log.stat().st_size > 0


def for_reading(engine: Engine) -> Engine:
    """The engine for transactions that see one moment only."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def parse(address: str) -> URL:
    """A database URL, taken apart.

    Raises:
        ArchiveError: It is not one.
    """
    try:
        found = make_url(address)
    except ArgumentError as error:
        raise ArchiveError(
            "the archive's address is not a database URL such as sqlite:///data/archive.sqlite3"
        ) from error
    return found.set(drivername=_DRIVERS.get(found.drivername, found.drivername))


def shown(address: URL) -> str:
    """The address as messages name it: the file's path, or the URL without its password."""
    if address.get_backend_name() == "sqlite":
        return address.database or ":memory:"
    return address.render_as_string(hide_password=True)


@contextmanager
def named(address: URL) -> Iterator[None]:
    """Turn a database's refusal into an ArchiveError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise ArchiveError(f"{shown(address)} {_advice(error.orig)}") from error


def schema_of(connection: Connection, address: URL) -> int:
    """The schema of the archive's tables; 0 for an empty database.

    Raises:
        ArchiveError: It is another program's database, or of a newer release.
    """
    tables = inspect(connection).get_table_names()
    if meta.name not in tables:
        if tables and connection.dialect.name == "sqlite":
            raise ArchiveError(
                f"{shown(address)} is a database of another program; name another data folder"
            )
        return 0
    found = connection.scalar(select(meta.c.value).where(meta.c.name == "schema"))
    known = {str(version): version for version in SUPPORTED}
    if found not in known:
        raise ArchiveError(
            f"{shown(address)} has archive schema {found}, this release reads "
            f"{', '.join(list(known)[:-1])} and {SCHEMA_VERSION}; "
            "install the release that wrote it, or move it away and train again"
        )
    return known[found]


def prepare_to_write(connection: Connection, address: URL, wait_seconds: float) -> None:
    """Be the only writer, of today's tables; within the transaction of an update.

    Raises:
        ArchiveError: As ``schema_of``.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {max(1, int(wait_seconds * 1000))}"))
        connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
    found = schema_of(connection, address)
    if not found:
        metadata.create_all(connection)
        connection.execute(meta.insert().values(name="schema", value=str(SCHEMA_VERSION)))
    elif found < SCHEMA_VERSION:
        migrate(connection, found)


def _advice(original: BaseException | None) -> str:
    if getattr(original, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
        return _ADVICE["SQLITE_BUSY"]
    name = getattr(original, "sqlite_errorname", None) or ""
    for prefix, advice in _ADVICE.items():
        if name.startswith(prefix):
            return advice
    return f"refused: {' '.join(str(original).split())}"


def _tune_sqlite(engine: Engine, wait_seconds: float, *, is_read_only: bool = False) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        # The driver's own idea of when a transaction begins would let a reader's
        # snapshot start too late, so ``begin`` below says it instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(wait_seconds * 1000)}")
        if not is_read_only:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        cursor.execute("PRAGMA trusted_schema = OFF")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def sqlite_address(path: Path) -> URL:
    """The address of an SQLite file, whatever characters its path holds."""
    return URL.create("sqlite", database=str(path))
