"""Boilerplate: sentences that a blog repeats, told by the blog itself and left out.

"Subscribe to our newsletter", a signature, the licence at the head of every listing, what a
plug-in leaves under each post: a sentence that stands in several posts says nothing of any
of them. Which sentences these are is counted over the whole archive (``training.repeated``);
here is what counts as a sentence, when two are the same, and how a text looks without them.

Sentences are compared in small letters, with white space folded and every number read as 0,
so that "Updated on 3 May 2019." and "Updated on 12 May 2021." are one. A comma ends a sentence
here too: it is what parts "at the Internet address" from the rest of a footnote. An archive
keeps sentences as 64-bit hashes that are the same in every process and on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from itertools import compress
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from related_posts.text.html import Prose

#: Where a sentence ends: at the end of a line, behind a sign that parts sentences or clauses
#: if white space follows, and behind the signs of scripts that put no space there. One set of
#: characters leads the pattern, which is what makes looking for it quick.
_END = re.compile(r"[.!?…:;,。！？\n](?:(?<=[。！？\n])|\s|\Z)")
_NUMBER = re.compile("[0-9]+")
#: A shorter sentence, in bytes of UTF-8 after folding, is no more than a word or two: an
#: entry of a list, the name of a section. Posts share these by subject.
MIN_BYTES = 10
#: A post that would lose more than this share of its text keeps all of it: it is made by a
#: template, or is a copy, rather than a text with boilerplate around it.
MAX_SHARE = 0.5


class Part(NamedTuple):
    """One sentence of a block: where it begins, stops, and ends with its sign; and folded."""

    start: int
    stop: int
    end: int
    folded: str


#: The sentences of each block of a text; together they make up the whole block.
Parts: TypeAlias = list[list[Part]]


def parts(blocks: Sequence[str]) -> Parts:
    """Each sentence of a text, folded once for all that ask about it."""
    return [list(_parts(block)) for block in blocks]


def distinct(found: Parts) -> list[str]:
    """The same as :func:`sentences` of the blocks."""
    folded = dict.fromkeys(part.folded for block in found for part in block)
    return [each for each in folded if _is_long_enough(each)]


def sentences(blocks: Sequence[str]) -> list[str]:
    """The distinct sentences of a text, folded, in order of their first appearance.

    Args:
        blocks: Pieces of text; no sentence reaches across two.

    Returns:
        Those of at least :data:`MIN_BYTES`.
    """
    text = _NUMBER.sub("0", "\n".join(blocks).lower())
    folded = [" ".join(part.split()) for part in _END.split(text)]
    return [part for part in dict.fromkeys(folded) if _is_long_enough(part)]


def hashes(found: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes of folded sentences, shape (len(found),)."""
    digests = [
        blake2b(each.encode("utf-8", "surrogatepass"), digest_size=8).digest() for each in found
    ]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def among(found: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each hash is a known one; ``known`` ascends."""
    if not len(known):
        return np.zeros(len(found), bool)
    place = np.minimum(np.searchsorted(known, found), len(known) - 1)
    return np.asarray(known[place] == found)


def repeated(body: Prose, boilerplate: NDArray[np.uint64]) -> frozenset[str]:
    """Sentences of a text that an archive knows as boilerplate, folded.

    Args:
        body: The text.
        boilerplate: Hashes, ascending.
    """
    if not len(boilerplate):
        return frozenset()
    found = sentences(body.blocks)
    return frozenset(compress(found, among(hashes(found), boilerplate).tolist()))


def without(body: Prose, dropped: Collection[str], cut: Parts | None = None) -> Prose:
    """A text without some sentences, or all of it where little would be left.

    Where a sentence is taken out of a block, the block falls in two: words that were apart
    do not become neighbours.

    Args:
        body: The text.
        dropped: Folded sentences.
        cut: The text's :func:`parts`, if they are known.

    Returns:
        The same object where nothing is taken out.
    """
    if not dropped:
        return body
    n_dropped = 0
    blocks: list[str] = []
    for block, found in zip(body.blocks, cut or parts(body.blocks), strict=True):
        begin = 0
        for start, _, end, folded in found:
            if folded in dropped:
                n_dropped += end - start
                blocks.append(block[begin:start])
                begin = end
        blocks.append(block[begin:])
    if n_dropped > MAX_SHARE * sum(map(len, body.blocks)):
        return body
    headings = [
        "".join(
            heading[start:end] for start, _, end, folded in _parts(heading) if folded not in dropped
        )
        for heading in body.headings
    ]
    return Prose(
        [block for block in blocks if block and not block.isspace()],
        [heading for heading in headings if heading],
    )


def beginning(body: Prose, dropped: Collection[str], cut: Parts | None = None) -> list[str]:
    """The blocks of a text from the first whole sentence on that is not boilerplate.

    A sentence is boilerplate if all its parts are, but for those too short to be any.

    Args:
        body: The text.
        dropped: Folded sentences.
        cut: The text's :func:`parts`, if they are known.

    Returns:
        All blocks where there is no other sentence.
    """
    for number, block in enumerate(body.blocks):
        whole, is_dropped = 0, False
        for _, stop, end, part in cut[number] if cut else _parts(block):
            is_dropped |= part in dropped
            ends = block[stop:end].rstrip() != ","
            if (part not in dropped and _is_long_enough(part)) or (
                ends and not is_dropped and part
            ):
                return [block[whole:], *body.blocks[number + 1 :]]
            if ends:
                whole, is_dropped = end, False
    return body.blocks


def originals(body: Prose, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each wanted sentence as it stands in a text: folded, and with single spaces."""
    for block in body.blocks:
        for start, _, end, folded in _parts(block):
            if folded in wanted:
                yield folded, " ".join(block[start:end].split())


def _parts(block: str) -> Iterator[Part]:
    """The sentences of a block.

    Folding changes no sign that ends one, so a block is folded in one go: much quicker than
    each sentence.
    """
    start, size = 0, len(block)
    *folded, last = _END.split(_NUMBER.sub("0", block.lower()))
    for sentence, sign in zip(folded, _END.finditer(block), strict=True):
        stop, end = sign.span()
        yield Part(start, stop, end, " ".join(sentence.split()))
        start = end
    yield Part(start, size, size, " ".join(last.split()))


def _is_long_enough(folded: str) -> bool:
    return len(folded) >= MIN_BYTES or len(folded.encode("utf-8", "surrogatepass")) >= MIN_BYTES
