"""When a request is tried again, and after how long."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Answers that may be better a little later.
PASSING = frozenset({429, 500, 502, 503, 504})

#: Longest wait that a server may ask for, in seconds; one that wants more is given up.
MAX_RETRY_AFTER_SECONDS = 300.0

#: First and longest wait where the server does not say, in seconds.
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0


def backoff_seconds(attempt: int) -> float:
    """The wait before another attempt: doubling, and a random half of it less.

    Args:
        attempt: How many attempts failed, from 1.

    The randomness keeps clients that failed together from coming back together.
    """
    whole = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** (attempt - 1))
    return whole * random.uniform(0.5, 1.0)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What ``Retry-After`` asks for, in seconds and not negative, or None.

    A date is compared with the answer's own ``Date``, so that a clock that goes
    wrong on either side does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", value, re.ASCII):
        return float(value)
    then = _moment(value)
    if then is None:
        return None
    now = _moment(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (then - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
