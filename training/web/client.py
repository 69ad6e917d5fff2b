"""A client for HTTP that is polite to servers and safe against them."""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import urlsplit

from training.web.addresses import Resolver, request_url, resolve
from training.web.body import ACCEPT_ENCODING
from training.web.cache import AnswerCache
from training.web.exchange import REDIRECTS, Exchange, PassingError, Request
from training.web.pace import Pace
from training.web.response import FetchError, Response
from training.web.retry import MAX_RETRY_AFTER_SECONDS, backoff_seconds

#: Most bytes of one answer after unpacking, unless a caller says otherwise.
MAX_BYTES = 50 << 20
#: Redirects followed for one address.
MAX_REDIRECTS = 5

#: What must not be told to another host than it was meant for.
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})

#: Header fields of a request whose answer is not kept, or that asks by itself what changed.
_NOT_KEPT = _SECRET | {"if-none-match", "if-modified-since"}

#: Told where a redirect leads before it is followed; raises ``FetchError`` to stop there.
Onward: TypeAlias = Callable[[str], None]


class Client:
    """Fetches addresses: few at a time, none that is not public, nothing too large.

    Every hop of a redirect is looked at like the first address. Nothing is kept
    between answers, cookies neither. A context manager; methods are safe among threads.

    Args:
        allow_private: Whether hosts of the own machine and network may be asked.
        concurrency: Requests at a time in ``get_many``.
        per_second: Requests a second to one host in the long run.
        timeout_seconds: Longest silence of a server.
        deadline_seconds: Time for one whole answer, however steadily it drips.
        max_bytes: Most bytes of one answer, unpacked.
        retries: Further attempts where one failed in a way that may pass: no
            connection, no answer in time, or a status of ``retry.PASSING``.
        user_agent: What servers are told.
        auth: User and password, sent to the host of ``auth_for`` and to no other, and
            over https only, unless that host is private and allowed.
        auth_for: The address that ``auth`` is for; needed with it.
        tls: Which certificates are trusted; None for the system's authorities.
        cache: Answers of earlier reads, or None. What ``auth`` opens is not kept. Closed
            with the client.
        clock: Seconds that never go backwards; for tests.
        sleep: Waits; for tests. By default a wait ends early when nobody wants the
            answer any more.
        resolver: Addresses of a host; for tests.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        concurrency: int = 4,
        per_second: float = 4.0,
        timeout_seconds: float = 30.0,
        deadline_seconds: float = 120.0,
        max_bytes: int = MAX_BYTES,
        retries: int = 4,
        user_agent: str = "related-posts",
        auth: tuple[str, str] | None = None,
        auth_for: str = "",
        tls: ssl.SSLContext | None = None,
        cache: AnswerCache | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        if auth is not None and not auth_for:
            raise ValueError("auth needs auth_for: whose password is it?")
        self._concurrency = concurrency
        self._max_bytes = max_bytes
        self._retries = retries
        self._sleep = sleep
        self._cache = cache
        self._secret_host = "" if auth is None else urlsplit(request_url(auth_for)).netloc
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING}
        self._pace = Pace(per_second, clock)
        self._exchange = Exchange(
            allow_private=allow_private,
            timeout_seconds=timeout_seconds,
            deadline_seconds=deadline_seconds,
            size=concurrency + 1,
            auth=auth,
            auth_for=auth_for,
            tls=tls,
            resolver=resolver,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._exchange.close()
        if self._cache is not None:
            self._cache.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        accept: str | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int | None = None,
        retries: int | None = None,
    ) -> Response:
        """Fetch one address, following redirects.

        Args:
            url: An http or https address; user, password and fragment are left out.
            headers: Further header fields; secret ones go to this host only.
            accept: Media types wanted.
            etag: ``ETag`` of an earlier answer; if it still holds, nothing is sent again.
            last_modified: ``Last-Modified`` of an earlier answer, to the same end.
            max_bytes: Most bytes of the answer, else the client's.
            retries: Further attempts, else the client's.

        Raises:
            FetchError: There is no such answer: it says which address and why.
        """
        fields = dict(headers or {})
        optional = {"Accept": accept, "If-None-Match": etag, "If-Modified-Since": last_modified}
        fields |= {name: value for name, value in optional.items() if value}
        return self._follow(self._request(url, fields, max_bytes, retries))

    def get_many(
        self,
        urls: Iterable[str],
        *,
        accept: str | None = None,
        max_bytes: int | None = None,
        retries: int | None = None,
        onward: Onward | None = None,
    ) -> Generator[Response | FetchError, None, None]:
        """Fetch many addresses, a few at a time.

        Args:
            urls: The addresses; asked for a little ahead of what was yielded.
            accept: Media types wanted.
            max_bytes: Most bytes of each answer, else the client's.
            retries: Further attempts for each, else the client's.
            onward: Asked, in one thread or another, before a redirect is followed.

        Yields:
            For each address in turn its answer, or the error that there is none. To be
            closed where it is not read to its end.
        """
        fields = {"Accept": accept} if accept else {}
        stop = threading.Event()
        ahead: deque[Future[Response | FetchError]] = deque()
        threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix="fetch")

        def fetch(url: str) -> Response | FetchError:
            try:
                return self._follow(self._request(url, fields, max_bytes, retries, stop), onward)
            except FetchError as error:
                return error

        try:
            for url in urls:
                ahead.append(threads.submit(fetch, url))
                if len(ahead) > self._concurrency:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            stop.set()
            threads.shutdown(cancel_futures=True)

    def slow_down(self, url: str, seconds: float) -> None:
        """Keep at least so many seconds between two requests to a URL's host."""
        self._pace.slow_down(urlsplit(request_url(url)).netloc, seconds)

    def _request(
        self,
        url: str,
        headers: Mapping[str, str],
        max_bytes: int | None,
        retries: int | None,
        stop: threading.Event | None = None,
    ) -> Request:
        return Request(
            request_url(url),
            {**self._headers, **headers},
            self._max_bytes if max_bytes is None else max_bytes,
            self._retries if retries is None else retries,
            stop or threading.Event(),
        )

    def _follow(self, request: Request, onward: Onward | None = None) -> Response:
        """An address's answer after its redirects."""
        seen = [request.url]
        while True:
            response = self._known_or_sent(request)
            if response.status not in REDIRECTS:
                return response
            target = request_url(_location(response), request.url)
            if target in seen or len(seen) > MAX_REDIRECTS:
                way = "goes round in a circle" if target in seen else "is one too many"
                raise FetchError(request.url, f"the redirect to {target} {way}")
            seen.append(target)
            if onward is not None:
                onward(target)
            request, earlier = replace(request, url=target), request
            if request.host != earlier.host:
                kept = {k: v for k, v in request.headers.items() if k.lower() not in _SECRET}
                request = replace(request, headers=kept)

    def _known_or_sent(self, request: Request) -> Response:
        """One address's answer, as it was kept if the server says that it still holds."""
        cache, names = self._cache, {name.lower() for name in request.headers}
        if cache is None or request.host == self._secret_host or names & _NOT_KEPT:
            return self._try_again(request)
        accept = request.headers.get("Accept", "")
        known = cache.load(request.url, accept)
        if known is not None and len(known.body) <= request.max_bytes:
            since = {
                "If-None-Match": known.headers.get("etag"),
                "If-Modified-Since": known.headers.get("last-modified"),
            }
            fields = {name: value for name, value in since.items() if value}
            answer = self._try_again(replace(request, headers={**request.headers, **fields}))
            if answer.not_modified:
                return known
        else:
            answer = self._try_again(request)
        cache.keep(accept, answer)
        return answer

    def _try_again(self, request: Request) -> Response:
        """One address's answer, after as many attempts as it takes."""
        attempt = 0
        while True:
            self._wait(self._pace.reserve(request.host), request)
            attempt += 1
            try:
                return self._exchange.attempt(request)
            except PassingError as passing:
                if attempt > request.retries:
                    raise passing.failure from passing.__cause__
                wait = passing.wait_seconds
                if wait is None:
                    wait = backoff_seconds(attempt)
                elif wait > MAX_RETRY_AFTER_SECONDS:
                    raise passing.failure from passing.__cause__
                self._pace.pause(request.host, wait)

    def _wait(self, seconds: float, request: Request) -> None:
        if seconds > 0:
            if self._sleep is not None:
                self._sleep(seconds)
            else:
                request.stop.wait(seconds)
        if request.stop.is_set():
            raise FetchError(request.url, "nobody waits for the answer any more")


def _location(response: Response) -> str:
    """Where a redirect leads; browsers take its bytes as UTF-8."""
    location = response.headers.get("location", "")
    try:
        return location.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return location
