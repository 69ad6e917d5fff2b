"""A PostgreSQL server of the tests' own: a folder and a socket, no network.

Debian and Ubuntu have it as ``postgresql``. Nothing of an installed server is used or changed,
neither its data nor its configuration.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Self

#: Where Debian keeps the programs, a folder a version; they are not on the path there.
_DEBIAN = Path("/usr/lib/postgresql")
_NEEDED = ("initdb", "postgres")
#: PostgreSQL refuses to run as root, so it is nobody then.
_NOBODY = 65_534


def programs() -> Path | None:
    """The folder of the server's programs, or None where there is no server."""
    if all(map(shutil.which, _NEEDED)):
        return Path(str(shutil.which("postgres"))).resolve().parent
    found = [folder / "bin" for folder in _DEBIAN.glob("*") if folder.name.isdigit()]
    whole = [folder for folder in found if all((folder / name).exists() for name in _NEEDED)]
    return max(whole, key=lambda folder: int(folder.parent.name), default=None)


class PostgreSQL:
    """A server on a socket; a context manager.

    Args:
        folder: The folder of its programs.
    """

    def __init__(self, folder: Path) -> None:
        self._programs = folder
        # A socket's path may have 107 characters; pytest's own folders are longer.
        self._folder = Path(tempfile.mkdtemp(prefix="rp-pg-"))
        self._process: subprocess.Popen[str] | None = None
        self._numbers = count()

    def __enter__(self) -> Self:
        try:
            options = ["--auth=trust", "--username=me", "--encoding=UTF8", "--locale=C.UTF-8"]
            if os.geteuid() == 0:
                os.chown(self._folder, _NOBODY, -1)
            command = [self._programs / "initdb", "-D", self._folder / "data", *options, "-N"]
            subprocess.run(command, check=True, capture_output=True, **self._as_nobody())
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            RuntimeError: It does not start; with what it said.
        """
        set_to = {"listen_addresses": "", "unix_socket_directories": self._folder, "fsync": "off"}
        options = [word for name, value in set_to.items() for word in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder / "data", *options],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LC_MESSAGES": "C"},
            **self._as_nobody(),
        )
        assert self._process.stderr is not None
        said: list[str] = []
        for line in self._process.stderr:
            if "ready to accept connections" in line:
                return
            said.append(line)
        raise RuntimeError(f"PostgreSQL did not start:\n{''.join(said[-20:])}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: ``SIGINT`` at once and cleanly, ``SIGQUIT`` as in a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.communicate(timeout=60)
            self._process = None

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return f"postgresql://me@/{name}?host={self._folder}"

    def run(self, database: str, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements in a database, each for itself; the rows of the last.

        Args:
            database: Its name, or its URL.
            statements: In SQL.
        """
        import psycopg

        name = re.sub(r".*/(\w+)\?.*", r"\1", database)
        address = f"host={self._folder} user=me dbname={name}"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @staticmethod
    def _as_nobody() -> dict[str, Any]:
        return {"user": _NOBODY, "group": _NOBODY, "cwd": "/"} if os.geteuid() == 0 else {}

    def _remove(self) -> None:
        # In no order: nobody reads it again.
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)
