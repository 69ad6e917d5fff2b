"""The known name that was probably meant by an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: Least share of equal letters; below it are names that mean something else.
SIMILAR = 0.75
#: Longer names are compared by their beginning: comparing takes quadratic time.
_MOST_CHARS = 40


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like another one; None where none is like it.

    Args:
        name: What somebody wrote.
        known: Names there are; of equally similar ones the first by code points counts.
    """
    found = difflib.get_close_matches(name[:_MOST_CHARS], sorted(known), n=1, cutoff=SIMILAR)
    return found[0] if found else None
