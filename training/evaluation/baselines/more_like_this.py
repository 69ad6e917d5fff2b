"""Elasticsearch's ``more_like_this`` over title and body.

The 25 words of a post with the greatest count times inverse document frequency become a
query of single words, at least 30 % of which must match, ranked by BM25. Words count from
their first occurrence and from one post on, as ElasticPress sets it for WordPress blogs:
with Elasticsearch's own minimum of 2 and 5 its figures are lower.

Sources: Lucene's ``MoreLikeThis``, ``ClassicSimilarity`` and ``BM25Similarity``.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from training.evaluation.baselines.words import counted, document_frequency, matrix, row_numbers
from training.evaluation.blog import Blog
from training.evaluation.lists import Lists, best

# Words as the standard tokenizer finds them: an apostrophe or a full stop between two letters
# or digits does not end one, and each character of Chinese or kana is one.
_ALONE = "[\u3040-\u309f\u3400-\u9fff]"
_PART = rf"(?:(?!{_ALONE})\w)+"
_JOINT = r"(?:(?<=\d)[.,'’](?=\d)|(?<=[^\W\d])[.:'’](?=[^\W\d]))"
_WORD = re.compile(rf"{_ALONE}|{_PART}(?:{_JOINT}{_PART})*")

#: Words of a query.
MAX_QUERY_TERMS = 25
#: Share of these that a post must hold.
MINIMUM_SHOULD_MATCH = 0.3
#: BM25's saturation of counts, and its weight of a post's length.
K1, B = 1.2, 0.75


def more_like_this(blog: Blog, k: int) -> Lists:
    """Lists as Elasticsearch would answer, newer posts first among equals."""
    texts = [
        _WORD.findall(f"{title}\n{text}".lower())
        for title, text in zip(blog.titles, blog.texts, strict=True)
    ]
    counts, _ = counted(texts)
    frequency = document_frequency(counts)
    queries = _queries(counts, frequency)
    present = csr_array((np.ones(counts.nnz), counts.indices, counts.indptr), shape=counts.shape)
    enough = np.floor(MINIMUM_SHOULD_MATCH * np.diff(queries.indptr))
    turned = present.T.tocsr()

    def cut(rows: slice, scores: NDArray[np.float64]) -> None:
        matching = (queries[rows] @ turned).toarray()
        scores[matching < enough[rows, None]] = 0.0

    return best(queries, _bm25(counts, frequency), k, cut)


def _queries(counts: csr_array, frequency: NDArray[np.int64]) -> csr_array:
    """1 for each word that a post's query asks for."""
    rarity = np.log((counts.shape[0] + 1) / (frequency + 1)) + 1
    rows: list[Counter[int]] = []
    for start, end in zip(counts.indptr[:-1], counts.indptr[1:], strict=True):
        columns = counts.indices[start:end]
        weight = counts.data[start:end] * rarity[columns]
        chosen = columns[np.argsort(-weight, kind="stable")[:MAX_QUERY_TERMS]]
        rows.append(Counter(chosen.tolist()))
    return matrix(rows, counts.shape[1])


def _bm25(counts: csr_array, frequency: NDArray[np.int64]) -> csr_array:
    """What each word adds to the score of each post that holds it."""
    lengths = np.bincount(row_numbers(counts), weights=counts.data, minlength=counts.shape[0])
    relative = lengths / max(lengths.mean(), 1.0)
    damping = K1 * (1 - B + B * relative)
    rarity = np.log1p((counts.shape[0] - frequency + 0.5) / (frequency + 0.5))
    saturated = counts.data * (K1 + 1) / (counts.data + damping[row_numbers(counts)])
    return csr_array(
        (rarity[counts.indices] * saturated, counts.indices, counts.indptr), shape=counts.shape
    )
