"""Ghost's own export: the tables of its database as one JSON document.

Written by Ghost 0.x to 6.x. Read twice: once for what posts point to, which stands
after them (tags, authors), once for the posts. Memory holds that and one post.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from related_posts.errors import SourceError
from training.sources.base import FileSource, Item, Problem, Progress
from training.sources.distinct import distinct
from training.sources.ghost.posts import ghost_item
from training.sources.ghost.tables import table_rows

#: Most rows kept of all tables together; far more than the largest blogs have.
MAX_ROWS = 5_000_000

#: Table to the columns that are kept of it.
_KEPT = {
    "users": ("id", "name"),
    "tags": ("id", "name", "visibility"),
    "posts_meta": ("post_id", "feature_image_alt"),
    "posts_tags": ("post_id", "tag_id", "sort_order"),
    "posts_authors": ("post_id", "author_id", "sort_order"),
}

Row = Mapping[str, Any]


class GhostSource(FileSource):
    """An export of a Ghost blog (Settings, Export), plain or gzip.

    Published and public posts are yielded; drafts, scheduled posts, posts sent only
    by e-mail, posts for members and pages are skipped.

    Args:
        path: The file.
        site: The blog's address, which an export does not hold: without it, addresses
            are site-relative.
        now: The moment of this read; aware.
        progress: Told the bytes read on disk.
    """

    name = "ghost"
    complete = True

    def read(self) -> Iterator[Item]:
        """Every row of the table of posts.

        Raises:
            SourceError: The file is missing, not JSON, cut off, or no Ghost export;
                found by the first pass, so before any post is yielded.
        """
        yield from distinct(self._placed())

    def _placed(self) -> Iterator[tuple[str, Item]]:
        with closing(table_rows(self.path, _KEPT, self._half(0))) as rows:
            tables = Tables(self._kept(rows))
        with closing(table_rows(self.path, ("posts",), self._half(1))) as rows:
            for position, (_, row) in enumerate(rows, start=1):
                place = f"{self.path.name} post {position}"
                if not isinstance(row, dict):
                    yield place, Problem(place, "it is no object")
                    continue
                if slug := row.get("slug"):
                    place = f"{place} ({str(slug)[:80]})"
                yield place, ghost_item(tables.joined(row), place, site=self._site, now=self._now)

    def _kept(self, rows: Iterator[tuple[str, Any]]) -> dict[str, list[Row]]:
        """The columns that matter of the tables that posts point to."""
        kept: dict[str, list[Row]] = defaultdict(list)
        for number, (table, row) in enumerate(rows):
            if number >= MAX_ROWS:
                reason = f"its tags and authors have more than {MAX_ROWS:,} rows"
                raise SourceError(self.path, f"{reason}; this is no export of a blog")
            if isinstance(row, dict):
                kept[table].append({name: row[name] for name in _KEPT[table] if name in row})
        return kept

    def _half(self, done_passes: int) -> Progress:
        """The progress of one of two passes as progress of the whole."""

        def tell(done: int, total: int | None) -> None:
            self._progress((done_passes * (total or 0) + done) // 2, total)

        return tell


class Tables:
    """The tables of an export, joined as posts need them.

    Args:
        data: Table name to rows; a table may be missing, and a row any of its columns.
    """

    def __init__(self, data: Mapping[str, list[Row]]) -> None:
        self._users = {_key(row.get("id")): row for row in data.get("users", ())}
        self._meta = {_key(row.get("post_id")): row for row in data.get("posts_meta", ())}
        tags = {_key(row.get("id")): row for row in data.get("tags", ())}
        self._tags = _related(data, "posts_tags", "tag_id", tags)
        self._authors = _related(data, "posts_authors", "author_id", self._users)

    def joined(self, row: Row) -> dict[str, Any]:
        """A row of posts with its ``tags`` and ``authors``, in the author's order."""
        post_id = _key(row.get("id"))
        # Before 1.22 a post had one author, kept with it.
        author = self._users.get(_key(row.get("author_id")))
        authors = self._authors.get(post_id) or ([author] if author else [])
        meta = self._meta.get(post_id, {})
        alt = row.get("feature_image_alt") or meta.get("feature_image_alt")
        return {
            **row,
            "feature_image_alt": alt,
            "tags": self._tags.get(post_id, []),
            "authors": authors,
            # In an export that is a number, not an author.
            "author": None,
        }


def _related(
    data: Mapping[str, list[Row]], table: str, column: str, targets: Mapping[str, Row]
) -> dict[str, list[Row]]:
    """Post id to the rows a table links it to, by ``sort_order``; ties in order of the file."""
    found: dict[str, list[tuple[Any, Row]]] = defaultdict(list)
    for row in data.get(table, ()):
        target = targets.get(_key(row.get(column)))
        order = row.get("sort_order")
        if target is not None:
            is_number = isinstance(order, (int, float)) and order == order
            found[_key(row.get("post_id"))].append((order if is_number else 0, target))
    return {
        post_id: [row for _, row in sorted(rows, key=lambda pair: pair[0])]
        for post_id, rows in found.items()
    }


def _key(value: object) -> str:
    """An id as a key: old exports write numbers, and not always as such."""
    return str(value) if isinstance(value, (str, int)) else ""
