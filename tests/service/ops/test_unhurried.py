"""Log lines go out without anybody waiting for them, and what is lost is told."""

from __future__ import annotations

import io
import logging
import os
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.ops import unhurried
from service.ops.unhurried import MOST_CHARACTERS, Unhurried, unhurry

LINE = "0123456789 " * 9 + "\n"
PLAIN = b"GET /v1/related?id=no-slash HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def pipe() -> Iterator[tuple[io.TextIOWrapper, io.BufferedReader]]:
    """The ends of a pipe: one to write text to, one to read bytes from."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as there, os.fdopen(writing, "w", encoding="utf-8") as here:
        yield here, there


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said of lost lines; it would go the way of all lines."""
    messages: list[str] = []
    monkeypatch.setattr(
        unhurried.log, "warning", lambda text, *values: messages.append(text % values)
    )
    return messages


def test_lines_go_out_in_order(pipe: tuple[Any, Any], said: list[str]) -> None:
    """Every line arrives, whole and in its turn; the last at the process's end at the latest."""
    stream = Unhurried(pipe[0], lambda n: None)
    lines = [f"line {number} é\n" for number in range(5_000)]
    got = bytearray()
    for at in range(0, len(lines), 1_000):
        some = lines[at : at + 1_000]
        for line in some:
            assert stream.write(line) == len(line)
        stream.flush()
        while not got.endswith(some[-1].encode()):
            got += os.read(pipe[1].fileno(), 65_536)
    stream.write("the end\n")
    stream.end()
    assert (got + os.read(pipe[1].fileno(), 100)).decode() == "".join(lines) + "the end\n"
    assert said == []


def test_nobody_who_reads_holds_nobody_up(pipe: tuple[Any, Any], said: list[str]) -> None:
    """Lines beyond the cap are lost, each is counted, and how many is said once."""
    lost: list[int] = []
    stream = Unhurried(pipe[0], lost.append)
    # Twice what a pipe and the queue take.
    n_lines = 2 * (MOST_CHARACTERS + 65_536) // len(LINE)
    for _ in range(n_lines):
        stream.write(LINE)
    assert 0 < sum(lost) < n_lines
    expected = (n_lines - sum(lost)) * len(LINE)
    got = 0
    while got < expected:
        piece = os.read(pipe[1].fileno(), 65_536)
        assert not piece.strip(LINE.encode())
        got += len(piece)
    stream.end()
    assert got == expected
    assert said == [f"{sum(lost):,} log lines lost: nothing took them in time"]


def test_a_reader_who_is_gone(pipe: tuple[Any, Any], said: list[str]) -> None:
    """Lines that nobody will ever read are counted, and nothing is said into the void."""
    pipe[1].close()
    lost: list[int] = []
    stream = Unhurried(pipe[0], lost.append)
    for _ in range(10):
        stream.write(LINE)
    stream.end()
    assert sum(lost) == 10
    assert said == []


def test_a_pipe_that_does_not_wait(pipe: tuple[Any, Any]) -> None:
    """Where somebody else set the pipe not to wait, no line is torn or lost."""
    os.set_blocking(pipe[0].fileno(), False)
    lost: list[int] = []
    stream = Unhurried(pipe[0], lost.append)
    for _ in range(2_000):
        stream.write(LINE)
    got = b""
    while len(got) < 2_000 * len(LINE):
        got += os.read(pipe[1].fileno(), 65_536)
    stream.end()
    assert got.decode() == LINE * 2_000
    assert lost == []


def test_only_streams_of_the_system_are_changed(tmp_path: Path, pipe: tuple[Any, Any]) -> None:
    """Files, which are opened anew on a signal, and what has no descriptor stay as they are."""
    file = logging.FileHandler(tmp_path / "log")
    text, piped = logging.StreamHandler(io.StringIO()), logging.StreamHandler(pipe[0])
    handlers = [file, text, piped, logging.NullHandler()]
    before = file.stream, text.stream
    (stream,) = unhurry(handlers, lambda n: None)
    assert piped.stream is stream
    assert (file.stream, text.stream) == before
    file.close()
    piped.handle(logging.makeLogRecord({"msg": "hello"}))
    stream.end()
    assert pipe[1].peek() == b"hello\n"


def test_a_log_that_nobody_reads_stops_no_worker(
    shared_folder: Path, serve: Callable[..., Any]
) -> None:
    """With an access log into a full pipe all is answered, and the lines are there for later."""
    server = serve(
        *("--data", str(shared_folder), "--workers", "1", "--threads", "1"),
        RELATED_POSTS_ACCESS_LOG="true",
    )
    n_requests, others = 600, b"GET /v1/related?id=nobody HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        for number in range(n_requests):
            client.sendall(others if number % 10 == 0 else PLAIN)
            head, _, rest = client.recv(65_536).partition(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            assert length
            while len(rest) < int(length[1]):
                rest += client.recv(65_536)
    metrics = server.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"\nrelated_posts_lost_log_lines_total 0.0\n" in metrics
    lines = [server.process.stderr.readline() for _ in range(n_requests)]
    assert all('"message":"request"' in line for line in lines)
    assert sum('"status":404' in line for line in lines) == n_requests // 10
