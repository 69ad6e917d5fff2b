"""Query strings: the short way and the long way agree, and mistakes are worded."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from related_posts.errors import InvalidQueryError
from service.api.parameters import MAX_EXCLUDED
from service.api.query import PLAIN, Options, Query, parse, parse_fully, parse_options

PIECES = [
    *("id", "url", "limit", "exclude", "ID", "x", "=", "&", "+", "%", "%2F", "%2f", "%3A", "%25"),
    *("%C3%A9", "%E9", "%00", "/", "a", "5", "50", "51", "0", "05", "-1", "\xe9", "#", "?", ";"),
]


def outcome(parser: Callable[[str], Query], text: str) -> object:
    """The question, or what the error says."""
    try:
        return parser(text)
    except InvalidQueryError as mistake:
        return (mistake.field, mistake.value, mistake.allowed)


@settings(deadline=None, max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("id=%2Fa%2F&limit=5")
@example("id=%%2F41&limit=50")
@example("url=https%3A%2F%2Fa%3Fb%3Dc")
@example("id=a&limit=")
@example("id=")
@example("id=a&")
@example("id=a=b&limit=7")
def test_the_short_way_agrees_with_the_long(text: str) -> None:
    """Whatever the query string, both ways give the same question or the same error."""
    assert outcome(parse, text) == outcome(parse_fully, text)


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda text: text.isprintable()), st.integers(1, 50))
def test_any_id_survives_encoding(id_: str, limit: int) -> None:
    """An id encoded by either common function comes back as it was."""
    wanted = Query(id_, None, limit)
    assert parse(f"id={quote(id_, safe='')}&limit={limit}") == wanted
    assert parse(f"limit={limit}&id={quote_plus(id_)}") == wanted


def test_everything_together() -> None:
    """All parameters are read, in any order; exclude is repeatable and keeps its order."""
    found = parse("exclude=b%2F&limit=07&exclude=a+c&url=%2Fx%3Fp%3D1")
    assert found == Query(None, "/x?p=1", 7, Options(exclude=("b/", "a c")))
    assert parse_options("exclude=a&limit=2") == (2, Options(exclude=("a",)))
    assert parse_options("") == (5, PLAIN)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("", "id", ""),
        ("limit=3", "id", ""),
        ("id=", "id", ""),
        ("url=", "url", ""),
        ("id=a&url=b", "url", "b"),
        ("id=a&id=b", "id", "a, b"),
        ("id=a&limit=1&limit=1", "limit", "1, 1"),
        ("id=a&limit=", "limit", ""),
        ("id=a&limit=0", "limit", "0"),
        ("id=a&limit=51", "limit", "51"),
        ("id=a&limit=-1", "limit", "-1"),
        ("id=a&limit=1.5", "limit", "1.5"),
        ("id=a&limit=1e1", "limit", "1e1"),
        ("id=a&limit=+5", "limit", " 5"),
        ("id=a&limit=%D9%A5", "limit", "٥"),
        ("id=a&limit=" + "9" * 5000, "limit", "9" * 5000),
        ("id=a&limt=5", "limt", "5"),
        ("id=a&b", "b", ""),
        ("id=%ff", "id", "%ff"),
        ("id=a&%ff=1", "query", "%ff"),
    ],
)
def test_mistakes_name_field_and_value(text: str, field: str, value: str) -> None:
    """The error carries the parameter, what was given, and what is allowed."""
    with pytest.raises(InvalidQueryError) as caught:
        parse(text)
    assert (caught.value.field, caught.value.value) == (field, value)
    assert caught.value.allowed


def test_the_nearest_parameter_is_suggested() -> None:
    """A mistyped name is answered with the one it is closest to."""
    with pytest.raises(InvalidQueryError, match=r"did you mean exclude\?"):
        parse("id=a&exlude=b")


def test_too_many_exclusions_are_refused() -> None:
    """What one request may ask for is bounded."""
    parse("id=a" + "&exclude=b" * MAX_EXCLUDED)
    with pytest.raises(InvalidQueryError, match="exclude"):
        parse("id=a" + "&exclude=b" * (MAX_EXCLUDED + 1))
