"""The ledger: which versions were live, and which wait and why.

It is one small file beside the pointer. The pointer alone decides what is served; where
the two disagree, after a crash between them or a pointer moved by hand, the pointer is
right and the ledger is read accordingly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import orjson

from related_posts.errors import StorageError
from related_posts.files import read_small, reading
from related_posts.sealed import document, seal

#: The file's name in the data folder.
LEDGER_FILE = "ledger"

#: Why a version waits: asked not to publish it; the gate; a rollback before it was built;
#: it was rolled back itself.
Kind = Literal["asked", "gate", "rollback", "rolled-back"]

_FORMAT = 1
_LIMIT_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Held:
    """A version that was not published, or not any more.

    Attributes:
        kind: Why, for programs.
        reason: Why, in a sentence without its full stop.
        since: The aware moment from which on.
        limits: The settings of the gate that were passed, where it was the gate.
    """

    kind: Kind
    reason: str
    since: datetime
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollback:
    """A rollback in force: trainings keep what they build until somebody publishes.

    Attributes:
        left: The version that was live before.
        at: The aware moment.
    """

    left: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """What happened to the versions.

    Attributes:
        published: Versions that were live, each once, the live one last.
        held: Version to why it waits.
        rollback: The rollback in force, or None.
    """

    published: tuple[str, ...] = ()
    held: Mapping[str, Held] = field(default_factory=dict)
    rollback: Rollback | None = None

    def with_live(self, name: str | None) -> Self:
        """As it is where a version is live, whatever the ledger said of it."""
        if name is None:
            return self
        others = tuple(each for each in self.published if each != name)
        held = {each: why for each, why in self.held.items() if each != name}
        return replace(self, published=(*others, name), held=held)

    def with_held(self, name: str, held: Held) -> Self:
        """With one more version that waits."""
        return replace(self, held={**self.held, name: held})

    def without(self, names: frozenset[str]) -> Self:
        """As if some versions had never been."""
        return replace(
            self,
            published=tuple(each for each in self.published if each not in names),
            held={each: why for each, why in self.held.items() if each not in names},
        )

    def to_bytes(self) -> bytes:
        """The file's content."""
        rollback = self.rollback and {"left": self.rollback.left, "at": self.rollback.at}
        held = {
            name: {
                "kind": why.kind,
                "reason": why.reason,
                "since": why.since,
                "limits": why.limits,
            }
            for name, why in self.held.items()
        }
        members = {"published": self.published, "held": held, "rollback": rollback}
        return seal(orjson.dumps({"format": _FORMAT, **members}))


def read_ledger(data: Path) -> Ledger:
    """The ledger of a data folder; an empty one where there is no file.

    Raises:
        StorageError: The file cannot be read, is damaged, or of a newer release.
    """
    path = data / LEDGER_FILE
    with reading(path):
        try:
            content = read_small(path, _LIMIT_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return Ledger()
    found = document(path, content, _FORMAT, _ADVICE)
    try:
        return _from_json(found)
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{path} is damaged; {_ADVICE}") from error


def _from_json(document: Mapping[str, Any]) -> Ledger:
    rollback = document["rollback"]
    return Ledger(
        published=tuple(document["published"]),
        held={
            name: Held(
                why["kind"],
                why["reason"],
                _moment(why["since"]),
                tuple(map(str, why.get("limits", ()))),
            )
            for name, why in document["held"].items()
        },
        rollback=rollback and Rollback(rollback["left"], _moment(rollback["at"])),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_ADVICE = "`related-posts publish VERSION` writes it anew"
