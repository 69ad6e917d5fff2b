"""Plain questions that the main loop answers: the very bytes that a thread would send."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config
from gunicorn.glogging import Logger
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.connection import Connection
from service.relief import Relief
from service.shortcut import MOST_BYTES, MOST_FIELDS, Shortcut, is_usual
from service.worker import Worker

PLAIN = b"GET /v1/related?id=no-slash HTTP/1.1\r\nHost: x\r\n\r\n"
BROWSER = (
    b"GET /v1/related?url=https%3A%2F%2Fblog.example%2F1%2F&limit=5 HTTP/1.1\r\n"
    b"Host: related.example\r\nConnection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11)\r\n"
    b"Accept: */*\r\nOrigin: https://blog.example\r\nSec-Fetch-Mode: cors\r\n"
    b"Referer: https://blog.example/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    b"Accept-Language: de-DE,de;q=0.9\r\n\r\n"
)

lines = st.sampled_from(
    [
        *[PLAIN.split(b"\r\n")[0], BROWSER.split(b"\r\n")[0]] * 4,
        b"GET /v1/related?id=no-slash HTTP/1.0",
        b"GET /v1/related?id=no-slash  HTTP/1.1",
        b"GET /v1/related?id=no-slash#there HTTP/1.1",
        b"GET /v1/related?id=nobody HTTP/1.1",
        b"GET /v1/related?id=\xfc HTTP/1.1",
        b"GET /v1/related?id=no-slash&fields=id HTTP/1.1",
        b"GET /v1/related? HTTP/1.1",
        b"GET //v1/related?id=no-slash HTTP/1.1",
        b"GET http://x/v1/related?id=no-slash HTTP/1.1",
        b"HEAD /v1/related?id=no-slash HTTP/1.1",
        b"get /v1/related?id=no-slash HTTP/1.1",
    ]
)
names = st.sampled_from(
    (
        b"Host|Accept-Encoding|If-None-Match|Origin|X-Request-ID|Connection|ACCEPT-ENCODING|"
        b"Content-Length|Transfer-Encoding|Expect|Upgrade|SCRIPT_NAME|Script-Name|Cookie|Range|"
        b"X-Forwarded-For|X_y| X||If-Modified-Since|Authorization|Path-Info|Content-Type|X-A"
    ).split(b"|")
)
values = st.one_of(
    st.sampled_from(
        (
            b'|*|gzip|br;q=0.5, zstd|keep-alive|close|Keep-Alive, x|0|"other"|W/"a", "b"|'
            b"https://blog.example|chunked|100-continue|/x|a\tb |\xe9|a\x00b|id-1.2|bytes=0-1"
        ).split(b"|")
    ),
    st.binary(max_size=8),
)
fields = st.tuples(
    names, st.sampled_from([b": ", b":", b":\t ", b" : ", b""]), values, st.just(b"\r\n")
).map(b"".join)


@pytest.fixture(scope="module")
def app(tmp_path_factory: Any, publish: Any) -> Iterator[Any]:
    """The service, opened."""
    from service import create_app
    from service.settings import ServiceSettings

    folder = tmp_path_factory.mktemp("shortcut")
    publish(folder)
    found: Any = create_app(ServiceSettings(data=folder, reload_seconds=3600))
    found.snapshot.start()
    yield found
    found.snapshot.stop()


@pytest.fixture(scope="module")
def worker(app: Any) -> Iterator[Worker]:
    """A worker of gunicorn that answers by way of its parser and the application."""
    config = Config()
    found = Worker(0, 0, [], None, 30, config, Logger(config))
    found.wsgi = app
    with closing(found.tmp):
        yield found


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection and the client's end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Connection(Config(), ours, ("192.0.2.1", 1), ("127.0.0.1", 80)), theirs


def as_served() -> Config:
    """Gunicorn's configuration, as the service sets what concerns a request."""
    config = Config()
    config.set("secure_scheme_headers", {})
    return config


