"""What a WordPress database says of its posts: the queries, and their rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from related_posts.errors import SourceError
from related_posts.pictures import usable
from related_posts.plain import plain_title
from training.sources.wordpress.mysql_database import Database
from training.sources.wordpress.wxr_items import picture_size, whole_number

#: Posts asked for at a time; each may be megabytes long.
BATCH_POSTS = 200

# By its length: SQL takes a password of spaces for none.
_IS_PUBLIC = "(post_status = 'publish' AND LENGTH(post_password) = 0)"
_POSTS = (
    "SELECT ID, post_author, CAST(post_date AS CHAR), CAST(post_date_gmt AS CHAR), "
    "CAST(post_modified AS CHAR), CAST(post_modified_gmt AS CHAR), post_status, "
    "LENGTH(post_password), "
    + ", ".join(
        f"CAST(IF({_IS_PUBLIC}, {column}, '') AS BINARY)"
        for column in ("post_title", "post_content", "post_excerpt", "post_name", "guid")
    )
    + ", comment_status, ping_status FROM {posts} WHERE post_type = 'post' AND ID > %s "
    "AND post_status <> 'inherit' ORDER BY ID LIMIT %s"
)
_TERMS = (
    "SELECT r.object_id, tt.taxonomy, t.term_id, CAST(t.slug AS BINARY), CAST(t.name AS BINARY) "
    "FROM {term_relationships} r "
    "JOIN {term_taxonomy} tt ON tt.term_taxonomy_id = r.term_taxonomy_id "
    "JOIN {terms} t ON t.term_id = tt.term_id "
    "WHERE r.object_id IN (%s) ORDER BY r.object_id, r.term_order, t.name"
)
_META = (
    "SELECT post_id, meta_key, CAST(meta_value AS BINARY) FROM {postmeta} "
    "WHERE post_id IN (%s) AND meta_key IN "
    "('_thumbnail_id', '_wp_attached_file', '_wp_attachment_metadata', "
    "'_wp_attachment_image_alt', '_wp_old_slug') "
    "ORDER BY meta_id"
)
_GUIDS = (
    "SELECT ID, CAST(guid AS BINARY) FROM {posts} WHERE post_type = 'attachment' AND ID IN (%s)"
)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A row of ``posts``, in the order of the query."""

    number: int
    author: int
    date: str
    date_gmt: str
    modified: str
    modified_gmt: str
    status: str
    is_protected: int
    title: Any
    content: Any
    excerpt: Any
    name: Any
    guid: Any
    comment_status: str
    ping_status: str

    @property
    def is_public(self) -> bool:
        """Whether its text was read."""
        return self.status == "publish" and not self.is_protected


@dataclass(slots=True)
class Blog:
    """What all posts of a blog have in common."""

    options: dict[str, str]
    authors: dict[int, tuple[str, str, str]]
    categories: dict[int, tuple[int, str]]
    uploads: str
    sticky: frozenset[int]


