"""The analysis cache: what was found out about each post, for the next training.

One SQLite file in the data folder. It holds, by a key each, what the first look at a post gave
and its whole analysis (:mod:`training.records`), and the words that the analyses number. The
keys are digests of everything that decides the value (:mod:`training.gathering`), so an entry
is right or is not found.

The file may be deleted at any time. What goes wrong with it is a :class:`CacheError`, upon which
training goes on without it: it costs time and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Self

#: The file's name in the data folder.
CACHE_FILE = "analysis-cache.sqlite3"
#: Goes up with each change of the tables.
CACHE_VERSION = 1

#: What is kept by key: the first look at a post, and its analysis.
LOOKS, POSTS = "looks", "posts"

#: Keys asked for at a time.
_AT_ONCE = 500

_TABLES = (
    *(
        f"CREATE TABLE {name} (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
        " value BLOB NOT NULL)"
        for name in (LOOKS, POSTS)
    ),
    "CREATE TABLE terms (number INTEGER PRIMARY KEY, term TEXT NOT NULL, readable TEXT NOT NULL)",
)


class CacheError(Exception):
    """The file cannot be used: it is damaged, or the disk is full or read-only."""


class AnalysisCache:
    """Values by key; for one process at a time, which the training lock sees to.

    What is put is kept from the next :meth:`flush` on, whole or not at all.

    Args:
        path: The file, made if it is not there; None for one that is gone with this object.

    Attributes:
        path: The same.

    Raises:
        CacheError: It cannot be opened.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        with _failures():
            self._connection = sqlite3.connect("" if path is None else path, isolation_level=None)
        try:
            with _failures():
                self._prepare()
        except CacheError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()

    def known(self, table: str, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys that have a value."""
        with _failures():
            return {key for (key,) in self._selected(f"SELECT key FROM {table}", keys)}

    def get(self, table: str, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that have one."""
        with _failures():
            rows = self._selected(f"SELECT key, value FROM {table}", keys)
            return {row[0]: row[1] for row in rows}

    def put(self, table: str, values: Mapping[bytes, bytes]) -> None:
        """Keep values; those that are there under the same keys stay."""
        with _failures():
            self._connection.executemany(
                f"INSERT OR IGNORE INTO {table} (key, value) VALUES (?, ?)", values.items()
            )

    def terms(self) -> list[tuple[str, str]]:
        """Every term by number, with the form in which to show it.

        Raises:
            CacheError: A number is missing.
        """
        with _failures():
            found = self._connection.execute(
                "SELECT number, term, readable FROM terms ORDER BY number"
            ).fetchall()
        if found and found[-1][0] != len(found) - 1:
            raise CacheError("terms are missing")
        return [(term, readable) for _, term, readable in found]

    def put_terms(self, terms: Iterable[tuple[int, str, str]]) -> None:
        """Keep numbers with their terms and the forms to show; they replace what is there."""
        with _failures():
            self._connection.executemany("INSERT OR REPLACE INTO terms VALUES (?, ?, ?)", terms)

    def clear_terms(self) -> None:
        """Forget all terms, and the analyses that number them."""
        with _failures():
            self._connection.execute("DELETE FROM terms")
            self._connection.execute(f"DELETE FROM {POSTS}")

    def keep_only(self, table: str, keys: Iterable[bytes]) -> None:
        """Forget the values of all other keys: so the file grows no further than the archive."""
        with _failures():
            run = self._connection.execute
            run("CREATE TEMP TABLE kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
            self._connection.executemany(
                "INSERT OR IGNORE INTO kept VALUES (?)", ((key,) for key in keys)
            )
            run(f"DELETE FROM {table} WHERE key NOT IN (SELECT key FROM kept)")
            run("DROP TABLE kept")

    def flush(self) -> None:
        """Make what was put last."""
        with _failures():
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN")

    def discard(self) -> None:
        """Close the cache and remove its file; whatever fails, nothing is told."""
        with suppress(sqlite3.Error):
            self._connection.close()
        if self.path is not None:
            discard(self.path)

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA synchronous = NORMAL")
        run("BEGIN IMMEDIATE")
        version = run("PRAGMA user_version").fetchone()[0]
        if version not in (0, CACHE_VERSION):
            raise CacheError(f"it has version {version}")
        if version == 0:
            for statement in _TABLES:
                run(statement)
            run(f"PRAGMA user_version = {CACHE_VERSION}")

    def _selected(self, select: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, ...]]:
        rest = iter(keys)
        while some := list(islice(rest, _AT_ONCE)):
            places = ", ".join("?" * len(some))
            yield from self._connection.execute(f"{select} WHERE key IN ({places})", some)


def discard(path: Path) -> None:
    """Remove a cache's file and what SQLite keeps beside it, if they are there."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn whatever SQLite complains of into an error of the cache."""
    try:
        yield
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        raise CacheError(str(error)) from error
