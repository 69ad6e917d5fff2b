"""The lists of the next version, from those of the one before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import postings_of
from related_posts.weighting import Weights
from training.frozen import grouped_alike
from training.increment.change import MOST_CHANGED, Change
from training.increment.vectors import Vectors
from training.looking import TooManyError
from training.neighbours.matching import Matches
from training.neighbours.merged import Groups, merged
from training.neighbours.updated import Kept


def neighbours(
    change: Change,
    vectors: Vectors,
    titles: csr_array,
    days: NDArray[np.float64],
    together: NDArray[np.int16],
    found: tuple[NDArray[np.int32], NDArray[np.int32]],
    rules: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> Kept:
    """The lists, from the earlier ones."""
    before, settings = change.before, change.settings
    translations, duplicates = found
    apart, copies = rules
    origin = np.where(vectors.changed, -1, change.origin)
    for now, earlier in (
        (translations, before.translations),
        (duplicates, before.duplicates),
    ):
        origin[~grouped_alike(now, earlier, change.origin)] = -1
    if (origin < 0).sum() > MOST_CHANGED:
        raise TooManyError
    places = vectors.arrays["places"]
    fresh, borrowed = vectors.fresh
    matches = Matches(
        (before.postings, postings_of(fresh)),
        (before.parts("borrowed")[0], borrowed),
        places,
        titles,
        days,
        settings.factors,
    )

    def match(row: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        place = int(places[row]) - change.n_shared
        if place >= 0:
            vector, lent = Weights.of_row(fresh, place), borrowed[[place]]
        else:
            vector = before.vector(int(change.origin[row]))
            lent = before.borrowed_of([int(change.origin[row])])
        own = np.setdiff1d(vector.indices, lent.indices, assume_unique=True)
        title = Weights.of_row(titles, row)
        cosines, finals = matches.finals(vector, own, title, float(days[row]))
        excluded = together != together[row]
        excluded[row] = True
        if apart[row] >= 0:
            excluded |= apart == apart[row]
        finals[excluded] = 0.0
        return cosines, finals

    earlier_copies = (
        np.full(before.n_posts, -1, np.int32) if settings.duplicates else before.duplicates
    )
    return merged(
        match,
        settings.rules,
        change.kept.lists(),
        origin,
        Groups(copies, earlier_copies),
        change.kept.usual,
    )
