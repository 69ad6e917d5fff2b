"""Documents under a fixed vocabulary are counted as they were in the archive."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.tally import Tally
from related_posts.text.analyzer import Analyzer
from related_posts.text.document import Document
from related_posts.vocabulary import Vocabulary
from related_posts.weighting import Weights

WORDS = "rye bread salt water oven crust 日本語 baking the"
TEXT = st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join)
DOCUMENTS = st.lists(
    st.builds(Document, title=TEXT, blocks=st.lists(TEXT, max_size=2), language=st.just("en")),
    max_size=6,
)
NONE = np.empty((0, 2), np.int32)


@settings(deadline=None, max_examples=200)
@given(DOCUMENTS, st.integers(1, 3), DOCUMENTS)
def test_projecting_the_archive_gives_its_own_counts(
    documents: list[Document], min_df: int, before: list[Document]
) -> None:
    """Whatever the analyzer met before: same columns, same counts, sorted, float32."""
    tally = Tally()
    tally.add(Analyzer().count(documents))
    sealed = tally.seal(min_df)
    analyzer = Analyzer()
    analyzer.count(before)
    found = sealed.vocabulary.project(analyzer.count(documents))
    assert found.dtype == np.float32
    assert found.shape == sealed.counts.shape
    assert np.array_equal(found.indptr, sealed.counts.indptr)
    assert np.array_equal(found.indices, sealed.counts.indices)
    assert np.array_equal(found.data, sealed.counts.data)


@given(DOCUMENTS, st.integers(1, 2))
@settings(deadline=None)
def test_one_document_alone_is_its_row(documents: list[Document], min_df: int) -> None:
    """Its terms with their counts are those that it has in a matrix; so are its title's words."""
    tally = Tally()
    tally.add(Analyzer().count(documents))
    sealed = tally.seal(min_df)
    for row, document in enumerate(documents):
        terms, title = sealed.vocabulary.project_one(Analyzer().count([document]))
        for found, matrix in ((terms, sealed.counts), (title, sealed.titles)):
            expected = Weights.of_row(matrix, row)
            assert found.indices.tolist() == expected.indices.tolist()
            assert found.data.tolist() == expected.data.tolist()


def project(vocabulary: Vocabulary, *texts: str) -> list[list[float]]:
    """Counts of plain texts under a vocabulary."""
    documents = [Document(blocks=[text], language="en") for text in texts]
    rows: list[list[float]] = vocabulary.project(Analyzer().count(documents)).toarray().tolist()
    return rows


def test_unknown_terms_are_left_out() -> None:
    """Words without a column, and pairs of known words that have none themselves."""
    vocabulary = Vocabulary(
        ["bread", "rye", "salt"], ["bread", "rye", "salt"], np.array([[1, 0]], np.int32)
    )
    assert vocabulary.names() == ["bread", "rye", "salt", "rye bread"]
    assert project(vocabulary, "rye bread salt moon", "bread rye", "moon", "") == [
        [1, 1, 1, 1],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_a_pair_needs_both_of_its_words() -> None:
    """A pair with an unknown word is never taken for another one."""
    vocabulary = Vocabulary(["bread", "rye"], ["bread", "rye"], np.array([[0, 0]], np.int32))
    assert project(vocabulary, "moon bread", "bread moon", "bread bread", "rye rye") == [
        [1, 0, 0],
        [1, 0, 0],
        [2, 0, 1],
        [0, 2, 0],
    ]


def test_an_empty_vocabulary_has_rows_without_columns() -> None:
    """Nothing was learned, nothing is found, nothing fails."""
    vocabulary = Vocabulary([], [], NONE)
    assert vocabulary.project(Analyzer().count([Document(title="rye bread")])).shape == (1, 0)
    assert vocabulary.project(Analyzer().count([])).shape == (0, 0)
    assert vocabulary.names() == []


def test_no_documents_give_no_rows() -> None:
    """The columns stay."""
    vocabulary = Vocabulary(["rye"], ["rye"], NONE)
    assert vocabulary.project(Analyzer().count([])).shape == (0, 1)
