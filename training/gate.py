"""The quality gate: is what was built fit to take the place of what readers see?

It looks for what a broken export, a changed theme or a failing reader does to a blog, not
for what people do: limits are wide, and none counts where few posts are concerned, so that
a small blog may change as it likes. What it holds back is kept, and publishing it with
``--force`` is one command.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts.archive import Archive
from related_posts.errors import EvaluationError, IndexCorruptError, UnknownPostError
from related_posts.index import Index
from training.build import Progress, no_progress
from training.evaluation.judgements import symmetric
from training.evaluation.lists import items, of_index
from training.evaluation.metrics import DEPTH, SHOWN, ndcg
from training.evaluation.trial import trial
from training.frozen import same_contents
from training.settings import TrainingSettings

#: A limit counts only where it is passed by so many posts.
FEW_POSTS = 10
#: Posts that both versions have below which no churn is measured.
LEAST_COMMON = 50
#: Posts whose lists are compared; more are sampled evenly.
SAMPLED = 2_000
#: Newest posts that the trial with held-out links is made of: this share of the blog, within
#: these bounds. It takes as much of a full build, but for a small blog, where that is a second.
TRIAL_SHARE, FEWEST_TRIED, MOST_TRIED = 0.05, 300, 1_000
#: Posts with links below which their lists say nothing of the blog.
LEAST_JUDGED = 50

#: How the names of scratch folders in the data folder begin.
SCRATCH = ".gate-"

#: What a version's manifest calls the two figures of the trial.
NDCG, JUDGED = "held_out_ndcg", "held_out_judged"


def held_out(
    archive: Archive, settings: TrainingSettings, progress: Progress = no_progress
) -> dict[str, Any]:
    """How well the newest posts' lists find the links that were hidden from their build.

    A small version of its own is built for it, of the newest posts alone.

    Args:
        archive: What the blog says now.
        settings: How to build.
        progress: Told how far each stage of that build is.

    Returns:
        Mean nDCG@10 and the number of posts judged, for a manifest's ``counts``; nothing
        where too few posts link to another.

    Raises:
        ArchiveError: The archive cannot be read.
        StorageError: The scratch folder cannot be written.
    """
    with (
        tempfile.TemporaryDirectory(prefix=SCRATCH, dir=settings.data) as scratch,
        Archive(Path(scratch)) as newest,
    ):
        n_tried = min(max(FEWEST_TRIED, round(TRIAL_SHARE * archive.count())), MOST_TRIED)
        posts = islice(archive.posts(), n_tried)
        newest.update("gate", posts, complete=True, now=datetime.now(UTC))
        try:
            with trial(newest, settings, progress=progress, scratch=Path(scratch)) as found:
                lists = items(of_index(found.index, DEPTH))
                relevant = symmetric(found.judged)
        except EvaluationError:
            return {}
    if len(relevant) < LEAST_JUDGED:
        return {}
    values = [ndcg(lists[row], rows, DEPTH) for row, rows in relevant.items()]
    return {NDCG: round(float(np.mean(values)), 4), JUDGED: len(values)}


@dataclass(frozen=True)
class _Side:
    """One version's lists, as a page shows them."""

    index: Index

    @cached_property
    def lists(self) -> NDArray[np.int32]:
        return self.index.lists(SHOWN).rows

    @cached_property
    def n_empty(self) -> int:
        return int((self.lists < 0).all(axis=1).sum())

    @cached_property
    def n_shown(self) -> int:
        shown = np.zeros(self.index.n_posts + 1, bool)
        shown[self.lists] = True  # the last place is for -1
        return int(shown[:-1].sum())

    @cached_property
    def figures(self) -> dict[str, Any]:
        return dict(self.index.manifest.counts)

    def id(self, row: int) -> str:
        return str(self.index.post(row)["id"])