@dataclass(slots=True)
class Around:
    """What belongs to the posts of a batch, by their numbers."""

    terms: dict[int, list[tuple[str, int, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    meta: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    guids: dict[int, str] = field(default_factory=dict)
    old_names: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def read_batch(database: Database, last: int) -> list[PostRow]:
    """The next posts by their number, public or not.

    Args:
        database: Where they are.
        last: The number of the last post before; 0 to begin.
    """
    return [PostRow(*row) for row in database.rows(_POSTS, (last, BATCH_POSTS))]


def count_posts(database: Database) -> int:
    """How many posts there are, public or not."""
    query = "SELECT COUNT(*) FROM {posts} WHERE post_type = 'post' AND post_status <> 'inherit'"
    ((count,),) = database.rows(query)
    return int(count)


def read_options(database: Database) -> dict[str, str]:
    """The settings that matter here.

    Raises:
        SourceError: There is none that says the blog's address.
    """
    names = ("home", "siteurl", "permalink_structure", "upload_url_path", "WPLANG", "sticky_posts")
    query = "SELECT option_name, CAST(option_value AS BINARY) FROM {options} WHERE option_name IN "
    found = {
        str(name): database.text(value).strip()
        for name, value in database.rows(query + f"({', '.join(['%s'] * len(names))})", names)
    }
    home = found.get("home") or found.get("siteurl") or ""
    if not home.startswith(("http://", "https://")):
        raise SourceError(
            database.address.shown, "its options do not say the blog's address (home)"
        )
    return {**found, "home": home}


def read_blog(database: Database) -> Blog:
    """Settings, authors and categories.

    Raises:
        SourceError: The database cannot be read, or does not say the blog's address.
    """
    options = read_options(database)
    authors: dict[int, tuple[str, str, str]] = {}
    query = (
        "SELECT ID, CAST(user_login AS BINARY), CAST(user_nicename AS BINARY), "
        "CAST(display_name AS BINARY) FROM {users} WHERE ID IN "
        "(SELECT post_author FROM {posts} WHERE post_type = 'post')"
    )
    try:
        for number, login, nicename, display in database.rows(query):
            name = plain_title(database.text(display))
            authors[int(number)] = (database.text(login), database.text(nicename), name)
    except SourceError:
        # Names may be out of the reader's sight; the posts are none the worse.
        authors.clear()
    query = (
        "SELECT tt.term_id, tt.parent, CAST(t.slug AS BINARY) FROM {term_taxonomy} tt "
        "JOIN {terms} t ON t.term_id = tt.term_id WHERE tt.taxonomy = 'category'"
    )
    categories = {
        int(number): (int(parent), database.text(slug))
        for number, parent, slug in database.rows(query)
    }
    sticky = re.findall(r";i:(\d{1,18});", options.get("sticky_posts", ""))
    return Blog(
        options, authors, categories, _uploads(database, options), frozenset(map(int, sticky))
    )


def _uploads(database: Database, options: dict[str, str]) -> str:
    """Where uploaded files are; each blog of a network but the first has a folder of its own."""
    if own := options.get("upload_url_path"):
        return own.rstrip("/")
    base = (options.get("siteurl") or options["home"]).rstrip("/")
    number = re.search(r"_(\d+)_\Z", database.prefix)
    return f"{base}/wp-content/uploads{f'/sites/{number[1]}' if number else ''}"


def read_around(database: Database, numbers: Sequence[int]) -> Around:
    """Terms, custom fields and pictures of some posts."""
    around = Around()
    if not numbers:
        return around
    for number, taxonomy, term, slug, label in database.rows(*_in(_TERMS, numbers)):
        entry = (str(taxonomy), int(term), database.text(slug), plain_title(database.text(label)))
        around.terms[int(number)].append(entry)
    _add_meta(database, around, numbers)
    thumbnails = {whole_number(meta.get("_thumbnail_id", "")) for meta in around.meta.values()}
    wanted = sorted(number for number in thumbnails if number)
    if wanted:
        _add_meta(database, around, wanted)
        for number, guid in database.rows(*_in(_GUIDS, wanted)):
            around.guids[int(number)] = database.text(guid)
    return around


def _add_meta(database: Database, around: Around, numbers: Sequence[int]) -> None:
    for number, key, value in database.rows(*_in(_META, numbers)):
        if key == "_wp_old_slug":
            around.old_names[int(number)].append(database.text(value).strip())
        else:
            around.meta[int(number)].setdefault(str(key), database.text(value))


def _in(query: str, numbers: Sequence[int]) -> tuple[str, Sequence[int]]:
    """A query with a place for each number."""
    return query.replace("(%s)", f"({', '.join(['%s'] * len(numbers))})", 1), numbers


def picture(number: int | None, blog: Blog, around: Around, home: str) -> dict[str, Any] | None:
    """The picture of a number: address, size and alternative text; None where there is none."""
    # An attachment that was deleted leaves its number behind.
    if not number or number not in around.guids:
        return None
    meta = around.meta[number]
    file = meta.get("_wp_attached_file", "")
    src = file if "://" in file else f"{blog.uploads}/{file.lstrip('/')}"
    width, height = picture_size(meta.get("_wp_attachment_metadata", ""))
    alt = plain_title(meta.get("_wp_attachment_image_alt", ""))
    picture = {"src": src if file else around.guids[number], "alt": alt}
    return usable({**picture, "width": width, "height": height}, home)
