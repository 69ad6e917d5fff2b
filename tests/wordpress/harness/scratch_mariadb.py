"""A MariaDB server of the tests' own: a folder and a socket, no network.

Debian and Ubuntu have it as ``mariadb-server``. Nothing of an installed server is used or
changed, neither its data nor its configuration.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from startable import Startable

PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb")


def missing_programs() -> list[str]:
    """What of the server is not installed."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class MariaDB(Startable):
    """A server on a socket; a context manager.

    Attributes:
        socket: Where it listens. Its user ``root`` has no password.
    """

    def __init__(self) -> None:
        # A socket's path may have 107 characters; pytest's own folders are longer.
        self._folder = Path(tempfile.mkdtemp(prefix="rp-db-"))
        self._process: subprocess.Popen[str] | None = None
        self.socket = self._folder / "s"

    def start(self) -> None:
        """Make an empty server and wait until it answers.

        Raises:
            RuntimeError: It does not start; with what it said.
        """
        # It refuses to run as root unless told that this is meant.
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        common = ["--no-defaults", f"--datadir={self._folder}/data", *as_root]
        install = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(["mariadb-install-db", *common, *install], check=True, capture_output=True)
        server = [f"--socket={self.socket}", f"--pid-file={self._folder}/pid"]
        server += ["--skip-networking", "--sql-mode=", "--innodb-buffer-pool-size=16M"]
        self._process = subprocess.Popen(
            ["mariadbd", *common, *server], stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        said: list[str] = []
        for line in self._process.stderr:
            if "ready for connections" in line:
                return
            said.append(line)
        raise RuntimeError(f"MariaDB did not start:\n{''.join(said[-20:])}")

    def stop(self) -> None:
        """End the server and remove what it wrote."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=60)
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, sql: str) -> None:
        """Run statements as ``root``; their text is UTF-8.

        Raises:
            RuntimeError: One of them fails.
        """
        client = ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot"]
        client.append("--default-character-set=utf8mb4")
        done = subprocess.run(client, input=sql, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"MariaDB refuses: {done.stderr.strip()}")
