"""One analysed post as bytes: what the analysis cache keeps of it.

A record holds everything that :class:`training.analysis.Analysed` says of one post. Words are
numbers that a whole cache shares; pairs and title words are positions among the post's own
words, which takes half the room. A checksum tells a damaged record from a sound one.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from related_posts.addresses import Addressed
from related_posts.duplicates import Print
from related_posts.series import Part
from related_posts.text.counts import Rows
from related_posts.text.detection import Evidence
from related_posts.translations import Outline
from related_posts.vocabulary import Entries
from training.analysis import Analysed, Dropped, FirstLook

#: Checksum of the rest; numbers of words, pairs, title words, things, pieces and media; bytes of
#: the item and of what WordPress says.
_HEAD = struct.Struct("<9I")
#: Below it, positions among a post's words take two bytes.
_NARROW = 1 << 16


class DamagedRecordError(ValueError):
    """A record is not what was written."""


@dataclass(slots=True, kw_only=True)
class Facts:
    """What is known of some posts beside their terms, in row order: as in ``Analysed``."""

    items: list[bytes] = field(default_factory=list)
    addresses: list[Addressed] = field(default_factory=list)
    facets: list[set[bytes]] = field(default_factory=list)
    days: list[float] = field(default_factory=list)
    links: list[tuple[tuple[str, ...], list[str]]] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    wordpress: list[bytes] = field(default_factory=list)
    prints: list[Print] = field(default_factory=list)
    parts: list[Part | None] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def extend(self, others: Facts) -> None:
        """Add the next posts; their rows go on from these."""
        first = len(self.items)
        for each in fields(Facts):
            getattr(self, each.name).extend(getattr(others, each.name))
        self.addresses[first:] = [
            address._replace(row=first + address.row) for address in others.addresses
        ]


@dataclass(slots=True)
class Records(Facts):
    """Some posts in row order, read back.

    Attributes:
        words: Words by the cache's numbers, with weighted occurrences.
        pairs: Adjacent words as ``first << 32 | second``, likewise.
        titles: Words of the titles, with plain occurrences.
    """

    words: Entries
    pairs: Entries
    titles: Entries


def encode(block: Analysed, numbers: NDArray[np.int64]) -> Iterator[bytes]:
    """The record of each post of a block.

    Args:
        block: Analysed posts.
        numbers: The cache's number of each of the block's terms.
    """
    counts = block.counts
    words, titles = counts.words, counts.titles
    keys = numbers[words.keys].astype("<u4")
    first = _positions(words, counts.pairs, counts.pairs.keys >> 32)
    second = _positions(words, counts.pairs, counts.pairs.keys & 0xFFFFFFFF)
    titled = _positions(words, titles, titles.keys)
    for row, item in enumerate(block.items):
        in_words, in_pairs, in_titles = (
            slice(*rows.starts[row : row + 2]) for rows in (words, counts.pairs, titles)
        )
        sizes = [part.stop - part.start for part in (in_words, in_pairs, in_titles)]
        places = np.concatenate([first[in_pairs], second[in_pairs], titled[in_titles]])
        occurrences = np.concatenate(
            [words.counts[in_words], counts.pairs.counts[in_pairs], titles.counts[in_titles]]
        )
        things, pieces, media = _hashes(block, row)
        wordpress = block.wordpress[row]
        rest = b"".join(
            (
                keys[in_words].tobytes(),
                places.astype(_place_type(sizes[0])).tobytes(),
                np.minimum(occurrences, 0xFFFF).astype("<u2").tobytes(),
                *(hashes.astype("<u8").tobytes() for hashes in (things, pieces, media)),
                item,
                wordpress,
                _texts(block, row),
            )
        )
        sizes += [len(part) for part in (things, pieces, media, item, wordpress)]
        head = _HEAD.pack(0, *sizes)[4:]
        yield zlib.crc32(rest, zlib.crc32(head)).to_bytes(4, "little") + head + rest


def decode(records: Sequence[bytes]) -> Records:
    """The posts that records tell of.

    Raises:
        DamagedRecordError: One is damaged.
    """
    sizes, words, places, occurrences = [], [], [], []
    none = Entries(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.uint16))
    found = Records(none, none, none)
    for row, record in enumerate(records):
        if len(record) < _HEAD.size or zlib.crc32(record[4:]) != int.from_bytes(
            record[:4], "little"
        ):
            raise DamagedRecordError(f"a record of {len(record)} bytes")
        _, n_words, n_pairs, n_titles, *others = _HEAD.unpack_from(record)
        sizes.append((n_words, n_pairs, n_titles))
        place_type = _place_type(n_words)
        lengths = (
            4 * n_words,
            place_type.itemsize * (2 * n_pairs + n_titles),
            2 * (n_words + n_pairs + n_titles),
            *(8 * n_hashes for n_hashes in others[:3]),
            *others[3:],
        )
        start, parts = _HEAD.size, []
        for length in lengths:
            parts.append(record[start : start + length])
            start += length
        words.append(parts[0])
        wide = place_type.itemsize > 2
        places.append(parts[1] if wide else np.frombuffer(parts[1], "<u2").astype("<u4").tobytes())
        occurrences.append(parts[2])
        found.items.append(parts[6])
        found.wordpress.append(parts[7])
        hashes = [np.frombuffer(part, "<u8").astype(np.uint64) for part in parts[3:6]]
        _read_texts(record[start:], row, hashes, found)
    found.words, found.pairs, found.titles = _entries(
        np.array(sizes, np.int64).reshape(-1, 3),
        np.frombuffer(b"".join(words), "<u4"),
        np.frombuffer(b"".join(places), "<u4"),
        np.frombuffer(b"".join(occurrences), "<u2"),
    )
    return found


def encode_look(look: FirstLook) -> bytes:
    """The record of a first look at a post."""
    evidence = orjson.dumps(tuple(look.evidence))
    rest = len(evidence).to_bytes(4, "little") + evidence + look.sentences.astype("<u8").tobytes()
    return zlib.crc32(rest).to_bytes(4, "little") + rest


def decode_look(record: bytes) -> FirstLook:
    """The first look that a record tells of.

    Raises:
        DamagedRecordError: It is damaged.
    """
    if len(record) < 8 or zlib.crc32(record[4:]) != int.from_bytes(record[:4], "little"):
        raise DamagedRecordError(f"a record of {len(record)} bytes")
    end = 8 + int.from_bytes(record[4:8], "little")
    stated, refuted, letters, probabilities = orjson.loads(record[8:end])
    evidence = Evidence(stated, refuted, letters, tuple(map(tuple, probabilities)))
    return FirstLook(evidence, np.frombuffer(record[end:], "<u8").astype(np.uint64))


def _entries(
    sizes: NDArray[np.int64],
    words: NDArray[np.uint32],
    places: NDArray[np.uint32],
    occurrences: NDArray[np.uint16],
) -> tuple[Entries, Entries, Entries]:
    """Words, pairs and title words of all posts, from what their records hold one by one."""
    n_words, n_pairs, n_titles = sizes.T
    keys = words.astype(np.int32)
    # Where the words of the post begin that each position belongs to.
    offsets = np.repeat(np.cumsum(n_words) - n_words, 2 * n_pairs + n_titles)
    named = keys[places.astype(np.int64) + offsets]
    first, second, titled = _split(named, (n_pairs, n_pairs, n_titles))
    of_words, of_pairs, of_titles = _split(occurrences, (n_words, n_pairs, n_titles))
    codes = (first.astype(np.int64) << 32) | second
    return (
        Entries(n_words.astype(np.int32), keys, of_words),
        Entries(n_pairs.astype(np.int32), codes, of_pairs),
        Entries(n_titles.astype(np.int32), titled, of_titles),
    )


def _split(values: NDArray[Any], lengths: Sequence[NDArray[np.int64]]) -> list[NDArray[Any]]:
    """Take apart what each post holds one after another."""
    part = np.repeat(
        np.tile(np.arange(len(lengths)), len(lengths[0])), np.stack(lengths, axis=1).ravel()
    )
    return [values[part == number] for number in range(len(lengths))]


def _positions(words: Rows, rows: Rows, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of each key among the words of its own row."""
    of_word = np.repeat(np.arange(len(words.starts) - 1), np.diff(words.starts))
    of_key = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
    place = np.searchsorted((of_word << 32) | words.keys, (of_key << 32) | keys)
    return np.asarray(place - words.starts[of_key], dtype=np.int64)


