"""Whether the process is alive, and whether readers should be sent to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Flask, Response

from related_posts import __version__
from service.api.answers import JSON
from service.errors import RETRY_SECONDS
from service.html.templating import Templates
from service.snapshot import Snapshot


class Health:
    """The two routes that watchdogs and load balancers ask.

    Args:
        app: The application to add them to.
        snapshot: What is served.
        max_age_seconds: Age of a version above which readers should not be sent here;
            0 for no limit.
        templates: What fragments are made with.
    """

    def __init__(
        self, app: Flask, snapshot: Snapshot, max_age_seconds: int, templates: Templates
    ) -> None:
        self._snapshot = snapshot
        self._templates = templates
        self._max_age_seconds = max_age_seconds
        app.add_url_rule("/healthz", "healthz", self.healthz)
        app.add_url_rule("/readyz", "readyz", self.readyz)

    def healthz(self) -> Response:
        """The process is alive; says nothing about the index."""
        return _state({"status": "alive", "release": __version__})

    def readyz(self) -> Response:
        """Whether there is a version to answer from, which, and how old it is."""
        index = self._snapshot.current()
        problem = self._snapshot.problem
        if index is None:
            return _state({"status": "waiting", "reload_error": problem}, ready=False)
        # Where it cannot be told what was withdrawn, nothing is answered: 503 here, too.
        self._snapshot.overlays.over(index)
        problem = problem or self._snapshot.overlays.problem
        age = max(0, round((datetime.now(UTC) - index.created).total_seconds()))
        ready = not self._max_age_seconds or age <= self._max_age_seconds
        return _state(
            {
                "status": "ready" if ready else "stale",
                "version": index.version,
                "created": index.created.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "age_seconds": age,
                "n_posts": index.n_posts,
                "reload_error": problem,
                "template_error": self._templates.problem,
            },
            ready=ready,
        )


def _state(members: dict[str, Any], *, ready: bool = True) -> Response:
    """A small JSON object that no cache may keep."""
    headers = [("Cache-Control", "no-store")]
    if not ready:
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    content = orjson.dumps(members) + b"\n"
    return Response(content, 200 if ready else 503, headers, content_type=JSON)
