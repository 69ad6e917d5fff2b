"""Which words lead to a post: its id, its URL and its aliases, as keys of the lookup.

A post with an absolute URL is found by

* its URL on its own host, however it is written (see :mod:`related_posts.urls`);
* its path alone, as long as no other post has the same path on another host;
* never by the URL of another host.

A post whose URL is site-relative is found by its path, alone or on any host.
Aliases lead to a post like its URL does; a site-relative alias belongs to the
host of the post's URL. If two posts claim one address, a URL wins over an
alias, and then the newer post over the older.

At a former site of the blog a post is found under the path it has now, as long as no
other post has that path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from related_posts.former import former_addresses, moved
from related_posts.posts import Post
from related_posts.urls import split


class Addressed(NamedTuple):
    """What a post can be asked for by."""

    row: int
    id: str
    url: str
    aliases: tuple[str, ...] = ()


# The first byte tells what the rest of a key is.
_ID = b"i"
_URL = b"u"  # host and path of a post with an absolute URL
_PATH = b"p"  # path of such a post, where only one has it
_SITE_PATH = b"r"  # path of a post with a site-relative URL


def at_site(post: Post, site: str, former: Sequence[str] = ()) -> Post:
    """A post with whole addresses: the site is put before those that begin with one slash.

    Those at a former site become the same at the site.

    Args:
        post: A post as its source gave it.
        site: An http or https address, with or without a path and a slash at
            its end; empty leaves the post as it is.
        former: Addresses of the blog before.
    """
    base = site.rstrip("/")
    if not base:
        return post

    def whole(address: str) -> str:
        is_path = address.startswith("/") and not address.startswith("//")
        return f"{base}{address}" if is_path else moved(address, former, base)

    image = post.image and replace(post.image, src=whole(post.image.src))
    return replace(post, url=whole(post.url), image=image)


def lookup_entries(
    posts: Iterable[Addressed], *, site: str = "", former: Sequence[str] = ()
) -> Iterator[tuple[bytes, int]]:
    """Keys for :func:`related_posts.lookup.build`; the first of equal keys is the right one.

    Args:
        posts: All posts of a version in row order; kept in memory.
        site: The blog's address, or empty.
        former: Addresses of the blog before.

    Yields:
        Key and row.
    """
    posts = list(posts)
    everywhere: dict[str, int | None] = {}
    paths: dict[str, int | None] = {}
    aliases: list[tuple[str, str, int]] = []
    alias_paths: dict[str, int | None] = {}
    for post in posts:
        yield _key(_ID, post.id), post.row
        host, path = split(post.url)
        yield _address_key(host, path), post.row
        _claim(paths, host, path, post.row)
        _claim(everywhere, host or "-", path, post.row)
        for alias in post.aliases:
            alias_host, alias_path = split(alias)
            aliases.append((alias_host or host, alias_path, post.row))
    for host, path, row in aliases:
        yield _address_key(host, path), row
        _claim(alias_paths, host, path, row)
    for host, path, row in former_addresses({**alias_paths, **everywhere}, former, site):
        yield _address_key(host, path), row
    for path, owner in {**alias_paths, **paths}.items():
        if owner is not None:
            yield _key(_PATH, path), owner


def find_row(
    get: Callable[[bytes], int | None], *, id: str | None = None, url: str | None = None
) -> int | None:
    """Look a post up by its id or by an address.

    Args:
        get: Row of a key, or None.
        id: The publisher's identifier, compared exactly; or
        url: An absolute or site-relative address. Without scheme and leading
            slash (``blog.example/x``) it is tried both ways.

    Returns:
        The post's row, or None.
    """
    if id is not None:
        return get(_key(_ID, id))
    host, path = split(url or "")
    if host:
        row = get(_key(_URL, host + path))
        return get(_key(_SITE_PATH, path)) if row is None else row
    row = get(_key(_SITE_PATH, path))
    if row is None:
        row = get(_key(_PATH, path))
    if row is None and url and not url.startswith("/"):
        host, path = split(f"//{url}")
        row = get(_key(_URL, host + path))
    return row


def _claim(paths: dict[str, int | None], host: str, path: str, row: int) -> None:
    """Note whose path it is; None marks one that several posts share."""
    if host:
        paths[path] = row if paths.get(path, row) == row else None


def _address_key(host: str, path: str) -> bytes:
    """The key under which a post with such a URL or alias is found."""
    return _key(_URL, host + path) if host else _key(_SITE_PATH, path)


def _key(kind: bytes, text: str) -> bytes:
    """A key; half a surrogate pair, which no post holds, finds nothing."""
    return kind + text.encode("utf-8", "surrogatepass")
