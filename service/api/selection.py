"""Which posts go into a list, in which order, and why each is there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from related_posts.curation.overlay import Overlay, is_kept, listed
from related_posts.facets import AUTHOR, CATEGORY, TAG, label_key
from related_posts.filters import Filters
from related_posts.index import Index
from service.api.finder import Finder
from service.api.parameters import MAX_LIMIT
from service.api.query import PLAIN, Options
from service.ops.counters import EMPTY_LISTS, FALLBACKS, Counters

if TYPE_CHECKING:
    from related_posts.scoring import Query

#: More places than people pin posts to.
MAX_PINS = 10_000
#: A name that no post can have: it has no letter.
_NOBODY = "\0"
#: Steps of a fallback that go by what posts share: the kind of facet, and the member of a post.
_SHARED = {"category": (CATEGORY, "categories"), "tag": (TAG, "tags")}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One item of a list.

    Attributes:
        row: The post.
        similarity: Its cosine with what was asked about; None where it is no match.
        score: Its final score; None where it is no match.
        reason: Why it is there although it is no match; None for a match.
    """

    row: int
    similarity: float | None = None
    score: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for.

    Attributes:
        row: The post asked about, or None where it is no post of the version.
        query: The text asked about, or None.
        words: What an unknown address says, for a fallback to search for.
        author: Display name of the author, or empty.
        tags: Names of tags, for a fallback.
        categories: Names of categories, for a fallback.
        without: Rows that must not be in the list.
    """

    row: int | None = None
    query: Query | None = None
    words: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    without: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of_row(cls, finder: Finder, row: int, without: frozenset[int]) -> Asked:
        """A post of the version, with what a fallback needs to know of it."""
        post = finder.index.post(row)
        return cls(
            row=row,
            author=post["author"],
            tags=tuple(post["tags"]),
            categories=tuple(post["categories"]),
            without=without | {row},
        )


class Selection:
    """Makes lists in one version for one day.

    Args:
        finder: The version.
        today: The day from which the recent past is counted, in UTC.
        overlay: What people decided about the version; None for nothing.
        counters: Where empty lists and those that a fallback filled up are counted; None for
            lists that no reader asked for.

    Attributes:
        finder: The version.
        index: The same, as it is on disk.
    """

    def __init__(
        self, finder: Finder, today: date, overlay: Overlay | None, counters: Counters | None
    ) -> None:
        self._overlay = overlay
        self._counters = counters
        self.finder = finder
        self.index = finder.index
        self._today = today

    @classmethod
    def of(cls, index: Index, overlay: Overlay | None) -> Selection:
        """For lists outside the service: as of today in UTC, counted by nobody."""
        return cls(Finder(index), datetime.now(UTC).date(), overlay, None)

    def plain(self, row: int, limit: int) -> list[Chosen]:
        """The list of a post where nothing else is asked for: the one that is kept, if it tells."""
        if is_kept(self.index, row, limit, self._overlay):
            return [Chosen(*one) for one in listed(self.index, row, limit, self._overlay)]
        return self.choose(Asked.of_row(self.finder, row, frozenset()), limit, PLAIN)

    def choose(self, asked: Asked, limit: int, options: Options) -> list[Chosen]:
        """The items of a list: matches first, then what its fallback brings.

        Args:
            asked: What is asked about.
            limit: Most items.
            options: What else is asked for.
        """
        page = self._page(asked, limit, options)
        if not page and self._counters is not None:
            self._counters.happened(EMPTY_LISTS)
        return page

    def _page(self, asked: Asked, limit: int, options: Options) -> list[Chosen]:
        curated = self._curated(asked)
        if curated is None:
            return []
        asked = curated
        if options.exclude_linked and asked.row is not None:
            linked = self.finder.index.links(asked.row)
            asked = replace(asked, without=asked.without | frozenset(linked))
        wanted = options.offset + limit
        filters = self.filters(asked, options)
        overlay = self._overlay
        pool, is_lifting = wanted, False
        is_arranged = overlay is not None and asked.row is not None
        if overlay is not None and asked.row is not None:
            # A post pinned further down leaves its place to the next, and a cornerstone
            # post may stand behind what is shown.
            pool += overlay.n_pins(asked.row)
            is_lifting = bool(overlay.cornerstones)
        if options.diversity or is_lifting:
            pool = max(pool, MAX_LIMIT)
        found = self._matches(asked, pool, filters, options)
        if options.diversity:
            found = self._spread(found, options.diversity)
        page = found[options.offset : wanted]
        if is_arranged:
            page = self._arranged(asked, found, limit, options.offset, filters)
            if len(page) < limit:
                found = self._arranged(asked, found, len(found) + MAX_PINS, 0, filters)
        if len(page) < limit and options.fallback:
            taken = asked.without | {item.row for item in found}
            more = self._fallen_back(asked, filters, options, taken)
            start = max(options.offset - len(found), 0)
            filling = list(islice(more, start, start + limit - len(page)))
            if filling and self._counters is not None:
                self._counters.happened(FALLBACKS)
            page += filling
        return page

    def _curated(self, asked: Asked) -> Asked | None:
        """What is asked for without what no list may show; None where no list is shown."""
        if self._overlay is None:
            return asked
        if asked.row is None:
            return replace(asked, without=asked.without | self._overlay.unseen)
        if asked.row in self._overlay.muted:
            return None
        return replace(asked, without=asked.without | self._overlay.barred(asked.row))

    def _arranged(
        self, asked: Asked, found: list[Chosen], limit: int, offset: int, filters: Filters
    ) -> list[Chosen]:
        """A page of the list with what people pinned, and cornerstone posts, in their places."""
        assert self._overlay is not None
        assert asked.row is not None
        mask = self.finder.mask(filters)
        shown = self._overlay.apply(
            asked.row,
            [item.row for item in found],
            [item.similarity or 0.0 for item in found],
            [item.score or 0.0 for item in found],
            limit,
            offset=offset,
            excluded=asked.without,
            allowed=None if mask is None else lambda row: bool(mask[row]),
        )
        return [Chosen(*one) for one in shown]

    def filters(self, asked: Asked, options: Options) -> Filters:
        """The filters of a request, with those that depend on what is asked about."""
        filters = options.filters_on(self._today)
        if options.same_author:
            wanted = {label_key(name) for name in filters.authors}
            own = asked.author if not wanted or label_key(asked.author) in wanted else ""
            filters = replace(filters, authors=(own or _NOBODY,))
        if options.past_only:
            day = self._day(asked)
            if not math.isnan(day):
                filters = replace(filters, until=day)
        return filters

    def _day(self, asked: Asked) -> float:
        if asked.row is not None:
            return float(self.index.days[asked.row])
        return math.nan if asked.query is None else asked.query.day

    def _matches(
        self, asked: Asked, wanted: int, filters: Filters, options: Options
    ) -> list[Chosen]:
        """The best related posts that pass, in order; fewer where fewer are related."""
        if asked.row is None and asked.query is None:
            return []
        found = self._kept(asked, wanted, filters, options)
        if found is None:
            found = self._exact(asked, wanted, filters)
        return [item for item in found if (item.score or 0.0) >= options.min_score]

    def _kept(
        self, asked: Asked, wanted: int, filters: Filters, options: Options
    ) -> list[Chosen] | None:
        """The list from the one kept for the post; None where that does not tell."""
        index = self.index
        if asked.row is None or (filters.languages and not self.finder.crosses_languages):
            return None
        mask = self.finder.mask(filters)
        rows, similarities, scores = index.neighbours(asked.row, index.k)
        kept = [row not in asked.without and (mask is None or mask[row]) for row in rows]
        copies = self.finder.copies
        if any(copies[row] >= 0 for row, stays in zip(rows, kept, strict=True) if not stays):
            return None  # where one goes, its copy may come
        found = [
            Chosen(row, similarity, score)
            for row, similarity, score, stays in zip(rows, similarities, scores, kept, strict=True)
            if stays
        ]
        # What is behind the last of a list is not better than it.
        whole = len(rows) < index.k or (bool(scores) and scores[-1] < options.min_score)
        return found[:wanted] if whole or len(found) >= wanted else None

    def _exact(self, asked: Asked, wanted: int, filters: Filters) -> list[Chosen]:
        finder = self.finder
        query = finder.scorer.query(asked.row) if asked.row is not None else asked.query
        assert query is not None
        if filters.languages:
            # The request says in which languages; the question's own does not matter then.
            query = replace(query, language=None)
        ranked = finder.best(query, wanted, filters, asked.without, asked.row)
        return [
            Chosen(row, similarity, score)
            for row, similarity, score in zip(
                ranked.rows, ranked.similarities, ranked.scores, strict=True
            )
        ]

    def _spread(self, found: list[Chosen], diversity: float) -> list[Chosen]:
        """The best reordered so that they differ; what comes behind them stays."""
        from related_posts.diversity import spread
        from related_posts.ranking import cosines

        best = found[:MAX_LIMIT]
        vectors = self.index.vectors_of([item.row for item in best])
        scores = np.array([item.score or 0.0 for item in best])
        order = spread(scores, cosines(vectors, vectors), diversity) if best else []
        return [best[place] for place in order] + found[MAX_LIMIT:]

    def _fallen_back(
        self, asked: Asked, filters: Filters, options: Options, taken: frozenset[int]
    ) -> Iterator[Chosen]:
        """What fills the list, step by step, each post once, and no copies of one."""
        allowed = self._allowed(asked, filters)
        copies = self.finder.copies
        seen = set(taken)
        groups = {int(copies[row]) for row in (taken - asked.without)}
        if asked.row is not None:
            groups.add(int(copies[asked.row]))
        for step in options.fallback:
            for item in self._step(step, asked, filters, options, allowed):
                group = int(copies[item.row])
                if item.row in seen or (group >= 0 and group in groups):
                    continue
                seen.add(item.row)
                groups.add(group)
                yield item

    def _allowed(self, asked: Asked, filters: Filters) -> NDArray[np.bool_] | None:
        """Which posts a fallback may bring: those that pass, in the language asked about."""
        mask = self.finder.mask(filters)
        if asked.row is not None and not self.finder.recommends_translations:
            group = int(self.index.translations[asked.row])
            if group >= 0:
                others = self.index.translations != group
                mask = others if mask is None else mask & others
        if filters.languages or self.finder.crosses_languages:
            return mask
        if asked.row is not None:
            language: int | None = int(self.index.languages[asked.row])
        else:
            language = None if asked.query is None else asked.query.language
        if language is None:
            return mask
        same: NDArray[np.bool_] = self.index.languages == language
        return same if mask is None else mask & same

    def _step(
        self,
        step: str,
        asked: Asked,
        filters: Filters,
        options: Options,
        allowed: NDArray[np.bool_] | None,
    ) -> Iterator[Chosen]:
        """What one step of a fallback brings, best first, of the posts that are allowed."""
        if step == "search":
            if not asked.words:
                return
            found, _ = self.search(
                asked.words, options.offset + MAX_LIMIT, filters, asked.without, ""
            )
            for item in found:
                if allowed is None or allowed[item.row]:
                    yield replace(item, reason=step)
            return
        if step == "recent":
            rows = np.arange(self.index.n_posts) if allowed is None else np.flatnonzero(allowed)
        else:
            rows = self._sharing(step, asked)
            # Left out in one go: among many posts of which none passes nothing would be found.
            rows = rows if allowed is None else rows[allowed[rows]]
        for row in rows:
            yield Chosen(int(row), reason=step)

    def _sharing(self, step: str, asked: Asked) -> NDArray[np.int64]:
        """Posts by how many tags or categories they share, or by one author; then newest first."""
        if step == "author":
            kind, labels = AUTHOR, [asked.author]
        else:
            kind, name = _SHARED[step]
            labels = getattr(asked, name)
        shared = [self.index.facets.rows(kind, label) for label in labels]
        if not shared:
            return np.zeros(0, dtype=np.int64)
        rows, counts = np.unique(np.concatenate(shared), return_counts=True)
        return rows[np.argsort(-counts, kind="stable")].astype(np.int64)

    def search(
        self,
        words: str,
        wanted: int,
        filters: Filters,
        without: frozenset[int],
        language: str,
        least: float = 0.0,
    ) -> tuple[list[Chosen], int]:
        """Posts that have some of the words, best first, and how many there are.

        The words are read in each language that the filter leaves, and looked for among the
        posts in it. Dates play no part in their order.

        Args:
            words: What to look for.
            wanted: Most posts.
            filters: What they must pass.
            without: Rows to leave out.
            language: Primary code of the words' language; empty for every language.
            least: The least score of posts that are found and counted.
        """
        from related_posts.text.document import Document

        languages = [language] if language else self.index.manifest.languages
        found: list[Chosen] = []
        total = 0
        for code in languages:
            reader = self.finder.reader
            query = reader.query(Document(title=words, blocks=[words], language=code))
            if not len(query.vector):
                continue
            if not (language and self.finder.crosses_languages):
                query = replace(query, language=reader.place_of(code))
            key = ("search", words, code, least)
            ranked = self.finder.best(
                query, wanted, filters, without, key, counted=True, least=least
            )
            found += map(Chosen, ranked.rows, ranked.similarities, ranked.scores)
            total += ranked.total or 0
        found.sort(key=lambda item: (-(item.score or 0.0), item.row))
        return found[:wanted], total
