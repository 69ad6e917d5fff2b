"""Folding: spellings of one word that writers use side by side become one.

What the stemmers of :mod:`related_posts.text.stem` expect is kept, what they do not know of is
folded here: marks that only some write, letters with two codes, and typewriter habits. The
shown form of a term is not folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

#: Arabic vowel signs and the stretching sign; Hebrew points; they are rarely written.
_UNWRITTEN = re.compile(
    "[\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0591-\u05c7]"
)
_ARABIC_SCRIPT = re.compile("[\u0600-\u06ff]")
_HEBREW_SCRIPT = re.compile("[\u0590-\u05ff]")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ک": "ك", "ی": "ي"})
#: Persian and Urdu on an Arabic keyboard.
_PERSIAN = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "أ": "ا", "إ": "ا", "ؤ": "و", "ٱ": "ا"}
)
_HINDI = str.maketrans({"\u093c": None, "\u0901": "\u0902"})
_ROMANIAN = str.maketrans("şţ", "șț")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_SERBIAN = str.maketrans(
    {
        **dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True)),
        **{"љ": "lj", "њ": "nj", "џ": "dž"},
    }
)
#: A tone mark on either vowel of a pair, the newer way and the older.
_VIETNAMESE = {
    f"{pair}{mark}": f"{pair[0]}{mark}{pair[1]}"
    for pair in ("oa", "oe", "uy")
    for mark in "\u0300\u0301\u0303\u0309\u0323"
}
#: Digits of every script.
_DIGITS = {
    code: str(unicodedata.decimal(chr(code)))
    for code in range(0x660, 0xFF20)
    if unicodedata.decimal(chr(code), None) is not None
}


def _arabic(word: str) -> str:
    return _UNWRITTEN.sub("", word).translate(_ARABIC)


def _persian(word: str) -> str:
    return _UNWRITTEN.sub("", word).translate(_PERSIAN)


def without_accents(word: str) -> str:
    """A word without the marks on its letters."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _greek(word: str) -> str:
    return without_accents(word).replace("ς", "σ")


def _english(word: str) -> str:
    return without_accents(word.translate(_LIGATURES))


def _vietnamese(word: str) -> str:
    apart = unicodedata.normalize("NFD", word)
    for old, new in _VIETNAMESE.items():
        if apart.endswith(old):
            apart = apart[: -len(old)] + new
            break
    return unicodedata.normalize("NFC", apart)


_FOLDS: dict[str, Callable[[str], str]] = {
    "ar": _arabic,
    "fa": _persian,
    "ur": _persian,
    "ps": _persian,
    "ku": _persian,
    "el": _greek,
    "en": _english,
    "fr": lambda word: word.translate(_LIGATURES),
    "ro": lambda word: word.translate(_ROMANIAN),
    "ru": lambda word: word.replace("ё", "е"),
    "hi": lambda word: word.translate(_HINDI),
    "sr": lambda word: word.translate(_SERBIAN),
    "tr": lambda word: word.replace("i\u0307", "i"),
    "az": lambda word: word.replace("i\u0307", "i"),
    "vi": _vietnamese,
}


def folder(language: str) -> Callable[[str], str]:
    """A function from a word, as ``words`` gives it, to its folded spelling.

    Args:
        language: Primary language code.
    """
    fold = _FOLDS.get(language, str)

    def folded(word: str) -> str:
        if word.isascii():
            return word
        if _HEBREW_SCRIPT.search(word):
            word = _UNWRITTEN.sub("", word) or word
        elif _ARABIC_SCRIPT.search(word) and fold not in (_arabic, _persian):
            word = _arabic(word) or word
        return fold(word.translate(_DIGITS)) or word

    return folded


#: An apostrophe that is a letter: between a consonant and what it keeps apart.
_UKRAINIAN = re.compile(
    "(?<=[бвгґджзйклмнпрстфхцчшщ])['\u2019\u02bc\u2018`](?=[єїюяёеі])", re.IGNORECASE
)
#: A word with a Turkish letter, in which a capital I has no dot.
#: It is looked at from its first letter only, however long it is.
_TURKISH = re.compile(r"(?<!\w)[^\WçğıöşüÇĞÖŞÜİ]*+[çğıöşüÇĞÖŞÜİ]\w*")
#: The feminine put beside a German masculine: Leser:innen, Leser*innen, LeserInnen, Leser/in.
_BOTH = re.compile("(?<=[a-zäöüß])(?:[:*_·/]-?[iI]n(?:nen)?|Innen)\\b")
#: The sign of an acronym or of a foreign sound, within a Hebrew word.
_WITHIN_HEBREW = re.compile("(?<=[\u05d0-\u05ea])[\u05f3\u05f4\"'\u2018-\u201d](?=[\u05d0-\u05ea])")
_JOINED_L = re.compile("(?<=[lL])[\u00b7\u2022\u2027](?=[lL])")


def prepare(text: str, language: str) -> str:
    """A text with what must be folded before it is split into words.

    Args:
        text: Plain text.
        language: Primary language code.
    """
    if language == "de":
        return _BOTH.sub("", text)
    if language in {"uk", "be"}:
        return _UKRAINIAN.sub("", text)
    if language in {"he", "yi"}:
        return _WITHIN_HEBREW.sub("", text)
    if language in {"tr", "az"} and not text.isascii():
        return _TURKISH.sub(lambda word: word[0].replace("I", "ı").replace("İ", "i"), text)
    if language == "ca" and not text.isascii():
        return _JOINED_L.sub("", text)
    return text
