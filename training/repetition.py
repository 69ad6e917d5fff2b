"""Repetition: which sentences stand in several posts of an archive.

The first pass over the posts gives the hashes of each post's distinct sentences, 8 bytes
each; they are kept in the order of the posts, so that the second pass is told which sentences
to leave out by their places and neither hashes nor looks up anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from related_posts.text.boilerplate import among

#: Sentences that stand in most posts; their texts are looked for.
N_TOP = 200
#: Of these, the ones that take most text are told.
N_TOLD = 20
#: Characters of such a text.
MAX_TEXT_CHARS = 200
#: Mark of a sentence that stays, and of one that is left out; those above are left out too,
#: and the higher the mark, the less often the sentence stands in posts.
KEPT, DROPPED = 0, 1


@dataclass(frozen=True, slots=True)
class Sentences:
    """Hashes of the distinct sentences of some posts.

    Attributes:
        hashes: uint64, those of a post one after another, posts in order.
        lengths: How many each post has, shape (n_posts,).
    """

    hashes: NDArray[np.uint64]
    lengths: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[NDArray[np.uint64]]) -> Sentences:
        """Of several posts, an array each."""
        hashes = np.concatenate(parts) if parts else np.empty(0, np.uint64)
        return cls(hashes, np.array([len(part) for part in parts], np.int64))


@dataclass(frozen=True, slots=True)
class Repeated:
    """Sentences that are boilerplate in an archive.

    Attributes:
        hashes: uint64, ascending.
        top: Hashes of the sentences that stand in most posts, most first, then by hash.
        n_posts: How many posts each of these stands in.
    """

    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    top: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    n_posts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def marks(self, sentences: Sentences) -> list[NDArray[np.uint8]]:
        """What becomes of each sentence of each post: :data:`KEPT`, :data:`DROPPED` or above."""
        marks = among(sentences.hashes, self.hashes).astype(np.uint8)
        (dropped,) = np.nonzero(marks)
        for place, each in enumerate(self.top):
            marks[dropped[sentences.hashes[dropped] == each]] = DROPPED + 1 + place
        return np.split(marks, np.cumsum(sentences.lengths)[:-1]) if len(sentences.lengths) else []


def repeated(blocks: Sequence[Sentences], languages: Sequence[str], min_posts: int) -> Repeated:
    """The sentences that stand in several posts of one language.

    A listing that stands in the seven translations of one post is repeated by nobody, so
    posts are counted for each language apart.

    Args:
        blocks: The sentences of all posts, in order.
        languages: Language of each post.
        min_posts: Posts of one language that make a sentence boilerplate, at least 1.
    """
    codes = np.unique(np.array(languages, dtype=object), return_inverse=True)[1]
    found: list[NDArray[np.uint64]] = []
    for code in range(int(codes.max(initial=-1)) + 1):
        found.append(_in_several(_of_language(blocks, codes == code), min_posts))
    hashes = np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
    totals = np.zeros(len(hashes), np.int64)
    for block in blocks:
        is_known = among(block.hashes, hashes)
        np.add.at(totals, np.searchsorted(hashes, block.hashes[is_known]), 1)
    order = np.lexsort((hashes, -totals))[:N_TOP]
    return Repeated(hashes, hashes[order], totals[order])


def _of_language(
    blocks: Sequence[Sentences], chosen: NDArray[np.bool_]
) -> Iterator[NDArray[np.uint64]]:
    """The sentences of the chosen posts."""
    start = 0
    for block in blocks:
        end = start + len(block.lengths)
        yield block.hashes[np.repeat(chosen[start:end], block.lengths)]
        start = end


def _in_several(parts: Iterator[NDArray[np.uint64]], n: int) -> NDArray[np.uint64]:
    """Hashes that are there ``n`` times or more, ascending."""
    together = np.concatenate([np.empty(0, np.uint64), *parts])
    together.sort()
    return np.unique(
        together[n - 1 :][together[n - 1 :] == together[: max(len(together) - n + 1, 0)]]
    )
