"""One read of a source, written into the archive within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection, bindparam, func, select

from related_posts.archive.accepting import content_of, put_post, said_of, withdraw_post
from related_posts.archive.placing import address_key
from related_posts.archive.reads import Read, forget, record, sources_of
from related_posts.archive.revision import raise_revision
from related_posts.archive.rules import Outcome, put_rule, remove_rule
from related_posts.archive.tables import posts, sort_key, written
from related_posts.archive.withdrawals import withdraw
from related_posts.archive.writing import Written, rename_links, write
from related_posts.curation.rules import Rule
from related_posts.posts import Post
from related_posts.schema import post_from_bytes, utc

_T = TypeVar("_T")

#: Posts written at a time; more would not be faster and would take memory.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A post that the source holds but that could not be read: its old row stays.

    Attributes:
        post_id: Its id, or None where even that is unknown: nobody can tell then
            whose row to keep, so this read deletes nothing.
    """

    post_id: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A post that the source holds and that must not be shown (any more): a draft, say.

    Its row goes even where this read is no full picture and deletes nothing else.

    Attributes:
        post_id: Its id.
    """

    post_id: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A post that the source still holds and did not send again: its row stays.

    Attributes:
        post_id: Its id.
    """

    post_id: str


#: What a read of a source consists of. Ids are the source's own.
Entry: TypeAlias = Post | Unreadable | Withdrawn | Unchanged


