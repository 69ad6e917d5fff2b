"""``GET /metrics``, for those who may read it."""

from __future__ import annotations

import hmac

from flask import Flask, Request, Response, request
from werkzeug.exceptions import Forbidden, Unauthorized

from service.ops.exposition import render
from service.ops.proxies import is_within, networks
from service.ops.reporter import Reporter
from service.settings import ServiceSettings

#: What a proxy adds: a request that has one did not begin where it came from.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


class Insiders:
    """Those who may read the metrics, and whatever else is not for everybody.

    Args:
        settings: Who they are.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._token = settings.metrics_token.encode()
        self._networks = networks(settings.metrics_networks)
        self._trusts = bool(settings.trusted_proxies)

    def check(self, request: Request) -> None:
        """Refuse who may not read.

        Raises:
            Unauthorized: The token is missing or another.
            Forbidden: The address is none of those that may, or a proxy hides it.
        """
        if self._token:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            given = token.strip().encode("latin-1", "replace")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given, self._token):
                raise Unauthorized("The metrics need the token of the setting metrics_token.")
            return
        # Even a proxy that is trusted hides who asks, where it says so by another field.
        told = self._trusts and "HTTP_X_FORWARDED_FOR" in request.environ
        hidden = not told and any(name in request.environ for name in _FORWARDED)
        if hidden or not is_within(request.environ.get("REMOTE_ADDR", ""), self._networks):
            raise Forbidden("The setting metrics_networks says who may read the metrics.")


class Scrape:
    """The route of the metrics.

    Args:
        app: The application to add it to.
        insiders: Who may read it.
        reporter: Where the metrics come from.
    """

    def __init__(self, app: Flask, insiders: Insiders, reporter: Reporter) -> None:
        self._insiders = insiders
        self._reporter = reporter
        app.add_url_rule("/metrics", "metrics", self.metrics)

    def metrics(self) -> Response:
        """The metrics of all workers, in the format that the scraper prefers."""
        self._insiders.check(request)
        content, media_type = render(self._reporter.metrics(), request.headers.get("Accept", ""))
        headers = [("Cache-Control", "no-store")]
        return Response(content, headers=headers, content_type=media_type)
