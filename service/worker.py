"""Gunicorn's threaded worker, with its own errors in the service's shape.

It also answers in one piece (see ``reply``), gives no thread to a client that has not
asked yet, and stops without dropping a connection.

What never reaches the application (a request line that is too long, header
fields that are not HTTP) is answered by gunicorn itself, in HTML. This worker
has it say the same with the same status as a problem document.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.errors import BY_STATUS, PROBLEM_JSON, Kind, document
from service.reply import Reply

#: Longest wait for a header block, from the first byte or from the connection on.
HEAD_SECONDS = 10.0
#: Longest wait for the next bytes of a body, or for a client to take some of an answer.
READ_SECONDS = 20.0
#: Header blocks as large as this are read, to be refused.
MOST_HEAD_BYTES = 65_536

_DETAIL = "The server refused the request before reading it to the end; see `title`."


class Connection(TConn):  # type: ignore[misc]  # untyped base
    """A connection that knows whether it is worth a thread."""

    n_seen = 0

    def init(self) -> None:
        """Get ready for reading a request; no read or write of it may take for ever."""
        super().init()
        self.sock.settimeout(READ_SECONDS)

    def has_head(self) -> bool:
        """Whether it should be read: it has a whole header block, or never will.

        Where there is only a part, the system is told to wake us for more than that.
        """
        if self.sock.gettimeout() != 0:
            self.sock.setblocking(False)
        # Some of it may have been read together with the end of the request before.
        held = self.parser.unreader.buf.getvalue() if self.parser is not None else b""
        try:
            seen = self.sock.recv(MOST_HEAD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            return b"\r\n\r\n" in held
        except OSError:
            return True
        n_seen = len(seen)
        # No more bytes than before is an end of the connection; the reader will find it.
        if b"\r\n\r\n" in held + seen or n_seen <= self.n_seen or n_seen >= MOST_HEAD_BYTES:
            if self.n_seen:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
                self.n_seen = 0
            return True
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, n_seen + 1)
        self.n_seen = n_seen
        return False


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

    def accept(self, listener: Any) -> None:
        """Accept a connection, which gets a thread when its request is there."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError as mistake:
            if mistake.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, client, address, listener.getsockname())
        conn.data_ready = True
        self.enqueue_req(conn)

    def enqueue_req(self, conn: Any) -> None:
        """Give a thread to a connection whose header block is there; let others wait for it."""
        if self.cfg.is_ssl or conn.has_head():
            super().enqueue_req(conn)
            return
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        ready = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, ready)

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """More of a header block has come; its time goes on from where it was."""
        if self.cfg.is_ssl or conn.has_head():
            super().on_pending_socket_readable(conn, client)

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
