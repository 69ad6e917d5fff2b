"""Kills while clients write: nothing accepted is lost, and nothing withdrawn is shown."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from related_posts.archive import Archive
from related_posts.keys import Keys
from related_posts.posts import Post

DEADLINE_SECONDS = 60.0


def wait_for(met: Callable[[], Any]) -> None:
    """Poll until something holds; fail after a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


class Writer(threading.Thread):
    """Sends one change after another; what is refused a connection is sent again later.

    Args:
        port: Where the service listens.
        key: A key that may write.
        changes: Method, id and body of each change.

    Attributes:
        accepted: Ids of the changes that were answered as done.
        wrong: Answers that no client expects.
    """

    def __init__(self, port: int, key: str, changes: list[tuple[str, str, str | None]]) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._changes = changes
        self._finished = threading.Event()
        self.accepted: list[str] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        """Write until there is nothing left or one is told to stop."""
        for method, id_, body in self._changes:
            while not self._finished.is_set():
                connection = HTTPConnection("127.0.0.1", self._port, timeout=DEADLINE_SECONDS)
                try:
                    connection.request(
                        method, f"/v1/posts/{quote(id_, safe='')}", body, self._headers
                    )
                    response = connection.getresponse()
                    response.read()
                except (OSError, HTTPException):
                    # Killed before it answered: whether it was done is not known.
                    time.sleep(0.005)
                    continue
                finally:
                    connection.close()
                if response.status in (200, 201):
                    self.accepted.append(id_)
                else:
                    self.wrong.append(f"{method} {id_}: {response.status}")
                break

    def stop(self) -> None:
        """End after the change that is under way."""
        self._finished.set()
        self.join(DEADLINE_SECONDS)


def test_kills_under_load_lose_no_accepted_write(
    data_folder: Path, posts: list[Post], serve: Callable[..., Any]
) -> None:
    """One worker after another is killed, then the whole service, which is started again."""
    _, key = Keys(data_folder).create(("write",), now=datetime.now(UTC))
    arguments = ("--data", str(data_folder), "--workers", "2")
    server = serve(*arguments)
    wait_for(lambda: len(server.workers()) == 2)
    written = [
        [
            ("PUT", f"w{writer}-{n}", json.dumps({"url": f"/w{writer}-{n}/", "title": f"Nr {n}"}))
            for n in range(10_000)
        ]
        for writer in range(3)
    ]
    gone = [post.id for post in posts[5:]]
    deleted = [("DELETE", id_, None) for id_ in gone]
    writers = [Writer(server.port, key, changes) for changes in (*written, deleted)]
    for writer in writers:
        writer.start()

    def go_on() -> None:
        """Wait until every writer has had more changes accepted."""
        before = [len(writer.accepted) for writer in writers[:3]]
        wait_for(
            lambda: all(
                len(writer.accepted) > n + 5 for writer, n in zip(writers[:3], before, strict=True)
            )
        )

    try:
        go_on()
        for _ in range(2):
            victims = set(server.workers())
            os.kill(min(victims), signal.SIGKILL)
            wait_for(lambda victims=victims: len(set(server.workers()) - victims) == 1)
            go_on()
        for pid in [server.process.pid, *server.workers()]:
            os.kill(pid, signal.SIGKILL)
        server.process.wait(DEADLINE_SECONDS)
        again = serve(*arguments, "--port", str(server.port))
        go_on()
    finally:
        for writer in writers:
            writer.stop()
    assert [writer.wrong for writer in writers] == [[]] * 4
    accepted = {id_ for writer in writers[:3] for id_ in writer.accepted}
    with Archive(data_folder) as archive:
        assert accepted <= {post.id for post in archive.posts()}
        assert set(writers[3].accepted) <= set(archive.state().withdrawn_ids)
    assert len(writers[3].accepted) > 5
    for id_ in writers[3].accepted:
        assert again.get(f"/v1/related?id={quote(id_, safe='')}")[0] == 404
