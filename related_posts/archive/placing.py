"""Which row a post belongs to, where several sources may speak of the same post.

One post of the blog is one row, whoever told of it. Sources give ids of their own,
and two blogs number their posts alike, so an id alone does not say which post is
meant; what readers see is the address. The rules, in this order:

1. A post that its source told of before keeps its row and the row's id.
2. A post at the address of another source's row is that post. A full picture takes
   the row over, under its own id; a source that is none leaves the row as it is.
3. A post whose id another post has is kept apart, under ``SOURCE:ID``.
4. Any other post is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from related_posts.posts import Post
from related_posts.urls import split


@dataclass(frozen=True, slots=True)
class Row:
    """What the archive knows of a post it holds, but for the post.

    Attributes:
        id: The id under which everybody else finds it.
        source: The source it came from.
        own_id: The id by which that source calls it.
        address: ``address_key`` of its URL.
        content_hash: Checksum of its canonical JSON.
    """

    id: str
    source: str
    own_id: str
    address: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post goes.

    Attributes:
        id: The id it is stored under.
        row: The row it replaces, or None for a new one.
        elsewhere: The row belongs to a source that knows more; it stays as it is.
    """

    id: str
    row: Row | None = None
    elsewhere: bool = False


def address_key(url: str) -> str:
    """What equal addresses have in common, short enough for any index; empty for none.

    The front page is no address of a post: what claims to be there has none.
    """
    host, path = split(url)
    if path == "/":
        return ""
    return hashlib.sha256((host + path).encode("utf-8", "surrogatepass")).hexdigest()


class Places:
    """The rows that the posts of one batch may be about, kept up to date while they are placed.

    Args:
        source: The source that is read.
        complete: Whether this read is a full picture of the blog.
        rows: Rows of this source by its own ids, rows under the batch's ids, and other
            sources' rows at its addresses; one row may be all of that.
        stored: Gives the post of a row.
        is_taken: Whether the archive has a row of an id.
    """

    def __init__(
        self,
        source: str,
        rows: Iterable[Row],
        *,
        complete: bool,
        stored: Callable[[Row], Post],
        is_taken: Callable[[str], bool],
    ) -> None:
        self._source = source
        self._complete = complete
        self._stored = stored
        self._is_taken = is_taken
        self._own: dict[str, Row] = {}
        self._by_id: dict[str, Row] = {}
        self._at: dict[str, list[Row]] = {}
        for row in rows:
            self._add(row)

    def place(self, post: Post, address: str) -> Place:
        """Decide where a post goes; see the module. Each post of a batch is asked for once.

        Args:
            post: The post, under its source's own id.
            address: ``address_key`` of its URL.
        """
        own = self._own.get(post.id)
        if own is not None:
            return Place(own.id, own)
        namesake = self._by_id.get(post.id)
        known = self._known(post, address, namesake)
        if known is not None and not self._complete:
            return Place(known.id, known, elsewhere=True)
        if known is not None:
            self._remove(known)
        post_id = post.id if namesake is None or namesake == known else self._apart(post.id)
        self._add(Row(post_id, self._source, post.id, address, ""))
        return Place(post_id, known)

    def _known(self, post: Post, address: str, namesake: Row | None) -> Row | None:
        """The row that another source made of this post, if it is plain which."""
        rows = self._at.get(address, []) if address else []
        if (
            namesake is not None
            and namesake.source != self._source
            and (namesake.address == address or same_address(post, self._stored(namesake)))
        ):
            return namesake
        return rows[0] if len(rows) == 1 else None

    def _apart(self, post_id: str) -> str:
        while True:
            post_id = f"{self._source}:{post_id}"
            if post_id not in self._by_id and not self._is_taken(post_id):
                return post_id

    def _add(self, row: Row) -> None:
        self._by_id[row.id] = row
        if row.source == self._source:
            self._own[row.own_id] = row
        elif row.address and row not in self._at.setdefault(row.address, []):
            self._at[row.address].append(row)

    def _remove(self, row: Row) -> None:
        del self._by_id[row.id]
        if row in self._at.get(row.address, []):
            self._at[row.address].remove(row)


def same_address(post: Post, stored: Post) -> bool:
    """Whether one of two posts stands where the other is or was.

    A site-relative address is compared by its path, as its site is left open.
    """
    first, second = ({split(one) for one in (each.url, *each.aliases)} for each in (post, stored))
    if first & second:
        return True
    paths = {path for host, path in first if not host} & {path for _, path in second}
    paths |= {path for host, path in second if not host} & {path for _, path in first}
    return bool(paths - {"/"})
