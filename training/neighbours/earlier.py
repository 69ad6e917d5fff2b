"""The lists of an earlier version, as the next one takes them over: few of them are looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from related_posts.index import Index
from related_posts.lists import Listed


class Earlier:
    """Lists by place, see :mod:`related_posts.layout`.

    Args:
        index: The version; it must stay open.

    Attributes:
        parts: The lists it shares, and those of its own behind them; neighbours are places.
        places: Place of each of its posts.
        list_places: Place of each post's list.
        n_places: How many places there are for posts.
        damping: Of each post.
    """

    def __init__(self, index: Index) -> None:
        prefixes = ("", "fresh_") if index.shares else ("",)
        self.parts = [Listed.of(index.array, prefix) for prefix in prefixes]
        every = np.arange(index.n_posts, dtype=np.int32)
        self.places = index.array("places") if index.shares else every
        self.list_places = index.array("list_places") if index.shares else every
        self.n_places = len(index.array("posts_at")) if index.shares else index.n_posts
        self.damping = index.damping

    @property
    def n_shared(self) -> int:
        """How many lists are shared."""
        return len(self.parts[0].rows)

    @property
    def k(self) -> int:
        """Greatest length of a list."""
        return int(self.parts[0].rows.shape[1])

    def bounds(self) -> NDArray[np.float32]:
        """Score of the last on each post's list, -1 where the list has room; shape (n_posts,)."""
        last = (np.where(part.rows[:, -1] >= 0, part.scores[:, -1], -1.0) for part in self.parts)
        return np.concatenate([*last])[self.list_places].astype(np.float32)

    def holding(self, which: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether each post's list holds one of some places.

        Args:
            which: Shape (n_places,).
        """
        if not which.any():
            return np.zeros(len(self.list_places), bool)
        # The last is what -1 finds.
        asked = np.append(which, np.False_)
        found = [asked[part.rows].any(axis=1) for part in self.parts]
        return np.concatenate(found)[self.list_places]

    def of(self, posts: NDArray[np.intp], row_at: NDArray[np.int32]) -> Listed:
        """The lists of some posts.

        Args:
            posts: Their rows in the earlier version.
            row_at: What to call each place, -1 for no more; -1 at the end; shape (n_places + 1,).
        """
        found = Listed.taken(self.parts, self.list_places[posts])
        return found._replace(rows=row_at[found.rows])
