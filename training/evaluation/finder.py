"""Which post does an id, an address or a link name? Asked before there is a version."""

from __future__ import annotations

from collections.abc import Sequence

from related_posts.addresses import Addressed, find_row, lookup_entries
from related_posts.links import hrefs, resolve
from related_posts.lookup import first_of_each
from related_posts.posts import Post


class Finder:
    """Leads to posts as a version of them would.

    Args:
        posts: In row order, with whole addresses where the site is known.
        site: The blog's address, or empty.
        former: Addresses of the blog before.
    """

    def __init__(
        self, posts: Sequence[Post], *, site: str = "", former: Sequence[str] = ()
    ) -> None:
        addressed = (
            Addressed(row, post.id, post.url, post.aliases) for row, post in enumerate(posts)
        )
        self._rows = first_of_each(lookup_entries(addressed, site=site, former=former))

    def row(self, name: str) -> int | None:
        """The post with this id, else at this address, else None."""
        row = find_row(self._rows.get, id=name)
        return find_row(self._rows.get, url=name) if row is None else row

    def links(self, row: int, post: Post) -> list[int]:
        """Rows of the posts that a post links to, in its text or by its source's word."""
        return resolve(self._rows.get, row, post.links, hrefs(post.html, post.url))

    def leads_inside(self, row: int, address: str) -> bool:
        """Whether a link in a post leads to another post of the blog."""
        return bool(resolve(self._rows.get, row, (), [address]))
