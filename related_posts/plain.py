"""Titles and names as plain text."""

from __future__ import annotations

import re
from html import unescape

_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|big|br|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|small|span|strike|"
    r"strong|sub|sup|tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


def plain_title(title: str) -> str:
    """A title or name as plain text.

    WordPress keeps it as HTML, and exports before 5.7 escape it once more than the
    file needs: formatting goes, entities are resolved once. What only looks like a
    tag stays (``Vec<T>``, ``a < b``).
    """
    if "<" in title:
        title = _INLINE_TAG.sub("", title)
    return " ".join(unescape(title).split())
