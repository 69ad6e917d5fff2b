"""The real thing: gunicorn started by the command, loaded, reloaded and refused."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from related_posts.storage import Store

DEADLINE_SECONDS = 60.0
COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()"]
ID = quote("/2024/05/plain/", safe="")


#: Versions and publishes under load, and what a worker may hold more after them: the maps that
#: the memory allocator makes, and bytes.
N_VERSIONS, N_PUBLISHES = 9, 100
MOST_MAPS, MOST_BYTES = 20, 4_000_000


def wait_for(met: Callable[[], Any]) -> None:
    """Poll until something holds; fail after a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def held(pid: int) -> dict[str, int]:
    """What a process holds: open files, maps, threads, and memory that is its own, in bytes."""
    process = Path(f"/proc/{pid}")
    rollup = (process / "smaps_rollup").read_text()
    return {
        "files": len(list((process / "fd").iterdir())),
        "maps": len((process / "maps").read_text().splitlines()),
        "threads": len(list((process / "task").iterdir())),
        "bytes": 1024 * sum(map(int, re.findall(r"^Private_\w+: +(\d+) kB", rollup, re.M))),
    }


def test_reload_under_load(data_folder: Path, publish: Any, serve: Callable[..., Any]) -> None:
    """A hundred publishes, four workers: no error, every answer of one version, nothing leaks.

    After ten publishes a worker has all that it needs: from there on it may hold the files and
    maps of one version more or less, since the old one goes with the last request that reads
    it, and a few megabytes more.
    """
    first = Store(data_folder).current_name()
    markers = {first: ""}
    for number in range(N_VERSIONS):
        marker = f"marker-{number}"
        markers[publish(data_folder, marker)] = marker
    Store(data_folder).publish(first)
    names = list(markers)
    server = serve(
        *("--data", str(data_folder), "--workers", "4", "--threads", "2"),
        RELATED_POSTS_RELOAD_SECONDS="0.05",
    )
    wait_for(lambda: len(server.workers()) == 4)
    workers = server.workers()
    seen: Counter[str] = Counter()
    failures: list[str] = []
    finished = threading.Event()

    def ask() -> None:
        connection = server.connect()
        for _ in range(100_000):
            if finished.is_set():
                break
            try:
                connection.request("GET", f"/v1/related?id={ID}&limit=20")
                response = connection.getresponse()
                found = json.loads(response.read())
                marker = markers[found["version"]]
                texts = {item["excerpt"] for item in [found["post"], *found["items"]]}
                named = found["version"] in response.headers["ETag"]
                if response.status != 200 or texts != {marker} or len(found["items"]) != 20:
                    failures.append(f"{response.status} {found['version']} {texts}")
                if not named:
                    failures.append("the tag names another version")
                seen[found["version"]] += 1
            except Exception as mistake:
                failures.append(repr(mistake))
                break
        connection.close()

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        wait_for(lambda: seen[first] or failures)
        warm: dict[int, dict[str, int]] = {}
        for turn in range(N_PUBLISHES):
            if turn == 10:
                warm = {pid: held(pid) for pid in workers}
            if turn % 10 == 5:
                # Back at once, in the middle of the reload.
                Store(data_folder).publish(names[turn % len(names) - 1])
            name = names[(turn + 1) % len(names)]
            Store(data_folder).publish(name)
            before = seen[name]
            wait_for(lambda name=name, before=before: seen[name] > before or failures)
    finally:
        finished.set()
        for client in clients:
            client.join(DEADLINE_SECONDS)
    assert failures == []
    assert set(seen) == set(names)
    one_version = len(list((data_folder / "versions" / first).iterdir()))
    for pid in workers:
        grown = {what: n - warm[pid][what] for what, n in held(pid).items()}
        assert grown["files"] <= one_version, grown
        assert grown["maps"] <= one_version + MOST_MAPS, grown
        assert grown["threads"] <= 0, grown
        assert grown["bytes"] <= MOST_BYTES, grown
    # Every worker: as many answers in a row as make a forgotten one unthinkable.
    in_a_row = 0
    for _ in range(2_000):
        status, found = server.get(f"/v1/related?id={ID}")
        in_a_row = in_a_row + 1 if (status, found["version"]) == (200, name) else 0
        if in_a_row == 40:
            break
    assert in_a_row == 40
    assert server.workers() == workers
    assert "rror" not in server.stop()


