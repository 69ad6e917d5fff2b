"""Facets: which posts have a tag, a category, an author, a language or a slug.

One table for all kinds: its keys are sorted, and each has the rows of its posts,
ascending. A key is a letter for the kind and the name in a form that forgives
how it is written, see :func:`label_key`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from related_posts import blobs
from related_posts.blobs import Blob
from related_posts.posts import Post
from related_posts.text.language import primary

TAG, CATEGORY, AUTHOR, LANGUAGE, SLUG = "t", "c", "a", "l", "s"

#: Diacritics of Latin, Greek and Cyrillic letters; those of other scripts make other words.
_ACCENTS = re.compile("[\u0300-\u036f]+")
# A plus and a number sign tell C, C++ and C# apart.
_APART = re.compile(r"(?:[^\w+#]|_)+")
_SUFFIX = re.compile(r"\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_NO_ROWS = np.zeros(0, np.int32)


def label_key(name: str) -> str:
    """The form in which names are compared: a name and its slug have the same.

    Case, accents, the width of characters and everything that is no letter or digit,
    save ``+`` and ``#``, make no difference; runs of it become one hyphen.

    >>> label_key("Café Crème") == label_key("cafe-creme"), label_key("C++"), label_key("C")
    (True, 'c++', 'c')
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = unicodedata.normalize("NFC", _ACCENTS.sub("", plain))
    return _APART.sub("-", plain).strip("-")


def slug_of(post: Post) -> str:
    """The post's slug; the last piece of its URL's path where it states none."""
    if post.slug:
        return post.slug
    try:
        path = urlsplit(post.url).path
    except ValueError:
        return ""
    return _SUFFIX.sub("", unquote(path.rstrip("/").rpartition("/")[2]))


def keys_of(post: Post, language: str) -> set[bytes]:
    """The keys under which a post is found.

    Args:
        post: The post.
        language: Its language as stated or found; found by its primary subtag as well.
    """
    named = [
        *((TAG, tag) for tag in post.tags),
        *((CATEGORY, category) for category in post.categories),
        (AUTHOR, post.author),
        (SLUG, slug_of(post)),
        (LANGUAGE, language),
        (LANGUAGE, primary(language)),
    ]
    return set(_keys(named))


def build(posts: Iterable[Iterable[bytes]]) -> dict[str, NDArray[Any]]:
    """The arrays of the table.

    Args:
        posts: Keys of every post, in row order.

    Returns:
        ``facet_keys``, ``facet_keys_offsets``, ``facet_rows`` and ``facet_indptr``, as in
        :mod:`related_posts.layout`.
    """
    rows: dict[bytes, list[int]] = {}
    for row, keys in enumerate(posts):
        for key in keys:
            rows.setdefault(key, []).append(row)
    ordered = sorted(rows)
    data, offsets = blobs.pack(ordered)
    lists = [rows[key] for key in ordered]
    return {
        "facet_keys": data,
        "facet_keys_offsets": offsets,
        "facet_rows": np.array([row for each in lists for row in each], np.int32),
        "facet_indptr": np.cumsum([0, *map(len, lists)], dtype=np.int64),
    }


