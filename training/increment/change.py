"""The change: what is other than in the version before, and which posts it may concern."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from related_posts.archive.snapshot import Snapshot
from training.frozen import Frozen
from training.looking import Look, TooManyError
from training.settings import TrainingSettings
from training.splicing import moved
from training.ties import Kind, Ties, of_kind

#: Posts with changed lists of their own that are matched one by one; more are quicker together.
MOST_CHANGED = 500


class Change:
    """What changed since a version, and which posts that may concern.

    Args:
        snapshot: The archive.
        ids: Of all its posts, in row order.
        contents: What each says.
        kept: The version and its statistics.
        origin: Its row of each post that is as it was, else -1.
        settings: How to build.

    Raises:
        TooManyError: It concerns too many.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        ids: Sequence[str],
        contents: NDArray[np.uint64],
        kept: Frozen,
        origin: NDArray[np.int64],
        settings: TrainingSettings,
    ) -> None:
        self.before, self.settings, self.contents = kept.index, settings, contents
        self.kept, self.origin, self.n = kept, origin, len(ids)
        self.row_of = moved(origin, self.before.n_posts)
        self.new = np.flatnonzero(origin < 0)
        gone = np.flatnonzero(self.row_of[:-1] < 0)
        if len(self.new) > MOST_CHANGED or len(gone) > MOST_CHANGED:
            raise TooManyError
        codes = self.before.manifest.languages
        self.is_translated = len(np.unique(self.before.languages)) > 1
        self.look = Look(snapshot, ids, kept, settings, translated=self.is_translated)
        seen = self.look.at(self.new.tolist())
        stay = np.unique(self.before.languages[origin[origin >= 0]]).tolist()
        spoken = {codes[code] for code in stay} | {each.language for each in seen}
        if (len(spoken) > 1) != self.is_translated:
            # What is looked for in every post is another.
            raise TooManyError
        self.codes = sorted(spoken)
        places = self.before.places
        self.places = np.arange(self.before.n_posts, dtype=np.int32) if places is None else places
        self.n_shared = len(self.before.array("vectors_indptr")) - 1
        self.n_places = self.n_shared
        self.tables = [Ties(self.before.array("ties"), self.before.array("ties_owners"))]
        if places is not None:
            self.n_places += len(self.before.array("fresh_indptr")) - 1
            own = self.before.array("fresh_ties"), self.before.array("fresh_ties_owners")
            self.tables.append(Ties(*own))
        self.row_at = np.full(self.n_places, -1, np.int32)
        self.row_at[self.places] = self.row_of[:-1]
        # The ties of what is gone: what stays may have depended on it.
        self.gone = gone
        left = [table.of_owners(self.places[gone])[0] for table in self.tables]
        self.left = np.unique(np.concatenate([np.empty(0, np.uint64), *left]))

    # --- who has to do with whom ---

    def having(self, marks: NDArray[np.uint64]) -> set[int]:
        """Posts that stay and have one of some marks."""
        rows = np.concatenate([self.row_at[table.having(marks)] for table in self.tables])
        return set(rows[rows >= 0].tolist())

    def concerned(
        self, kinds: Sequence[Kind], groups: NDArray[np.int32] | None = None
    ) -> list[int]:
        """Changed posts and all that marks of some kinds, or earlier groups, tie to them."""
        members = _Members(groups, self.row_of)
        rows = set(self.new.tolist())
        asked = of_kind(self.left, *kinds)
        found = self.having(asked) | members.of(self.gone)
        known = set(asked.tolist())
        fresh = rows | found
        rows = set()
        while fresh:
            rows |= fresh
            seen = self.look.at(sorted(fresh))
            marks = np.unique(np.concatenate([of_kind(each.marks, *kinds) for each in seen]))
            marks = np.array([m for m in marks.tolist() if m not in known], np.uint64)
            known |= set(marks.tolist())
            tied = self.having(marks) | members.of(self.origin[sorted(fresh)])
            fresh = tied - rows
        return sorted(rows)


class _Members:
    """The posts of each earlier group that are still there."""

    def __init__(self, groups: NDArray[np.int32] | None, row_of: NDArray[np.int32]) -> None:
        self._groups, self._row_of = groups, row_of

    def of(self, earlier: NDArray[np.int64] | NDArray[np.intp]) -> set[int]:
        """Rows of now of the members of the groups of some earlier rows; -1 is none."""
        if self._groups is None:
            return set()
        numbers = self._groups[earlier[earlier >= 0]]
        numbers = np.unique(numbers[numbers >= 0])
        if not len(numbers):
            return set()
        rows = self._row_of[:-1][np.isin(self._groups, numbers)]
        return set(rows[rows >= 0].tolist())
