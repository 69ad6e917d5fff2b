"""Vectors: which are others than in the version before, and where they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from training.increment.change import Change
from training.looking import Terms, TooManyError, matrix_of, terms_of
from training.smoothing import either_way, smooth
from training.splicing import lists_of, rows_of
from training.ties import Ties

#: Share of the vectors that a version may have for itself before it writes all of them anew.
MOST_FRESH = 0.2


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of the next version.

    Attributes:
        arrays: That hold them and tell all places.
        fresh: Those that are not shared, and what they borrow.
        changed: Whose are others than before, shape (n,).
        placed: Rows of the posts that have another place than before, in the order of these.
        n_weights: Weights of all.
    """

    arrays: dict[str, NDArray[Any]]
    fresh: tuple[csr_array, csr_array]
    changed: NDArray[np.bool_]
    placed: NDArray[np.intp]
    n_weights: int


def titles(change: Change) -> csr_array:
    """Title words of each post."""
    titles = change.before.titles
    new = [change.look[row].title for row in change.new.tolist()]
    (indices, data), indptr = lists_of(
        [titles.indices, titles.data],
        titles.indptr,
        change.origin,
        [[columns for columns, _ in new], [values for _, values in new]],
    )
    return csr_array((data, indices, indptr), shape=(change.n, titles.shape[1]))


def vectors(change: Change, links: dict[str, NDArray[Any]], renamed: Sequence[int]) -> Vectors:
    """Which vectors are others than before, and the arrays that hold them.

    Args:
        change: What changed.
        links: Which posts each post links to now.
        renamed: Rows of posts that need another place whatever their vectors are, ascending.
    """
    now = either_way(links["links_indices"], links["links_indptr"])
    wanted = reached(change, now)
    every = smoothed(change, now, wanted)
    olds = _held(change, wanted[change.origin[wanted] >= 0])
    own = {
        row: vector
        for row, vector in zip(wanted.tolist(), every, strict=True)
        if row not in olds or not _is_same(vector, olds[row])
    }
    changed = np.zeros(change.n, bool)
    changed[list(own)] = True
    own |= _held(change, np.array([row for row in renamed if row not in own], np.intp))
    return placed(change, own, changed)


def _held(change: Change, rows: NDArray[np.intp]) -> dict[int, _Own]:
    """The vectors that some posts had."""
    before, earlier = change.before, change.origin[rows]
    vectors, lent = before.vectors_of(earlier), before.borrowed_of(earlier)
    return {row: _Own.of(vectors, lent, at) for at, row in enumerate(rows.tolist())}


