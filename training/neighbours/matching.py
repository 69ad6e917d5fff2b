"""Matching: how some posts fit all others, from the postings of all of them.

To the bits of :mod:`related_posts.ranking`. Few posts of a small blog are matched by NumPy; where
there is more to do, by the compiled :mod:`training.neighbours.fitting`, in as many threads as
are allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import Adder, held_of
from related_posts.errors import IndexCorruptError
from related_posts.ranking import Factors, days_apart, final_score, time_factor, title_factor
from related_posts.weighting import Weights

if TYPE_CHECKING:
    from training.neighbours import fitting

#: Pairs of posts below which compiled code is not worth the time that it takes to load.
FEW_PAIRS = 200_000
#: Posts that a thread takes at a time.
_AT_ONCE = 8


class Part(NamedTuple):
    """Some of the vectors, by place.

    Attributes:
        vectors: Weights above 0, indices sorted, shape (n_places, n_terms).
        postings: The same by term, shape (n_terms, n_places).
        borrowed: Terms that posts have by their links alone, True, as the vectors.
    """

    vectors: csr_array
    postings: csr_array
    borrowed: csr_array


@dataclass(frozen=True, slots=True)
class Field:
    """All posts.

    Attributes:
        shared: The first vectors, by place.
        fresh: Those behind them.
        places: Place of each post, shape (n_posts,).
        titles: Title words of each, shape (n_posts, n_terms).
        days: Days since 1970 of publication, NaN for none, shape (n_posts,).
        together: Posts are related within a group only, shape (n_posts,).
        apart: Groups within which posts are never related, -1 for none, shape (n_posts,).
        copies: Groups of which a list shows one post at most, -1 for none, shape (n_posts,).
        factors: What raises a score beyond the cosine.
        floor: Final score below which posts are not related.
    """

    shared: Part
    fresh: Part
    places: NDArray[np.int32]
    titles: csr_array
    days: NDArray[np.float64]
    together: NDArray[np.int16]
    apart: NDArray[np.int32]
    copies: NDArray[np.int32]
    factors: Factors
    floor: float


class Asked(NamedTuple):
    """Which posts have to be among those that a post is found to fit; others may be.

    Those that it may be shown with, and

    Attributes:
        least: whose number here its final score reaches, if that reaches the floor; shape
            (n_posts,);
        damping: whose damping is 0 here, for it is not known yet; shape (n_posts,);
        best: so many of the others that are best after damping, reach the floor with it, and may
            be on its list;
        nearest: so many that are best before it, also below the floor.
    """

    least: NDArray[np.float64]
    damping: NDArray[np.float64]
    best: int
    nearest: int


class Fit(NamedTuple):
    """How a post fits some others, in row order.

    Attributes:
        rows: These posts.
        cosines: Of both, canonical.
        finals: Of both, before damping; above 0.
    """

    rows: NDArray[np.int32]
    cosines: NDArray[np.float64]
    finals: NDArray[np.float64]


class Matches:
    """Computes how posts fit all others.

    Args:
        field: All posts.
        jobs: Threads, as in joblib.
    """

    def __init__(self, field: Field, jobs: int) -> None:
        self._field, self._jobs = field, jobs
        self._adder = Adder()

    def fits(self, rows: Sequence[int], asked: Asked) -> list[Fit]:
        """How each of some posts fits those that were asked for.

        Raises:
            IndexCorruptError: Postings name posts that are not there.
        """
        if len(rows) * len(self._field.days) < FEW_PAIRS:
            return [self._plain(row) for row in rows]
        return self._compiled(rows, asked)

    def _plain(self, row: int) -> Fit:
        """How a post fits every post that it may be shown with."""
        field = self._field
        cosines, finals = self.line(row)
        excluded = field.together != field.together[row]
        excluded[row] = True
        if field.apart[row] >= 0:
            excluded |= field.apart == field.apart[row]
        finals[excluded] = 0.0
        (near,) = np.nonzero(finals > 0.0)
        return Fit(near.astype(np.int32), cosines[near], finals[near])

    def line(self, row: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Canonical cosine and final score before damping of every post, shape (n_posts,) each.

        The sums of ``ranking.cosines`` and ``ranking.title_coverage`` to the same bits.
        """
        field, factors = self._field, self._field.factors
        vector, own = self._of(row)
        title, day = Weights.of_row(field.titles, row), field.days[row]
        cosine = self._by_row(lambda part: self._adder.sums(part.postings, vector))
        words, titles = self._by_word
        place = np.searchsorted(words, own)
        known = place[np.append(words, -1)[place] == own].astype(np.int32)
        there = self._adder.sums(titles, Weights(known, np.ones(len(known))))
        back = self._by_row(lambda part: held_of(title, part.postings, part.borrowed))
        coverage = np.minimum(there, 1.0) + np.minimum(back, 1.0)
        cosine = np.minimum(cosine, 1.0)
        gaps = days_apart(np.array([day]), field.days)[0]
        time = time_factor(gaps, factors.time_weight, factors.time_days)
        return cosine, final_score(cosine, time, title_factor(coverage, factors.title_weight))

    def _of(self, row: int) -> tuple[Weights, NDArray[np.int32]]:
        """A post's vector, and the columns of it that are not lent, ascending."""
        shared, fresh = self._field.shared, self._field.fresh
        place = int(self._field.places[row])
        part = shared if place < shared.vectors.shape[0] else fresh
        place -= 0 if part is shared else shared.vectors.shape[0]
        vector, lent = Weights.of_row(part.vectors, place), Weights.of_row(part.borrowed, place)
        return vector, np.setdiff1d(vector.indices, lent.indices, assume_unique=True)

    def _by_row(self, by_place: Callable[[Part], NDArray[np.float64]]) -> NDArray[np.float64]:
        """A number of each post, from what is computed of either part."""
        found = [by_place(self._field.shared), by_place(self._field.fresh)]
        return np.concatenate(found)[self._field.places]

    @cached_property
    def _by_word(self) -> tuple[NDArray[np.int32], csr_array]:
        """The terms that stand in titles, ascending, and the titles by these: a row a term."""
        titles = self._field.titles
        order = np.argsort(titles.indices, kind="stable")
        posts = np.repeat(np.arange(titles.shape[0], dtype=np.int32), np.diff(titles.indptr))
        words, starts = np.unique(titles.indices[order], return_index=True)
        indptr = np.append(starts, len(order)).astype(np.int32)
        shape = (len(words), titles.shape[0])
        return words, csr_array((titles.data[order], posts[order], indptr), shape=shape)

    def _compiled(self, rows: Sequence[int], asked: Asked) -> list[Fit]:
        blocks = [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
        if len(blocks) == 1:
            return list(self._block(rows, asked))
        found = Parallel(n_jobs=self._jobs, prefer="threads")(
            delayed(list)(self._block(block, asked)) for block in blocks
        )
        return [each for block in found for each in block]

    def _block(self, rows: Sequence[int], asked: Asked) -> Iterator[Fit]:
        """The fit of some posts, one after another in one thread."""
        # Numba is imported only where it is used.
        from training.neighbours import arithmetic, fitting

        shared, fresh = self._parts
        field, room = self._compilable(asked), self._room(asked)
        factors = self._field.factors
        weights = arithmetic.Weights(
            float(factors.time_weight), float(factors.time_days), float(factors.title_weight)
        )
        for row in rows:
            vector, own = self._of(row)
            count = fitting.fit(
                shared,
                fresh,
                field,
                weights,
                self._field.floor,
                row,
                _fixed(vector.indices, np.int32),
                _fixed(vector.data, np.float32),
                _fixed(own, np.int32),
                room,
            )
            if count < 0:
                raise IndexCorruptError("postings_indices.npy", "names posts that are not there")
            yield Fit(
                room.rows[:count].astype(np.int32),
                room.cosines[:count].copy(),
                room.finals[:count].copy(),
            )

    @cached_property
    def _parts(self) -> tuple[fitting.Part, fitting.Part]:
        shared, fresh = (self._part(each) for each in (self._field.shared, self._field.fresh))
        return shared, fresh

    @staticmethod
    def _part(part: Part) -> fitting.Part:
        from training.neighbours import fitting

        return fitting.Part(
            _fixed(part.vectors.indptr, np.int64),
            _fixed(part.vectors.indices, np.int32),
            _fixed(part.postings.indptr, np.int64),
            _fixed(part.postings.indices, np.int32),
            _fixed(part.postings.data, np.float32),
            _fixed(part.borrowed.indptr, np.int64),
            _fixed(part.borrowed.indices, np.int32),
        )

    def _compilable(self, asked: Asked) -> fitting.Field:
        from training.neighbours import fitting

        field = self._field
        return fitting.Field(
            _fixed(field.places, np.int32),
            _fixed(field.titles.indptr, np.int64),
            _fixed(field.titles.indices, np.int32),
            _fixed(field.titles.data, np.float32),
            _fixed(field.days, np.float64),
            _fixed(field.together, np.int16),
            _fixed(field.apart, np.int32),
            _fixed(field.copies, np.int32),
            _fixed(asked.damping, np.float64),
            _fixed(asked.least, np.float64),
        )

    def _room(self, asked: Asked) -> fitting.Room:
        from training.neighbours import fitting

        n, (n_terms, _) = len(self._field.days), self._field.shared.postings.shape
        n_places = sum(each.vectors.shape[0] for each in (self._field.shared, self._field.fresh))
        return fitting.Room(
            np.zeros(n_places),
            np.zeros(n_terms, np.uint8),
            np.empty(n, np.int64),
            np.empty(n),
            np.empty(n),
            np.empty(n),
            np.empty(asked.best),
            np.empty(asked.best, np.int64),
            np.empty(asked.nearest),
            np.empty(asked.nearest, np.int64),
        )


def _fixed(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """An array of one type that may not be written to: for every such one is code compiled."""
    fixed = np.ascontiguousarray(array, dtype).view()
    fixed.flags.writeable = False
    return fixed
