"""What a feed says, whichever of its formats it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry's raw fields; empty where it does not say.

    Attributes:
        id: The feed's identifier of it, or empty.
        link: Where readers find it; absolute wherever the feed or its address say how.
        title: Plain text.
        html: The body in full, or empty where the feed has only a summary.
        summary: The summary as HTML; of its author or cut off from the body.
        tags: Names in order.
        author: Display name.
        language: Language tag as the entry says it.
        published: Aware moment, or None.
        updated: Aware moment, or None.
        pictures: ``src``, ``width``, ``height`` and ``alt``, the best first.
        is_draft: Not to be shown (``app:draft``).
    """

    id: str = ""
    link: str = ""
    title: str = ""
    html: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    language: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    pictures: tuple[Mapping[str, Any], ...] = ()
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole feed document.

    Attributes:
        kind: ``rss20``, ``atom10``, ``json``, …
        link: The blog's own address, or empty.
        language: Language tag of the feed, or empty.
        author: The author of entries that name none.
        generator: The program that wrote it, in lower case, or empty.
        next_url: Where older entries are, or empty.
        entries: In the order of the feed.
    """

    kind: str
    link: str = ""
    language: str = ""
    author: str = ""
    generator: str = ""
    next_url: str = ""
    entries: list[Entry] = field(default_factory=list)
