"""WordPress.com's ``POST /rest/v1.1/sites/<site>/posts/<id>/related``: numbers and scores."""

from __future__ import annotations

from typing import Any

import orjson
from flask import request

from related_posts.errors import UnknownPostError
from related_posts.wordpress.numbers import own_number
from service.api.answers import Answer
from service.api.desk import Desk
from service.api.parameters import MAX_LIMIT
from service.compat.refusals import RestError
from service.compat.rest import Question
from service.compat.yarpp import score

DEFAULT_SIZE = 10


class ComError(RestError):
    """An error in the shape of WordPress.com's older interface."""

    @property
    def content(self) -> dict[str, Any]:
        """The body."""
        return {"error": self.code, "message": self.message}


def related(desk: Desk, site: str, post: str) -> Answer:
    """The related posts of a post as hits.

    Args:
        desk: Where the version comes from.
        site: The blog's number, or its name, for which a number of ours is sent.
        post: The post's number.

    Raises:
        RestError: There is no such post, or the size is no number.
    """
    question = Question(desk)
    sent = request.form.get("size", "").strip() or question.given.text("size") or DEFAULT_SIZE
    try:
        size = min(max(int(sent), 1), MAX_LIMIT)
    except ValueError:
        raise ComError("invalid_input", "size must be a whole number", 400) from None
    try:
        row = question.row(post)
    except UnknownPostError:
        raise ComError("unknown_post", "Unknown post", 404) from None
    is_number = site.isascii() and site.isdigit() and len(site) <= 15
    blog = int(site) if is_number else own_number("site", site)
    hits = [
        {
            "_score": score(item),
            "fields": {"post_id": int(question.index.numbers[item.row]), "blog_id": blog},
        }
        for item in question.related(row, size)
    ]
    most = max((hit["_score"] for hit in hits), default=None)  # type: ignore[type-var]  # numbers
    content = {"total": len(hits), "max_score": most, "hits": hits}
    return desk.fresh(request.environ, orjson.dumps(content))
