"""A day as readers of a language write it, on every page that the service makes.

The widget leaves this to the reader's browser; both follow Unicode's CLDR and say the same.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from related_posts.text.language import primary

if TYPE_CHECKING:
    from babel import Locale

#: First digit of the numbering systems that CLDR writes dates in.
_ZEROS = {"arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "mymr": "၀"}
#: Months of the Solar Hijri calendar, by which Iran counts.
_SOLAR = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
#: Years between the Buddhist era, by which Thailand counts, and the common one.
_BUDDHIST = 543


def day(published: str | None, language: str) -> str:
    """The day of a moment in words; empty for None.

    Args:
        published: RFC 3339 in UTC. The day is that of UTC, as in ``datetime`` of ``<time>``.
        language: A BCP 47 tag; one that is empty or unknown is taken for English, as
            headings are. Persian and Thai count years by their own calendars.
    """
    if not published:
        return ""
    # Imported here, with its data: most of what the service answers has no dates in words.
    from babel.dates import format_date

    found = datetime.fromisoformat(published).date()
    locale = _locale(language)
    if str(locale) in ("fa", "fa_IR"):
        text = _solar(found)
    elif locale.language == "th":
        text = format_date(found, f"d MMMM {found.year + _BUDDHIST}", locale=locale)
    else:
        text = format_date(found, "long", locale=locale)
    zero = _ZEROS.get(locale.default_numbering_system)
    return text.translate({48 + n: ord(zero) + n for n in range(10)}) if zero else str(text)


def _solar(found: date) -> str:
    """A day in the Solar Hijri calendar, by its cycle of 33 years; as ICU reckons it."""
    # From the day before 1 Farvardin of year 1, in the proleptic Gregorian calendar.
    n_days = found.toordinal() - 226_895
    year = 1 + (33 * n_days + 3) // 12_053
    of_year = n_days - (365 * (year - 1) + (8 * year + 21) // 33)
    month, of_month = divmod(of_year, 31) if of_year < 216 else divmod(of_year - 6, 30)
    return f"{of_month + 1} {_SOLAR[month]} {year}"


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    for tag in (language, primary(language)):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale("en")
