"""What is shown of posts, and what WordPress says of them, in the next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts.index import Index
from training import packing
from training.increment.change import Change

Items = Mapping[int, bytes]


def items(change: Change, rows: Sequence[int], of_series: Sequence[bytes]) -> Items:
    """The items of posts that are new or may be shown otherwise than before, by row.

    Args:
        change: What changed.
        rows: Posts whose series may be another one.
        of_series: Their items.
    """
    seen = ((row, change.look[row]) for row in change.new.tolist())
    own = {row: each.facts.items[each.at] for row, each in seen}
    return own | dict(zip(rows, of_series, strict=True))


def renamed(change: Change, items: Items) -> list[int]:
    """Posts that stay as they were and are shown otherwise, ascending rows."""
    origin = change.origin
    return [
        row
        for row in sorted(items)
        if origin[row] >= 0 and change.before.item(int(origin[row])) != items[row]
    ]


def strings(change: Change, rows: NDArray[np.intp], items: Items) -> dict[str, NDArray[Any]]:
    """The strings of posts that have other places than before, behind those that were there.

    Args:
        change: What changed.
        rows: Their rows, in the order of the places.
        items: What :func:`items` gave.
    """
    before = change.before
    shown, told = [], []
    for row in rows.tolist():
        origin = int(change.origin[row])
        shown.append(items[row] if row in items else before.item(origin))
        if origin < 0:
            seen = change.look[row]
            told.append(seen.facts.wordpress[seen.at])
        else:
            told.append(before.wordpress_json(origin))
    return {
        **_behind(before, "fresh_items", shown),
        **_behind(before, "fresh_wordpress", told),
    }


def _behind(before: Index, name: str, strings: list[bytes]) -> dict[str, NDArray[Any]]:
    found = packing.strings(name, strings)
    if not before.shares:
        return found
    offsets = before.array(f"{name}_offsets")
    more = offsets[-1] + found[f"{name}_offsets"][1:]
    return {
        name: np.concatenate([before.array(name), found[name]]),
        f"{name}_offsets": np.concatenate([offsets, more]),
    }
