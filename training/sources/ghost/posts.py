"""A post as Ghost's Content API or export gives it, to a post of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from related_posts import fields, urls
from related_posts.errors import PostError
from related_posts.posts import Post
from related_posts.schema import post_from_json
from training.sources.base import Item, Problem, Skipped
from training.sources.ghost.lexical import lexical_html
from training.sources.ghost.mobiledoc import mobiledoc_html
from training.sources.markdown.render import render
from training.sources.pictures import usable

#: Stands for the blog's address in everything an export holds.
PLACEHOLDER = "__GHOST_URL__"

_NOT_PUBLISHED = {"draft": "draft", "scheduled": "scheduled", "sent": "email only"}
_BLANK_LINE = re.compile(r"\n\s*\n")


def ghost_item(raw: Mapping[str, Any], place: str, *, site: str | None, now: datetime) -> Item:
    """What a post of Ghost is: a post, a problem, or something skipped.

    Args:
        raw: As the Content API answers, which asks only for what is published
            (``status`` is then to be set by the caller), or a row of an export's
            ``posts`` with its ``tags``, ``authors`` and ``posts_meta`` put in.
        place: Where it is, for messages.
        site: The blog's address; without it addresses within the blog are paths.
        now: The moment of this read; aware.
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
        post = _post(post_id, raw, (site or "").rstrip("/"))
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


def _post(post_id: str, raw: Mapping[str, Any], site: str) -> Post:
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
            "html": _body(raw, site),
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


def _body(raw: Mapping[str, Any], site: str) -> str:
    """The HTML; where there is none, of the first form the post is kept in that can be read."""
    forms: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("html", str),
        ("lexical", lexical_html),
        ("mobiledoc", mobiledoc_html),
        ("markdown", render),
        ("plaintext", _paragraphs),
    )
    for name, to_html in forms:
        value = raw.get(name)
        if not isinstance(value, str) or not value.strip():
            continue
        try:
            html = to_html(value.replace(PLACEHOLDER, site))
        except ValueError:
            continue
        if html.strip():
            return html
    return ""


def _paragraphs(text: str) -> str:
    blocks = (one.strip() for one in _BLANK_LINE.split(text))
    return "".join(f"<p>{escape(one, quote=False)}</p>\n" for one in blocks if one)


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
