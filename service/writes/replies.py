"""What is answered to who writes: JSON that no cache may keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response, request

from service.api.answers import JSON
from service.headers import HeaderFields
from service.writes.intake import Taken


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

    def tell(
        self, taken: Taken, status: int = 200, unknown: Sequence[Mapping[str, Any]] = ()
    ) -> Response:
        """What came of one change, and which of its members are no fields of a post."""
        members: dict[str, Any] = {"id": taken.id, "result": taken.result}
        if taken.reason:
            members["reason"] = taken.reason
        if unknown:
            members["unknown"] = unknown
        return self.give(members, status)
