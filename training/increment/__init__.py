"""The increment: the next version from the live one, by a look at the few posts that matter.

Those are the posts that changed; those that share a tie with them (:mod:`training.ties`), since
they may be their copies, translations or parts of their series, or link to them; and those whose
vectors the changed links reach. All else is taken from the live version as it is. The result is
that of a build of everything under the same frozen statistics, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts import facets
from related_posts.archive.snapshot import Snapshot
from training.frozen import TAKEN, Frozen
from training.increment.change import Change
from training.increment.groups import copies as copies_of
from training.increment.groups import languages as languages_of
from training.increment.groups import regrouped
from training.increment.groups import series as series_of
from training.increment.groups import translations as translations_of
from training.increment.lists import SHARED as LISTS
from training.increment.lists import n_empty, placed
from training.increment.names import links as links_of
from training.increment.names import names
from training.increment.neighbours import neighbours as neighbours_of
from training.increment.shown import items as items_of
from training.increment.shown import renamed, strings
from training.increment.vectors import titles as titles_of
from training.increment.vectors import vectors as vectors_of
from training.looking import TooManyError
from training.neighbours.earlier import Earlier
from training.settings import TrainingSettings
from training.splicing import rows_of
from training.ties import Kind

#: What is shared with the version that is built upon: its very files are linked to.
SHARED = frozenset(
    (
        *TAKEN,
        *("items", "items_offsets", "wordpress", "wordpress_offsets"),
        *("vectors_data", "vectors_indices", "vectors_indptr"),
        *("postings_data", "postings_indices", "postings_indptr"),
        *("borrowed_indices", "borrowed_indptr"),
        *("ties", "ties_owners"),
    )
)

_FACETS = ("facet_keys", "facet_keys_offsets", "facet_rows", "facet_indptr")


@dataclass(frozen=True, slots=True)
class Increment:
    """What an increment came to.

    Attributes:
        arrays: All arrays of the version.
        codes: Its languages.
        n_seen: Posts that were looked at.
        n_found: Lists that are not as they were.
        n_weights: Weights of all vectors.
        n_empty: Lists that are empty.
        shared: Names of the arrays that are those of the version built upon.
    """

    arrays: dict[str, NDArray[Any]]
    codes: list[str]
    n_seen: int
    n_found: int
    n_weights: int
    n_empty: int
    shared: frozenset[str]


def increment(
    snapshot: Snapshot,
    ids: Sequence[str],
    contents: NDArray[np.uint64],
    kept: Frozen,
    origin: NDArray[np.int64],
    settings: TrainingSettings,
) -> Increment | None:
    """Build upon a version; the arguments are those of :class:`Change`.

    Returns:
        None where so much depends on what changed that a build of everything is as quick.
    """
    try:
        return _built(Change(snapshot, ids, contents, kept, origin, settings))
    except TooManyError:
        return None


def _built(change: Change) -> Increment:
    """The arrays of the next version."""
    before = change.before
    table, led_elsewhere = names(change)
    links = links_of(change, table, led_elsewhere)
    translations = regrouped(change, "translations", (Kind.TRANSLATION,), translations_of)
    duplicates = regrouped(change, "duplicates", (Kind.COPY,), copies_of)
    series, part, named_rows, named_items = series_of(change)
    languages = languages_of(change)
    seen = [change.look[row] for row in change.new.tolist()]
    days = rows_of(before.days, change.origin, [e.facts.days[e.at] for e in seen])
    titles = titles_of(change)
    items = items_of(change, named_rows, named_items)
    vectors = vectors_of(change, links, renamed(change, items))
    earlier = Earlier(before)
    none = np.full(change.n, -1, np.int32)
    merged = neighbours_of(
        change,
        earlier,
        vectors,
        titles,
        days,
        np.zeros(change.n, np.int16) if change.settings.cross_language else languages,
        (translations, duplicates),
        (
            none if change.settings.translations else translations,
            none if change.settings.duplicates else duplicates,
        ),
    )
    lists = placed(change, earlier, merged, vectors.arrays["places"])
    shared = SHARED | {name for name in LISTS if lists[name] is before.array(name)}
    arrays = {
        **{name: before.array(name) for name in SHARED},
        "damping": merged.damping,
        "days": days,
        "languages": languages,
        "translations": translations,
        "numbers": rows_of(
            before.numbers, change.origin, [each.facts.numbers[each.at] for each in seen]
        ),
        "duplicates": duplicates,
        "series": series,
        "part": part,
        "contents": change.contents,
        **table,
        **facets.amended(
            {name: before.array(name) for name in _FACETS},
            change.row_of,
            {
                row: change.look[row].facts.facets[change.look[row].at]
                for row in change.new.tolist()
            },
        ),
        **links,
        "titles_data": titles.data,
        "titles_indices": titles.indices.astype(np.int32, copy=False),
        "titles_indptr": titles.indptr.astype(np.int64),
        **strings(change, vectors.placed, items),
        **vectors.arrays,
        **lists,
    }
    return Increment(
        arrays,
        change.codes,
        len(change.look),
        len(merged.which),
        vectors.n_weights,
        n_empty(lists),
        frozenset(shared),
    )


__all__ = ["SHARED", "Increment", "increment"]
