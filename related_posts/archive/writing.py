"""Write the posts of a read: find their rows, and insert or update what says something new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from related_posts.archive.placing import Places, Row, address_key
from related_posts.archive.rules import rename_post
from related_posts.archive.tables import posts, sort_key
from related_posts.archive.withdrawals import id_key, is_any, take_back, url_key
from related_posts.posts import Post
from related_posts.schema import post_from_bytes, post_to_bytes

_ROW = (posts.c.id, posts.c.source, posts.c.own_id, posts.c.address, posts.c.content_hash)


@dataclass(slots=True)
class Written:
    """One read of one source while it is written, and what came of it so far.

    Attributes:
        connection: In the caller's transaction.
        source: The source's name.
        complete: Whether the read is a full picture of the blog.
        changed_at: Recorded with every row that changes.
        renamed: The source's own id to the one its post is stored under, where they differ.
        n_renamed_before: How many of those the archive knew before this read.
        withdrawn: Whether there are withdrawals that a post may have to take back.
    """

    connection: Connection
    source: str
    complete: bool
    changed_at: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    taken_over: int = 0
    elsewhere: int = 0
    apart: int = 0
    renamed: dict[str, str] = field(default_factory=dict)
    n_renamed_before: int = 0
    withdrawn: bool = False

    def __post_init__(self) -> None:
        other = select(posts.c.own_id, posts.c.id).where(
            posts.c.source == self.source, posts.c.own_id != posts.c.id
        )
        self.renamed = {row.own_id: row.id for row in self.connection.execute(other)}
        self.n_renamed_before = len(self.renamed)
        self.withdrawn = is_any(self.connection)


def write(read: Written, batch: list[Post]) -> None:
    """Insert the new posts of a batch, update those that say something else."""
    connection = read.connection
    addresses = [address_key(post.url) for post in batch]
    places = Places(
        read.source,
        _rows(connection, _candidates(read.source, batch, addresses)),
        complete=read.complete,
        stored=lambda row: _stored(connection, row),
        is_taken=lambda post_id: _is_taken(connection, post_id),
    )
    placed = [places.place(*each) for each in zip(batch, addresses, strict=True)]
    for post, place in zip(batch, placed, strict=True):
        if place.id != post.id and not place.elsewhere:
            read.renamed[post.id] = place.id
    if read.withdrawn:
        there = [
            (place, post) for place, post in zip(placed, batch, strict=True) if not place.elsewhere
        ]
        keys = {id_key(place.id) for place, _ in there}
        take_back(connection, keys | {url_key(post.url) for _, post in there})
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for post, place, address in zip(batch, placed, addresses, strict=True):
        if place.elsewhere:
            read.elsewhere += 1
            continue
        row = _row(read, post, place.id, address)
        read.apart += place.id != post.id
        if place.row is None:
            new.append(row)
            continue
        read.taken_over += place.row.source != read.source
        if place.row.id != place.id:
            rename_post(connection, place.row.id, place.id)
        if place.row.content_hash != row["content_hash"]:
            changed.append({**row, "key": place.row.id})
            continue
        read.unchanged += 1
        if place.row.source != read.source:
            moved.append({**_owner(row), "key": place.row.id})
    # Rows taken over give up their id before a new row may have it.
    by_id = posts.update().where(posts.c.id == bindparam("key"))
    if changed:
        connection.execute(by_id, changed)
    if moved:
        connection.execute(by_id, moved)
    if new:
        connection.execute(posts.insert(), new)
    read.added += len(new)
    read.changed += len(changed)


def rename_links(read: Written) -> None:
    """Let links to posts whose id turned out to be taken lead to where those are kept.

    Only after a read that kept a post apart for the first time; later ones know.
    """
    if len(read.renamed) == read.n_renamed_before:
        return
    held = select(posts.c.id, posts.c.post).where(posts.c.source == read.source)
    found = read.connection.execute(held).all()
    for row in found:
        if b'"links"' not in row.post:
            continue
        stored = post_from_bytes(row.post)
        post = _with_links(stored, read.renamed)
        if post != stored:
            content = post_to_bytes(post)
            values = {"post": content, "content_hash": hashlib.sha256(content).hexdigest()}
            read.connection.execute(posts.update().where(posts.c.id == row.id).values(values))


def _candidates(source: str, batch: list[Post], addresses: list[str]) -> Select[Any]:
    ids = [post.id for post in batch]
    return select(*_ROW).where(
        or_(
            posts.c.id.in_(ids),
            and_(posts.c.source == source, posts.c.own_id.in_(ids)),
            and_(posts.c.address.in_(set(addresses) - {""}), posts.c.source != source),
        )
    )


def _rows(connection: Connection, question: Select[Any]) -> Iterable[Row]:
    return [Row(*row) for row in connection.execute(question)]


def _stored(connection: Connection, row: Row) -> Post:
    content = connection.execute(select(posts.c.post).where(posts.c.id == row.id)).scalar_one()
    return post_from_bytes(content)


def _is_taken(connection: Connection, post_id: str) -> bool:
    question = select(posts.c.id).where(posts.c.id == post_id)
    return connection.execute(question).first() is not None


def _row(read: Written, post: Post, post_id: str, address: str) -> dict[str, Any]:
    stored = post if post_id == post.id else replace(post, id=post_id)
    content = post_to_bytes(_with_links(stored, read.renamed))
    return {
        "id": post_id,
        "source": read.source,
        "own_id": post.id,
        "address": address,
        "content_hash": hashlib.sha256(content).hexdigest(),
        "published": sort_key(post.published),
        "changed": read.changed_at,
        "post": content,
    }


def _owner(row: dict[str, Any]) -> dict[str, Any]:
    """What changes of a row whose post says the same for another source."""
    return {name: row[name] for name in ("id", "source", "own_id", "address")}


def _with_links(post: Post, renamed: dict[str, str]) -> Post:
    """The post, its links leading to where this source's posts are kept."""
    if not renamed or not post.links:
        return post
    return replace(post, links=tuple(renamed.get(each, each) for each in post.links))
