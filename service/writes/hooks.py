"""Webhooks: what blog software says of its own accord when a post changes."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, Response, request

from related_posts import fields
from related_posts.errors import PostError
from related_posts.findings import Problem, Skipped
from related_posts.loose_json import loads
from related_posts.posts import Post
from related_posts.wordpress.posts import read_post as read_wordpress
from service.writes.access import Access
from service.writes.bodies import (
    FORM_TYPES,
    JSON_TYPES,
    MAX_POST_BYTES,
    check_type,
    json_body,
    raw_body,
)
from service.writes.intake import DELETED, Hidden, Intake
from service.writes.posts import change_of
from service.writes.refusals import BAD_SIGNATURE, INVALID_POST, WRITES_OFF, RefusedError
from service.writes.replies import Replies

T = TypeVar("T")

#: Seconds that a signed message may be old, or ahead of our clock.
SIGNED_SECONDS = 300

#: Words for "this post is gone", whatever software says them.
GONE = frozenset(
    {"delete", "deleted", "trash", "trashed", "unpublish", "unpublished", "private", "hide"}
)

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})\s*,\s*t=(\d{1,16})", re.ASCII)


class HookRoutes:
    """``POST /v1/hooks/wordpress``, ``/v1/hooks/ghost`` and ``/v1/hooks/changed``."""

    def __init__(
        self, app: Flask, intake: Intake, access: Access, replies: Replies, ghost_secret: str
    ) -> None:
        self._intake = intake
        self._access = access
        self._replies = replies
        self._ghost_secret = ghost_secret
        add = app.add_url_rule
        add("/v1/hooks/wordpress", "hook_wordpress", self.wordpress, methods=["POST"])
        add("/v1/hooks/ghost", "hook_ghost", self.ghost, methods=["POST"])
        add("/v1/hooks/changed", "hook_changed", self.changed, methods=["POST"])

    def wordpress(self) -> Response:
        """A post as WordPress's own interface gives it, in JSON, or in a form's ``post``."""
        self._allowed()
        content = self._form() if request.mimetype in FORM_TYPES else json_body(request)
        content = _object(content)
        content = _object(content.get("post", content))
        url = _text(content, "link")
        found = read_wordpress(content, home=url, language="", now=self._intake.now)
        return self._take(found, url, _moment(content, "modified_gmt"))

    def ghost(self) -> Response:
        """A message of Ghost, signed with the secret that both sides know."""
        self._access.check_address(request.environ)
        self._access.check_any()
        if not self._ghost_secret:
            detail = "The setting `ghost_secret` is empty; give it the secret of Ghost's webhook."
            raise RefusedError(WRITES_OFF, detail)
        check_type(request, JSON_TYPES)
        body = raw_body(request)
        sent = self._check_signature(body)
        self._intake.check()
        # Imported here: only who is told by Ghost needs to know its form.
        from related_posts.ghost import read_post as read_ghost

        try:
            message = _object(_object(loads(body, "the body")).get("post"))
        except ValueError as error:
            raise RefusedError(INVALID_POST, f"{error}.") from None
        current, previous = (_part(message, name) for name in ("current", "previous"))
        if not current.get("id"):
            # Of a deleted post only what it was is left; it was deleted when that was sent.
            return self._answer(Hidden(_id(previous), DELETED, _url(previous)), sent)
        found = read_ghost(current, "the post", site=None, now=self._intake.now)
        return self._take(found, _text(current, "url"), _moment(current, "updated_at"))

    def changed(self) -> Response:
        """``{"action": "deleted", "id": …}`` or ``url``; else a post, as in ``docs/jsonl.md``.

        An address alone says that the sources are to be read again.
        """
        self._allowed()
        content = dict(_object(json_body(request)))
        action = content.pop("action", "saved")
        if isinstance(action, str) and action.strip().lower() in GONE:
            url = _url(content)
            post_id = _id(content) if content.get("id") is not None else self._intake.id_at(url)
            if not post_id:
                detail = "Say which post it is: its id, or the url of one that the archive has."
                raise RefusedError(INVALID_POST, detail)
            said = _read(lambda: fields.moment("updated", content.get("updated")))
            return self._answer(Hidden(post_id, DELETED, url), said)
        if action not in ("saved", "published", "changed", "updated"):
            shown = fields.shown(action)
            raise RefusedError(INVALID_POST, f"action is {shown}; it must be saved or deleted.")
        if content.keys() == {"url"}:
            self._intake.ask_to_read()
            return self._replies.give({"id": None, "result": "to be read"})
        change = _read(lambda: change_of(content, self._intake.now))
        return self._answer(change, _moment(content, "updated"))

    def _allowed(self) -> None:
        self._access.check(request.environ, "write")
        self._intake.check()

    def _form(self) -> Any:
        """The JSON in a form's field ``post``."""
        check_type(request, FORM_TYPES)
        # Bounds what the form's parser takes, too.
        request.max_content_length = request.max_form_memory_size = MAX_POST_BYTES
        try:
            return loads(request.form.get("post", "").encode("utf-8", "surrogatepass"), "post")
        except ValueError as error:
            raise RefusedError(INVALID_POST, f"{error}.") from None

    def _check_signature(self, body: bytes) -> datetime:
        """When Ghost sent a message; one that does not come from it, or came before, is refused.

        Ghost signs the body and the time; earlier releases signed the body alone.
        """
        matched = _SIGNATURE.fullmatch(request.headers.get("X-Ghost-Signature", "").strip())
        digest, moment = matched.groups() if matched else ("", "0")
        secret = self._ghost_secret.encode()
        good = False
        for signed in (body + moment.encode(), body):
            made = hmac.new(secret, signed, hashlib.sha256).hexdigest()
            good |= hmac.compare_digest(made, digest)
        age = abs(self._intake.now.timestamp() - int(moment) / 1000)
        if not good or age > SIGNED_SECONDS:
            detail = (
                "X-Ghost-Signature does not fit: the secret differs from the setting "
                "`ghost_secret`, or the clocks of the two machines do."
            )
            raise RefusedError(BAD_SIGNATURE, detail)
        return datetime.fromtimestamp(int(moment) / 1000, UTC)

    def _take(self, found: Post | Problem | Skipped, url: str, said: datetime | None) -> Response:
        """Write what blog software sent: a post, or the word that it must not be seen."""
        if isinstance(found, Problem):
            raise RefusedError(INVALID_POST, f"{found.reason}.")
        if isinstance(found, Skipped):
            if found.reason in ("page", "not a post") or found.post_id is None:
                return self._replies.give(
                    {"id": found.post_id, "result": "passed over", "reason": found.reason}
                )
            return self._answer(Hidden(found.post_id, found.reason, _read_url(url)), said)
        return self._answer(found, said)

    def _answer(self, change: Post | Hidden, said: datetime | None) -> Response:
        return self._replies.tell(self._intake.take_one(change, said=said))


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except PostError as error:
        raise RefusedError(INVALID_POST, f"{error.reason}.") from None


def _moment(content: Mapping[str, Any], name: str) -> datetime | None:
    """When a post was last changed, as its message says; None where it does not."""
    try:
        return fields.moment(name, content.get(name))
    except PostError:
        return None


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise RefusedError(INVALID_POST, "The body must be a JSON object that holds a post.")
    return value


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = message.get(name)
    return part if isinstance(part, Mapping) else {}


def _id(content: Mapping[str, Any]) -> str:
    try:
        return fields.identifier("id", content.get("id"))
    except PostError as error:
        raise RefusedError(INVALID_POST, f"{error.reason}.") from None


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    return value if isinstance(value, str) else ""


def _url(content: Mapping[str, Any]) -> str:
    return _read_url(_text(content, "url"))


def _read_url(url: str) -> str:
    try:
        return fields.url("url", url)
    except PostError:
        return ""
