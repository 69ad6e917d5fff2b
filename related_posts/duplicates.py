"""Near-duplicates: which posts of a blog are the same text, published more than once.

A re-post, an "updated" copy, the same text under another title. Two posts are copies if

- title, body and picture are equal to the letter, or
- nearly all of both texts is the same, and there is enough text to tell.

What two texts have in common is estimated from samples of the pieces of text, each of
``PIECE`` bytes, that stand in them [1]. A piece that stands in many different texts is a
template's - the rows of a newsletter, the steps of an upgrade - and counts for nothing. Titles
that differ in numbers alone ("Release 1.2", "Release 1.3") name different posts, whatever their
texts have in common; nor are two posts with different pictures and different titles copies.
Where it is not clear, posts are no copies: two copies on one list are a flaw, a post that is on
no list is lost.

Source: [1] Broder, "On the resemblance and containment of documents" (1997).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from related_posts.posts import Post
from related_posts.sorted_sets import sorted_set
from related_posts.text.boilerplate import among

#: Bytes of a piece of text, without spaces and punctuation: about five words of English.
PIECE = 24
#: Pieces kept of a text: estimates are right to about 0.03.
SAMPLE = 128
#: Of those, in how many two copies are looked for: of 1,000,000 copies, one is missed.
PROBES = 12
#: Share of the pieces of two texts that both have, from which they are copies: within so many
#: days, and otherwise. Every year's "Apply now" has much in common with the last.
NEAR_RESEMBLANCE, NEAR_DAYS, RESEMBLANCE = 0.75, 90, 0.9
#: Pieces without which nothing can be said; and where titles differ.
LEAST_PIECES, LEAST_PIECES_RENAMED = 24, 500
#: Different texts with a piece, above which it is a template's.
MOST_TEXTS = 20
#: Pictures and so on kept of a post.
MOST_MEDIA = 20

#: What is neither a letter nor a number: of ASCII, as bytes, and of all else.
_NO_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_NO_LETTERS = re.compile(r"[^\w\x00-\x7f]+")
_NUMBER = re.compile(r"\d+")
_MEDIA = re.compile(
    r"<(?:img|video|audio|iframe|source|embed)\b[^<>]*?\ssrc\s*=\s*[\"']?([^\"'\s<>]+)",
    re.IGNORECASE,
)
_BASE = 0x9E3779B97F4A7C15


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


_BYTES = np.array([_hash(bytes([byte])) for byte in range(256)], np.uint64)


class Print(NamedTuple):
    """What tells the copies of a post.

    Attributes:
        whole: Hash of title, body and picture to the letter; 0 where both are empty.
        title: The title's letters and numbers.
        day: Day of publication as a number, or None.
        pieces: The least hashes of the pieces of its text; ascending, distinct, uint64.
        n_pieces: How many different pieces there are.
        media: Hashes of the names of its pictures, films and sounds.
        language: Its language, which copies share.
    """

    whole: int = 0
    title: str = ""
    day: int | None = None
    pieces: NDArray[np.uint64] = np.empty(0, np.uint64)
    n_pieces: int = 0
    media: frozenset[int] = frozenset()
    language: str = ""


def print_of(post: Post, text: str, language: str = "") -> Print:
    """Take down what tells the copies of a post.

    Args:
        post: The post.
        text: Its body as plain text.
        language: Its language, as a primary code.
    """
    image = post.image.src if post.image else ""
    body = f"{' '.join(post.html.split())}{image}"
    pieces = sorted_set(_hashes(_letters(text).encode("utf-8", "replace")))
    sources = islice(_MEDIA.findall(post.html), MOST_MEDIA)
    names = {source.partition("?")[0].rstrip("/").rpartition("/")[2] for source in sources}
    return Print(
        _hash(f"{language}\n{post.title}\n{body}".encode("utf-8", "replace"))
        if post.title.strip() or body
        else 0,
        _letters(post.title),
        post.published.date().toordinal() if post.published else None,
        pieces[:SAMPLE].copy(),
        len(pieces),
        frozenset(_hash(name.encode("utf-8", "replace")) for name in names),
        language,
    )


def _letters(text: str) -> str:
    """The letters and numbers of a text, in lower case.

    Most of what goes is ASCII, and goes as bytes: half of the time of a pattern for all.
    """
    spaced = text.lower().encode("utf-8", "surrogatepass")
    plain = spaced.translate(None, _NO_ASCII_LETTERS).decode("utf-8", "surrogatepass")
    return plain if plain.isascii() else _NO_LETTERS.sub("", plain)


def _hashes(text: bytes) -> NDArray[np.uint64]:
    """A hash of every piece: polynomials over two, four, eight, 16 and so 24 bytes."""
    hashes: NDArray[np.uint64] = _BYTES[np.frombuffer(text, np.uint8)]
    if len(hashes) < PIECE:
        return np.empty(0, np.uint64)
    length = 1
    eight = hashes
    while length < 16:
        power = np.uint64(pow(_BASE, length, 1 << 64))
        hashes = hashes[:-length] * power + hashes[length:]
        length *= 2
        if length == 8:
            eight = hashes
    hashes = hashes[: len(text) - PIECE + 1] * np.uint64(pow(_BASE, 8, 1 << 64)) + eight[16:]
    # The highest bits of a product are mixed best; which hashes are least must look random.
    hashes ^= hashes >> np.uint64(32)
    hashes *= np.uint64(0xD6E8FEB86659FD93)
    hashes ^= hashes >> np.uint64(32)
    return hashes


def templates_of(prints: Sequence[Print]) -> NDArray[np.uint64]:
    """The pieces of text that stand in so many different texts that they are a template's.

    Args:
        prints: Of each post.

    Returns:
        Hashes, ascending.
    """
    texts = {found.whole or -1 - row: found.pieces for row, found in enumerate(prints)}
    every = np.concatenate([np.empty(0, np.uint64), *texts.values()])
    pieces, counts = np.unique(every, return_counts=True)
    return np.asarray(pieces[counts > MOST_TEXTS], dtype=np.uint64)


def groups(
    prints: Sequence[Print], templates: NDArray[np.uint64] | None = None
) -> NDArray[np.int32]:
    """Number the groups of posts that are copies of each other.

    Every two posts of a group are copies: a chain of small changes makes no group.

    Args:
        prints: Of each post, in row order.
        templates: What :func:`templates_of` gave, where that is known already.

    Returns:
        Number of each post's group, -1 for a post without a copy, shape (n,). Groups are
        numbered by their first row.
    """
    equal: dict[int, list[int]] = defaultdict(list)
    for row, found in enumerate(prints):
        equal[found.whole or -1 - row].append(row)
    rows_of = list(equal.values())
    texts = [prints[rows[0]] for rows in rows_of]
    texts = without_templates(texts, templates_of(texts) if templates is None else templates)
    pairs = _candidates(texts)
    alike = sorted((-_resemblance(texts[one], texts[other]), one, other) for one, other in pairs)
    members = [[place] for place in range(len(texts))]
    of = list(range(len(texts)))
    for _, one, other in alike:
        left, right = sorted((of[one], of[other]))
        if left != right and all(
            are_copies(texts[first], texts[second])
            for first, second in product(members[left], members[right])
        ):
            for place in members[right]:
                of[place] = left
            members[left] += members[right]
            members[right] = []
    numbers = np.full(len(prints), -1, np.int32)
    together = ([row for place in places for row in rows_of[place]] for places in members)
    for number, rows in enumerate(sorted(sorted(rows) for rows in together if len(rows) > 1)):
        numbers[rows] = number
    return numbers


def are_copies(one: Print, other: Print) -> bool:
    """Whether two posts that are not equal are copies; pieces of templates left out."""
    if one.language != other.language:
        return False
    if one.title != other.title:
        if min(one.n_pieces, other.n_pieces) < LEAST_PIECES_RENAMED:
            return False
        if (one.media or other.media) and not one.media & other.media:
            return False
        if _are_numbered(one.title, other.title):
            return False
    is_near = (
        one.day is not None and other.day is not None and abs(one.day - other.day) <= NEAR_DAYS
    )
    return _resemblance(one, other) >= (NEAR_RESEMBLANCE if is_near else RESEMBLANCE)


def _are_numbered(one: str, other: str) -> bool:
    """Whether two different titles tell posts apart by numbers."""
    here, there = _NUMBER.findall(one), _NUMBER.findall(other)
    return here != there and bool(
        (here and there) or _NUMBER.sub("", one) == _NUMBER.sub("", other)
    )


def without_templates(prints: Sequence[Print], templates: NDArray[np.uint64]) -> list[Print]:
    """The same without the pieces that are a template's."""
    if not len(prints):
        return []
    every = np.concatenate([found.pieces for found in prints])
    ends = np.cumsum([len(found.pieces) for found in prints])
    own = np.split(~among(every, templates), ends[:-1])
    return [
        found._replace(pieces=found.pieces[kept]) for found, kept in zip(prints, own, strict=True)
    ]


