"""A post as Ghost's Content API, export or webhook gives it, to a post of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from related_posts import fields, urls
from related_posts.errors import PostError
from related_posts.findings import Problem, Skipped
from related_posts.pictures import usable
from related_posts.posts import Post
from related_posts.schema import post_from_json

#: Stands for the blog's address in everything an export holds.
PLACEHOLDER = "__GHOST_URL__"

_NOT_PUBLISHED = {"draft": "draft", "scheduled": "scheduled", "sent": "email only"}


def read_post(
    raw: Mapping[str, Any],
    place: str,
    *,
    site: str | None,
    now: datetime,
    body: Callable[[Mapping[str, Any], str], str] | None = None,
) -> Post | Problem | Skipped:
    """What a post of Ghost is: a post, a problem, or something skipped.

    Args:
        raw: As the Content API answers, which asks only for what is published
            (``status`` is then to be set by the caller), or a row of an export's
            ``posts`` with its ``tags``, ``authors`` and ``posts_meta`` put in.
        place: Where it is, for messages.
        site: The blog's address; without it addresses within the blog are paths.
        now: The moment of this read; aware.
        body: Makes HTML of a post and the blog's address, for posts that lack it.
    """
    try:
        post_id = fields.identifier("id", raw.get("id"))
    except PostError as error:
        return Problem(place, error.reason)
    if reason := _hidden(raw):
        return Skipped(place, reason, post_id)
    status = raw.get("status")
    if status != "published":
        seen = fields.shown(status)
        return Problem(place, f"its status is {seen}; it must be one of Ghost's", post_id)
    try:
        post = _post(post_id, raw, (site or "").rstrip("/"), body or _html)
    except PostError as error:
        return Problem(place, error.reason, post_id)
    if post.published is not None and post.published > now:
        return Skipped(place, "scheduled", post_id)
    return post


def moment(name: str, value: object) -> datetime | None:
    """A date of Ghost, or None: ISO 8601, or milliseconds since 1970 in old exports.

    Raises:
        PostError: It is no date.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            raise fields.refuse(name, value, "a date in milliseconds since 1970") from None
    return fields.moment(name, value)


def _hidden(raw: Mapping[str, Any]) -> str | None:
    """Why a post must not be shown, in a word, or None."""
    if raw.get("type", "post") not in ("post", None) or raw.get("page") in (1, "1"):
        return "page"
    status = raw.get("status")
    if isinstance(status, str) and (reason := _NOT_PUBLISHED.get(status)):
        return reason
    # Exports before 3.0 have no visibility: everything was public.
    if raw.get("visibility") not in ("public", None, "") or raw.get("access") is False:
        return "members only"
    return None


def _post(
    post_id: str,
    raw: Mapping[str, Any],
    site: str,
    body: Callable[[Mapping[str, Any], str], str],
) -> Post:
    slug = fields.line("slug", raw.get("slug"))
    own = fields.text("url", raw.get("url")).replace(PLACEHOLDER, site)
    if not own and not slug:
        raise PostError("it has no slug, so it has no address")
    own = own or f"{site}/{quote(slug, safe='%/')}/"
    canonical = _canonical(raw.get("canonical_url"), site)
    # A canonical address on the blog itself is where the post is (routes.yaml); one
    # elsewhere says where it was first, and must not send readers away.
    is_own = bool(canonical) and urls.split(canonical)[0] in ("", urls.split(own)[0])
    url = canonical if is_own else own
    published = moment("published_at", raw.get("published_at"))
    updated = moment("updated_at", raw.get("updated_at"))
    return post_from_json(
        {
            "id": post_id,
            "url": url,
            "title": raw.get("title"),
            "html": body(raw, site),
            "tags": _tags(raw.get("tags")),
            "author": _author(raw),
            "language": _language(raw.get("locale")),
            "published": published and published.isoformat(),
            "updated": updated and updated.isoformat(),
            "image": _image(raw, site, url),
            "excerpt": raw.get("custom_excerpt"),
            "slug": slug,
            "aliases": [one for one in (own, canonical) if one and one != url],
        }
    )


def _html(raw: Mapping[str, Any], site: str) -> str:
    """The HTML as Ghost made it."""
    value = raw.get("html")
    return value.replace(PLACEHOLDER, site) if isinstance(value, str) else ""


def _canonical(value: object, site: str) -> str:
    """An address the author gave, or empty where it is none."""
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        return fields.url("canonical_url", value.replace(PLACEHOLDER, site))
    except PostError:
        return ""


def _tags(value: object) -> list[str]:
    """Names of the public tags, in order; those that begin with # are the blog's own marks."""
    return [
        name
        for tag in _objects(value)
        if isinstance(name := tag.get("name"), str)
        and not name.startswith("#")
        and tag.get("visibility", "public") in ("public", None)
    ]


def _author(raw: Mapping[str, Any]) -> str:
    candidates = (raw.get("primary_author"), *_objects(raw.get("authors")), raw.get("author"))
    for one in candidates:
        name = one.get("name") if isinstance(one, Mapping) else None
        if isinstance(name, str) and name.strip():
            return name
    return ""


def _image(raw: Mapping[str, Any], site: str, base: str) -> dict[str, Any] | None:
    src = raw.get("feature_image") or raw.get("image")
    if not isinstance(src, str):
        return None
    alt = raw.get("feature_image_alt")
    return usable({"src": src.replace(PLACEHOLDER, site), "alt": alt}, base)


def _language(value: object) -> str:
    try:
        return fields.language("locale", value)
    except PostError:
        return ""


def _objects(value: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
