"""What the drop-in routes answer, as models: WordPress's own forms, and its errors.

They describe; the answers are made by ``service.compat``. A test holds the two to each other.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel


def _may_be_left_out(schema: dict[str, Any]) -> None:
    """The parameter ``_fields`` leaves members out: none is required then."""
    schema.pop("required", None)


class _Open(BaseModel):
    """WordPress's answers have more members than clients read."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_may_be_left_out)


class Rendered(_Open):
    """A text as HTML."""

    rendered: str = Field(description="The HTML.")


class CorePost(_Open):
    """A post as WordPress's core sends it; `_fields` leaves members out."""

    id: int = Field(description="WordPress's number, or ours where it has none.")
    date: str | None = Field(description="In the blog's own time.")
    slug: str = Field(description="The readable end of its address.")
    type: str = Field(description="The kind of post, `post` for posts.")
    link: str = Field(description="Where readers find it.")
    title: Rendered = Field(description="Its title.")
    excerpt: Rendered = Field(description="Its summary.")
    author: int = Field(description="The author's number; 0 for none.")
    featured_media: int = Field(description="The picture's number; 0 for none.")
    score: float = Field(description="From 0 to 1; from YARPP's route alone.")
    links: dict[str, Any] = Field(alias="_links", description="Where the blog has what belongs.")


class Envelope(BaseModel):
    """An answer with `_envelope`: the status and the header fields are in it."""

    body: Any = Field(description="What is answered without `_envelope`.")
    status: int = Field(description="The status the answer would have.")
    headers: Any = Field(description="The header fields it would have, by name.")


class CorePosts(RootModel[list[CorePost] | Envelope]):
    """Posts, best first."""


class SearchPost(_Open):
    """A post as ElasticPress sends it."""

    id: int = Field(description="WordPress's number, or ours where it has none.")
    link: str = Field(description="Where readers find it.")
    title: dict[str, str] = Field(description="`raw` and `rendered`.")
    content: dict[str, str] = Field(description="`rendered`: the excerpt.")
    date: str | None = Field(description="In the blog's own time; null for none.")


class SearchPosts(RootModel[list[SearchPost] | Envelope]):
    """Posts, best first."""


class JetpackPicture(BaseModel):
    """A picture; empty and 0 where there is none."""

    alt_text: str = Field(description="What it shows, in words.")
    src: str = Field(description="Its address.")
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")


class JetpackItem(_Open):
    """An item of Jetpack's list."""

    id: int = Field(description="WordPress's number, or ours where it has none.")
    url: str = Field(description="Where readers find it.")
    url_meta: dict[str, int] = Field(description="`origin`, the post asked about; `position`.")
    title: str = Field(description="Plain text.")
    date: str = Field(description="As readers see it.")
    format: str | bool = Field(description="The post's format; false for the standard one.")
    excerpt: str = Field(description="At most 50 words.")
    rel: str = Field(description="Link types of its link; may be empty.")
    context: str = Field(description="A category or tag in words.")
    img: JetpackPicture = Field(description="The picture shown with it.")
    classes: list[str] = Field(description="Classes of the item; none by default.")


class JetpackList(BaseModel):
    """Jetpack's answer to `?relatedposts=1`."""

    version: str = Field(description="Of this form of answer, by Jetpack's count.")
    show_thumbnails: bool = Field(description="Whether pictures are shown.")
    show_date: bool = Field(description="Whether dates are shown.")
    show_context: bool = Field(description="Whether the category or tag is shown.")
    layout: str = Field(description="`grid` or `list`.")
    headline: str = Field(description="What stands over the list.")
    items: list[JetpackItem] = Field(description="What to show, best first.")


class JetpackAnswer(RootModel[JetpackList | Envelope]):
    """Jetpack's answer to `?relatedposts=1`."""


class JetpackPost(RootModel[CorePost | Envelope]):
    """A post with `jetpack-related-posts` in it: six items."""


class Hit(BaseModel):
    """A related post of WordPress.com's answer."""

    score: float = Field(alias="_score", description="From 0 to 1.")
    fields: dict[str, int] = Field(description="`post_id` and `blog_id`.")


class Hits(BaseModel):
    """WordPress.com's answer."""

    total: int = Field(description="How many hits there are in this answer.")
    max_score: float | None = Field(description="The best hit's score; null for none.")
    hits: list[Hit] = Field(description="Best first.")


class HitsAsked(BaseModel):
    """What WordPress.com is asked for."""

    size: int = Field(10, description="Most hits, up to 50.")


class RestProblem(BaseModel):
    """An error as WordPress's interface words it."""

    code: str = Field(description="A word that programs compare, such as rest_invalid_param.")
    message: str = Field(description="What people read.")
    data: dict[str, Any] = Field(description="`status`, and evidence.")


class ComProblem(BaseModel):
    """An error as WordPress.com's older interface words it."""

    error: str = Field(description="A word that programs compare.")
    message: str = Field(description="What people read.")


class Refused(RootModel[RestProblem | ComProblem]):
    """An error of a drop-in route."""
