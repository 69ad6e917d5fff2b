"""YARPP's ``GET /wp-json/yarpp/v1/related/<id>``."""

from __future__ import annotations

from typing import Any

from related_posts.errors import UnknownPostError
from related_posts.items import rounded
from service.api.answers import Answer
from service.api.desk import Desk
from service.api.selection import Chosen
from service.compat import core
from service.compat.refusals import RestError, all_of
from service.compat.rest import Question
from service.compat.shaping import shaped

DEFAULT_LIMIT = 4
MAX_LIMIT = 20


def related(desk: Desk, post: str) -> Answer:
    """The related posts of a post, as WordPress's core sends posts, with their scores.

    ``password`` is not looked at: no version holds protected posts.

    Raises:
        RestError: There is no such post, or a parameter does not fit.
    """
    question = Question(desk)
    given = question.given
    limit, context = all_of(
        lambda: given.within("limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        lambda: given.one_of("context", "embed", core.CONTEXTS),
    )
    try:
        row = question.row(post)
    except UnknownPostError:
        raise _forbidden("Sorry, you are not allowed to read this post.") from None
    if context == "edit":
        raise _forbidden("Sorry, you are not allowed to edit posts in this post type.")
    chosen = question.related(row, limit)

    def make() -> list[dict[str, Any]]:
        found = []
        for item in chosen:
            known = question.known(item.row)
            post = core.post(known, context, score=score(item))
            found.append(shaped(given, known, post))
        return found

    headers = [("X-WP-Total", str(len(chosen))), ("X-WP-TotalPages", "1"), ("Allow", "GET")]
    return question.answer("yarpp", (row,), make, headers)


def score(item: Chosen) -> float:
    """The score as every answer has it, and 0 for none."""
    return rounded(item.score or 0.0)


def _forbidden(message: str) -> RestError:
    return RestError("rest_forbidden_context", message, 401)
