"""Requests to one service: timeouts, retries, and answers that are known already."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry, Timeout

from related_posts import __version__
from related_posts.client.errors import AnswerError, UnreachableError, refusal

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
_PROBLEM = "application/problem+json"

#: Statuses after which the same request may work.
_PASSING = (429, 502, 503, 504)
#: Longest wait that an answer may ask for before the next attempt; who asks for more is not
#: asked again.
LONGEST_WAIT_SECONDS = 30.0
#: Methods that may be sent again: each of ours but POST, and POSTs that only ask.
_AGAIN = frozenset({"GET", "PUT", "DELETE"})


class _Patience(Retry):
    """Further attempts, but for one that would have to wait for long."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: urllib3.BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST_WAIT_SECONDS:
            # With ``raise_on_status`` off, the answer itself is what the caller gets.
            raise MaxRetryError(_pool, url)
        return super().increment(method, url, response, error, _pool, _stacktrace)


class Transport:
    """Sends requests to one service; safe among threads.

    Args:
        base: Its address, with the path it is mounted under.
        key: A key for writing; empty for none.
        timeout_seconds: Longest silence of the service.
        retries: Further attempts where one failed in a way that may pass.
        backoff_seconds: Wait before the second further attempt; doubled with each.
        n_kept: Answers kept to be asked for by entity tag; 0 for none.

    Raises:
        ValueError: The address is no http or https one, or has a query.
    """

    def __init__(
        self,
        base: str,
        *,
        key: str,
        timeout_seconds: float,
        retries: int,
        backoff_seconds: float,
        n_kept: int,
    ) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base!r} must be an address such as https://related.example")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError(f"the address of a service has no query, fragment or user: {base!r}")
        self._base = base.rstrip("/")
        self._headers = {"Accept": JSON, "User-Agent": f"related-posts-client/{__version__}"}
        self._key = key
        self._retries = retries
        self._backoff_seconds = backoff_seconds
        self._pool = urllib3.PoolManager(timeout=Timeout(timeout_seconds), maxsize=8)
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._n_kept = n_kept
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.clear()

    def ask(self, path: str) -> Any:
        """The JSON of a read; an answer that did not change is not sent again."""
        with self._lock:
            known = self._kept.get(path)
        headers = {"If-None-Match": known[0]} if known else {}
        response = self._send("GET", path, headers=headers)
        if response.status == 304 and known:
            content = known[1]
        else:
            content = self._checked(response)
            if tag := response.headers.get("ETag"):
                self._keep(path, tag, content)
        return _decoded(content)

    def send(
        self,
        method: str,
        path: str,
        body: bytes,
        media: str = JSON,
        *,
        is_question: bool = False,
        headers: Mapping[str, str] | None = None,
        again: bool = True,
    ) -> Any:
        """The JSON of the answer to something sent; ``again`` is whether it may be tried again."""
        headers = {**(headers or {}), **({"Content-Type": media} if body else {})}
        again = again and (is_question or method in _AGAIN)
        response = self._send(method, path, body, headers, again=again, keyed=not is_question)
        return _decoded(self._checked(response))

    def ask_with_key(self, path: str) -> Any:
        """The JSON of a read that takes the key."""
        return _decoded(self._checked(self._send("GET", path, keyed=True)))

    def ask_for_tagged(self, path: str) -> tuple[Any, str]:
        """The JSON of a read that takes the key, and its entity tag."""
        response = self._send("GET", path, keyed=True)
        return _decoded(self._checked(response)), response.headers.get("ETag", "")

    def lines(self, path: str) -> Iterator[Any]:
        """The JSON of each line of an answer, as it comes.

        Raises:
            AnswerError: It broke off.
        """
        response = self._send("GET", path, streamed=True)
        try:
            if response.status != 200:
                self._checked(response)
            rest = b""
            with _translated():
                for piece in response.stream(1 << 16):
                    *whole, rest = (rest + piece).split(b"\n")
                    yield from map(_decoded, filter(None, whole))
            if rest:
                raise AnswerError(f"the answer to {path} broke off inside a line")
        finally:
            response.close()

    def _keep(self, path: str, tag: str, content: bytes) -> None:
        if not self._n_kept:
            return
        with self._lock:
            self._kept[path] = (tag, content)
            self._kept.move_to_end(path)
            if len(self._kept) > self._n_kept:
                self._kept.popitem(last=False)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        again: bool = True,
        keyed: bool = False,
        streamed: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        # A key goes only where it is needed, and no redirect is followed with it.
        key = {"Authorization": f"Bearer {self._key}"} if keyed and self._key else {}
        # A write by POST may have been done although no answer came.
        retry = again and _Patience(
            total=self._retries,
            allowed_methods=None,
            status_forcelist=_PASSING,
            backoff_factor=self._backoff_seconds,
            raise_on_status=False,
            redirect=0 if keyed else 3,
        )
        with _translated():
            return self._pool.request(
                method,
                self._base + path,
                body=body or None,
                headers={**self._headers, **key, **(headers or {})},
                retries=retry,
                redirect=not keyed,
                preload_content=not streamed,
            )

    @staticmethod
    def _checked(response: urllib3.BaseHTTPResponse) -> bytes:
        """The body of a success.

        Raises:
            RefusedError: It is a problem document.
            AnswerError: It is neither.
        """
        with _translated():
            content = response.data
        if 200 <= response.status < 300:
            return content
        media = response.headers.get("Content-Type", "").partition(";")[0]
        if media != _PROBLEM:
            raise AnswerError(f"the answer is {response.status} and no problem document ({media})")
        problem = _decoded(content)
        if not isinstance(problem, dict):
            raise AnswerError("the problem document is no object")
        wait = response.headers.get("Retry-After", "")
        # What the document says of its status is advice; a proxy may have changed it.
        raise refusal(
            {**problem, "status": response.status},
            response.headers.get("X-Request-ID", ""),
            float(wait) if wait.isascii() and wait.isdigit() else None,
        )


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as mistake:
        raise AnswerError(f"the answer is no JSON ({mistake})") from None


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except HTTPError as mistake:
        raise UnreachableError(f"the service gave no answer: {mistake}") from mistake
