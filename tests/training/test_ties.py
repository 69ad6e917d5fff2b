"""Marks that tell which posts a post may have to do with."""

from __future__ import annotations

import numpy as np
import pytest

from related_posts.addresses import Addressed
from related_posts.duplicates import Print
from related_posts.series import Part
from related_posts.translations import Outline
from training.ties import Kind, Marked, Ties, marks_of, of_kind

NONE = np.empty(0, np.uint64)


def post(row: int, random: np.random.Generator) -> Marked:
    """A post that shares pieces, things, links and the beginning of its title with others."""
    some = [random.integers(1, 9, random.integers(0, 6)).astype(np.uint64) * 8 for _ in range(2)]
    things, pieces = map(np.unique, some)
    path = f"/{row % 3}/a-post"
    title = "A series" if row % 2 else ""
    return Marked(
        Addressed(row, f"post {row}", path, ("/same",) if row % 4 else ()),
        ((f"post {row // 2}",), [path, "blog.example/x"][: row % 3]),
        Outline("group" if row % 5 == 0 else "", path, None, things),
        Print(row % 3, title, None, pieces, len(pieces), frozenset(), "en"),
        Part(title, row, "") if title else None,
        "en",
    )


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_marks_are_those_of_each_post_alone(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many posts are looked at together: its own marks, ascending, each once."""
    monkeypatch.setattr("training.ties._AT_ONCE", at_once)
    random = np.random.default_rng(0)
    posts = [post(row, random) for row in range(20)]
    templates, common = np.array([16], np.uint64), np.array([8, 24], np.uint64)
    found = list(marks_of(posts, templates, common, site="https://blog.example"))
    assert len(found) == len(posts)
    for each, marks in zip(posts, found, strict=True):
        (alone,) = marks_of([each], templates, common, site="https://blog.example")
        np.testing.assert_array_equal(marks, alone)
        assert (np.diff(marks.astype(object)) > 0).all()
        own = each.print.pieces[each.print.pieces != 16]
        assert set((own | np.uint64(Kind.COPY)).tolist()) <= set(marks.tolist())
        told = each.outline.things[~np.isin(each.outline.things, common)]
        translations = of_kind(marks, Kind.TRANSLATION).tolist()
        assert set((told | np.uint64(Kind.TRANSLATION)).tolist()) <= set(translations)
        assert not {8 | Kind.TRANSLATION, 24 | Kind.TRANSLATION} & set(translations)


def test_ties_find_whose_a_mark_is() -> None:
    """Two posts under one address have its mark in common; no posts have none."""
    random = np.random.default_rng(1)
    posts = [post(row, random) for row in range(4)]
    ties = Ties.of(marks_of(posts, NONE, NONE), range(4))
    shared = of_kind(ties.hashes[1:][ties.hashes[1:] == ties.hashes[:-1]], Kind.ADDRESS)
    assert sorted(set(ties.having(np.unique(shared)).tolist())) == [0, 1, 2, 3]
    assert not len(Ties.of(marks_of([], NONE, NONE), []).hashes)
