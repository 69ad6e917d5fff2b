"""Document frequencies by language equal slow, obvious code."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from related_posts import document_frequency
from related_posts.document_frequency import FEWEST, by_language
from related_posts.weighting import inverse_document_frequency


def counted(has: list[list[bool]], n_terms: int) -> tuple[csr_array, np.ndarray]:
    """Documents as counts, and the documents with each term."""
    dense = np.array(has, np.float32).reshape(len(has), n_terms)
    return csr_array(dense), np.count_nonzero(dense, axis=0).astype(np.int64)


def wilson(found: int, n: int) -> float:
    """The lower end of the interval as Wilson's solution of a quadratic equation."""
    z, share = document_frequency.SURE, found / n
    a, b, c = 1 + z**2 / n, -(2 * share + z**2 / n), share**2
    return max((-b - math.sqrt(max(b**2 - 4 * a * c, 0.0))) / (2 * a), 0.0)


@st.composite
def blogs(draw: st.DrawFn) -> tuple[list[list[bool]], list[int], int]:
    """Which documents have which of some terms, their languages, and how many make a language."""
    n_terms, n = draw(st.integers(0, 4)), draw(st.integers(0, 30))
    row = st.lists(st.booleans(), min_size=n_terms, max_size=n_terms)
    has = draw(st.lists(row, min_size=n, max_size=n))
    languages = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return has, languages, draw(st.integers(1, 12))


@settings(deadline=None)
@given(blogs())
def test_frequencies_equal_slow_code(blog: tuple[list[list[bool]], list[int], int]) -> None:
    """The greatest cautious share of any language with enough documents, term by term."""
    has, languages, fewest = blog
    n, n_terms = len(has), len(has[0]) if has else 0
    counts, plain = counted(has, n_terms)
    of_each = {code: [row for row in range(n) if languages[row] == code] for code in set(languages)}
    spoken = [rows for rows in of_each.values() if len(rows) >= fewest]
    expected = plain.tolist()
    for term in range(n_terms if len(spoken) > 1 else 0):
        shares = [wilson(sum(has[row][term] for row in rows), len(rows)) for rows in spoken]
        expected[term] = max(expected[term], max(shares) * n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_frequency, "FEWEST", fewest)
        found = by_language(counts, np.array(languages, np.int16), plain)
    # Whole numbers; where a half is rounded to, the last bits decide.
    assert np.abs(found - np.array(expected)).max(initial=0) <= 0.5 + 1e-6
    assert (found >= plain).all()
    assert (found <= n).all()


def test_a_word_of_every_post_of_a_language_is_common() -> None:
    """In 900 posts and 100 it weighs what it weighs among these alone; others weigh as before."""
    languages = np.repeat([0, 1], [900, 100])
    has = np.zeros((1000, 4), np.float32)
    has[900:, 0] = 1  # in every post of the small language
    has[:900, 1] = 1  # in every post of the large one
    has[:2, 2] = 1  # in two posts of the large one
    has[900:902, 3] = 1  # in two posts of the small one
    plain = np.count_nonzero(has, axis=0)
    idf = inverse_document_frequency(by_language(csr_array(has), languages, plain), 1000)
    assert idf[:2] == pytest.approx([1, 1], abs=0.04)
    assert inverse_document_frequency(plain, 1000)[0] > 3
    alone = inverse_document_frequency(np.array([2]), 100)[0]
    assert idf[2] == inverse_document_frequency(plain, 1000)[2]
    assert alone < idf[3] < idf[2]


@pytest.mark.parametrize("n_others", [0, 1, FEWEST - 1])
def test_a_blog_in_one_language_is_counted_as_it_is(n_others: int) -> None:
    """A few posts in another language, or taken to be, change no frequency."""
    languages = np.repeat([1, 0, 2], [200, n_others, n_others])
    random = np.random.default_rng(7)
    has = random.random((len(languages), 30)) < 0.2
    plain = np.count_nonzero(has, axis=0)
    assert by_language(csr_array(has.astype(np.float32)), languages, plain) is plain
