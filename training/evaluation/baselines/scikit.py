"""scikit-learn's ``TfidfVectorizer`` with its defaults over title and body, and the cosine."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from training.evaluation.blog import Blog
from training.evaluation.lists import Lists, best


def scikit_defaults(blog: Blog, k: int) -> Lists:
    """Lists by the cosine of TF-IDF vectors as three lines of scikit-learn make them."""
    texts = [f"{title}\n{text}" for title, text in zip(blog.titles, blog.texts, strict=True)]
    try:
        vectors = csr_array(TfidfVectorizer().fit_transform(texts))
    except ValueError:  # not one word in the whole blog
        return np.full((len(blog), k), -1, np.int32)
    return best(vectors, vectors, k)
