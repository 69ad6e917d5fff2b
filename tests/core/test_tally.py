"""The tally: what it is sealed to depends on the documents and their order alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.tally import SealedTally, Tally
from related_posts.text.analyzer import Analyzer
from related_posts.text.counts import Counts
from related_posts.text.document import Document

WORDS = "rye bread salt water oven crust moon 日本語 baking the"
TEXT = st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join)
DOCUMENTS = st.lists(
    st.builds(Document, title=TEXT, blocks=st.lists(TEXT, max_size=2), language=st.just("en")),
    max_size=8,
)


def sealed(blocks: list[list[Document]], min_df: int, apart: bool = False) -> SealedTally:
    """The tally of documents counted block by block, by one analyzer or by one each."""
    analyzer = Analyzer()
    tally = Tally()
    for block in blocks:
        tally.add((Analyzer() if apart else analyzer).count(block))
    return tally.seal(min_df)


def counters(counts: Counts) -> list[tuple[Counter[str], Counter[str]]]:
    """Words and pairs together, and title words, of each document."""
    found = []
    for index in range(len(counts.words.starts) - 1):
        every: Counter[str] = Counter()
        for rows, name in (
            (counts.words, lambda key: counts.terms[key]),
            (
                counts.pairs,
                lambda key: f"{counts.terms[key >> 32]} {counts.terms[key & 0xFFFFFFFF]}",
            ),
        ):
            part = slice(rows.starts[index], rows.starts[index + 1])
            for key, count in zip(
                rows.keys[part].tolist(), rows.counts[part].tolist(), strict=True
            ):
                every[name(key)] = count
        part = slice(counts.titles.starts[index], counts.titles.starts[index + 1])
        titles = Counter(
            {
                counts.terms[key]: count
                for key, count in zip(
                    counts.titles.keys[part].tolist(),
                    counts.titles.counts[part].tolist(),
                    strict=True,
                )
            }
        )
        found.append((every, titles))
    return found


def slowly(documents: list[Document], min_df: int) -> tuple[list[str], list[int], list, list]:
    """Columns, document frequencies, counts and title counts, with dictionaries."""
    rows = counters(Analyzer().count(documents))
    frequency = Counter(term for every, _ in rows for term in every)
    kept = [term for term in frequency if frequency[term] >= min_df]
    singles = sorted(term for term in kept if " " not in term)
    column = {term: index for index, term in enumerate(singles)}
    pairs = sorted(
        (term for term in kept if " " in term),
        key=lambda pair: [column[word] for word in pair.split()],
    )
    names = singles + pairs
    return (
        names,
        [frequency[name] for name in names],
        [[every[name] for name in names] for every, _ in rows],
        [[titles[name] for name in names] for _, titles in rows],
    )


@settings(deadline=None, max_examples=200)
@given(DOCUMENTS, st.integers(1, 3), st.data())
def test_sealing_equals_slow_counting(
    documents: list[Document], min_df: int, data: st.DataObject
) -> None:
    """For any documents, any way to cut them into blocks, and any least frequency."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(documents)), max_size=4)))
    bounds = [0, *cuts, len(documents)]
    blocks = [documents[a:b] for a, b in pairwise(bounds)]
    found = sealed(blocks, min_df, apart=data.draw(st.booleans()))
    names, frequency, counts, titles = slowly(documents, min_df)
    assert found.vocabulary.names() == names
    assert found.document_frequency.tolist() == frequency
    shape = (len(documents), len(names))
    assert found.counts.shape == found.titles.shape == shape
    assert found.counts.dtype == found.titles.dtype == np.float32
    assert np.array_equal(found.counts.toarray(), np.array(counts, float).reshape(shape))
    assert np.array_equal(found.titles.toarray(), np.array(titles, float).reshape(shape))


@settings(deadline=None)
@given(DOCUMENTS, st.integers(1, 3))
def test_columns_are_in_order(documents: list[Document], min_df: int) -> None:
    """Words by code points, pairs by their words, whose columns exist; indices sorted."""
    found = sealed([documents], min_df)
    vocabulary = found.vocabulary
    assert vocabulary.words == sorted(set(vocabulary.words))
    assert len(vocabulary.readable) == len(vocabulary.words)
    pairs = vocabulary.pairs.tolist()
    assert pairs == sorted(pairs)
    assert all(0 <= word < len(vocabulary.words) for pair in pairs for word in pair)
    assert len(vocabulary) == len(vocabulary.names()) == len(found.document_frequency)
    for matrix in (found.counts, found.titles):
        for start, end in pairwise(matrix.indptr.tolist()):
            assert matrix.indices[start:end].tolist() == sorted(set(matrix.indices[start:end]))


def test_hash_collisions_drop_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving lone pairs out early is only a saving: with any hash the result is the same."""
    documents = [
        Document(blocks=["rye bread salt", "moon water oven"], language="en"),
        Document(blocks=["bread salt", "oven crust rye bread"], language="en"),
        Document(blocks=["water oven crust"], language="en"),
    ]
    expected = slowly(documents, 2)
    for multiplier in (0, 1, 1 << 63):
        monkeypatch.setattr("related_posts.pairs._MIX", np.uint64(multiplier))
        found = sealed([documents], 2)
        assert found.vocabulary.names() == expected[0]
        assert found.counts.toarray().tolist() == expected[2]


def test_a_pair_repeated_in_one_document_is_still_lone() -> None:
    """Occurrences do not make up for documents."""
    documents = [
        Document(blocks=["rye bread", "rye bread"], language="en"),
        Document(blocks=["rye", "bread"], language="en"),
    ]
    assert sealed([documents], 2).vocabulary.names() == ["bread", "rye"]
    assert sealed([documents], 1).vocabulary.names() == ["bread", "rye", "rye bread"]


def test_the_shortest_form_of_all_blocks_shows_the_term() -> None:
    """Which block holds it does not matter."""
    texts = ["connections", "connecting", "connects", "connected"]
    blocks = [[Document(blocks=[text], language="en")] for text in texts]
    for order in (blocks, blocks[::-1]):
        assert sealed(order, 1, apart=True).vocabulary.readable == ["connects"]


@pytest.mark.parametrize("min_df", [1, 2, 3])
@pytest.mark.parametrize("blocks", [[], [[]], [[Document()] * 2, [Document(blocks=["the"])]]])
def test_an_archive_without_terms(blocks: list[list[Document]], min_df: int) -> None:
    """No documents, or none with a word: rows without columns."""
    stated = [[Document(blocks=one.blocks, language="en") for one in block] for block in blocks]
    found = sealed(stated, min_df)
    n_documents = sum(map(len, blocks))
    assert len(found.vocabulary) == 0
    assert found.vocabulary.pairs.shape == (0, 2)
    assert found.counts.shape == found.titles.shape == (n_documents, 0)
    assert found.document_frequency.shape == (0,)


def test_counts_beyond_sixteen_bits_stay_at_the_highest() -> None:
    """A word ten times as frequent as the most frequent one weighs hardly more."""
    found = sealed([[Document(title="rye " * 40_000)]], 1)
    assert found.counts.toarray().max() == np.iinfo(np.uint16).max
