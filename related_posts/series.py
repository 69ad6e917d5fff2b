"""Series: which posts are parts of one text, told by their titles.

"Profiling, part 2: memory", "Sicher backen (Teil 3)", "Inside the kernel (2/5)", "第2回 勉強会" and
"Chronicle #7" say so in any language: a number that is marked as that of a part, and what is
left of the title when it is gone. A number that is not marked is none: "Announcing 1.45" is a
release, "Survey 2024" a year's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Days between one part and the next, beyond which they are of two series.
MOST_DAYS = 730
#: Letters of a title that name a series by themselves.
LEAST_LETTERS = 4
#: Letters with which the titles of one series may begin, the rest being the part's.
LEAST_BEGINNING = 12

_WORDS = (
    "part|pt|episode|chapter|lesson|teil|folge|kapitel|partie|épisode|chapitre|parte|episodio|"
    "capítulo|episódio|часть|глава|урок|серия|частина|deel|aflevering|del|avsnitt|część|odcinek|"
    "díl|část|rész|osa|bölüm|kısım|bagian|phần|μέρος"
)
_ROMAN = "x{0,2}(?:ix|iv|v?i{1,3}|v)|x{1,2}"
_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CHINESE = "一二三四五六七八九十"
_MARKS = re.compile(
    rf"(?:\b(?:{_WORDS})\b\.?\s*(?:no\.?\s*|nº\s*|n°\s*|#\s*)?"
    rf"(?P<worded>\d{{1,3}}|(?:{_ROMAN}|{'|'.join(_ENGLISH)})\b)"
    rf"(?:\s*(?:/|of|von|de|di|sur|van|из|af|av)\s*\d{{1,3}})?"
    r"|[(\[（【]\s*(?P<counted>\d{1,2})\s*(?:/|of|von|de|di|sur|van|из)\s*\d{1,2}\s*[)\]）】]"
    r"|(?<![\w&])#\s?(?P<hashed>\d{1,3})"
    r"|(?<=\w)#(?P<glued>\d{1,3})"
    rf"|第\s*(?P<chinese>\d{{1,3}}|[{_CHINESE}]{{1,3}})\s*[回部話话章編编篇集期]"
    rf"|その\s*(?P<japanese>\d{{1,2}}|[{_CHINESE}])"
    rf"|제?\s?(?P<korean>\d{{1,2}})\s?[부편화]\b)(?!\d|[.,]\d)",
    re.IGNORECASE,
)
_NO_LETTERS = re.compile(r"[\W_]+")
_EDGES = re.compile(r"\A[\s:;,.\-–—|(\[（【)\]）】]+|[\s:;,.\-–—|(\[（【]+\Z")


class Part(NamedTuple):
    """A part of a series, as its title tells it.

    Attributes:
        name: The letters that all parts have in their titles.
        number: Which part it is, from 1 to 999.
        shown: The same name as readers know it.
    """

    name: str
    number: int
    shown: str = ""


def part_of(title: str) -> Part | None:
    """What a title says of a series; None for nothing.

    Args:
        title: As plain text.
    """
    mark = _MARKS.search(title)
    if mark is None:
        return None
    number = _number(next(filter(None, mark.groups())))
    # A subtitle stands behind the number, unless nothing stands before it.
    shown = title[: mark.start()]
    if len(_letters(shown)) < LEAST_LETTERS:
        shown = title[mark.end() :]
    name = _letters(shown)
    if not number or len(name) < LEAST_LETTERS:
        return None
    return Part(name, number, _EDGES.sub("", " ".join(shown.split())))


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.lower())


def _number(written: str) -> int:
    """The number that digits, Roman, English or Chinese numerals stand for; 0 for none."""
    written = written.lower()
    if written.isdecimal():
        return int(written)
    if written in _ENGLISH:
        return _ENGLISH.index(written) + 1
    if written[0] in _CHINESE:
        tens, ten, ones = written.rpartition("十")
        found = (_CHINESE.index(tens[0]) + 1 if tens else 1) * 10 if ten else 0
        return found + (_CHINESE.index(ones[0]) + 1 if ones and ones[0] in _CHINESE else 0)
    values = [{"i": 1, "v": 5, "x": 10}[letter] for letter in written]
    return sum(
        -value if any(later > value for later in values[place + 1 :]) else value
        for place, value in enumerate(values)
    )


def groups(
    posts: Sequence[Part | None], days: NDArray[np.float64], languages: Sequence[str]
) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """Number the series, and their parts.

    Args:
        posts: What the title of each says, in row order.
        days: Days since 1970 of publication, NaN where undated, shape (n,).
        languages: Language of each post: the parts of a series share one.

    Returns:
        Number of each post's series, -1 for none, numbered by their first row; and which part
        of it each post is, 0 for none; both of shape (n,). A series has two parts at least.
    """
    named: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row, (part, language) in enumerate(zip(posts, languages, strict=True)):
        if part is not None:
            named[language, part.name].append((part.number, row))
    found: list[list[tuple[int, int]]] = []
    for (language, name), parts in sorted(named.items(), key=lambda item: -len(item[0][1])):
        # "On senior staff, part 2" goes on from "On senior staff as allies, part 1".
        shorter = (name[:end] for end in range(len(name) - 1, LEAST_BEGINNING - 1, -1))
        home = next(filter(None, (named.get((language, begin)) for begin in shorter)), None)
        if home is not None and not {number for number, _ in parts} & {n for n, _ in home}:
            home += parts
        else:
            found += _in_time(sorted(parts), days)
    series, numbers = np.full(len(posts), -1, np.int32), np.zeros(len(posts), np.int16)
    whole = [parts for parts in found if len({number for number, _ in parts}) > 1]
    for place, parts in enumerate(sorted(whole, key=lambda parts: min(row for _, row in parts))):
        for number, row in parts:
            series[row], numbers[row] = place, number
    return series, numbers


def named(
    posts: Sequence[Part | None], series: NDArray[np.int32]
) -> list[tuple[str, int, int] | None]:
    """The name of each post's series, which part it is, and the highest there is; or None.

    The name is that of the shortest title, as the newest post writes it.

    Args:
        posts: As for :func:`groups`.
        series: What that gave.
    """
    names: dict[int, str] = {}
    last: dict[int, int] = {}
    for part, number in zip(posts, series.tolist(), strict=True):
        if part is not None and number >= 0:
            names[number] = min(names.get(number, part.shown), part.shown, key=len)
            last[number] = max(last.get(number, 0), part.number)
    return [
        None if part is None or number < 0 else (names[number], part.number, last[number])
        for part, number in zip(posts, series.tolist(), strict=True)
    ]


def _in_time(
    parts: list[tuple[int, int]], days: NDArray[np.float64]
) -> list[list[tuple[int, int]]]:
    """Parts in their order, cut where the next is of another time."""
    found = [parts[:1]]
    for (_, before), part in pairwise(parts):
        if abs(days[part[1]] - days[before]) > MOST_DAYS:
            found.append([])
        found[-1].append(part)
    return found
