"""What is decided at one moment: every rule, and every post that was withdrawn.

The archive holds it; a copy lies in the data folder in one file, which services
read. The file is a SHA-256 on a line of its own and the JSON that it is of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from related_posts.curation.rules import Rule, rule_from_json
from related_posts.errors import InvalidQueryError, StorageError
from related_posts.sealed import document, seal

#: The file's name in the data folder.
OVERLAY_FILE = "overlay"

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class State:
    """Rules and withdrawals.

    Attributes:
        revision: Number of the archive's last change; it only rises.
        rules: Every rule, in the order in which they were made.
        withdrawn_ids: Ids of posts that must not be seen in any version, ascending.
        withdrawn_urls: Addresses of such posts, ascending.
    """

    revision: int = 0
    rules: tuple[Rule, ...] = ()
    withdrawn_ids: tuple[str, ...] = ()
    withdrawn_urls: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The file's content."""
        content = orjson.dumps(
            {
                "format": _FORMAT,
                "revision": self.revision,
                "rules": [rule.to_json() for rule in self.rules],
                "withdrawn_ids": self.withdrawn_ids,
                "withdrawn_urls": self.withdrawn_urls,
            }
        )
        return seal(content)


def read_state(data: Path) -> State:
    """The state that lies in a data folder; an empty one where there is no file.

    Raises:
        StorageError: The file cannot be read, is damaged, or of a newer release.
    """
    path = data / OVERLAY_FILE
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return State()
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}); {_ADVICE}") from error
    found = document(path, content, _FORMAT, _ADVICE)
    try:
        return State(
            revision=found["revision"],
            rules=tuple(map(rule_from_json, found["rules"])),
            withdrawn_ids=tuple(found["withdrawn_ids"]),
            withdrawn_urls=tuple(found["withdrawn_urls"]),
        )
    except (InvalidQueryError, KeyError, TypeError) as error:
        raise StorageError(f"{path} is damaged; {_ADVICE}") from error


_ADVICE = "`related-posts curate list` writes it anew from the archive"
