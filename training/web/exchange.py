"""One request and its answer: what is sent, what is taken, what a failure means."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError, NewConnectionError, SSLError, TimeoutError
from urllib3.response import BaseHTTPResponse

from training.web.addresses import Resolver, checked_addresses, is_public, request_url
from training.web.body import EncodingError, TooLargeError, TooSlowError, read_body
from training.web.connections import Connections, Deadline
from training.web.response import FetchError, Headers, Response
from training.web.retry import PASSING, retry_after_seconds

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_OBJECT = re.compile(r"^<?\w+\(host=.*?\)>?: ")

#: Bytes read of the content of an answer that is an error.
ERROR_BYTES = 64 << 10


class PassingError(Exception):
    """An attempt failed in a way that may be better next time.

    Attributes:
        failure: What to raise if there is no next time.
        wait_seconds: How long the server asks to wait, or None.
    """

    def __init__(self, failure: FetchError, wait_seconds: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Request:
    """One address to be asked for, as often as it takes.

    Attributes:
        url: As ``addresses.request_url`` gives it.
        headers: Header fields to be sent.
        max_bytes: Most bytes of the answer.
        retries: Further attempts.
        stop: Set when nobody wants the answer any more.
    """

    url: str
    headers: Mapping[str, str]
    max_bytes: int
    retries: int
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        """Host and unusual port."""
        return urlsplit(self.url).netloc


class Exchange:
    """Sends single requests to addresses that may be asked.

    Args:
        allow_private: Whether hosts of the own machine and network may be asked.
        timeout_seconds: Longest silence of a server.
        deadline_seconds: Time for one whole answer.
        size: Connections kept for each host.
        auth: User and password for the host of ``auth_for``, or None.
        auth_for: The address that ``auth`` is for.
        tls: Which certificates are trusted; None for the system's authorities.
        resolver: Addresses of a host.
    """

    def __init__(
        self,
        *,
        allow_private: bool,
        timeout_seconds: float,
        deadline_seconds: float,
        size: int,
        auth: tuple[str, str] | None,
        auth_for: str,
        tls: ssl.SSLContext | None,
        resolver: Resolver,
    ) -> None:
        self._allow_private = allow_private
        self._deadline_seconds = deadline_seconds
        self._resolver = resolver
        self._authorization = self._auth_host = ""
        if auth is not None:
            self._authorization = f"Basic {b64encode(':'.join(auth).encode()).decode()}"
            self._auth_host = urlsplit(request_url(auth_for)).netloc
        self._connections = Connections(timeout_seconds, size, tls)

    def close(self) -> None:
        """Close every connection."""
        self._connections.close()

    def attempt(self, request: Request) -> Response:
        """One request and its answer; a redirect is an answer too.

        Raises:
            PassingError: There is none, and it may be better next time.
            FetchError: There is none, and it will not.
        """
        with Deadline(self._deadline_seconds) as deadline:
            try:
                answer = self._send(request)
                is_whole = False
                try:
                    response = self._received(request, answer, deadline)
                    is_whole = True
                    return response
                finally:
                    # A connection with something unread cannot be used again.
                    if is_whole and not response.not_modified and response.body:
                        answer.release_conn()
                    else:
                        answer.close()
            except (HTTPError, OSError) as error:
                raise self._failure(request, error, deadline) from error

    def _send(self, request: Request) -> BaseHTTPResponse:
        parts = urlsplit(request.url)
        try:
            addresses = checked_addresses(
                request.url,
                parts.hostname or "",
                parts.port or (443 if parts.scheme == "https" else 80),
                allow_private=self._allow_private,
                resolver=self._resolver,
            )
        except FetchError as error:
            if getattr(error.__cause__, "errno", None) == socket.EAI_AGAIN:
                raise PassingError(error) from error
            raise
        headers = dict(request.headers)
        # Without TLS, a password may only cross a network that is the user's own.
        is_safe = parts.scheme == "https" or not any(map(is_public, addresses))
        if self._authorization and is_safe and request.host == self._auth_host:
            headers["Authorization"] = self._authorization
        for address in addresses[:-1]:
            try:
                return self._connections.send(request.url, address, headers)
            except (HTTPError, OSError):
                continue  # the next address may be reached
        return self._connections.send(request.url, addresses[-1], headers)

    def _received(self, request: Request, answer: BaseHTTPResponse, deadline: Deadline) -> Response:
        """The answer with its content, or the error it stands for."""
        status = answer.status
        headers = Headers(answer.headers)
        if status == 304 or (status in REDIRECTS and "location" in headers):
            return Response(request.url, status, headers, not_modified=status == 304)
        is_error = not 200 <= status < 300
        try:
            limit = ERROR_BYTES if is_error else request.max_bytes
            body = read_body(answer, limit, lambda: deadline.is_over)
        except (TooLargeError, EncodingError, HTTPError) as error:
            if is_error:
                body = b""
            elif isinstance(error, HTTPError):
                raise
            else:
                raise _unreadable(request, error) from None
        except TooSlowError:
            raise self._late(request) from None
        if not is_error:
            return Response(request.url, status, headers, body)
        wait = retry_after_seconds(headers)
        failure = FetchError(
            request.url, _reason(status, wait), status=status, headers=headers, body=body
        )
        if status in PASSING:
            raise PassingError(failure, wait)
        raise failure

    def _failure(self, request: Request, error: Exception, deadline: Deadline) -> Exception:
        """What a broken connection comes to."""
        if deadline.is_over:
            return self._late(request)
        if isinstance(error, SSLError):
            reason = f"no secure connection ({error}); the certificate or its name does not fit"
            return FetchError(request.url, reason)
        # No connection at all is a kind of time-out to the library.
        if isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError):
            reason = "the server does not answer in time; try again later"
            return PassingError(FetchError(request.url, reason, is_slow=True))
        return PassingError(FetchError(request.url, f"the connection failed ({_plain(error)})"))

    def _late(self, request: Request) -> FetchError:
        seconds = self._deadline_seconds
        reason = f"the answer was not complete after {seconds:g} seconds; try again later"
        return FetchError(request.url, reason, is_slow=True)


def _unreadable(request: Request, error: Exception) -> FetchError:
    if isinstance(error, TooLargeError):
        limit = request.max_bytes
        size = f"{limit / (1 << 20):g} MiB" if limit >= 1 << 20 else f"{limit:,} bytes"
        reason = f"the answer is larger than {size}"
        return FetchError(request.url, reason, is_slow=True)
    return FetchError(request.url, f"the answer cannot be unpacked: {error}")


def _reason(status: int, wait_seconds: float | None) -> str:
    """What an error's status means to whoever reads the blog."""
    known = {
        401: "a password is needed",
        403: "the server refuses; it may block programs, or a password is needed",
        404: "there is nothing at this address",
        410: "there is nothing at this address any more",
        429: "the server is asked too often",
        503: "the server is busy or under maintenance",
    }
    other = "the server failed" if status >= 500 else "the server refuses the request"
    if status < 400:
        other = "the server redirects to nowhere" if status >= 300 else "the answer is no content"
    later = f"; it says to try again in {wait_seconds:.0f} seconds" if wait_seconds else ""
    return f"{known.get(status, other)} (HTTP {status}){later}"


def _plain(error: Exception) -> str:
    """An error without the objects its library prints in front."""
    cause = error.args[-1] if error.args else error
    text = str(cause if isinstance(cause, Exception) else error)
    return _OBJECT.sub("", text) or type(error).__name__
