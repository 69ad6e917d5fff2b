"""What reading came to, for the summary and for whoever asks why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from related_posts.archive import Counts
from related_posts.errors import EmptyArchiveError
from training.sources.base import Problem


@dataclass(slots=True)
class SourceReport:
    """What one source held.

    Attributes:
        name: The source's stable identity.
        places: The files or folders it was read from, as the user named them.
        n_read: Posts read.
        n_present: Posts that are still there and were not read again.
        skipped: Reason to count of what was left out on purpose.
        problems: What was broken, in the order of reading; at most ``MAX_PROBLEMS``.
        n_problems: How many were broken in all.
        counts: What that did to the archive.
        deletions_held_back: Something broken had no id, so no row was deleted for
            being absent: it could be the very one.
        advice: What the user should do better, a sentence each.
        local: Sites of one machine or network, to how many posts have addresses there.
        since: Only what changed after that moment was asked for; None for everything.
    """

    name: str
    places: tuple[str, ...] = ()
    n_read: int = 0
    n_present: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    n_problems: int = 0
    counts: Counts = field(default_factory=Counts)
    deletions_held_back: bool = False
    advice: list[str] = field(default_factory=list)
    local: Counter[str] = field(default_factory=Counter)
    since: datetime | None = None

    @property
    def n_skipped(self) -> int:
        """How many were left out on purpose."""
        return self.skipped.total()


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What a whole read came to.

    Attributes:
        sources: One report a source, in the order they were named.
        n_posts: Posts in the archive afterwards.
        others: Sources that were not read now and still have rows, with their number.
    """

    sources: tuple[SourceReport, ...]
    n_posts: int
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        """What all sources together did to the archive."""
        return sum((source.counts for source in self.sources), Counts())


def empty(reports: Iterable[SourceReport]) -> EmptyArchiveError:
    """The error for a read without a post: what was looked at, and why nothing came of it."""
    looked_at: list[str] = []
    reasons: Counter[str] = Counter()
    for report in reports:
        looked_at += report.places
        reasons.update(report.skipped)
        if report.problems:
            first = report.problems[0]
            reasons[f"broken, the first at {first.place}: {first.reason}"] += report.n_problems
    return EmptyArchiveError(looked_at, dict(reasons))
