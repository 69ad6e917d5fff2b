"""A WordPress database, asked without ever being changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from related_posts.errors import SourceError

#: Seconds to wait for a connection, and for an answer.
CONNECT_SECONDS = 15
ANSWER_SECONDS = 300

DEFAULT_PREFIX = "wp_"

_EXTRA = "pip install 'related-posts[mysql]'"
_PREFIX = re.compile(r"[A-Za-z0-9_$]{0,60}")
#: MySQL's character sets that Python knows by another name.
_CODECS = {
    "latin1": "cp1252",
    "latin2": "iso8859_2",
    "latin5": "iso8859_9",
    "greek": "iso8859_7",
    "hebrew": "iso8859_8",
    "sjis": "cp932",
    "ujis": "euc_jp",
    "euckr": "euc_kr",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "tis620": "tis_620",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is.

    Attributes:
        host: Its host; empty for this machine's socket.
        socket: The path of a socket, which is used instead of the host.
        prefix: Of its tables, or None to find it.
        password: Not shown.
    """

    user: str
    host: str
    port: int
    database: str
    socket: str = ""
    prefix: str | None = None
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, place: str, auth: tuple[str, str] | None = None) -> Address:
        """Read ``mysql://user@host:port/database?prefix=wp_&socket=/path``.

        Args:
            place: As the user wrote it.
            auth: User and password; the user in the place wins.

        Raises:
            SourceError: It is no such address, or holds a password.
        """
        try:
            parts = urlsplit(place)
            port = parts.port or 3306
        except ValueError as error:
            raise SourceError("this database's address", f"it is none ({error})") from None
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        if parts.password is not None:
            reason = "it holds a password, which would be shown; take it out"
            raise SourceError(shown, f"{reason}, and give user:password as `auth`")
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        database = unquote(parts.path.strip("/"))
        if not database or unknown(options):
            reason = "it must be mysql://user@host/database, with ?prefix= or &socket= if needed"
            raise SourceError(shown, reason)
        prefix = options.get("prefix")
        if prefix is not None and not _PREFIX.fullmatch(prefix):
            raise SourceError(shown, f"{prefix[:60]!r} is no prefix of tables")
        user, password = auth or ("", "")
        return cls(
            user=unquote(parts.username or "") or user,
            host=parts.hostname or "",
            port=port,
            database=database,
            socket=options.get("socket", ""),
            prefix=prefix,
            password=password,
        )

    @property
    def shown(self) -> str:
        """As messages name it."""
        return f"mysql://{self.host or 'localhost'}/{self.database}"


def is_database(place: str) -> bool:
    """Whether a place that the user named is a database's address."""
    return re.match(r"(?:mysql|mariadb)://", place, re.IGNORECASE) is not None


def unknown(options: Iterable[str]) -> set[str]:
    """Options that an address does not have."""
    return set(options) - {"prefix", "socket"}


class Database:
    """A connection in a transaction that can only read and sees one state of the blog."""

    def __init__(self, connection: Any, address: Address) -> None:
        self._connection = connection
        self.address = address
        self.prefix = self._found_prefix()
        self._codec = self._found_codec()

    @property
    def is_of_network(self) -> bool:
        """Whether this is a blog of several on one WordPress, and not the first of them."""
        return re.search(r"_\d+_\Z", self.prefix) is not None

    def rows(self, query: str, values: Iterable[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, as they come from the server.

        Args:
            query: SQL, with ``{name}`` for the table of that name and ``%s`` for values.
            values: In the order of the ``%s``.

        Raises:
            SourceError: The database fails or refuses.
        """
        sql = re.sub(r"\{(\w+)\}", lambda match: self.table(match[1]), query)
        with _failures(self.address), self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(values))
            while batch := cursor.fetchmany(200):
                yield from batch

    def table(self, name: str) -> str:
        """A table's name, quoted; users are those of the whole network of blogs."""
        prefix = re.sub(r"_\d+_\Z", "_", self.prefix) if name == "users" else self.prefix
        return f"`{prefix}{name}`"

    def text(self, value: Any) -> str:
        """A text that was asked for as bytes.

        Old blogs keep UTF-8 in tables that say they are Latin-1, and a server asked for
        text would convert it twice. So what is UTF-8 is read as that, and only the
        rest as the table says.
        """
        if not isinstance(value, (bytes, bytearray)):
            return "" if value is None else str(value)
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return bytes(value).decode(self._codec, "replace")

    def _found_prefix(self) -> str:
        query = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s"
        names = {self.text(name) for (name,) in self._plain(query, (self.address.database,))}
        prefixes = sorted(
            name.removesuffix("term_relationships")
            for name in names
            if name.endswith("term_relationships")
            and name.replace("term_relationships", "posts") in names
        )
        wanted = self.address.prefix
        if wanted is None and DEFAULT_PREFIX in prefixes:
            return DEFAULT_PREFIX
        if wanted is None and len(prefixes) == 1:
            return prefixes[0]
        if wanted in prefixes:
            return str(wanted)
        if not prefixes:
            raise SourceError(self.address.shown, "there are no tables of WordPress in it")
        known = ", ".join(prefixes[:20])
        raise SourceError(self.address.shown, f"say which blog by ?prefix=; there are {known}")

    def _found_codec(self) -> str:
        query = (
            "SELECT CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s "
            "AND TABLE_NAME = %s AND COLUMN_NAME = 'post_content'"
        )
        values = (self.address.database, f"{self.prefix}posts")
        name = next((self.text(row[0]) for row in self._plain(query, values)), "")
        codec = _CODECS.get(name, name)
        try:
            b"".decode(codec or "cp1252")
        except LookupError:
            return "cp1252"
        return "cp1252" if codec.startswith(("utf8", "binary")) or not codec else codec

    def _plain(self, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with _failures(self.address), self._connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())


@contextmanager
def connected(address: Address) -> Iterator[Database]:
    """The database, for as long as it is read.

    Raises:
        SourceError: The extra is not installed, there is no such database, or it
            refuses the user.
    """
    try:
        import pymysql  # type: ignore[import-untyped]
        from pymysql.cursors import SSCursor  # type: ignore[import-untyped]
    except ImportError:
        raise SourceError(address.shown, f"to read a database, {_EXTRA}") from None
    if address.socket and not Path(address.socket).is_socket():
        raise SourceError(address.shown, f"there is no socket at {address.socket}")
    place = {"unix_socket": address.socket} if address.socket else {}
    with _failures(address):
        connection = pymysql.connect(
            host=address.host or "localhost",
            port=address.port,
            user=address.user or None,
            password=address.password,
            database=address.database,
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            cursorclass=SSCursor,
            **place,
        )
    try:
        with _failures(address), connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield Database(connection, address)
    finally:
        connection.close()


@contextmanager
def _failures(address: Address) -> Iterator[None]:
    """Failures of the database as errors that name it and never the password."""
    import pymysql

    try:
        yield
    except (pymysql.MySQLError, OSError) as error:
        said = str(error.args[-1]) if error.args else type(error).__name__
        if address.password:
            said = said.replace(address.password, "…")
        raise SourceError(address.shown, f"the database cannot be read: {said[:300]}") from None
