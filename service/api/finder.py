"""What one version answers beyond its kept lists: filters, exact lists on demand, texts.

Made when a version is first asked such a question, and forgotten with the version.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Hashable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from related_posts.errors import StorageError
from related_posts.filters import Filters, Mask
from related_posts.index import Index
from related_posts.wordpress.numbers import Numbers
from service.api.kept import Kept

if TYPE_CHECKING:
    from related_posts.questions import Reader
    from related_posts.scoring import Query, Ranked, Scorer

#: Items of lists made on demand that are kept, about 130 bytes each, and rows left out of them.
MOST_ITEMS = 200_000
#: Masks of filters that are kept: a byte a post each.
MOST_MASKS = 64


class Finder:
    """Finds posts in one version; safe for any number of threads.

    Args:
        index: The version.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._masks: Kept[Mask | None] = Kept(MOST_MASKS)
        self._lists: Kept[Ranked] = Kept(MOST_ITEMS, _n_items)

    @cached_property
    def scorer(self) -> Scorer:
        """Scores any question; loads SciPy when it is first needed."""
        from related_posts.scoring import Scorer

        return Scorer(self.index)

    @cached_property
    def reader(self) -> Reader:
        """Makes questions of texts; loads the vocabulary when it is first used."""
        from related_posts.questions import Reader

        return Reader(self.index)

    @property
    def crosses_languages(self) -> bool:
        """Whether training related posts in different languages."""
        return bool(self.index.manifest.settings.get("cross_language", False))

    @property
    def recommends_translations(self) -> bool:
        """Whether training related a post to its own translations."""
        return bool(self.index.manifest.settings.get("translations", False))

    @cached_property
    def numbers(self) -> Numbers:
        """Finds posts by WordPress's numbers."""
        return Numbers(self.index)

    @cached_property
    def copies(self) -> NDArray[np.int32]:
        """Group of posts of which a list shows one, -1 for none, shape (n_posts,).

        No group where training kept copies, or the version lacks its analysis arrays.
        """
        if not self.index.manifest.settings.get("duplicates", False):
            with suppress(StorageError):
                return self.index.duplicates
        return np.full(self.index.n_posts, -1, np.int32)

    def mask(self, filters: Filters) -> Mask | None:
        """Whether each post passes the filters; None where all do."""
        return self._masks.get(filters, lambda: filters.mask(self.index))

    def best(
        self,
        query: Query,
        k: int,
        filters: Filters,
        without: frozenset[int],
        key: Hashable = None,
        *,
        counted: bool = False,
        least: float = 0.0,
    ) -> Ranked:
        """The k best posts for a question that pass the filters and are not left out.

        Args:
            query: The question.
            k: Wanted length, at least 1.
            filters: What they must pass.
            without: Rows to leave out.
            key: Tells this question from others, so that its list is kept; None for none.
            counted: Whether to count all related posts too.
            least: The least score of posts that are among them, or are counted.
        """

        def make() -> Ranked:
            allowed = self.mask(filters)
            if without:
                allowed = np.ones(self.index.n_posts, bool) if allowed is None else allowed.copy()
                allowed[list(without)] = False
            return self.scorer.best(query, k, allowed, counted=counted, least=least)

        return make() if key is None else self._lists.get((key, k, filters, without), make)


def _n_items(key: tuple[Hashable, int, Filters, frozenset[int]], ranked: Ranked) -> int:
    """What a kept list weighs: its items, the rows it was made without, and as much as ten more."""
    return len(ranked.rows) + len(key[3]) + 10


class Finders:
    """The finder of each version that is being answered from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._finders: weakref.WeakKeyDictionary[Index, Finder] = weakref.WeakKeyDictionary()

    def of(self, index: Index) -> Finder:
        """The finder of a version."""
        with self._lock:
            finder = self._finders.get(index)
            if finder is None:
                finder = self._finders[index] = Finder(index)
            return finder
