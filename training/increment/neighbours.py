"""The lists of the next version, from those of the one before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts.adding import postings_of
from related_posts.ranking import to_final
from training.frozen import grouped_alike
from training.increment.change import MOST_CHANGED, Change
from training.increment.vectors import Vectors
from training.looking import TooManyError
from training.neighbours.earlier import Earlier
from training.neighbours.matching import Field, Matches, Part
from training.neighbours.merged import Groups, Merged, merged


def neighbours(
    change: Change,
    earlier: Earlier,
    vectors: Vectors,
    titles: csr_array,
    days: NDArray[np.float64],
    together: NDArray[np.int16],
    found: tuple[NDArray[np.int32], NDArray[np.int32]],
    rules: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> Merged:
    """The lists that are others than the earlier ones."""
    before, settings = change.before, change.settings
    translations, duplicates = found
    apart, copies = rules
    origin = np.where(vectors.changed, -1, change.origin)
    for now, then in (
        (translations, before.translations),
        (duplicates, before.duplicates),
    ):
        origin[~grouped_alike(now, then, change.origin)] = -1
    if (origin < 0).sum() > MOST_CHANGED:
        raise TooManyError
    fresh, borrowed = vectors.fresh
    field = Field(
        Part(before.parts("vectors")[0], before.postings, before.parts("borrowed")[0]),
        Part(fresh, postings_of(fresh), borrowed),
        vectors.arrays["places"],
        titles,
        days,
        together,
        apart,
        copies,
        settings.factors,
        to_final(settings.min_score),
    )
    earlier_copies = (
        np.full(before.n_posts, -1, np.int32) if settings.duplicates else before.duplicates
    )
    return merged(
        Matches(field, settings.jobs).fits,
        settings.rules,
        earlier,
        origin,
        Groups(copies, earlier_copies),
        change.kept.usual,
    )
