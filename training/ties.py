"""Ties: by which marks can one post have to do with another?

Two posts are copies only if they have a piece of text in common, parts of one series only if
their titles begin alike, and a link leads to a post only by its address. Each such mark is a
hash; a version keeps those of every post, sorted. So the next build finds the few posts that a
changed one may concern, and need not look at the others. A mark too many costs a look at a post;
one too few would be a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts.addresses import Addressed
from related_posts.duplicates import PROBES, Print, without_templates
from related_posts.former import former_addresses
from related_posts.series import LEAST_BEGINNING, Part
from related_posts.text.boilerplate import among
from related_posts.translations import Outline, slug_of_path
from related_posts.urls import split

_BITS = 3
#: Posts whose marks are sorted together.
_AT_ONCE = 4096


class Kind(IntEnum):
    """What a mark is of; kept in the lowest bits of its hash.

    The first two name a post, the next two are what links call it, with the same upper bits.
    """

    ADDRESS = 0
    ID = 1
    LINKED_ADDRESS = 2
    LINKED_ID = 3
    COPY = 4
    TRANSLATION = 5
    SERIES = 6


class Marked(NamedTuple):
    """What is known of a post that decides its marks."""

    address: Addressed
    links: tuple[tuple[str, ...], list[str]]
    outline: Outline
    print: Print
    part: Part | None
    language: str


class Ties(NamedTuple):
    """The marks of many posts.

    Attributes:
        hashes: Ascending; shape (n_marks,).
        owners: Whose each is, a row or a place; those of one hash ascend; shape (n_marks,).
    """

    hashes: NDArray[np.uint64]
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, marks: Iterable[NDArray[np.uint64]], owners: Iterable[int]) -> Ties:
        """The marks of some posts, an array each."""
        every = list(marks)
        hashes = np.concatenate([np.empty(0, np.uint64), *every])
        names = np.fromiter(owners, np.int32, len(every))
        whose = np.repeat(names, [len(each) for each in every])
        return cls(hashes, whose).ordered()

    def ordered(self) -> Ties:
        """The same, sorted."""
        order = np.lexsort((self.owners, self.hashes))
        return Ties(self.hashes[order], self.owners[order])

    def joined(self, others: Ties) -> Ties:
        """These and others, sorted."""
        hashes = np.concatenate([self.hashes, others.hashes])
        return Ties(hashes, np.concatenate([self.owners, others.owners])).ordered()

    def having(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The owners of some marks, one after another."""
        starts = np.searchsorted(self.hashes, hashes)
        ends = np.searchsorted(self.hashes, hashes, side="right")
        parts = [self.owners[start:end] for start, end in zip(starts, ends, strict=True)]
        return np.concatenate([np.empty(0, np.int32), *parts])

    def of_owners(self, owners: NDArray[np.int32]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The marks of some owners, and whose each is."""
        (at,) = np.nonzero(np.isin(self.owners, owners))
        return self.hashes[at], self.owners[at]


def marks_of(
    posts: Sequence[Marked],
    templates: NDArray[np.uint64],
    common: NDArray[np.uint64],
    *,
    site: str = "",
    former: Sequence[str] = (),
) -> Iterator[NDArray[np.uint64]]:
    """The marks of each post, ascending and distinct.

    Args:
        posts: What decides them.
        templates: Pieces of text that tell no copies, see ``duplicates.templates_of``.
        common: Things that tell no translations, see ``translations.common_things``.
        site: The blog's address, or empty.
        former: Addresses of the blog before.
    """
    own = without_templates([post.print for post in posts], templates)
    for start in range(0, len(posts), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        yield from _of_some(posts[some], own[some], common, site, former)


def _of_some(
    posts: Sequence[Marked],
    own: Sequence[Print],
    common: NDArray[np.uint64],
    site: str,
    former: Sequence[str],
) -> list[NDArray[np.uint64]]:
    """The marks of each of some posts; numpy takes longer to begin than for the few of one."""
    named, n_named = [], []
    for post, found in zip(posts, own, strict=True):
        marks = [*_of_names(post.address, site, former), *_of_links(post.links)]
        marks += [*_of_outline(post.outline), *_of_part(post.part, post.language)]
        marks.append(_mark(Kind.COPY, found.whole.to_bytes(8, "little")) if found.whole else 0)
        named += marks
        n_named.append(len(marks))
    pieces = [found.pieces[:PROBES] for found in own]
    things = [post.outline.things for post in posts]
    told = np.concatenate(things)
    telling = ~among(told, common)
    numbers = np.arange(len(posts))
    marks_and_owners = (
        (np.array(named, np.uint64), np.repeat(numbers, n_named)),
        (
            _of_kind(_within(np.concatenate(pieces)), Kind.COPY),
            np.repeat(numbers, [len(each) for each in pieces]),
        ),
        (
            _of_kind(_within(told[telling]), Kind.TRANSLATION),
            np.repeat(numbers, [len(each) for each in things])[telling],
        ),
    )
    every, owners = map(np.concatenate, zip(*marks_and_owners, strict=True))
    order = np.lexsort((every, owners))
    every, owners = every[order], owners[order]
    is_first = np.ones(len(every), bool)
    is_first[1:] = (every[1:] != every[:-1]) | (owners[1:] != owners[:-1])
    return np.split(every[is_first], np.searchsorted(owners[is_first], numbers[1:]))


def of_kind(marks: NDArray[np.uint64], *kinds: Kind) -> NDArray[np.uint64]:
    """Those of some kinds."""
    lowest = marks & np.uint64((1 << _BITS) - 1)
    return marks[np.isin(lowest, np.array(kinds, np.uint64))]


def linked(marks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """What links to posts with some marks carry, of those that name posts."""
    return of_kind(marks, Kind.ADDRESS, Kind.ID) + np.uint64(Kind.LINKED_ADDRESS)


def _of_names(address: Addressed, site: str, former: Sequence[str]) -> Iterator[int]:
    yield _mark(Kind.ID, address.id)
    paths = {split(each)[1]: address.row for each in (address.url, *address.aliases)}
    before = (path for _, path, _ in former_addresses(paths, former, site))
    for path in {*paths, *before}:
        yield _mark(Kind.ADDRESS, path)


def _of_links(links: tuple[tuple[str, ...], list[str]]) -> Iterator[int]:
    ids, hrefs = links
    for each in ids:
        yield _mark(Kind.LINKED_ID, each)
    for each in hrefs:
        host, path = split(each)
        yield _mark(Kind.LINKED_ADDRESS, path)
        if not host and not each.startswith("/"):
            yield _mark(Kind.LINKED_ADDRESS, split(f"//{each}")[1])


def _of_outline(outline: Outline) -> Iterator[int]:
    for sign, name in (
        ("g", outline.group),
        ("p", outline.path),
        ("s", slug_of_path(outline.path)),
    ):
        if name:
            yield _mark(Kind.TRANSLATION, sign + name)


def _of_part(part: Part | None, language: str) -> Iterator[int]:
    if part is not None:
        for end in range(LEAST_BEGINNING, len(part.name)):
            yield _mark(Kind.SERIES, f"{language} {part.name[:end]}")
        yield _mark(Kind.SERIES, f"{language} {part.name}")


def _mark(kind: Kind, name: str | bytes) -> int:
    data = name.encode("utf-8", "surrogatepass") if isinstance(name, str) else name
    # What names a post and what links call it have the same upper bits.
    salt = bytes([kind - Kind.LINKED_ADDRESS if kind in _LINKS else kind])
    digest = blake2b(data, digest_size=8, salt=salt).digest()
    return int.from_bytes(digest, "little") >> _BITS << _BITS | kind


def _within(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return hashes >> np.uint64(_BITS) << np.uint64(_BITS)


def _of_kind(hashes: NDArray[np.uint64], kind: Kind) -> NDArray[np.uint64]:
    return hashes | np.uint64(kind)


_LINKS = frozenset([Kind.LINKED_ADDRESS, Kind.LINKED_ID])

__all__ = ["Kind", "Marked", "Ties", "linked", "marks_of", "of_kind"]
