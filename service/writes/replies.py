"""What is answered to who writes: JSON that no cache may keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request

from related_posts.errors import UnknownPostError
from related_posts.index import Index
from service.api.answers import JSON
from service.headers import HeaderFields, matches
from service.snapshot import INDEX
from service.writes.conditions import stored_tag
from service.writes.intake import Taken

_PRIVATE = ("Cache-Control", "private, no-cache")

#: The reason where a post that shall go was never there.
UNKNOWN = "unknown"


class Replies:
    """Makes answers that pages of the origins which may write can read.

    Args:
        fields: The header fields of the application's answers.
    """

    def __init__(self, fields: HeaderFields) -> None:
        self._fields = fields

    def give(self, members: Mapping[str, Any], status: int = 200) -> Response:
        """An answer of these members."""
        fields = [("Cache-Control", "no-store"), *self._fields.any(request.environ)]
        return Response(orjson.dumps(members) + b"\n", status, fields, content_type=JSON)

    def show(self, members: Mapping[str, Any], etag: str) -> Response:
        """What is kept, for whoever has the key alone; "not modified" where they have it."""
        environ = request.environ
        fields = [("ETag", etag), _PRIVATE, *self._fields.any(environ)]
        if matches(environ.get("HTTP_IF_NONE_MATCH", ""), etag):
            response = Response(status=304, headers=fields)
            del response.headers["Content-Type"]
            return response
        return Response(orjson.dumps(members) + b"\n", 200, fields, content_type=JSON)

    def tell(
        self, taken: Taken, status: int = 200, unknown: Sequence[Mapping[str, Any]] = ()
    ) -> Response:
        """What came of one change, and which of its members are no fields of a post.

        The tag of the post as it is kept is a member, not ``ETag``: that field would say that
        what was sent is kept to the byte (RFC 9110, section 9.3.4), and posts are cleaned.
        """
        members: dict[str, Any] = {"id": taken.id, "result": taken.result}
        if taken.result == "withdrawn" and not taken.reason and not _was_there(taken):
            # Nobody ever saw it, so nothing was withdrawn; that it must not be seen is kept.
            members |= {"result": "unchanged", "reason": UNKNOWN}
        elif taken.reason:
            members["reason"] = taken.reason
        if taken.content_hash is not None:
            members["etag"] = stored_tag(taken.content_hash)
        if unknown:
            members["unknown"] = unknown
        return self.give(members, status)


def _was_there(taken: Taken) -> bool:
    """Whether the archive had a post, or the live version has it."""
    index: Index | None = request.environ[INDEX]
    if taken.was_kept or index is None:
        return taken.was_kept
    try:
        index.row(id=taken.id)
    except UnknownPostError:
        return False
    return True
