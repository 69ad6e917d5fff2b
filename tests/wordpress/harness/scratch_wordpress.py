"""A real WordPress on the loopback interface, for tests.

It is Debian's packages ``wordpress`` and ``php-cli``, copied into a folder of the test and
served by PHP's own web server; ``install.sh`` beside this file installs what is missing.
Nothing of an installed blog is used or changed.

    with MariaDB() as database, WordPress(tmp_path, database) as blog:
        number = blog.run_php('return wp_insert_post($values);', post_title="Rye")
        urlopen(f"{blog.url}/?p={number}")
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

from scratch_mariadb import MariaDB, missing_programs
from startable import Startable

HARNESS = Path(__file__).parent
#: Where Debian has WordPress.
INSTALLED = Path("/usr/share/wordpress")
THEME = "twentytwentyone"
#: The user that installs the blog.
ADMIN = "ada"
#: Reads the database, and nothing else.
READER = ("reader", "the reader's password")
START_SECONDS = 60
PHP_SECONDS = 120


def missing() -> list[str]:
    """What is not installed of what a blog needs."""
    found = missing_programs()
    found += [] if shutil.which("php") else ["php"]
    needed = ("wp-load.php", f"wp-content/themes/{THEME}/index.php")
    return found + [f"{INSTALLED}/{name}" for name in needed if not (INSTALLED / name).exists()]


class WordPress(Startable):
    """A blog; a context manager.

    It has one user, an administrator, and no posts. Its permalinks are plain until
    ``permalinks`` is called. Nothing happens by itself: scheduled posts stay scheduled.

    Args:
        folder: Where its files go.
        database: Where its tables go.
        name: The database's name, for several blogs on one server.

    Attributes:
        url: Its address, without a slash at the end.
        folder: Its files; ``folder / "wp-content"`` is where plugins and pictures are.
    """

    def __init__(self, folder: Path, database: MariaDB, name: str = "wordpress") -> None:
        self.folder = folder / name
        self._database = database
        self._name = name
        self._server: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._host = f"127.0.0.1:{free.getsockname()[1]}"
        self.url = f"http://{self._host}"

    def start(self) -> None:
        """Install the blog and serve it.

        Raises:
            RuntimeError: One of both fails; with what PHP said.
        """
        self._copy()
        user, password = READER
        quoted = password.replace("'", "''")
        self._database.run(
            f"CREATE DATABASE {self._name} DEFAULT CHARSET utf8mb4;"
            f"CREATE USER IF NOT EXISTS {user}@localhost IDENTIFIED BY '{quoted}';"
            f"GRANT SELECT ON {self._name}.* TO {user}@localhost;"
        )
        self._run_php(
            "wp_install($values['title'], $values['user'], 'ada@blog.example', true, '', 'secret');"
            "wp_delete_post(1, true); switch_theme($values['theme']);"
            "update_option('permalink_structure', '');",
            {"title": "A real blog", "user": ADMIN, "theme": THEME},
            installing=True,
        )
        self._serve()

    def stop(self) -> None:
        """End the server; the files are the caller's to remove."""
        if self._server is not None:
            # PHP's workers outlive their parent unless they are told as well.
            os.killpg(self._server.pid, signal.SIGTERM)
            self._server.wait(START_SECONDS)
            self._server = None

    def run_php(self, code: str, **values: Any) -> Any:
        """Run PHP inside the blog, the administration's functions included.

        Args:
            code: Statements; what they ``return`` comes back by way of JSON.
            values: The variable ``$values``.

        Raises:
            RuntimeError: PHP failed; with what it said.
        """
        return self._run_php(code, values)["returned"]

    def printed_by_php(self, code: str, **values: Any) -> str:
        """What PHP prints inside the blog; else as ``run_php``."""
        return str(self._run_php(code, values)["printed"])

    def permalinks(self, structure: str) -> None:
        """Choose the form of addresses, ``/%year%/%postname%/``; empty is plain (``?p=7``)."""
        self.run_php(
            "global $wp_rewrite; $wp_rewrite->set_permalink_structure($values['structure']);"
            "flush_rewrite_rules(false);",
            structure=structure,
        )

    def plugin(self, name: str, code: str) -> Path:
        """Add a plugin that is always active; remove the file to be rid of it.

        Args:
            name: Its file's name, without the ending.
            code: PHP without the opening tag.
        """
        file = self.folder / "wp-content" / "mu-plugins" / f"{name}.php"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"<?php\n{code}\n", "utf-8")
        return file

    @property
    def database_url(self) -> str:
        """The address of its database, for the source ``mysql``; ``READER`` may read there."""
        return f"mysql://{READER[0]}@localhost/{self._name}?socket={self._database.socket}"

    def _copy(self) -> None:
        # A copy, because PHP finds files by where they are, not by a link to it.
        ignored = shutil.ignore_patterns("wp-config.php", ".htaccess", "*.map")
        shutil.copytree(INSTALLED, self.folder, ignore=ignored)
        shutil.copy(HARNESS / "wp-config.php", self.folder)
        settings = {
            "database": self._name,
            "socket": str(self._database.socket),
            "home": self.url,
        }
        lines = "".join(f"  '{name}' => '{value}',\n" for name, value in settings.items())
        (self.folder / "scratch.php").write_text(f"<?php\nreturn [\n{lines}];\n", "utf-8")

    def _run_php(self, code: str, values: dict[str, Any], *, installing: bool = False) -> Any:
        asked = {"code": code, "values": values or None, "installing": installing}
        done = subprocess.run(
            ["php", "-d", "display_errors=stderr", HARNESS / "run.php", self.folder, self._host],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=PHP_SECONDS,
        )
        try:
            if done.returncode == 0:
                return json.loads(done.stdout)
        except ValueError:
            pass
        said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()
        raise RuntimeError(f"PHP failed ({done.returncode}): {said[:4000]}\nin: {code}")

    def _serve(self) -> None:
        log = self.folder / "server.log"
        command = ["php", "-d", "opcache.enable_cli=1", "-S", self._host]
        command += ["-t", str(self.folder), str(HARNESS / "router.php")]
        with log.open("wb") as said:
            self._server = subprocess.Popen(
                command,
                stdout=said,
                stderr=said,
                env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4"},
                start_new_session=True,
            )
        for _ in range(START_SECONDS * 20):
            try:
                self._server.wait(0.05)
            except subprocess.TimeoutExpired:
                host, _, port = self._host.partition(":")
                try:
                    socket.create_connection((host, int(port))).close()
                except ConnectionRefusedError:
                    continue
                return
            break
        raise RuntimeError(f"PHP's web server did not start:\n{log.read_text()[-2000:]}")