def amended(
    arrays: Mapping[str, NDArray[Any]],
    rows: NDArray[np.int32],
    added: Mapping[int, Iterable[bytes]],
) -> dict[str, NDArray[Any]]:
    """The arrays of the table, from those of an earlier one.

    Args:
        arrays: Those of the earlier table.
        rows: The row of now of each earlier row, -1 for those that are gone; ascending but for
            these.
        added: Keys of each post that is new, by row; ascending rows.

    Returns:
        What :func:`build` gives for all posts.
    """
    keys = Blob(arrays["facet_keys"], arrays["facet_keys_offsets"])
    starts = arrays["facet_indptr"]
    new: dict[bytes, list[int]] = {}
    for row, names in added.items():
        for name in names:
            new.setdefault(name, []).append(row)
    # Where each new key stands among the earlier ones, and whether it is one of them.
    ordered = sorted(new)
    places = [_place(keys, key) for key in ordered]
    is_known = np.array(
        [at < len(keys) and keys[at] == key for at, key in zip(places, ordered, strict=True)], bool
    )
    at = np.array(places, np.int64)
    unknown = at[~is_known]
    # Numbers of keys with the new ones among them.
    number = np.arange(len(keys)) + np.searchsorted(unknown, np.arange(len(keys)), side="right")
    own = np.empty(len(ordered), np.int64)
    own[is_known] = number[at[is_known]]
    own[~is_known] = unknown + np.arange(len(unknown))

    whose = np.repeat(number, np.diff(starts))
    kept = rows[arrays["facet_rows"]]
    whose, kept = whose[kept >= 0], kept[kept >= 0]
    more = np.repeat(own, [len(new[key]) for key in ordered])
    more_rows = np.array([row for key in ordered for row in new[key]], np.int64)
    base = int(len(rows) + len(added))
    place = np.searchsorted(whose * base + kept, more * base + more_rows)
    whose, kept = np.insert(whose, place, more), np.insert(kept, place, more_rows)

    counts = np.bincount(whose, minlength=len(keys) + len(unknown))
    offsets = arrays["facet_keys_offsets"].astype(np.int64)
    fresh = [key for key, known in zip(ordered, is_known.tolist(), strict=True) if not known]
    lengths = np.insert(np.diff(offsets), unknown, [len(key) for key in fresh])
    pieces, before = [], 0
    for where, key in zip(unknown.tolist(), fresh, strict=True):
        pieces += [arrays["facet_keys"][before : offsets[where]], np.frombuffer(key, np.uint8)]
        before = offsets[where]
    data = np.concatenate([*pieces, arrays["facet_keys"][before:]])
    if not counts.all():
        data = data[np.repeat(counts > 0, lengths)]
        lengths, counts = lengths[counts > 0], counts[counts > 0]
    return {
        "facet_keys": data,
        "facet_keys_offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint64),
        "facet_rows": kept.astype(np.int32),
        "facet_indptr": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    }


def _place(keys: Blob, key: bytes) -> int:
    """How many of the sorted keys are less."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


class Facets:
    """Reader of the table; safe for any number of threads.

    Args:
        keys: The sorted keys.
        rows: Rows of all keys, one list after another, int32.
        starts: Where each key's list begins, and the end of the last; int64.

    Raises:
        ValueError: The arrays cannot be one table.
    """

    __slots__ = ("_closed", "_keys", "_rows", "_starts")

    def __init__(self, keys: Blob, rows: NDArray[np.int32], starts: NDArray[np.int64]) -> None:
        if len(starts) != len(keys) + 1 or starts[0] != 0 or starts[-1] != len(rows):
            raise ValueError(f"{len(keys)} keys do not divide {len(rows)} rows")
        self._closed = False
        self._keys, self._rows, self._starts = keys, rows, starts

    @classmethod
    def closed(cls) -> Self:
        """A table that holds nothing and answers every question with ``ValueError``."""
        facets = cls(Blob.closed(), _NO_ROWS, np.zeros(1, np.int64))
        facets._closed = True
        return facets

    def rows(self, kind: str, name: str) -> NDArray[np.int32]:
        """Rows of the posts that have this name, ascending; none if nobody has it."""
        if self._closed:
            raise ValueError("this version is closed")
        key = next(_keys([(kind, name)]), None)
        if key is None:
            return _NO_ROWS
        low = _place(self._keys, key)
        if low == len(self._keys) or self._keys[low] != key:
            return _NO_ROWS
        return self._rows[self._starts[low] : self._starts[low + 1]]


def _keys(named: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Keys of kinds and names; a name without a letter or digit has none."""
    for kind, name in named:
        if label := label_key(name):
            yield (kind + label).encode("utf-8", "surrogatepass")