def judge(
    before: Index, after: Index, settings: TrainingSettings, *, accept_deletions: bool = False
) -> dict[str, str]:
    """Why a version should not take another's place by itself.

    Args:
        before: What readers see.
        after: What was built.
        settings: The limits.
        accept_deletions: Whether somebody said that many posts are gone on purpose.

    Returns:
        Each limit that was passed, by its setting, with the figures in a sentence without
        its full stop; nothing where all is well.
    """
    if not settings.gate or not before.n_posts:
        return {}
    old, new = _Side(before), _Side(after)
    lost = 1.0 if accept_deletions else settings.gate_posts_lost
    found = {
        "gate_posts_lost": _posts(old, new, lost),
        "gate_empty_lists": _empty(old, new, settings.gate_empty_lists),
        "gate_coverage": _coverage(old, new, settings.gate_coverage),
        "gate_churn": _churn(old, new, settings.gate_churn),
        "gate_ndcg": _ndcg(old, new, settings.gate_ndcg),
    }
    return {limit: reason for limit, reason in found.items() if reason}


def _posts(old: _Side, new: _Side, limit: float) -> str | None:
    was, now = old.index.n_posts, new.index.n_posts
    if was - now < FEW_POSTS or was - now <= limit * was:
        return None
    return f"{was - now:,} of {was:,} posts are gone (gate_posts_lost is {limit:g})"


def _empty(old: _Side, new: _Side, limit: float) -> str | None:
    was, now = old.n_empty / old.index.n_posts, new.n_empty / new.index.n_posts
    if new.n_empty - old.n_empty < FEW_POSTS or now - was <= limit:
        return None
    return f"{now:.0%} of the lists are empty, {was:.0%} were (gate_empty_lists is {limit:g})"


def _coverage(old: _Side, new: _Side, limit: float) -> str | None:
    was, now = old.n_shown / old.index.n_posts, new.n_shown / new.index.n_posts
    n_hidden = new.index.n_posts - new.n_shown - (old.index.n_posts - old.n_shown)
    if n_hidden < FEW_POSTS or was - now <= limit:
        return None
    return f"{now:.0%} of the posts stand on a list, {was:.0%} did (gate_coverage is {limit:g})"


def _churn(old: _Side, new: _Side, limit: float) -> str | None:
    """What changed though neither a new post nor a deleted one explains it.

    Other settings or another analyzer change lists on purpose.
    """
    one, other = old.index.manifest, new.index.manifest
    if one.settings != other.settings or one.analyzer != other.analyzer:
        return None
    moved = _moved(old, new)
    known = np.zeros(new.index.n_posts, bool)
    known[moved[moved >= 0]] = True
    sample = np.arange(0, old.index.n_posts, max(1, old.index.n_posts // SAMPLED))
    sample = sample[moved[sample] >= 0]
    was, now = old.lists[sample], new.lists[moved[sample]]
    there = np.where(was >= 0, moved[was], -1)
    stays = (there[:, :, None] == now[:, None, :]).any(axis=2) & (there >= 0)
    n_there = (there >= 0).sum(axis=1)
    n_new = ((now >= 0) & ~known[now]).sum(axis=1)
    shares = np.maximum(0, n_there - stays.sum(axis=1) - n_new)[n_there > 0] / n_there[n_there > 0]
    if len(shares) < LEAST_COMMON or (churn := float(np.mean(shares))) <= limit:
        return None
    return f"{churn:.0%} of the items on old posts' lists changed (gate_churn is {limit:g})"


def _ndcg(old: _Side, new: _Side, limit: float) -> str | None:
    was, now = old.figures.get(NDCG), new.figures.get(NDCG)
    if not isinstance(was, float) or not isinstance(now, float) or was - now <= limit:
        return None
    return (
        f"nDCG@{DEPTH} on held-out links of the newest posts fell from {was:.3f} to {now:.3f} "
        f"(gate_ndcg is {limit:g})"
    )


def _moved(old: _Side, new: _Side) -> NDArray[np.int64]:
    """The new version's row of each post of the old one, -1 for one it does not have."""
    before, after = old.index, new.index
    try:
        rows = same_contents(after.contents, before.contents)
    except IndexCorruptError:
        # Versions need not hold them; the ids tell as well, but slowly.
        rows = np.full(before.n_posts, -1, np.int64)
    for row in np.flatnonzero(rows < 0).tolist():
        with suppress(UnknownPostError):
            rows[row] = after.row(id=old.id(row))
    return rows
