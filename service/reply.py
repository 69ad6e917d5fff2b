"""Gunicorn's response, sent in one piece and with its known header fields checked once.

Gunicorn sends the header block and the body one after the other and matches every
field against two patterns at each answer. Our answers are small and most of their
fields never change, so that took longer than the answers themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from ssl import SSLSocket
from time import time
from typing import Any

from gunicorn import SERVER, util
from gunicorn.http.wsgi import Response

from service.relief import send_all

#: Fields whose values come from settings or from the live version: few there ever are.
_RECURRING = frozenset(
    {
        *("Content-Type", "Cache-Control", "Vary", "X-Content-Type-Options", "Referrer-Policy"),
        *("Access-Control-Allow-Origin", "Access-Control-Expose-Headers"),
        *("Cross-Origin-Resource-Policy", "Strict-Transport-Security"),
        *("Content-Security-Policy", "Content-Encoding", "X-Related-Posts-Version"),
    }
)
#: Bodies above this are not copied to stand behind their header block.
_COPIED_BYTES = 65_536
#: Checked fields that are remembered; when there are more, all are checked anew.
_MOST_REMEMBERED = 500

_date = (0, "")


def opening(protocol: str, status: str, connection: str) -> str:
    """The status line and the server's own fields; the date is worded once a second.

    Args:
        protocol: Such as ``HTTP/1.1``.
        status: Such as ``200 OK``.
        connection: What becomes of the connection: ``keep-alive`` or ``close``.
    """
    global _date
    now, date = int(time()), _date
    if date[0] != now:
        _date = date = (now, util.http_date(now))
    return (
        f"{protocol} {status}\r\nServer: {SERVER}\r\nDate: {date[1]}\r\n"
        f"Connection: {connection}\r\n"
    )


class Reply(Response):  # type: ignore[misc]  # untyped base
    """The answer to one request over HTTP/1."""

    _checked: dict[tuple[str, str], tuple[str, str]] = {}  # noqa: RUF012  # of all replies

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.headers_sent = False
        self._head = b""
        self._at_once = False
        #: Makes the context in which a thread waits for the client.
        self.waiting: Callable[[], AbstractContextManager[None]] = nullcontext

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        """Check and keep header fields; those that recur are checked the first time."""
        checked = self._checked
        for field in headers:
            known = checked.get(field)
            if known is not None:
                self.headers.append(known)
                continue
            super().process_headers([field])
            if field[0] in _RECURRING:
                if len(checked) >= _MOST_REMEMBERED:
                    checked.clear()
                checked[field] = self.headers[-1]

    def default_headers(self) -> list[str]:
        """The status line and the server's own fields."""
        major, minor = self.req.version
        connection = "close" if self.should_close() else "keep-alive"
        lines = [opening(f"HTTP/{major}.{minor}", self.status, connection)]
        if self.chunked:
            lines.append("Transfer-Encoding: chunked\r\n")
        return lines

    def send_headers(self) -> None:
        """Get the header block ready; it goes out with the first piece of the body."""
        if self.headers_sent:
            return
        if self._at_once:
            super().send_headers()
            return
        lines = self.default_headers()
        lines += [f"{name}: {value}\r\n" for name, value in self.headers]
        lines.append("\r\n")
        self._head = "".join(lines).encode("latin-1")
        self.headers_sent = True

    def sendfile(self, respiter: Any) -> bool:
        """Send a file by the system's own means, after the header block."""
        self._flush()
        self._at_once = True
        return bool(super().sendfile(respiter))

    def close(self) -> None:
        """End the answer; one without a body is sent now."""
        self.send_headers()
        self._flush()
        super().close()

    def _emit_body(self, data: bytes) -> None:
        if self.chunked or len(data) > _COPIED_BYTES:
            self._flush()
            super()._emit_body(data)
            return
        head, self._head = self._head, b""
        self._send(head + data if head else data)

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head:
            self._send(head)

    def _send(self, data: bytes) -> None:
        if isinstance(self.sock, SSLSocket):
            self.sock.sendall(data)
            return
        send_all(self.sock, data, self.waiting)
