"""Bodies and answers of the routes that write, report or tell the state, as models.

They describe: what comes in is read by the code of each route, which forgives more
than can be said in a schema (``docs/jsonl.md``). Tests hold the two to each other.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from related_posts.curation.rules import MAX_NOTE, MAX_POSITION


class SentImage(BaseModel):
    """A post's picture as it is sent."""

    src: str = Field(min_length=1, description="Its address; relative to the post's.")
    width: int | None = Field(None, ge=1, description="In pixels.")
    height: int | None = Field(None, ge=1, description="In pixels.")
    alt: str = Field("", description="What it shows, in words.")


class SentPost(BaseModel):
    """A post as it is sent; members that are not listed are kept in ``extra``."""

    model_config = ConfigDict(extra="allow")

    id: str = Field("", max_length=2_000, description="Its own; in the address of a PUT already.")
    url: str = Field(pattern="^(https?://.|/)", description="Where readers find it.")
    title: str = Field("", description="Plain text.")
    html: str = Field("", description="Its body as HTML, without the page around it.")
    tags: list[str] = Field([], description="Names, in the author's order.")
    categories: list[str] = Field([], description="Names, in the author's order.")
    author: str = Field("", description="The name as readers see it.")
    language: str = Field("", description="A BCP 47 tag; detected where it is absent.")
    published: str | None = Field(None, description="An ISO date or moment; UTC without a zone.")
    updated: str | None = Field(None, description="When it was last changed.")
    image: SentImage | str | None = Field(None, description="The picture shown with it.")
    excerpt: str = Field("", description="The author's own summary, plain text.")
    slug: str = Field("", description="The readable part of the address.")
    aliases: list[str] = Field([], description="Other addresses it is found by.")
    links: list[str] = Field([], description="Ids of posts that it links to.")
    translation_group: str = Field("", description="What its translations share.")
    extra: dict[str, Any] = Field({}, description="What else is worth keeping.")
    status: str | None = Field(None, description="draft, private and the like withdraw the post.")


class UnknownMember(BaseModel):
    """A member that was sent and is no field of a post."""

    member: str = Field(description="Its name.")
    nearest: str | None = Field(description="The field that was perhaps meant.")


class Taken(BaseModel):
    """What came of one change."""

    id: str | None = Field(description="The id under which the post is known.")
    result: Literal["added", "changed", "unchanged", "withdrawn", "passed over", "to be read"] = (
        Field(description="What it did; passed over is no change, to be read is one to come.")
    )
    reason: str | None = Field(
        None, description="Why it is hidden or passed over; unknown where it never was there."
    )
    etag: str | None = Field(None, description="The tag of the post as it is kept, for If-Match.")
    unknown: list[UnknownMember] | None = Field(
        None, description="Of a PUT: members that are no fields of a post; kept in `extra`."
    )


class LineError(BaseModel):
    """A line that was not taken."""

    line: int = Field(description="Its number, from 1.")
    id: str | None = Field(description="The post's id, or null where none could be read.")
    detail: str = Field(description="What is wrong with it.")


class TakenLines(BaseModel):
    """What came of many lines."""

    lines: int = Field(description="How many lines were read; blank ones do not count.")
    added: int = Field(description="Posts that are new.")
    changed: int = Field(description="Posts that say something else now.")
    unchanged: int = Field(description="Posts that said the same already.")
    withdrawn: int = Field(description="Posts that are not public, and hidden now.")
    failed: int = Field(description="Lines that were not taken.")
    errors: list[LineError] = Field(description="The first thousand.")


class Anything(BaseModel):
    """An object of the sender's own form."""

    model_config = ConfigDict(extra="allow")


class WordPressPost(Anything):
    """A post as WordPress's own interface has it."""

    id: int = Field(description="Its number.")
    link: str = Field("", description="Where readers find it.")
    status: str = Field("publish", description="publish; anything else withdraws it.")
    modified_gmt: str | None = Field(
        None, description="When it changed; what is older than what was told before is passed over."
    )


class GhostPost(BaseModel):
    """What a post of Ghost is now and was before."""

    current: Anything | None = Field(None, description="Empty for one that was deleted.")
    previous: Anything | None = Field(
        None, description="What it was before; of a deleted post, all there is."
    )


class GhostMessage(BaseModel):
    """What Ghost's own webhooks send."""

    post: GhostPost = Field(description="The post that changed.")


class Changed(Anything):
    """A post that was saved, as for PUT, or one that is gone."""

    action: str = Field("saved", description="saved or deleted, and words of like meaning.")
    id: str | None = Field(None, description="Its id.")
    url: str | None = Field(
        None,
        description="Its address; alone it asks the worker to read its sources again, which takes "
        "a sources.toml in the data folder.",
    )
    updated: str | None = Field(
        None, description="When it changed; what is older than what was told before is passed over."
    )


