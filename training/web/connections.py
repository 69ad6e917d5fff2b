"""Connections to addresses that were looked at before, and that can be cut at any time."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

#: Hosts whose connections are kept open.
MAX_POOLS = 64

_watching = threading.local()


class Deadline:
    """Cuts this thread's connection when time is up.

    A time-out of a socket starts again with every byte that drips in; this one does
    not, whatever the connection is doing.

    Args:
        seconds: Time for a whole exchange.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None
        self._own: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _watching.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        _watching.deadline = None
        self._timer.cancel()
        self.watch(None)

    def watch(self, connection: socket.socket | None, own: socket.socket | None = None) -> None:
        """Cut this connection, and no other, when time is up; at once if it is.

        Args:
            connection: The connection; None for none.
            own: The same where it was made for this only, to be closed afterwards.
        """
        with self._lock:
            if self._own is not None:
                self._own.close()
            self._socket, self._own = connection, own
            if self.is_over:
                self._shut_down()

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _watch(connection: socket.socket | None, own: socket.socket | None = None) -> None:
    deadline: Deadline | None = getattr(_watching, "deadline", None)
    if deadline is not None:
        deadline.watch(connection, own)
    elif own is not None:
        own.close()


class _PlainConnection(HTTPConnection):
    """A connection that the thread's deadline can cut."""

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _watch(connection)
        return connection

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request, over a connection that may have been used before."""
        _watch(self.sock)
        super().request(*args, **options)


class _SecureConnection(HTTPSConnection):
    """The same over TLS; its handshake is watched too."""

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        # The handshake takes the connection away from this object, but not from a copy.
        copy = connection.dup()
        _watch(copy, copy)
        return connection

    def connect(self) -> None:
        """Connect; what is watched after the handshake is the socket it made."""
        super().connect()
        _watch(self.sock)

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request, over a connection that may have been used before."""
        _watch(self.sock)
        super().request(*args, **options)


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Connections:
    """Connections by host and address, kept open between requests; safe among threads.

    Args:
        timeout_seconds: Longest silence of a server.
        size: Connections kept for each host.
        tls: What is trusted; None for the system's authorities.
    """

    def __init__(self, timeout_seconds: float, size: int, tls: ssl.SSLContext | None) -> None:
        connect_seconds = min(timeout_seconds, 15.0)
        self._timeout = urllib3.Timeout(connect=connect_seconds, read=timeout_seconds)
        self._size = size
        self._tls = tls
        self._pools: OrderedDict[tuple[str, str], urllib3.HTTPConnectionPool] = OrderedDict()
        self._lock = threading.Lock()

    def send(self, url: str, address: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """Ask an address for a URL; the content of the answer is not read yet.

        The name in the URL is what the server is told and what its certificate must
        be for; the connection goes to the address.

        Args:
            url: As ``addresses.request_url`` gives it.
            address: An IP address of the URL's host.
            headers: Header fields, without ``Host``.

        Raises:
            urllib3.exceptions.HTTPError: There is no answer.
        """
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self._pool(url, address).urlopen(
            "GET",
            target,
            headers={"Host": parts.netloc, **headers},
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=self._timeout,
            preload_content=False,
            decode_content=False,
        )

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _pool(self, url: str, address: str) -> urllib3.HTTPConnectionPool:
        parts = urlsplit(url)
        key = f"{parts.scheme}://{parts.netloc}", address
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(parts.scheme, parts.hostname, parts.port, address)
            self._pools.move_to_end(key)
            if len(self._pools) > MAX_POOLS:
                self._pools.popitem(last=False)[1].close()
            return self._pools[key]

    def _new_pool(
        self, scheme: str, host: str | None, port: int | None, address: str
    ) -> urllib3.HTTPConnectionPool:
        if scheme == "http":
            return _PlainPool(address, port or 80, maxsize=self._size, block=False)
        return _SecurePool(
            address,
            port or 443,
            maxsize=self._size,
            block=False,
            ssl_context=self._tls,
            server_hostname=host,
            assert_hostname=host,
        )