def test_it_starts_before_the_first_version(
    empty_folder: Path, publish: Any, serve: Callable[..., Any]
) -> None:
    """Without a version it says so, answers 503, and serves as soon as there is one."""
    server = serve(
        *("--data", str(empty_folder), "--workers", "2"), RELATED_POSTS_RELOAD_SECONDS="0.05"
    )
    assert "503" in server.line
    assert server.get("/healthz")[0] == 200
    status, found = server.get(f"/v1/related?id={ID}")
    assert (status, found["type"]) == (503, "urn:related-posts:problem:not-ready")
    name = publish(empty_folder)
    wait_for(lambda: [server.get("/readyz")[0] for _ in range(8)] == [200] * 8)
    assert server.get(f"/v1/related?id={ID}")[1]["version"] == name


def test_the_line_it_prints(data_folder: Path, serve: Callable[..., Any]) -> None:
    """One line: the address, the version, how many posts."""
    server = serve("--data", str(data_folder), "--workers", "1")
    name = Store(data_folder).current_name()
    assert server.line == (
        f"related-posts at http://127.0.0.1:{server.port} serving version {name} (60 posts)\n"
    )
    assert server.stop() == ""


def test_awkward_ids_through_gunicorn(
    shared_folder: Path, awkward_ids: list[str], serve: Callable[..., Any]
) -> None:
    """The raw path reaches us: every awkward id is found by path and by query."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    for id_ in awkward_ids:
        for path in ("/v1/posts/{}/related", "/v1/related?id={}"):
            status, found = server.get(path.format(quote(id_, safe="")))
            assert (status, found["post"]["id"]) == (200, id_)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET /v1/related?id=" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n", 501),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET /v1/related?id=no-slash HTTP/1.1\r\nX: y\r\n\r\n", 400),
        (b"GET /v1/related?id=secret extra HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", 400),
    ],
)
def test_what_gunicorn_refuses(
    shared_folder: Path, serve: Callable[..., Any], content: bytes, status: int
) -> None:
    """Requests that are not HTTP get a problem document too, and the server lives on."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    head, _, body = server.send(content).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == status
    assert server.get("/healthz")[0] == 200
    metrics = server.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    counted = f'related_posts_requests_total{{route="(refused)",status="{status}"}} 1'
    assert counted.encode() in metrics
    # Nothing of what was asked, nor by whom, and no way to fill a disk with lines.
    assert server.stop() == ""


