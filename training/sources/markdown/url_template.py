"""Addresses by a template that the user gives, for sites that have them in their code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from related_posts.errors import PostError
from training.sources import front_values
from training.sources.markdown.permalinks import encoded_path

#: What a template may hold, and what it stands for.
TOKENS = {
    "slug": "the slug of front matter, else the path below the collection without suffix",
    "name": "the last part of the path, without a date at its beginning",
    "folder": "the folders between the collection and the text",
    "collection": "the folder of the collection",
    "category": "the first category",
    "lang": "the language, where the address has it",
    "year": "the year of four digits",
    "month": "the month of two digits",
    "day": "the day of two digits",
}

_TOKEN = re.compile(r"\{([^{}]*)\}")
_DATES = {"year": "%Y", "month": "%m", "day": "%d"}


def unknown_tokens(template: str) -> list[str]:
    """Tokens of a template that do not exist, and braces that are not closed."""
    found = [name for name in _TOKEN.findall(template) if name not in TOKENS]
    return found + [char for char in _TOKEN.sub("", template) if char in "{}"]


def values_of(
    folders: Sequence[str], slug: str, name: str, undated: str, data: Mapping[str, Any]
) -> dict[str, str]:
    """What a text's place and front matter give for the tokens of a template.

    Args:
        folders: Those that hold it; the first is the collection.
        slug: Of front matter, or empty.
        name: Of the file, without suffix.
        undated: The same without a date at its beginning.
        data: Front matter with keys in lower case.
    """
    categories = [data.get("category"), data.get("categories")]
    return {
        "slug": slug or PurePosixPath(*folders[1:], name).as_posix(),
        "name": slug or undated,
        "folder": "/".join(folders[1:]),
        "collection": folders[0] if folders else "",
        "category": "".join([one for each in categories for one in front_values.names(each)][:1]),
        "lang": front_values.first_text(data, ("lang", "language", "locale")),
    }


def expand(template: str, values: Mapping[str, str], moment: datetime | None) -> str:
    """The path that a template gives to a post.

    Args:
        template: For example ``/blog/{year}/{slug}/``.
        values: Token to its value; an empty one leaves no gap. Dates come from ``moment``.
        moment: Publication in the zone of the blog, or None.

    Returns:
        The path, percent-encoded, starting with ``/``.

    Raises:
        PostError: It asks for a date and there is none.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in _DATES:
            if moment is None:
                raise PostError(f"it has no date, and its address {template} asks for one")
            return f"{moment.year:04}" if name == "year" else moment.strftime(_DATES[name])
        return values.get(name, "")

    return encoded_path(_TOKEN.sub(value, template))
