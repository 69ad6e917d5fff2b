"""Ten thousand hostile requests to a real server: answers or refusals, and nothing lost."""

from __future__ import annotations

import random
import re
import socket
import string
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

SEED = 11
#: A post of the built version.
ID = "p7"
N_REQUESTS = 10_000
#: Sent at once on one connection.
AT_ONCE = 20
DEADLINE_SECONDS = 60.0
MOST_GROWTH_BYTES = 100_000_000

PLACES = [
    *("/v1/related?id=", "/v1/related?url=", f"/v1/related?id={ID}&limit=", "/v1/related?", "/"),
    *(
        "/v1/posts/",
        f"/v1/posts/{ID}/related?",
        "/v1/search?q=",
        "/v1/",
        "/metrics?",
        "/readyz?",
    ),
    *("/compat/jetpack?url=", "/wp-json/yarpp/v1/related/", "/docs?", "/v1/related.html?id="),
]
NASTY = [
    *("%00", "%", "%%", "%zz", "%ff", "%c3%28", "%ED%A0%80", "%252e%252e%252f", "%0d%0aX:%20y"),
    *("../" * 40, "..%2f" * 40, "/" * 500, "%2F" * 500, "a" * 4000, "&" * 500, "=" * 500, ";" * 99),
    *("a=b&" * 300, "id=x&" * 300, "exclude=a&" * 150, "limit=9" + "9" * 400, "limit=-1", "q[]=1"),
    *("%F0%9F%98%80" * 50, "%E2%80%AE", "%C3%BC", "e%CC%81", "'%20OR%201=1--", "%7B%7B7*7%7D%7D"),
    *(
        "<script>",
        "%24%7Bjndi:ldap://x%7D",
        "http://[",
        "http://[::1]:99999/",
        "file:///etc/passwd",
    ),
    *("NaN", "1e999", "0x10", "-0", "%C2%A0", "p7%00", "p7%0a", "%EF%BB%BF", "+" * 200),
]
FIELDS = [
    *("Accept-Encoding: gzip;q=2, br;;q=0,zstd;q=x", "Accept-Encoding: " + "gzip," * 900),
    *("If-None-Match: " + '"a", ' * 500, "If-None-Match: W/", 'If-None-Match: "', "Origin: null"),
    *("Origin: " + "http://x" * 300, "X-Request-ID: " + "a" * 3000, "X-Request-ID: a b\tc"),
    *("X-Forwarded-For: " + "1.1.1.1, " * 300, "X-Forwarded-Proto: javascript", "Range: bytes=0-"),
    *("Range: bytes=9-1,-0,x", "Authorization: Bearer " + "é" * 50, "Authorization: Basic !!!"),
    *(
        "Cookie: " + "a=b; " * 500,
        "Accept: " + "*/*;q=0.1," * 300,
        "Content-Type: x/y; charset=\xff",
    ),
    *("Host: [", "Host: a b", "Host: evil.example:99999", "Expect: 100-continue", "Te: trailers"),
    *(
        "If-Modified-Since: yesterday",
        "X-HTTP-Method-Override: DELETE",
        "Upgrade: h2c",
        "X: \x80\xff",
    ),
    *("Forwarded: for=" + "[" * 200, "Referer: " + "http://x/" * 200, "Accept-Language: \xff"),
]
METHODS = ["GET"] * 12 + ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"]
BODIES = [
    *(b"", b"{", b"[]", b"null", b'"\\ud800"', b"\xff\xfe", b"\x00" * 1000, b"[" * 50_000),
    *(b'{"a":' * 20_000, b"[" + b"1," * 50_000 + b"1]", b'{"html":"' + b"<div>" * 20_000 + b'"}'),
    *(b'{"html":"<a ' + b"x " * 40_000 + b'>"}', b'{"title":"' + b"A" * 300_000 + b'"}', b"1e999"),
    *(
        b'{"ids":[' + b'"p7",' * 5000 + b'"x"]}',
        b"id=p7&limit=5",
        b"<?xml?><!DOCTYPE x>",
    ),
    *(b'{"html":"' + b"<a><b><i>" * 10_000 + b'"}', b'{"id":"p7","limit":1e3}', b"[[[" * 999),
]
POSTED = ["/v1/related", "/v1/related/batch", "/v1/posts", "/v1/posts/x", "/v1/webhooks/generic"]
#: What is no HTTP: refused, or the connection is closed without a word.
BROKEN = [
    *(b"\r\n\r\n", b"nonsense\r\n\r\n", b"GET\r\n\r\n"),
    *(b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", b"G\x00T / HTTP/1.1\r\n\r\n"),
    *(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",),
    *(b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",),
    *(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    b"POST /v1/related HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/related HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /v1/related HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999\r\n\r\nx",
    b"POST /v1/related HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nshort",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nx",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
]  # fmt: skip


def requests(draw: random.Random) -> Iterator[tuple[str, bytes]]:
    """Method and bytes of requests that are HTTP and nothing else about them is as it should be."""
    while True:
        method = draw.choice(METHODS)
        nasty = draw.choice(NASTY)
        if draw.random() < 0.3:
            nasty += "".join(draw.choices(string.printable.replace(" ", "")[:-5], k=9))
        target = draw.choice(PLACES) + nasty
        lines = draw.sample(FIELDS, draw.randrange(3))
        body = b""
        if method in ("POST", "PUT", "PATCH"):
            target = draw.choice(POSTED) + draw.choice(["", "?", "?x=1"])
            body = draw.choice(BODIES)
            lines.append(f"Content-Length: {len(body)}")
        if not any(line.startswith("Host") for line in lines):
            lines.append("Host: x")
        head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""])
        yield method, head.encode("latin-1", "replace") + body


class Reader:
    """Reads answers from a connection, one behind the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def _more(self) -> bool:
        try:
            found = self._connection.recv(262_144)
        except ConnectionResetError:
            found = b""
        self._buffer += found
        return bool(found)

    def answer(self, method: str) -> tuple[int, bytes] | None:
        """Status and body of the next answer; None where the server has closed."""
        while True:
            while b"\r\n\r\n" not in self._buffer:
                if not self._more():
                    return None
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            if status != 100:
                break
        assert b"Transfer-Encoding" not in head
        found = re.search(rb"\r\nContent-Length: (\d+)", head)
        length = int(found[1]) if found and method != "HEAD" and status not in (204, 304) else 0
        while len(self._buffer) < length:
            if not self._more():
                return None
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return status, body


def send_all(port: int, batch: list[tuple[str, bytes]], seen: Counter[int]) -> None:
    """Send requests one behind the other; where the server closes, go on with the next."""
    while batch:
        with socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS) as connection:
            # As a client that sends and reads at the same time.
            content = b"".join(content for _, content in batch)
            sender = threading.Thread(target=_send, args=(connection, content))
            sender.start()
            reader = Reader(connection)
            n_answered = 0
            for method, _ in batch:
                answer = reader.answer(method)
                if answer is None:
                    break
                seen[answer[0]] += 1
                n_answered += 1
                assert b"Traceback" not in answer[1]
                assert answer[0] < 500, (batch[n_answered - 1][1][:300], answer)
            if n_answered < len(batch):
                # Ends the sender, too, where the server reads no more.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            sender.join(DEADLINE_SECONDS)
        if n_answered == 0:
            seen[0] += 1
            n_answered = 1
        batch = batch[n_answered:]


def _send(connection: socket.socket, content: bytes) -> None:
    try:
        connection.sendall(content)
    except OSError:
        return


def memory_of(pids: list[int]) -> int:
    """Bytes that these processes have for themselves."""
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += sum(int(n) for n in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.M)) * 1024
    return total


def test_hostile_requests(trained: Path, serve: Callable[..., Any]) -> None:
    """No 5xx, no worker lost, no traceback, bounded memory; and it answers as before."""
    server = serve("--data", str(trained), "--workers", "2", "--threads", "2")
    path = f"/v1/related?id={ID}"
    before = server.get(path)
    assert before[0] == 200
    workers = server.workers()
    made = requests(random.Random(SEED))
    seen: Counter[int] = Counter()
    with ExitStack() as open_ones:
        for number in range(40):
            slow = socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
            open_ones.enter_context(slow)
            slow.sendall(b"GET /v1/related?id=p7 HTTP/1.1\r\nHost: x\r\n"[:number])
        send_all(server.port, [next(made) for _ in range(500)], seen)
        memory = memory_of(workers)
        failures: list[BaseException] = []

        def work(n: int) -> None:
            try:
                for _ in range(n // AT_ONCE):
                    send_all(server.port, [next(made) for _ in range(AT_ONCE)], seen)
            except BaseException as mistake:
                failures.append(mistake)

        work(N_REQUESTS - 500)
        assert failures == []
        refused: Counter[int] = Counter()
        for content in BROKEN * 5:
            with socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS) as one:
                one.sendall(content)
                one.shutdown(socket.SHUT_WR)
                answer = Reader(one).answer("GET")
                refused[answer[0] if answer else 0] += 1
    assert sum(seen.values()) >= N_REQUESTS
    assert [status for status in seen if status >= 500] == []
    # 501 is what RFC 9112 section 6.1 asks for a transfer coding that is not known.
    assert [status for status in refused if status >= 500 and status != 501] == []
    assert seen[0] == 0
    assert seen[200] > 100
    assert seen[400] > 1000
    assert refused[400] > 20
    assert server.get(path) == before
    assert server.workers() == workers
    assert memory_of(workers) - memory < MOST_GROWTH_BYTES
    errors = server.stop()
    assert "Traceback" not in errors, errors[:2000]