def test_bodies_in_broken_pieces(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """A body that is not framed as it should be is the client's mistake, and ends the connection.

    What follows it is never taken for a request.
    """
    server = serve("--data", str(shared_folder), "--workers", "1")
    head = (
        b"POST /v1/related HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    for body in (
        b'zz\r\n{"title":"rye"}\r\n0\r\n\r\n',
        b"2\r\n{}XX0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
    ):
        got = server.send(head + body + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 400 "), body
        assert b'"detail":"The body is not framed as Transfer-Encoding says' in got
        assert b'"alive"' not in got
    assert server.stop() == ""


def test_options_of_the_whole_service(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """The server hands ``OPTIONS *`` over as it came, and it is answered."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    head = server.send(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 204 ")
    assert b"\r\nAllow: DELETE, GET, HEAD, OPTIONS, " in head


@pytest.mark.parametrize("field", ["SCRIPT_NAME: /foo", "SCRIPT_NAME: /v1", "PATH_INFO: /docs"])
def test_fields_that_gunicorn_would_believe(
    shared_folder: Path, serve: Callable[..., Any], field: str
) -> None:
    """A client cannot say under which prefix the service stands, or what it has asked for."""
    server = serve("--data", str(shared_folder), "--workers", "1")
    request = (
        f"GET /v1/related?id=no-slash HTTP/1.1\r\nHost: x\r\n{field}\r\nConnection: close\r\n\r\n"
    )
    head, _, body = server.send(request.encode()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(body)["post"]["id"] == "no-slash"


def test_a_prefix(shared_folder: Path, serve: Callable[..., Any]) -> None:
    """The operator says it; what is asked for outside of it is not there, and no mistake."""
    server = serve("--data", str(shared_folder), "--workers", "1", SCRIPT_NAME="/rp")
    assert server.get("/rp/v1/related?id=no-slash")[0] == 200
    assert server.get("/rp/healthz")[0] == 200
    status, found = server.get("/healthz")
    assert (status, found["type"]) == (404, "urn:related-posts:problem:unknown-route")
    assert server.stop() == ""


def test_it_needs_nothing_heavy(shared_folder: Path) -> None:
    """Having answered, a process has loaded no compiler, learner, database or terminal."""
    script = (
        "import sys; from pathlib import Path; from service import create_app;"
        "from service.settings import ServiceSettings; import service.server;"
        f"app = create_app(ServiceSettings(data=Path({str(shared_folder)!r})));"
        "client = app.test_client();"
        "assert client.get('/v1/related?id=no-slash&exclude=related').status_code == 200;"
        "assert client.get('/v1/related?url=/2/').status_code == 200;"
        "assert client.get('/v1/related?id=x').status_code == 404;"
        "heavy = {'numba', 'sklearn', 'scipy', 'sqlalchemy', 'joblib', 'rich', 'training'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def run(*arguments: str, **variables: str) -> tuple[int, str]:
    """Exit status and stderr of a command that is refused."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_port_in_use_is_one_sentence(shared_folder: Path) -> None:
    """A busy port: exit status 1 and what to do."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        status, errors = run("serve", "--data", str(shared_folder), "--port", port)
    assert status == 1
    assert errors.startswith("Error: ")
    assert errors.count("\n") == 1
    assert f"127.0.0.1:{port}" in errors
    assert "--port" in errors


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--data", "/no/such/folder"], "/no/such/folder"),
        (["--data", "/dev/null"], "/dev/null"),
        (["--port", "eighty"], "eighty"),
        (["--workers", "0"], "--workers"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["--preview", "/no/such/folder"], "--preview"),
    ],
)
def test_a_bad_value_is_one_sentence(shared_folder: Path, arguments: list[str], named: str) -> None:
    """Whatever does not fit: exit status 1 or 2, one sentence that names it, no traceback."""
    start = ["serve", "--data", str(shared_folder), "--port", "0"]
    status, errors = run(*start, *arguments)
    assert status == (1 if arguments[0] in {"--data", "--host"} else 2)
    assert errors.count("\n") == 1
    assert named in errors


def test_gunicorn_s_own_command(shared_folder: Path) -> None:
    """``gunicorn -c python:service.gunicorn_conf`` takes our settings, and refuses bad ones."""
    command = [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"]
    environment = {**os.environ, "RELATED_POSTS_DATA": str(shared_folder)}
    checked = subprocess.run(
        [*command, "--print-config"], capture_output=True, text=True, env=environment, check=True
    )
    settings = dict(re.findall(r"^(\w+)\s+= (.*)$", checked.stdout, re.MULTILINE))
    assert settings["wsgi_app"] == "service:create_app()"
    assert settings["control_socket_disable"] == "True"
    assert settings["preload_app"] == "True"
    assert settings["bind"] == "['127.0.0.1:8000']"
    refused = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**environment, "RELATED_POSTS_PORT": "x"},
        check=False,
    )
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert "RELATED_POSTS_PORT='x'" in refused.stderr
