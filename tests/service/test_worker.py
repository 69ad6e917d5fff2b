"""The worker by itself: what it does with clients that stand still or do not go away."""

from __future__ import annotations

import errno
import logging
import resource
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn

from service.connection import MOST_HEAD_BYTES, Connection
from service.worker import Worker

CLOSING = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ASKING = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection and the client's end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Connection(Config(), ours, ("192.0.2.1", 1), ("127.0.0.1", 80)), theirs


@pytest.mark.parametrize("pieces", [[ASKING], [ASKING[:1], ASKING[1:-1], ASKING[-1:]]])
def test_a_head_is_whole_at_its_end(
    ends: tuple[Connection, socket.socket], pieces: list[bytes]
) -> None:
    """However it comes, a request is ready with the last byte of its header block."""
    conn, client = ends
    assert not conn.receive()
    ready = []
    for piece in pieces:
        client.sendall(piece)
        ready.append(conn.receive())
    assert ready == [False] * (len(pieces) - 1) + [True]
    assert next(conn.parser).path == "/"
    assert conn.has_no_body_left()
    assert not conn.has_more()


def test_requests_in_one_piece(ends: tuple[Connection, socket.socket]) -> None:
    """What came together with the request before is ready without a byte more."""
    conn, client = ends
    client.sendall(ASKING + ASKING.replace(b"/ ", b"/next "))
    assert conn.receive()
    assert next(conn.parser).path == "/"
    assert conn.has_more()
    assert conn.receive()
    assert next(conn.parser).path == "/next"


def test_no_more_is_read_than_is_to_be_answered(ends: tuple[Connection, socket.socket]) -> None:
    """A client that asks faster than it is answered has its requests wait with the system."""
    conn, client = ends
    client.sendall(ASKING)
    assert conn.receive()
    client.sendall(ASKING)
    assert conn.receive()
    assert conn.body.buf.getvalue() == ASKING


@contextmanager
def of_one_connection() -> Iterator[Worker]:
    """A worker that has accepted one connection, and whose main loop does not run."""
    config = Config()
    worker = Worker(0, 0, [], None, 30, config, Logger(config))
    with closing(worker.tmp), selectors.DefaultSelector() as worker.poller:
        worker.nr_conns = 1
        yield worker


def test_who_had_to_make_room_is_not_heard_any_more(
    ends: tuple[Connection, socket.socket],
) -> None:
    """The system may have told of a connection in the same turn in which it is closed."""
    conn, client = ends
    with of_one_connection() as worker:
        worker.enqueue_req(conn)
        client.sendall(b"GET /")
        [(key, _)] = worker.poller.select()
        worker._make_room(OSError(errno.EMFILE, "too many open files"))
        key.data(key.fileobj)
    assert worker.nr_conns == 0
    assert not worker.pending_conns


def test_the_last_look_finds_a_request(ends: tuple[Connection, socket.socket]) -> None:
    """A kept connection whose time is over is answered what came at the last moment."""
    conn, client = ends
    with of_one_connection() as worker:
        worker._keep(conn)
        conn.timeout = 0.0
        client.sendall(ASKING)
        worker.murder_keepalived()
    assert worker._asking.get_nowait() is conn
    assert worker.nr_conns == 1


def test_a_kept_connection_is_ended_from_both_sides(
    ends: tuple[Connection, socket.socket],
) -> None:
    """It hears that nothing follows, may still be sending, and is closed when it closes."""
    conn, client = ends
    with of_one_connection() as worker:
        worker._keep(conn)
        conn.timeout = 0.0
        worker.murder_keepalived()
        assert client.recv(1) == b""
        client.sendall(ASKING)
        [(key, _)] = worker.poller.select()
        key.data(key.fileobj)
        assert worker.nr_conns == 1
        client.close()
        key.data(key.fileobj)
    assert worker.nr_conns == 0
    assert not worker.keepalived_conns
    assert not worker.closing_conns


def test_the_end_of_a_connection_is_ready_too(ends: tuple[Connection, socket.socket]) -> None:
    """A client that went away, or sends a head without end, does not wait for its time."""
    conn, client = ends
    client.sendall(b"x" * MOST_HEAD_BYTES)
    while not conn.receive():
        pass
    assert len(conn.parser.unreader.buf.getvalue()) == MOST_HEAD_BYTES
    client.close()
    assert conn.receive()


