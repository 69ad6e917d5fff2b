"""Posts that were withdrawn: remembered, so that no earlier version shows them again.

A withdrawal names an id and an address, each for itself: when another post is
written under one of the two, that one stands for the new post and is taken back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, select

from related_posts.archive.tables import withdrawn
from related_posts.urls import normalise

_BATCH = 500


def id_key(post_id: str) -> str:
    """The key of an id."""
    return _key("id", post_id)


def url_key(url: str) -> str:
    """The key of an address, equal for all ways to write it."""
    return _key("url", normalise(url))


def withdraw(
    connection: Connection, ids: Iterable[str], urls: Iterable[str], changed_at: str
) -> int:
    """Remember that posts of these ids and at these addresses must not be seen.

    Returns:
        How many of them were not remembered before.
    """
    rows = {
        id_key(post_id): {"key": id_key(post_id), "kind": "id", "value": post_id} for post_id in ids
    }
    rows |= {url_key(url): {"key": url_key(url), "kind": "url", "value": url} for url in urls}
    known = _known(connection, list(rows))
    new = [{**row, "changed": changed_at} for key, row in rows.items() if key not in known]
    if new:
        connection.execute(withdrawn.insert(), new)
    return len(new)


def take_back(connection: Connection, keys: Iterable[str]) -> int:
    """Forget withdrawals by their keys, as posts are there again; how many there were."""
    known = sorted(_known(connection, list(keys)))
    for start in range(0, len(known), _BATCH):
        batch = known[start : start + _BATCH]
        connection.execute(withdrawn.delete().where(withdrawn.c.key.in_(batch)))
    return len(known)


def is_any(connection: Connection) -> bool:
    """Whether anything is withdrawn."""
    return connection.execute(select(withdrawn.c.key).limit(1)).first() is not None


def withdrawals(connection: Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids and addresses, each ascending."""
    found = connection.execute(select(withdrawn.c.kind, withdrawn.c.value)).all()
    ids = sorted(row.value for row in found if row.kind == "id")
    return tuple(ids), tuple(sorted(row.value for row in found if row.kind == "url"))


def _known(connection: Connection, keys: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(keys), _BATCH):
        question = select(withdrawn.c.key).where(withdrawn.c.key.in_(keys[start : start + _BATCH]))
        known |= set(connection.execute(question).scalars())
    return known


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()
