"""Languages: codes, and detection for posts that do not state theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

#: Texts with fewer letters are not judged.
MIN_LETTERS = 24
#: Only the start of a text is looked at.
MAX_CHARS = 4_000
#: A guess less probable than this counts for nothing.
MIN_PROBABILITY = 0.9


def primary(tag: str) -> str:
    """The primary subtag of a BCP 47 tag, lower case: ``pt-BR`` gives ``pt``."""
    return tag.replace("_", "-").partition("-")[0].strip().lower()


@cache
def _identifier() -> Any:
    # Its model takes a while to load: only a blog without stated languages pays.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect(text: str) -> str:
    """Guess the language of a text.

    Args:
        text: Plain text; its first 4,000 characters are looked at.

    Returns:
        A primary language code, or the empty string where the text has fewer
        than 24 letters or no language is at least 90 % probable.
    """
    sample = text[:MAX_CHARS]
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return ""
    language, probability = _identifier().classify(sample)
    return str(language) if probability >= MIN_PROBABILITY else ""


def settle(languages: Sequence[str]) -> str:
    """The language for posts whose own is unknown: the archive's most frequent one.

    Args:
        languages: Language of each post, empty where unknown.

    Returns:
        The most frequent known language, the first by code among equals; empty
        where none is known.
    """
    counts = Counter(language for language in languages if language)
    return min(counts, key=lambda language: (-counts[language], language), default="")
