"""Scripts: which languages a text can be in, as its letters alone tell."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

#: Letters of each script, and the languages that are written in it.
_SCRIPTS = {
    "Hangul": ("\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3", "ko"),
    "Kana": ("\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\uff66-\uff9f", "ja"),
    "Han": ("\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", "zh ja"),
    "Cyrillic": ("\u0400-\u052f", "ru uk be bg sr mk kk ky mn tg tt ba"),
    "Greek": ("\u0370-\u03ff\u1f00-\u1fff", "el"),
    "Arabic": ("\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f", "ar fa ur ps ug ku sd"),
    "Hebrew": ("\u05d0-\u05f2", "he yi"),
    "Devanagari": ("\u0900-\u0963\u0971-\u097f", "hi ne mr sa"),
    "Thai": ("\u0e01-\u0e4e", "th"),
    "Lao": ("\u0e81-\u0ece", "lo"),
    "Khmer": ("\u1780-\u17d3", "km"),
    "Burmese": ("\u1000-\u109f", "my"),
    "Bengali": ("\u0980-\u09e3", "bn as"),
    "Gurmukhi": ("\u0a01-\u0a65\u0a70-\u0a75", "pa"),
    "Gujarati": ("\u0a81-\u0ae3", "gu"),
    "Oriya": ("\u0b01-\u0b63\u0b71", "or"),
    "Tamil": ("\u0b82-\u0bd7", "ta"),
    "Telugu": ("\u0c00-\u0c63", "te"),
    "Kannada": ("\u0c80-\u0ce3", "kn"),
    "Malayalam": ("\u0d00-\u0d63", "ml"),
    "Sinhala": ("\u0d81-\u0df3", "si"),
    "Georgian": ("\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2d", "ka"),
    "Armenian": ("\u0531-\u0587", "hy"),
    "Ethiopic": ("\u1200-\u137c", "am ti"),
}
_WRITTEN = {script: tuple(languages.split()) for script, (_, languages) in _SCRIPTS.items()}
_OTHER = "".join(letters for letters, _ in _SCRIPTS.values())
_OTHER_SCRIPTS = re.compile(f"[{_OTHER}]+")
_LATIN_RUN = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+")
#: Languages in Latin script that are told apart: those of most blogs.
_IN_LATIN = (
    "af az br bs ca cs cy da de en eo es et eu fi fr fy ga gl hr ht hu id is it lb lt lv ms mt "
    "nl no oc pl pt ro sk sl so sq sr st sv sw tl tr uz vi xh yo zu"
)
LATIN = tuple(_IN_LATIN.split())
#: Some languages are written in two.
_ALSO_LATIN = frozenset({"sr", "kk", "ku", "tt", "mn"})

#: Letters that only some languages of a script use: a text that holds several
#: is in one of those. Found by what each alphabet lacks.
_ALPHABETS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ky": "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "mn": "абвгдеёжзийклмноөпрстуүфхцчшщъыьэюя",
    "tg": "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя",
    "tt": "аәбвгдеёжҗзийклмнңоөпрстуүфхһцчшщъыьэюя",
    "ba": "абвгғдҙеёжзийкҡлмнңоөпрҫстуүфхһцчшщъыьэәюя",
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي",
    "fa": "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنهویۀ",
    "ur": "ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھۂۃیےۓ",
    "ps": "ءآأؤئابپتټثجځچڅحخدډذرړزژږسشښصضطظعغفقکګگلمنڼهوۇيۍېیئ",
    "ug": "ئابپتجچخدرزژسشغفقكگڭلمنوھۇۆۈۋېىيە",
    "ku": "ئابپتجچحخدرڕزژسشعغفڤقکگلڵمنوۆهەیێھ",
    "sd": "ءآابٻپڀتٺٽثٿجڄڃچڇحخدڌڏڊڍذرڙزژسشصضطظعغفڦقڪکگڳڱلمنڻوهھي",
}
#: Fewer letters say nothing against a stated language; so many speak against it even in
#: the script of names and code.
FEW_LETTERS, MANY_LETTERS = 24, 400
#: A text may quote so large a share of foreign letters and still be in the language.
FOREIGN_SHARE = 0.02
#: Names in Latin letters stand in texts of every script, seldom the other way round: so
#: many Latin letters a letter of another script outweighs.
_OUTWEIGHS = 3
#: A character of an unspaced script or a block of Hangul says more than a letter.
_DENSE = frozenset({"Hangul", "Kana", "Han"})
_DENSITY = 3
#: A share of kana that no Chinese text reaches by quoting.
_JAPANESE_SHARE = 0.05


class Reading(NamedTuple):
    """What the letters of a text tell.

    Attributes:
        languages: Primary codes of the languages they allow, one of them alone where the
            letters decide; empty for Latin script, for scripts unknown here and for text
            without letters.
        text: The text, lower case, without words in other scripts than the chosen one.
    """

    languages: tuple[str, ...]
    text: str


def read(text: str) -> Reading:
    """Tell a text's script, and by its letters the languages it may be in."""
    if text.isascii():
        return Reading((), text.lower())
    others = "".join(_OTHER_SCRIPTS.findall(text))
    if not others:
        return Reading((), text.lower())
    counts = _by_script(others)
    east = counts["Kana"] + counts["Han"]
    weights = Counter({name: n * (_DENSITY if name in _DENSE else 1) for name, n in counts.items()})
    # Japanese mixes both; so does, at times, Korean.
    weights["Han"] = _DENSITY * east
    weights["Kana"] = 0
    script = max(weights, key=lambda name: weights[name])
    if _OUTWEIGHS * weights[script] <= sum(map(len, _LATIN_RUN.findall(text))):
        return Reading((), _OTHER_SCRIPTS.sub(" ", text).lower())
    lower = _LATIN_RUN.sub("", text).lower()
    if script == "Han":
        japanese = counts["Kana"] > _JAPANESE_SHARE * east
        return Reading(("ja",) if japanese else _WRITTEN["Han"], lower)
    return Reading(_fitting(lower, _WRITTEN[script], counts[script]), lower)


