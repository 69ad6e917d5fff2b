"""Groups: which posts are translations, copies and parts of series of each other now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from related_posts.duplicates import groups as copies_of
from related_posts.items import with_series
from related_posts.series import groups as series_of
from related_posts.series import named
from related_posts.translations import groups as translations_of
from training.increment.change import Change
from training.splicing import rows_of
from training.ties import Kind

#: Numbers the groups among some rows that share them with no others, -1 for none.
Grouping = Callable[[Change, list[int]], NDArray[np.int32]]


def regrouped(
    change: Change, name: str, kinds: Sequence[Kind], groups: Grouping
) -> NDArray[np.int32]:
    """Group of each post, numbered by first rows."""
    earlier = change.before.array(name)
    rows = change.concerned(kinds, earlier)
    labels = rows_of(earlier, change.origin, np.full(len(change.new), -1, np.int32))
    own = groups(change, rows)
    labels[rows] = np.where(own >= 0, own + earlier.max(initial=-1) + 1, -1)
    return _numbered(labels)


def translations(change: Change, rows: list[int]) -> NDArray[np.int32]:
    """Groups of translations among some posts that share them with no others."""
    seen = change.look.at(rows)
    return translations_of(
        [each.facts.outlines[each.at] for each in seen],
        [each.language for each in seen],
        change.before.array("common_things"),
    )


def copies(change: Change, rows: list[int]) -> NDArray[np.int32]:
    """Groups of copies, likewise."""
    prints = [each.facts.prints[each.at] for each in change.look.at(rows)]
    return copies_of(prints, change.before.array("templates"))


def series(change: Change) -> tuple[NDArray[np.int32], NDArray[np.int16], list[int], list[bytes]]:
    """Series and part of each post; rows whose items may say another, and these items."""
    before = change.before
    earlier = before.series
    rows = change.concerned((Kind.SERIES,), earlier)
    seen = change.look.at(rows)
    parts = [each.facts.parts[each.at] for each in seen]
    days = np.array([each.facts.days[each.at] for each in seen], np.float64)
    own, numbers = series_of(parts, days, [each.language for each in seen])
    labels = rows_of(earlier, change.origin, np.full(len(change.new), -1, np.int32))
    labels[rows] = np.where(own >= 0, own + earlier.max(initial=-1) + 1, -1)
    part = rows_of(before.part, change.origin, np.zeros(len(change.new), np.int16))
    part[rows] = numbers
    items = [each.facts.items[each.at] for each in seen]
    return _numbered(labels), part, rows, with_series(items, named(parts, own))


def languages(change: Change) -> NDArray[np.int16]:
    """Place of each post's language among the codes."""
    place = {code: number for number, code in enumerate(change.codes)}
    earlier = np.array([place.get(code, -1) for code in change.before.manifest.languages], np.int16)
    own = [place[change.look[row].language] for row in change.new.tolist()]
    return rows_of(earlier[change.before.languages], change.origin, np.array(own, np.int16))


def _numbered(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """The same groups, numbered by their first rows; -1 stays."""
    (there,) = np.nonzero(labels >= 0)
    _, first, which = np.unique(labels[there], return_index=True, return_inverse=True)
    number = np.empty(len(first), np.int32)
    number[np.argsort(first)] = np.arange(len(first))
    found = np.full(len(labels), -1, np.int32)
    found[there] = number[which]
    return found
