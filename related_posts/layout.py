"""Which arrays a version holds: their types, their shapes and who reads them.

Shapes are written with sizes that must agree within one version: ``n`` posts,
``k`` neighbours a post, ``v`` terms (``w`` words, then ``p`` pairs of
words), ``e`` lookup entries, ``f`` facets; ``*`` is any length.
A post's *row* is its place in these arrays: newest first, then by id.

A version built upon another shares its largest files with it, and they do not change when
posts come and go: vectors, their postings and ties. In these a post has its *place*, which
``places`` tells: below ``b`` in those files, beyond in the few of this version alone, whose
names begin with ``fresh`` (``r`` posts). A version built in full has neither: rows are places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """What one array must look like.

    Attributes:
        dtype: Little-endian numpy type string, as in an .npy header.
        shape: One size per axis: a letter, a letter with ``+1``, a number, or ``*``.
    """

    dtype: str
    shape: tuple[str, ...]


#: What answering needs; opened with the version.
SERVING: Mapping[str, ArraySpec] = {
    "items": ArraySpec("|u1", ("*",)),
    "items_offsets": ArraySpec("<u8", ("n+1",)),
    "neighbours": ArraySpec("<i4", ("n", "k")),
    "similarities": ArraySpec("<f4", ("n", "k")),
    "scores": ArraySpec("<f4", ("n", "k")),
    "lookup_slots": ArraySpec("<u4", ("*",)),
    "lookup_keys": ArraySpec("|u1", ("*",)),
    "lookup_offsets": ArraySpec("<u8", ("e+1",)),
    "lookup_rows": ArraySpec("<i4", ("e",)),
    "facet_keys": ArraySpec("|u1", ("*",)),
    "facet_keys_offsets": ArraySpec("<u8", ("f+1",)),
    "facet_rows": ArraySpec("<i4", ("*",)),
    "facet_indptr": ArraySpec("<i8", ("f+1",)),
    "days": ArraySpec("<f8", ("n",)),
    "languages": ArraySpec("<i2", ("n",)),
}

#: What scoring and explaining need; opened on first use, and a version may lack it.
ANALYSIS: Mapping[str, ArraySpec] = {
    "vectors_data": ArraySpec("<f4", ("*",)),
    "vectors_indices": ArraySpec("<i4", ("*",)),
    "vectors_indptr": ArraySpec("<i8", ("b+1",)),
    "postings_data": ArraySpec("<f4", ("*",)),
    "postings_indices": ArraySpec("<i4", ("*",)),
    "postings_indptr": ArraySpec("<i8", ("v+1",)),
    "titles_data": ArraySpec("<f4", ("*",)),
    "titles_indices": ArraySpec("<i4", ("*",)),
    "titles_indptr": ArraySpec("<i8", ("n+1",)),
    "borrowed_indices": ArraySpec("<i4", ("*",)),
    "borrowed_indptr": ArraySpec("<i8", ("b+1",)),
    "idf": ArraySpec("<f4", ("v",)),
    "frequencies": ArraySpec("<i4", ("v",)),
    "terms": ArraySpec("|u1", ("*",)),
    "terms_offsets": ArraySpec("<u8", ("w+1",)),
    "readable": ArraySpec("|u1", ("*",)),
    "readable_offsets": ArraySpec("<u8", ("w+1",)),
    "pairs": ArraySpec("<i4", ("p", "2")),
    "links_indices": ArraySpec("<i4", ("*",)),
    "links_indptr": ArraySpec("<i8", ("n+1",)),
    "translations": ArraySpec("<i4", ("n",)),
    "duplicates": ArraySpec("<i4", ("n",)),
    "series": ArraySpec("<i4", ("n",)),
    "part": ArraySpec("<i2", ("n",)),
    "damping": ArraySpec("<f8", ("n",)),
    "boilerplate": ArraySpec("<u8", ("*",)),
    "contents": ArraySpec("<u8", ("n", "2")),
    "templates": ArraySpec("<u8", ("*",)),
    "common_things": ArraySpec("<u8", ("*",)),
    "ties": ArraySpec("<u8", ("t",)),
    "ties_owners": ArraySpec("<i4", ("t",)),
    "places": ArraySpec("<i4", ("n",)),
    "fresh_data": ArraySpec("<f4", ("*",)),
    "fresh_indices": ArraySpec("<i4", ("*",)),
    "fresh_indptr": ArraySpec("<i8", ("r+1",)),
    "fresh_borrowed_indices": ArraySpec("<i4", ("*",)),
    "fresh_borrowed_indptr": ArraySpec("<i8", ("r+1",)),
    "fresh_ties": ArraySpec("<u8", ("u",)),
    "fresh_ties_owners": ArraySpec("<i4", ("u",)),
}

#: What WordPress says of a post beyond what is shown; opened on first use, may be missing.
DROP_IN: Mapping[str, ArraySpec] = {
    "numbers": ArraySpec("<i8", ("n",)),
    "wordpress": ArraySpec("|u1", ("*",)),
    "wordpress_offsets": ArraySpec("<u8", ("n+1",)),
}

#: What a version has that shares arrays with another; all or none of them.
SHARING = frozenset(
    [
        *("places", "fresh_data", "fresh_indices", "fresh_indptr", "fresh_borrowed_indices"),
        *("fresh_borrowed_indptr", "fresh_ties", "fresh_ties_owners"),
    ]
)

ARRAYS: Mapping[str, ArraySpec] = {**SERVING, **ANALYSIS, **DROP_IN}

#: The only types that are ever written or mapped: plain numbers, no objects.
DTYPES = frozenset(
    ["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", "|b1"]
)


def lacking(names: Collection[str]) -> list[str]:
    """Arrays that a version with others of their kind must have, and does not.

    Training writes all of them, but :data:`SHARING` only where the version shares arrays with
    another. A version may have none but the serving arrays.

    Args:
        names: Arrays that it has.
    """
    if ANALYSIS.keys().isdisjoint(names):
        return []
    needed = ANALYSIS.keys() | DROP_IN.keys()
    return sorted((needed - SHARING if SHARING.isdisjoint(names) else needed) - set(names))


def mismatch(
    name: str, dtype: str, shape: tuple[int, ...], sizes: MutableMapping[str, int]
) -> str | None:
    """Say what is wrong with an array's type or shape, or None if nothing is.

    Args:
        name: The array's name; one that is not in :data:`ARRAYS` may have any
            plain type and shape.
        dtype: Its numpy type string.
        shape: Its shape.
        sizes: The sizes known so far; a size met for the first time is added.

    Returns:
        A clause that fits behind the array's name, or None.
    """
    if dtype not in DTYPES:
        return f"has the type {dtype}, which no version may hold"
    spec = ARRAYS.get(name)
    if spec is None:
        return None
    if dtype != spec.dtype:
        return f"has the type {dtype} instead of {spec.dtype}"
    if len(shape) != len(spec.shape):
        return f"has {len(shape)} axes instead of {len(spec.shape)}"
    for found, wanted in zip(shape, spec.shape, strict=True):
        if wanted == "*":
            continue
        size, extra = (wanted[:-2], 1) if wanted.endswith("+1") else (wanted, 0)
        if size.isdecimal():
            sizes[size] = int(size)
        if found - extra != sizes.setdefault(size, found - extra) or found < extra:
            expected = "at least 1" if found < extra else f"{sizes[size] + extra} ({wanted})"
            return f"has the shape {shape} where one axis should be {expected}"
    return None


def disagreement(sizes: Mapping[str, int]) -> str | None:
    """Say what is wrong with the sizes of a whole version, or None if nothing is."""
    n_terms, n_words, n_pairs = sizes.get("v", 0), sizes.get("w"), sizes.get("p", 0)
    if n_words is not None and n_words + n_pairs != n_terms:
        return f"{n_words} words and {n_pairs} pairs should be {n_terms} terms"
    if "r" not in sizes and sizes.get("b", sizes.get("n")) != sizes.get("n"):
        return f"{sizes['b']} vectors should be those of {sizes.get('n')} posts"
    return None


def check(arrays: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """Refuse arrays that no version should be written from.

    Args:
        arrays: All serving arrays, and any of the others.

    Returns:
        The sizes: ``n``, ``k``, ``e``, and ``v`` (0 where no array tells it).

    Raises:
        ValueError: An array is missing, has another type or shape, pairs are
            not of words, neighbours
            are not rows of the version with -1 only at the end or name a post
            as its own neighbour, or similarities or scores leave [0, 1] or are
            not descending (scores) or not 0 where there is no neighbour, or a
            post's links are not other posts, ascending, or hashes of boilerplate
            do not ascend.
    """
    missing = SERVING.keys() - arrays.keys()
    if missing:
        raise ValueError(f"arrays are missing: {', '.join(sorted(missing))}")
    sizes: dict[str, int] = {}
    for name in (*ARRAYS, *(arrays.keys() - ARRAYS.keys())):
        if name in arrays:
            problem = mismatch(name, arrays[name].dtype.str, arrays[name].shape, sizes)
            if problem:
                raise ValueError(f"{name} {problem}")
    if problem := disagreement(sizes):
        raise ValueError(problem)
    neighbours, scores = arrays["neighbours"], arrays["scores"]
    none = neighbours < 0
    pairs = arrays.get("pairs", np.zeros((0, 2), np.int32))
    problems = {
        "pairs are not of words": (pairs < 0) | (pairs >= sizes.get("w", 0)),
        "neighbours point outside the version": (neighbours < -1) | (neighbours >= sizes["n"]),
        "neighbours have a gap": none[:, :-1] & ~none[:, 1:],
        "a post is its own neighbour": neighbours == np.arange(sizes["n"])[:, None],
        "scores are not descending": scores[:, :-1] < scores[:, 1:],
    }
    for name in ("similarities", "scores"):
        # Written so that NaN is refused as well.
        problems[f"{name} leave [0, 1]"] = ~((arrays[name] >= 0) & (arrays[name] <= 1))
        problems[f"{name} go on behind the last neighbour"] = none & (arrays[name] != 0)
    if "damping" in arrays:
        # Written so that NaN is refused as well.
        held = arrays["damping"]
        problems["damping leaves (0, 1]"] = ~((held > 0) & (held <= 1))[:, None]
    for problem, found in problems.items():
        if found.any():
            raise ValueError(f"{problem} in row {int(found.any(axis=1).argmax())}")
    if problem := _wrong_facets(arrays, sizes["n"]):
        raise ValueError(problem)
    for name in ("boilerplate", "templates", "common_things"):
        hashes = arrays.get(name, np.zeros(0, np.uint64))
        if (hashes[1:] <= hashes[:-1]).any():
            raise ValueError(f"{name} does not ascend")
    for name in ("vectors", "fresh", "postings", "titles"):
        starts, data = arrays.get(f"{name}_indptr"), arrays.get(f"{name}_data")
        if starts is not None and data is not None and (starts[0] or starts[-1] != len(data)):
            raise ValueError(f"{name}_indptr should be that of {len(data)} weights")
    places = arrays.get("places", np.zeros(0, np.int32))
    if ((places < 0) | (places >= sizes.get("b", 0) + sizes.get("r", 0))).any():
        raise ValueError("places should be those of vectors")
    if "links_indptr" in arrays and (problem := _wrong_links(arrays, sizes["n"])):
        raise ValueError(problem)
    return {"v": 0, **sizes}


def _wrong_links(arrays: Mapping[str, NDArray[Any]], n: int) -> str | None:
    """Say what is wrong with the links between posts, or None if nothing is."""
    links, starts = arrays.get("links_indices", np.zeros(0, np.int32)), arrays["links_indptr"]
    if starts[0] != 0 or starts[-1] != len(links) or (np.diff(starts) < 0).any():
        return f"links_indptr does not divide {len(links)} links"
    rows = np.repeat(np.arange(n), np.diff(starts))
    bad = (links < 0) | (links >= n) | (links == rows)
    bad[1:] |= (rows[1:] == rows[:-1]) & (links[1:] <= links[:-1])
    return f"links are not other posts, ascending, in row {rows[bad][0]}" if bad.any() else None


def _wrong_facets(arrays: Mapping[str, NDArray[Any]], n: int) -> str | None:
    """Say what is wrong with the rows of the facets, or None if nothing is."""
    rows, starts = arrays["facet_rows"], arrays["facet_indptr"]
    if starts[0] != 0 or starts[-1] != len(rows) or (np.diff(starts) < 1).any():
        return f"facet_indptr does not divide {len(rows)} rows"
    facets = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    bad = (rows < 0) | (rows >= n)
    bad[1:] |= (facets[1:] == facets[:-1]) & (rows[1:] <= rows[:-1])
    return f"facets are not of posts, ascending, in facet {facets[bad][0]}" if bad.any() else None
