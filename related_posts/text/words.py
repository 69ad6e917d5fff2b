r"""Words of a text, in any script.

A word is a run of letters, digits and combining marks: Python's ``\w`` alone
would tear Hindi and Thai words apart at their vowel signs. Scripts written
without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) have no such
runs that are words; their text becomes overlapping pairs of characters.
"""

from __future__ import annotations

import re
import sys
import unicodedata


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
_STARTS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
#: A longer run is data (base64, hashes), not a word.
MAX_WORD_CHARS = 40


def words(text: str) -> list[str]:
    """Words of a text in order, folded in case and compatibility form.

    ``C++``, ``C#``, ``.NET`` and ``node.js`` stay whole. Single ASCII letters
    and digits, and runs of more than 40 characters, are not words; invisible
    signs (soft hyphens, joiners) do not part a word. A run of an
    unspaced script gives its overlapping pairs of characters, each marked by
    :func:`is_pair`; a lone character is a word of its own.

    Args:
        text: Any text; composed or decomposed, in any case.

    Returns:
        Words in order of appearance, NFKC, lower case.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    found: list[str] = []
    for run in _WORD.findall(text.lower()):
        word = run.strip("_")
        if _STARTS_UNSPACED.match(word):
            if len(word) == 1:
                found.append(word)
            else:
                found.extend(word[i : i + 2] for i in range(len(word) - 1))
        elif len(word) > 1:
            if len(word) <= MAX_WORD_CHARS:
                found.append(word)
        elif not word.isascii():
            found.append(word)
    return found


def is_pair(word: str) -> bool:
    """Whether a word is one or two characters of an unspaced script."""
    return bool(_STARTS_UNSPACED.match(word))
