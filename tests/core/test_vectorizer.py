"""The vectorizer: a scikit-learn estimator like any other, and the vectors it makes."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline

from related_posts import counting as module
from related_posts.posts import Post
from related_posts.text.document import Document
from related_posts.vectorizer import PostVectorizer

TEXTS = [
    "rye bread needs rye flour",
    "bread flour and water make bread",
    "the moon over the water",
    "telescope mirror and moon and mirror",
    "",
    "unique",
]


def equal(one: csr_array, other: csr_array) -> bool:
    """Whether two matrices hold the very same numbers in the same places."""
    return one.shape == other.shape and all(
        np.array_equal(getattr(one, part), getattr(other, part))
        for part in ("data", "indices", "indptr")
    )


@pytest.fixture
def fitted(archive_posts: list[Post]) -> PostVectorizer:
    """A vectorizer that has learned the archive."""
    return PostVectorizer().fit(archive_posts)


def test_vectors_have_length_one_or_none(archive_posts: list[Post]) -> None:
    """Rows are float32, sorted, and of unit length where there is a term."""
    vectors = PostVectorizer().fit_transform([*archive_posts, ""])
    lengths = np.sqrt((vectors.toarray().astype(float) ** 2).sum(axis=1))
    assert vectors.dtype == np.float32
    assert vectors.has_sorted_indices
    assert lengths[:-2] == pytest.approx(1)
    assert lengths[-1] == 0


def test_posts_of_one_subject_are_closest(archive_posts: list[Post]) -> None:
    """On an archive whose answers are known, the nearest post shares a subject."""
    vectors = PostVectorizer().fit_transform(archive_posts)
    cosine = (vectors @ vectors.T).toarray()
    np.fill_diagonal(cosine, -1)
    ids = [post.id for post in archive_posts]
    nearest = {id: ids[row] for id, row in zip(ids, cosine.argmax(axis=1), strict=True)}
    assert nearest["/moon/"] == "/mirror/"
    assert nearest["/sauerteig/"] == "/roggen/"
    assert nearest["/rye/"] == "/starter/"
    assert nearest["/chain/"] in {"/tyres/", "/brakes/"}


def test_transform_of_the_same_documents_is_fit_transform(archive_posts: list[Post]) -> None:
    """Fitting at once and in two steps give the same numbers, and twice the same."""
    for one in (PostVectorizer(), PostVectorizer(min_df=1, language="en")):
        vectors = one.fit_transform(archive_posts)
        assert equal(one.transform(archive_posts), vectors)
        assert equal(clone(one).fit(archive_posts).transform(archive_posts), vectors)
        assert equal(clone(one).fit_transform(iter(archive_posts)), vectors)


def test_blocks_change_nothing(archive_posts: list[Post], monkeypatch: pytest.MonkeyPatch) -> None:
    """However many documents are counted at a time."""
    whole = PostVectorizer(min_df=1).fit_transform(archive_posts)
    for size in (1, 5):
        monkeypatch.setattr(module, "BLOCK", size)
        one = PostVectorizer(min_df=1)
        assert equal(one.fit_transform(archive_posts), whole)
        assert equal(one.transform(archive_posts), whole)


def test_processes_change_nothing(
    archive_posts: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes count what one counts."""
    one = PostVectorizer(min_df=1)
    expected = one.fit_transform(archive_posts)
    monkeypatch.setattr(module, "BLOCK", 3)
    two = PostVectorizer(min_df=1, n_jobs=2)
    assert equal(two.fit_transform(archive_posts), expected)
    assert two.vocabulary_.names() == one.vocabulary_.names()
    assert two.vocabulary_.readable == one.vocabulary_.readable


def test_parameters_travel() -> None:
    """Parameters are read, set and cloned as of any estimator."""
    one = PostVectorizer(title_repeats=5, language="de")
    assert one.get_params() == {
        "title_repeats": 5,
        "tag_repeats": 5,
        "heading_repeats": 1,
        "min_df": 2,
        "tf_power": 0.65,
        "idf_power": 2.0,
        "language": "de",
        "n_jobs": None,
    }
    copy = clone(one).set_params(min_df=1)
    assert (copy.title_repeats, copy.min_df, one.min_df) == (5, 1, 2)
    with pytest.raises(ValueError, match="nonsense"):
        one.set_params(nonsense=1)


def test_a_pickled_vectorizer_is_the_same(
    fitted: PostVectorizer, archive_posts: list[Post]
) -> None:
    """It can travel to another process, as joblib makes it."""
    copy = pickle.loads(pickle.dumps(fitted))
    assert equal(copy.transform(archive_posts), fitted.transform(archive_posts))


def test_it_works_in_a_pipeline(archive_posts: list[Post]) -> None:
    """Any step that takes sparse rows can follow."""
    pipeline = make_pipeline(PostVectorizer(), NearestNeighbors(metric="cosine"))
    pipeline.fit(archive_posts)
    vectors = pipeline[0].transform(archive_posts[-3:-1])
    rows = pipeline[-1].kneighbors(vectors, 2, return_distance=False)
    ids = [[archive_posts[row].id for row in ranking] for ranking in rows]
    assert ids == [["/moon/", "/mirror/"], ["/mirror/", "/moon/"]]


@pytest.mark.parametrize("method", ["transform", "get_feature_names_out"])
def test_an_unfitted_vectorizer_says_so(method: str) -> None:
    """What needs learned terms names the missing step."""
    with pytest.raises(NotFittedError):
        getattr(PostVectorizer(), method)([])