def test_a_body_that_trickles_is_given_up(
    ends: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that comes more slowly than the least rate ends with its time, not with its bytes."""
    conn, client = ends
    client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
    assert conn.receive()
    body = next(conn.parser).body
    client.sendall(b"a")
    assert conn.body.chunk() == b"a"
    client.sendall(b"b")
    monkeypatch.setattr("service.connection.READ_SECONDS", -1.0)
    with pytest.raises(TimeoutError, match="too slowly"):
        body.read(1)


def test_a_stalled_answer_is_no_mistake(
    ends: tuple[Connection, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A client that does not take its answer loses it; nothing is logged as an error."""
    config = Config()
    worker = Worker(0, 0, [], None, 30, config, Logger(config))

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Length", str(100_000_000))])
        return [b"x" * 100_000_000]

    monkeypatch.setattr(worker, "wsgi", answer, raising=False)
    conn, client = ends
    conn.sock.settimeout(0.01)
    client.sendall(ASKING)
    assert conn.receive()
    monkeypatch.setattr(logging.getLogger("gunicorn.error"), "propagate", True)
    with closing(worker.tmp), caplog.at_level(logging.INFO):
        assert worker.handle(conn) is False
    assert caplog.records == []


def test_an_answer_before_the_end_of_a_question_arrives(
    shared_folder: Path, serve: Callable[..., Any]
) -> None:
    """A body that is too long is refused unread, and a client that sends on hears of it."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    n_bytes = 20_000_000
    head = f"POST /v1/related HTTP/1.1\r\nHost: x\r\nContent-Length: {n_bytes}\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port), 30) as client:
            client.sendall(head.encode() + b"x" * n_bytes)
            assert client.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_connections_of_gunicorn_s_own_kind_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where connections are encrypted, or HTTP/2 is set, gunicorn sees to them itself."""
    config = Config()
    worker = Worker(0, 0, [], None, 30, config, Logger(config))

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Length", "4")])
        return [b"here"]

    monkeypatch.setattr(worker, "wsgi", answer, raising=False)
    ours, client = socket.socketpair()
    with ours, client, closing(worker.tmp):
        conn = TConn(config, ours, ("192.0.2.1", 1), ("127.0.0.1", 80))
        for _ in range(2):
            client.sendall(ASKING)
            assert worker.handle(conn) is True
            found = client.recv(65_536)
            assert found.startswith(b"HTTP/1.1 200 OK\r\n")
            assert found.endswith(b"\r\n\r\nhere")


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of others are Linux's")
def test_too_many_connections_end_no_worker(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """Without descriptors left, those that ask nothing go, and others are answered."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    assert server.get("/healthz")[0] == 200
    workers = server.workers()
    for worker in workers:
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (160, 160))
    with ExitStack() as open_ones:
        for _ in range(250):
            idle = socket.create_connection(("127.0.0.1", server.port), 30)
            open_ones.enter_context(idle).sendall(b"GET /")
        for _ in range(3):
            assert server.get("/healthz")[0] == 200
    assert server.workers() == workers
    assert "connections at most from now on" in server.stop()


def test_clients_that_do_not_close_cost_nobody_time(
    shared_folder: Path, serve: Callable[..., Any]
) -> None:
    """Others are answered while clients linger, which are cut off all the same.

    If the loop waited the two seconds that each may take, the last would be too late.
    """
    server = serve("--data", str(shared_folder), "--workers", "1", "--threads", "1")
    with ExitStack() as open_ones:
        lingering = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            for _ in range(40)
        ]
        for client in lingering:
            client.sendall(CLOSING)
        assert server.get("/healthz")[0] == 200
        for client in lingering:
            content = b""
            while piece := client.recv(65536):
                content += piece
            assert content.startswith(b"HTTP/1.1 200 ")
        assert is_cut_off(lingering[0], lambda: server.get("/healthz")[0] == 200)


def is_cut_off(client: socket.socket, others_are_answered: Callable[[], bool]) -> bool:
    """Send until the system refuses, which it does where the other end is wholly closed."""
    while others_are_answered():
        try:
            client.sendall(b"x")
        except OSError:
            return True
    return False
