"""What is said to a request that gunicorn refuses before it reaches the application.

A request line that is too long, or header fields that are not HTTP: gunicorn answers those
itself, in HTML. Here it says the same with the same status as a problem document.
"""

from __future__ import annotations

from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from gunicorn.http.errors import ConfigurationProblem
from gunicorn.workers.base import Worker

from service.errors import BY_STATUS, PROBLEM_JSON, Kind, document

_DETAIL = "The server refused the request before reading it to the end; see `title`."


def refusal(cfg: Any, request: Any, address: Any, mistake: Exception) -> tuple[int, bytes]:
    """Status and whole answer for a request that could not be read.

    Args:
        cfg: Gunicorn's configuration.
        request: Gunicorn's request, or None where it did not come so far.
        address: The client's.
        mistake: What was raised.

    Returns:
        No answer where gunicorn has none, since the client has gone.
    """
    recorder = _Recorder()
    if isinstance(mistake, ConfigurationProblem):
        # The address lies outside of the prefix that SCRIPT_NAME names.
        recorder.content = b"HTTP/1.1 404 "
    else:
        # Gunicorn's own lines hold the client's address, and what it asked for.
        stand_in = SimpleNamespace(cfg=cfg, log=_Recorder())
        Worker.handle_error(stand_in, request, recorder, address, mistake)
    return recorder.status, problem(recorder.status) if recorder.content else b""


class _Recorder:
    """Stands in for the client's socket, or for a log, and keeps what would have been sent."""

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
        # Closing, shutting down and logging: others do that.
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
