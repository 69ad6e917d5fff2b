"""Soundness: may these arrays become a version?

Whatever is wrong with them is a mistake of ours, and found before it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts.layout import ARRAYS, SERVED, SERVING, SHARING, disagreement, mismatch

Arrays = Mapping[str, NDArray[Any]]


def check(arrays: Arrays, unchanged: Collection[str] = ()) -> dict[str, int]:
    """Refuse arrays that no version should be written from.

    Args:
        arrays: All serving arrays, and any of the others.
        unchanged: Names of those that are another version's, whose values were looked at then.

    Returns:
        The sizes: ``n``, ``k``, ``e``, and ``v`` (0 where no array tells it).

    Raises:
        ValueError: What is wrong, and in which row.
    """
    shares = not SHARING.keys().isdisjoint(arrays)
    missing = (SERVED if shares else SERVING).keys() - arrays.keys()
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
    for problem in _problems(arrays, sizes, unchanged):
        raise ValueError(problem)
    return {"v": 0, **sizes}


def _problems(
    arrays: Arrays, sizes: Mapping[str, int], unchanged: Collection[str]
) -> Iterator[str]:
    """What is wrong with the values of arrays that have the right shapes."""
    if "pairs" in arrays and "pairs" not in unchanged:
        pairs = arrays["pairs"]
        wrong = ((pairs < 0) | (pairs >= sizes["w"])).any(axis=1)
        if wrong.any():
            yield f"pairs are not of words in row {int(wrong.argmax())}"
    if "posts_at" in arrays:
        yield from _wrong_places(arrays, sizes["n"])
    yield from _wrong_lists(arrays, sizes, unchanged)
    if "damping" in arrays:
        # Written so that NaN is refused as well.
        wrong = ~((arrays["damping"] > 0) & (arrays["damping"] <= 1))
        if wrong.any():
            yield f"damping leaves (0, 1] in row {int(wrong.argmax())}"
    yield from _wrong_facets(arrays, sizes["n"])
    for name in ("boilerplate", "templates", "common_things"):
        hashes = arrays.get(name, np.zeros(0, np.uint64))
        if name not in unchanged and (hashes[1:] <= hashes[:-1]).any():
            yield f"{name} does not ascend"
    for name in ("vectors", "fresh", "postings", "titles"):
        starts, data = arrays.get(f"{name}_indptr"), arrays.get(f"{name}_data")
        if starts is not None and data is not None and (starts[0] or starts[-1] != len(data)):
            yield f"{name}_indptr should be that of {len(data)} weights"
    if "links_indptr" in arrays:
        yield from _wrong_links(arrays, sizes["n"])


def _wrong_places(arrays: Arrays, n: int) -> Iterator[str]:
    """What is wrong with where the posts of a version that shares arrays are kept."""
    places, posts_at, lists = (arrays[name] for name in ("places", "posts_at", "list_places"))
    n_lists = len(arrays["neighbours"]) + len(arrays["fresh_neighbours"])
    if ((places < 0) | (places >= len(posts_at))).any():
        yield "places should be those of items"
    elif (posts_at[places] != np.arange(n)).any() or int((posts_at >= 0).sum()) != n:
        yield "posts_at does not lead back from places to posts"
    if ((lists < 0) | (lists >= n_lists)).any() or len(np.unique(lists)) != n:
        yield "list_places should be those of different lists"


def _wrong_lists(
    arrays: Arrays, sizes: Mapping[str, int], unchanged: Collection[str]
) -> Iterator[str]:
    """What is wrong with the lists."""
    n = sizes["n"]
    places = arrays["places"] if "posts_at" in arrays else np.arange(n)
    n_places = sizes.get("a", n)
    # A place each, and one more for -1.
    gone = np.zeros(n_places + 1, bool)
    if "posts_at" in arrays:
        gone[:-1] = arrays["posts_at"] < 0
    own = np.full(sizes["c"] + sizes.get("s", 0), -1)
    own[arrays.get("list_places", places)] = places
    start = 0
    for prefix in ("", "fresh_"):
        neighbours = arrays.get(f"{prefix}neighbours", np.empty((0, sizes["k"]), np.int32))
        whose = own[start : start + len(neighbours)]
        start += len(neighbours)
        if f"{prefix}neighbours" not in unchanged:
            numbers = arrays.get(f"{prefix}similarities"), arrays.get(f"{prefix}scores")
            for problem, found in _wrong_in(neighbours, *numbers, whose, n_places):
                if found.any():
                    yield f"{problem} in row {int(found.any(axis=1).argmax())}"
        if gone.any() and (gone[neighbours].any(axis=1) & (whose >= 0)).any():
            yield "neighbours are posts that are gone"


def _wrong_in(
    neighbours: NDArray[np.int32],
    similarities: NDArray[np.float32] | None,
    scores: NDArray[np.float32] | None,
    whose: NDArray[np.intp],
    n_places: int,
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each thing that may be wrong with lists, and where it is."""
    none = neighbours < 0
    yield "neighbours point outside the version", (neighbours < -1) | (neighbours >= n_places)
    yield "neighbours have a gap", none[:, :-1] & ~none[:, 1:]
    yield "a post is its own neighbour", (neighbours == whose[:, None]) & ~none
    if similarities is None or scores is None:
        return
    yield "scores are not descending", scores[:, :-1] < scores[:, 1:]
    for name, values in (("similarities", similarities), ("scores", scores)):
        # Written so that NaN is refused as well.
        yield f"{name} leave [0, 1]", ~((values >= 0) & (values <= 1))
        yield f"{name} go on behind the last neighbour", none & (values != 0)


def _wrong_links(arrays: Arrays, n: int) -> Iterator[str]:
    """What is wrong with the links between posts."""
    links, starts = arrays.get("links_indices", np.zeros(0, np.int32)), arrays["links_indptr"]
    if starts[0] != 0 or starts[-1] != len(links) or (np.diff(starts) < 0).any():
        yield f"links_indptr does not divide {len(links)} links"
        return
    rows = np.repeat(np.arange(n), np.diff(starts))
    bad = (links < 0) | (links >= n) | (links == rows)
    bad[1:] |= (rows[1:] == rows[:-1]) & (links[1:] <= links[:-1])
    if bad.any():
        yield f"links are not other posts, ascending, in row {rows[bad][0]}"


def _wrong_facets(arrays: Arrays, n: int) -> Iterator[str]:
    """What is wrong with the rows of the facets."""
    rows, starts = arrays["facet_rows"], arrays["facet_indptr"]
    if starts[0] != 0 or starts[-1] != len(rows) or (np.diff(starts) < 1).any():
        yield f"facet_indptr does not divide {len(rows)} rows"
        return
    facets = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    bad = (rows < 0) | (rows >= n)
    bad[1:] |= (facets[1:] == facets[:-1]) & (rows[1:] <= rows[:-1])
    if bad.any():
        yield f"facets are not of posts, ascending, in facet {facets[bad][0]}"
