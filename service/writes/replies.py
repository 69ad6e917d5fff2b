"""What is answered to who writes: JSON that no cache may keep."""

from __future__ import annotations

from collections.abc import Mapping
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

    def tell(self, taken: Taken, status: int = 200) -> Response:
        """What came of one change."""
        members = {"id": taken.id, "result": taken.result}
        return self.give({**members, "reason": taken.reason} if taken.reason else members, status)
