"""YARPP, the WordPress plugin, at the best settings found for it.

YARPP takes the 20 most frequent words of a post, its title's and its body's apart, and asks
the database for posts that hold them: MATCH … AGAINST over the title and over the body,
added up with the number of shared tags and categories; lists begin at a score of 1. Titles
count with YARPP's "extra weight". The database is MySQL or MariaDB with InnoDB, where a
word adds its count times the square of log10(N / posts with it); words of one or two
letters and 36 listed ones are not in its index. It indexes the body as it is stored, with
markup and addresses.

Sources: YARPP 5.30, ``YARPP_Cache``; MySQL manual, InnoDB full-text search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import unescape

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from related_posts.text.stopwords import stop_words
from training.evaluation.baselines.words import WORD, Words, counted, document_frequency, matrix
from training.evaluation.blog import Blog
from training.evaluation.lists import Lists, best

#: Words of a title or a body that are asked for.
KEYWORDS = 20
#: What a match in the title, in the body and a shared tag or category count for.
TITLE, BODY, TERM = 3.0, 1.0, 1.0
#: Lower scores are not shown.
THRESHOLD = 1.0

#: Words that InnoDB leaves out of its index.
_STOPPED = (
    "a about an are as at be by com de en for from how i in is it la of on or that the this "
    "to was what when where who will with und www"
)
_NOT_INDEXED = frozenset(_STOPPED.split())
_SHORTEST, _LONGEST = 3, 84


def yarpp(blog: Blog, k: int) -> Lists:
    """Lists as YARPP would show them, newer posts first among equals."""
    bodies = _match(blog.texts, blog.html, blog.languages)
    titles = _match(blog.titles, blog.titles, blog.languages)
    terms, _ = counted([sorted(f"{kind}:{name}" for kind, name in t) for t in blog.terms])
    queries = hstack([BODY * bodies[0], TITLE * titles[0], TERM * terms], format="csr")
    posts = hstack([bodies[1], titles[1], terms], format="csr")

    def cut(_: slice, scores: NDArray[np.float64]) -> None:
        np.round(scores, 4, out=scores)
        scores[scores < THRESHOLD] = 0.0

    return best(csr_array(queries), csr_array(posts), k, cut)


def _match(
    asked: Sequence[str], stored: Sequence[str], languages: Sequence[str]
) -> tuple[csr_array, csr_array]:
    """The words asked for by each post, and what each word adds to the score of each post."""
    counts, columns = counted([_indexed(text) for text in stored])
    frequency = document_frequency(counts)
    rarity = np.log10(len(stored) / np.maximum(frequency, 1))
    counts.data *= rarity[counts.indices] ** 2
    keywords = [_keywords(*each, columns) for each in zip(asked, languages, strict=True)]
    return matrix(keywords, len(columns)), counts


def _indexed(text: str) -> list[str]:
    """The words that the database's index holds of a text."""
    return [
        word
        for word in WORD.findall(text.lower())
        if _SHORTEST <= len(word) <= _LONGEST and word not in _NOT_INDEXED
    ]


def _keywords(text: str, language: str, columns: Words) -> Counter[int]:
    """The most frequent words of a text, as YARPP counts them: without its stop words."""
    overused = ENGLISH_STOP_WORDS if language == "en" else stop_words(language)
    plain = unescape(text).replace("\xad", "").lower()
    words = Counter(word for word in WORD.findall(plain) if word not in overused and len(word) > 1)
    return Counter({columns[w]: 1 for w, _ in words.most_common(KEYWORDS) if w in columns})
