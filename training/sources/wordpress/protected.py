"""Posts with a password, where WordPress shows its form in place of their text.

Its interface, export and database say which posts have a password. Its feeds and pages do
not: they name such posts beside the others.
"""

from __future__ import annotations

import re

# By its class, or where it leads to: plugins and translations change all else.
_FORM = re.compile(
    r"<form\b[^<>]{0,4000}(?:\bpost-password-form\b|\baction=postpass\b)", re.IGNORECASE
)


def asks_for_password(html: str) -> bool:
    """Whether a post's HTML, or a whole page's, holds the form that asks for its password."""
    return _FORM.search(html) is not None
