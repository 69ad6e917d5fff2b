"""Where a post is found, by the rules of the generator that makes the blog.

Jekyll and Hugo both build a path from a template with ``:tokens``; they differ in
the tokens and in what becomes of a name on its way into an address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

#: Jekyll's named styles.
JEKYLL_STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}

#: Kept in a path as they are; the rest is percent-encoded, as both generators do.
_PATH_SAFE = "/-._~!$&'()*+,;=:@%"
_SLASHES = re.compile(r"/{2,}")
_JEKYLL_TOKEN = re.compile(r":([a-z_]{1,40})")
_HUGO_TOKEN = re.compile(r":([a-zA-Z]+)(\[[^\]/]*\])?")
_HUGO_KEPT = frozenset("./\\_#+~-@%")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a template may ask for.

    Attributes:
        name: File name without date, language and suffix.
        slug: The author's choice in front matter, or empty.
        title: Title, or empty.
        moment: Date in the zone of the blog, or None.
        categories: Jekyll: names in order.
        sections: Hugo: folders below the content folder.
    """

    name: str
    slug: str = ""
    title: str = ""
    moment: datetime | None = None
    categories: Sequence[str] = ()
    sections: Sequence[str] = ()


def jekyll_path(template: str, parts: Parts) -> str:
    """The path Jekyll gives to a post.

    Args:
        template: The name of a style, or a template; a token that does not exist
            stays as it is written.
        parts: The post.

    Returns:
        The path, percent-encoded, starting with ``/``.

    Source: Jekyll's documentation, "Permalinks".
    """
    template = JEKYLL_STYLES.get(template, template)
    base = parts.slug or parts.name
    values = {
        "title": jekyll_slug(base, is_pretty=True, keeps_case=True),
        "slug": jekyll_slug(base),
        "name": parts.name,
        "categories": "/".join(_lowered(parts.categories)),
        "slugified_categories": "/".join(map(jekyll_slug, _lowered(parts.categories))),
        "collection": "posts",
        "output_ext": ".html",
        **_jekyll_dates(parts.moment),
    }

    def value(found: re.Match[str]) -> str:
        # The longest name wins, so that :title_x is not :title with a rest.
        name = found[1]
        for end in range(len(name), 0, -1):
            if name[:end] in values:
                return values[name[:end]] + name[end:]
        return found[0]

    return encoded_path(_JEKYLL_TOKEN.sub(value, template))


def jekyll_slug(text: str, *, is_pretty: bool = False, keeps_case: bool = False) -> str:
    """A text as Jekyll writes it into a path: letters and digits joined by hyphens."""
    kept = "._~!$&'()+,;=@" if is_pretty else ""
    slug = _joined(text, lambda char: char in kept or _is_letter_or_digit(char))
    return slug if keeps_case else slug.lower()


def hugo_path(template: str, parts: Parts, *, keeps_case: bool = False) -> str:
    """The path Hugo gives to a page by a template of its ``permalinks``.

    Args:
        template: For example ``/:year/:month/:slug/``; a token that does not exist
            stays as it is written.
        parts: The page.
        keeps_case: Hugo's ``disablePathToLower``.

    Returns:
        The path, percent-encoded, starting and ending with ``/`` unless its last
        part has a suffix.

    Source: Hugo's documentation, "URL management".
    """
    moment = parts.moment
    title = parts.title or parts.name
    values = {
        "section": parts.sections[0] if parts.sections else "",
        "sections": "/".join(parts.sections),
        "title": title,
        "slug": parts.slug or title,
        "filename": parts.name,
        "contentbasename": parts.name,
        "slugorfilename": parts.slug or parts.name,
        "slugorcontentbasename": parts.slug or parts.name,
        **_hugo_dates(moment),
    }

    def value(found: re.Match[str]) -> str:
        name, cut = found[1].lower(), found[2]
        if name == "sections" and cut:
            return "/".join(_cut(parts.sections, cut[1:-1]))
        if name not in values:
            return found[0]
        return hugo_name(values[name], keeps_case=keeps_case) + (cut or "")

    path = _HUGO_TOKEN.sub(value, template)
    last = path.rstrip("/").rpartition("/")[2]
    return encoded_path(path if "." in last and not path.endswith("/") else f"{path}/")


def hugo_name(text: str, *, keeps_case: bool = False) -> str:
    """A text as Hugo writes it into a path: spaces become hyphens, signs go."""
    kept: list[str] = []
    is_after_space = False
    for char in text.strip():
        if char.isspace():
            is_after_space = True
        elif char in _HUGO_KEPT or _is_letter_or_digit(char):
            if is_after_space and char != "-" and kept and kept[-1] != "-":
                kept.append("-")
            is_after_space = False
            kept.append(char)
    name = "".join(kept)
    return name if keeps_case else name.lower()


def encoded_path(path: str) -> str:
    """A path that starts with ``/``, without empty parts, percent-encoded."""
    return quote(_SLASHES.sub("/", f"/{path.strip()}"), safe=_PATH_SAFE, errors="replace")


def _jekyll_dates(moment: datetime | None) -> Mapping[str, str]:
    if moment is None:
        return {}
    week_year, week, week_day = moment.isocalendar()
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return {
        "year": f"{moment.year:04}",
        "short_year": f"{moment.year % 100:02}",
        "month": f"{moment.month:02}",
        "i_month": str(moment.month),
        "short_month": month[:3],
        "long_month": month,
        "day": f"{moment.day:02}",
        "i_day": str(moment.day),
        "y_day": f"{moment.timetuple().tm_yday:03}",
        "short_day": day[:3],
        "long_day": day,
        "week": f"{week:02}",
        "w_year": f"{week_year:04}",
        "w_day": str(week_day),
        "hour": f"{moment.hour:02}",
        "minute": f"{moment.minute:02}",
        "second": f"{moment.second:02}",
    }


def _hugo_dates(moment: datetime | None) -> Mapping[str, str]:
    if moment is None:
        return {}
    return {
        "year": f"{moment.year:04}",
        "month": f"{moment.month:02}",
        "monthname": _MONTHS[moment.month - 1],
        "day": f"{moment.day:02}",
        # Sunday is day 0.
        "weekday": str(moment.isoweekday() % 7),
        "weekdayname": _DAYS[moment.weekday()],
        "yearday": str(moment.timetuple().tm_yday),
    }


def _cut(sections: Sequence[str], cut: str) -> Sequence[str]:
    """``[1:]``, ``[:last]``, ``[0]`` of the sections; nothing where it is no such cut."""
    count = len(sections)
    places: list[int | None] = []
    for end in cut.split(":"):
        if end == "last":
            places.append(count - 1)
        elif end.isascii() and end.isdigit() and len(end) < 4:
            places.append(int(end))
        elif not end and ":" in cut:
            places.append(None)
        else:
            return ()
    if len(places) == 1:
        return [sections[places[0]]] if places[0] is not None and places[0] < count else ()
    return sections[places[0] : places[1]] if len(places) == 2 else ()


def _lowered(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name.lower() for name in names))


def _joined(text: str, keeps: Callable[[str], bool]) -> str:
    """The runs of kept characters, joined by hyphens."""
    return "-".join("".join(char if keeps(char) else " " for char in text).split()).strip("-")


def _is_letter_or_digit(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"
