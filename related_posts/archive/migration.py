"""Bring an archive of an earlier release to today's tables, within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Column, Connection, bindparam, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from related_posts.archive.placing import address_key
from related_posts.archive.tables import (
    ADDRESS,
    OWN,
    SCHEMA_VERSION,
    SINCE_3,
    meta,
    posts,
    reads,
    written,
)
from related_posts.schema import post_from_bytes

#: Rows rewritten at a time.
_BATCH = 500


def migrate(connection: Connection, found: int) -> None:
    """Take an archive step by step from a schema to today's.

    Args:
        connection: In a transaction that holds the write lock; undone as a whole
            where it fails.
        found: The schema it has, one of those before today's.
    """
    for version in range(found, SCHEMA_VERSION):
        _STEPS[version](connection)
    connection.execute(
        update(meta).where(meta.c.name == "schema").values(value=str(SCHEMA_VERSION))
    )


def _from_1(connection: Connection) -> None:
    """Rows learn the id their source gave them and where they stand; reads are kept."""
    for column in (posts.c.own_id, posts.c.address):
        _add_column(connection, column)
    connection.execute(update(posts).values(own_id=posts.c.id))
    ids = connection.execute(select(posts.c.id)).scalars().all()
    by_id = update(posts).where(posts.c.id == bindparam("key"))
    for start in range(0, len(ids), _BATCH):
        rows = select(posts.c.id, posts.c.post).where(posts.c.id.in_(ids[start : start + _BATCH]))
        addressed = [
            {"key": row.id, "address": address_key(post_from_bytes(row.post).url)}
            for row in connection.execute(rows)
        ]
        connection.execute(by_id, addressed)
    OWN.create(connection)
    ADDRESS.create(connection)
    reads.create(connection)


def _from_2(connection: Connection) -> None:
    """Rules, withdrawals and what was written over HTTP have tables, all empty."""
    for table in SINCE_3:
        table.create(connection)


def _from_3(connection: Connection) -> None:
    """What was told over HTTP has a time; where the step before made the table, it is there."""
    there = {column["name"] for column in inspect(connection).get_columns(written.name)}
    if written.c.said.name not in there:
        _add_column(connection, written.c.said)


def _add_column(connection: Connection, column: Column[Any]) -> None:
    definition = CreateColumn(column).compile(dialect=connection.dialect)
    connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}"))


#: Schema to the step to the next one.
_STEPS: Mapping[int, Callable[[Connection], None]] = {1: _from_1, 2: _from_2, 3: _from_3}

#: The schemas that are read, and brought to today's by the next update.
SUPPORTED = (*_STEPS, SCHEMA_VERSION)
