"""Rate limits counted in Redis: a real server, which goes away and comes back."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.ops.limits import PAUSE_SECONDS, Limits

if not shutil.which("redis-server"):
    pytest.skip("redis-server is not installed", allow_module_level=True)

DEADLINE_SECONDS = 60.0
PATH = "/v1/related?id=no-slash"


class Redis:
    """A Redis of our own on a free port of this machine, with nothing on the disk.

    Attributes:
        address: What the setting ``rate_limit_storage`` is.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._folder = folder
        self.address = f"redis://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [
                *("redis-server", "--port", str(self._port), "--bind", "127.0.0.1"),
                *("--dir", str(self._folder), "--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self._port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(7) == b"+PONG\r\n":
                        return
            except OSError:
                pass
            assert self._process.poll() is None, "redis-server ended"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(DEADLINE_SECONDS)
            self._process = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis that runs."""
    folder = tmp_path / "redis"
    folder.mkdir()
    found = Redis(folder)
    found.start()
    yield found
    found.stop()


def test_workers_share_one_count(
    redis: Redis, shared_folder: Path, serve: Callable[..., Any]
) -> None:
    """Of a client's requests to two workers as many are answered as the rate says, and no more."""
    server = serve(
        *("--data", str(shared_folder), "--workers", "2"),
        RELATED_POSTS_RATE_LIMIT="30/hour",
        RELATED_POSTS_RATE_LIMIT_STORAGE=redis.address,
    )
    # A connection of its own each time, so that both workers have some.
    statuses = [server.get(PATH)[0] for _ in range(60)]
    assert statuses == [200] * 30 + [429] * 30


def test_applications_share_one_count_for_each_client(redis: Redis) -> None:
    """Two machines count together, clients apart, and a client waits until its window moves."""
    here, there = (Limits("2/hour", redis.address) for _ in range(2))
    assert [here.retry_after("a"), there.retry_after("a")] == [None, None]
    for limits in (here, there):
        wait = limits.retry_after("a")
        assert wait is not None
        assert 1 <= wait <= 3600
    assert there.retry_after("b") is None


def test_several_rates(redis: Redis) -> None:
    """Of several rates the strictest decides."""
    limits = Limits("100/second;3/hour", redis.address)
    assert [limits.retry_after("a") is None for _ in range(5)] == [True] * 3 + [False] * 2


def test_it_goes_and_comes_back(redis: Redis) -> None:
    """While Redis is away nobody is refused; when it is back it counts again, from nothing."""
    now = [0.0]
    limits = Limits("1/hour", redis.address, lambda: now[0])
    assert [limits.retry_after("a") is None for _ in range(2)] == [True, False]
    redis.stop()
    assert [limits.retry_after("a") for _ in range(3)] == [None] * 3
    redis.start()
    now[0] += PAUSE_SECONDS
    assert [limits.retry_after("a") is None for _ in range(2)] == [True, False]
