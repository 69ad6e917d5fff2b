"""Answers kept from one read to the next, so that a server sends again only what changed.

An answer with an ``ETag`` or a ``Last-Modified`` is kept in a file of the data folder. The
next time its address is asked for with these, and what the server then need not send again
is taken from there. The file may be deleted at any time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from training.web.response import Headers, Response

#: The file's name in the data folder.
CACHE_FILE = "web-cache.sqlite3"

#: Most bytes of contents, packed; the longest unused go first.
MAX_CACHE_BYTES = 256 << 20

_TABLE = (
    "CREATE TABLE IF NOT EXISTS answers "
    "(key TEXT PRIMARY KEY, fields TEXT NOT NULL, body BLOB NOT NULL, used REAL NOT NULL)"
)
_DROP_UNUSED = (
    "DELETE FROM answers WHERE key IN (SELECT key FROM (SELECT key, SUM(LENGTH(body)) "
    "OVER (ORDER BY used DESC, key) AS so_far FROM answers) WHERE so_far > ?)"
)


class AnswerCache:
    """Answers by address and accepted types; safe among threads, and never an error.

    What goes wrong with the file costs no more than what is in it.

    Args:
        path: The file; made when there is something to keep.
        max_bytes: Most bytes of contents, packed.
        clock: Seconds since 1970; for tests.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = MAX_CACHE_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._has_grown = False

    def load(self, url: str, accept: str) -> Response | None:
        """The answer kept of an address, or None.

        Args:
            url: The address that was asked for.
            accept: The media types that were accepted.
        """
        question = "UPDATE answers SET used = ? WHERE key = ? RETURNING fields, body"
        with self._open(make=False) as connection:
            if connection is not None:
                rows = connection.execute(question, (self._clock(), _key(url, accept))).fetchall()
                for fields, body in rows:
                    with suppress(ValueError, TypeError, AttributeError, zlib.error):
                        return Response(
                            url, 200, Headers(json.loads(fields)), zlib.decompress(body)
                        )
        return None

    def keep(self, accept: str, response: Response) -> None:
        """Keep an answer, if its server allows it and can be asked whether it changed."""
        if not _may_be_kept(response):
            return
        fields = {k: v for k, v in response.headers.items() if k != "set-cookie"}
        body = zlib.compress(response.body, 1)
        if len(body) > self._max_bytes:
            return
        # Addresses may hold keys, so only a hash of each is written down.
        row = (_key(response.url, accept), json.dumps(fields), body, self._clock())
        with self._open(make=True) as connection:
            if connection is not None:
                connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", row)
                self._has_grown = True

    def close(self) -> None:
        """Drop what is too much, and close the file."""
        if self._has_grown:
            with self._open(make=True) as connection:
                if connection is not None:
                    connection.execute(_DROP_UNUSED, (self._max_bytes,))
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.commit()
                self._connection.close()
                self._connection = None

    @contextmanager
    def _open(self, *, make: bool) -> Iterator[sqlite3.Connection | None]:
        """The file, or None where there is none; what fails inside counts for nothing."""
        with self._lock:
            if self._connection is None and (make or self._path.is_file()):
                self._connection = self._connected()
            with suppress(sqlite3.Error):
                yield self._connection

    def _connected(self) -> sqlite3.Connection | None:
        for attempt in range(2):
            connection = None
            try:
                connection = sqlite3.connect(self._path, check_same_thread=False)
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(_TABLE)
            except sqlite3.Error as error:
                if connection is not None:
                    connection.close()
                # A file that is no database is of no use to anybody.
                if attempt or not isinstance(error, sqlite3.DatabaseError):
                    return None
                with suppress(OSError):
                    self._path.unlink()
            else:
                return connection
        return None


def _key(url: str, accept: str) -> str:
    return sha256(f"{accept} {url}".encode("utf-8", "surrogatepass")).hexdigest()


def _may_be_kept(response: Response) -> bool:
    headers = response.headers
    forbidden = "no-store" in headers.get("cache-control", "").lower()
    can_be_asked = bool(headers.get("etag") or headers.get("last-modified"))
    return response.status == 200 and can_be_asked and not forbidden and headers.get("vary") != "*"