@dataclass(frozen=True, slots=True)
class Counts:
    """What an update did to the rows.

    Attributes:
        added: Posts the archive did not hold.
        changed: Posts that said something else before.
        unchanged: Posts that say the same.
        deleted: Rows of this source that it no longer holds or shows, now gone.
        kept: Rows of this source that this read did not bring and that stay: the
            source is no full picture, or the post could not be read.
        taken_over: Posts that were another source's; each is also counted as
            changed or unchanged.
        elsewhere: Posts left to another source's row, which knows more of them.
        apart: Posts kept under another id, as another post has theirs; each is also
            counted as added, changed or unchanged.
        absent: Posts said to be unchanged that the archive does not hold: they are
            missing until the source is read as a whole.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    kept: int = 0
    taken_over: int = 0
    elsewhere: int = 0
    apart: int = 0
    absent: int = 0

    def __add__(self, other: Counts) -> Counts:
        """The sum, field by field."""
        return Counts(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts))
        )


@dataclass(slots=True)
class _Said:
    """What a read says of posts it does not bring."""

    withdrawn: set[str]
    unreadable: set[str | None]
    unchanged: set[str]


class Update:
    """Writes reads of sources; nothing of it is seen before the transaction ends.

    Args:
        connection: In a transaction that holds the write lock.
        now: The moment recorded with every row that changes.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._changed_at = utc(now)
        self._revision: int | None = None

    def read(
        self, source: str, entries: Iterable[Entry], *, complete: bool, known: int | None = None
    ) -> Counts:
        """Take in everything one source says.

        Memory holds a batch of posts and the set of ids read. Where a post goes
        that another source speaks of too is told in ``archive.placing``. A post that
        goes is withdrawn: no earlier version shows it any more, until it is written again.

        Args:
            source: The source's stable identity, not empty.
            entries: Posts and what is to be said of others, in any order; no post
                twice. A post counts for more than anything else said of its id.
            complete: Whether rows of this source that are not among them go.
            known: The archive's revision when the source was asked. What was written over
                HTTP since then is newer than what it says, and stays. None is now.

        Raises:
            ValueError: The source has no name, or an id comes twice.
            PostError: A post's ``extra`` holds what JSON cannot.
        """
        if not source:
            raise ValueError("a source needs a name")
        seen: set[str] = set()
        said = _Said(set(), set(), set())
        newer = self._written_since(known)
        written = Written(self._connection, source, complete, self._changed_at)
        for batch in _batches(_readable(entries, said, newer), BATCH):
            ids = {post.id for post in batch}
            if len(ids) < len(batch) or not seen.isdisjoint(ids):
                raise ValueError(f"source {source} yields an id twice")
            seen |= ids
            write(written, batch)
        rename_links(written)
        counts = self._counted(written) + self._leave(source, seen, said, complete=complete)
        if counts.added or counts.changed or counts.deleted or counts.taken_over:
            self._raise()
        return counts

    def content(self, post_id: str, url: str = "", *, to_withdraw: bool = False) -> str | None:
        """Content hash of the post that a write is about; see ``archive.accepting``."""
        return content_of(self._connection, post_id, url, to_withdraw=to_withdraw)

    def is_outdated(
        self, post_id: str, said: datetime, url: str = "", *, to_withdraw: bool = False
    ) -> bool:
        """Whether something later was told of a post than what was told at a moment.

        See ``archive.accepting`` for which post is meant.
        """
        known = said_of(self._connection, post_id, url, to_withdraw=to_withdraw)
        return known is not None and sort_key(said) < known

    def put(self, post: Post, said: datetime | None = None) -> tuple[Outcome, str]:
        """Write one post as a writer over HTTP says it; see ``archive.accepting``.

        Args:
            post: The post.
            said: When it was told, for ``is_outdated``; None where that is not known.

        Returns:
            What came of it, and the id it is stored under.
        """
        revision = self._raise()
        outcome, post_id, was_withdrawn = put_post(
            self._connection,
            post,
            revision=revision,
            changed_at=self._changed_at,
            said=None if said is None else sort_key(said),
        )
        return ("changed" if was_withdrawn and outcome == "unchanged" else outcome), post_id

    def withdraw(self, post_id: str, url: str = "", said: datetime | None = None) -> bool:
        """Delete one post and let no version show it; whether that changed anything.

        Args:
            post_id: The id the writer uses, whether or not the archive has it.
            url: Its address, where the writer says it.
            said: As for ``put``.
        """
        revision = self._raise()
        return withdraw_post(
            self._connection,
            post_id,
            url=url,
            revision=revision,
            changed_at=self._changed_at,
            said=None if said is None else sort_key(said),
        )

    def put_rule(self, rule: Rule) -> Outcome:
        """Write a rule of curation; one with the same id is replaced."""
        outcome = put_rule(self._connection, rule)
        if outcome != "unchanged":
            self._raise()
        return outcome

    def remove_rule(self, rule_id: str) -> Rule | None:
        """Remove a rule of curation; None where there is none with that id."""
        removed = remove_rule(self._connection, rule_id)
        if removed is not None:
            self._raise()
        return removed

    def count(self) -> int:
        """How many posts there are, this update included."""
        return self._connection.scalar(select(func.count()).select_from(posts)) or 0

    def held(self, source: str) -> int:
        """How many rows a source has, this update included."""
        counted = select(func.count()).select_from(posts).where(posts.c.source == source)
        return self._connection.scalar(counted) or 0

    def sources(self) -> dict[str, int]:
        """The sources that have rows, by name, each with their number."""
        return sources_of(self._connection)

    def record(self, source: str, *, started: datetime, since: datetime | None) -> None:
        """Note that a source was read; see ``archive.reads.Read``."""
        read = Read(
            started=utc(started),
            finished=self._changed_at,
            posts=self.held(source),
            since=None if since is None else utc(since),
        )
        record(self._connection, source, read)

    def forget(self, source: str) -> int:
        """Remove all rows of a source and what is known of its reads; how many rows it were."""
        n_rows = self.held(source)
        self._connection.execute(posts.delete().where(posts.c.source == source))
        forget(self._connection, source)
        return n_rows

    def _raise(self) -> int:
        """The number of this update's change."""
        if self._revision is None:
            self._revision = raise_revision(self._connection)
        return self._revision

    def _written_since(self, known: int | None) -> _Newer:
        """What was said over HTTP of posts after a revision."""
        if known is None:
            return _Newer(frozenset(), frozenset())
        question = select(written.c.id, written.c.address).where(written.c.revision > known)
        rows = self._connection.execute(question).all()
        addresses = frozenset(row.address for row in rows if row.address)
        return _Newer(frozenset(row.id for row in rows), addresses)

    def _urls(self, ids: list[str]) -> list[str]:
        rows = select(posts.c.post).where(posts.c.id.in_(ids), posts.c.address != "")
        return [post_from_bytes(one).url for one in self._connection.execute(rows).scalars()]

    def _withdraw(self, ids: list[str], urls: list[str]) -> None:
        """Withdraw rows that are gone, but for addresses where another post stands."""
        addresses = {address_key(url): url for url in urls}
        still = select(posts.c.address).where(posts.c.address.in_(addresses))
        there = set(self._connection.execute(still).scalars())
        gone = [url for address, url in addresses.items() if address not in there]
        withdraw(self._connection, ids, gone, self._changed_at)

    @staticmethod
    def _counted(written: Written) -> Counts:
        return Counts(
            added=written.added,
            changed=written.changed,
            unchanged=written.unchanged,
            taken_over=written.taken_over,
            elsewhere=written.elsewhere,
            apart=written.apart,
        )

    def _leave(self, source: str, seen: set[str], said: _Said, *, complete: bool) -> Counts:
        """Delete the rows that this read says are gone, and count those that stay."""
        own = select(posts.c.id, posts.c.own_id).where(posts.c.source == source)
        may_delete = complete and None not in said.unreadable
        gone: list[str] = []
        n_unchanged = n_kept = 0
        for row in self._connection.execute(own):
            if row.own_id in seen:
                continue
            if row.own_id in said.unchanged:
                n_unchanged += 1
            elif row.own_id in said.withdrawn or (may_delete and row.own_id not in said.unreadable):
                gone.append(row.id)
            else:
                n_kept += 1
        by_id = posts.delete().where(posts.c.id == bindparam("key"))
        for batch in _batches(iter(gone), BATCH):
            urls = self._urls(batch)
            self._connection.execute(by_id, [{"key": post_id} for post_id in batch])
            self._withdraw(batch, urls)
        n_absent = len(said.unchanged - seen) - n_unchanged
        return Counts(unchanged=n_unchanged, deleted=len(gone), kept=n_kept, absent=n_absent)


@dataclass(frozen=True, slots=True)
class _Newer:
    """Posts of which the archive knows more than the read does, by id and by address."""

    ids: frozenset[str]
    addresses: frozenset[str]

    def has(self, post: Post) -> bool:
        """Whether a post is one of them."""
        return post.id in self.ids or (
            bool(self.addresses) and address_key(post.url) in self.addresses
        )


def _readable(entries: Iterable[Entry], said: _Said, newer: _Newer) -> Iterator[Post]:
    """The posts of a read; what is said of others is noted on the way."""
    for entry in entries:
        if isinstance(entry, Post):
            if newer.has(entry):
                said.unreadable.add(entry.id)
            else:
                yield entry
        elif isinstance(entry, Withdrawn) and entry.post_id in newer.ids:
            said.unreadable.add(entry.post_id)
        elif isinstance(entry, Withdrawn):
            said.withdrawn.add(entry.post_id)
        elif isinstance(entry, Unchanged):
            said.unchanged.add(entry.post_id)
        else:
            said.unreadable.add(entry.post_id)


def _batches(values: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while batch := list(islice(values, size)):
        yield batch
