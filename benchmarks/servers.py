"""Servers to be measured, each in a process of its own.

python benchmarks/servers.py ours --data data --port 8000
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
#: The constant route; ours without the short way in front of Flask, with it, and as it is served,
#: where the main loop answers plain questions; ours under granian.
KINDS = ("constant", "flask", "wsgi", "ours", "granian")


def run_server(kind: str, data: Path, port: int, workers: int, n_bytes: int) -> None:
    """Become gunicorn with one of the two applications; does not return."""
    from service.server import Server
    from service.settings import ServiceSettings

    settings = ServiceSettings(data=data, port=port, workers=workers, threads=2)
    if kind == "ours":
        Server(settings).run()
    if kind == "granian":
        run_granian(data, port, workers)

    class InFlask(Server):
        """Ours without the short way in front of Flask."""

        def load(self) -> Any:
            app = super().load()
            app.front.plain = None
            return app

    if kind == "flask":
        InFlask(settings).run()

    class ByThreads(Server):
        """Ours with a hook, for whose sake every request goes through gunicorn's parser."""

        def load_config(self) -> None:
            super().load_config()
            self.cfg.set("pre_request", lambda worker, request: None)

    if kind == "wsgi":
        ByThreads(settings).run()

    class Constant(Server):
        """The same gunicorn with a bare Flask route."""

        def load_config(self) -> None:
            super().load_config()
            self.cfg.set("worker_class", "gthread")

        def load(self) -> Any:
            from flask import Flask, Response

            app = Flask("constant")
            content = b"x" * n_bytes

            @app.get("/v1/related")
            def constant() -> Response:
                return Response(content, content_type="application/json")

            return app

    Constant(settings).run()


def run_granian(data: Path, port: int, workers: int) -> None:
    """Become granian with our application; does not return."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory"]
    command += ["--port", str(port), "--workers", str(workers), "--blocking-threads", "2"]
    command += ["--log-level", "error", "service:create_app"]
    os.environ["RELATED_POSTS_DATA"] = str(data)
    os.execv(sys.executable, command)


class Running:
    """A server in a process of its own, waited for and ended."""

    def __init__(self, kind: str, data: Path, workers: int, n_bytes: int) -> None:
        self.port = free_port()
        command = [sys.executable, __file__, kind, "--data", str(data)]
        command += ["--port", str(self.port), "--workers", str(workers), "--bytes", str(n_bytes)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.address = f"http://127.0.0.1:{self.port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                with urlopen(f"{self.address}/v1/related?id=%2Fnobody", timeout=5):
                    break
            except OSError as answer:
                if "404" in str(answer):
                    break
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def workers(self) -> list[int]:
        """Process ids of the workers, or of the server where it has none."""
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in tasks.read_text().split()] or [self.process.pid]

    def stop(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        self.process.wait(30)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processor_seconds(pids: list[int]) -> float:
    """User and system time of processes so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def private_mib(pid: int) -> float:
    """Memory that only this process has, in MiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    wanted = ("Private_Clean:", "Private_Dirty:")
    return sum(int(line.split()[1]) for line in rollup if line.startswith(wanted)) / 1024


def main() -> None:
    """Become a server."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--bytes", type=int, default=3_500, help="of the constant route's answer")
    options = parser.parse_args()
    run_server(options.kind, options.data, options.port, options.workers, options.bytes)


if __name__ == "__main__":
    main()
