"""Jetpack's related posts: the answer to ``?relatedposts=1``, and the field of core posts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from related_posts.errors import UnknownPostError
from service.api.answers import Answer
from service.api.desk import Desk, row_of
from service.api.rendering import first_words
from service.api.selection import Chosen
from service.compat import core, refusals
from service.compat.known import Known
from service.compat.refusals import RestError
from service.compat.rest import Question
from service.compat.shaping import shaped
from service.html import words
from service.html.days import day

#: Jetpack's own number of this answer's form.
VERSION = "20211209"
DEFAULT_SIZE = 3
MAX_SIZE = 20
#: Posts in the field of a core post.
FIELD_SIZE = 6
EXCERPT_WORDS = 50
FIELD = "jetpack-related-posts"

_ASKING = re.compile(r"(?<=[?&])relatedposts(?:_\w+)?=[^&#]*&?")


def related(desk: Desk) -> Answer:
    """The related posts of the post of an address or a number, always those that there are.

    Raises:
        RestError: Neither is given, or the size is no number.
    """
    question = Question(desk)
    given = question.given
    size = min(max(given.whole("size", DEFAULT_SIZE), 1), MAX_SIZE)
    url, number = given.text("url"), given.text("id")
    try:
        if url:
            row: int | None = row_of(question.index, question.overlay, url=_plain(url))
        elif number:
            row = question.row(number)
        else:
            raise refusals.missing("url")
    except UnknownPostError:
        row = None

    def make() -> dict[str, Any]:
        without = question.rows(
            [*given.numbers("relatedposts_exclude"), *given.numbers("relatedposts_origin")]
        )
        chosen = [] if row is None else question.related(row, size, without)
        language = "" if row is None else question.index.post(row)["language"]
        headline = given.text("headline")
        return {
            "version": VERSION,
            "show_thumbnails": given.flag("show_thumbnails", False),
            "show_date": given.flag("show_date", True),
            "show_context": given.flag("show_context", True),
            "layout": "list" if given.text("layout") == "list" else "grid",
            "headline": _headline(language) if headline is None else headline,
            "items": [] if row is None else _items(question, row, chosen),
        }

    return question.answer("jetpack", (row,), make, [])


def post(desk: Desk, post: str) -> Answer:
    """A core post with Jetpack's field in it, which ``_fields`` most often asks for alone.

    Raises:
        RestError: There is no such post, or the context is not one for everyone.
    """
    question = Question(desk)
    context = question.given.one_of("context", "view", core.CONTEXTS)
    try:
        row = question.row(post)
    except UnknownPostError:
        raise refusals.invalid_post() from None
    if context == "edit":
        message = "Sorry, you are not allowed to edit this post."
        raise RestError("rest_forbidden_context", message, 401)

    def make() -> dict[str, Any]:
        known = question.known(row)
        items = _items(question, row, question.related(row, FIELD_SIZE))
        return shaped(question.given, known, core.post(known, context, **{FIELD: items}))

    return question.answer("post", (row,), make, [("Allow", "GET")])


def _plain(url: str) -> str:
    """A post's address without what Jetpack's own script puts behind it."""
    return _ASKING.sub("", url).rstrip("?&")


def _headline(language: str) -> str:
    """Jetpack's own word in English, ours elsewhere."""
    heading = words.heading(language)
    return "Related" if heading == words.HEADINGS["en"] else heading


def _items(question: Question, row: int, chosen: Iterable[Chosen]) -> list[dict[str, Any]]:
    origin = int(question.index.numbers[row])
    return [
        _item(question.known(item.row), origin, position) for position, item in enumerate(chosen)
    ]


def _item(known: Known, origin: int, position: int) -> dict[str, Any]:
    item, picture = known.item, known.picture
    return {
        "id": known.number,
        "url": item["url"],
        "url_meta": {"origin": origin, "position": position},
        "title": item["title"],
        "date": day(item["published"], item["language"]),
        "format": known.details.get("format", False),
        "excerpt": first_words(item["excerpt"], EXCERPT_WORDS),
        "rel": "",
        "context": _context(known),
        "img": {
            "alt_text": picture["alt"] if picture else "",
            "src": picture["src"] if picture else "",
            "width": (picture["width"] or 0) if picture else 0,
            "height": (picture["height"] or 0) if picture else 0,
        },
        # The client reads them without asking whether they are there.
        "classes": [],
    }


def _context(known: Known) -> str:
    names = [*known.item["categories"], *known.item["tags"]]
    return f'In "{names[0]}"' if names else "Similar post"
