"""The vectorizer: posts or texts to unit TF-IDF vectors, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from related_posts.counting import count
from related_posts.posts import Post
from related_posts.tally import Tally
from related_posts.text.analyzer import Fields
from related_posts.text.counts import Counts
from related_posts.text.document import Document
from related_posts.weighting import TF_POWER, inverse_document_frequency, weigh


class PostVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # untyped bases
    """Posts or texts to L2-normalised sparse TF-IDF vectors.

    Terms are stems, character pairs of unspaced scripts, and pairs of adjacent
    words; title, tags and headings count more often than the body; a term
    weighs ``count ** tf_power · idf ** idf_power``.

    Args:
        title_repeats: Occurrences a title's word counts for, 0 to 15.
        tag_repeats: Occurrences a tag's or category's word counts for, 0 to 15.
        heading_repeats: Occurrences a heading's word counts for beside the one
            in the body, 0 to 15.
        min_df: Documents that a term must stand in, at least 1.
        tf_power: From 0 to 1: how much repetition counts; 1 is in proportion.
        idf_power: At least 0; 1 is the usual TF-IDF, more favours rare words.
        language: Primary language code of documents that do not state theirs;
            it decides stems and function words, empty means neither.
        n_jobs: Processes that count terms, as in joblib; None is 1. The result
            does not depend on it.

    Attributes:
        vocabulary_: The terms and their columns.
        idf_: float64, shape (n_terms,): smoothed IDF, before ``idf_power``.

    Source: Salton & Buckley (1988) for the weights; the powers and repeats are
    measured, see docs/settings.md.
    """

    def __init__(
        self,
        *,
        title_repeats: int = 2,
        tag_repeats: int = 5,
        heading_repeats: int = 1,
        min_df: int = 2,
        tf_power: float = TF_POWER,
        idf_power: float = 2.0,
        language: str = "",
        n_jobs: int | None = None,
    ) -> None:
        self.title_repeats = title_repeats
        self.tag_repeats = tag_repeats
        self.heading_repeats = heading_repeats
        self.min_df = min_df
        self.tf_power = tf_power
        self.idf_power = idf_power
        self.language = language
        self.n_jobs = n_jobs

    def fit(self, raw_documents: Iterable[Post | Document | str], y: Any = None) -> Self:
        """Learn vocabulary and IDF."""
        self.fit_transform(raw_documents)
        return self

    def fit_transform(
        self, raw_documents: Iterable[Post | Document | str], y: Any = None
    ) -> csr_array:
        """Learn vocabulary and IDF, and return the vectors.

        Args:
            raw_documents: Posts, documents or plain texts.
            y: Ignored; there for pipelines.

        Returns:
            float32 CSR, shape (n, n_terms), indices sorted.

        Raises:
            ValueError: A parameter is out of its range, or one string was given.
        """
        if self.min_df < 1 or self.idf_power < 0 or not 0 <= self.tf_power <= 1:
            raise ValueError("min_df must be at least 1, idf_power at least 0, tf_power in [0, 1]")
        tally = Tally()
        for counts in self._count(raw_documents):
            tally.add(counts)
        sealed = tally.seal(self.min_df)
        self.vocabulary_ = sealed.vocabulary
        self.idf_ = inverse_document_frequency(sealed.document_frequency, sealed.counts.shape[0])
        return weigh(sealed.counts, self.idf_**self.idf_power, self.tf_power)

    def transform(self, raw_documents: Iterable[Post | Document | str]) -> csr_array:
        """Vectors of other documents; terms that were not learned are left out.

        Returns:
            float32 CSR, shape (n, n_terms), indices sorted.
        """
        check_is_fitted(self)
        blocks = [self.vocabulary_.project(counts) for counts in self._count(raw_documents)]
        if not blocks:
            return csr_array(np.empty((0, len(self.vocabulary_)), np.float32))
        return weigh(vstack(blocks, format="csr"), self.idf_**self.idf_power, self.tf_power)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Every term, in the order of the columns; pairs with a space between."""
        check_is_fitted(self)
        return np.array(self.vocabulary_.names(), dtype=object)

    def _count(self, raw_documents: Iterable[Post | Document | str]) -> Iterator[Counts]:
        if isinstance(raw_documents, str):
            raise ValueError("raw_documents is one string; give a list of texts")
        fields = Fields(self.title_repeats, self.tag_repeats, self.heading_repeats)
        return count(raw_documents, fields, self.language, self.n_jobs)
