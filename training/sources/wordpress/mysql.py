"""A WordPress blog, read from its MySQL or MariaDB database.

Reads what an export would hold, in one read-only transaction. The text of a post that
is not public never leaves the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from related_posts import fields
from related_posts.errors import PostError
from related_posts.plain import plain_title
from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.wordpress.names import UNCATEGORIZED, plain_slug
from training.sources.base import Item, Problem, Progress, Skipped, blog_of, no_progress
from training.sources.wordpress.html import body_html
from training.sources.wordpress.mysql_database import Address, Database, connected
from training.sources.wordpress.mysql_posts import (
    Around,
    Blog,
    PostRow,
    count_posts,
    picture,
    read_around,
    read_batch,
    read_blog,
    read_options,
)
from training.sources.wordpress.permalinks import (
    Linked,
    category_path,
    other_addresses,
    permalink,
)
from training.sources.wordpress.wxr_items import plain_excerpt, whole_number
from training.web import WebOptions

_NOT_PUBLIC = {
    "draft": "draft",
    "auto-draft": "draft",
    "pending": "pending",
    "private": "private",
    "future": "scheduled",
    "trash": "trashed",
}


class MysqlSource:
    """A WordPress database.

    Args:
        place: ``mysql://user@host/database``, with ``?prefix=wp_2_`` for one blog of
            several and ``&socket=/path`` for a socket.
        site: The blog's address where it is not what the database says.
        now: The moment of this read; aware.
        progress: Told the posts read.
        web: Its ``auth`` has the password.
    """

    complete = True

    def __init__(
        self,
        place: str,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
        web: WebOptions,
    ) -> None:
        self._address = Address.of(place, web.auth)
        self._site = site
        self._now = now
        self._progress = progress

    @property
    def name(self) -> str:
        """``mysql:`` and the blog's address, as its settings say.

        Raises:
            SourceError: The database cannot be read.
        """
        return f"mysql:{blog_of(self._home)}"

    @cached_property
    def _home(self) -> str:
        with connected(self._address) as database:
            return read_options(database)["home"].rstrip("/")

    def read(self) -> Iterator[Item]:
        """Every post, by its number.

        Raises:
            SourceError: The database cannot be read, or is none of WordPress.
        """
        with connected(self._address) as database:
            total = count_posts(database)
            blog = read_blog(database)
            done = last = 0
            while rows := read_batch(database, last):
                around = read_around(database, [row.number for row in rows if row.is_public])
                for row in rows:
                    yield self._item(database, row, blog, around)
                last = rows[-1].number
                done += len(rows)
                self._progress(done, max(total, done))

    def _item(self, database: Database, row: PostRow, blog: Blog, around: Around) -> Item:
        place, post_id = f"{self._address.shown} post {row.number}", str(row.number)
        if row.status != "publish":
            reason = _NOT_PUBLIC.get(row.status, f"status {row.status[:40]}")
            return Skipped(place, reason, post_id)
        if row.is_protected:
            return Skipped(place, "password-protected", post_id)
        published = _moment(row.date_gmt) or _moment(row.date)
        if published is not None and published > self._now:
            return Skipped(place, "scheduled", post_id)
        try:
            return self._post(database, row, blog, around, published)
        except PostError as error:
            return Problem(place, error.reason, post_id)

    def _post(
        self,
        database: Database,
        row: PostRow,
        blog: Blog,
        around: Around,
        published: datetime | None,
    ) -> Post:
        login, nicename, display = blog.authors.get(row.author, ("", "", ""))
        terms = around.terms[row.number]
        categories = [number for taxonomy, number, _, _ in terms if taxonomy == "category"]
        name = database.text(row.name)
        linked = Linked(
            number=row.number,
            name=name,
            date=row.date,
            category=category_path(blog.categories, categories),
            author=nicename,
        )
        home = self._site or blog.options["home"]
        updated = _moment(row.modified_gmt) or _moment(row.modified)
        thumbnail = whole_number(around.meta[row.number].get("_thumbnail_id", ""))
        url = permalink(blog.options.get("permalink_structure", ""), home, linked)
        return post_from_json(
            {
                "id": str(row.number),
                "url": url,
                "title": plain_title(database.text(row.title)),
                "html": body_html(database.text(row.content)),
                "tags": [label for taxonomy, _, _, label in terms if taxonomy == "post_tag"],
                "categories": [
                    label
                    for taxonomy, _, _, label in terms
                    if taxonomy == "category" and label.casefold() not in UNCATEGORIZED
                ],
                "author": display or login,
                # Polylang keeps a post's language and its translations as terms.
                "language": _language(_slug(terms, "language")) or _blog_language(database, blog),
                "published": published and published.isoformat(),
                "updated": updated and updated.isoformat(),
                "image": picture(thumbnail, blog, around, home),
                "excerpt": plain_excerpt(database.text(row.excerpt)),
                "slug": plain_slug(name),
                "aliases": other_addresses(
                    home, row.number, url, name, around.old_names[row.number]
                ),
                "translation_group": _slug(terms, "post_translations"),
                "extra": {"wordpress": _wordpress(database, row, blog, terms, login, thumbnail)},
            }
        )


def _wordpress(
    database: Database,
    row: PostRow,
    blog: Blog,
    terms: list[tuple[str, int, str, str]],
    login: str,
    thumbnail: int | None,
) -> dict[str, Any]:
    """What only WordPress knows of the post, as of its export."""
    others: dict[str, list[str]] = {}
    for taxonomy, _, _, label in terms:
        if taxonomy not in ("category", "post_tag"):
            others.setdefault(taxonomy, []).append(label)
    known = {
        "post_id": row.number,
        "type": "post",
        "guid": database.text(row.guid),
        "date": _local(row.date),
        "modified": _local(row.modified),
        "author_id": row.author or None,
        "author_login": login,
        "category_ids": [number for taxonomy, number, _, _ in terms if taxonomy == "category"],
        "tag_ids": [number for taxonomy, number, _, _ in terms if taxonomy == "post_tag"],
        "featured_media": thumbnail,
        "sticky": row.number in blog.sticky or None,
        "comment_status": row.comment_status,
        "ping_status": row.ping_status,
        "taxonomies": others,
    }
    return {name: value for name, value in known.items() if value not in (None, "", [], {})}


def _slug(terms: list[tuple[str, int, str, str]], taxonomy: str) -> str:
    return next((slug for kind, _, slug, _ in terms if kind == taxonomy), "")


def _moment(text: str) -> datetime | None:
    try:
        return fields.moment("date", text)
    except PostError:
        return None


def _local(text: str) -> str:
    return text.replace(" ", "T") if _moment(text) else ""


def _blog_language(database: Database, blog: Blog) -> str:
    """The blog's language; where none was chosen it is WordPress's own.

    A blog of a network that chose none has the network's, which is not asked.
    """
    chosen = blog.options.get("WPLANG", "")
    return _language(chosen if chosen or database.is_of_network else "en_US")


def _language(tag: str) -> str:
    try:
        return fields.language("language", tag)
    except PostError:
        return ""
