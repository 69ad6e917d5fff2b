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

from related_posts.excerpts import excerpt
from related_posts.sorted_sets import sorted_set
from related_posts.text.boilerplate import among, originals
from related_posts.text.boilerplate import repeated as repeated_in
from related_posts.text.html import Prose

#: Sentences that stand in most posts; their texts are looked for.
N_TOP = 200
#: Of these, the ones that take most text are told.
N_TOLD = 20
#: Characters of such a text.
MAX_TEXT_CHARS = 200


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

    def marks(self, sentences: Sentences) -> list[NDArray[np.bool_]]:
        """Whether each sentence of each post is one of them."""
        if not len(sentences.lengths):
            return []
        marks = among(sentences.hashes, self.hashes)
        return np.split(marks, np.cumsum(sentences.lengths)[:-1])

    def newest(self, blocks: Sequence[Sentences]) -> NDArray[np.int64]:
        """The first row that has each of the ``top``, shape (len(top),)."""
        rows = np.full(len(self.top), -1, np.int64)
        order = np.argsort(self.top)
        ordered, start = self.top[order], 0
        for block in blocks:
            (named,) = np.nonzero(among(block.hashes, ordered))
            owners = start + np.repeat(np.arange(len(block.lengths)), block.lengths)[named]
            places = order[np.searchsorted(ordered, block.hashes[named])]
            # Backwards, so that the first row is what stays.
            found = np.full(len(rows), -1, np.int64)
            found[places[::-1]] = owners[::-1]
            rows = np.where(rows < 0, found, rows)
            start += len(block.lengths)
        return rows


def text_of(body: Prose, sentence: int) -> str:
    """How a text writes a sentence, the shortest way, cut for display; empty if it does not.

    Args:
        body: The text.
        sentence: Its hash.
    """
    wanted = repeated_in(body, np.array([sentence], np.uint64))
    texts = [text for _, text in originals(body, wanted)]
    return excerpt(min(texts, key=lambda text: (len(text), text)), MAX_TEXT_CHARS) if texts else ""


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
    return counted(blocks, sorted_set(np.concatenate([np.empty(0, np.uint64), *found])))


def counted(blocks: Sequence[Sentences], hashes: NDArray[np.uint64]) -> Repeated:
    """Known boilerplate, and how often it stands in posts.

    Args:
        blocks: The sentences of all posts, in order.
        hashes: Those that are boilerplate, ascending.
    """
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
    return sorted_set(
        together[n - 1 :][together[n - 1 :] == together[: max(len(together) - n + 1, 0)]]
    )
