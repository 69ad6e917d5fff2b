"""What something is that was read as a post and is none that could be shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A post that is broken: reported, and its old row in the archive stays.

    Attributes:
        place: Where it is, as a person would look for it: ``posts.jsonl line 12``,
            ``export.xml item 7``, ``_posts/2020-01-01-a.md line 3``.
        reason: What is wrong with it, naming field and value.
        post_id: The post's id where it could be read. Without it nobody can tell
            whose old row to keep, so nothing of this source is deleted in this read.
    """

    place: str
    reason: str
    post_id: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something whole that must not be shown, so it is not in the archive.

    Attributes:
        place: Where it is, as for a problem.
        reason: One or two words that can be counted: ``draft``, ``private``,
            ``password-protected``, ``scheduled``, ``trashed``, ``page``.
        post_id: Its id where it has one; a row that an earlier read made of it goes.
    """

    place: str
    reason: str
    post_id: str | None = None
