"""Which arrays a version holds: their types, their shapes and who reads them.

Shapes are written with sizes that must agree within one version: ``n`` posts,
``k`` neighbours a post, ``v`` terms (``w`` words, then ``p`` pairs of
words), ``e`` lookup entries, ``f`` facets; ``*`` is any length.
A post's *row* is its place in these arrays: newest first, then by id.

A version built upon another shares its largest files with it, and they do not change when
posts come and go: items, vectors, their postings, ties and lists. In these a post has its
*place*, which ``places`` tells: below ``b`` in those files, beyond in the few of this version
alone, whose names begin with ``fresh`` (``r`` posts). ``posts_at`` leads back, from ``a``
places to rows, with -1 where no post is any more. Lists name neighbours by place, and have
places of their own, since far more of them change: ``list_places`` tells which is a post's,
below ``c`` in the shared files, beyond in the fresh ones (``s`` lists). A version built in full
has none of this: rows are places.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass


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
    "items_offsets": ArraySpec("<u8", ("i+1",)),
    "neighbours": ArraySpec("<i4", ("c", "k")),
    "similarities": ArraySpec("<f4", ("c", "k")),
    "scores": ArraySpec("<f4", ("c", "k")),
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

#: What answering needs beside these of a version that shares lists and items with another.
SHARING: Mapping[str, ArraySpec] = {
    "places": ArraySpec("<i4", ("n",)),
    "posts_at": ArraySpec("<i4", ("a",)),
    "list_places": ArraySpec("<i4", ("n",)),
    "fresh_items": ArraySpec("|u1", ("*",)),
    "fresh_items_offsets": ArraySpec("<u8", ("r+1",)),
    "fresh_neighbours": ArraySpec("<i4", ("s", "k")),
    "fresh_similarities": ArraySpec("<f4", ("s", "k")),
    "fresh_scores": ArraySpec("<f4", ("s", "k")),
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
}

#: What WordPress says of a post beyond what is shown; opened on first use, may be missing.
DROP_IN: Mapping[str, ArraySpec] = {
    "numbers": ArraySpec("<i8", ("n",)),
    "wordpress": ArraySpec("|u1", ("*",)),
    "wordpress_offsets": ArraySpec("<u8", ("i+1",)),
}

#: What these two need beside them of a version that shares arrays with another.
SHARING_MORE: Mapping[str, ArraySpec] = {
    "fresh_data": ArraySpec("<f4", ("*",)),
    "fresh_indices": ArraySpec("<i4", ("*",)),
    "fresh_indptr": ArraySpec("<i8", ("r+1",)),
    "fresh_borrowed_indices": ArraySpec("<i4", ("*",)),
    "fresh_borrowed_indptr": ArraySpec("<i8", ("r+1",)),
    "fresh_ties": ArraySpec("<u8", ("u",)),
    "fresh_ties_owners": ArraySpec("<i4", ("u",)),
    "fresh_wordpress": ArraySpec("|u1", ("*",)),
    "fresh_wordpress_offsets": ArraySpec("<u8", ("r+1",)),
}

#: All that answering may read; opened with the version where it has them.
SERVED: Mapping[str, ArraySpec] = {**SERVING, **SHARING}

ARRAYS: Mapping[str, ArraySpec] = {**SERVED, **ANALYSIS, **DROP_IN, **SHARING_MORE}

#: What a version of format 2 shared: it had items and lists by row.
_SHARED_BEFORE = frozenset(
    [
        *("places", "fresh_data", "fresh_indices", "fresh_indptr", "fresh_borrowed_indices"),
        *("fresh_borrowed_indptr", "fresh_ties", "fresh_ties_owners"),
    ]
)

#: The only types that are ever written or mapped: plain numbers, no objects.
DTYPES = frozenset(
    ["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", "|b1"]
)


def lacking(names: Collection[str]) -> list[str]:
    """Arrays that a version with others of their kind must have, and does not.

    Training writes all of them, but :data:`SHARING` and :data:`SHARING_MORE` only where the
    version shares arrays with another. A version may have none but those that are served.

    Args:
        names: Arrays that it has.
    """
    own = SHARING.keys() | SHARING_MORE.keys()
    # Format 2 shared less, and is still read.
    is_new = not (own - _SHARED_BEFORE).isdisjoint(names)
    needed: set[str] = set(SHARING) if is_new else set()
    if not (ANALYSIS.keys() | SHARING_MORE.keys()).isdisjoint(names):
        needed |= ANALYSIS.keys() | DROP_IN.keys()
        if not own.isdisjoint(names):
            needed |= own if is_new else _SHARED_BEFORE
    return sorted(needed - set(names))


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
    n, n_fresh = sizes.get("n", 0), sizes.get("r", 0)
    n_vectors, n_items, n_lists = (sizes.get(name, n) for name in ("b", "i", "c"))
    if "r" not in sizes and n_vectors != n:
        return f"{n_vectors} vectors should be those of {n} posts"
    # Without such places items and lists are by row, whatever the vectors are.
    n_shared = sizes.get("b", n_items) if "a" in sizes else n
    if n_items != n_shared:
        return f"{n_items} items should be those of {n_shared} posts"
    if "a" in sizes and sizes["a"] != n_items + n_fresh:
        return f"{sizes['a']} places should be those of {n_items} items and {n_fresh}"
    if "s" not in sizes and n_lists != n:
        return f"{n_lists} lists should be those of {n} posts"
    return None
