"""Gunicorn's threaded worker, with errors in the service's shape (see ``refusal``).

It also answers in one piece (see ``reply``), gives no thread to a client that has not
asked yet, waits in no thread for one to go away, and stops without dropping a connection.

The main loop reads header blocks as they come, answers plain questions itself (see
``shortcut``) and hands all other requests to the threads. A thread that has answered puts the
connection back among those the loop watches by itself: to send the loop word of it, and wake
it, takes as long as to make the answer.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidHeader, NoMoreData
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from service.connection import Connection
from service.refusal import refusal
from service.relief import Relief
from service.reply import Reply
from service.shortcut import Shortcut

#: Longest wait for a header block, from the first byte or from the connection on.
HEAD_SECONDS = 10.0
#: Longest wait for a client to close a connection that we have closed.
LINGER_SECONDS = 2.0
#: Descriptors that connections leave to whatever answers open.
SPARE_DESCRIPTORS = 16


class Worker(ThreadWorker):  # type: ignore[misc]  # untyped base
    """A threaded worker that words its errors as problem documents."""

    alive: bool
    worker_connections: int

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.closing_conns: deque[Connection] = deque()
        self._noticed = 0.0
        self._looked = 0.0
        #: What answers plain questions at once; None leaves them to the threads.
        self.shortcut: Shortcut | None = None
        #: Told the status of each request that never reaches the application.
        self.refused: Callable[[int], None] = lambda status: None
        #: Connections with a request to answer, for whichever thread is free.
        self._asking: SimpleQueue[Connection] = SimpleQueue()
        self._relief = Relief(self.cfg.threads, self._answer)
        #: Encrypted connections, and HTTP/2 where somebody sets it, are gunicorn's own matter.
        self._is_plain = (
            not self.cfg.is_ssl
            and self.cfg.protocol == "http"
            and self.cfg.http_protocols == ["h1"]
        )

    def notify(self) -> None:
        """Show the parent that we live: each second, not at each turn of the main loop."""
        now = time.monotonic()
        if now - self._noticed >= 1.0:
            self._noticed = now
            super().notify()

    def init_process(self) -> None:
        """Start the threads, and answer until told to stop."""
        self._relief.start()
        super().init_process()

    def _answer(self) -> None:
        """What each thread does, again and again."""
        conn = self._asking.get()
        is_kept = conn.send_rest() if conn.unsent else self.handle(conn)
        if is_kept and self.alive and not conn.has_more():
            self._keep(conn)
        else:
            self.method_queue.defer(self._finish, conn, is_kept)

    def handle(self, conn: Any) -> bool:
        """Answer the next request of a connection; whether it may be kept."""
        if not isinstance(conn, Connection):
            return bool(super().handle(conn))
        req = None
        try:
            conn.body.restart()
            req = next(conn.parser)
            if req.version >= (1, 1) and not any(name == "HOST" for name, _ in req.headers):
                # RFC 9112, section 3.2; gunicorn refuses two of them, and takes none.
                raise InvalidHeader("Host is missing")
            return self.handle_request(req, conn) and conn.has_no_body_left()
        except (NoMoreData, StopIteration, OSError) as mistake:
            self.log.debug("a client went away or stood still: %s", mistake)
        except Exception as mistake:
            self.handle_error(req, conn.sock, conn.client, mistake)
        return False

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
            if isinstance(conn, Connection):
                reply.waiting = conn.body.waiting
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
            return False
        finally:
            self.cfg.post_request(self, req, environ, reply)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or end accepting; at the end, connections that wait already are still taken.

        Closing a socket resets what waits in its queue: clients that have sent
        their request and would never hear of it. Where ours is the last, the parent
        has seen to it that no more come (see ``unlistening``).
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
        if not self._is_plain:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except OSError as mistake:
            if mistake.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                self._make_room(mistake)
            elif mistake.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, client, address, listener.getsockname())
        conn.body.waiting = self._relief.waiting
        self.enqueue_req(conn)

    def _make_room(self, mistake: OSError) -> None:
        """Be content with fewer connections than the system has refused; nobody's answer ends."""
        most = max(1, self.nr_conns - SPARE_DESCRIPTORS)
        if most < self.worker_connections:
            self.worker_connections = most
            self.log.warning("%s connections at most from now on: %s", most, mistake.strerror)
        # Those that have sent no whole request yet go first, the oldest of them.
        for _ in range(min(SPARE_DESCRIPTORS, len(self.pending_conns))):
            conn = self.pending_conns.popleft()
            self.poller.unregister(conn.sock)
            self._drop(conn)

    def enqueue_req(self, conn: Any) -> None:
        """See to a connection that is new, or that has sent more than one request at once."""
        if not isinstance(conn, Connection):
            super().enqueue_req(conn)
        elif conn.receive():
            self._see_to(conn)
        else:
            self._wait_for(conn)

    def _see_to(self, conn: Connection) -> None:
        """Answer a request whose header block is there, now or in a thread."""
        if self._is_answered(conn):
            self._keep(conn)
        else:
            self._asking.put(conn)

    def _wait_for(self, conn: Connection) -> None:
        """Have a header block come to its end, for a limited time."""
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        self._watch(conn, self.on_pending_socket_readable)

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """More of a header block has come; its time goes on from where it was."""
        if not isinstance(conn, Connection):
            super().on_pending_socket_readable(conn, client)
        elif client.fileno() < 0:
            # It has made room for another since the system told of it.
            return
        elif conn.receive():
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._see_to(conn)

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """The next request of a kept connection has come, or its begin."""
        if not isinstance(conn, Connection):
            super().on_client_socket_readable(conn, client)
            return
        is_whole = conn.receive()
        if is_whole and self._is_answered(conn):
            conn.set_timeout()
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        if is_whole:
            self._asking.put(conn)
        else:
            self._wait_for(conn)

    def _is_answered(self, conn: Connection) -> bool:
        """Whether a request was a plain question, and is answered: nothing else is to be done.

        Where the connection or the worker is to end behind the answer, a thread has to say so.
        """
        if (
            self.shortcut is None
            or not self.alive
            or self.nr + 1 >= self.max_requests
            or len(self.keepalived_conns) >= self.max_keepalived
            or not self.cfg.keepalive
        ):
            return False
        answer = self.shortcut.answer(conn.body.buf.getvalue())
        if answer is None:
            return False
        self.nr += 1
        conn.body.buf.seek(0)
        conn.body.buf.truncate()
        return conn.send(answer)

    def _watch(self, conn: Connection, readable: Any) -> None:
        """Have the main loop call back when there is something to read."""
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(readable, conn))

    def _keep(self, conn: Connection) -> None:
        """Keep a connection for its next request; in any thread.

        The selector enters a connection in its own table before it tells the system of
        it, and we in ours before that, so that the main loop knows whatever it hears of.
        """
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self._watch(conn, self.on_client_socket_readable)
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)

    def _cap_keepalive(self, deadline: float) -> None:
        """Close kept connections by then at the latest; a thread may still be adding one."""
        for conn in tuple(self.keepalived_conns):
            conn.timeout = min(conn.timeout, deadline)

    def _finish(self, conn: Connection, is_kept: bool) -> None:
        """See to a connection that is at its end, or has been asked the next already."""
        if not is_kept:
            self._linger(conn)
        elif conn.has_more():
            self.enqueue_req(conn)
        else:
            self._keep(conn)

    def _linger(self, conn: Connection) -> None:
        """Say that nothing follows, and give the client a moment to have read it all."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.closing_conns.append(conn)
        self._watch(conn, self._on_closing_socket_readable)

    def _on_closing_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        if conn.is_over():
            self.poller.unregister(client)
            self.closing_conns.remove(conn)
            self._drop(conn)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_keepalived(self, force: bool = False) -> None:
        """End kept connections whose time is over, or close all; looks once a second.

        They are in no order: one that is answered at once stays in its place. A request that
        has come at the last moment is still answered.
        """
        now = time.monotonic()
        if self.alive and not force and now - self._looked < 1.0:
            return
        self._looked = now
        for conn in tuple(self.keepalived_conns):
            if force or conn.timeout <= now:
                self.keepalived_conns.remove(conn)
                with suppress(KeyError, ValueError):
                    # A thread enters it here before it has it watched.
                    self.poller.unregister(conn.sock)
                if force or not isinstance(conn, Connection):
                    self._drop(conn)
                elif conn.receive():
                    self._see_to(conn)
                else:
                    self._finish(conn, conn.has_more())

    def murder_pending(self) -> None:
        """Close connections whose time is over, those that the client does not close too."""
        super().murder_pending()
        now = time.monotonic()
        while self.closing_conns and self.closing_conns[0].timeout <= now:
            conn = self.closing_conns.popleft()
            self.poller.unregister(conn.sock)
            self._drop(conn)

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
        status, content = refusal(self.cfg, req, addr, exc)
        if status == 500:
            self.log.exception("an unforeseen exception outside of the application")
        else:
            self.log.info("refused unread, %s: %s", status, type(exc).__name__)
        if content:
            self.refused(status)
            try:
                util.write_nonblock(client, content)
            except OSError:
                self.log.debug("the client went away before it could be told of its error")
