"""Which arrays may become a version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from related_posts import layout, soundness

Arrays = dict[str, NDArray[Any]]


def put(name: str, row: int, column: int, value: float) -> Callable[[Arrays], None]:
    """A change of one number."""

    def change(arrays: Arrays) -> None:
        arrays[name][row, column] = value

    return change


def test_sizes_are_taken_from_the_arrays(arrays: Arrays) -> None:
    """Posts, neighbours, terms and lookup entries need not be told."""
    sizes = soundness.check(arrays)
    assert (sizes["n"], sizes["k"], sizes["v"]) == (5, 3, 5)
    assert sizes["e"] == len(arrays["lookup_rows"])


def test_the_analysis_side_may_be_left_out(arrays: Arrays) -> None:
    """A version for answering alone is a version."""
    assert soundness.check({name: arrays[name] for name in layout.SERVED})["v"] == 0


@pytest.mark.parametrize("name", sorted(layout.SERVED))
def test_no_serving_array_may_be_left_out(arrays: Arrays, name: str) -> None:
    """What answering needs must be there."""
    del arrays[name]
    with pytest.raises(ValueError, match=f"missing: {name}"):
        soundness.check(arrays)


@pytest.mark.parametrize("name", sorted(layout.ARRAYS))
def test_other_types_are_refused(arrays: Arrays, name: str) -> None:
    """Every array has one type, objects above all being none."""
    for dtype in (np.complex64, object, ">i4"):
        with pytest.raises(ValueError, match=f"{name} has the type"):
            soundness.check({**arrays, name: np.zeros(arrays[name].shape, dtype)})


@pytest.mark.parametrize("name", sorted(layout.ARRAYS))
def test_other_numbers_of_axes_are_refused(arrays: Arrays, name: str) -> None:
    """Every array has its number of axes."""
    with pytest.raises(ValueError, match=f"{name} has . axes instead of"):
        soundness.check({**arrays, name: arrays[name][None]})


@pytest.mark.parametrize(
    "name", [name for name, spec in layout.ARRAYS.items() if spec.shape != ("*",)]
)
def test_sizes_that_do_not_agree_are_refused(arrays: Arrays, name: str) -> None:
    """Arrays of one version have the same posts, neighbours, terms and entries."""
    with pytest.raises(ValueError, match=r"should be|instead of"):
        soundness.check({**arrays, name: arrays[name][:-1]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("pairs", 0, 1, 4), "pairs are not of words in row 0"),
        (put("pairs", 0, 1, -1), "pairs are not of words in row 0"),
        (put("neighbours", 1, 0, 6), "neighbours point outside the version in row 1"),
        (put("neighbours", 1, 2, -2), "neighbours point outside the version in row 1"),
        (put("neighbours", 2, 0, -1), "neighbours have a gap in row 2"),
        (put("neighbours", 3, 0, 5), "a post is its own neighbour in row 3"),
        (put("fresh_neighbours", 0, 0, 1), "a post is its own neighbour in row 0"),
        (put("fresh_neighbours", 0, 1, 6), "neighbours point outside the version in row 0"),
        (put("fresh_scores", 0, 0, 2), r"scores leave \[0, 1\] in row 0"),
        (put("neighbours", 0, 0, 3), "neighbours are posts that are gone"),
        (put("fresh_neighbours", 0, 0, 3), "neighbours are posts that are gone"),
        (put("scores", 0, 2, 0.9), "scores are not descending in row 0"),
        (put("scores", 0, 0, 1.1), r"scores leave \[0, 1\] in row 0"),
        (put("scores", 4, 0, np.nan), r"scores leave \[0, 1\] in row 4"),
        (put("similarities", 0, 0, -0.1), r"similarities leave \[0, 1\] in row 0"),
        (put("similarities", 4, 2, 0.1), "similarities go on behind the last neighbour in row 4"),
        (put("similarities", 2, 1, np.nan), r"similarities leave \[0, 1\] in row 2"),
    ],
)
def test_neighbours_that_cannot_be_are_refused(
    arrays: Arrays, change: Callable[[Arrays], None], message: str
) -> None:
    """A wrong list of neighbours is found before it is written, and its row named."""
    change(arrays)
    with pytest.raises(ValueError, match=message):
        soundness.check(arrays)


def test_a_pair_has_two_words(arrays: Arrays) -> None:
    """Pairs of three are refused."""
    with pytest.raises(ValueError, match=r"pairs .* should be 2"):
        soundness.check({**arrays, "pairs": np.zeros((1, 3), np.int32)})


def test_more_arrays_are_welcome_if_they_are_plain(arrays: Arrays) -> None:
    """A later build may add an array of numbers, but none of objects."""
    soundness.check({**arrays, "extra": np.zeros((2, 3), np.float32)})
    with pytest.raises(ValueError, match="extra has the type"):
        soundness.check({**arrays, "extra": np.array([{}], dtype=object)})


@pytest.mark.parametrize(
    ("indices", "indptr", "message"),
    [
        ([1, 3, 0], [0, 2, 1, 3, 3, 3], "links_indptr does not divide 3 links"),
        ([1, 3, 0], [1, 2, 2, 3, 3, 3], "links_indptr does not divide 3 links"),
        ([1, 3, 0], [0, 2, 2, 2, 2, 2], "links_indptr does not divide 3 links"),
        ([3, 1, 0], [0, 2, 2, 3, 3, 3], "not other posts, ascending, in row 0"),
        ([1, 1, 0], [0, 2, 2, 3, 3, 3], "not other posts, ascending, in row 0"),
        ([1, 5, 0], [0, 2, 2, 3, 3, 3], "not other posts, ascending, in row 0"),
        ([1, 3, -1], [0, 2, 2, 3, 3, 3], "not other posts, ascending, in row 2"),
        ([1, 3, 2], [0, 2, 2, 3, 3, 3], "not other posts, ascending, in row 2"),
    ],
)
def test_links_that_cannot_be_are_refused(
    arrays: Arrays, indices: list[int], indptr: list[int], message: str
) -> None:
    """Links lead to other posts of the version, each once."""
    changed = {
        "links_indices": np.array(indices, np.int32),
        "links_indptr": np.array(indptr, np.int64),
    }
    with pytest.raises(ValueError, match=message):
        soundness.check({**arrays, **changed})


def test_no_links_at_all_are_fine(arrays: Arrays) -> None:
    """Most small blogs have none."""
    changed = {"links_indices": np.zeros(0, np.int32), "links_indptr": np.zeros(6, np.int64)}
    soundness.check({**arrays, **changed})


@pytest.mark.parametrize(
    ("name", "place", "value", "problem"),
    [
        ("facet_rows", 0, -1, "facets are not of posts"),
        ("facet_rows", 0, 5, "facets are not of posts"),
        ("facet_rows", 1, 0, "facets are not of posts"),
        ("facet_indptr", 0, 1, "facet_indptr does not divide"),
        ("facet_indptr", -1, 0, "facet_indptr does not divide"),
    ],
)
def test_facets_that_cannot_be_are_refused(
    arrays: Arrays, name: str, place: int, value: int, problem: str
) -> None:
    """Each facet has rows of posts, ascending, and at least one."""
    changed = arrays[name].copy()
    if name == "facet_rows":
        # The first facet with two posts.
        place += int(arrays["facet_indptr"][np.diff(arrays["facet_indptr"]).argmax()])
    changed[place] = value
    with pytest.raises(ValueError, match=problem):
        soundness.check({**arrays, name: changed})


@pytest.mark.parametrize("hashes", [[4, 3], [3, 3], [2**63, 1]])
def test_hashes_of_boilerplate_ascend(arrays: Arrays, hashes: list[int]) -> None:
    """They are searched, so an order that is none would let boilerplate through."""
    with pytest.raises(ValueError, match="boilerplate does not ascend"):
        soundness.check({**arrays, "boilerplate": np.array(hashes, np.uint64)})
