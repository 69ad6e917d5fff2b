"""Load for a server on this machine: ``wrk`` where it is installed, else plain sockets."""

from __future__ import annotations

import json
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Connections kept alive and used at once.
CONNECTIONS = 16

_SCRIPT = """
local paths, tags = {}, {}
for line in io.lines("%s") do
  local path, tag = line:match("^([^\t]*)\t?(.*)$")
  paths[#paths + 1], tags[#tags + 1] = path, tag
end
local n = 0
function init(args) math.randomseed(11); n = #paths end
function request()
  local i = math.random(n)
  local headers = tags[i] ~= "" and {["If-None-Match"] = tags[i]} or nil
  return wrk.format("GET", paths[i], headers)
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"n":%%d,"us":%%d,"p50":%%f,"p99":%%f,"failed":%%d}\\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What the clients saw.

    Attributes:
        n_requests: Answers received.
        n_failed: Answers other than success, and connections that broke.
        per_second: Answers a second.
        p50_ms: Median latency in milliseconds.
        p99_ms: Latency that one answer in a hundred exceeds, in milliseconds.
    """

    n_requests: int
    n_failed: int
    per_second: float
    p50_ms: float
    p99_ms: float


def measure(port: int, paths: list[str], seconds: float, tags: Sequence[str] = ()) -> Load:
    """Ask a server for random ones of these paths for some seconds.

    Args:
        port: Where the server listens on this machine.
        paths: What to ask for.
        seconds: How long.
        tags: For each path the entity tag that the client has already; none to have none.
    """
    tool = _wrk if shutil.which("wrk") else _sockets
    return tool(port, paths, seconds, tags or [""] * len(paths))


def _wrk(port: int, paths: list[str], seconds: float, tags: Sequence[str]) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder, "paths.txt"), Path(folder, "script.lua")
        pairs = zip(paths, tags, strict=True)
        listed.write_text("\n".join(f"{path}\t{tag}" for path, tag in pairs))
        script.write_text(_SCRIPT % listed)
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", script]
        done = subprocess.run(
            [*map(str, command), f"http://127.0.0.1:{port}"],
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Load(
        found["n"], found["failed"], found["n"] / found["us"] * 1e6,
        found["p50"] / 1e3, found["p99"] / 1e3,
    )  # fmt: skip


def _sockets(port: int, paths: list[str], seconds: float, tags: Sequence[str]) -> Load:
    """One thread, one selector, a request at a time on each connection."""
    known = [f"If-None-Match: {tag}\r\n" if tag else "" for tag in tags]
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n".encode()
        for path, field in zip(paths, known, strict=True)
    ]
    selector = selectors.DefaultSelector()
    sent = {}
    latencies: list[float] = []
    turn = failed = 0
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        connection.sendall(requests[turn % len(requests)])
        sent[connection] = time.perf_counter()
        turn += 1
    start = time.perf_counter()
    while (now := time.perf_counter()) - start < seconds:
        for key, _ in selector.select(timeout=1):
            connection, buffer = key.fileobj, key.data
            assert isinstance(connection, socket.socket)
            buffer += connection.recv(65536)
            head, found, content = bytes(buffer).partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
            if not found or len(content) < length:
                continue
            latencies.append(time.perf_counter() - sent[connection])
            failed += not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304"))
            buffer.clear()
            connection.sendall(requests[turn * 7919 % len(requests)])
            sent[connection] = time.perf_counter()
            turn += 1
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]  # sockets all
    selector.close()
    latencies.sort()
    n = len(latencies)
    return Load(
        n, failed, n / (now - start), latencies[n // 2] * 1e3, latencies[n * 99 // 100] * 1e3
    )
