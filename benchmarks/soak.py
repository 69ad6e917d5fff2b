"""Half an hour of a bad day in a minute: writes, readers, publishes, rollbacks, prunes, kills.

A service of two workers and a training worker run on a blog of their own. Meanwhile posts are
written, changed and deleted over HTTP, lists are read, versions are published, rolled back and
pruned, and processes are killed with SIGKILL: workers of the service, the service as a whole and
the training worker. An oracle knows what was accepted. Wrong are

- an answer that shows a post whose deletion was accepted before it was asked for,
- an answer that is not of one version alone: its tag, its field and its body name different
  ones, or a version shows a post with two titles,
- an answer that is neither a list nor a refusal that fits,
- a write that was accepted and is not in the archive, or not in the version that is live in the
  end,
- anything that interruptions left behind.

What a client cannot know, because its connection broke, may be either way. The counts are
printed; the exit status is 1 where anything is wrong.

    python benchmarks/soak.py
    python benchmarks/soak.py --seconds 600 --posts 2000 --seed 7
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from corpus import corpus
from measure import machine, say
from oracle import Oracle
from servers import free_port

from related_posts.archive import Archive
from related_posts.errors import StorageError
from related_posts.keys import Keys
from related_posts.schema import post_from_json
from related_posts.status import read_status
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions

COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()"]
#: Longest wait for a start, and for the last training.
PATIENCE_SECONDS = 120.0
#: Seconds between two of a kind, on average.
EVERY = {"publish": 0.7, "rollback": 4.0, "prune": 3.0, "kill worker": 2.0,
         "kill trainer": 6.0, "kill service": 18.0}  # fmt: skip
N_WRITERS, N_READERS = 2, 3


class Process:
    """A process group of ours that is killed and started again.

    Args:
        arguments: Of ``related-posts``.
        ready: What its first line, on either output, begins with.
        variables: Of its environment.
    """

    def __init__(self, arguments: list[str], ready: str, variables: dict[str, str]) -> None:
        self._arguments, self._ready = arguments, ready
        self._variables = {**os.environ, **variables}
        self.start()

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.process = subprocess.Popen(
            [*COMMAND, *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._variables,
            start_new_session=True,
        )
        output = self.process.stdout
        assert output is not None
        said = []
        for line in output:
            if self._ready in line:
                break
            said.append(line)
        else:
            raise SystemExit(f"{self._arguments[0]} did not start: {''.join(said)[-2000:]}")
        # Read on, or it would stop when the pipe is full.
        threading.Thread(target=lambda: [None for _ in output], daemon=True).start()

    def children(self) -> list[int]:
        """The workers it started."""
        pid = self.process.pid
        try:
            return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except FileNotFoundError:
            return []

    def kill(self) -> None:
        """Kill all of it, and start it again."""
        self.end(signal.SIGKILL)
        self.start()

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End all of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(PATIENCE_SECONDS)


class Soak:
    """One run.

    Args:
        data: An empty data folder.
        n_posts: Posts of the blog at the beginning.
        seed: Decides what is written, read and killed.
    """

    def __init__(self, data: Path, n_posts: int, seed: int) -> None:
        self.data, self._seed = data, seed
        self._posts = list(corpus(n_posts, seed=seed))
        self._stop = threading.Event()
        now = datetime.now(UTC)
        with Archive(data) as archive, archive.writing(now) as update:
            for post in self._posts:
                update.put(post_from_json(post))
        train_and_publish([], TrainingSettings(data=data, jobs=1), Lines())
        self.oracle = Oracle({post["id"]: {post["title"]} for post in self._posts})
        _, self._key = Keys(data).create(["write"], now=now)
        self._versions = Versions(data)
        self._port = free_port()
        self._service = Process(
            ["serve", "--data", str(data), "--workers", "2", "--port", str(self._port)],
            "related-posts at",
            {"RELATED_POSTS_RELOAD_SECONDS": "0.1"},
        )
        self._trainer = Process(
            ["worker", "--data", str(data), "--jobs", "1"],
            "watching",
            {"RELATED_POSTS_WORKER_QUIET_SECONDS": "0.1", "RELATED_POSTS_KEEP_VERSIONS": "8"},
        )

    def run(self, seconds: float) -> None:
        """Do everything at once for a while, then see what is left."""
        acts: dict[str, Callable[[], object]] = {
            "publish": lambda: self._versions.publish(self._versions.store.names()[-1], force=True),
            "rollback": lambda: self._versions.rollback(datetime.now(UTC)),
            "prune": lambda: self._versions.prune(4, datetime.now(UTC)),
            "kill worker": self._kill_worker,
            "kill trainer": self._trainer.kill,
            "kill service": self._service.kill,
        }
        threads = [
            *(threading.Thread(target=self._write, args=(n,)) for n in range(N_WRITERS)),
            *(threading.Thread(target=self._read, args=(n,)) for n in range(N_READERS)),
            *(threading.Thread(target=self._do, args=(name, acts[name])) for name in acts),
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self._stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        self._settle()
        self._compare()

    def close(self) -> None:
        """End the processes."""
        for process in (self._service, self._trainer):
            process.end()

    # --- what happens ---

    def _write(self, number: int) -> None:
        """Change posts that no other writer changes."""
        draw = random.Random(f"{self._seed} writer {number}")
        mine = list(self._posts[number::N_WRITERS])
        turn = 0
        while not self._stop.wait(draw.expovariate(25)):
            turn += 1
            post = dict(draw.choice(mine))
            if draw.random() < 0.2:
                post |= {"id": f"new-{number}-{turn}", "url": f"/new/{number}/{turn}/"}
                mine.append(post)
            title = None if draw.random() < 0.25 else f"{post['title'][:60]} no. {turn}"
            path = f"/v1/posts/{quote(post['id'], safe='')}"
            self.oracle.begins(post["id"], title)
            body = None if title is None else json.dumps({**post, "title": title})
            try:
                with self._connection() as connection:
                    fields = {"Authorization": f"Bearer {self._key}"}
                    if body is not None:
                        fields["Content-Type"] = "application/json"
                    connection.request("DELETE" if body is None else "PUT", path, body, fields)
                    answer = connection.getresponse()
                    content = answer.read()
            except (OSError, http.client.HTTPException):
                self.oracle.count("writes broken off")
                self._stop.wait(0.1)
                continue
            if answer.status in (200, 201):
                self.oracle.accepted(post["id"], title)
                self.oracle.count("writes accepted" if title else "deletions accepted")
            elif answer.status == 503:
                self.oracle.count("writes refused")
            else:
                self.oracle.fail(f"{answer.status} for a write: {content[:200]!r}")

    def _read(self, number: int) -> None:
        """Ask for lists, on one connection for as long as it lasts."""
        draw = random.Random(f"{self._seed} reader {number}")
        while not self._stop.is_set():
            try:
                with self._connection() as connection:
                    while not self._stop.wait(0.002):
                        id_ = draw.choice(list(self.oracle.told))
                        asked_at = time.monotonic()
                        connection.request("GET", f"/v1/related?id={quote(id_, safe='')}&limit=20")
                        answer = connection.getresponse()
                        self.oracle.check(asked_at, answer, answer.read())
                        self.oracle.count("reads")
            except (OSError, http.client.HTTPException):
                self.oracle.count("reads broken off")
                self._stop.wait(0.05)

    def _do(self, name: str, act: Callable[[], object]) -> None:
        """Do one thing again and again."""
        draw = random.Random(f"{self._seed} {name}")
        while not self._stop.wait(draw.uniform(0.5, 1.5) * EVERY[name]):
            try:
                act()
            except StorageError:
                # Pruned in front of it, or nothing to go back to: said, and nothing changed.
                self.oracle.count(f"{name}: refused")
            else:
                self.oracle.count(name)

    def _kill_worker(self) -> None:
        for pid in self._service.children()[:1]:
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            yield connection
        finally:
            connection.close()

    # --- what is left ---

    def _settle(self) -> None:
        """Wait until the worker has trained the last write, and publish that."""
        end = time.monotonic() + PATIENCE_SECONDS
        with Archive(self.data) as archive:
            revision = archive.revision()
        while (read_status(self.data) or {}).get("revision") != revision:
            if time.monotonic() > end:
                self.oracle.fail("the last write was never trained")
                return
            time.sleep(0.1)
        newest = str((read_status(self.data) or {})["last_training"]["version"])
        self._versions.publish(newest, force=True)

    def _compare(self) -> None:
        """Hold the archive, the live version and every answer to what was accepted."""
        oracle = self.oracle
        with Archive(self.data) as archive:
            kept = {post.id: post.title for post in archive.posts()}
        with self._versions.store.open(verify=True) as index:
            posts = [index.post(row) for row in range(index.n_posts)]
        live = {post["id"]: post["title"] for post in posts}
        for id_, titles in oracle.told.items():
            if kept.get(id_) not in titles:
                oracle.fail(f"lost: {id_} is {kept.get(id_)!r} in the archive, not {titles}")
        if live != kept:
            oracle.fail(f"{len(live.items() ^ kept.items())} posts live are not as in the archive")
        hidden = [*self.data.glob(".*"), *(self.data / "versions").glob(".*")]
        # The worker may just be writing its status.
        left = [path.name for path in hidden if not re.search(r"\.lock$|^\.status", path.name)]
        if left:
            oracle.fail(f"left behind: {', '.join(left)}")
        for id_, titles in oracle.told.items():
            with self._connection() as connection:
                connection.request("GET", f"/v1/related?id={quote(id_, safe='')}&limit=50")
                asked_at, answer = time.monotonic(), connection.getresponse()
                oracle.check(asked_at, answer, answer.read())
                oracle.count("reads")
            if (answer.status == 200) != (id_ in kept) and titles != {None}:
                oracle.fail(f"{answer.status} for {id_} in the end")
            if answer.status == 200 and titles == {None}:
                oracle.fail(f"{id_} has a list and was withdrawn")


def main() -> None:
    """Run and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=75.0, help="how long all of it goes on")
    parser.add_argument("--posts", type=int, default=300, help="posts of the blog at the beginning")
    parser.add_argument("--seed", type=int, default=1, help="another day of the same kind")
    chosen = parser.parse_args()
    say(machine())
    with tempfile.TemporaryDirectory(prefix="related-posts-soak-") as folder:
        soak = Soak(Path(folder, "data"), chosen.posts, chosen.seed)
        try:
            soak.run(chosen.seconds)
        finally:
            soak.close()
    oracle = soak.oracle
    for what, n in sorted(oracle.counts.items()):
        print(f"{n:8,} {what}")
    print(f"{len({version for version, _ in oracle.titles}):8,} versions seen")
    print(f"{len(oracle.wrong):8,} wrong answers or lost writes")
    for problem in oracle.wrong[:20]:
        print(problem)
    sys.exit(bool(oracle.wrong))


if __name__ == "__main__":
    main()