def contradicts(language: str, reading: Reading, n_letters: int) -> bool:
    """Whether a language is not written in the script of a text.

    Latin letters refute a language that is written in another script only in a longer text:
    names and code are in Latin letters everywhere.

    Args:
        language: Primary code; one that is unknown here is never refuted.
        reading: What the letters of the text tell.
        n_letters: How many there are.
    """
    if reading.languages:
        known = language in LATIN or language in _NOT_LATIN
        return known and language not in reading.languages and n_letters >= FEW_LETTERS
    return language in _NOT_LATIN and n_letters >= MANY_LETTERS


def _by_script(text: str) -> Counter[str]:
    """Letters of each script; all characters must be of one in the table."""
    counts: Counter[str] = Counter()
    for letter, n in Counter(text).items():
        counts[_RANGES[bisect_right(_STARTS, letter) - 1][1]] += n
    return counts


def _fitting(text: str, languages: tuple[str, ...], n_letters: int) -> tuple[str, ...]:
    """Those languages whose alphabets hold all but a few of the letters; the best if none does."""
    if len(languages) == 1 or not any(language in _ALPHABETS for language in languages):
        return languages
    met = {letter: text.count(letter) for letter in set(text) & _TELLING}
    missing = {
        language: sum(n for letter, n in met.items() if letter not in _ALPHABETS[language])
        for language in languages
    }
    least = min(missing.values())
    most = max(least, int(FOREIGN_SHARE * n_letters))
    return tuple(language for language in languages if missing[language] <= most)


def _not_latin(languages: Iterable[tuple[str, ...]]) -> frozenset[str]:
    return frozenset(code for group in languages for code in group) - _ALSO_LATIN


def _ranges() -> list[tuple[str, str]]:
    """First letter of each range, and its script, ascending."""
    found = []
    for script, (letters, _) in _SCRIPTS.items():
        for first in re.findall("(.)-.|(.)", letters):
            found.append(("".join(first), script))
    return sorted(found)


_RANGES = _ranges()
_STARTS = [first for first, _ in _RANGES]
_TELLING = frozenset("".join(_ALPHABETS.values()))
_NOT_LATIN = _not_latin(_WRITTEN.values())
#: Every language that is told apart.
ALL_LANGUAGES = tuple(sorted({*LATIN, *(code for group in _WRITTEN.values() for code in group)}))
