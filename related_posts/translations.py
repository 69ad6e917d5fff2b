"""Translations: which posts of a blog are one text in several languages.

Three signs tell, the surest first: the source says so (hreflang, Polylang, WPML, the
generator's rules); two addresses differ in nothing but the language; or two posts in
different languages hold the same pictures, code and outside links, which translators leave
as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, combinations, islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from related_posts.posts import Post
from related_posts.sorted_sets import sorted_set
from related_posts.text.boilerplate import among
from related_posts.text.language import ALIASES, primary
from related_posts.text.scripts import ALL_LANGUAGES

#: Things kept of a post; more say nothing new.
MAX_THINGS = 200
#: What stands in more posts than there are translations of one is no sign.
MAX_POSTS_A_THING = 20
#: So many things must two posts have in common, and this share of all that either has.
MIN_SHARED, MIN_SHARE = 3, 0.5
#: Posts of the same day need fewer.
MIN_SHARED_SAME_DAY, MIN_SHARE_SAME_DAY = 2, 0.25
#: No text has more translations: a source that names a larger group is mistaken.
MAX_GROUP = 100
#: A slug of fewer characters (``about``, ``2024``) names no text by itself.
MIN_SLUG_CHARS = 8

_PICTURE = re.compile(r"<(?:img|video|iframe|source)\b[^<>]*?\ssrc\s*=\s*[\"']?([^\"'\s<>]+)", re.I)
_CODE = re.compile(r"<pre\b[^<>]*>(.*?)(?:</pre\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_LANGUAGES = frozenset(ALL_LANGUAGES) | frozenset(ALIASES)
_TAG_OF_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_](?:[a-z]{2}|[a-z]{4}|419))?\Z")
_SUFFIXES = (
    re.compile(r"(?<=.)[-_.]([a-z]{2}[-_][a-z]{2})\Z"),
    re.compile(r"(?<=.)[-_.]([a-z]{2,3})\Z"),
)


class Outline(NamedTuple):
    """What a translator leaves as it is.

    Attributes:
        group: What the source says, or empty.
        path: The address without its language, and without the site.
        day: Day of publication as a number, or None.
        things: Hashes of pictures, pieces of code and links; ascending, distinct.
    """

    group: str = ""
    path: str = ""
    day: int | None = None
    things: NDArray[np.uint64] = np.empty(0, np.uint64)


def outline(post: Post, links: Iterable[str]) -> Outline:
    """Take down what tells a translation of a post.

    Args:
        post: The post.
        links: Where its links lead, as ``links.hrefs`` finds them.
    """
    return Outline(
        post.translation_group,
        path_without_language(post.url, post.language),
        post.published.date().toordinal() if post.published else None,
        sorted_set(np.fromiter(_things(post, links), np.uint64)),
    )


def path_without_language(url: str, language: str = "") -> str:
    """An address's path without what names a language.

    ``/es/blog/bread/``, ``/blog/bread-es/`` of a post in ``es`` and ``/blog/bread`` give the
    same. A suffix counts only where it is the post's own language, or English.

    Args:
        url: Absolute or site-relative.
        language: The post's language, as a tag; may be empty.
    """
    try:
        path = unquote(urlsplit(url).path).lower()
    except ValueError:
        return url
    segments = [segment for segment in path.split("/") if segment]
    kept = [s for s in segments[:-1] if not _names_language(s)]
    last = segments[-1] if segments else ""
    last = re.sub(r"\.(?:html?|php|md)\Z", "", last)
    for pattern in _SUFFIXES:
        suffix = pattern.search(last)
        if suffix and primary(suffix[1]) in {"en", primary(language)}:
            last = last[: suffix.start()]
            break
    return "/".join((*kept, last))


def common_things(outlines: Sequence[Outline]) -> NDArray[np.uint64]:
    """The things that stand in so many posts that they are no sign; hashes, ascending."""
    every = np.concatenate([np.empty(0, np.uint64), *(post.things for post in outlines)])
    things, counts = np.unique(every, return_counts=True)
    return np.asarray(things[counts > MAX_POSTS_A_THING], dtype=np.uint64)


def groups(
    outlines: Sequence[Outline],
    languages: Sequence[str],
    common: NDArray[np.uint64] | None = None,
) -> NDArray[np.int32]:
    """Number the groups of posts that are translations of each other.

    A group found by address or content holds one post a language at the most; what the
    source says is taken as it is.

    Args:
        outlines: Of each post, in row order.
        languages: Language of each post, empty where unknown.
        common: What :func:`common_things` gave, where that is known already.

    Returns:
        Number of each post's group, -1 for a post without translation, shape (n,). Groups
        are numbered by their first row.
    """
    union = _Groups(languages)
    stated: dict[str, list[int]] = defaultdict(list)
    for row, post in enumerate(outlines):
        if post.group:
            stated[post.group].append(row)
    for rows in stated.values():
        if len(rows) <= MAX_GROUP:
            for row in rows[1:]:
                union.join(rows[0], row, even_if_same=True)
    if len(set(languages)) > 1:
        for first, second in _same_address(outlines, languages):
            union.join(first, second)
        known = common_things(outlines) if common is None else common
        for _, first, second in sorted(_same_content(outlines, languages, known)):
            union.join(first, second)
    return union.numbers()


class _Groups:
    """Rows that are joined step by step."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._members = {row: [row] for row in range(len(languages))}
        self._of = list(range(len(languages)))
        self._languages = languages

    def join(self, first: int, second: int, even_if_same: bool = False) -> None:
        """Make one group of two, unless it would hold two posts in one language."""
        one, other = self._of[first], self._of[second]
        if one == other:
            return
        if not even_if_same:
            spoken = [self._languages[row] for of in (one, other) for row in self._members[of]]
            if len(set(spoken)) < len(spoken):
                return
        one, other = min(one, other), max(one, other)
        moved = self._members.pop(other)
        self._members[one] += moved
        for row in moved:
            self._of[row] = one

    def numbers(self) -> NDArray[np.int32]:
        found = np.full(len(self._of), -1, np.int32)
        several = (rows for _, rows in sorted(self._members.items()) if len(rows) > 1)
        for number, rows in enumerate(several):
            found[rows] = number
        return found


