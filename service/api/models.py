"""Bodies of requests and answers as models: requests are checked by them, all are documented."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

#: Most posts of one batch.
MAX_BATCH = 1_000
#: Most tags or categories of a text.
MAX_LABELS = 100
_LONGEST_NAME = 4_096

Name = Annotated[str, Field(max_length=_LONGEST_NAME)]


class _Sent(BaseModel):
    """What a client sends: nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Draft(_Sent):
    """A text that is no post yet, for which posts are looked for."""

    title: str = Field("", description="Its title, as plain text.", examples=["A first rye loaf"])
    html: str = Field("", description="Its body as HTML.", examples=["<p>Rye and water.</p>"])
    text: str = Field("", description="Its body as plain text; both bodies count if both are sent.")
    tags: list[Name] = Field([], max_length=MAX_LABELS, description="Names of its tags.")
    categories: list[Name] = Field([], max_length=MAX_LABELS, description="Of its categories.")
    author: Name = Field("", description="Its author, for same_author and the fallback author.")
    language: Annotated[str, Field(max_length=100)] = Field(
        "", description="A BCP 47 tag; detected where it is not stated.", examples=["en"]
    )
    published: datetime | None = Field(
        None, strict=False, description="When it was or will be published; UTC without a zone."
    )
    id: Name | None = Field(None, description="Its id, if it has one: that post is left out.")
    url: str | None = Field(None, description="Its address, to the same end.")


class Address(_Sent):
    """Which post is meant; exactly one of the three."""

    id: str | None = Field(None, min_length=1, description="Its id.")
    url: str | None = Field(None, min_length=1, description="Its URL, however it is written.")
    slug: str | None = Field(None, min_length=1, description="Its slug.")


class Batch(_Sent):
    """Posts asked about together."""

    posts: list[Address | Annotated[str, Field(min_length=1)]] = Field(
        max_length=MAX_BATCH,
        description="The posts, each by its id or as an object that names id, url or slug.",
        examples=[["/2016/02/a-starter-from-nothing/", {"url": "/2016/11/rye-is-not-wheat/"}]],
    )


class Image(BaseModel):
    """A post's picture."""

    src: str = Field(description="Its address, as the blog has it.")
    width: int | None = Field(description="In pixels; null where unknown.")
    height: int | None = Field(description="In pixels; null where unknown.")
    alt: str = Field(description="What it shows, in words; may be empty.")


def _may_be_left_out(schema: dict[str, Any]) -> None:
    """The parameter ``fields`` leaves members out: none is required then."""
    schema.pop("required", None)


class Series(BaseModel):
    """The series that a post is a part of."""

    name: str = Field(description="What the titles of its parts have in common.")
    part: int = Field(description="Which part the post is.")
    parts: int = Field(description="The highest part there is.")


class Post(BaseModel):
    """What is shown of a post; the parameter fields leaves members out."""

    model_config = ConfigDict(json_schema_extra=_may_be_left_out)

    id: str = Field(description="The publisher's own identifier.")
    url: str = Field(description="Where readers find it.")
    title: str = Field(description="Plain text; may be empty.")
    excerpt: str = Field(description="Plain text; may be empty.")
    published: str | None = Field(description="RFC 3339, in UTC, to the second.")
    author: str = Field(description="Display name; may be empty.")
    image: Image | None = Field(description="The picture shown with it; null for none.")
    tags: list[str] = Field(description="Names, in the author's order.")
    categories: list[str] = Field(description="Names, in the author's order.")
    language: str = Field(description="A BCP 47 tag; may be empty.")
    series: Series | None = Field(None, description="Only where the post is a part of one.")


class Term(BaseModel):
    """A term that both texts have."""

    term: str = Field(description="The word, or the pair of words, as texts write it.")
    share: float = Field(description="Its part of the similarity, from 0 to 1.")
    by_link: str = Field(
        description="Which of the two has it by its links alone: the post asked about (post), "
        "this one (item), or both; empty for neither."
    )


class Explained(BaseModel):
    """Why an item matches."""

    terms: list[Term] = Field(description="The terms that add most, those first.")
    n_terms: int = Field(description="How many terms both have.")
    linked: str = Field(
        description="Whether the post asked about links to this one (to), is linked from it "
        "(from), or both; empty for neither. Links make vectors more alike."
    )
    same_series: bool = Field(description="Whether both are parts of one series.")
    days_apart: float | None = Field(description="Days between both, or null.")
    time_factor: float = Field(description="How much nearness in time raised the score.")
    title_factor: float = Field(description="How much words of the titles raised it.")
    damping: float = Field(description="How much the post is held back on all lists.")


class Item(Post):
    """A post in a list."""

    similarity: float | None = Field(description="Cosine, from 0 to 1; null for no match.")
    score: float | None = Field(description="What matches are ordered by, 0 to 1; null for none.")
    reason: str | None = Field(None, description="Why it is there, where it is no plain match.")
    explanation: Explained | None = Field(
        None, description="With explain, or named in fields, of a match."
    )


class Versioned(BaseModel):
    """What every answer says of itself."""

    version: str = Field(description="The version of the index that answered.")


class Related(Versioned):
    """Related posts of one post or text."""

    post: Post | None = Field(description="The post asked about; null for a text or an unknown.")
    items: list[Item] = Field(description="What to show with it, best first.")


class One(Versioned):
    """One post."""

    post: Post = Field(description="The post.")


class Listed(Versioned):
    """A page of a list of posts."""

    total: int = Field(description="How many posts there are on all pages.")
    items: list[Post] = Field(
        description="The posts of this page, in the order that was asked for."
    )


class Found(Versioned):
    """A page of what a search found."""

    total: int = Field(description="How many posts were found.")
    items: list[Item] = Field(description="What was found for this page, best first.")


class Problem(BaseModel):
    """An error, RFC 9457."""

    type: str = Field(description="A URN that stands for the kind of problem; it stays.")
    title: str = Field(description="The kind in words, for people.")
    status: int = Field(description="The answer's status.")
    detail: str = Field(description="What is wrong in this case, and what to do; for people.")
    instance: str | None = Field(None, description="The address that was asked for.")
    parameter: str | None = Field(None, description="The parameter that does not fit.")
    value: str | None = Field(None, description="What it was, cut.")
    allowed: str | None = Field(None, description="What it must be.")
    member: str | None = Field(None, description="The member of the body that does not fit.")


class Result(BaseModel):
    """One post of a batch: its list, or why there is none."""

    post: Post | None = Field(None, description="The post asked about.")
    items: list[Item] | None = Field(None, description="What to show with it, best first.")
    problem: Problem | None = Field(
        None, description="Why there is no list; the other members are absent then."
    )


class Results(Versioned):
    """The answers of a batch, in the order they were asked in."""

    results: list[Result] = Field(description="One for each post of the request, in its order.")


class Score(BaseModel):
    """A related post in a line of the export."""

    id: str = Field(description="The related post's id.")
    score: float | None = Field(description="What the list is ordered by; null for no match.")
    reason: str | None = Field(None, description="Why it is there, where it is no plain match.")


class Line(BaseModel):
    """One line of the export."""

    id: str = Field(description="The post's id.")
    related: list[Score] = Field(description="What to show with it, best first.")
