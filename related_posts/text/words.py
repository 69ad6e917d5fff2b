r"""Words of a text, in any script.

A word is a run of letters, digits and combining marks: Python's ``\w`` alone
would tear Hindi and Thai words apart at their vowel signs. Scripts written
without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) have no such
runs that are words; their text becomes overlapping pairs of characters, each
with its marks: a vowel sign or a tone mark of Thai is no character by itself.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from itertools import pairwise


def _marks() -> str:
    """A character class of every combining mark, as ranges."""
    ranges: list[str] = []
    start = previous = None
    for code in range(0x300, sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in {"Mn", "Mc"}:
            if previous is None or code != previous + 1:
                if start is not None and previous is not None:
                    ranges.append(f"{chr(start)}-{chr(previous)}")
                start = code
            previous = code
    if start is not None and previous is not None:
        ranges.append(f"{chr(start)}-{chr(previous)}")
    return "".join(ranges)


_MARK = _marks()
#: Scripts written without spaces between words.
_UNSPACED = (
    "\u3005\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u0e01-\u0e4e\u0e81-\u0ece\u1780-\u17d3\u1000-\u109f"  # Thai, Lao, Khmer, Burmese
)
_LETTER = rf"[^\W{_UNSPACED}]|[{_MARK}]"
_WORD = re.compile(
    # Names that end in signs: C++, C#, F#; also in C++20, C#で and C++로.
    rf"(?<![^\W_{_UNSPACED}])[a-z](?:\+\+|#)(?![a-z_+#])"
    # .NET, and names with a dot: node.js, asp.net, socket.io.
    rf"|(?<![^\W{_UNSPACED}])(?<!\.)\.net(?![a-z0-9_])"
    rf"|(?:[^\W{_UNSPACED}]+\.(?:js|net|io)(?![a-z0-9_-]|\.\w))"
    rf"|(?:[^\W{_UNSPACED}])(?:{_LETTER})*"
    rf"|[{_UNSPACED}](?:[{_UNSPACED}]|[{_MARK}])*"
)
#: Invisible signs inside words: soft hyphens, joiners and direction marks, variants of
#: a character's look. Without them the word is the same.
_INVISIBLE = dict.fromkeys(
    [
        *(0xAD, 0x34F, 0x61C, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF),
        *range(0x180B, 0x180F),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ]
)
#: An apostrophe that Unicode counts among the letters: what it parts are words all the same.
_LETTER_APOSTROPHE = "\u02bc"
#: The e of e-mail, which is as often written without the hyphen.
_ELECTRONIC = re.compile(r"(?<![\w-])e-(?=[a-z]{3})")
#: Japanese writes loan words in letters of their own, so that these are seen as words.
_LOAN_WORD = re.compile("([\u30a1-\u30fa\u30fc-\u30fe]{2,})")
#: Characters from which on the long vowel at the end of a loan word is as often left out.
_LONG_LOAN = 4
#: A character and the marks on it; of hostile stacks of marks, so many at a time.
_MARKED = re.compile(rf"[{_MARK}]")
_CLUSTER = re.compile(rf"[^{_MARK}][{_MARK}]{{0,7}}|[{_MARK}]{{1,8}}")
_STARTS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
#: A longer run is data (base64, hashes), not a word.
MAX_WORD_CHARS = 40


def words(text: str) -> list[str]:
    """Words of a text in order, folded in case and compatibility form.

    ``C++``, ``C#``, ``.NET`` and ``node.js`` stay whole; ``e-mail`` is ``email``. Single ASCII
    letters and digits, and runs of more than 40 characters, are not words; invisible
    signs (soft hyphens, joiners) do not part a word. A run of an
    unspaced script gives its overlapping pairs of characters, each marked by
    :func:`is_pair`; a lone character is a word of its own. Katakana is a word as it stands.

    Args:
        text: Any text; composed or decomposed, in any case.

    Returns:
        Words in order of appearance, NFKC, lower case.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
        text = text.replace(_LETTER_APOSTROPHE, "'")
    found: list[str] = []
    text = text.lower()
    if "e-" in text:
        text = _ELECTRONIC.sub("e", text)
    for run in _WORD.findall(text):
        word = run.strip("_")
        if _STARTS_UNSPACED.match(word):
            for number, part in enumerate(_LOAN_WORD.split(word)):
                found.extend(_loan(part) if number % 2 else _pairs(part))
        elif len(word) > 1:
            if len(word) <= MAX_WORD_CHARS:
                found.append(word)
        elif not word.isascii():
            found.append(word)
    return found


def is_pair(word: str) -> bool:
    """Whether a word is one or two characters of an unspaced script, and no loan word.

    Marks on a character are part of it.
    """
    return bool(_STARTS_UNSPACED.match(word)) and not _LOAN_WORD.match(word)


def _pairs(run: str) -> list[str]:
    """The overlapping pairs of a run of characters with their marks; a lone one as it is."""
    if len(run) > 1 and _MARKED.search(run):
        parts = _CLUSTER.findall(run)
        return [one + other for one, other in pairwise(parts)] or parts
    return [run[i : i + 2] for i in range(len(run) - 1)] if len(run) > 1 else [run] * len(run)


def _loan(run: str) -> list[str]:
    """A loan word, with or without the long vowel at its end; none where it is too long."""
    word = (run.rstrip("ー") or run) if len(run) >= _LONG_LOAN else run
    return [word] if 1 < len(word) <= MAX_WORD_CHARS else []
