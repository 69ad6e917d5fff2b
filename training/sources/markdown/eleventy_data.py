"""What Eleventy adds to a text: data of its folders, and permalinks that are templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from related_posts.errors import PostError
from training.sources import front_values
from training.sources.markdown.generators import Data, read_config
from training.sources.markdown.js_config import SUFFIXES, read_program, string_of, strings_of
from training.sources.markdown.slugs import eleventy_slug

_EXPRESSION = re.compile(r"\{\{-?([^{}]{0,300})-?\}\}")
_FILTER = re.compile(r"""\s*(\w+)\s*(?:[:(]\s*["']([^"']*)["']\s*\)?)?\s*""")
_DIRECTIVES = re.compile(r"%-?[YmdBbHMSjy]")


class FolderData:
    """The data files of a site's folders (``posts/posts.json``, ``posts.11tydata.js``).

    Args:
        site: The folder of the site.
        top: The input folder; data above it counts for nothing.
    """

    def __init__(self, site: Path, top: str) -> None:
        self._site = site
        self._top = top
        self._own = cache(self._read)

    def of(self, file: PurePosixPath) -> Data:
        """What holds for a text; nearer folders win, and its own data file before all.

        Raises:
            SourceError: A data file is broken; the addresses of its folder depend on it.
        """
        data: Data = {}
        for folder in reversed(file.parents):
            if folder.is_relative_to(self._top):
                data |= self._own(folder / folder.name if folder.name else folder)
        return data | self._own(file.with_suffix(""))

    def _read(self, stem: PurePosixPath) -> Data:
        """The data of files of one name; of a program only what is written out."""
        folder, name = self._site / stem.parent, stem.name
        if not name:
            return {}
        data: Data = {}
        program = read_program(folder, [f"{name}.11tydata.{suffix}" for suffix in SUFFIXES])
        if program:
            found = {key: string_of(program, key) for key in ("permalink", "lang", "author")}
            data = {"tags": strings_of(program, "tags"), **found}
            data = {key: one for key, one in data.items() if one}
        data |= read_config(folder, f"{name}.json")[1]
        return data | read_config(folder, f"{name}.11tydata.json")[1]


def own_permalink(
    template: str, data: Mapping[str, Any], page: Mapping[str, str], moment: datetime | None
) -> str:
    """The path of a ``permalink``, which may hold ``{{ … }}``.

    Known are fields of front matter, ``page.fileSlug``, ``page.filePathStem`` and
    ``page.date``, and the filters ``slugify``, ``slug``, ``lower``, ``upper``, ``url`` and
    ``date`` with a format.

    Raises:
        PostError: It holds anything else; a wrong address is worse than none.
    """

    def value(found: re.Match[str]) -> str:
        name, *filters = found[1].split("|")
        name = name.strip().lower()
        one: str | datetime | None
        if name in ("page.date", "date"):
            one = moment.astimezone(UTC) if moment else None
        elif name.startswith("page."):
            one = page.get(name.removeprefix("page."))
        else:
            one = front_values.text(data.get(name))
        for each in filters:
            one = _filtered(one, each)
        if not isinstance(one, str) or not one:
            reason = f"its permalink holds {found[0]}, which only Eleventy can tell"
            raise PostError(f"{reason}; say the address with --url-template")
        return one

    path = _EXPRESSION.sub(value, template)
    if "{{" in path or "{%" in path:
        raise PostError("its permalink holds code; say the address with --url-template")
    return path.removesuffix("index.html") if path.endswith("/index.html") else path


def _filtered(one: str | datetime | None, text: str) -> str | datetime | None:
    """A value after a filter; None where the filter or the value is not known."""
    found = _FILTER.fullmatch(text)
    if found is None or one is None:
        return None
    name, argument = found[1].lower(), found[2] or ""
    if isinstance(one, datetime):
        moment = one
        is_known = name == "date" and "%" not in _DIRECTIVES.sub("", argument)
        return moment.strftime(argument) if is_known and argument else None
    if name in ("slugify", "slug"):
        return eleventy_slug(one)
    if name in ("lower", "downcase"):
        return one.lower()
    if name in ("upper", "upcase"):
        return one.upper()
    return one if name in ("url", "safe") else None