class RulePlace(BaseModel):
    """What may be changed of a rule; what is left out becomes the default."""

    position: int | None = Field(None, ge=1, le=MAX_POSITION, description="Of a pin, from 1.")
    until: str | None = Field(None, description="When it ends; null for never.")
    note: str = Field("", max_length=MAX_NOTE, description="For people.")


class SentRule(RulePlace):
    """A decision about lists."""

    kind: Literal["pin", "block", "mute", "cornerstone"] = Field(
        description="Show it at a place, never show it, show no list under it, or favour it."
    )
    post: str = Field(min_length=1, max_length=2_000, description="Id of the post it is about.")
    under: str | None = Field(None, description="Id of the post whose list it is; null for all.")


class Rule(BaseModel):
    """A rule as it stands."""

    result: str | None = Field(None, description="What a request to write did.")
    id: str = Field(description="Names the rule in addresses; the same decision has the same id.")
    kind: str = Field(description="pin, block, mute or cornerstone.")
    post: str = Field(description="Id of the post it is about.")
    under: str | None = Field(None, description="Of a pin or a block; null for every list.")
    position: int | None = Field(None, description="Of a pin.")
    until: str | None = Field(description="When it ends; null for never.")
    note: str = Field(description="For people.")
    unknown: list[str] = Field(description="Posts in it that the live version does not have.")


class Rules(BaseModel):
    """Every rule, in the order in which they were made."""

    rules: list[Rule] = Field(description="Every rule, those that have ended included.")


class Removed(BaseModel):
    """A rule that is gone."""

    id: str = Field(description="The rule's id.")
    result: Literal["removed"] = Field(description="What came of it.")


class Report(BaseModel):
    """What a page says of the list it showed."""

    version: str = Field(description="The version that the list came from.")
    post: str = Field(description="Id of the post the list stood under.")
    views: list[tuple[int, str]] = Field([], description="Places and ids that were seen.")
    clicks: list[tuple[int, str]] = Field([], description="Places and ids that were followed.")


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = Field(
        description="Always this word: a process that cannot say it gives no answer."
    )
    release: str = Field(description="The release of the software.")


class State(BaseModel):
    """What is served, and whether readers should be sent here."""

    status: Literal["ready", "waiting", "stale"] = Field(
        description="ready; waiting before the first version; stale where it is older than allowed."
    )
    version: str | None = Field(None, description="The version that is served.")
    created: str | None = Field(None, description="When that was built.")
    age_seconds: int | None = Field(None, description="Seconds since then.")
    n_posts: int | None = Field(None, description="How many posts it has.")
    reload_error: str | None = Field(description="Why the newest version is not served.")
    template_error: str | None = Field(
        None, description="Why the operator's templates are not used."
    )


class Training(BaseModel):
    """The last training of the worker."""

    at: str = Field(description="When it ended.")
    version: str = Field(description="The version it built.")
    posts: int = Field(description="How many posts that has.")
    seconds: float = Field(description="How long it took.")
    published: bool = Field(description="Whether it went live.")
    held: str | None = Field(description="Why it is not live.")


class Failure(BaseModel):
    """What failed last, where nothing of the kind went well since."""

    at: str = Field(description="When it failed.")
    what: str | None = Field(None, description="For those who may read the metrics.")
    message: str | None = Field(None, description="For those who may read the metrics.")


class HeldVersion(BaseModel):
    """A version that the quality gate held back."""

    version: str = Field(description="The version's name.")
    reason: str = Field(description="Which limits it passed, in words.")
    since: str = Field(description="When it was held back.")


class RolledBack(BaseModel):
    """A rollback in force: later versions wait."""

    left: str = Field(description="The version that was live before.")
    at: str = Field(description="When that was decided.")


class Status(BaseModel):
    """How fresh the lists are."""

    version: str | None = Field(description="The version that is served; null before the first.")
    age_seconds: int | None = Field(description="Seconds since it was built.")
    n_posts: int | None = Field(description="How many posts it has.")
    doing: Literal["waiting", "reading", "training", "stopped"] | None = Field(
        description="What the worker does; null where none has run yet."
    )
    last_training: Training | None = Field(description="The last training; null before the first.")
    last_error: Failure | None = Field(
        description="What failed last; null where all went well since."
    )
    next_run: str | None = Field(
        description="When the worker reads its sources again; null for no time."
    )
    gate: list[HeldVersion] = Field(description="Versions that wait for somebody to look at them.")
    rollback: RolledBack | None = Field(
        description="The rollback in force; null where there is none."
    )
    problems: list[str] = Field(description="What could not be read, in sentences.")


class About(BaseModel):
    """What this service is and where it answers."""

    service: Literal["related-posts"] = Field(description="The software's name.")
    release: str = Field(description="Its release.")
    endpoints: dict[str, str] = Field(description="Name, method and address of each operation.")
    pages: list[str] = Field(description="What people and pages load.")
    documentation: str = Field(description="The address of the page for people.")


class OpenAPI(Anything):
    """This document."""

    openapi: str = Field(description="The release of OpenAPI that the document follows.")
