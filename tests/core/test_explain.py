"""Explanations: the parts sum to the whole, and the factors are those of the ranking."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from related_posts.addresses import Addressed, lookup_entries
from related_posts.blobs import pack
from related_posts.explain import explain
from related_posts.facets import build as facets
from related_posts.index import Index
from related_posts.layout import ANALYSIS, DROP_IN
from related_posts.lookup import build
from related_posts.storage import Store

N_TERMS = 12


def version(
    folder: Path,
    weights: NDArray[np.float32],
    days: list[float],
    borrowed: list[list[int]] | None = None,
) -> Index:
    """An index of these vectors, whose titles are the first two terms of each post.

    Some columns of each post may be borrowed.
    """
    n = len(weights)
    vectors = sparse.csr_array(weights)
    titles = sparse.csr_array(np.where(np.cumsum(weights > 0, axis=1) <= 2, weights > 0, False))
    titles = titles.astype(np.float32)
    titles.data /= np.maximum(np.repeat(np.diff(titles.indptr), np.diff(titles.indptr)), 1)
    items, items_offsets = pack(f'{{"id":"{row}"'.encode() for row in range(n))
    terms, terms_offsets = pack(f"term{column}" for column in range(N_TERMS))
    readable, readable_offsets = pack(f"Term {column}" for column in range(N_TERMS))
    arrays: dict[str, Any] = {
        "items": items,
        "items_offsets": items_offsets,
        "neighbours": np.full((n, 1), -1, dtype=np.int32),
        "similarities": np.zeros((n, 1), dtype=np.float32),
        "scores": np.zeros((n, 1), dtype=np.float32),
        **build(lookup_entries(Addressed(row, str(row), f"/{row}") for row in range(n))),
        **facets([set()] * n),
        "idf": np.ones(N_TERMS, dtype=np.float32),
        "terms": terms,
        "terms_offsets": terms_offsets,
        "readable": readable,
        "readable_offsets": readable_offsets,
        "days": np.array(days),
        "languages": np.zeros(n, dtype=np.int16),
        "damping": np.full(n, 0.5),
        "series": np.array([0, 0, 1, -1, -1], dtype=np.int32)[:n],
        "links_indices": np.array([1], dtype=np.int32),
        "links_indptr": np.array([0] + [1] * n, dtype=np.int64),
    }
    for name, matrix in (("vectors", vectors), ("titles", titles)):
        arrays[f"{name}_data"] = matrix.data.astype(np.float32)
        arrays[f"{name}_indices"] = matrix.indices.astype(np.int32)
        arrays[f"{name}_indptr"] = matrix.indptr.astype(np.int64)
    borrowed = borrowed or [[]] * n
    arrays["borrowed_indices"] = np.concatenate(borrowed).astype(np.int32)
    arrays["borrowed_indptr"] = np.cumsum([0, *map(len, borrowed)], dtype=np.int64)
    sizes = {
        "n": n,
        "n+1": n + 1,
        "b": n,
        "b+1": n + 1,
        "i+1": n + 1,
        "v": N_TERMS,
        "v+1": N_TERMS + 1,
        "p": 0,
        "2": 2,
        "t": 0,
        "*": 0,
    }
    for name, spec in {**ANALYSIS, **DROP_IN}.items():
        # What no explanation reads is there, and says nothing.
        if name not in arrays:
            arrays[name] = np.zeros([sizes[size] for size in spec.shape], spec.dtype)
    details = {
        "languages": ["en"],
        "settings": {"time_weight": 3.0, "time_days": 10.0, "title_weight": 0.5},
    }
    store = Store(folder)
    return store.open(store.write(arrays, details, now=datetime(2026, 1, 1, tzinfo=UTC)))


def unit(counts: list[list[int]]) -> NDArray[np.float32]:
    """Rows of length 1, or empty."""
    found = np.array(counts, dtype=np.float64)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return (found / np.where(lengths == 0, 1, lengths)).astype(np.float32)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.lists(st.integers(0, 3), min_size=N_TERMS, max_size=N_TERMS), min_size=2, max_size=5
    )
)
def test_the_terms_sum_to_the_similarity(
    tmp_path_factory: pytest.TempPathFactory, counts: list[list[int]]
) -> None:
    """Contributions sum to the cosine and shares to 1, best first, only of shared terms."""
    weights = unit(counts)
    with version(tmp_path_factory.mktemp("v"), weights, [0.0] * len(counts)) as index:
        for row, other in ((0, 1), (1, 0)):
            found = explain(index, row, other)
            expected = float(weights[row].astype(np.float64) @ weights[other].astype(np.float64))
            assert found.similarity == pytest.approx(expected, abs=1e-12)
            assert sum(t.contribution for t in found.terms) == pytest.approx(expected, abs=1e-12)
            contributions = [term.contribution for term in found.terms]
            assert contributions == sorted(contributions, reverse=True)
            shared = (weights[row] > 0) & (weights[other] > 0)
            assert {term.term for term in found.terms} == {
                f"Term {column}" for column in np.flatnonzero(shared)
            }
            if found.terms:
                assert sum(term.share for term in found.terms) == pytest.approx(1)


def test_known_numbers(tmp_path: Path) -> None:
    """A worked example: two shared terms, ten days apart, half of one title in the other."""
    counts = [[0] * N_TERMS for _ in range(2)]
    counts[0][:3] = [3, 0, 4]
    counts[1][:3] = [3, 4, 0]
    with version(tmp_path, unit(counts), [100.0, 110.0]) as index:
        found = explain(index, 0, 1)
    assert [(term.term, term.share) for term in found.terms] == [("Term 0", 1.0)]
    assert found.similarity == pytest.approx(0.36)
    assert (found.days_apart, found.time_factor) == (10.0, 2.5)
    # Either title has two terms, of which the other post has one.
    assert found.title_overlap == pytest.approx(1.0)
    assert found.title_factor == pytest.approx(1.5)


def test_terms_by_links_are_named_and_cover_no_title(tmp_path: Path) -> None:
    """Shares go on to sum to 1; who has a term by links is told; a title needs the text itself."""
    counts = [[0] * N_TERMS for _ in range(2)]
    counts[0][:4] = [3, 4, 2, 1]
    counts[1][:4] = [3, 4, 1, 1]
    lent = [[1, 3], [2, 3]]
    with version(tmp_path, unit(counts), [1.0, 1.0], lent) as index:
        found, back = explain(index, 0, 1), explain(index, 1, 0)
    assert {term.term: term.by_link for term in found.terms} == {
        "Term 0": "",
        "Term 1": "post",
        "Term 2": "item",
        "Term 3": "both",
    }
    assert {term.by_link for term in back.terms} == {"", "item", "post", "both"}
    assert sum(term.share for term in found.terms) == pytest.approx(1)
    # Of the two words of both titles the first post has one itself, the second both.
    assert found.title_overlap == back.title_overlap == pytest.approx(1.5)


def test_undated_and_unrelated(tmp_path: Path) -> None:
    """A missing date adds nothing; posts without a shared term have no terms to show."""
    counts = [[0] * N_TERMS for _ in range(2)]
    counts[0][0] = counts[1][1] = 1
    with version(tmp_path, unit(counts), [math.nan, 0.0]) as index:
        found = explain(index, 0, 1)
    assert (found.terms, found.similarity) == ((), 0.0)
    assert (found.days_apart, found.time_factor, found.title_factor) == (None, 1.0, 1.0)


def test_links_and_series_are_told(tmp_path: Path) -> None:
    """Post 0 links to post 1, of the same series; posts of no series are of none together."""
    with version(tmp_path, unit([[1] * N_TERMS] * 5), [0.0] * 5) as index:
        found = {
            pair: (explain(index, *pair).linked, explain(index, *pair).is_same_series)
            for pair in [(0, 1), (1, 0), (0, 2), (3, 4)]
        }
    assert found == {
        (0, 1): ("to", True),
        (1, 0): ("from", True),
        (0, 2): ("", False),
        (3, 4): ("", False),
    }


def test_a_version_without_links_explains(tmp_path: Path) -> None:
    """What it does not hold is not told."""
    with version(tmp_path, unit([[1] * N_TERMS] * 2), [0.0] * 2) as index:
        for name in ("links_indptr", "series"):
            (tmp_path / "versions" / index.version / f"{name}.npy").unlink()
        found = explain(index, 0, 1)
    assert (found.linked, found.is_same_series) == ("", False)
