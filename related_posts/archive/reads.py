"""The sources: how many rows each has, and when it was last read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from related_posts.archive.tables import posts, reads


@dataclass(frozen=True, slots=True)
class Read:
    """The last whole read of a source; moments are RFC 3339 in UTC.

    Attributes:
        started: When it began.
        finished: The moment it was written under.
        posts: Posts of the source in the archive afterwards.
        since: Up to then the archive knows of every change; None where it lacks posts
            and the source has to be read as a whole. Earlier than ``started`` where
            something was broken: it is asked for again.
    """

    started: str
    finished: str
    posts: int
    since: str | None


def sources_of(connection: Connection) -> dict[str, int]:
    """The sources that have rows, by name, each with their number."""
    counted = select(posts.c.source, func.count()).group_by(posts.c.source)
    return dict(sorted((row[0], int(row[1])) for row in connection.execute(counted)))


def reads_of(connection: Connection) -> dict[str, Read]:
    """The last read of every source, by its name."""
    found = connection.execute(select(reads).order_by(reads.c.source))
    return {row.source: Read(row.started, row.finished, row.posts, row.since) for row in found}


def record(connection: Connection, source: str, read: Read) -> None:
    """Replace what is known of a source's last read."""
    forget(connection, source)
    connection.execute(
        reads.insert().values(
            source=source,
            started=read.started,
            finished=read.finished,
            posts=read.posts,
            since=read.since,
        )
    )


def forget(connection: Connection, source: str) -> None:
    """Know nothing of a source's reads."""
    connection.execute(reads.delete().where(reads.c.source == source))
