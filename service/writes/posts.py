"""Posts as writers send them: one by its id, or many as JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from flask import Flask, Response, current_app, request

from related_posts import fields
from related_posts.errors import PostError
from related_posts.loose_json import loads
from related_posts.nearest import nearest
from related_posts.posts import Post
from related_posts.schema import FIELDS, SYNONYMS, post_from_json, post_to_json, unknown_members
from related_posts.visibility import PRIVACY, not_public
from service.api.address import BEFORE, ends_in, id_in_path
from service.errors import LONGEST_ECHO, UNKNOWN_POST
from service.writes.access import Access
from service.writes.bodies import MAX_POST_BYTES, json_body, lines_of
from service.writes.conditions import Condition, stored_tag
from service.writes.intake import DELETED, Hidden, Intake
from service.writes.refusals import INVALID_POST, NOT_KEPT, RefusedError
from service.writes.replies import Replies

#: Ends the address of a post as it is kept.
STORED = "/stored"

#: Posts and bytes written at a time; the rest of a body waits, and others may write between.
BATCH = 500
BATCH_BYTES = 8 << 20

#: Unknown members that are told of.
MAX_UNKNOWN = 100

#: Broken lines that are told of; all are counted.
MAX_ERRORS = 1_000


class PostRoutes:
    """``PUT`` and ``DELETE /v1/posts/<id>``, ``GET …/stored``, ``POST /v1/posts``."""

    def __init__(self, app: Flask, intake: Intake, access: Access, replies: Replies) -> None:
        self._intake = intake
        self._access = access
        self._replies = replies
        one = "/v1/posts/<anything:post>"
        app.add_url_rule(
            one, "put_post", self.put, methods=["PUT"], provide_automatic_options=False
        )
        app.add_url_rule(
            one, "delete_post", self.delete, methods=["DELETE"], provide_automatic_options=False
        )
        app.add_url_rule(f"{BEFORE}<anything:post>{STORED}", "stored_post", self.stored)
        app.add_url_rule("/v1/posts", "post_posts", self.post, methods=["POST"])

    def put(self, post: str) -> Response:
        """Write one post under its id; everything behind ``/v1/posts/`` is the id."""
        post_id = self._allowed()
        content = json_body(request)
        if isinstance(content, Mapping):
            content = {"id": post_id, **content}
            if _id_of(content) != post_id:
                shown = fields.shown(content["id"])
                raise RefusedError(
                    INVALID_POST, f"id is {shown}, and the address names another post."
                )
        try:
            change = change_of(content, self._intake.now)
        except PostError as error:
            raise RefusedError(INVALID_POST, f"{error.reason}.") from None
        taken = self._intake.take_one(change, Condition.of(request.environ))
        status = 201 if taken.result == "added" else 200
        return self._replies.tell(taken, status, unknown=_unknown(content))

    def delete(self, post: str) -> Response:
        """Delete one post, and let no version show it."""
        gone = Hidden(self._allowed(), DELETED)
        return self._replies.tell(self._intake.take_one(gone, Condition.of(request.environ)))

    def stored(self, post: str) -> Response:
        """One post as the archive keeps it, with the tag that ``If-Match`` takes."""
        environ = request.environ
        if not ends_in(environ, STORED):
            return cast(Response, current_app.view_functions["post"](post=post))
        self._access.check(environ, "write")
        found = self._intake.kept(_checked(id_in_path(environ, STORED)))
        if found is None:
            detail = "The archive has no post with this id; readers may still see an earlier one."
            raise RefusedError(UNKNOWN_POST, detail)
        kept, content_hash = found
        return self._replies.show(post_to_json(kept), stored_tag(content_hash))

    def post(self) -> Response:
        """Write many posts, a line each; a broken line is reported and the rest goes on."""
        self._access.check(request.environ, "write")
        self._intake.check()
        bulk = _Bulk(self._intake)
        for number, line in lines_of(request):
            bulk.add(number, line)
        bulk.flush()
        counts = {name: bulk.counts[name] for name in _COUNTED}
        return self._replies.give({"lines": bulk.n_lines, **counts, "errors": bulk.errors})

    def _allowed(self) -> str:
        """The id a request is about, if it may write."""
        self._access.check(request.environ, "write")
        self._intake.check()
        return _checked(id_in_path(request.environ, ""))


def _checked(post_id: str) -> str:
    try:
        return fields.identifier("id", post_id)
    except PostError as error:
        raise RefusedError(INVALID_POST, f"{error.reason}.") from None


_COUNTED = ("added", "changed", "unchanged", "withdrawn", "failed")


class _Bulk:
    """Lines on their way into the archive."""

    def __init__(self, intake: Intake) -> None:
        self.counts: Counter[str] = Counter()
        self.errors: list[dict[str, Any]] = []
        self.n_lines = 0
        self._n_kept = 0
        self._intake = intake
        self._batch: list[Post | Hidden] = []
        self._n_bytes = 0

    def add(self, number: int, line: bytes | None) -> None:
        """Take in a line, or note what is wrong with it."""
        self.n_lines += 1
        try:
            if line is None:
                raise PostError(f"the line is longer than {MAX_POST_BYTES >> 20} MiB")
            self._batch.append(change_of(loads(line), self._intake.now))
        except PostError as error:
            self._failed(number, error.reason, error.post_id)
            return
        except ValueError as error:
            self._failed(number, str(error), None)
            return
        self._n_bytes += len(line)
        if len(self._batch) >= BATCH or self._n_bytes >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was taken in so far."""
        if self._batch:
            try:
                taken = self._intake.take(self._batch)
            except RefusedError as refusal:
                raise self._broke_off(refusal) from None
            self.counts.update(one.result for one in taken)
        self._batch, self._n_bytes = [], 0
        self._n_kept = self.n_lines

    def _broke_off(self, refusal: RefusedError) -> RefusedError:
        """A refusal that says what was kept before it; nothing of it is lost, or written twice."""
        if refusal.kind is not NOT_KEPT or not self._n_kept:
            return refusal
        detail = (
            f"The first {self._n_kept} lines are kept, and the service's log says why those after "
            "them may not be. Send it again, the whole or the rest."
        )
        return RefusedError(NOT_KEPT, detail)

    def _failed(self, number: int, reason: str, post_id: str | None) -> None:
        self.counts["failed"] += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append({"line": number, "id": post_id, "detail": reason})


