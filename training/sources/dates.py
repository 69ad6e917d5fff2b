"""Dates as people write them into front matter."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from related_posts.errors import PostError
from related_posts.fields import YEARS, refuse

#: Longest text taken for a date.
MAX_CHARACTERS = 80

_ALLOWED = "a date such as 2020-01-31, 2020-01-31 10:00:00 +0900 or 2020-01-31T10:00:00Z"
_NUMERIC = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?"
    r"[ \t]*(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?(?:[ \t]+[A-Z]{3,4})?",
    re.ASCII,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH_FIRST = re.compile(
    r"([A-Za-z]{3,9})\.?[ \t]+(\d{1,2})(?:st|nd|rd|th)?,?[ \t]+(\d{4})", re.ASCII
)
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?\.?[ \t]+([A-Za-z]{3,9})\.?,?[ \t]+(\d{4})", re.ASCII
)
_MAIL = re.compile(r"(?:[A-Za-z]{3,9},? *)?\d{1,2} [A-Za-z]{3,9} \d{4} +\d", re.ASCII)


def read_date(name: str, value: object, zone: tzinfo = UTC) -> datetime | None:
    """An aware moment from a value of front matter, or None where there is none.

    Read are ISO 8601 with or without time and zone (``2020-1-2 10:00 +0900``), what
    an e-mail writes (``Thu, 2 Jan 2020 10:00:00 +0900``) and English dates
    (``January 2, 2020``).

    Args:
        name: The field, for messages.
        value: A string, a TOML date or date and time, or None.
        zone: The blog's zone, for dates that name none.

    Returns:
        The moment, in the zone it was written in.

    Raises:
        PostError: It is no date, no date that exists, or outside the years read.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        found = _parse(value.strip())
        if found is None:
            raise refuse(name, value, _ALLOWED)
        moment = found
    else:
        raise refuse(name, value, _ALLOWED)
    try:
        moment = moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone)
        # A moment at the very edge of the calendar exists in no other zone.
        year = moment.astimezone(UTC).year
    except (OverflowError, ValueError):
        raise refuse(name, value, f"{_ALLOWED} that exists") from None
    if not YEARS[0] < year < YEARS[1]:
        raise refuse(name, value, f"within the years {YEARS[0]} to {YEARS[1]}")
    return moment


def read_zone(name: object) -> tzinfo | None:
    """A time zone by its name (``Europe/Berlin``), or None where there is no such zone."""
    if not isinstance(name, str) or not name.strip():
        return None
    try:
        return ZoneInfo(name.strip())
    except (LookupError, ValueError, OSError):
        return None


def _parse(text: str) -> datetime | None:
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        if found := _NUMERIC.fullmatch(text):
            year, month, day, hour, minute, second, zone = found.groups()
            # A leap second is a moment that Python's clock does not have.
            seconds = min(int(second or 0), 59) if second == "60" else int(second or 0)
            clock = (int(hour or 0), int(minute or 0), seconds)
            return datetime(int(year), int(month), int(day), *clock, tzinfo=_offset(zone))
        if found := _MONTH_FIRST.fullmatch(text):
            return _english(found[3], found[1], found[2])
        if found := _DAY_FIRST.fullmatch(text):
            return _english(found[3], found[2], found[1])
        # Its parser takes far less than a date for one; the year decides.
        return parsedate_to_datetime(text) if _MAIL.match(text) else None
    except (ValueError, TypeError, IndexError, OverflowError, PostError):
        return None


def _english(year: str, month: str, day: str) -> datetime | None:
    number = _MONTHS.get(month[:3].lower())
    return datetime(int(year), number, int(day)) if number else None


def _offset(zone: str | None) -> tzinfo | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)