def reached(change: Change, now: csr_array) -> NDArray[np.intp]:
    """Rows whose vectors may be others: changed posts, and those that changed links reach.

    Args:
        change: What changed.
        now: Which posts are linked now.
    """
    before = change.before
    if change.settings.link_weight == 0.0 or not (now.nnz or len(before.array("links_indices"))):
        return change.new
    was = either_way(before.array("links_indices"), before.array("links_indptr"))
    degrees = np.diff(was.indptr)
    starts = change.row_of[np.repeat(np.arange(before.n_posts), degrees)]
    ends = change.row_of[was.indices]
    both = (ends >= 0) & (starts >= 0)
    other = np.zeros(change.n, bool)
    other[change.new] = True
    other |= np.diff(now.indptr) != rows_of(
        degrees, change.origin, np.zeros(len(change.new), degrees.dtype)
    )
    # Both in row order, a number for each: what is in one alone is a link that is new or gone.
    here = np.repeat(np.arange(change.n), np.diff(now.indptr))
    differing = np.setxor1d(
        here * change.n + now.indices,
        starts[both].astype(np.int64) * change.n + ends[both],
        assume_unique=True,
    )
    other[differing // change.n] = True
    other[here[other[now.indices]]] = True
    return np.flatnonzero(other)


def smoothed(change: Change, now: csr_array, wanted: NDArray[np.intp]) -> list[_Own]:
    """The vectors of some rows, from those of the posts they are linked with."""
    n_terms = len(change.kept.vocabulary)
    is_wanted = np.zeros(change.n, bool)
    is_wanted[wanted] = True
    needed = is_wanted.copy()
    if change.settings.link_weight:
        needed[now[wanted].indices] = True
    rows = np.flatnonzero(needed).tolist()
    raw = matrix_of(unsmoothed(change, rows), n_terms)
    starts = np.zeros(change.n + 1, np.int64)
    starts[1:][rows] = np.diff(raw.indptr)
    every = csr_array((raw.data, raw.indices, np.cumsum(starts)), shape=(change.n, n_terms))
    smoothed, lent = smooth(every, now, change.settings.link_weight, is_wanted)
    return [_Own.of(smoothed, lent, row) for row in wanted.tolist()]


def unsmoothed(change: Change, rows: list[int]) -> list[Terms]:
    """Vectors of some rows as they are before smoothing."""
    links, indptr = (change.before.array(f"links_{name}") for name in ("indices", "indptr"))
    was_linked = np.append(np.diff(indptr) > 0, True)  # the last place is for those that are new
    was_linked[links] = True
    at = np.array(rows, np.intp)
    # What had no links was not smoothed, so that the version holds its vector.
    held = at[~was_linked[change.origin[at]]]
    vectors = change.before.vectors_of(change.origin[held])
    found = {row: terms_of(vectors, place) for place, row in enumerate(held.tolist())}
    others = [row for row in rows if row not in found]
    found |= {row: each.vector for row, each in zip(others, change.look.at(others), strict=True)}
    return [found[row] for row in rows]


def placed(change: Change, own: dict[int, _Own], changed: NDArray[np.bool_]) -> Vectors:
    """Give posts their places, behind all that were ever given."""
    before, n_terms = change.before, len(change.kept.vocabulary)
    rows = np.array(sorted(own), np.intp)
    if change.n_places - change.n_shared + len(rows) > max(MOST_FRESH * change.n, 10):
        raise TooManyError
    places = rows_of(change.places, change.origin, np.full(len(change.new), -1, np.int32))
    places[rows] = change.n_places + np.arange(len(rows), dtype=np.int32)
    posts_at = np.full(change.n_places + len(rows), -1, np.int32)
    posts_at[places] = np.arange(change.n, dtype=np.int32)

    fresh = matrix_of((own[row].vector for row in rows.tolist()), n_terms)
    borrowed = _pattern_of([own[row].borrowed for row in rows.tolist()], n_terms)
    ties = Ties.of(own_marks(change, rows.tolist()), places[rows].tolist())
    if before.shares:
        earlier = (before.parts(name)[1] for name in ("vectors", "borrowed"))
        fresh, borrowed = (
            csr_array(vstack(parts, format="csr"))
            for parts in zip(earlier, (fresh, borrowed), strict=True)
        )
        ties = change.tables[1].joined(ties)
    sizes = np.concatenate([np.diff(before.array("vectors_indptr")), np.diff(fresh.indptr)])
    return Vectors(
        {
            "places": places,
            "posts_at": posts_at,
            "fresh_data": fresh.data,
            "fresh_indices": fresh.indices.astype(np.int32, copy=False),
            "fresh_indptr": fresh.indptr.astype(np.int64),
            "fresh_borrowed_indices": borrowed.indices.astype(np.int32, copy=False),
            "fresh_borrowed_indptr": borrowed.indptr.astype(np.int64),
            "fresh_ties": ties.hashes,
            "fresh_ties_owners": ties.owners,
        },
        (fresh, borrowed),
        changed,
        rows,
        int(sizes[places].sum()),
    )


def own_marks(change: Change, rows: list[int]) -> list[NDArray[np.uint64]]:
    """The ties of some posts: of one that is as it was those that it had."""
    old = np.array([row for row in rows if change.origin[row] >= 0], np.intp)
    hashes, owners = zip(
        *(table.of_owners(change.places[change.origin[old]]) for table in change.tables),
        strict=True,
    )
    marks, whose = np.concatenate(hashes), change.row_at[np.concatenate(owners)]
    turn = np.argsort(whose, kind="stable")
    begins, ends = (np.searchsorted(whose[turn], old, side=side) for side in ("left", "right"))
    held = {
        row: marks[turn[begin:end]]
        for row, begin, end in zip(old.tolist(), begins, ends, strict=True)
    }
    return [held[row] if row in held else change.look[row].marks for row in rows]


class _Own(NamedTuple):
    """A post's vector, and the columns that it has by its links alone."""

    vector: Terms
    borrowed: NDArray[np.int32]

    @classmethod
    def of(cls, vectors: csr_array, borrowed: csr_array, row: int) -> _Own:
        """A row of both matrices."""
        return cls(terms_of(vectors, row), terms_of(borrowed, row)[0])


def _is_same(one: _Own, other: _Own) -> bool:
    pairs = zip((*one.vector, one.borrowed), (*other.vector, other.borrowed), strict=True)
    return all(np.array_equal(*each) for each in pairs)


def _pattern_of(rows: Sequence[NDArray[np.int32]], n_terms: int) -> csr_array:
    """Rows of columns as a matrix that is True there."""
    columns = np.concatenate([np.empty(0, np.int32), *rows])
    indptr = np.cumsum([0, *map(len, rows)])
    return csr_array((np.ones(len(columns), bool), columns, indptr), shape=(len(rows), n_terms))
