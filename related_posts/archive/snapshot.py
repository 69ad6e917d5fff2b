"""A snapshot: the archive at one moment, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import Connection, func, select

from related_posts.archive.tables import posts


class Snapshot:
    """The archive at the moment the snapshot was taken.

    Args:
        connection: In a read transaction of its own, or None where there is no
            archive yet, which reads as empty.
    """

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection

    def count(self) -> int:
        """How many posts there are."""
        if self._connection is None:
            return 0
        return int(self._connection.execute(select(func.count()).select_from(posts)).scalar_one())

    def blocks(self, size: int = 500) -> Iterator[list[bytes]]:
        """Every post's canonical JSON in index order, in blocks.

        The order is that of the index rows: newest first, undated ones last, equal
        moments by id, ascending by code point. It is streamed: memory holds a block.

        Args:
            size: Posts a block, at least 1; the last may be shorter, none is empty.
        """
        if size < 1:
            raise ValueError(f"size is {size}, it must be at least 1")
        if self._connection is None:
            return
        in_order = select(posts.c.post).order_by(posts.c.published.desc(), posts.c.id)
        result = self._connection.execution_options(yield_per=size).execute(in_order)
        with closing(result):
            for block in result.scalars().partitions(size):
                yield list(block)