def _same_address(
    outlines: Sequence[Outline], languages: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Posts in different languages with the same path, then with the same slug."""
    for key in (lambda path: path, slug_of_path):
        rows: dict[str, list[int]] = defaultdict(list)
        for row, post in enumerate(outlines):
            if languages[row] and (name := key(post.path)):
                rows[name].append(row)
        for same in rows.values():
            if len({languages[row] for row in same}) == len(same):
                yield from ((same[0], row) for row in same[1:])


def slug_of_path(path: str) -> str:
    """The last piece of such a path, where it names a text by itself; else empty."""
    last = path.rpartition("/")[2]
    return last if len(last) >= MIN_SLUG_CHARS and re.search("[^0-9_-]{4}", last) else ""


def _same_content(
    outlines: Sequence[Outline], languages: Sequence[str], common: NDArray[np.uint64]
) -> Iterator[tuple[float, int, int]]:
    """Negative share of common things and two rows, for posts in different languages."""
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for same in _shared_things(outlines, common):
        for first, second in combinations(same, 2):
            if languages[first] and languages[second] and languages[first] != languages[second]:
                shared[first, second] += 1
    for (first, second), n in shared.items():
        one, other = outlines[first], outlines[second]
        share = n / (len(one.things) + len(other.things) - n)
        same_day = one.day is not None and one.day == other.day
        least = (MIN_SHARED_SAME_DAY, MIN_SHARE_SAME_DAY) if same_day else (MIN_SHARED, MIN_SHARE)
        if n >= least[0] and share >= least[1]:
            yield -share, first, second


def _shared_things(outlines: Sequence[Outline], common: NDArray[np.uint64]) -> Iterator[list[int]]:
    """Rows, ascending, of each thing that several posts hold, but not too many."""
    things = np.concatenate([np.empty(0, np.uint64), *(post.things for post in outlines)])
    rows = np.repeat(np.arange(len(outlines)), [len(post.things) for post in outlines])
    order = np.argsort(things, kind="stable")
    things, rows = things[order], rows[order]
    (starts,) = np.nonzero(np.concatenate([[True], things[1:] != things[:-1]])[: len(things)])
    counts = np.diff(np.append(starts, len(things)))
    for index in np.flatnonzero((counts > 1) & ~among(things[starts], common)):
        start = starts[index]
        yield rows[start : start + counts[index]].tolist()


def _things(post: Post, links: Iterable[str]) -> Iterator[int]:
    names = map(_name, _PICTURE.findall(post.html))
    code = ("".join(_TAG.sub("", block).split()) for block in _CODE.findall(post.html))
    things = dict.fromkeys(filter(None, chain(names, code, map(_target, links))))
    for thing in islice(things, MAX_THINGS):
        yield int.from_bytes(blake2b(thing.encode("utf-8", "replace"), digest_size=8).digest())


def _name(source: str) -> str:
    """A picture's file name: its folder may be one a language."""
    return source.partition("?")[0].rstrip("/").rpartition("/")[2]


def _target(address: str) -> str:
    return address if address.startswith("http") else path_without_language(address)


def _names_language(segment: str) -> bool:
    return bool(_TAG_OF_LANGUAGE.match(segment)) and segment[:2] in _LANGUAGES
