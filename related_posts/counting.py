"""Counting: documents to counted terms, block by block, in one process or several.

Apart from the vectorizer, so that a worker need not import scikit-learn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from joblib import Parallel, delayed

from related_posts.posts import Post
from related_posts.text.analyzer import Analyzer, Fields
from related_posts.text.counts import Counts
from related_posts.text.document import Document, document

#: Documents counted in one go.
BLOCK = 512

Text = Post | Document | str


def count(
    texts: Iterable[Text], fields: Fields, language: str, jobs: int | None
) -> Iterator[Counts]:
    """Count the terms of documents, in blocks and in order.

    Args:
        texts: Posts, documents or plain texts.
        fields: How often each field counts.
        language: Primary language code of documents that do not state theirs.
        jobs: Processes, as in joblib; None is 1. The counts do not depend on it.
    """
    iterator = iter(texts)
    blocks = iter(lambda: list(islice(iterator, BLOCK)), [])
    if jobs in (None, 1):
        analyzer = Analyzer(fields)
        return (_count(block, language, analyzer) for block in blocks)
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    counted: Iterator[Counts] = parallel(
        delayed(_count_apart)(block, language, fields) for block in blocks
    )
    return counted


def _count(block: list[Text], language: str, analyzer: Analyzer) -> Counts:
    return analyzer.count([document(text, language) for text in block])


#: One analyzer a process and set of fields, so that a word is stemmed once.
_ANALYZERS: dict[Fields, Analyzer] = {}


def _count_apart(block: list[Text], language: str, fields: Fields) -> Counts:
    return _count(block, language, _ANALYZERS.setdefault(fields, Analyzer(fields)))
