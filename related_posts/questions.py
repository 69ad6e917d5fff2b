"""Questions: a text that is no post, as the version it is asked of would have seen it.

The analyzer is that of training; the vocabulary, the weights and what is left out as
boilerplate are the version's own.
Nothing is learned from what is asked.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from related_posts.index import Index
from related_posts.scoring import Query
from related_posts.text.analyzer import Analyzer, Fields
from related_posts.text.boilerplate import repeated, without
from related_posts.text.document import Document
from related_posts.text.html import Prose
from related_posts.text.language import primary
from related_posts.vocabulary import Vocabulary
from related_posts.weighting import TF_POWER, title_shares_of_one, weigh_one

#: Terms an analyzer may remember before it is replaced: what strangers send must not
#: fill the memory.
MAX_TERMS = 200_000


class Reader:
    """Reads texts for one version; safe for any number of threads.

    The vocabulary is loaded when the first text is read: about 100 bytes a word.

    Args:
        index: A version with its analysis arrays.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._analyzer: Analyzer | None = None

    def query(self, document: Document, day: float = math.nan) -> Query:
        """The question that a text is.

        Args:
            document: The text; its language decides stems and, unless the version relates
                posts across languages, which posts are related.
            day: Days from 1970 to its publication; NaN for none.

        Raises:
            StorageError: The version lacks the analysis arrays, or they are damaged.
        """
        vocabulary, weights = self._vocabulary, self._weights
        with self._lock:
            if self._analyzer is None or self._analyzer.n_terms > MAX_TERMS:
                self._analyzer = Analyzer(fields_of(self._index.manifest.settings))
            counts = self._analyzer.count([self._without_boilerplate(document)])
        crosses = bool(self._index.manifest.settings.get("cross_language", False))
        terms, titles = vocabulary.project_one(counts)
        return Query(
            vector=weigh_one(terms, weights, self._tf_power),
            title=title_shares_of_one(titles, weights),
            day=day,
            language=None if crosses else self.place_of(document.language),
        )

    def _without_boilerplate(self, document: Document) -> Document:
        """The document as training would have seen it among the posts."""
        body = Prose(document.blocks, document.headings)
        rest = without(body, repeated(body, self._index.boilerplate))
        return replace(document, blocks=rest.blocks, headings=rest.headings)

    def place_of(self, language: str) -> int:
        """Place of a language among those of the version; -1 where no post is in it."""
        languages = self._index.manifest.languages
        return languages.index(language) if language in languages else -1

    @cached_property
    def usual(self) -> str:
        """The language of most posts, the first by code among equals; empty for no posts."""
        counts = np.bincount(self._index.languages)
        return self._index.manifest.languages[int(counts.argmax())] if len(counts) else ""

    def language(self, stated: str, sample: str) -> str:
        """The primary code of a text's language, found as training finds it.

        What is not stated is detected among the version's languages; where that fails it is
        the usual one.

        Args:
            stated: A BCP 47 tag, or empty.
            sample: The text's beginning.
        """
        if code := primary(stated):
            return code
        if len(self._index.manifest.languages) < 2:
            return self.usual
        # Imported here: it loads a model.
        from related_posts.text.detection import detect

        found = detect(sample)
        return found if found in self._index.manifest.languages else self.usual

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        index = self._index
        return Vocabulary(words=index.words(), readable=[], pairs=index.pairs)

    @property
    def _tf_power(self) -> float:
        return float(self._index.manifest.settings.get("tf_power", TF_POWER))

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        power = float(self._index.manifest.settings.get("idf_power", 1.0))
        weights: NDArray[np.float64] = self._index.idf.astype(np.float64) ** power
        return weights


def fields_of(settings: Mapping[str, Any]) -> Fields:
    """How often each field counted in a build; the usual where it does not say."""
    usual = Fields()
    return Fields(
        int(settings.get("title_repeats", usual.title)),
        int(settings.get("tag_repeats", usual.tag)),
        int(settings.get("heading_repeats", usual.heading)),
    )
