"""What the preview's pages show: cards, tags, and addresses within the preview."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser

from related_posts.curation.overlay import Overlay
from related_posts.errors import UnknownPostError
from related_posts.index import Index
from service.api.selection import Selection
from service.html.days import day

#: Tags named on the home page.
_TAGS = 14
_LINKS = {"a": "href", "img": "src", "source": "src", "video": "poster"}


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a post.

    Attributes:
        id: The publisher's identifier.
        href: Its address within the preview.
        title: Its title, or its id where it has none.
        excerpt: A few words of it.
        day: Its day of publication as its readers write it, or empty.
        moment: The same for programs, or empty.
        author: Its author, or empty.
        language: BCP 47 tag, or empty.
        image: ``src``, ``alt``, ``width`` and ``height``, or None.
        tags: Its tags.
        categories: Its categories.
    """

    id: str
    href: str
    title: str
    excerpt: str
    day: str
    moment: str
    author: str
    language: str
    image: dict[str, Any] | None
    tags: tuple[str, ...]
    categories: tuple[str, ...]


class Blog:
    """One version as a blog, as people's decisions let it be seen.

    Attributes:
        index: The version.
        overlay: What people decided; None for nothing.
        host: The blog's host, or empty where it is not known.
        title: What the pages call it.
    """

    def __init__(self, index: Index, title: str = "", overlay: Overlay | None = None) -> None:
        self.index = index
        self.overlay = overlay
        site = index.manifest.site
        address = site or (index.post(0)["url"] if index.n_posts else "")
        self.host = _without_www(urlsplit(address).netloc)
        self.title = title or self.host or "A blog"

    @cached_property
    def selection(self) -> Selection:
        """Makes its lists, as people decided."""
        return Selection.of(self.index, self.overlay)

    def card(self, row: int) -> Card:
        """What a list shows of a post."""
        post = self.index.post(row)
        moment = post["published"] or ""
        image = post["image"]
        return Card(
            id=post["id"],
            href=self._href(post, row),
            title=post["title"] or post["id"],
            excerpt=post["excerpt"],
            day=day(moment, post["language"]),
            moment=moment,
            author=post["author"],
            language=post["language"],
            image=image and {**image, "src": self._local(image["src"])},
            tags=tuple(post["tags"]),
            categories=tuple(post["categories"]),
        )

    def row_at(self, address: str) -> int:
        """Row of the post at a path of the preview.

        Raises:
            UnknownPostError: There is none.
        """
        return self._seen(self.index.row(url=address.rstrip("?")))

    def row_of(self, id_: str) -> int:
        """Row of the post with this id; see ``row_at``."""
        return self._seen(self.index.row(id=id_))

    def beside(self, row: int, step: int) -> int | None:
        """Row of the next post that may be seen: newer by a step of -1, older by one of 1."""
        row += step
        while 0 <= row < self.index.n_posts:
            if self._is_seen(row):
                return row
            row += step
        return None

    def rows(self, *, tag: str | None = None, category: str | None = None) -> list[int]:
        """Rows of all posts, or of those with a tag or a category; newest first."""
        if tag:
            return self._labels["tags"].get(tag, [])
        if category:
            return self._labels["categories"].get(category, [])
        return list(filter(self._is_seen, range(self.index.n_posts)))

    @cached_property
    def common_tags(self) -> list[str]:
        """The most frequent tags, by name; categories where nobody uses tags."""
        return self._common("tags") or self._common("categories")

    @property
    def common_kind(self) -> str:
        """Whether ``common_tags`` are tags or categories."""
        return "tag" if self._labels["tags"] else "category"

    @cached_property
    def _labels(self) -> dict[str, dict[str, list[int]]]:
        found: dict[str, dict[str, list[int]]] = {"tags": {}, "categories": {}}
        for row in self.rows():
            post = self.index.post(row)
            for kind, rows in found.items():
                for label in post[kind]:
                    rows.setdefault(label, []).append(row)
        return found

    def _is_seen(self, row: int) -> bool:
        return self.overlay is None or not self.overlay.is_masked(row)

    def _seen(self, row: int) -> int:
        if self.overlay is not None:
            self.overlay.check(row)
        return row

    def _common(self, kind: str) -> list[str]:
        counts = Counter({label: len(rows) for label, rows in self._labels[kind].items()})
        return sorted((label for label, _ in counts.most_common(_TAGS)), key=str.casefold)

    def _href(self, post: dict[str, Any], row: int) -> str:
        """The post's own path where it leads back to it; else an address by its id."""
        parts = urlsplit(post["url"])
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            own = path.startswith("/") and path != "/" and self.row_at(path) == row
        except UnknownPostError:
            own = False
        return path if own else "/?" + urlencode({"id": post["id"]})

    def _local(self, address: str) -> str:
        """An address of the blog itself without its host, so that it stays in the preview."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return address
        if parts.scheme in ("", "http", "https") and _without_www(parts.netloc) == self.host:
            return address[address.index(parts.netloc) + len(parts.netloc) :] or "/"
        return address

    def localise(self, html: str) -> str:
        """A post's HTML with its tags balanced and its links to the blog kept in the preview."""
        tree = LexborHTMLParser(html)
        if tree.body is None:
            return ""
        for tag, attribute in _LINKS.items():
            for node in tree.css(tag):
                address = node.attributes.get(attribute)
                if address and self.host:
                    node.attrs[attribute] = self._local(address)
                if tag == "img" and "alt" not in node.attributes:
                    # Without it, a screen reader spells the address.
                    node.attrs["alt"] = ""
        return tree.body.inner_html or ""


def _without_www(host: str) -> str:
    return host.lower().removeprefix("www.")
