"""Gunicorn's threaded worker, with its own errors in the service's shape.

It also answers in one piece (see ``reply``) and stops without dropping a connection.
What never reaches the application (a request line that is too long, header
fields that are not HTTP) is answered by gunicorn itself, in HTML. This worker
has it say the same with the same status as a problem document.
"""

from __future__ import annotations

import socket
from datetime import datetime
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.workers.gthread import ThreadWorker

from service.errors import BY_STATUS, PROBLEM_JSON, Kind, document
from service.reply import Reply

_DETAIL = "The server refused the request before reading it to the end; see `title`."


class Worker(ThreadWorker):  # type: ignore[misc]  # untyped base
    """A threaded worker that words its errors as problem documents."""

    alive: bool

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer one request over HTTP/1; whether the connection may be kept."""
        reply, environ = None, {}
        try:
            self.cfg.pre_request(self, req)
            began = datetime.now()
            reply, environ = wsgi.create(
                req, conn.sock, conn.client, conn.server, self.cfg, response_class=Reply
            )
            environ["wsgi.multithread"] = True
            if self._is_last(conn):
                reply.force_close()
            content = self.wsgi(environ, reply.start_response)
            try:
                if isinstance(content, environ["wsgi.file_wrapper"]):
                    reply.write_file(content)
                else:
                    for piece in content:
                        reply.write(piece)
                reply.close()
            finally:
                self.log.access(reply, req, environ, datetime.now() - began)
                if hasattr(content, "close"):
                    content.close()
            return not reply.should_close()
        except Exception as mistake:
            if isinstance(mistake, OSError) or reply is None or not reply.headers_sent:
                raise
            # The answer has begun: an error behind it would be taken for its content.
            self.log.exception("an answer broke off")
            util.close_graceful(conn.sock)
            return False
        finally:
            self.cfg.post_request(self, req, environ, reply)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or end accepting; at the end, connections that wait already are still taken.

        Closing a socket resets what waits in its queue: clients that have sent
        their request and would never hear of it.
        """
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            n_before = -1
            while n_before != self.nr_conns:
                n_before = self.nr_conns
                self.accept(listener)
            listener.close()

    def _is_last(self, conn: Any) -> bool:
        """Count a request; whether its connection is to be closed behind it."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("a worker ends after %s requests", self.nr)
            self.alive = False
        full = len(self.keepalived_conns) >= self.max_keepalived
        return not self.alive or not self.cfg.keepalive or full

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