def _place_type(n_words: int) -> np.dtype[Any]:
    return np.dtype("<u2" if n_words <= _NARROW else "<u4")


def _hashes(block: Analysed, row: int) -> tuple[NDArray[np.uint64], ...]:
    """Things, pieces and media of a post."""
    looks = block.prints[row]
    media = np.array(sorted(looks.media), np.uint64)
    return block.outlines[row].things, looks.pieces, media


def _texts(block: Analysed, row: int) -> bytes:
    """What a record holds as JSON."""
    address, outline, looks = block.addresses[row], block.outlines[row], block.prints[row]
    part = block.parts[row]
    return orjson.dumps(
        [
            (address.id, address.url, address.aliases),
            [key.decode() for key in sorted(block.facets[row])],
            None if np.isnan(block.days[row]) else float(block.days[row]),
            block.links[row],
            (outline.group, outline.path, outline.day),
            int(block.numbers[row]),
            (looks.whole, looks.title, looks.day, looks.n_pieces, looks.language),
            None if part is None else tuple(part),
            tuple(block.dropped[row]),
        ]
    )


def _read_texts(
    texts: bytes, row: int, hashes: Sequence[NDArray[np.uint64]], found: Records
) -> None:
    """Add what a record holds as JSON."""
    address, facets, day, links, outline, number, looks, part, dropped = orjson.loads(texts)
    things, pieces, media = hashes
    whole, title, printed, n_pieces, language = looks
    found.addresses.append(Addressed(row, address[0], address[1], tuple(address[2])))
    found.facets.append({key.encode() for key in facets})
    found.days.append(np.nan if day is None else day)
    found.links.append((tuple(links[0]), links[1]))
    found.outlines.append(Outline(outline[0], outline[1], outline[2], things))
    found.numbers.append(number)
    found.prints.append(
        Print(whole, title, printed, pieces, n_pieces, frozenset(media.tolist()), language)
    )
    found.parts.append(None if part is None else Part(*part))
    found.dropped.append(Dropped(*dropped))
