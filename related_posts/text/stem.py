"""Stems: one form for the inflections of a word, by the post's language."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import Stemmer

_ALGORITHMS = (
    "ar=arabic ca=catalan cs=czech da=danish de=german el=greek en=english eo=esperanto "
    "es=spanish et=estonian eu=basque fa=persian fi=finnish fr=french ga=irish hi=hindi "
    "hu=hungarian hy=armenian id=indonesian it=italian lt=lithuanian nb=norwegian "
    "ne=nepali nl=dutch nn=norwegian no=norwegian pl=polish pt=portuguese ro=romanian "
    "ru=russian sr=serbian st=sesotho sv=swedish ta=tamil tr=turkish yi=yiddish"
)
#: Language code to the name of its Snowball algorithm.
ALGORITHMS = dict(pair.split("=") for pair in _ALGORITHMS.split())
_AVAILABLE = frozenset(Stemmer.algorithms())

#: Part of the analyzer's fingerprint: another release may stem differently.
LIBRARY = f"PyStemmer {version('pystemmer')}"


def stemmer(language: str) -> Callable[[str], str]:
    """A function from a word to its stem.

    The function is not safe to share between threads.

    Args:
        language: Primary language code; an unknown one leaves words as they are.
    """
    algorithm = ALGORITHMS.get(language, "")
    if algorithm not in _AVAILABLE:
        return str
    # Its own cache is slower than none; the lexicon remembers every word.
    stem: Callable[[str], str] = Stemmer.Stemmer(algorithm, 0).stemWord
    return stem
