"""The archive's tables, in the SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy import Text as _Text

#: Rises whenever a table changes; kept in the database itself.
SCHEMA_VERSION = 4

#: Sort key of a post without a date: below every moment there is.
UNDATED = -(2**63)

metadata = MetaData()

# Order by code point is SQLite's own; PostgreSQL has to be told.
_Key = _Text().with_variant(_Text(collation="C"), "postgresql")

meta = Table(
    "archive_meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", _Text, nullable=False),
)

posts = Table(
    "archive_posts",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("source", _Text, nullable=False, index=True),
    Column("content_hash", String(64), nullable=False),
    # Microseconds since 1970 in UTC, or UNDATED: newest first is descending order.
    Column("published", BigInteger, nullable=False),
    # When this row last changed, RFC 3339 in UTC.
    Column("changed", String(32), nullable=False),
    # schema.post_to_bytes
    Column("post", LargeBinary, nullable=False),
    # The id its source gives the post; another than ``id`` where that was taken.
    Column("own_id", _Key, nullable=False, server_default=""),
    # archive.placing.address_key of its URL.
    Column("address", String(64), nullable=False, server_default=""),
)

# With the hash, so that what changed is told without reading the posts.
Index("archive_posts_order", posts.c.published.desc(), posts.c.id, posts.c.content_hash)
#: What schema 2 added to the table of posts.
OWN = Index("archive_posts_own", posts.c.source, posts.c.own_id)
ADDRESS = Index("archive_posts_address", posts.c.address)

#: The last whole read of each source.
reads = Table(
    "archive_reads",
    metadata,
    Column("source", _Key, primary_key=True),
    # Moments, RFC 3339 in UTC.
    Column("started", String(32), nullable=False),
    Column("finished", String(32), nullable=False),
    # Posts of the source in the archive afterwards.
    Column("posts", Integer, nullable=False),
    # From when on changes are unknown to the archive, or null: everything is.
    Column("since", String(32)),
)

#: What people decided about lists; see ``curation.rules``.
rules = Table(
    "archive_rules",
    metadata,
    Column("id", String(12), primary_key=True),
    # Rises from rule to rule, so that they keep the order in which they were made.
    Column("place", BigInteger, nullable=False),
    Column("post", _Key, nullable=False, index=True),
    Column("under", _Key, nullable=False, index=True),
    # curation.rules.Rule.to_json
    Column("rule", LargeBinary, nullable=False),
)

#: Posts that were withdrawn and must not be seen in any version.
withdrawn = Table(
    "archive_withdrawn",
    metadata,
    # SHA-256 of kind and value: an id or an address may be longer than an index takes.
    Column("key", String(64), primary_key=True),
    # ``id`` or ``url``
    Column("kind", String(8), nullable=False),
    Column("value", _Text, nullable=False),
    Column("changed", String(32), nullable=False),
)

#: The last that was said of a post over HTTP, under the id that the writer uses.
written = Table(
    "archive_written",
    metadata,
    # SHA-256 of the id.
    Column("key", String(64), primary_key=True),
    Column("id", _Text, nullable=False),
    # archive.placing.address_key of the post's URL, and the URL.
    Column("address", String(64), nullable=False),
    Column("url", _Text, nullable=False),
    # The archive's revision that came of it.
    Column("revision", BigInteger, nullable=False, index=True),
    # The latest time that a webhook gave for what it told, as ``sort_key``; null before one did.
    Column("said", BigInteger),
)

#: What schema 3 added.
SINCE_3 = (rules, withdrawn, written)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sort_key(published: datetime | None) -> int:
    """Microseconds from 1970 to a moment, exactly, or UNDATED."""
    return UNDATED if published is None else (published - _EPOCH) // timedelta(microseconds=1)
