"""Arrange one list: pins at their places, cornerstones where they are due, the rest in order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

#: Of so many places in a row, one goes to a cornerstone post where one is related.
CORNERSTONE_EVERY = 5

#: A cornerstone post is lifted from among so many of the best: how far a page's candidates
#: reach beyond that depends on the page, and pages must fit together.
CORNERSTONE_REACH = 50

PINNED = "pinned"
CORNERSTONE = "cornerstone"


def arrange(
    ranked: Sequence[int],
    pins: Sequence[tuple[int, int]],
    cornerstones: Collection[int],
    limit: int,
    offset: int = 0,
) -> list[tuple[int, str | None]]:
    """The rows to show, with why a row stands where ranking alone would not have put it.

    A pin takes its place, or the next one that no other pin has taken; where the list
    is too short for that, it stands at the end. The list is then cut into windows of
    ``CORNERSTONE_EVERY`` places, or of ``limit`` where that is less. Where a window
    holds no cornerstone and one is ranked below it, among the ``CORNERSTONE_REACH`` best,
    the best of those takes the window's last place that is not pinned. So pages that are
    asked for with one ``limit`` fit together, and no post is shown twice.

    Args:
        ranked: Rows, best first, without repetition.
        pins: Place from 1, and row; of two with one place the first is placed first, of
            two with one row the first counts. A pinned row need not be ranked.
        cornerstones: Rows of cornerstone posts.
        limit: Most rows wanted, at least 1.
        offset: Rows left out at the start, at least 0.

    Returns:
        Rows with ``PINNED``, ``CORNERSTONE`` or None.
    """
    placed = slots(pins)
    taken = {row for _, row in placed}
    rest = [row for row in ranked if row not in taken]
    liftable = set(ranked[:CORNERSTONE_REACH]).intersection(cornerstones)
    due = [rank for rank, row in enumerate(rest) if row in liftable]
    window = min(CORNERSTONE_EVERY, limit)
    pinned_places = {place for place, _ in placed}
    found: list[tuple[int, str | None]] = []
    lifted: set[int] = set()
    next_pin = next_rest = 0
    is_satisfied, last_free = False, 0
    while len(found) < offset + limit:
        place = len(found) + 1
        while next_rest < len(rest) and rest[next_rest] in lifted:
            next_rest += 1
        if (place - 1) % window == 0:
            places = range(place, place + window)
            last_free = max((one for one in places if one not in pinned_places), default=0)
            is_satisfied = any(row in cornerstones for one, row in placed if one in places)
        is_left = next_rest < len(rest)
        if next_pin < len(placed) and (placed[next_pin][0] <= place or not is_left):
            row = placed[next_pin][1]
            found.append((row, PINNED))
            next_pin += 1
        elif not is_left:
            break
        else:
            row = rest[next_rest]
            reason: str | None = None
            if place == last_free and not is_satisfied and row not in cornerstones:
                below = (rest[rank] for rank in due if rank > next_rest)
                if (other := next((one for one in below if one not in lifted), None)) is not None:
                    row, reason = other, CORNERSTONE
                    lifted.add(other)
            found.append((row, reason))
            next_rest += reason is None
        is_satisfied = is_satisfied or row in cornerstones
    return found[offset:]


def slots(pins: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pins with the places they get in a list that is long enough, ascending."""
    placed: list[tuple[int, int]] = []
    seen: set[int] = set()
    for position, row in sorted(pins, key=lambda pin: pin[0]):
        if row not in seen:
            seen.add(row)
            placed.append((max(position, placed[-1][0] + 1 if placed else 1), row))
    return placed
