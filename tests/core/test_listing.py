"""Arranging a list, against slow and obvious code."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from related_posts.curation.listing import CORNERSTONE_EVERY, CORNERSTONE_REACH, arrange

ROWS = st.integers(0, 14)
RANKED = st.lists(ROWS, unique=True, max_size=20)
PINS = st.lists(st.tuples(st.integers(1, 12), ROWS), max_size=6)
CORNERSTONES = st.frozensets(ROWS, max_size=6)
LIMIT, OFFSET = st.integers(1, 12), st.integers(0, 12)


def places_of(pins: list[tuple[int, int]]) -> dict[int, int]:
    """Place to row: each pin where it wants to be, or at the next free place."""
    places: dict[int, int] = {}
    for position, row in sorted(pins, key=lambda pin: pin[0]):
        if row in places.values():
            continue
        while position in places or any(taken > position for taken in places):
            position += 1
        places[position] = row
    return places


def slow(
    ranked: list[int], pins: list[tuple[int, int]], cornerstones: Collection[int], limit: int
) -> list[tuple[int, str | None]]:
    """The whole list, by going through windows of a list with holes where the pins are."""
    places = places_of(pins)
    rest = [row for row in ranked if row not in places.values()]
    window = min(CORNERSTONE_EVERY, limit)
    n_places = max([len(rest) + len(places), *places]) + window
    # As if the ranking never ended: None stands for what is not there.
    found: list[tuple[int | None, str | None]] = []
    for start in range(1, n_places + 1, window):
        numbers = range(start, start + window)
        free = [number for number in numbers if number not in places]
        natural: list[int | None] = [*rest[: len(free)], *[None] * (len(free) - len(rest))]
        there = set(natural) | {places[number] for number in numbers if number in places}
        below = [row for row in rest[len(free) :] if row in cornerstones]
        lifted = None
        if free and below and not there & set(cornerstones):
            lifted = below[0]
            natural[-1] = lifted
        rest = [row for row in rest if row not in natural]
        for number in numbers:
            if number in places:
                found.append((places[number], "pinned"))
            else:
                row = natural.pop(0)
                is_lifted = row is not None and row == lifted
                found.append((row, "cornerstone" if is_lifted else None))
    return [(row, reason) for row, reason in found if row is not None]


@given(RANKED, PINS, CORNERSTONES, LIMIT, OFFSET)
def test_a_list_is_what_slow_code_makes(
    ranked: list[int],
    pins: list[tuple[int, int]],
    cornerstones: frozenset[int],
    limit: int,
    offset: int,
) -> None:
    """Pins, cornerstones, order and cut are those of the obvious way."""
    found = arrange(ranked, pins, cornerstones, limit, offset)
    assert found == slow(ranked, pins, cornerstones, limit)[offset : offset + limit]


@given(RANKED, PINS, CORNERSTONES, LIMIT)
def test_pages_fit_together(
    ranked: list[int], pins: list[tuple[int, int]], cornerstones: frozenset[int], limit: int
) -> None:
    """Pages asked for with one limit show every post once."""
    pages = [arrange(ranked, pins, cornerstones, limit, limit * page) for page in range(40)]
    rows = [row for page in pages for row, _ in page]
    assert len(rows) == len(set(rows))
    assert set(rows) == {*ranked, *(row for _, row in pins)}


@given(RANKED, LIMIT, OFFSET)
def test_without_decisions_the_ranking_stays(ranked: list[int], limit: int, offset: int) -> None:
    """Nothing decided is nothing changed, and no reason given."""
    expected = [(row, None) for row in ranked[offset : offset + limit]]
    assert arrange(ranked, [], frozenset(), limit, offset) == expected


@given(RANKED, PINS, CORNERSTONES, LIMIT)
def test_the_rest_keeps_its_order(
    ranked: list[int], pins: list[tuple[int, int]], cornerstones: frozenset[int], limit: int
) -> None:
    """What nobody decided about stands in the order of the ranking."""
    rest = [row for row, reason in arrange(ranked, pins, cornerstones, limit) if reason is None]
    assert rest == [row for row in ranked if row in rest]


def test_pins_by_hand() -> None:
    """Two for one place, one beyond the end, one that is ranked, and one twice."""
    ranked = [1, 2, 3]
    assert arrange(ranked, [(1, 8), (1, 9)], (), 5) == [
        (8, "pinned"), (9, "pinned"), (1, None), (2, None), (3, None),
    ]  # fmt: skip
    assert arrange(ranked, [(9, 8)], (), 5) == [(1, None), (2, None), (3, None), (8, "pinned")]
    assert arrange(ranked, [(9, 8)], (), 3) == [(1, None), (2, None), (3, None)]
    assert arrange(ranked, [(2, 3)], (), 5) == [(1, None), (3, "pinned"), (2, None)]
    assert arrange(ranked, [(3, 8), (1, 8)], (), 2) == [(8, "pinned"), (1, None)]


def test_cornerstones_by_hand() -> None:
    """One is lifted to the last place it is due at, and none where one is there already."""
    ranked = list(range(1, 10))
    rows = [row for row, _ in arrange(ranked, [], {8}, 5)]
    assert rows == [1, 2, 3, 4, 8]
    assert arrange(ranked, [], {8}, 3)[-1] == (8, "cornerstone")
    assert arrange(ranked, [], {2, 8}, 5) == [(row, None) for row in ranked[:5]]
    assert arrange(ranked, [], {5}, 5)[-1] == (5, None)
    assert [row for row, _ in arrange(ranked, [], {8, 9}, 9)] == [1, 2, 3, 4, 8, 5, 6, 7, 9]
    # A pin on the window's last place leaves the one before it; a pinned cornerstone is enough.
    assert [row for row, _ in arrange(ranked, [(5, 20)], {8}, 5)] == [1, 2, 3, 8, 20]
    assert [row for row, _ in arrange(ranked, [(5, 20)], {8, 20}, 5)] == [1, 2, 3, 4, 20]
    assert arrange(ranked, [], {40}, 5) == [(row, None) for row in ranked[:5]]


@given(PINS, st.frozensets(st.integers(100, 189), max_size=8), LIMIT)
def test_pages_fit_together_far_down(
    pins: list[tuple[int, int]], cornerstones: frozenset[int], limit: int
) -> None:
    """Also where each page has no more candidates than it needs, as the service gives it."""
    ranked = list(range(100, 190))
    rows = []
    for offset in range(0, len(ranked), limit):
        candidates = ranked[: max(offset + limit + len(pins), CORNERSTONE_REACH)]
        rows += [row for row, _ in arrange(candidates, pins, cornerstones, limit, offset)]
    assert len(rows) == len(set(rows))
    assert set(ranked[:80]) <= set(rows)
