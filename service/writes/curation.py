"""Decisions about lists over HTTP; what they are is told in ``docs/curation.md``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from related_posts.curation.overlay import unknown_posts
from related_posts.curation.rules import Rule, check_end, rule_from_json
from related_posts.index import Index
from service.snapshot import INDEX
from service.writes.access import Access
from service.writes.bodies import json_body
from service.writes.intake import Intake
from service.writes.refusals import INVALID_POST, UNKNOWN_RULE, RefusedError
from service.writes.replies import Replies

#: What may be changed of a rule; the rest says which rule it is.
_CHANGEABLE = ("position", "until", "note")


class CurationRoutes:
    """``/v1/curation`` and ``/v1/curation/<rule>``."""

    def __init__(self, app: Flask, intake: Intake, access: Access, replies: Replies) -> None:
        self._intake = intake
        self._access = access
        self._replies = replies
        every, one = "/v1/curation", "/v1/curation/<rule>"
        app.add_url_rule(every, "rules", self.rules, methods=["GET"])
        app.add_url_rule(every, "post_rule", self.post, methods=["POST"])
        app.add_url_rule(one, "rule", self.rule, methods=["GET"])
        app.add_url_rule(one, "put_rule", self.put, methods=["PUT"])
        app.add_url_rule(one, "delete_rule", self.delete, methods=["DELETE"])

    def rules(self) -> Response:
        """Every rule, in the order in which they were made."""
        self._access.check(request.environ, "write")
        return self._replies.give({"rules": [_shown(rule) for rule in self._intake.state().rules]})

    def rule(self, rule: str) -> Response:
        """One rule."""
        self._access.check(request.environ, "write")
        return self._replies.give(_shown(self._held(rule)))

    def post(self) -> Response:
        """Make a rule; the same decision made again replaces the first."""
        self._allowed()
        rule = rule_from_json(json_body(request))
        check_end(rule, datetime.now(UTC))
        return self._write(rule)

    def put(self, rule: str) -> Response:
        """Change a rule's place, end or note; what is left out becomes the default."""
        self._allowed()
        held = self._held(rule)
        content = json_body(request)
        if not isinstance(content, Mapping):
            raise RefusedError(INVALID_POST, "The body must be a JSON object.")
        fixed = {name: value for name, value in held.to_json().items() if name not in _CHANGEABLE}
        changed = rule_from_json({**fixed, **{k: v for k, v in content.items() if k != "unknown"}})
        if changed.id != held.id:
            detail = (
                "Kind, post and under say which rule it is; to change those, delete this one and "
                "make another."
            )
            raise RefusedError(INVALID_POST, detail)
        if changed.until != held.until:
            # What is over may keep its end: its note can still be changed.
            check_end(changed, datetime.now(UTC))
        return self._write(changed)

    def delete(self, rule: str) -> Response:
        """Remove a rule."""
        self._allowed()
        held = self._held(rule)
        self._intake.decide(lambda update: update.remove_rule(held.id))
        return self._replies.give({"id": held.id, "result": "removed"})

    def _allowed(self) -> None:
        self._access.check(request.environ, "write")
        self._intake.check()

    def _held(self, rule_id: str) -> Rule:
        for rule in self._intake.state().rules:
            if rule.id == rule_id:
                return rule
        raise RefusedError(UNKNOWN_RULE, "GET /v1/curation lists the rules there are.")

    def _write(self, rule: Rule) -> Response:
        outcomes: list[str] = []
        self._intake.decide(lambda update: outcomes.append(update.put_rule(rule)))
        status = 201 if outcomes == ["added"] else 200
        return self._replies.give({"result": outcomes[0], **_shown(rule)}, status)


def _shown(rule: Rule) -> dict[str, Any]:
    """A rule, and the posts in it that the live version does not have."""
    index: Index | None = request.environ[INDEX]
    return {**rule.to_json(), "unknown": unknown_posts(index, rule)}
