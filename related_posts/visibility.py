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
    "hidden": "hidden",
    "unlisted": "hidden",
    "future": "scheduled",
    "scheduled": "scheduled",
    "trash": "trashed",
    "trashed": "trashed",
    "deleted": "trashed",
}
#: The same of ``visibility``.
NOT_VISIBLE = {
    "private": "private",
    "hidden": "hidden",
    "unlisted": "hidden",
    "password": "password-protected",
    "members": "members only",
    "paid": "members only",
    "tiers": "members only",
    "subscribers": "members only",
}

#: Words that stand for yes and no where a writer has only text.
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


def is_yes(value: object) -> bool:
    """Whether a value says yes."""
    return value is True or (isinstance(value, (str, int)) and _word(value) in _YES)


def is_no(value: object) -> bool:
    """Whether a value says no; an absent one does not."""
    return value is False or (
        isinstance(value, (str, int)) and not isinstance(value, bool) and _word(value) in _NO
    )


#: Members that decide it.
PRIVACY = ("status", "draft", "password")


def not_public(content: Mapping[str, Any]) -> str | None:
    """Why a post must not be shown, in a word, or None.

    A date that is still to come is not looked at here: that takes the post itself.
    """
    for name, reasons in (("status", NOT_PUBLIC), ("visibility", NOT_VISIBLE)):
        value = content.get(name)
        if isinstance(value, str) and (reason := reasons.get(value.strip().lower())):
            return reason
    # ``published`` may say whether instead of when.
    if is_yes(content.get("draft")) or is_no(content.get("published")):
        return "draft"
    if is_yes(content.get("private")):
        return "private"
    return "password-protected" if content.get("password") else None


def _word(value: str | int) -> str:
    return str(value).strip().lower()
