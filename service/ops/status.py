"""``GET /v1/status``: what is served, what the worker does, and what waits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from related_posts.errors import StorageError
from related_posts.ledger import Ledger, read_ledger
from related_posts.status import is_watched, read_status
from service.api import parameters
from service.api.answers import JSON
from service.headers import HeaderFields
from service.ops.scrape import Insiders
from service.snapshot import Snapshot


class StatusRoute:
    """The route that tells operators how fresh the lists are.

    Anybody may ask; messages of errors, which name files and addresses, are only for those
    who may read the metrics.

    Args:
        app: The application to add it to.
        snapshot: What is served.
        data: The data folder.
        insiders: Who may read messages.
        fields: The header fields of the application's answers.
    """

    def __init__(
        self,
        app: Flask,
        snapshot: Snapshot,
        data: Path,
        insiders: Insiders,
        fields: HeaderFields,
    ) -> None:
        self._fields = fields
        self._snapshot = snapshot
        self._data = data
        self._insiders = insiders
        app.add_url_rule("/v1/status", "status", self.status)

    def status(self) -> Response:
        """What is missing is null; no parameter is known.

        Raises:
            InvalidQueryError: The query string holds one.
        """
        parameters.read(request.environ.get("QUERY_STRING", ""), ())
        index = self._snapshot.current()
        age = index and max(0, round((datetime.now(UTC) - index.created).total_seconds()))
        ledger, ledger_problem = self._ledger()
        worker, worker_problem = self._worker()
        # A worker that was killed could not say so.
        doing = "stopped" if worker and not is_watched(self._data) else worker.get("doing")
        gate = [(name, held) for name, held in ledger.held.items() if held.kind == "gate"]
        members = {
            "version": index and index.version,
            "age_seconds": age,
            "n_posts": index and index.n_posts,
            "doing": doing,
            "last_training": worker.get("last_training"),
            "last_error": self._told(worker.get("last_error")),
            "next_run": worker.get("next_run") if doing != "stopped" else None,
            "gate": [
                {
                    "version": name,
                    "reason": held.reason,
                    "limits": held.limits,
                    "since": held.since,
                }
                for name, held in gate
            ],
            "rollback": ledger.rollback
            and {"left": ledger.rollback.left, "at": ledger.rollback.at},
            "problems": [
                problem.replace(f"{self._data}/", "")
                for problem in (self._snapshot.problem, ledger_problem, worker_problem)
                if problem
            ],
        }
        return Response(
            orjson.dumps(members, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS) + b"\n",
            headers=[("Cache-Control", "no-store"), *self._fields.any(request.environ)],
            content_type=JSON,
        )

    def _ledger(self) -> tuple[Ledger, str | None]:
        try:
            return read_ledger(self._data), None
        except StorageError as problem:
            return Ledger(), str(problem)

    def _worker(self) -> tuple[dict[str, Any], str | None]:
        try:
            return read_status(self._data) or {}, None
        except StorageError as problem:
            return {}, str(problem)

    def _told(self, error: Any) -> Any:
        """An error as the one who asks may see it."""
        if not isinstance(error, dict):
            return None
        if "Origin" in request.headers and "Authorization" not in request.headers:
            # A page of another site in an operator's browser has the operator's address.
            return {"at": error.get("at")}
        try:
            self._insiders.check(request)
        except HTTPException:
            return {"at": error.get("at")}
        return error
