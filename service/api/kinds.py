"""Kinds of parameter values: how one is read, what it may be in words, and its JSON schema."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,17})?|\.[0-9]{1,17}")
_PERIOD = re.compile(r"([0-9]{1,4})\s*(day|week|month|year)s?", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECONDS_A_DAY = 86_400
_LONGEST_TOKENS = 200
_TRUTHS = {"": True, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Kind:
    """What the values of a parameter are.

    Attributes:
        allowed: The values it may have, in words that follow "must be".
        schema: The same as a JSON schema.
        read: The value of a text; raises ``ValueError`` for one that does not fit.
    """

    allowed: str
    schema: dict[str, Any]
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that ends today, such as six months.

    Attributes:
        count: How many units.
        unit: ``day``, ``week``, ``month`` or ``year``.
    """

    count: int
    unit: str

    def since(self, today: date) -> float:
        """Days from 1970 to its first day; the same all day long, so that caches hit."""
        if self.unit in ("day", "week"):
            days = self.count * (7 if self.unit == "week" else 1)
            first = today.toordinal() - days
            return float(first - _EPOCH)
        months = today.year * 12 + today.month - 1 - self.count * (12 if self.unit == "year" else 1)
        year, month = divmod(months, 12)
        if year < 1:
            return float(1 - _EPOCH)
        last = calendar.monthrange(year, month + 1)[1]
        return float(date(year, month + 1, min(today.day, last)).toordinal() - _EPOCH)


_EPOCH = date(1970, 1, 1).toordinal()


def whole(least: int, most: int) -> Kind:
    """A whole number."""

    def read(text: str) -> int:
        number = int(text) if _WHOLE.fullmatch(text) else -1
        if not least <= number <= most:
            raise ValueError
        return number

    allowed = f"a whole number from {least} to {most}"
    return Kind(allowed, {"type": "integer", "minimum": least, "maximum": most}, read)


def number(least: float, most: float) -> Kind:
    """A number with or without decimals."""

    def read(text: str) -> float:
        if not _NUMBER.fullmatch(text) or not least <= float(text) <= most:
            raise ValueError
        return float(text)

    allowed = f"a number from {least:g} to {most:g}"
    return Kind(allowed, {"type": "number", "minimum": least, "maximum": most}, read)


def text(allowed: str, *, empty: bool = False, most: int = 0) -> Kind:
    """Any text.

    Args:
        allowed: What it is, in words.
        empty: Whether it may be empty.
        most: Characters at most; 0 for no limit of its own.
    """
    schema: dict[str, Any] = {"type": "string"}
    if not empty:
        schema["minLength"] = 1
    if most:
        schema["maxLength"] = most

    def read(value: str) -> str:
        if (not value and not empty) or (most and len(value) > most):
            raise ValueError
        return value

    return Kind(allowed, schema, read)


def tokens(allowed: str, token: str) -> Kind:
    """Words of a pattern, separated by single spaces; at most 200 characters."""
    pattern = rf"^{token}( {token})*$"
    form = re.compile(pattern)

    def read(value: str) -> str:
        if len(value) > _LONGEST_TOKENS or not form.fullmatch(value):
            raise ValueError
        return value

    schema = {"type": "string", "pattern": pattern, "maxLength": _LONGEST_TOKENS}
    return Kind(allowed, schema, read)


def truth() -> Kind:
    """True or false; without a value, true."""

    def read(value: str) -> bool:
        try:
            return _TRUTHS[value.lower()]
        except KeyError:
            raise ValueError from None

    return Kind("true or false (or 1 or 0)", {"type": "boolean"}, read)


def moment() -> Kind:
    """A date or a moment, as days from 1970; what names no zone is in UTC."""

    def read(value: str) -> float:
        # A plus that stands for itself was decoded to a space.
        found = datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value)
        if not _DATE.match(value.strip()):
            raise ValueError
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return (found - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1)

    allowed = "a date such as 2024-05-31, or a moment such as 2024-05-31T18:00:00Z"
    return Kind(allowed, {"type": "string", "examples": ["2024-05-31"]}, read)


def period() -> Kind:
    """A number of days, weeks, months or years."""

    def read(value: str) -> Period:
        match = _PERIOD.fullmatch(value.strip())
        if match is None or not int(match[1]):
            raise ValueError
        return Period(int(match[1]), match[2].lower())

    schema = {"type": "string", "pattern": r"^\s*[0-9]{1,4}\s*(day|week|month|year)s?\s*$"}
    return Kind("a number of days, weeks, months or years, such as 6 months", schema, read)


def choice(names: tuple[str, ...]) -> Kind:
    """One of some words."""

    def read(value: str) -> str:
        if value not in names:
            raise ValueError
        return value

    return Kind(f"one of {', '.join(names)}", {"type": "string", "enum": list(names)}, read)


def choices(names: tuple[str, ...]) -> Kind:
    """Some of some words, in an order, separated by commas; never one twice."""

    def read(value: str) -> tuple[str, ...]:
        chosen = tuple(part.strip() for part in value.split(","))
        if len(set(chosen)) != len(chosen) or not set(chosen) <= set(names):
            raise ValueError
        return chosen

    some = "|".join(names)
    schema = {"type": "string", "pattern": f"^({some})(,({some}))*$"}
    return Kind(f"one or more of {', '.join(names)}, separated by commas", schema, read)
