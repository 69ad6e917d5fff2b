"""What the pages of a site came to, told to whoever expected posts."""

from __future__ import annotations

from collections import Counter

from related_posts.posts import Post
from related_posts.wording import counted
from training.sources.base import Item, Problem, Skipped
from training.sources.site.page import NO_ARTICLE

#: What else reads a blog whose pages do not say what they are.
_OTHERWISE = (
    "name the blog's feed (--format feed), its sitemap, the folder that its posts are in, "
    "or a saved export"
)


class Tally:
    """Counts pages by what they are.

    Args:
        is_crawl: Whether they were found by links, for want of a sitemap.
    """

    def __init__(self, *, is_crawl: bool) -> None:
        self._is_crawl = is_crawl
        self._skipped: Counter[str] = Counter()
        self._broken: list[Problem] = []
        self.n_posts = 0

    def add(self, item: Item) -> None:
        """Count one page."""
        if isinstance(item, Post):
            self.n_posts += 1
        elif isinstance(item, Skipped):
            self._skipped[item.reason] += 1
        elif isinstance(item, Problem):
            self._broken.append(item)

    @property
    def _n_pages(self) -> int:
        return self.n_posts + self._skipped.total() + len(self._broken)

    def nothing_found(self) -> str:
        """Why a read without a post came to nothing, and what to do."""
        reasons = [f"{count:,} {reason}" for reason, count in self._skipped.most_common()]
        if self._broken:
            first = self._broken[0]
            reasons.append(f"{len(self._broken):,} broken, as {first.place}: {first.reason}")
        where = "that its links lead to" if self._is_crawl else "that its sitemaps name"
        said = f" ({'; '.join(reasons)})" if reasons else ""
        return f"none of the {counted(self._n_pages, 'page')} {where} is a post{said}; {_OTHERWISE}"

    def advice(self) -> list[str]:
        """What to know of a read that found posts, a sentence each."""
        told = []
        if self._is_crawl:
            found = f"{counted(self._n_pages, 'page')} found by links, as no sitemap was found"
            told.append(f"{found}; with the address of one all are read, and deletions noticed")
        n_others = sum(n for reason, n in self._skipped.items() if reason.startswith(NO_ARTICLE))
        if n_others > self.n_posts:
            told.append(f"most pages do not say that they are an article; for more, {_OTHERWISE}")
        return told