def by_gunicorn(worker: Worker, request: bytes) -> tuple[bytes, bool]:
    """What a thread answers, and whether it keeps the connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        conn = Connection(worker.cfg, ours, ("192.0.2.1", 1), ("127.0.0.1", 80))
        theirs.sendall(request)
        theirs.shutdown(socket.SHUT_WR)
        assert conn.receive()
        is_kept = worker.handle(conn)
        ours.shutdown(socket.SHUT_WR)
        content = b""
        while piece := theirs.recv(1 << 20):
            content += piece
        return content, is_kept


def without_chance(answer: bytes) -> bytes:
    """An answer without what differs from one to the next."""
    answer = re.sub(rb"\r\nDate: [^\r]+", b"\r\nDate: now", answer)
    return re.sub(rb"\r\nX-Request-ID: [0-9a-f]{16}-[0-9a-f]+\r", b"\r\nX-Request-ID: 1\r", answer)


@settings(deadline=None, max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(line=lines, block=st.lists(fields, max_size=5), end=st.sampled_from([b"\r\n", b"\r\n", b""]))
def test_equal_to_the_byte(
    app: Any, worker: Worker, line: bytes, block: list[bytes], end: bytes
) -> None:
    """Whatever is answered here, a thread answers with the same bytes and keeps alive."""
    request = line + b"\r\nHost: x\r\n" + b"".join(block) + end
    answer = Shortcut(app.front).answer(request)
    if answer is not None:
        expected, is_kept = by_gunicorn(worker, request)
        assert without_chance(answer) == without_chance(expected)
        assert is_kept


@pytest.mark.parametrize("request_", [PLAIN, BROWSER])
@pytest.mark.parametrize(
    "more", [b"", b"X-Request-ID: a-1", b'If-None-Match: "x", {}', b"If-None-Match: *"]
)
def test_the_usual_is_answered(app: Any, worker: Worker, request_: bytes, more: bytes) -> None:
    """Programs, browsers and those who have the answer already take no thread."""
    shortcut = Shortcut(app.front)
    tag = re.search(rb"ETag: ([^\r]+)", shortcut.answer(request_) or b"")
    assert tag
    more = more.replace(b"{}", tag[1])
    request = request_.replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n\r\n" if more else b"\r\n\r\n")
    answer = shortcut.answer(request)
    assert answer
    assert answer.startswith(b"HTTP/1.1 304 " if b"If-None-Match" in more else b"HTTP/1.1 200 ")
    assert without_chance(answer) == without_chance(by_gunicorn(worker, request)[0])


@pytest.mark.parametrize(
    "change",
    [
        (b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nContent-Length: 0\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nHost: y\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX_Y: z\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX: 1\r\n folded\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX: \xe9\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX: a\nY: b\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX: a\rb\r\n\r\n"),
        (b"\r\n\r\n", b"\r\nX: " + b"y" * MOST_BYTES + b"\r\n\r\n"),
        (b"\r\n\r\n", b"\r\n" + b"".join(b"X%d: 1\r\n" % n for n in range(MOST_FIELDS)) + b"\r\n"),
        (b"\r\n\r\n", b"\r\n\r\nGET"),
        (b"\r\n\r\n", b"\r\n"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"GET", b"HEAD"),
        (b"id=no-slash", b"id=nobody"),
        (b"id=no-slash", b"id=no-slash&limit=3&limit=4"),
    ],
)
def test_the_unusual_is_left(app: Any, change: tuple[bytes, bytes]) -> None:
    """What is not a plain question, or says more of the connection, is for gunicorn."""
    before = app.counters.totals().requests.total()
    assert Shortcut(app.front).answer(PLAIN.replace(*change)) is None
    assert app.counters.totals().requests.total() == before


def test_a_mistake_is_left_to_a_thread(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The main loop goes on, whatever goes wrong in it."""

    def fail(*arguments: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(app.front, "_finished", fail)
    assert Shortcut(app.front).answer(PLAIN) is None


def test_limits_are_not_gone_round(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """Where rates are limited each request is counted, so none goes this way."""
    front = make_app(shared_folder, rate_limit="1/hour").front  # type: ignore[attr-defined]
    assert Shortcut(front).answer(PLAIN) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accesslog", "-"),
        ("pre_request", lambda worker, request: None),
        ("post_request", lambda worker, request, environ, response: None),
        ("proxy_protocol", True),
        ("limit_request_line", 1_000),
        ("limit_request_field_size", 1_000),
        ("limit_request_fields", 10),
        ("loglevel", "debug"),
        ("secure_scheme_headers", {"X-FORWARDED-PROTO": "https"}),
    ],
)
def test_settings_of_gunicorn_hold(name: str, value: Any) -> None:
    """Whoever sets gunicorn to do or refuse more gets that, for every request."""
    config = as_served()
    assert is_usual(config, Logger(config))
    config.set(name, value)
    assert not is_usual(config, Logger(config))


def test_a_prefix_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a prefix no path is where it usually is."""
    config = as_served()
    assert is_usual(config, Logger(config))
    monkeypatch.setenv("SCRIPT_NAME", "/blog")
    assert not is_usual(config, Logger(config))


def answers(client: socket.socket, n_wanted: int) -> list[bytes]:
    """Bodies of so many answers, read from a connection."""
    content, found = b"", []
    while len(found) < n_wanted:
        head, end, rest = content.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and length and len(rest) >= int(length[1]):
            found.append(rest[: int(length[1])])
            content = rest[int(length[1]) :]
            continue
        piece = client.recv(65_536)
        assert piece, "the connection was closed"
        content += piece
    return found


def test_requests_in_pieces_and_in_a_row(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """However requests come, one by one, in halves or all at once, each has its answer in turn."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    others = [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", BROWSER.replace(b"br, zstd", b"x")]
    row = [PLAIN, *others, PLAIN, PLAIN, others[0], PLAIN]
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        one_by_one = []
        for request in row:
            client.sendall(request)
            one_by_one += answers(client, 1)
        client.sendall(b"".join(row))
        assert answers(client, len(row)) == one_by_one
        halves = []
        for request in row:
            client.sendall(request[:30])
            server.get("/healthz")
            client.sendall(request[30:])
            halves += answers(client, 1)
        assert halves == one_by_one
    assert json.loads(one_by_one[0])["items"]
    assert len(set(one_by_one)) == 3


