"""The JSON form of a post: read it, write it, and tell whether two say the same.

It is the schema of our own JSON Lines files (``docs/jsonl.md``) and the form in
which the archive keeps a post.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from related_posts import fields
from related_posts.errors import PostError
from related_posts.posts import Image, Post

#: Every field of a post, in the order of the documentation.
FIELDS = (
    "id",
    "url",
    "title",
    "html",
    "tags",
    "categories",
    "author",
    "language",
    "published",
    "updated",
    "image",
    "excerpt",
    "slug",
    "aliases",
    "links",
    "translation_group",
    "extra",
)

#: Other names a field is known by.
SYNONYMS = {"lang": "language"}


def post_from_json(content: Mapping[str, Any]) -> Post:
    """A post from a JSON object, cleaned.

    Forgiving: a missing or null optional field is empty; numbers become strings;
    tags may be one string; a date needs no zone (UTC) and no time; an image may be
    a bare URL, relative to the post's; unknown keys go into ``extra``, where a key
    given in ``extra`` itself wins.

    Args:
        content: The object; see ``docs/jsonl.md``. It is not changed.

    Returns:
        The post. ``post_from_json(post_to_json(post)) == post`` holds for it.

    Raises:
        PostError: It is no object, or a field does not fit; names the field, the
            value and what is allowed, and carries the id where it could be read.
    """
    if not isinstance(content, Mapping):
        raise PostError(f"this is {_kind(content)}; a post must be a JSON object")
    post_id = fields.identifier("id", _required(content, "id"))
    try:
        return _post(post_id, content)
    except PostError as error:
        raise PostError(error.reason, post_id) from error


def post_to_json(post: Post) -> dict[str, Any]:
    """The JSON object of a post, without the fields that are empty.

    What is left out reads back as empty, so a field that a later release adds does
    not make every stored post look changed.
    """
    content: dict[str, Any] = {"id": post.id, "url": post.url}
    for name in ("title", "html", "author", "language", "excerpt", "slug", "translation_group"):
        if value := getattr(post, name):
            content[name] = fields.text(name, value)
    for name in ("tags", "categories", "aliases", "links"):
        if values := getattr(post, name):
            content[name] = [fields.text(name, value) for value in values]
    for name in ("published", "updated"):
        if (moment := getattr(post, name)) is not None:
            content[name] = utc(moment)
    if post.image is not None:
        content["image"] = _image_to_json(post.image)
    if post.extra:
        content["extra"] = fields.json_value("extra", post.extra)
    return {name: content[name] for name in FIELDS if name in content}


def post_to_bytes(post: Post) -> bytes:
    """The canonical JSON of a post: UTF-8, keys sorted, no white space.

    Raises:
        PostError: Its ``extra`` holds what JSON cannot.
    """
    try:
        return orjson.dumps(post_to_json(post), option=orjson.OPT_SORT_KEYS)
    except PostError as error:
        raise PostError(error.reason, post.id) from error
    except TypeError as error:
        raise PostError(f"the post cannot be written as JSON ({error})", post.id) from error


def post_from_bytes(content: bytes) -> Post:
    """The post of its canonical JSON, exactly as ``post_to_bytes`` was given it.

    Nothing is cleaned here: what is stored was clean, and one odd row must not
    make an archive unreadable.

    Raises:
        PostError: The bytes are not the JSON of a post.
    """
    try:
        stored = orjson.loads(content)
        for name in ("tags", "categories", "aliases", "links"):
            if name in stored:
                stored[name] = tuple(stored[name])
        for name in ("published", "updated"):
            if name in stored:
                stored[name] = datetime.fromisoformat(stored[name])
        if "image" in stored:
            stored["image"] = Image(**stored["image"])
        return Post(**stored)
    except (TypeError, ValueError) as error:
        raise PostError(f"a stored post cannot be read ({error})") from error


def content_hash(post: Post) -> str:
    """SHA-256 of the canonical JSON, in hex: equal exactly when two posts say the same."""
    return hashlib.sha256(post_to_bytes(post)).hexdigest()


def utc(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC with ``Z``; a fraction only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _post(post_id: str, content: Mapping[str, Any]) -> Post:
    url = fields.url("url", _required(content, "url"))
    language = content.get("language")
    return Post(
        id=post_id,
        url=url,
        title=fields.line("title", content.get("title")),
        html=fields.text("html", content.get("html")),
        tags=fields.names("tags", content.get("tags")),
        categories=fields.names("categories", content.get("categories")),
        author=_author(content.get("author")),
        language=fields.language("language", language or content.get("lang")),
        published=fields.moment("published", content.get("published")),
        updated=fields.moment("updated", content.get("updated")),
        image=_image(content.get("image"), url),
        excerpt=fields.line("excerpt", content.get("excerpt")),
        slug=fields.line("slug", content.get("slug")),
        aliases=fields.urls("aliases", content.get("aliases"), url),
        links=fields.identifiers("links", content.get("links")),
        translation_group=fields.line("translation_group", content.get("translation_group")),
        extra=_extra(content),
    )


def _required(content: Mapping[str, Any], name: str) -> object:
    if content.get(name) is None:
        raise PostError(f"{name} is missing; every post needs one")
    return content[name]


def _author(value: object) -> str:
    """One name; several are joined by commas."""
    if isinstance(value, (list, tuple)):
        return ", ".join(fields.names("author", value))
    return fields.line("author", value)


def _image(value: object, base: str) -> Image | None:
    """A picture from its URL or an object; None where it has no address on the web."""
    if isinstance(value, str):
        value = {"src": value}
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise fields.refuse("image", value, "a URL or an object with src, width, height and alt")
    src = value.get("src")
    # An embedded picture is part of the page, not something to link to.
    if src is None or src == "" or (isinstance(src, str) and src.startswith("data:")):
        return None
    return Image(
        src=fields.url("image.src", src, base),
        width=fields.pixels("image.width", value.get("width")),
        height=fields.pixels("image.height", value.get("height")),
        alt=fields.line("image.alt", value.get("alt")),
    )


def _image_to_json(image: Image) -> dict[str, Any]:
    content: dict[str, Any] = {"src": image.src}
    if image.width is not None:
        content["width"] = image.width
    if image.height is not None:
        content["height"] = image.height
    if image.alt:
        content["alt"] = fields.text("image.alt", image.alt)
    return content


def unknown_members(content: Mapping[str, Any]) -> list[str]:
    """Members of a post's JSON that are no fields of ours, in their order; kept in ``extra``."""
    return [str(name) for name in content if name not in FIELDS and name not in SYNONYMS]


def _extra(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a post says beyond our fields, so that nothing is lost."""
    given = content.get("extra")
    if given is not None and not isinstance(given, Mapping):
        raise fields.refuse("extra", given, "an object")
    unknown = {name: content[name] for name in unknown_members(content)}
    if not unknown and not given:
        return {}
    cleaned: dict[str, Any] = fields.json_value("extra", {**unknown, **(given or {})})
    return cleaned


def _kind(value: object) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, list):
        return "an array"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return "a string" if isinstance(value, str) else "a number"
