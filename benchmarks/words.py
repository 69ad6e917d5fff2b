"""Words that can be read aloud, one for each number: the lexicon of the synthetic blog."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FUNCTION_WORDS = """
the of and to a in is that for it with as on was are be this by have from or at you
not an but we they can his which their more if one will has all been there our what when
would so up about your out them my its do who were than some no into other these he she
could just like how only also over any may new most now then me after where because such
very even many those should between each through while before both same under again does
"""
#: English function words, most frequent first: what every text is held together by.
FUNCTION_WORDS = _FUNCTION_WORDS.split()

_ONSETS = [*"bcdfghklmnprstvwz", "br", "cl", "dr", "gr", "pl", "st", "tr", "sh", "ch"]
_NUCLEI = [*"aeiou", "ai", "ea"]
_CODAS = ["", *"nrlsmtd"]
_ALL = [onset + nucleus + coda for onset in _ONSETS for nucleus in _NUCLEI for coda in _CODAS]
#: The digits of which words are made: a fair sample, about three letters each.
_SYLLABLES = _ALL[::8][:60] + _ALL[3::11][:120]
_ACCENTS = str.maketrans("aeiou", "áéíóú")
_ENDINGS = ("", "s", "ing", "ed", "ers", "ly")

#: Ranks up to which a word has two short syllables; words beyond have three.
_FREQUENT = 20_000
#: One lexeme in so many is written with an accent.
_ACCENTED_ONE_IN = 40


def _spell_lexeme(lexeme: int) -> str:
    """The word of a rank, without ending; frequent words are shorter, as in any language."""
    # Multiplication by a number that shares no factor with the base mixes the
    # digits, so that neighbouring ranks do not look alike.
    base = len(_SYLLABLES)
    n_syllables, scale = (2, base**2) if lexeme < _FREQUENT else (3, base**3)
    mixed = (lexeme * 1_000_003 + 12_289) % scale
    letters = ""
    for _ in range(n_syllables):
        mixed, digit = divmod(mixed, base)
        letters += _SYLLABLES[digit]
    if lexeme % _ACCENTED_ONE_IN == 7:
        letters = letters[0] + letters[1:3].translate(_ACCENTS) + letters[3:]
    return letters


class Lexicon:
    """Forms to words, spelt when first met.

    A form is an integer: a function word counts down from -1, a lexeme with an
    ending is ``lexeme * n_endings + ending``.
    """

    n_endings = len(_ENDINGS)

    def __init__(self) -> None:
        self._spelt: dict[int, str] = {-1 - i: word for i, word in enumerate(FUNCTION_WORDS)}

    def form(self, lexemes: NDArray[np.int64], endings: NDArray[np.int64]) -> NDArray[np.int64]:
        """The forms of lexemes with endings, elementwise."""
        return lexemes * self.n_endings + endings

    def function_form(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The forms of function words by their index in the list."""
        return -1 - indices

    def is_function(self, forms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each form is a function word."""
        return forms < 0

    def word(self, lexeme: int | np.int64) -> str:
        """The plain form of one lexeme."""
        return str(self.spell(np.array([lexeme * self.n_endings]))[0])

    def spell(self, forms: NDArray[np.int64]) -> NDArray[np.object_]:
        """The word of each form, shape (n,) of str."""
        unique, places = np.unique(forms, return_inverse=True)
        spelt = self._spelt
        words = np.empty(len(unique), dtype=object)
        for i, form in enumerate(unique.tolist()):
            word = spelt.get(form)
            if word is None:
                lexeme, ending = divmod(form, self.n_endings)
                word = spelt[form] = _spell_lexeme(lexeme) + _ENDINGS[ending]
            words[i] = word
        found: NDArray[np.object_] = words[places]
        return found
