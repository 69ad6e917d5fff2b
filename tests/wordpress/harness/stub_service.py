"""A stand-in for the service that is slow, broken or hostile on command."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class StubService:
    """Answers every question with ``items``; a context manager.

    Attributes:
        url: Its address.
        asked: The questions so far, as parameters by name.
        items: What it answers with.
        status: Its status.
        holds: ``"none"``; ``"answer"`` sends nothing until ``let_go``; ``"end"`` sends a byte now
            and then until then.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.items: list[Any] = []
        self.status = 200
        self.holds = "none"
        self._released = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub.asked.append(parse_qs(urlsplit(self.path).query))
                if stub.holds == "answer":
                    stub._released.wait(60)
                body = json.dumps({"version": "v", "post": None, "items": stub.items}).encode()
                if stub.holds == "end":
                    body = b" " * 600 + body
                try:
                    self.send_response(stub.status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    if stub.holds == "end":
                        while body and not stub._released.wait(0.1):
                            self.wfile.write(body[:1])
                            body = body[1:]
                    self.wfile.write(body)
                except OSError:
                    pass

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def let_go(self) -> None:
        """End the answers that are held back."""
        self._released.set()
