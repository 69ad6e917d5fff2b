"""Stems: one form for the inflections of a word, by the post's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version

import Stemmer

from related_posts.text.fold import without_accents
from related_posts.text.light_stem import ENDINGS, light_stemmer

_ALGORITHMS = (
    "ar=arabic ca=catalan cs=czech da=danish de=german el=greek en=english eo=esperanto "
    "es=spanish et=estonian eu=basque fa=persian fi=finnish fr=french ga=irish gl=spanish hi=hindi "
    "hr=serbian bs=serbian hu=hungarian hy=armenian id=indonesian ms=indonesian it=italian "
    "lt=lithuanian nb=norwegian "
    "ne=nepali nl=dutch nn=norwegian no=norwegian pl=polish pt=portuguese ro=romanian "
    "ru=russian sr=serbian st=sesotho sv=swedish ta=tamil tr=turkish yi=yiddish"
)
#: Language code to the name of its Snowball algorithm.
ALGORITHMS = dict(pair.split("=") for pair in _ALGORITHMS.split())
_AVAILABLE = frozenset(Stemmer.algorithms())

#: Particles that Korean writes at the end of a noun, longest first.
_PARTICLES = (
    *("에서는", "에서도", "으로는", "으로도", "이라는", "이라고", "에게서", "까지는", "부터는"),
    *("에서", "에게", "으로", "까지", "부터", "보다", "처럼", "이나", "이란", "라는", "라고"),
    *("은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만"),
)
#: So many syllables must be left.
_MIN_SYLLABLES = 2
#: What Hebrew writes at the beginning of a word: and, that, the, in, to. At least three letters
#: must be left.
_HEBREW_PREFIXES = re.compile("\u05d5?\u05e9?[\u05d4\u05d1\u05dc]?(?=[\u05d0-\u05ea]{3})")
#: And, with, like, so, each before the Arabic article, of which the algorithm knows all but the
#: first.
_ARABIC_AND = re.compile("[\u0648\u0641](?=(?:\u0627\u0644|\u0628\u0627\u0644|\u0644\u0644)..)")

#: Part of the analyzer's fingerprint: another release may stem differently.
LIBRARY = f"PyStemmer {version('pystemmer')}"


def stemmer(language: str) -> Callable[[str], str]:
    """A function from a word to its stem.

    The function is not safe to share between threads.

    Args:
        language: Primary language code; an unknown one leaves words as they are.
    """
    if language == "ko":
        return _without_particle
    if language == "he":
        return _without_prefixes
    if language in ENDINGS:
        return light_stemmer(language)
    algorithm = ALGORITHMS.get(language, "")
    if algorithm not in _AVAILABLE:
        return str
    # Its own cache is slower than none; the lexicon remembers every word.
    stem: Callable[[str], str] = Stemmer.Stemmer(algorithm, 0).stemWord
    if language == "ar":
        return lambda word: stem(_ARABIC_AND.sub("", word, count=1))
    if language == "fr":
        # Capitals often have no accents.
        return lambda word: without_accents(stem(word))
    if language == "gl":
        # Its plurals in -ns are none to the Spanish algorithm.
        return lambda word: stem(f"{word[:-2]}n" if word.endswith("ns") else word)
    if language == "pt":
        return lambda word: without_accents(stem(_singular(word)))
    return stem


def _singular(word: str) -> str:
    """A Portuguese word with its plural in -ões undone, which short words keep in their stems."""
    return f"{word[:-3]}ão" if word.endswith("ões") else word


def _without_prefixes(word: str) -> str:
    """A Hebrew word without what is written at its beginning as one with it."""
    return _HEBREW_PREFIXES.sub("", word, count=1)


def _without_particle(word: str) -> str:
    """A Korean word without the particle at its end; loan words keep their last syllable."""
    if not "\uac00" <= word[-1:] <= "\ud7a3":
        return word
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= _MIN_SYLLABLES:
            return word[: -len(particle)]
    return word