def test_feature_names_are_the_columns(fitted: PostVectorizer, archive_posts: list[Post]) -> None:
    """One name a column: words in code-point order, then pairs."""
    names = fitted.get_feature_names_out().tolist()
    assert len(names) == fitted.transform(archive_posts).shape[1] == len(fitted.idf_)
    singles = [name for name in names if " " not in name]
    assert names[: len(singles)] == sorted(singles)
    assert {"bread", "sourdough", "sourdough starter"} <= set(names)
    row = fitted.transform(["sourdough starter"]).toarray()[0]
    assert {name for name, weight in zip(names, row, strict=True) if weight} == {
        "sourdough",
        "starter",
        "sourdough starter",
    }


def test_posts_documents_and_texts_mix() -> None:
    """A text is a body without title, whichever form it comes in."""
    post = Post(id="1", url="/1", html="<p>rye bread", language="en")
    mixed: list[Any] = [post, Document(blocks=["rye bread"], language="en"), "rye bread"]
    vectors = PostVectorizer(language="en").fit_transform(mixed).toarray()
    assert vectors[0].any()
    assert np.array_equal(vectors[0], vectors[1])
    assert np.array_equal(vectors[0], vectors[2])


def test_language_decides_stems_and_function_words() -> None:
    """Given for all, it holds for what does not state its own; empty means neither."""
    texts: list[Any] = ["the breads", Document(blocks=["die Brote"], language="de")]
    plain = PostVectorizer(min_df=1).fit(texts).get_feature_names_out().tolist()
    english = PostVectorizer(min_df=1, language="en").fit(texts).get_feature_names_out().tolist()
    assert plain == ["breads", "brot", "the", "the breads"]
    assert english == ["bread", "brot"]


def test_new_documents_get_the_learned_terms_only(fitted: PostVectorizer) -> None:
    """Unknown words leave no trace; no documents give no rows."""
    known, more = fitted.transform(["rye bread", "rye bread xyzzy"]).toarray()
    assert np.array_equal(known, more)
    assert fitted.transform(["xyzzy"]).nnz == 0
    none = fitted.transform([])
    assert none.shape == (0, len(fitted.idf_))
    assert none.dtype == np.float32


@pytest.mark.parametrize("call", ["fit", "fit_transform", "transform"])
def test_one_string_is_refused(call: str, fitted: PostVectorizer) -> None:
    """A text in the place of a list is a mistake, not a list of letters."""
    with pytest.raises(ValueError, match="one string"):
        getattr(fitted, call)("rye bread")


@pytest.mark.parametrize(
    "parameters",
    [
        {"min_df": 0},
        {"idf_power": -0.5},
        {"title_repeats": 16},
        {"tag_repeats": -1},
        {"heading_repeats": 16},
    ],
)
def test_parameters_out_of_range_are_refused_when_fitting(parameters: dict[str, Any]) -> None:
    """As scikit-learn has it: not when they are set."""
    one = PostVectorizer(**parameters)
    with pytest.raises(ValueError, match=next(iter(parameters)).split("_")[0]):
        one.fit(["rye bread"])


@pytest.mark.parametrize(
    ("texts", "min_df", "shape"),
    [
        ([], 2, (0, 0)),
        (["rye bread"], 1, (1, 3)),
        (["rye bread"], 2, (1, 0)),
        (["", ""], 1, (2, 0)),
        (["the of and"] * 3, 1, (3, 0)),
    ],
)
def test_little_to_learn(texts: list[str], min_df: int, shape: tuple[int, int]) -> None:
    """Nothing, one document, and documents of function words are no errors."""
    one = PostVectorizer(min_df=min_df, language="en")
    vectors = one.fit_transform(texts)
    assert vectors.shape == shape
    assert equal(one.transform(texts), vectors)
    assert len(one.get_feature_names_out()) == shape[1]


def test_vectors_agree_with_scikit_learn_where_the_analysis_is_trivial() -> None:
    """Plain words and pairs, one field, idf to the power of 1: the same TF-IDF."""
    ours = PostVectorizer(
        title_repeats=0, tag_repeats=0, heading_repeats=0, min_df=1, tf_power=1, idf_power=1
    )
    theirs = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w\w+")
    found, expected = ours.fit_transform(TEXTS), theirs.fit_transform(TEXTS)
    names = ours.get_feature_names_out().tolist()
    assert sorted(names) == theirs.get_feature_names_out().tolist()
    columns = [theirs.vocabulary_[name] for name in names]
    np.testing.assert_allclose(ours.idf_, theirs.idf_[columns])
    np.testing.assert_allclose(found.toarray(), expected.toarray()[:, columns], rtol=1e-6)


def test_a_higher_power_favours_rare_words() -> None:
    """The weight of a word grows with its IDF to that power."""
    texts = ["rye common", "oat common", "common"]
    shares = []
    for power in (0, 1, 2):
        one = PostVectorizer(min_df=1, idf_power=power).fit(texts)
        names = one.get_feature_names_out().tolist()
        row = one.transform(["rye common"]).toarray()[0]
        rare, frequent = names.index("rye"), names.index("common")
        shares.append(row[rare] / row[frequent])
        assert shares[-1] == pytest.approx((one.idf_[rare] / one.idf_[frequent]) ** power)
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]
