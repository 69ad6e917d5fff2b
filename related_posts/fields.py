"""Clean one field of a post: forgiving where that is safe, strict where it matters.

Every function takes the field's name for its message and raises PostError, which
names the field, the value (shortened) and what is allowed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin, urlsplit

from related_posts.errors import PostError

#: Longest value shown in a message, in characters.
SHOWN_CHARACTERS = 80

#: Longest id and URL, in characters; what is longer does not fit a request line.
MAX_ID_CHARACTERS = 2_000
MAX_URL_CHARACTERS = 8_000

#: Deepest nesting of ``extra``. A parser goes deeper than a writer can follow.
MAX_DEPTH = 64

#: Years a post may be dated, first and last; others are mistakes or placeholders.
YEARS = (1000, 2999)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:(?:[Tt]| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r" *(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def shown(value: object) -> str:
    """A value as a message shows it, at most ``SHOWN_CHARACTERS`` long."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "an array"
    text = repr(value[: SHOWN_CHARACTERS + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def refuse(name: str, value: object, allowed: str) -> PostError:
    """The error for a value that does not fit."""
    return PostError(f"{name} is {shown(value)}; it must be {allowed}")


def text(name: str, value: object) -> str:
    """A string as it is, with what no text can hold replaced by U+FFFD.

    NUL and lone surrogates are replaced, as an HTML parser does. A number is
    taken as its digits; null is the empty string.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise refuse(name, value, "a string")
    if not isinstance(value, str):
        return str(value)
    return _replace_surrogates(value).replace("\0", "\ufffd")


def line(name: str, value: object) -> str:
    """Plain text on one line: white space is collapsed and stripped."""
    return " ".join(text(name, value).split())


def identifier(name: str, value: object) -> str:
    """A publisher's identifier: never empty, without control characters.

    A whole number is taken as its digits; white space around it is not part of it.
    """
    allowed = f"a string or whole number of 1 to {MAX_ID_CHARACTERS} characters"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise refuse(name, value, allowed)
    cleaned = _replace_surrogates(str(value).strip())
    if not cleaned or len(cleaned) > MAX_ID_CHARACTERS:
        raise refuse(name, value, allowed)
    if _CONTROL.search(cleaned):
        raise refuse(name, value, "free of control characters")
    return cleaned


def url(name: str, value: object, base: str = "") -> str:
    """A web address: absolute with http or https, or starting with ``/``.

    Spaces are percent-encoded, ``//host/path`` becomes https. Whatever another
    scheme could run (``javascript:``) or a browser reads as another host is refused.

    Args:
        name: The field, for messages.
        value: The address.
        base: Where a relative address starts from; empty refuses relative ones.
    """
    allowed = "an http(s) URL or a path that starts with /"
    if not isinstance(value, str) or not value.strip():
        raise refuse(name, value, allowed)
    cleaned = _replace_surrogates(value.strip()).replace(" ", "%20")
    if _CONTROL.search(cleaned) or len(cleaned) > MAX_URL_CHARACTERS:
        limit = f"{allowed}, at most {MAX_URL_CHARACTERS} characters, no control character"
        raise refuse(name, value, limit)
    try:
        if base and not cleaned.startswith("/") and not _SCHEME.match(cleaned):
            cleaned = urljoin(base, cleaned)
        if cleaned.startswith("//"):
            cleaned = f"https:{cleaned}"
        parts = urlsplit(cleaned)
        is_absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        raise refuse(name, value, allowed) from None
    # Browsers read a backslash as a slash, so that /\host is another host.
    is_path = cleaned.startswith("/") and not cleaned.startswith("/\\")
    if not is_absolute and not is_path:
        raise refuse(name, value, allowed)
    return cleaned


def names(name: str, value: object) -> tuple[str, ...]:
    """Tags or categories, in order and without duplicates.

    An array of strings, or one string split at ``|``, or at commas where it has none.
    """
    if isinstance(value, str):
        value = value.split("|" if "|" in value else ",")
    return _unique(line(place, one) for place, one in _entries(name, value))


def identifiers(name: str, value: object) -> tuple[str, ...]:
    """Ids, in order and without duplicates; a single one may stand without its array."""
    return _unique(identifier(place, one) for place, one in _entries(name, value) if one != "")


def urls(name: str, value: object, base: str) -> tuple[str, ...]:
    """Web addresses, in order and without duplicates; a single one may stand alone."""
    return _unique(url(place, one, base) for place, one in _entries(name, value) if one != "")


def language(name: str, value: object) -> str:
    """A BCP 47 tag in lower case; ``pt_BR.UTF-8`` becomes ``pt-br``."""
    tag = re.split("[.@]", line(name, value).lower().replace("_", "-"), maxsplit=1)[0]
    if tag and not _LANGUAGE.fullmatch(tag):
        raise refuse(name, value, "a language tag such as en or pt-br")
    return tag


def moment(name: str, value: object) -> datetime | None:
    """An aware moment in UTC, or None for null, the empty string and a zero date.

    RFC 3339 (``2020-01-31T10:00:00Z``), a day alone, or ``2020-01-31 10:00:00 +0900``
    as many exports write it; one without a zone is taken as UTC.
    """
    allowed = "a date such as 2020-01-31T10:00:00Z or 2020-01-31"
    if value is None or value == "":
        return None
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse(name, value, allowed)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if year == "0000":
        return None
    # A leap second is a moment that Python's clock does not have.
    second = "59" if second == "60" else second
    parts = (int(part or 0) for part in (year, month, day, hour, minute, second))
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        local = datetime(*parts, microsecond=micros, tzinfo=_zone(zone))  # type: ignore[arg-type, misc]  # six ints
        result = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(name, value, f"{allowed} that exists") from None
    if not YEARS[0] <= result.year <= YEARS[1]:
        raise refuse(name, value, f"within the years {YEARS[0]} to {YEARS[1]}")
    return result


def pixels(name: str, value: object) -> int | None:
    """A width or height in CSS pixels, or None where it says nothing of use."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise refuse(name, value, "a whole number of pixels")
    found = re.fullmatch(r"(\d{1,6})(?:\.0*)?(?:px)?", str(value).strip(), re.ASCII)
    return (int(found[1]) or None) if found else None


def json_value(name: str, value: object, depth: int = 0) -> Any:
    """A value as JSON can hold it, at most ``MAX_DEPTH`` deep.

    NaN and infinities become null, whole numbers beyond 64 bits floating point,
    dates their ISO form, keys strings.
    """
    if depth > MAX_DEPTH:
        raise PostError(f"{name} is nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(name, value)
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else json_value(name, _as_float(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {
            text(name, str(key)): json_value(name, one, depth + 1) for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [json_value(name, one, depth + 1) for one in value]
    raise PostError(f"{name} is a {type(value).__name__}; it must be JSON")


def _replace_surrogates(value: str) -> str:
    """A string that UTF-8 can hold; encoding is the fast way to find out."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", value)
    return value


def _entries(name: str, value: object) -> list[tuple[str, object]]:
    """The entries of an array with a name for each, leaving out null ones."""
    if value is None:
        return []
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise refuse(name, value, "an array of strings")
    return [(f"{name}[{place}]", one) for place, one in enumerate(value) if one is not None]


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))


def _zone(zone: str | None) -> timezone:
    if not zone or zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone[0] == "-" else offset)


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
