"""Answers as objects; members that a later release adds are passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Image:
    """A post's picture; sizes in pixels or None."""

    src: str
    width: int | None
    height: int | None
    alt: str


@dataclass(frozen=True, slots=True)
class Series:
    """The series that a post is a part of: its name, which part, and the highest there is."""

    name: str
    part: int
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is shown of a post; what ``fields`` left out is empty or None."""

    id: str = ""
    url: str = ""
    title: str = ""
    excerpt: str = ""
    published: datetime | None = None
    author: str = ""
    image: Image | None = None
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    series: Series | None = None

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the JSON of an answer."""
        return cls(**_members(content))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item matches.

    Attributes:
        terms: Terms that both have with their share of the similarity, greatest first.
        n_terms: How many terms both have.
        days_apart: Days between both, or None.
        time_factor: How much nearness in time raised the score.
        title_factor: How much words of the titles did.
        linked: Whether the post asked about links to this one (``to``), the other way round
            (``from``), or both; empty for neither.
        same_series: Whether both are parts of one series.
        damping: How much the item was held back, from 0 to 1; 1 is not at all.
    """

    terms: tuple[tuple[str, float], ...]
    n_terms: int
    days_apart: float | None
    time_factor: float
    title_factor: float
    linked: str
    same_series: bool
    damping: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Post):
    """A post in a list.

    Attributes:
        similarity: Cosine, from 0 to 1; None for no match.
        score: What the list is ordered by, from 0 to 1; None for no match.
        reason: Why it is there, where it is no plain match.
        explanation: With ``explain``, of a match.
    """

    similarity: float | None = None
    score: float | None = None
    reason: str | None = None
    explanation: Explanation | None = None

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the JSON of an answer."""
        why = content.get("explanation")
        return cls(
            **_members(content),
            similarity=content.get("similarity"),
            score=content.get("score"),
            reason=content.get("reason"),
            explanation=None
            if why is None
            else Explanation(
                tuple((term["term"], term["share"]) for term in why["terms"]),
                why["n_terms"],
                why["days_apart"],
                why["time_factor"],
                why["title_factor"],
                why["linked"],
                why["same_series"],
                why["damping"],
            ),
        )


@dataclass(frozen=True, slots=True)
class Related:
    """The posts to show with one: the version that answered, the post asked about, the list."""

    version: str
    post: Post | None
    items: tuple[Item, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any], version: str = "") -> Self:
        """From the JSON of an answer."""
        post = content.get("post")
        return cls(
            content.get("version", version),
            Post.of(post) if post else None,
            tuple(map(Item.of, content["items"])),
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one post of a batch has no list: the stable kind of the problem, and what it says."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list.

    Attributes:
        version: The version that answered.
        total: How many there are on all pages.
        items: Those on this one.
    """

    version: str
    total: int
    items: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the export: a post's id, and ids with scores of its related posts."""

    id: str
    related: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a change.

    Attributes:
        id: The id under which the post is kept.
        result: ``added``, ``changed``, ``unchanged`` or ``withdrawn``.
        reason: Why it is hidden; ``unknown`` where what shall go was never there.
        etag: The tag of the post as it is kept now; empty where it is not kept.
    """

    id: str
    result: str
    reason: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A post as it is kept.

    Attributes:
        post: As in ``docs/jsonl.md``; it can be changed and written again.
        etag: Its tag, which a write may name as the state that it replaces.
    """

    post: dict[str, Any]
    etag: str


@dataclass(frozen=True, slots=True)
class BulkTaken:
    """What came of many lines; ``errors`` are line, id and what is wrong, the first thousand."""

    lines: int
    added: int
    changed: int
    unchanged: int
    withdrawn: int
    failed: int
    errors: tuple[tuple[int, str | None, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision about lists; see ``docs/curation.md``."""

    id: str
    kind: str
    post: str
    under: str | None
    position: int | None
    until: datetime | None
    note: str
    unknown: tuple[str, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the JSON of an answer."""
        return cls(
            content["id"],
            content["kind"],
            content["post"],
            content.get("under"),
            content.get("position"),
            _moment(content.get("until")),
            content.get("note", ""),
            tuple(content.get("unknown", ())),
        )


def _members(content: Mapping[str, Any]) -> dict[str, Any]:
    image, series = content.get("image"), content.get("series")
    texts = ("id", "url", "title", "excerpt", "author", "language")
    return {
        **{name: content.get(name, "") for name in texts},
        "published": _moment(content.get("published")),
        "tags": tuple(content.get("tags", ())),
        "categories": tuple(content.get("categories", ())),
        "image": Image(image["src"], image["width"], image["height"], image["alt"])
        if image
        else None,
        "series": Series(series["name"], series["part"], series["parts"]) if series else None,
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
