"""The index: one immutable version, as the service and the commands read it.

An index holds arrays that are usually maps of files, and no Python object per
post: its private memory does not grow with the blog. Nothing in it changes, so
any number of threads may read it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from related_posts.addresses import find_row
from related_posts.blobs import Blob
from related_posts.by_place import ByPlace
from related_posts.errors import IndexCorruptError, UnknownPostError
from related_posts.facets import Facets
from related_posts.lists import Listed, Lists
from related_posts.lookup import Lookup
from related_posts.manifest import Manifest
from related_posts.vectors import VectorReader


class Index(VectorReader):
    """One version, ready to answer; made by :meth:`related_posts.storage.Store.open`.

    Rows count from 0, newest post first, then by id. A row outside
    ``range(n_posts)`` is a caller's bug and raises ``IndexError``; whatever is
    asked after :meth:`close` raises ``ValueError``.

    Attributes:
        manifest: What the version says about itself.
        version: Its name.
        created: The aware moment at which it was built.
        n_posts: Number of posts; may be 0.
        n_terms: Number of different terms.
        k: Greatest number of neighbours kept for a post.
        shares: Whether it shares lists and items with another version.
        facets: Which posts have a tag, a category, an author, a language or a slug.
    """

    def __init__(
        self,
        manifest: Manifest,
        arrays: Mapping[str, NDArray[Any]],
        *,
        load: Callable[[str], NDArray[Any]] | None = None,
        place: str = "",
    ) -> None:
        """Put the arrays of a version together.

        Args:
            manifest: What the version says about itself; types and shapes of
                the arrays are taken to agree with it.
            arrays: The serving arrays of :mod:`related_posts.layout`, and
                possibly more, by name; C-contiguous.
            load: Opens an array that is not among ``arrays``, when first used.
            place: The version's folder, for messages.

        Raises:
            IndexCorruptError: An array is missing or the arrays do not fit
                together.
        """
        self.manifest = manifest
        self.version = manifest.version
        self.created: datetime = manifest.created
        self.n_posts = manifest.n_posts
        self.n_terms = manifest.n_terms
        self.k = manifest.k
        self._place = place
        self._arrays = dict(arrays)
        self._load = load
        self._kept: dict[str, Any] = {}
        self._closed = False
        n = self.n_posts
        self.shares = self._has("posts_at")
        self._items = self._by_place("items")
        try:
            self._lists = Lists(self._array, n, self.k, shares=self.shares)
        except ValueError as error:
            raise IndexCorruptError(self._file("neighbours"), str(error)) from error
        try:
            self._lookup = Lookup(
                self._array("lookup_slots"),
                self._blob("lookup_keys", "lookup_offsets"),
                self._array("lookup_rows"),
            )
        except ValueError as error:
            raise IndexCorruptError(self._file("lookup_slots"), str(error)) from error
        try:
            self.facets = Facets(
                self._blob("facet_keys"), self._array("facet_rows"), self._array("facet_indptr")
            )
        except ValueError as error:
            raise IndexCorruptError(self._file("facet_indptr"), str(error)) from error

    def row(self, *, id: str | None = None, url: str | None = None) -> int:
        """Find a post by its id or by an address.

        Ids are compared exactly. How addresses are compared is told in
        :mod:`related_posts.addresses`.

        Args:
            id: The publisher's identifier.
            url: An absolute or site-relative address.

        Returns:
            The post's row.

        Raises:
            UnknownPostError: This version has no such post.
            ValueError: Not exactly one of the two was given.
        """
        if (id is None) == (url is None):
            raise ValueError("give either id or url")
        try:
            row = find_row(self._lookup.get, id=id, url=url)
        except IndexError as error:
            raise IndexCorruptError(self._file("lookup_slots"), "points nowhere") from error
        if row is None:
            raise UnknownPostError(str(id if url is None else url))
        return row

    def item(self, row: int) -> bytes:
        """What is shown of a post: a JSON object in UTF-8 without its closing brace."""
        return self._items[row]

    def post(self, row: int) -> dict[str, Any]:
        """What is shown of a post, as a dict with the item's fields in their order."""
        fields: dict[str, Any] = orjson.loads(self.item(row) + b"}")
        return fields

    def neighbours(self, row: int, k: int) -> tuple[list[int], list[float], list[float]]:
        """The posts to show with a post.

        Args:
            row: The post.
            k: Wanted length, at least 0; no more than :attr:`k` are kept.

        Returns:
            Three lists of one length, at most k: rows, best first by final
            score and equal scores in row order; their similarities (cosine, in
            [0, 1]); their scores (in [0, 1], descending).
        """
        if not 0 <= row < self.n_posts:
            raise IndexError(f"row {row} is not in this version of {self.n_posts} posts")
        return self._lists.of(row, max(k, 0))

    def lists(self, k: int | None = None) -> Listed:
        """The lists of all posts by row, no longer than k; shape (n_posts, k)."""
        return self._lists.every(k)

    @property
    def idf(self) -> NDArray[np.float32]:
        """Inverse document frequency of each term, shape (n_terms,)."""
        return self._array("idf")

    @property
    def days(self) -> NDArray[np.float64]:
        """Days from 1970 to each post's publication, shape (n_posts,); NaN is undated."""
        return self._array("days")

    @property
    def languages(self) -> NDArray[np.int16]:
        """Place of each post's language in ``manifest.languages``, shape (n_posts,)."""
        return self._array("languages")

    @property
    def translations(self) -> NDArray[np.int32]:
        """Translation group of each post, -1 for a post without translation, shape (n_posts,)."""
        return self._array("translations")

    @property
    def damping(self) -> NDArray[np.float64]:
        """What a final score of each post is multiplied by, in (0, 1], shape (n_posts,)."""
        return self._array("damping")

    @property
    def duplicates(self) -> NDArray[np.int32]:
        """Group of copies of each post, -1 for a post without one, shape (n_posts,)."""
        return self._array("duplicates")

    @property
    def series(self) -> NDArray[np.int32]:
        """Number of each post's series, -1 for a post that is no part, shape (n_posts,)."""
        return self._array("series")

    @property
    def part(self) -> NDArray[np.int16]:
        """Which part of its series each post is, 0 for none, shape (n_posts,)."""
        return self._array("part")

    @property
    def contents(self) -> NDArray[np.uint64]:
        """First 16 bytes of the content hash of each post as it was built, shape (n_posts, 2)."""
        return self._array("contents")

    @property
    def boilerplate(self) -> NDArray[np.uint64]:
        """Hashes of the sentences that were left out of the posts, ascending."""
        return self._array("boilerplate")

    def links(self, row: int) -> list[int]:
        """Rows of the posts that a post links to in its text, ascending, without itself.

        Raises:
            IndexCorruptError: The version was built before links were kept, or is damaged.
        """
        if not 0 <= row < self.n_posts:
            raise IndexError(f"row {row} is not in this version of {self.n_posts} posts")
        start, end = self._array("links_indptr")[row : row + 2].tolist()
        rows: list[int] = self._array("links_indices")[start:end].tolist()
        return rows

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number by which WordPress would know each post, shape (n_posts,).

        See :mod:`related_posts.wordpress.numbers`.

        Raises:
            IndexCorruptError: The version was built before numbers were kept, or is damaged.
        """
        return self._array("numbers")

    def wordpress(self, row: int) -> dict[str, Any]:
        """What WordPress says of a post beyond what is shown of it; see the same module."""
        details: dict[str, Any] = orjson.loads(self.wordpress_json(row))
        return details

    def wordpress_json(self, row: int) -> bytes:
        """The same as it is kept, JSON in UTF-8."""
        kept: Blob | ByPlace | None = self._kept.get("wordpress")
        if kept is None:
            kept = self._kept.setdefault("wordpress", self._by_place("wordpress"))
        return kept[row]

    @property
    def pairs(self) -> NDArray[np.int32]:
        """Columns of the two words of each pair, shape (n_pairs, 2)."""
        return self._array("pairs")

    def array(self, name: str) -> NDArray[Any]:
        """One of the version's arrays, by its name in :mod:`related_posts.layout`.

        Raises:
            IndexCorruptError: The version lacks it.
        """
        return self._array(name)

    def words(self) -> list[str]:
        """The terms that are single words, in the order of their columns."""
        return [word.decode("utf-8", "replace") for word in self._strings("terms")]

    def terms(self, column: int) -> str:
        """The term of a column as the analyzer made it: stems, in lower case."""
        return self._term("terms", column)

    def readable(self, column: int) -> str:
        """The term of a column as readers know it: its shortest form in the posts."""
        return self._term("readable", column)

    def _term(self, name: str, column: int) -> str:
        """A word, or the two words of a pair with a space between."""
        words = self._strings(name)
        if column < len(words):
            return words[column].decode("utf-8", "replace")
        pair = self._array("pairs")[column - len(words)].tolist()
        return b" ".join(words[word] for word in pair).decode("utf-8", "replace")

    def _has(self, name: str) -> bool:
        return name in self._arrays or name in self.manifest.files

    def _array(self, name: str) -> NDArray[Any]:
        """An array by name, opened on first use.

        Two threads may open one at the same time; either result is right, and
        one is kept.
        """
        array = self._arrays.get(name)
        if array is None:
            if self._closed:
                raise ValueError(f"version {self.version} is closed")
            if self._load is None:
                raise IndexCorruptError(self._file(name), "is not part of this version")
            array = self._arrays.setdefault(name, self._load(name))
        return array

    def _blob(self, name: str, offsets: str = "") -> Blob:
        """Strings kept as one array and its offsets."""
        offsets = offsets or f"{name}_offsets"
        try:
            return Blob(self._array(name), self._array(offsets))
        except ValueError as error:
            if self._closed:
                raise
            raise IndexCorruptError(self._file(offsets), str(error)) from error

    def _by_place(self, name: str) -> Blob | ByPlace:
        """A string of each post."""
        shared = self._blob(name)
        if self.shares:
            return ByPlace(shared, self._blob(f"fresh_{name}"), self._array("places").data)
        if len(shared) != self.n_posts:
            problem = f"does not hold {self.n_posts} posts"
            raise IndexCorruptError(self._file(f"{name}_offsets"), problem)
        return shared

    def _strings(self, name: str) -> Blob:
        """Strings of the analysis side, made on first use."""
        blob: Blob | None = self._kept.get(name)
        return self._kept.setdefault(name, self._blob(name)) if blob is None else blob

    def _file(self, name: str) -> str:
        """Where an array is kept, for messages."""
        return f"{self._place}/{name}.npy" if self._place else name

    def close(self) -> None:
        """Let go of all files; only for one that nobody else is using.

        Dropping the last reference to an index does the same. Arrays taken out
        of it stay valid and keep their file open.
        """
        self._closed = True
        self._items = Blob.closed()
        self._lists.close()
        self._lookup = Lookup.closed()
        self.facets = Facets.closed()
        self._arrays = {}
        self._kept = {}
        self._load = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