def test_a_client_that_does_not_read_gets_all_in_the_end(
    shared_folder: Path, serve: Callable[..., Any]
) -> None:
    """An answer that the system does not take at once is sent on by a thread; others go on."""
    server = serve("--data", str(shared_folder), "--workers", "1", "--threads", "1")
    request = PLAIN.replace(b"no-slash", b"no-slash&limit=50")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.settimeout(60)
        client.connect(("127.0.0.1", server.port))
        client.setblocking(False)
        rest = request * 1_000
        with suppress(BlockingIOError):
            while rest:
                rest = rest[client.send(rest) :]
        client.settimeout(60)
        assert server.get("/v1/related?id=no-slash")[0] == 200
        # What was begun to be sent is ended, so that the last request is whole.
        n_whole = 1_000 - len(rest) // len(request)
        client.sendall(rest[: len(rest) % len(request)])
        found = answers(client, n_whole)
    assert len(set(found)) == 1
    assert len(json.loads(found[0])["items"]) == 50


def test_what_was_not_taken_at_once_is_unsent(ends: tuple[Connection, socket.socket]) -> None:
    """The main loop waits for nobody: the rest of an answer is sent by whoever may wait."""
    conn, client = ends
    answer = bytes(range(256)) * 20_000
    assert not conn.send(answer)
    n_unsent = len(conn.unsent)
    assert 0 < n_unsent < len(answer)
    received = bytearray()

    def read() -> None:
        while len(received) < len(answer):
            received.extend(client.recv(1 << 20))

    reader = threading.Thread(target=read)
    reader.start()
    assert conn.send_rest()
    reader.join()
    assert received == answer
    assert not conn.unsent
    client.close()
    assert not conn.send(answer)
    assert not conn.send_rest()


def test_a_client_that_has_made_room_is_not_waited_for(
    ends: tuple[Connection, socket.socket],
) -> None:
    """It gets the rest of its answer, however many others are waited for."""
    conn, client = ends
    conn.body.waiting = Relief(1, lambda: None, most_waiting=0).waiting
    assert not conn.send(bytes(5_000_000))
    n_unread = 5_000_000 - len(conn.unsent)
    while n_unread:
        n_unread -= len(client.recv(n_unread))
    conn.unsent = conn.unsent[:1_000]
    assert conn.send_rest()
    assert client.recv(1_001) == bytes(1_000)


def test_a_worker_s_last_answer_is_a_thread_s(
    app: Any, worker: Worker, ends: tuple[Connection, socket.socket]
) -> None:
    """A thread tells the client that nothing follows, where a worker has given all its answers."""
    conn, client = ends
    worker.shortcut, worker.max_requests, worker.nr = Shortcut(app.front), 2, 0
    client.sendall(PLAIN)
    assert conn.receive()
    assert worker._is_answered(conn)
    assert len(answers(client, 1)) == 1
    client.sendall(PLAIN)
    assert conn.receive()
    assert not worker._is_answered(conn)
    assert conn.has_more()


def test_they_are_counted(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """Answers of the main loop are among the metrics."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        for _ in range(7):
            client.sendall(PLAIN)
            answers(client, 1)
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        metrics = answers(client, 1)[0].decode()
    line = r'^related_posts_requests_total\{route="/v1/related",status="200"\} (.+)$'
    counted = re.search(line, metrics, re.M)
    assert counted
    assert float(counted[1]) == 7


def test_kept_connections_end_whatever_their_order(worker: Worker) -> None:
    """The first to come may be the last to go: each is ended when its own time is over."""

    class Watched:
        def __init__(self) -> None:
            self.left: list[Any] = []

        def unregister(self, sock: Any) -> None:
            self.left.append(sock)

        def register(self, sock: Any, events: int, data: Any) -> None:
            """Watched until the client closes, too."""

    with ExitStack() as open_ones:
        conns = []
        for timeout in (1e12, -1.0, 1e12, -1.0):
            ours, theirs = socket.socketpair()
            open_ones.enter_context(theirs)
            conn = open_ones.enter_context(
                closing(Connection(worker.cfg, ours, ("192.0.2.1", 1), ("127.0.0.1", 80)))
            )
            conn.timeout = timeout
            conns.append(conn)
        worker.keepalived_conns.extend(conns)
        worker.poller = Watched()
        worker.nr_conns = 4
        worker.murder_keepalived()
        assert list(worker.keepalived_conns) == [conns[0], conns[2]]
        assert list(worker.closing_conns) == [conns[1], conns[3]]
        worker.murder_keepalived(force=True)
        assert not worker.keepalived_conns
        assert worker.nr_conns == 2