def _candidates(texts: Sequence[Print]) -> list[tuple[int, int]]:
    """Places of every two that have one of their first pieces in common, ascending."""
    heads = [found.pieces[:PROBES] for found in texts]
    pieces = np.concatenate([np.empty(0, np.uint64), *heads])
    places = np.repeat(np.arange(len(texts)), [len(head) for head in heads])
    order = np.argsort(pieces, kind="stable")
    pieces, places = pieces[order], places[order]
    pairs = [np.empty((0, 2), np.int64)]
    # As often as the most frequent piece stands there: a template that is none yet counts.
    longest = np.unique(pieces, return_counts=True)[1].max(initial=0)
    for step in range(1, int(longest)):
        (at,) = np.nonzero(pieces[step:] == pieces[:-step])
        pairs.append(np.stack([places[at], places[at + step]], axis=1))
    return [(one, other) for one, other in np.unique(np.concatenate(pairs), axis=0).tolist()]


def _resemblance(one: Print, other: Print) -> float:
    """Estimated share of the pieces of both that both have, in [0, 1]; 0 if too few to tell."""
    left, right = one.pieces, other.pieces
    for found in (one, other):
        # Of what is greater than the last of a sample, the sample tells nothing.
        if found.n_pieces > SAMPLE and len(found.pieces):
            left, right = left[left <= found.pieces[-1]], right[right <= found.pieces[-1]]
    if min(len(left), len(right)) < LEAST_PIECES:
        return 0.0
    both = len(np.intersect1d(left, right, assume_unique=True))
    return both / (len(left) + len(right) - both)
