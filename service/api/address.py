"""The post's id in a path, read from the address exactly as the client wrote it.

A WSGI server hands over the path already decoded, where ``%2F`` and ``/`` look
the same and so do ``%253F`` and ``%3F``. Ids hold all of these, so the raw
address is used where the server passes it on (gunicorn does), and the decoded
path otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.routing import BaseConverter

from related_posts.errors import InvalidQueryError
from service.api.parameters import decode

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BEFORE = "/v1/posts/"
AFTER = "/related"

#: ``http://host`` of a request line in absolute form (RFC 9112 section 3.2.2).
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


class AnythingConverter(BaseConverter):
    """A piece of a path that may hold anything, slashes at its ends included."""

    regex = "(?s:.*)"
    part_isolating = False
    weight = 300


def ends_in(environ: WSGIEnvironment, after: str) -> bool:
    """Whether the end of a path, such as ``/related``, is one; else its id ends so, encoded."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    return raw is None or re.split(r"[?#]", raw, maxsplit=1)[0].endswith(after)


def id_in_path(environ: WSGIEnvironment, after: str = AFTER) -> str:
    """The id between ``/v1/posts/`` and what comes after it, by default the last ``/related``.

    Raises:
        InvalidQueryError: It is empty or not UTF-8.
    """
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:
        id_ = _between(environ["PATH_INFO"], after)
        try:
            id_ = id_.encode("latin-1").decode()
        except UnicodeError:
            raise InvalidQueryError("id", id_, "UTF-8, percent-encoded") from None
    else:
        path = _ORIGIN.sub("", raw, count=1) if not raw.startswith("/") else raw
        path = re.split(r"[?#]", path, maxsplit=1)[0]
        id_ = decode(_between(path, after), "id", plus_is_space=False)
    if not id_:
        raise InvalidQueryError("id", "", "the post's own, not empty")
    return id_


def _between(path: str, after: str) -> str:
    """What lies between the two fixed pieces, whatever prefix the service is mounted under."""
    _, found, rest = path.partition(BEFORE)
    if not found or not rest.endswith(after):
        # Some piece of the fixed part is percent-encoded, which no client has reason to do.
        place = f"behind {BEFORE}" + (f" and before {after}" if after else "")
        raise InvalidQueryError("id", path, f"{place}, written plainly")
    return rest.removesuffix(after)
