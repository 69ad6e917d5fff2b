"""Single posts as a writer says them over HTTP: put in, or withdrawn.

A writer calls a post by the id that readers know, so the rules are other than those
for a source that is read (``archive.placing``):

1. A post whose id the archive has replaces that one, whichever source it came from.
2. A post at the address of one row replaces that one, and keeps the row's id.
3. Any other post is new, and belongs to the source ``api``.

A row keeps its source: what WordPress was read for stays WordPress's, and its next
full read says whether the post is still there.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from related_posts.archive.placing import address_key
from related_posts.archive.rules import Outcome
from related_posts.archive.tables import posts, sort_key, written
from related_posts.archive.withdrawals import id_key, take_back, url_key, withdraw
from related_posts.posts import Post
from related_posts.schema import post_from_bytes, post_to_bytes

#: The source of posts that only a writer brought.
SOURCE = "api"


def content_of(
    connection: Connection, post_id: str, url: str = "", *, to_withdraw: bool = False
) -> str | None:
    """Content hash of the post that a write of this id and address is about; None for none.

    Args:
        connection: The archive.
        post_id: The id the writer uses.
        url: The address it says, or empty.
        to_withdraw: Whether the post shall go, so that it is also known by where it was put.
    """
    held = _about(connection, post_id, url, to_withdraw=to_withdraw)
    return None if held is None else str(held.content_hash)


def said_of(
    connection: Connection, post_id: str, url: str = "", *, to_withdraw: bool = False
) -> int | None:
    """The latest time that came with word of what a write is about, as ``sort_key``.

    That is the id, and the post that would be replaced or go, by whichever id it was told of:
    another may have been made at the address since.

    Args:
        connection: The archive.
        post_id: The id the writer uses.
        url: The address it says, or empty.
        to_withdraw: As for ``content_of``.

    Returns:
        None where no word came with a time.
    """
    held = _about(connection, post_id, url, to_withdraw=to_withdraw)
    times = [_said(connection, one) for one in {post_id, post_id if held is None else held.id}]
    return max((one for one in times if one is not None), default=None)


def put_post(
    connection: Connection, post: Post, *, revision: int, changed_at: str, said: int | None = None
) -> tuple[Outcome, str, bool]:
    """Write one post.

    Args:
        connection: In a transaction that holds the write lock.
        post: The post.
        revision: The number of this change.
        changed_at: When it is made.
        said: When it was told, as ``sort_key``; None where that is not known.

    Returns:
        What came of it, the id it is stored under, and whether it was withdrawn before.
    """
    address = address_key(post.url)
    held = _held(connection, post.id, address)
    post_id = post.id if held is None else held.id
    content = post_to_bytes(post if post_id == post.id else replace(post, id=post_id))
    values: dict[str, Any] = {
        "address": address,
        "content_hash": hashlib.sha256(content).hexdigest(),
        "published": sort_key(post.published),
        "changed": changed_at,
        "post": content,
    }
    outcome: Outcome = "unchanged"
    if held is None:
        named = {"id": post_id, "source": SOURCE, "own_id": post_id}
        connection.execute(posts.insert().values(**named, **values))
        outcome = "added"
    elif held.content_hash != values["content_hash"]:
        connection.execute(posts.update().where(posts.c.id == post_id).values(**values))
        outcome = "changed"
    keys = {id_key(post.id), id_key(post_id), url_key(post.url)}
    was_withdrawn = bool(take_back(connection, keys))
    for told in {post.id, post_id}:
        _note(connection, told, address, post.url, revision, said)
    return outcome, post_id, was_withdrawn


def withdraw_post(
    connection: Connection,
    post_id: str,
    *,
    url: str = "",
    revision: int,
    changed_at: str,
    said: int | None = None,
) -> bool:
    """Delete a post and let no version show it; whether that changed anything.

    Args:
        connection: In a transaction that holds the write lock.
        post_id: The id the writer uses, whether or not the archive has it.
        url: Its address, where the writer says it.
        revision: The number of this change.
        changed_at: When it is made.
        said: When it was told, as ``sort_key``; None where that is not known.
    """
    held, address, url = _meant(connection, post_id, url)
    ids, urls = {post_id}, {url} if url and address else set()
    if held is not None:
        ids.add(held.id)
        stored = connection.scalar(select(posts.c.post).where(posts.c.id == held.id))
        if stored is not None and held.address:
            urls.add(post_from_bytes(stored).url)
        connection.execute(posts.delete().where(posts.c.id == held.id))
    urls = {one for one in urls if not _is_there(connection, address_key(one))}
    n_new = withdraw(connection, ids, urls, changed_at)
    for told in ids:
        _note(connection, told, address, url, revision, said)
    return held is not None or n_new > 0


def _about(connection: Connection, post_id: str, url: str, *, to_withdraw: bool) -> Any:
    """The row that a write of an id and address would replace, or delete; None for none."""
    if to_withdraw:
        return _meant(connection, post_id, url)[0]
    return _held(connection, post_id, address_key(url) if url else "")


def _said(connection: Connection, post_id: str) -> int | None:
    """The latest time that came with word of an id."""
    return None if (known := _written(connection, post_id)) is None else known.said


def _meant(connection: Connection, post_id: str, url: str) -> tuple[Any, str, str]:
    """The row of a post that shall go, or None; the key of its address, and the address."""
    address = address_key(url) if url else ""
    held = _held(connection, post_id, address)
    known = _written(connection, post_id)
    if held is None and known is not None:
        address, url = known.address, url or known.url
        held = _held(connection, post_id, address)
    return held, address, url


def _held(connection: Connection, post_id: str, address: str) -> Any:
    """The row of an id, or else the only one at an address."""
    columns = (posts.c.id, posts.c.content_hash, posts.c.address)
    row = connection.execute(select(*columns).where(posts.c.id == post_id)).first()
    if row is not None or not address:
        return row
    rows = connection.execute(select(*columns).where(posts.c.address == address).limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def _is_there(connection: Connection, address: str) -> bool:
    """Whether a post stands at an address."""
    question = select(posts.c.id).where(posts.c.address == address).limit(1)
    return bool(address) and connection.execute(question).first() is not None


def _written(connection: Connection, post_id: str) -> Any:
    return connection.execute(select(written).where(written.c.key == id_key(post_id))).first()


def _note(
    connection: Connection, post_id: str, address: str, url: str, revision: int, said: int | None
) -> None:
    """Remember what a writer said last of an id, so that nothing older overrules it."""
    key = id_key(post_id)
    before = _said(connection, post_id)
    connection.execute(written.delete().where(written.c.key == key))
    values = {"key": key, "id": post_id, "address": address, "url": url, "revision": revision}
    latest = max((one for one in (before, said) if one is not None), default=None)
    connection.execute(written.insert().values(**values, said=latest))
