"""One id a request, so that an answer, a log line and a proxy's log can be matched."""

from __future__ import annotations

import itertools
import os
import re

#: The header field, in requests and in every answer.
HEADER = "X-Request-ID"

_ACCEPTED = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")


class RequestIds:
    """Takes the id a proxy has given, where it is harmless, and makes one otherwise.

    Ids of this process are random at the front and counted at the back: unique
    without asking the system for randomness at every request.
    """

    def __init__(self) -> None:
        self._process = 0
        self._prefix = ""
        self._numbers = itertools.count(1)

    def of(self, given: str | None) -> str:
        """The id of a request whose field ``X-Request-ID`` reads like this.

        Args:
            given: The field, or None. Only 1 to 128 letters, digits and
                ``._:+/=-`` are taken over: an id must not write into a log.
        """
        if given is not None and _ACCEPTED.fullmatch(given):
            return given
        if self._process != os.getpid():
            # A fork must not go on with its parent's numbers.
            self._prefix, self._process = os.urandom(8).hex(), os.getpid()
        return f"{self._prefix}-{next(self._numbers):x}"
