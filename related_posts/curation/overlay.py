"""What is decided, bound to one version: rules by row, ready to be laid over its lists."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from related_posts.curation.listing import CORNERSTONE_REACH, arrange, slots
from related_posts.curation.rules import Rule
from related_posts.curation.state import State
from related_posts.errors import IndexCorruptError, StorageError, UnknownPostError
from related_posts.index import Index
from related_posts.urls import split

#: Pairs of a post and a pinned one whose scores are kept.
_SCORED_PAIRS = 4096


class Shown(NamedTuple):
    """One item of a list.

    Attributes:
        row: The post.
        similarity: The cosine; None for a pin in a version without its analysis arrays.
        score: The final score, in [0, 1]; None in the same case.
        reason: ``pinned`` or ``cornerstone``; None where ranking alone put it there.
    """

    row: int
    similarity: float | None
    score: float | None
    reason: str | None


class Overlay:
    """A state as one version's rows; immutable, for any number of threads.

    Args:
        index: The version.
        state: What is decided.
        now: Rules that ended by then do not count; aware.

    Attributes:
        revision: Twelve hexadecimal digits: two overlays of one version that have the
            same change its lists in the same way.
        ends: When the next rule ends and an overlay has to be made anew; None for never.
        masked: Rows of withdrawn posts: neither asked about nor shown.
        unseen: Rows that are in no list: those, and the ones blocked everywhere.
        muted: Rows that show no list.
        cornerstones: Rows of cornerstone posts.
        unknown: Ids in rules that this version does not have, ascending.
    """

    def __init__(self, index: Index, state: State, now: datetime) -> None:
        self._index = index
        rules = [rule for rule in state.rules if rule.until is None or rule.until > now]
        self.ends = min((rule.until for rule in rules if rule.until is not None), default=None)
        self.unknown: tuple[str, ...] = tuple(sorted(set(_unknown(index, rules))))
        self.masked = frozenset(_withdrawn_rows(index, state))
        blocked: set[int] = set()
        muted: set[int] = set()
        cornerstones: set[int] = set()
        blocks: defaultdict[int, set[int]] = defaultdict(set)
        pins: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        pins_everywhere: list[tuple[int, int]] = []
        for rule in rules:
            row = _row(index, rule.post)
            under = _row(index, rule.under) if rule.under else None
            if row is None or (rule.under and under is None):
                continue
            if rule.kind == "mute":
                muted.add(row)
            elif rule.kind == "cornerstone":
                cornerstones.add(row)
            elif rule.kind == "block":
                (blocked if under is None else blocks[under]).add(row)
            else:
                (pins_everywhere if under is None else pins[under]).append((rule.position, row))
        self.unseen = self.masked | blocked
        self.muted, self.cornerstones = frozenset(muted), frozenset(cornerstones)
        self._blocks = {row: frozenset(others) for row, others in blocks.items()}
        self._pins = dict(pins)
        self._pins_everywhere = tuple(pins_everywhere)
        self._scored: dict[tuple[int, int], tuple[float | None, float | None]] = {}
        decided = [
            sorted(self.masked),
            [[rule.kind, rule.post, rule.under, rule.position] for rule in rules],
        ]
        self.revision = hashlib.sha256(orjson.dumps(decided)).hexdigest()[:12]

    def __bool__(self) -> bool:
        """Whether it changes anything in this version."""
        return bool(
            self.unseen
            or self.muted
            or self.cornerstones
            or self._blocks
            or self._pins
            or self._pins_everywhere
        )

    def is_masked(self, row: int) -> bool:
        """Whether a post was withdrawn: it is not found, and in no list."""
        return row in self.masked

    def barred(self, row: int) -> frozenset[int]:
        """Rows that must not be in the list of a post, whatever ranking says."""
        blocked = self._blocks.get(row)
        return self.unseen | blocked if blocked else self.unseen

    def check(self, row: int) -> None:
        """Treat a withdrawn post as one that does not exist.

        Raises:
            UnknownPostError: It was withdrawn.
        """
        if row in self.masked:
            raise UnknownPostError(self._index.post(row)["id"])

    def n_pins(self, row: int) -> int:
        """How many posts may be pinned in the list of a post, at most."""
        return len(self._pins.get(row, ())) + len(self._pins_everywhere)

    def suffices(self, row: int, limit: int) -> bool:
        """Whether the list kept for a post is long enough to be laid this over.

        It is not where too few are left of it, where a copy may come for a post that goes, or
        where a cornerstone post may be ranked behind its end. In a version without analysis
        arrays nothing else can be had, and it always is.

        Args:
            row: The post.
            limit: Most items wanted.
        """
        copies, kept = self._copies, self._index.neighbours(row, self._index.k)[0]
        if copies is None or row in self.muted:
            return True
        gone = self.barred(row).intersection(kept)
        if any(copies[one] >= 0 for one in gone):
            return False
        if len(kept) < self._index.k:
            return True
        reach = CORNERSTONE_REACH if self.cornerstones else 0
        pins = [*self._pins.get(row, ()), *self._pins_everywhere]
        # A post pinned further down leaves its place to the next; one pinned above brings itself.
        n_below = sum(place > limit for place, _ in slots(pins)) if pins else 0
        return self._index.k >= reach and len(kept) - len(gone) >= limit + n_below

    @cached_property
    def _copies(self) -> NDArray[np.int32] | None:
        """Group of copies of each post, -1 for none; None without analysis arrays."""
        try:
            return self._index.duplicates
        except StorageError:
            return None

    def apply(
        self,
        row: int,
        rows: Sequence[int],
        similarities: Sequence[float],
        scores: Sequence[float],
        limit: int,
        *,
        offset: int = 0,
        excluded: Collection[int] = (),
        allowed: Callable[[int], bool] | None = None,
    ) -> list[Shown]:
        """The list of a post as it is to be shown.

        Args:
            row: The post.
            rows: All candidates, best first: more than ``limit``, so that others can
                take the places of those that go. Barred ones are left out here.
            similarities: Of the candidates.
            scores: Of the candidates.
            limit: Most items, at least 1.
            offset: Items left out at the start.
            excluded: Rows that this request does not want, pinned or not.
            allowed: Whether a pinned row passes the request's filters; None for any.
        """
        if row in self.muted:
            return []
        barred = self.barred(row)
        pins = [
            (position, pinned)
            for position, pinned in chain(self._pins.get(row, ()), self._own_language(row))
            if pinned != row
            and pinned not in barred
            and pinned not in excluded
            and (allowed is None or allowed(pinned))
        ]
        numbers = {
            other: (similarity, score)
            for other, similarity, score in zip(rows, similarities, scores, strict=True)
            if other not in barred and other not in excluded
        }
        arranged = arrange(list(numbers), pins, self.cornerstones, limit, offset)
        return [
            Shown(one, *(numbers.get(one) or self._scores(row, one)), reason)
            for one, reason in arranged
        ]

    def _scores(self, row: int, pinned: int) -> tuple[float | None, float | None]:
        """Similarity and score of a post that was pinned without being a candidate."""
        found = self._scored.get((row, pinned))
        if found is None:
            found = _pair_scores(self._index, row, pinned)
            if len(self._scored) >= _SCORED_PAIRS:
                self._scored.clear()
            self._scored[row, pinned] = found
        return found

    def _own_language(self, row: int) -> Iterable[tuple[int, int]]:
        """The pins of every list, but for those in a language that its lists do not hold."""
        pins = self._pins_everywhere
        if not pins or self._index.manifest.settings.get("cross_language"):
            return pins
        try:
            languages = self._index.languages
        except IndexCorruptError:
            return pins
        return [pin for pin in pins if languages[pin[1]] == languages[row]]


def is_kept(index: Index, row: int, limit: int, overlay: Overlay | None) -> bool:
    """Whether the list kept for a post tells what readers see; else it is to be computed."""
    return limit <= index.k and (overlay is None or overlay.suffices(row, limit))


def listed(index: Index, row: int, limit: int, overlay: Overlay | None) -> list[Shown]:
    """The list kept for a post, with an overlay or without; whole where ``is_kept`` says so."""
    if overlay is not None:
        return overlay.apply(row, *index.neighbours(row, index.k), limit)
    return [Shown(*one, None) for one in zip(*index.neighbours(row, limit), strict=True)]


def _row(index: Index, post_id: str) -> int | None:
    try:
        return index.row(id=post_id)
    except UnknownPostError:
        return None


def _unknown(index: Index, rules: Iterable[Rule]) -> Iterable[str]:
    for rule in rules:
        for post_id in filter(None, (rule.post, rule.under)):
            if _row(index, post_id) is None:
                yield post_id


def _withdrawn_rows(index: Index, state: State) -> Iterable[int]:
    """Rows of a version that stand for withdrawn posts, by id or by address.

    An address counts only for the post that stands there, not for one that has it
    as an alias: that one may have moved from there before the other was written.
    """
    for post_id in state.withdrawn_ids:
        row = _row(index, post_id)
        if row is not None:
            yield row
    for url in state.withdrawn_urls:
        try:
            row = index.row(url=url)
        except UnknownPostError:
            continue
        (host, path), (other_host, other_path) = split(url), split(index.post(row)["url"])
        if path == other_path and (host == other_host or not host or not other_host):
            yield row


def _pair_scores(index: Index, row: int, other: int) -> tuple[float | None, float | None]:
    # Imported here: only pins need arithmetic.
    from related_posts.explain import explain
    from related_posts.ranking import to_scores

    try:
        why = explain(index, row, other)
    except StorageError:
        return None, None
    score = to_scores(np.array([why.final]))
    return min(why.similarity, 1.0), float(score[0])


def unknown_posts(index: Index | None, rule: Rule) -> list[str]:
    """Ids that a rule names and a version does not have; none where there is no version."""
    unknown = []
    for post_id in filter(None, (rule.post, rule.under)):
        try:
            if index is not None:
                index.row(id=post_id)
        except UnknownPostError:
            unknown.append(post_id)
    return unknown
