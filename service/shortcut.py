"""Plain questions answered by the main loop, from the bytes that came to those that go.

Nearly every request is one. To read it field by field, give it to a thread and word the head
of its answer takes gunicorn several times as long as it takes us to answer. What is unusual in
any way is left to gunicorn and its threads; a test holds the two to equal bytes.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gunicorn.glogging import Logger

from service.ops.plain import ROUTE
from service.reply import opening
from service.settings import path_prefix

if TYPE_CHECKING:
    from service.ops.front import Front

log = logging.getLogger(__name__)

#: Longest request that is read here: no line of it is longer than gunicorn takes unasked.
MOST_BYTES = 4_000
#: Most header fields that are read here.
MOST_FIELDS = 50

_KEPT = "keep-alive"
_BEGIN = f"GET {ROUTE}?".encode()
#: The whole request, in printable ASCII: its query and its header fields.
_REQUEST = re.compile(
    rb"GET /v1/related\?([!\"$-~]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[\t -~]*\r\n)+)\r\n"
)
#: Gunicorn's settings that have to be as they come.
_UNTOUCHED = ("pre_request", "post_request", "proxy_protocol")
#: Fields that say something about the connection, or that a body follows.
_GUNICORNS = frozenset(
    {"content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer"}
    | {"http2-settings", "content-type", "keep-alive"}
)


class Shortcut:
    """Answers plain questions in the way the layer in front of Flask does.

    Args:
        front: That layer.
    """

    def __init__(self, front: Front) -> None:
        self._front = front

    def answer(self, request: bytes) -> bytes | None:
        """The whole answer to a whole request; None for what gunicorn has to see to.

        It never waits and nothing is counted where it returns None. The connection is kept.
        """
        if len(request) > MOST_BYTES or not request.startswith(_BEGIN):
            return None
        try:
            environ = _environ(request)
            found = None if environ is None else self._front.quickly(environ)
        except Exception:
            # A thread makes the same mistake again; it knows how to log and answer it.
            log.debug("left to a thread", exc_info=True)
            return None
        if found is None:
            return None
        status, fields, content = found
        lines = [opening("HTTP/1.1", status, _KEPT)]
        lines += [f"{name}: {value}\r\n" for name, value in fields]
        lines.append("\r\n")
        return b"".join(("".join(lines).encode("latin-1"), *content))


def is_usual(cfg: Any, log: Any) -> bool:
    """Whether gunicorn is set so that it would see, do and write no more than a shortcut does.

    Args:
        cfg: Gunicorn's configuration. Hooks, the PROXY protocol, fields that tell the scheme
            and limits that are tighter than ours are reasons against it, and so is a prefix of
            paths.
        log: Gunicorn's logger. An access log of its own, one that counts, or one that debugs,
            and so tells of each request, is another.
    """
    settings = cfg.settings
    return (
        all(settings[name].get() == settings[name].default for name in _UNTOUCHED)
        and min(cfg.limit_request_line or MOST_BYTES, MOST_BYTES) == MOST_BYTES
        and min(cfg.limit_request_field_size or MOST_BYTES, MOST_BYTES) == MOST_BYTES
        and cfg.limit_request_fields >= MOST_FIELDS
        # Two of them that contradict each other are refused.
        and not cfg.secure_scheme_headers
        and not path_prefix()
        and type(log).access is Logger.access
        and not log.access_log_enabled
        and not log.error_log.isEnabledFor(logging.DEBUG)
    )


def _environ(request: bytes) -> dict[str, Any] | None:
    """What the application looks at of a request, as WSGI names it; None for gunicorn's."""
    match = _REQUEST.fullmatch(request)
    if match is None:
        return None
    query, block = match.groups()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": ROUTE,
        "QUERY_STRING": query.decode("ascii"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
    }
    n_own = len(environ)
    lines = block[:-2].decode("ascii").split("\r\n")
    if len(lines) > MOST_FIELDS:
        return None
    for line in lines:
        name, _, value = line.partition(":")
        key = _key(name)
        if key is None:
            return None
        environ[key] = value.strip(" \t")
    # A field that comes twice leaves one too few.
    if len(environ) != n_own + len(lines) or "HTTP_HOST" not in environ:
        return None
    return environ if environ.get("HTTP_CONNECTION", _KEPT).lower() == _KEPT else None


@lru_cache(maxsize=256)
def _key(name: str) -> str | None:
    """The name of a header field in WSGI; None where the field concerns gunicorn."""
    lower = name.lower()
    return None if lower in _GUNICORNS else f"HTTP_{lower.upper().replace('-', '_')}"
