"""Names of classes: our own, and those that themes already style for a plugin's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: The parts of a list.
PARTS = (
    *("section", "heading", "list", "item", "link", "image", "title", "meta", "date", "author"),
    *("category", "excerpt"),
)

_OWN = {"section": "related-posts"} | {part: f"related-posts__{part}" for part in PARTS[1:]}

#: A plugin's names of those parts, by the name of the whole that asks for them.
PLUGINS: Mapping[str, Mapping[str, str]] = {
    "yarpp-related": {
        "list": "yarpp-thumbnails-horizontal",
        "link": "yarpp-thumbnail",
        "title": "yarpp-thumbnail-title",
    },
    "crp_related": {
        "link": "crp_link",
        "image": "crp_thumb",
        "title": "crp_title",
        "date": "crp_date",
        "author": "crp_author",
        "excerpt": "crp_excerpt",
    },
    "jp-relatedposts": {
        "heading": "jp-relatedposts-headline",
        "list": "jp-relatedposts-items",
        "item": "jp-relatedposts-post",
        "link": "jp-relatedposts-post-a",
        "image": "jp-relatedposts-post-img",
        "title": "jp-relatedposts-post-title",
        "date": "jp-relatedposts-post-date",
        "category": "jp-relatedposts-post-context",
        "excerpt": "jp-relatedposts-post-excerpt",
    },
    "rp4wp-related-posts": {},
    "rpbt_shortcode": {},
}
#: Plugins whose styles go by the id of the whole.
IDS = {"jp-relatedposts": "jp-relatedposts"}


def names(wanted: Sequence[str], layout: str) -> dict[str, str]:
    """The classes of each part, separated by spaces.

    Args:
        wanted: Names for the whole; those of ``PLUGINS`` bring names for its parts.
        layout: ``list``, ``grid`` or ``cards``.
    """
    found = {part: [_OWN[part]] for part in PARTS}
    found["section"] += [f"related-posts--{layout}", *wanted]
    for name in wanted:
        for part, more in PLUGINS.get(name, {}).items():
            found[part].append(more)
    return {part: " ".join(dict.fromkeys(each)) for part, each in found.items()}
