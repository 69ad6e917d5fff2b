"""Scoring on demand: equal, to the last bit, to sorting every score of the slow computation."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from related_posts import adding, pruning
from related_posts.adding import postings_of
from related_posts.errors import IndexCorruptError
from related_posts.index import Index
from related_posts.ranking import Factors, exact_neighbours, to_final, to_scores
from related_posts.scoring import Query, Scorer, factors_of
from related_posts.weighting import Weights


def some_of(vectors: sparse.csr_array, random: np.random.Generator) -> sparse.csr_array:
    """A pattern of some of the terms of some posts, in half of the cases of none."""
    chosen = (vectors.toarray() > 0) & (random.random(vectors.shape) < random.choice([0.0, 0.3]))
    return sparse.csr_array(chosen)


def random_index(
    seed: int,
    n: int,
    n_terms: int,
    cross_language: bool = False,
    common: float = 0.3,
    is_sharing: bool = False,
) -> Index:
    """The parts of an index that scoring reads, of random posts with many equal scores.

    Terms stand in 30 % of the posts; every other one in the share ``common``. A version that
    shares vectors with another has them in any order, and some behind them.
    """
    random = np.random.default_rng(seed)
    # Few distinct weights and days, so that ties are common.
    weights = random.integers(1, 3, (n, n_terms)) * (
        random.random((n, n_terms)) < np.where(np.arange(n_terms) % 2, 0.3, common)
    )
    weights[random.random(n) < 0.1] = 0
    norms = np.sqrt((weights**2).sum(axis=1, keepdims=True))
    vectors = sparse.csr_array((weights / np.where(norms, norms, 1)).astype(np.float32))
    shares = (random.random((n, n_terms)) < 0.1) * (weights > 0)
    sums = shares.sum(axis=1, keepdims=True)
    titles = sparse.csr_array((shares / np.where(sums, sums, 1)).astype(np.float32))
    days = -np.sort(-random.integers(0, 20, n).astype(np.float64) * 30)
    days[random.random(n) < 0.1] = np.nan
    factors = Factors(*random.choice([0.0, 0.5, 3.0], 1), 45.0, *random.choice([0.0, 0.3], 1))
    borrowed = some_of(vectors, random)
    order, shared = random.permutation(n), random.integers(0, n + 1)

    def split(matrix: sparse.csr_array) -> tuple[sparse.csr_array, ...]:
        return (matrix[order[:shared]], matrix[order[shared:]]) if is_sharing else (matrix,)

    made = SimpleNamespace(
        n_posts=n,
        n_terms=n_terms,
        vectors=vectors,
        vector=partial(Weights.of_row, vectors),
        vectors_of=vectors.__getitem__,
        titles=titles,
        postings=postings_of(split(vectors)[0]),
        borrowed=borrowed,
        borrowed_of=borrowed.__getitem__,
        parts={"vectors": split(vectors), "borrowed": split(borrowed)}.__getitem__,
        places=np.argsort(order).astype(np.int32) if is_sharing else None,
        days=days,
        languages=random.integers(0, 2, n).astype(np.int16),
        translations=random.integers(-1, 3, n).astype(np.int32),
        duplicates=random.integers(-1, 6, n).astype(np.int32),
        damping=random.choice([1.0, 0.5], n),
        manifest=SimpleNamespace(
            settings={
                **asdict(factors),
                "cross_language": cross_language,
                "min_score": float(random.choice([0.0, 0.2, 0.9])),
            }
        ),
    )
    return cast(Index, made)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 40),
    k=st.integers(1, 45),
    share=st.sampled_from([0.0, 0.3, 0.9, 1.0]),
    cross_language=st.booleans(),
    counted=st.booleans(),
    is_sharing=st.booleans(),
)
@settings(deadline=None, max_examples=150)
def test_filtered_lists_are_a_full_sort(
    seed: int,
    n: int,
    k: int,
    share: float,
    cross_language: bool,
    counted: bool,
    is_sharing: bool,
) -> None:
    """The k best of any posts allowed are those of the whole sorted list that are allowed."""
    index = random_index(seed, n, 12, cross_language, is_sharing=is_sharing)
    languages = np.zeros(n, np.int16) if cross_language else index.languages
    factors = factors_of(index.manifest.settings)
    whole = exact_neighbours(
        index.vectors, index.titles, index.days, languages, factors, n, index.damping,
        index.borrowed,
    )  # fmt: skip
    least = to_final(index.manifest.settings["min_score"])
    allowed = np.random.default_rng(seed).random(n) < share
    scorer = Scorer(index)
    for row in range(n):
        passing = allowed.copy()
        passing[row] = False
        found = scorer.best(scorer.query(row), k, passing, counted=counted)
        related = (whole.rows[row] >= 0) & (whole.finals[row] >= least)
        theirs = index.translations[whole.rows[row]]
        translated = (theirs == index.translations[row]) & (theirs >= 0)
        kept = related & passing[whole.rows[row]] & ~translated
        shown = {int(index.duplicates[row])} - {-1}
        for place, other in enumerate(whole.rows[row]):
            group = int(index.duplicates[other])
            kept[place] &= group not in ({int(index.duplicates[row])} if counted else shown) - {-1}
            shown |= {group} if kept[place] and group >= 0 else set()
        assert found.rows == whole.rows[row][kept][:k].tolist()
        assert found.similarities == whole.similarities[row][kept][:k].tolist()
        assert found.scores == to_scores(whole.finals[row][kept][:k]).tolist()
        assert found.total == (kept.sum() if counted else None)


def test_pruned_lists_are_those_of_all_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving out common terms changes no list, however long, whatever is allowed."""
    n = 300
    monkeypatch.setattr(pruning, "ONE_IN", 2)
    monkeypatch.setattr(pruning, "POSTINGS_A_POST", 3)
    were_few: list[bool] = []
    for seed in range(6):
        index = random_index(seed, n, 40, common=0.7)
        index.manifest.settings["min_score"] = (0.0, 0.05)[seed % 2]
        # As IDF would have it, common terms weigh little.
        index.vectors.data[index.vectors.indices % 2 == 0] /= 20
        index.postings.data[:] = postings_of(index.vectors).data
        allowed = np.random.default_rng(seed).random(n) < (0.2, 0.6, 1.0)[seed % 3]
        pruned, whole = Scorer(index), Scorer(index)
        spy(monkeypatch, pruned._pruner, "are_few", were_few)
        monkeypatch.setattr(whole._pruner, "_worth", n * 40)
        for row in range(0, n, 15):
            question = pruned.query(row)
            for k in (1, 5, 200):
                assert pruned.best(question, k, allowed) == whole.best(question, k, allowed)
    # Some lists came from a few posts, and for some there were too many.
    assert were_few.count(True) > 50
    assert were_few.count(False) > 20


