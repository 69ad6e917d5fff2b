"""A rule: one decision of the blog's people about which posts are shown where."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from related_posts import fields
from related_posts.errors import InvalidQueryError, PostError
from related_posts.nearest import nearest
from related_posts.schema import utc

#: What a rule can say; see ``Rule``.
KINDS = ("pin", "block", "mute", "cornerstone")

#: The last place a pin can have: lists are not longer.
MAX_POSITION = 50

#: Longest note, in characters.
MAX_NOTE = 500

_MEMBERS = ("kind", "post", "under", "position", "until", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One decision.

    Attributes:
        kind: ``pin``: the post stands in a list at a place. ``block``: it is not in a
            list. ``mute``: the post itself shows no list. ``cornerstone``: the post
            has a place in lists where it is related.
        post: Id of the post that the rule is about.
        under: Id of the post whose list it is, or empty for every list; only for
            ``pin`` and ``block``.
        position: Place in the list, from 1; only for ``pin``.
        until: The rule holds before this moment; None for ever.
        note: Why, for colleagues; never shown to readers.
    """

    kind: str
    post: str
    under: str = ""
    position: int = 1
    until: datetime | None = None
    note: str = ""

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name the rule: two that differ in them are two rules.

        They depend on ``kind``, ``post`` and ``under``, so the same decision made again
        replaces the first.
        """
        named = "\0".join((self.kind, self.post, self.under))
        return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        """The rule as it is answered and stored, its id first."""
        content: dict[str, Any] = {"id": self.id, "kind": self.kind, "post": self.post}
        if self.kind in ("pin", "block"):
            content["under"] = self.under or None
        if self.kind == "pin":
            content["position"] = self.position
        until = None if self.until is None else utc(self.until)
        return {**content, "until": until, "note": self.note}


def rule_from_json(content: object) -> Rule:
    """A rule from a JSON object, checked.

    Args:
        content: ``kind`` and ``post``, and what else ``Rule`` has; ``under`` null or
            absent stands for every list, an ``id`` is passed over.

    Raises:
        InvalidQueryError: A member is missing, unknown, does not fit, or does not
            belong to this kind.
    """
    if not isinstance(content, Mapping):
        raise InvalidQueryError("rule", fields.shown(content), "a JSON object")
    for name in content:
        if name not in (*_MEMBERS, "id"):
            near = nearest(str(name), _MEMBERS)
            hint = f"did you mean {near}? " if near else ""
            listed = f"Known are {', '.join(_MEMBERS)}"
            fault = f"is no member of a rule; {hint}{listed}"
            raise InvalidQueryError(str(name)[:40], "", f"left out. {listed}", fault)
    kind = content.get("kind")
    if kind not in KINDS:
        raise InvalidQueryError("kind", _shown(kind), f"one of {', '.join(KINDS)}")
    if content.get("under") is not None and kind not in ("pin", "block"):
        raise InvalidQueryError("under", _shown(content["under"]), f"left out of a {kind}")
    if content.get("position") is not None and kind != "pin":
        raise InvalidQueryError("position", _shown(content["position"]), f"left out of a {kind}")
    rule = Rule(
        kind=kind,
        post=_id("post", content.get("post")),
        under="" if content.get("under") is None else _id("under", content["under"]),
        position=_position(content.get("position")),
        until=_until(content.get("until")),
        note=_note(content.get("note")),
    )
    if rule.post == rule.under:
        raise InvalidQueryError("under", rule.under, "another post: none is in its own list")
    return rule


def check_end(rule: Rule, now: datetime) -> None:
    """Refuse a new rule that would never hold.

    Args:
        rule: The rule.
        now: The aware present.

    Raises:
        InvalidQueryError: ``until`` is over.
    """
    if rule.until is not None and rule.until <= now:
        allowed = "a moment still to come: a rule that has ended would never hold"
        raise InvalidQueryError("until", utc(rule.until), allowed)


def _shown(value: object) -> str:
    return value[: fields.SHOWN_CHARACTERS] if isinstance(value, str) else fields.shown(value)


def _id(name: str, value: object) -> str:
    try:
        return fields.identifier(name, value)
    except PostError:
        allowed = f"a post's id: 1 to {fields.MAX_ID_CHARACTERS} characters, none of control"
        raise InvalidQueryError(name, _shown(value), allowed) from None


def _position(value: object) -> int:
    if value is None:
        return 1
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_POSITION:
        allowed = f"a whole number from 1 to {MAX_POSITION}"
        raise InvalidQueryError("position", _shown(value), allowed)
    return value


def _until(value: object) -> datetime | None:
    try:
        return fields.moment("until", value)
    except PostError:
        allowed = "a date such as 2027-01-31T10:00:00Z or 2027-01-31, or null"
        raise InvalidQueryError("until", _shown(value), allowed) from None


def _note(value: object) -> str:
    try:
        note = fields.line("note", value)
    except PostError:
        note = None
    if note is None or len(note) > MAX_NOTE:
        allowed = f"text of at most {MAX_NOTE} characters"
        raise InvalidQueryError("note", _shown(value), allowed)
    return note
