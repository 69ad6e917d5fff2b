"""Stopping, replacing and killing under load: nothing is dropped, and nothing wrong sent."""

from __future__ import annotations

import errno
import http.client
import json
import os
import re
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

DEADLINE_SECONDS = 60.0
PATHS = [
    f"/v1/related?id={quote(id_, safe='')}&limit={limit}"
    for id_ in ("/2024/05/plain/", "no-slash", "plus+and space")
    for limit in (1, 50)
]


def wait_for(met: Callable[[], Any]) -> None:
    """Poll until something holds; fail after a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


class Client:
    """Asks as fast as it can, on one connection for as long as the server keeps it."""

    def __init__(self, port: int, expected: dict[str, bytes], *, anew: bool) -> None:
        self._port, self._expected, self._anew = port, expected, anew
        self.n_right = 0
        self.wrong: list[str] = []
        self.broken: list[str] = []
        self.refused = False
        self.finished = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        turn = 0
        while not self.finished.is_set():
            turn += 1
            path = PATHS[turn % len(PATHS)]
            try:
                if connection.sock is None:
                    connection.connect()
            except OSError:
                # Nobody listens any more: a request was neither sent nor taken.
                self.refused = True
                if self.finished.wait(0.01):
                    break
                continue
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as mistake:
                self.broken.append(repr(mistake))
                connection.close()
                continue
            if answer.status != 200 or content != self._expected[path]:
                self.wrong.append(f"{answer.status} {content[:80]!r}")
            self.n_right += 1
            if self._anew:
                connection.close()
        connection.close()


@contextmanager
def load(server: Any, kinds: list[bool]) -> Iterator[list[Client]]:
    """Clients at work, some with a new connection for each request, others with one."""
    expected = {}
    for path in PATHS:
        connection = server.connect()
        connection.request("GET", path)
        expected[path] = connection.getresponse().read()
        assert json.loads(expected[path])["items"]
        connection.close()
    clients = [Client(server.port, expected, anew=anew) for anew in kinds]
    try:
        wait_for(lambda: all(client.n_right > 20 for client in clients))
        yield clients
    finally:
        for client in clients:
            client.finished.set()
        for client in clients:
            client.thread.join(DEADLINE_SECONDS)


def test_sigterm_drops_nothing(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """Told to stop under load, it answers what it was asked, closes, and ends by itself."""
    server = serve("--data", str(shared_folder), "--workers", "2")
    with load(server, [False] * 4) as clients:
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: all(client.refused for client in clients))
        assert server.process.wait(DEADLINE_SECONDS) == 0
    assert [client.broken for client in clients] == [[]] * 4
    assert [client.wrong for client in clients] == [[]] * 4


def test_sighup_drops_nothing(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """All workers are replaced under load, and no client of either kind notices."""
    server = serve("--data", str(shared_folder), "--workers", "2")
    wait_for(lambda: len(server.workers()) == 2)
    before = set(server.workers())
    with load(server, [False, False, True, True]) as clients:
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(now := set(server.workers())) == 2 and not now & before)
        done = [client.n_right for client in clients]
        wait_for(lambda: all(c.n_right > n + 50 for c, n in zip(clients, done, strict=True)))
    for client in clients:
        assert (client.broken, client.wrong, client.refused) == ([], [], False)


def test_what_waits_at_the_end_is_answered(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """Requests that stand in the queue when the worker is told to stop are still answered."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    wait_for(lambda: server.get("/healthz")[0] == 200)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    try:
        waiting = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(5)]
        for connection in waiting:
            request = f"GET {PATHS[0]} HTTP/1.1\r\nHost: x\r\n\r\n"
            connection.sendall(request.encode())
        server.process.send_signal(signal.SIGTERM)
        os.kill(worker, signal.SIGTERM)
    finally:
        os.kill(worker, signal.SIGCONT)
    for connection in waiting:
        with connection:
            content = b"".join(iter(lambda c=connection: c.recv(65536), b""))
        assert content.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nConnection: close\r\n" in content
    assert server.process.wait(DEADLINE_SECONDS) == 0


