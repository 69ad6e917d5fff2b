"""The post that a text is, once its place is known."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.text.html import prose
from training.sources import front_values
from training.sources.markdown.generators import Data, Generator, Placement

#: Longest part before the mark that is taken for an excerpt; of a longer one the
#: beginning is shown, as of any text.
MAX_EXCERPT = 500

_FIRST_HEADING = re.compile(r"\s*<h1\b[^<>]*>(.{0,2000}?)</h1>", re.DOTALL)
_MORE = re.compile(r"<!--[ \t]*(?:more|PELICAN_END_SUMMARY|excerpt)[ \t]*-->", re.IGNORECASE)


def post_of(
    generator: Generator,
    file: PurePosixPath,
    data: Data,
    title: str,
    placement: Placement,
    html: str,
) -> Post:
    """The post of a text.

    Args:
        generator: The site's rules.
        file: The text's path in the site.
        data: Front matter with the site's defaults.
        title: Front matter's, or empty.
        placement: Where the post is found.
        html: The body.

    Raises:
        PostError: A field does not fit.
    """
    base, zone = generator.base, generator.zone
    url = f"{base}{placement.path}"
    splits = generator.splits_tags
    language = front_values.first_text(data, ("lang", "language", "locale"))
    group = ("translation_key", "translationkey", "translation_id", "ref")
    updated = front_values.updated(data, zone)
    excerpt = front_values.plain(front_values.first_text(data, front_values.EXCERPT))
    return post_from_json(
        {
            "id": placement.path,
            "url": url,
            "title": title or _heading(html) or titled(placement.slug),
            "html": html,
            "tags": _tags(data, splits_at_spaces=splits),
            "categories": [
                *placement.categories,
                *front_values.names(data.get("category")),
                *front_values.names(data.get("categories"), splits_at_spaces=splits),
            ],
            "author": front_values.names(data.get("author") or data.get("authors")),
            "language": front_values.language(language) or placement.language or generator.language,
            "published": placement.published and placement.published.isoformat(),
            "updated": updated and updated.isoformat(),
            "image": front_values.image(data, url, base),
            "excerpt": excerpt or _before_more(html),
            "slug": placement.slug,
            "aliases": front_values.aliases(data, url, base),
            "translation_group": front_values.first_text(data, group)
            or placement.translation_group,
            "extra": {"file": file.as_posix()},
        }
    )


def titled(slug: str) -> str:
    """A title made of a name: words for hyphens, the first letter large."""
    words = re.sub(r"^\d{4}-\d{1,2}-\d{1,2}-", "", slug).replace("-", " ").replace("_", " ")
    words = " ".join(words.split())
    return words[:1].upper() + words[1:]


def _before_more(html: str) -> str:
    """What stands before the mark of an excerpt, or empty where it is long or there is none."""
    found = _MORE.search(html) if "<!--" in html else None
    text = " ".join(prose(html[: found.start()]).text.split()) if found else ""
    return text if len(text) <= MAX_EXCERPT else ""


def _tags(data: Data, *, splits_at_spaces: bool) -> list[str]:
    own = [
        *front_values.names(data.get("tag")),
        *front_values.names(data.get("tags"), splits_at_spaces=splits_at_spaces),
    ]
    return own or front_values.names(data.get("topics"))


def _heading(html: str) -> str:
    """The heading a text begins with, or empty."""
    found = _FIRST_HEADING.match(html)
    return front_values.plain(re.sub(r"<[^<>]*>", "", found[1])) if found else ""
