"""Filters: which posts may be in an answer at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from related_posts.facets import AUTHOR, CATEGORY, LANGUAGE, TAG
from related_posts.index import Index

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a post must have and must not have; all of it together.

    Names are compared by :func:`related_posts.facets.label_key`, so that a slug does as well.
    A post without a date passes no filter of dates.

    Attributes:
        tags: It has one of these; empty for any.
        categories: It has one of these; empty for any.
        authors: It is by one of these; empty for any.
        languages: It is in one of these; empty for any.
        not_tags: It has none of these.
        not_categories: It has none of these.
        since: Days from 1970 before which it was not published, or None.
        before: Days from 1970 from which on it was not published, or None.
        until: Days from 1970 after which it was not published, or None.
    """

    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    since: float | None = None
    before: float | None = None
    until: float | None = None

    def mask(self, index: Index) -> Mask | None:
        """Whether each post passes, shape (n_posts,), not to be changed; None where all do."""
        if self == NO_FILTERS:
            return None
        passed = np.ones(index.n_posts, bool)
        for kind, names in (
            (TAG, self.tags),
            (CATEGORY, self.categories),
            (AUTHOR, self.authors),
            (LANGUAGE, self.languages),
        ):
            if names:
                passed &= _having(index, kind, names)
        for kind, names in ((TAG, self.not_tags), (CATEGORY, self.not_categories)):
            if names:
                passed &= ~_having(index, kind, names)
        # A comparison with NaN, which stands for no date, is false.
        days = index.days
        if self.since is not None:
            passed &= days >= self.since
        if self.before is not None:
            passed &= days < self.before
        if self.until is not None:
            passed &= days <= self.until
        passed.flags.writeable = False
        return passed


NO_FILTERS = Filters()


def _having(index: Index, kind: str, names: Iterable[str]) -> Mask:
    found = np.zeros(index.n_posts, bool)
    for name in names:
        found[index.facets.rows(kind, name)] = True
    return found