def is_told_to_stop(pid: int) -> bool:
    """Whether SIGTERM waits for a process that stands still."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (pending,) = re.findall(r"^ShdPnd:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return bool(int(pending, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.usefixtures("packet_filters")
def test_nobody_is_let_in_at_the_end(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """Whoever comes before the stop is answered, and whoever comes after it is refused.

    Let in when no worker looks any more, a client would be reset with its request sent.
    """
    server = serve("--data", str(shared_folder), "--workers", "1")
    wait_for(lambda: server.get("/healthz")[0] == 200)
    (worker,) = server.workers()
    os.kill(worker, signal.SIGSTOP)
    with ExitStack() as open_ones:
        early = open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
        late = open_ones.enter_context(socket.socket())
        late.setblocking(False)
        try:
            early.sendall(f"GET {PATHS[0]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            server.process.send_signal(signal.SIGTERM)
            wait_for(lambda: is_told_to_stop(worker))
            assert late.connect_ex(("127.0.0.1", server.port)) == errno.EINPROGRESS
        finally:
            os.kill(worker, signal.SIGCONT)
        assert early.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert select.select([], [late], [], DEADLINE_SECONDS)[1] == [late]
        assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
    assert server.process.wait(DEADLINE_SECONDS) == 0


def test_a_killed_worker_costs_no_wrong_answer(
    shared_folder: Path, serve: Callable[..., Any]
) -> None:
    """Workers that are killed are replaced; whole answers are right ones; sums do not fall."""
    server = serve("--data", str(shared_folder), "--workers", "2")

    def counted() -> float:
        connection = server.connect()
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        line = 'related_posts_requests_total{route="/v1/related",status="200"} '
        return float(next(x for x in text.splitlines() if x.startswith(line)).removeprefix(line))

    wait_for(lambda: len(server.workers()) == 2)
    with load(server, [False, False, True, True]) as clients:
        sums = []
        for _ in range(3):
            victims = set(server.workers())
            # A second's sums are written by now, and are kept beyond the death.
            sums.append(counted())
            os.kill(min(victims), signal.SIGKILL)
            wait_for(lambda victims=victims: len(set(server.workers()) - victims) == 1)
            done = [client.n_right for client in clients]
            wait_for(
                lambda done=done: all(
                    c.n_right > n + 20 for c, n in zip(clients, done, strict=True)
                )
            )
    for client in clients:
        assert client.wrong == []
        assert len(client.broken) <= 6
    assert len(server.workers()) == 2
    assert server.get("/healthz")[0] == 200


def test_a_killed_service_comes_back(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """Killed as a whole under load and started again on its port, it answers the same."""
    server = serve("--data", str(shared_folder), "--workers", "2")
    wait_for(lambda: len(server.workers()) == 2)
    with load(server, [False, True]) as clients:
        for pid in [server.process.pid, *server.workers()]:
            os.kill(pid, signal.SIGKILL)
        server.process.wait(DEADLINE_SECONDS)
        wait_for(lambda: all(client.refused for client in clients))
        again = serve("--data", str(shared_folder), "--workers", "2", "--port", str(server.port))
        done = [client.n_right for client in clients]
        wait_for(lambda: all(c.n_right > n + 20 for c, n in zip(clients, done, strict=True)))
    assert [client.wrong for client in clients] == [[], []]
    assert again.get("/readyz")[0] == 200


@pytest.mark.parametrize("n_bytes", [0, 1, 30])
def test_slow_clients_hold_no_thread(
    shared_folder: Path, serve: Callable[..., Any], n_bytes: int
) -> None:
    """More clients with half a request than there are threads, and others are answered."""
    server = serve("--data", str(shared_folder), "--workers", "1", "--threads", "1")
    request = f"GET {PATHS[0]} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as open_ones:
        slow = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            for _ in range(20)
        ]
        for connection in slow:
            connection.sendall(request[:n_bytes])
        for _ in range(3):
            assert server.get("/healthz")[0] == 200
        for connection in slow:
            for place in range(n_bytes, len(request)):
                connection.sendall(request[place : place + 1])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            # Kept, and slow again with the next request.
            connection.sendall(request[:n_bytes])
        assert server.get("/healthz")[0] == 200


def test_slow_bodies_hold_no_thread(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """More clients with half a body than there are threads: others are answered, then they."""
    server = serve("--data", str(shared_folder), "--workers", "1", "--threads", "1")
    body = b'{"posts": ["no-slash"]}'
    head = f"POST /v1/related/batch HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with ExitStack() as open_ones:
        slow = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            for _ in range(20)
        ]
        for connection in slow:
            connection.sendall(head.encode() + body[:1])
        for _ in range(3):
            assert server.get("/healthz")[0] == 200
        for connection in slow:
            connection.sendall(body[1:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_slow_readers_hold_no_thread(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """More clients that do not take their answers than there are threads: others get theirs."""
    server = serve("--data", str(shared_folder), "--workers", "1", "--threads", "1")
    requests = b"GET /docs HTTP/1.1\r\nHost: x\r\n\r\n" * 100
    with ExitStack() as open_ones:
        for _ in range(6):
            slow = open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            slow.sendall(requests)
        for _ in range(3):
            assert server.get("/healthz")[0] == 200
