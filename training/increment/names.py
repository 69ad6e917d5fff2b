"""Names: which words lead to which post now, and where links lead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts import lookup
from related_posts.addresses import lookup_entries
from related_posts.blobs import Blob
from related_posts.links import resolve
from related_posts.lookup import Lookup
from training.increment.change import Change
from training.splicing import lists_of
from training.ties import Kind, linked

_LOOKUP = ("lookup_slots", "lookup_keys", "lookup_offsets", "lookup_rows")


def names(change: Change) -> tuple[dict[str, NDArray[Any]], NDArray[np.uint64]]:
    """The table of ids and addresses, and the marks of all that may lead elsewhere now."""
    rows = change.concerned((Kind.ADDRESS, Kind.ID))
    seen = change.look.at(rows)
    entries = lookup_entries(
        [
            each.facts.addresses[each.at]._replace(row=row)
            for row, each in zip(rows, seen, strict=True)
        ],
        site=change.settings.site,
        former=change.settings.former_sites,
    )
    own = change.row_of.copy()
    own[change.origin[rows][change.origin[rows] >= 0]] = -1
    table = lookup.amended(
        {name: change.before.array(name) for name in _LOOKUP},
        own,
        lookup.first_of_each(entries),
    )
    marks = [change.left, *(each.marks for each in seen)]
    return table, linked(np.unique(np.concatenate(marks)))


def links(
    change: Change, table: dict[str, NDArray[Any]], renamed: NDArray[np.uint64]
) -> dict[str, NDArray[Any]]:
    """Which posts each post links to."""
    before = change.before
    rows = sorted(change.having(renamed) | set(change.new.tolist()))
    keys = Lookup(
        table["lookup_slots"],
        Blob(table["lookup_keys"], table["lookup_offsets"]),
        table["lookup_rows"],
    )
    found = [
        np.array(resolve(keys.get, row, *each.facts.links[each.at]), np.int32)
        for row, each in zip(rows, change.look.at(rows), strict=True)
    ]
    origin = change.origin.copy()
    origin[rows] = -1
    (indices,), indptr = lists_of(
        [change.row_of[before.array("links_indices")]],
        before.array("links_indptr"),
        origin,
        [found],
    )
    return {"links_indices": indices, "links_indptr": indptr}
