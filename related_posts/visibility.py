"""Whether a post that somebody hands over may be shown, by what its own JSON says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Values of ``status`` that mean a post is not public, with the reason reported.
NOT_PUBLIC = {
    "draft": "draft",
    "auto-draft": "draft",
    "pending": "pending",
    "private": "private",
    "future": "scheduled",
    "scheduled": "scheduled",
    "trash": "trashed",
    "trashed": "trashed",
    "deleted": "trashed",
}


def not_public(content: Mapping[str, Any]) -> str | None:
    """Why a post must not be shown, in a word, or None.

    A date that is still to come is not looked at here: that takes the post itself.
    """
    status = content.get("status")
    if isinstance(status, str) and (reason := NOT_PUBLIC.get(status.strip().lower())):
        return reason
    if content.get("draft") is True:
        return "draft"
    return "password-protected" if content.get("password") else None
