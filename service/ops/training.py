"""How training is, by the files that it leaves in the data folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from related_posts.errors import StorageError
from related_posts.ledger import read_ledger
from related_posts.status import is_watched, read_status


@dataclass(frozen=True, slots=True)
class Training:
    """What is worth an alert.

    Attributes:
        held: Kind to the number of versions held back.
        limits: Setting of the gate to the number of versions held back because of it.
        rollback: Whether a rollback is in force.
        failing: Whether what the worker tried last failed.
        watched: Whether a worker runs.
    """

    held: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    rollback: bool = False
    failing: bool = False
    watched: bool = False

    @classmethod
    def of(cls, data: Path) -> Self:
        """How it is now; damaged files count as failing."""
        watched = is_watched(data)
        try:
            ledger, status = read_ledger(data), read_status(data) or {}
        except StorageError:
            return cls(failing=True, watched=watched)
        held = Counter(str(why.kind) for why in ledger.held.values())
        limits = Counter(limit for why in ledger.held.values() for limit in why.limits)
        failing = status.get("last_error") is not None
        return cls(held, limits, ledger.rollback is not None, failing, watched)
