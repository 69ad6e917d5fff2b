"""What a template is given of a list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from related_posts.index import Index
from service.api.rendering import first_words
from service.api.selection import Chosen
from service.html import words
from service.html.classes import IDS, names
from service.html.days import day

#: What each layout shows beside the title, where the request does not say.
SHOWN = {
    "list": ("date",),
    "grid": ("image", "date"),
    "cards": ("image", "category", "excerpt", "date"),
}


def context(
    index: Index, row: int | None, chosen: Iterable[Chosen], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables of a template; ``docs/html.md`` lists them.

    Args:
        index: The version.
        row: The post asked about, or None.
        chosen: Its list.
        values: The parameters of the request.
    """
    items = [(item, index.post(item.row)) for item in chosen]
    language = index.post(row)["language"] if row is not None else ""
    if not language and items:
        language = items[0][1]["language"]
    layout, wanted = values["layout"], (values["class"] or "").split()
    shown = values["show"] or SHOWN[layout]
    heading = values["heading"]
    label = words.heading(language)
    # Two fragments on a page must not share an id.
    digest = hashlib.sha256(repr((row, sorted(values.items(), key=str))).encode()).hexdigest()
    posts = [
        _post(post, item, shown, values["excerpt_length"], language)
        for item, post in items
        if is_link(post["url"])
    ]
    return {
        "posts": posts,
        "layout": layout,
        "names": names(wanted, layout),
        "id": next((IDS[name] for name in wanted if name in IDS), ""),
        "heading": label if heading is None else heading.strip(),
        "heading_id": f"related-posts-{digest[:8]}",
        "heading_level": values["heading_level"],
        "label": label,
        "language": language,
        "direction": words.direction(language),
        "target": values["target"],
        "rel": values["rel"] or ("noopener" if values["target"] == "_blank" else None),
        "version": index.version,
    }


def is_link(url: str) -> bool:
    """Whether a browser that follows this stays on the web: http, https, or a path."""
    if url.startswith(("http://", "https://")):
        return True
    return url.startswith("/") and not url.startswith(("//", "/\\"))


def _post(
    post: Mapping[str, Any],
    item: Chosen,
    shown: Iterable[str],
    excerpt_length: int | None,
    language: str,
) -> dict[str, Any]:
    image, excerpt = post["image"], post["excerpt"]
    if excerpt_length is not None:
        excerpt = first_words(excerpt, excerpt_length)
    own = post["language"] if post["language"] != language else ""
    categories = post["categories"] or post["tags"]
    found = {
        "image": image if image and is_link(image["src"]) else None,
        "date": day(post["published"], post["language"] or language),
        "author": post["author"],
        "category": categories[0] if categories else "",
        "excerpt": excerpt,
    }
    return {
        "id": post["id"],
        "url": post["url"],
        "title": post["title"] or post["url"],
        "published": post["published"],
        "tags": post["tags"],
        "categories": post["categories"],
        "language": own,
        "direction": words.direction(own),
        "score": item.score,
        "reason": item.reason,
        **{name: value if name in shown else None for name, value in found.items()},
    }
