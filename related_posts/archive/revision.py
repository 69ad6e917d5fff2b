"""The archive's revision: a number that rises with every change of posts or rules."""

from __future__ import annotations

from sqlalchemy import Connection, select

from related_posts.archive.tables import meta

_NAME = "revision"


def revision_of(connection: Connection) -> int:
    """The number of the last change; 0 before the first."""
    found = connection.scalar(select(meta.c.value).where(meta.c.name == _NAME))
    return int(found or 0)


def raise_revision(connection: Connection) -> int:
    """Note a change, under the write lock; its number."""
    number = revision_of(connection) + 1
    connection.execute(meta.delete().where(meta.c.name == _NAME))
    connection.execute(meta.insert().values(name=_NAME, value=str(number)))
    return number
