"""ElasticPress' ``GET /wp-json/wp/v2/posts/<id>/related``."""

from __future__ import annotations

from typing import Any

from related_posts.errors import UnknownPostError
from service.api.answers import Answer
from service.api.desk import Desk
from service.api.parameters import MAX_LIMIT
from service.compat.known import Known
from service.compat.rest import Question

DEFAULT_LIMIT = 5


def related(desk: Desk, post: str) -> Answer:
    """The related posts of a post; none, as from the plugin, where there is no such post.

    Raises:
        RestError: A parameter does not fit.
    """
    question = Question(desk)
    limit = min(max(question.given.whole("number", DEFAULT_LIMIT), 1), MAX_LIMIT)
    try:
        row = question.row(post)
    except UnknownPostError:
        return question.answer("elasticpress", (None,), list, [("Allow", "GET")])

    def make() -> list[dict[str, Any]]:
        return [_post(question.known(item.row)) for item in question.related(row, limit)]

    return question.answer("elasticpress", (row,), make, [("Allow", "GET")])


def _post(known: Known) -> dict[str, Any]:
    return {
        "id": known.number,
        "link": known.item["url"],
        "status": "publish",
        "title": {"raw": known.item["title"], "rendered": known.title},
        "author": known.author,
        "parent": 0,
        "menu_order": 0,
        "content": {"rendered": known.excerpt},
        "date": known.date,
        "date_gmt": known.date_gmt,
        "modified": known.modified,
        "modified_gmt": known.modified_gmt,
    }
