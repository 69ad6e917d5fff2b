"""Gunicorn's threaded worker, with its own errors in the service's shape.

What never reaches the application (a request line that is too long, header
fields that are not HTTP) is answered by gunicorn itself, in HTML. This worker
has it say the same with the same status as a problem document.
"""

from __future__ import annotations

import socket
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from service.errors import BY_STATUS, PROBLEM_JSON, Kind, document

_DETAIL = "The server refused the request before reading it to the end; see `title`."


class Worker(ThreadWorker):  # type: ignore[misc]  # untyped base
    """A threaded worker that words its errors as problem documents."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that could not be read."""
        recorder = _Recorder()
        super().handle_error(req, recorder, addr, exc)
        if recorder.content:
            try:
                util.write_nonblock(client, problem(recorder.status))
            except OSError:
                self.log.debug("the client went away before it could be told of its error")


class _Recorder:
    """Stands in for the client's socket and keeps what gunicorn would have sent."""

    def __init__(self) -> None:
        self.content = b""

    @property
    def status(self) -> int:
        """The status that was chosen; 400 where it cannot be told."""
        status = self.content[9:12]
        return int(status) if status.isdigit() else 400

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, content: bytes) -> None:
        self.content += content

    def __getattr__(self, name: str) -> Any:
        # Closing and shutting down: the real socket's owner does that.
        return lambda *args, **options: None


def problem(status: int) -> bytes:
    """A whole HTTP answer for an error that the application never saw."""
    phrase = HTTPStatus(status).phrase
    kind = BY_STATUS.get(status) or Kind(phrase.lower().replace(" ", "-"), phrase, status)
    content = document(kind, _DETAIL, "")
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\nContent-Type: {PROBLEM_JSON}\r\n"
        f"Content-Length: {len(content)}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode("ascii") + content
