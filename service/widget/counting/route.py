"""``POST /v1/events``: pages of the blog report what was seen and followed."""

from __future__ import annotations

import hashlib
import secrets

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, RequestEntityTooLarge, TooManyRequests

from related_posts.errors import IndexMissingError, InvalidQueryError
from related_posts.index import Index
from service.api import parameters
from service.headers import NOSNIFF
from service.ops.limits import Limits, client_of
from service.settings import ServiceSettings
from service.snapshot import INDEX
from service.widget.counting.report import MOST_BYTES, check, read
from service.widget.counting.tally import Tally

#: Where an application keeps its tally, in ``app.extensions``.
EXTENSION = "related_posts_tally"

#: Reports that one address may send: a page sends one when it is left and one a click.
RATE = "60/minute"


def register(app: Flask, settings: ServiceSettings) -> None:
    """Add the route; nothing where no origin may report."""
    if settings.count_origins:
        events = Events(settings)
        app.extensions[EXTENSION] = events.tally
        app.add_url_rule("/v1/events", "events", events.report, methods=["POST"])


class Events:
    """Takes reports.

    Attributes:
        tally: Where they are counted.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.tally = Tally(settings.data)
        self._origins = frozenset(settings.count_origins)
        self._limits = Limits(RATE, "memory://")
        # Forgotten with the process, so what is kept of an address leads nowhere.
        self._salt = secrets.token_bytes(16)
        self._indexes: tuple[Index, ...] = ()

    def report(self) -> Response:
        """Count one report, or say why not."""
        parameters.read(request.environ.get("QUERY_STRING", ""), ())
        if request.headers.get("Origin", "").lower() not in self._origins:
            raise Forbidden("Only pages of the origins in `count_origins` may report.")
        wait = self._limits.retry_after(self._client())
        if wait is not None:
            problem = "This client has reported too often; it is not counted."
            raise TooManyRequests(problem, retry_after=wait)
        body = request.stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise RequestEntityTooLarge(f"A report has at most {MOST_BYTES} bytes.")
        views, clicks = read(body)
        shown = views + clicks
        if shown:
            check(self._index(shown[0].version), shown)
            self.tally.count(views, clicks)
        return Response(status=204, headers=[("Cache-Control", "no-store"), NOSNIFF])

    def _client(self) -> str:
        address = client_of(request.environ.get("REMOTE_ADDR", ""))
        return hashlib.blake2b(address.encode(), key=self._salt, digest_size=12).hexdigest()

    def _index(self, version: str) -> Index:
        """The version a page showed: the live one or, for pages still open, the one before."""
        live: Index | None = request.environ[INDEX]
        if live is None:
            raise IndexMissingError("the data folder")
        if live not in self._indexes:
            self._indexes = (live, *self._indexes[:1])
        for index in self._indexes:
            if index.version == version:
                return index
        raise InvalidQueryError("version", version, "the live version or the one before it")
