"""The blog under evaluation: what every system may know of each post, in row order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from related_posts.index import Index
from related_posts.posts import Post
from related_posts.text.html import prose


@dataclass(slots=True)
class Blog:
    """Every post of an archive, in the row order of the version built from it.

    Attributes:
        ids: The publisher's ids.
        urls: Where readers find the posts.
        titles: Plain text.
        html: Bodies as HTML.
        texts: Bodies as plain text.
        terms: Tags and categories, each as kind and name.
        languages: Primary language codes, as the version settled them.
        days: Days since 1970 of publication, NaN where undated; shape (n,).
    """

    ids: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    terms: list[set[tuple[str, str]]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    days: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, posts: Iterable[Post], index: Index) -> Blog:
        """The posts of an archive beside the version that was built from it.

        Args:
            posts: In index order, as ``Archive.posts`` gives them.
            index: The version; with the analysis arrays.

        Raises:
            ValueError: The version was built from other posts.
        """
        blog = cls(days=np.array(index.days))
        codes = index.manifest.languages
        blog.languages = [codes[number] for number in index.languages.tolist()]
        for post in posts:
            blog.ids.append(post.id)
            blog.urls.append(post.url)
            blog.titles.append(post.title)
            blog.html.append(post.html)
            blog.texts.append(prose(post.html).text)
            blog.terms.append(
                {("tag", name) for name in post.tags}
                | {("category", name) for name in post.categories}
            )
        if len(blog.ids) != index.n_posts:
            raise ValueError(f"{len(blog.ids)} posts, but the version holds {index.n_posts}")
        return blog

    def __len__(self) -> int:
        return len(self.ids)
