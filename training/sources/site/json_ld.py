"""What a page says of itself in JSON-LD, in the words of schema.org."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

#: Types that are an article beside those whose names end so.
_ARTICLES = frozenset({"Report", "Recipe", "HowTo", "Review", "BlogPosting", "LiveBlogPosting"})

#: Objects looked at in one page, and how deep; pages have a dozen.
MAX_OBJECTS = 2_000
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Article:
    """An article's raw fields; empty where the page does not say.

    Attributes:
        keywords: As tags.
        sections: As categories.
        image: ``src``, ``width`` and ``height``, or None.
    """

    title: str = ""
    description: str = ""
    published: str = ""
    updated: str = ""
    author: str = ""
    keywords: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    language: str = ""
    image: Mapping[str, Any] | None = None


def read_json_ld(scripts: list[str]) -> tuple[Article | None, bool]:
    """The article that a page's JSON-LD describes.

    Args:
        scripts: The content of each ``<script type="application/ld+json">``; what is
            no JSON counts for nothing.

    Returns:
        The first article, or None; and whether the page describes itself as anything.
    """
    known: dict[str, Mapping[str, Any]] = {}
    objects: list[Mapping[str, Any]] = []
    for script in scripts:
        for one in _objects(_parsed(script), 0):
            objects.append(one)
            if isinstance(name := one.get("@id"), str) and len(one) > 1:
                known.setdefault(name, one)
            if len(objects) >= MAX_OBJECTS:
                break
    for one in objects:
        if _is_article(one):
            return _article(one, known), True
    return None, any("Page" in kind for one in objects for kind in _types(one))


def _parsed(script: str) -> Any:
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    try:
        # Templates leave line breaks inside of strings.
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """The objects that stand for themselves: in lists, in ``@graph``, as the main entity."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _objects(one, depth + 1)
    elif isinstance(value, Mapping):
        yield value
        for key in ("@graph", "mainEntity", "hasPart"):
            if isinstance(inner := value.get(key), (list, Mapping)):
                yield from _objects(inner, depth + 1)


def _types(one: Mapping[str, Any]) -> list[str]:
    kinds = one.get("@type")
    given = kinds if isinstance(kinds, list) else [kinds]
    return [kind.rpartition("/")[2] for kind in given if isinstance(kind, str)]


def _is_article(one: Mapping[str, Any]) -> bool:
    # What has neither headline nor date is a mention of an article, as lists hold them.
    is_whole = any(key in one for key in ("headline", "datePublished", "articleBody", "name"))
    return is_whole and any(kind.endswith("Article") or kind in _ARTICLES for kind in _types(one))


def _article(one: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Article:
    return Article(
        title=_text(one.get("headline")) or _text(one.get("name")),
        description=_text(one.get("description")),
        published=_text(one.get("datePublished")) or _text(one.get("dateCreated")),
        updated=_text(one.get("dateModified")),
        author=", ".join(dict.fromkeys(_names(one.get("author"), known))),
        keywords=tuple(_words(one.get("keywords"), known)),
        sections=tuple(_words(one.get("articleSection"), known)),
        language=next(iter(_names(one.get("inLanguage"), known)), ""),
        image=_image(one.get("image"), known) or _image(one.get("thumbnailUrl"), known),
    )


def _resolved(value: Any, known: Mapping[str, Mapping[str, Any]]) -> Any:
    """What a reference within the page stands for."""
    if isinstance(value, Mapping) and isinstance(name := value.get("@id"), str) and len(value) <= 2:
        return known.get(name, value)
    return value


def _names(value: Any, known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        found = _resolved(one, known)
        name = found.get("name") if isinstance(found, Mapping) else found
        if text := _text(name):
            yield text


def _words(value: Any, known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Keywords: a list, or one string with commas."""
    if isinstance(value, str):
        yield from filter(None, (_text(one) for one in value.split(",")))
    else:
        yield from _names(value, known)


def _image(value: Any, known: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    found = _resolved(value[0] if isinstance(value, list) and value else value, known)
    if isinstance(found, str):
        return {"src": found.strip()} if found.strip() else None
    if not isinstance(found, Mapping):
        return None
    src = found.get("url") or found.get("contentUrl")
    if isinstance(src, list) and src:
        src = src[0]
    if not isinstance(src, str) or not src.strip():
        return None
    return {"src": src.strip(), **{side: _side(found.get(side)) for side in ("width", "height")}}


def _side(value: Any) -> Any:
    """A width or height, which may be an object with a value."""
    side = value.get("value") if isinstance(value, Mapping) else value
    return side if isinstance(side, (int, str)) and not isinstance(side, bool) else None


def _text(value: Any) -> str:
    # Many plugins write entities, which JSON does not know.
    return " ".join(unescape(value).split()) if isinstance(value, str) else ""