def spy(monkeypatch: pytest.MonkeyPatch, thing: object, name: str, into: list[Any]) -> None:
    """Note what a method returns."""
    method = getattr(thing, name)

    def noting(*given: Any) -> Any:
        into.append(method(*given))
        return into[-1]

    monkeypatch.setattr(thing, name, noting)


def test_a_text_without_known_words_is_related_to_nothing() -> None:
    """An empty vector gives an empty list."""
    index = random_index(1, 10, 12)
    found = Scorer(index).best(Query(Weights.none(), Weights.none()), 5, counted=True)
    assert (found.rows, found.total) == ([], 0)


def test_an_unknown_language_matches_no_post() -> None:
    """-1 stands for a language that no post is in; None for any."""
    index = random_index(2, 20, 12)
    index.manifest.settings["min_score"] = 0.0
    scorer = Scorer(index)
    one = scorer.query(0)
    assert scorer.best(Query(one.vector, one.title, language=-1), 5, counted=True).total == 0
    anywhere = scorer.best(Query(one.vector, one.title, language=None), 20)
    assert {int(index.languages[row]) for row in anywhere.rows} == {0, 1}


@pytest.mark.parametrize("most", [1, 7, 50])
def test_postings_added_in_blocks_give_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """However few postings are added up at a time, cosines and scores stay the same."""
    index = random_index(3, 40, 30, cross_language=True)
    usual, blocks = Scorer(index), Scorer(index)
    expected = [usual.best(usual.query(row), 40, counted=True) for row in range(40)]
    monkeypatch.setattr(adding, "MOST_POSTINGS", most)
    assert [blocks.best(blocks.query(row), 40, counted=True) for row in range(40)] == expected


@pytest.mark.parametrize("wrong", [-1, 40, 2**31 - 1])
def test_a_posting_of_no_post_is_refused(wrong: int) -> None:
    """A damaged version gives an error that names the file, and no memory is written to."""
    index = random_index(4, 40, 12)
    index.postings.indices[index.postings.indptr[index.vectors.indices[0]]] = wrong
    scorer = Scorer(index)
    with pytest.raises(IndexCorruptError, match="postings_indices"):
        scorer.best(scorer.query(0), 5)
