"""A snapshot: the archive at one moment, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from related_posts.archive.tables import posts

#: Posts asked for at a time.
_AT_ONCE = 500

_INDEX_ORDER = (posts.c.published.desc(), posts.c.id)


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
        in_order = select(posts.c.post).order_by(*_INDEX_ORDER)
        result = self._connection.execution_options(yield_per=size).execute(in_order)
        with closing(result):
            for block in result.scalars().partitions(size):
                yield list(block)

    def contents(self) -> tuple[list[str], NDArray[np.uint64]]:
        """Every post's id, and the first 16 bytes of its content hash, in index order.

        Posts that say the same have the same hash, ids and dates included: no two of an archive.

        Returns:
            Ids, and hashes of shape (n, 2).
        """
        if self._connection is None:
            return [], np.empty((0, 2), np.uint64)
        in_order = select(posts.c.id, posts.c.content_hash).order_by(*_INDEX_ORDER)
        result = self._connection.execute(in_order, execution_options={"yield_per": _AT_ONCE})
        ids: list[str] = []
        digests: list[str] = []
        # In blocks, since the garbage collector looks through what is held of all rows.
        with closing(result):
            for block in result.partitions(_AT_ONCE):
                some, theirs = zip(*block, strict=True)
                ids += some
                digests.append("".join(theirs))
        hashes = np.frombuffer(bytes.fromhex("".join(digests)), "<u8").reshape(-1, 4)
        return ids, hashes[:, :2].astype(np.uint64)

    def posts(self, ids: Sequence[str]) -> list[bytes]:
        """The canonical JSON of some posts, which must be there, in the order of their ids."""
        if self._connection is None or not ids:
            return []
        found: dict[str, bytes] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            asked = select(posts.c.id, posts.c.post).where(posts.c.id.in_(some))
            found.update((id, post) for id, post in self._connection.execute(asked))
        return [found[id] for id in ids]
