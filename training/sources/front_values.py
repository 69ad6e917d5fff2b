"""Values of front matter, by the many names under which blogs keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urljoin

from related_posts import fields
from related_posts.errors import PostError
from related_posts.text.html import prose
from related_posts.visibility import is_no, is_yes
from training.sources.dates import read_date

DATE = ("date", "published", "publishdate", "pubdate", "created", "created_at", "createdat")
UPDATED = (
    *("last_modified_at", "lastmod", "updated", "updated_at", "updatedat", "modified"),
    *("last_updated", "lastupdated", "update_date"),
)
EXCERPT = ("description", "summary", "excerpt", "subtitle", "deck")
IMAGE = (
    *("image", "featured_image", "featuredimage", "featureimage", "feature_image", "cover"),
    *("cover_image", "coverimage", "images", "thumbnail", "hero_image", "heroimage", "og_image"),
    *("header", "banner"),
)
_IMAGE_SOURCE = ("src", "url", "path", "image", "file", "teaser", "overlay_image")

_HIDDEN_STATUS = {
    "draft": "draft",
    "pending": "pending",
    "private": "private",
    "hidden": "hidden",
    "unlisted": "hidden",
    "scheduled": "scheduled",
    "future": "scheduled",
    "trash": "trashed",
}


def text(value: object) -> str:
    """A scalar as plain text on one line; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return fields.line("value", value)


def first_text(data: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of several fields that holds text."""
    return next(filter(None, (text(data.get(name)) for name in names)), "")


def plain(value: str) -> str:
    """A summary or title without mark-up and entities, on one line."""
    return " ".join(prose(value).text.split()) if "<" in value or "&" in value else value


def names(value: object, *, splits_at_spaces: bool = False) -> list[str]:
    """Tags, categories or authors from whatever holds them, in order.

    A list of names or of objects with a ``name`` (or ``title``), one such object, or
    one string, split at commas, or at spaces as Jekyll does.
    """
    if isinstance(value, str):
        if "," in value:
            value = value.split(",")
        elif splits_at_spaces:
            value = value.split()
        else:
            value = [value]
    if not isinstance(value, (list, tuple)):
        value = [value]
    return list(dict.fromkeys(filter(None, map(_name, _flat(value)))))


def _flat(values: Iterable[object]) -> Iterator[object]:
    """Values with lists in the list laid open, one level: YAML can hold a list in itself."""
    for one in values:
        if isinstance(one, (list, tuple)):
            yield from one
        else:
            yield one


def _name(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("title") or value.get("label")
    return text(value)


def moment(data: Mapping[str, Any], keys: Iterable[str], zone: tzinfo) -> datetime | None:
    """The first of several fields that is there, as a moment.

    ``published`` may also say whether a post is: then it is no date.

    Raises:
        PostError: It is no date.
    """
    for key in keys:
        value = data.get(key)
        if value is None or value == "" or is_yes(value) or is_no(value):
            continue
        return read_date(key, value, zone)
    return None


def updated(data: Mapping[str, Any], zone: tzinfo) -> datetime | None:
    """When the text was changed last, or None where that does not say."""
    try:
        return moment(data, UPDATED, zone)
    except PostError:
        return None


def hidden(data: Mapping[str, Any], *, shows_drafts: bool = False) -> str:
    """Why front matter says a post must not be shown, or empty."""
    if (is_yes(data.get("draft")) or is_no(data.get("published"))) and not shows_drafts:
        return "draft"
    if is_yes(data.get("private")):
        return "private"
    if is_yes(data.get("hidden")) or is_yes(data.get("headless")):
        return "hidden"
    if text(data.get("password")):
        return "password-protected"
    build = data.get("build", data.get("_build"))
    if isinstance(build, Mapping):
        render = build.get("render")
        if is_no(render) or render in ("never", "link"):
            return "hidden"
    return _HIDDEN_STATUS.get(text(data.get("status")).lower(), "")


def language(value: object) -> str:
    """A language tag in lower case, or empty for what is none (``English``)."""
    try:
        return fields.language("language", value)
    except PostError:
        return ""


def image(data: Mapping[str, Any], url: str, base: str) -> dict[str, Any] | None:
    """The picture shown with a post, or None.

    Args:
        data: Front matter: an address, or an object with one and with its size.
        url: The post's address, from which a relative one starts.
        base: What comes before a path on this site.
    """
    for name in IMAGE:
        value = data.get(name)
        if isinstance(value, (list, tuple)):
            value = value[0] if value else None
        content = fields_of_image(value)
        src = address(content.get("src"), url, base)
        if src:
            return {**content, "src": src}
    return None


def fields_of_image(value: object) -> dict[str, Any]:
    """Address, width, height and alternative text of an image's value."""
    if isinstance(value, str):
        return {"src": value.strip()}
    if not isinstance(value, Mapping):
        return {}
    content = {str(key).lower(): one for key, one in value.items()}
    found: dict[str, Any] = {
        "src": first_text(content, _IMAGE_SOURCE),
        "alt": plain(first_text(content, ("alt", "caption", "title"))),
    }
    for side in ("width", "height"):
        if size := text(content.get(side)):
            found[side] = size
    return found


def aliases(data: Mapping[str, Any], url: str, base: str) -> list[str]:
    """Other addresses of a post, without those that are none.

    A relative one of Jekyll's ``redirect_from`` starts from the root, one of Hugo's
    ``aliases`` stands beside the page; see ``address`` for the arguments.
    """
    roots = [
        one if "://" in one else f"/{one.lstrip('/')}" for one in names(data.get("redirect_from"))
    ]
    found = [address(one, url, base) for one in roots]
    found += [address(one, url.rstrip("/"), base) for one in names(data.get("aliases"))]
    return [one for one in found if one]


def address(value: object, url: str, base: str) -> str:
    """A web address from front matter, or empty for what is none.

    Args:
        value: Absolute, a path on the site, or relative.
        url: From which a relative one starts.
        base: What comes before a path on this site.
    """
    if not isinstance(value, str) or not value.strip() or value.startswith("data:"):
        return ""
    value = value.strip()
    if value.startswith("/") and not value.startswith("//"):
        value = value if base and value.startswith(f"{base}/") else f"{base}{value}"
    try:
        return fields.url("url", urljoin(url, value))
    except (PostError, ValueError):
        return ""
