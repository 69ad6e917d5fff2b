"""The lexicon: every distinct piece of text is analysed once.

A text is split at white space, which is the cheapest thing Python can do with
it. Each distinct piece (``"Databases,"``) then passes through words, stop list
and stemmer once and is remembered as term numbers; after that a piece costs
one dictionary look-up, and everything further is arithmetic on arrays.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from related_posts.text.fold import folder, prepare
from related_posts.text.stem import stemmer
from related_posts.text.stopwords import stop_words
from related_posts.text.words import MAX_WORD_CHARS, is_pair, words

#: Pieces remembered a language; beyond it the memory is emptied and refilled.
MAX_PIECES = 2_000_000
#: Longer pieces (a Japanese paragraph) are hardly ever met twice.
MAX_REMEMBERED_CHARS = 60
#: Punctuation that may stand before and behind a plain word without changing it.
_BEFORE = "([{\"'*<"
_BEHIND = ".,;:!?)]}\"'*>"


#: Signs that are never part of a word, nor decide whether what stands beside
#: them is one.
_BLANK = b"!\"$%&'()*,/:;<=>?@[\\]^`{|}~"
#: Works on UTF-8, where it leaves all but ASCII as it is; quicker than on text.
_PLAINER = bytes.maketrans(_BLANK, b" " * len(_BLANK)).lower()


def pieces(text: str, language: str = "") -> list[str]:
    """A text split at white space, and at most ASCII punctuation; ASCII letters are small.

    The fewer distinct pieces, the less there is to look into and to remember.
    """
    plainer = prepare(text, language).encode("utf-8", "surrogatepass").translate(_PLAINER)
    return plainer.decode("utf-8", "surrogatepass").replace(". ", " ").split()


class Terms:
    """Numbered terms: stems as strings, and the form in which to show each.

    Attributes:
        strings: The term of each number.
        readable: The shortest word seen for each term, the first by code
            points among equals; it does not depend on the order of texts.
        is_pair: Whether each term is a character pair of an unspaced script,
            two of which beside each other are no word bigram.
    """

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.readable: list[str] = []
        self.is_pair = array("b")
        self._numbers: dict[str, int] = {}

    def number(self, term: str, word: str, pair: bool = False) -> int:
        """The term's number; a new term gets the next one."""
        number = self._numbers.get(term)
        if number is None:
            number = len(self.strings)
            self._numbers[term] = number
            self.strings.append(term)
            self.readable.append(word)
            self.is_pair.append(pair)
        else:
            shown = self.readable[number]
            if (len(word), word) < (len(shown), shown):
                self.readable[number] = word
        return number


class Lexicon(dict[str, int]):
    """Pieces of one language to codes, filled as pieces are met.

    A code >= 0 is one term's number, -1 stands for nothing (punctuation, stop
    words), and a code <= -2 for several terms: number ``-2 - code`` of
    :meth:`several`.
    """

    def __init__(self, language: str, terms: Terms) -> None:
        super().__init__()
        self._terms = terms
        self._stem = stemmer(language)
        self._fold = folder(language)
        self._stop = frozenset(map(self._fold, stop_words(language)))
        self._words: dict[str, int] = {}
        self._starts = array("q", [0])
        self._flat = array("i")

    def __missing__(self, piece: str) -> int:
        """Analyse a piece met for the first time."""
        # Most pieces are one plain word and its punctuation; the general way
        # gives the same for them, more slowly.
        plain = piece.lstrip(_BEFORE).rstrip(_BEHIND)
        if plain.isascii() and plain.isalpha() and 1 < len(plain) <= MAX_WORD_CHARS:
            code = self._number(plain.lower())
        else:
            numbers = [n for n in map(self._number, words(piece)) if n >= 0]
            if len(numbers) == 1:
                code = numbers[0]
            elif not numbers:
                code = -1
            else:
                code = -1 - len(self._starts)
                self._flat.extend(numbers)
                self._starts.append(len(self._flat))
        if len(piece) <= MAX_REMEMBERED_CHARS:
            self[piece] = code
        return code

    def _number(self, word: str) -> int:
        """The number of a word's term, -1 for a function word."""
        number = self._words.get(word)
        if number is None:
            folded = word if word.isascii() else self._fold(word)
            if folded in self._stop:
                number = -1
            elif not word.isascii() and is_pair(word):
                number = self._terms.number(folded, word, pair=True)
            else:
                number = self._terms.number(self._stem(folded), word)
            self._words[word] = number
        return number

    def forget(self) -> None:
        """Empty the memory where it has grown too large; term numbers stay."""
        if len(self) > MAX_PIECES or len(self._flat) > MAX_PIECES:
            self.clear()
            self._words.clear()
            self._starts = array("q", [0])
            self._flat = array("i")

    def expand(self, pieces: list[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Term numbers of pieces in order, and the index of each one's piece."""
        codes = np.fromiter(map(self.__getitem__, pieces), np.int64, len(pieces))
        (several,) = np.nonzero(codes < -1)
        if not len(several):
            (kept,) = np.nonzero(codes >= 0)
            return codes[kept].astype(np.int32), kept
        starts = np.array(self._starts, np.int64)
        flat = np.array(self._flat, np.int32)
        which = -2 - codes[several]
        counts = (codes >= 0).astype(np.int64)
        counts[several] = starts[which + 1] - starts[which]
        owners = np.repeat(np.arange(len(pieces)), counts)
        # Position of each term within its own piece.
        within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        numbers = codes[owners]
        inside = numbers < -1
        numbers[inside] = flat[starts[-2 - numbers[inside]] + within[inside]]
        return numbers.astype(np.int32), owners
