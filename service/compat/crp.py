"""Contextual Related Posts' ``/wp-json/contextual-related-posts/v1/posts/<id>``."""

from __future__ import annotations

from typing import Any

from related_posts.errors import UnknownPostError
from service.api.answers import Answer
from service.api.desk import Desk
from service.api.parameters import MAX_LIMIT
from service.api.query import PLAIN, Options
from service.compat import core, refusals
from service.compat.refusals import RestError
from service.compat.rest import Question
from service.compat.shaping import shaped

DEFAULT_LIMIT = 6


def related(desk: Desk, post: str | None) -> Answer:
    """The related posts of a post, as WordPress's core sends posts.

    Args:
        desk: Where the version comes from.
        post: The post's number from the path; None takes the parameter ``id``.

    Raises:
        RestError: There is no such post, or a parameter does not fit.
    """
    question = Question(desk)
    given = question.given
    if post is None and given.text("id") is None:
        raise refusals.missing("id")
    number, limit, context = refusals.all_of(
        lambda: post if post is not None else str(given.whole("id", 0)),
        lambda: min(max(given.whole("limit", DEFAULT_LIMIT), 1), MAX_LIMIT),
        lambda: given.one_of("context", "view", core.CONTEXTS),
    )
    try:
        row = question.row(number)
    except UnknownPostError:
        raise refusals.invalid_post() from None
    if context == "edit":
        message = "Sorry, you are not allowed to view this context."
        raise RestError("rest_forbidden_context", message, 401)
    types = given.words("post_types")
    options = Options(same_author=True) if given.flag("same_author", False) else PLAIN

    def make() -> list[dict[str, Any]]:
        # All that is trained on are posts.
        if types and "post" not in types:
            return []
        without = question.rows(given.numbers("exclude_post_ids"))
        if categories := given.numbers("exclude_categories"):
            by_number = desk.finder(question.index).numbers.in_category
            without = without.union(*(by_number.get(each, ()) for each in categories))
        found = []
        for item in question.related(row, limit, without, options):
            known = question.known(item.row)
            found.append(shaped(given, known, core.post(known, context)))
        return found

    return question.answer("crp", (row,), make, [("Allow", "GET")])