def change_of(content: Any, now: datetime) -> Post | Hidden:
    """What a JSON object asks for: a post to be written, or one to be hidden.

    Args:
        content: As in ``docs/jsonl.md``; what says that it is not public, or is dated
            after ``now``, is hidden.
        now: The aware present.

    Raises:
        PostError: It is no post.
    """
    if isinstance(content, Mapping) and (reason := not_public(content)):
        return Hidden(fields.identifier("id", content.get("id")), reason, _url_of(content))
    post = post_from_json(content)
    if post.published is not None and post.published > now:
        return Hidden(post.id, "scheduled", post.url)
    return post


def _unknown(content: Any) -> list[dict[str, str | None]]:
    """Members of a post that are none of ours, each with the one that was perhaps meant."""
    if not isinstance(content, Mapping):
        return []
    names = [name for name in unknown_members(content) if name not in PRIVACY]
    known = (*FIELDS, *SYNONYMS, *PRIVACY)
    return [
        {"member": name[:LONGEST_ECHO], "nearest": nearest(name, known)}
        for name in names[:MAX_UNKNOWN]
    ]


def _id_of(content: Mapping[str, Any]) -> str | None:
    try:
        return fields.identifier("id", content.get("id"))
    except PostError:
        return None


def _url_of(content: Mapping[str, Any]) -> str:
    """The address of a post that is to be hidden, where it says a good one."""
    try:
        return fields.url("url", content.get("url"))
    except PostError:
        return ""
