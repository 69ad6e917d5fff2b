"""Jekyll: posts in ``_posts``, dated by their names, addresses by ``_config.yml``."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from related_posts.errors import PostError
from related_posts.visibility import is_yes
from training.sources import front_values
from training.sources.dates import read_date
from training.sources.markdown.frontmatter import Document
from training.sources.markdown.generators import (
    OTHER_MARKUP,
    Data,
    Find,
    Generator,
    Placement,
    Skip,
    base_of,
    lowered,
    read_config,
    zone_of,
)
from training.sources.markdown.permalinks import Parts, jekyll_path
from training.sources.markdown.templates import strip_liquid
from training.sources.markdown.url_template import expand, values_of

CONFIG_NAMES = ("_config.yml", "_config.yaml", "_config.toml")
POSTS, DRAFTS = "_posts", "_drafts"

_SUFFIXES = frozenset({".md", ".markdown", ".mkdown", ".mkdn", ".mkd", ".html", *OTHER_MARKUP})
_NAME = re.compile(r"(\d{2,4})-(\d{1,2})-(\d{1,2})-(.+)", re.ASCII)


class Jekyll(Generator):
    """A Jekyll site.

    Args:
        site: The folder that holds ``_posts`` and ``_config.yml``.
        given_base: The address the user gave, or None.
        url_template: The posts' path, or empty for Jekyll's rule.

    Raises:
        SourceError: ``_config.yml`` cannot be read.
    """

    name = "Jekyll"
    splits_tags = True

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        path, config = read_config(site, *CONFIG_NAMES)
        self.is_configured = path is not None
        self._template = url_template
        self.base: str = base_of(given_base, config.get("url"), config.get("baseurl"))
        self.zone: tzinfo = zone_of(path, config.get("timezone"))
        self.language: str = front_values.language(config.get("lang") or config.get("locale"))
        output = front_values.text(config.get("destination")).strip("./") or "_site"
        self.ignored_folders = frozenset({output, "node_modules", "vendor"})
        self._permalink = front_values.text(config.get("permalink")) or "date"
        self._shows_future = is_yes(config.get("future"))
        self._shows_drafts = is_yes(config.get("show_drafts"))
        self._shows_unpublished = is_yes(config.get("unpublished"))
        self._defaults = _defaults(config.get("defaults"))

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """Every file in ``_posts`` or ``_drafts``, at any depth."""
        if POSTS not in folder.parts and DRAFTS not in folder.parts:
            return [], True
        return [name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES], True

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """A post has its date in its name; a draft has none and lies elsewhere."""
        if DRAFTS in file.parts and POSTS not in file.parts:
            return (True, None) if self._shows_drafts else (False, "draft")
        if _NAME.fullmatch(file.stem) is None:
            return False, "no date in its name"
        if other := OTHER_MARKUP.get(file.suffix.lower()):
            return False, other
        return True, None

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """Front matter over the configuration's defaults for the folder."""
        data: Data = {}
        for folder, values in self._defaults:
            if not folder or file.is_relative_to(folder):
                data.update(values)
        return data | lowered(document.data)

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Liquid goes."""
        return strip_liquid(text, find)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter's ``permalink``, else by the configuration's."""
        found = _NAME.fullmatch(file.stem)
        name = found[4] if found else file.stem
        published = front_values.moment(data, front_values.DATE, self.zone)
        if published is None and found:
            published = read_date("the date in its name", _day(found), self.zone)
        root = file.parts.index(POSTS if POSTS in file.parts else DRAFTS)
        categories = [
            *file.parts[:root],
            *front_values.names(data.get("category")),
            *front_values.names(data.get("categories"), splits_at_spaces=True),
        ]
        slug = front_values.text(data.get("slug"))
        moment = published.astimezone(self.zone) if published else None
        parts = Parts(name=name, slug=slug, title=title, moment=moment, categories=categories)
        own = front_values.text(data.get("permalink"))
        if self._template and not own:
            values = values_of(("", *file.parts[:root]), slug, name, name, data)
            values["slug"], values["collection"] = slug or name, "posts"
            path = expand(self._template, values, moment)
        else:
            path = jekyll_path(own or self._permalink, parts)
        return Placement(
            path=path,
            slug=slug or name,
            published=published,
            categories=file.parts[:root],
            hidden=self._hidden(data, published, now),
        )

    def _hidden(self, data: Data, published: datetime | None, now: datetime) -> str:
        if reason := front_values.hidden(data, shows_drafts=self._shows_unpublished):
            return reason
        if front_values.names(data.get("redirect_to")):
            # Of the plugin jekyll-redirect-from: a page without content that leads elsewhere.
            return "redirect"
        if published is not None and published > now and not self._shows_future:
            return "scheduled"
        return ""


def _day(found: re.Match[str]) -> str:
    """The date of a file name; two digits of a year are of this or the last century."""
    year, month, day = found[1], found[2], found[3]
    if len(year) == 2:
        year = f"19{year}" if int(year) >= 69 else f"20{year}"
    if len(year) == 3:
        raise PostError(f"the year {year} in its name has three digits")
    return f"{year}-{month}-{day}"


def _defaults(config: object) -> list[tuple[str, dict[str, Any]]]:
    """Folder and values of each front matter default that holds for posts."""
    found: list[tuple[str, dict[str, Any]]] = []
    for entry in config if isinstance(config, list) else []:
        scope = entry.get("scope") if isinstance(entry, dict) else None
        values = entry.get("values") if isinstance(entry, dict) else None
        if not isinstance(values, dict) or not isinstance(scope, dict | None):
            continue
        scope = scope or {}
        folder = front_values.text(scope.get("path")).strip("/")
        # A folder pattern is rare, and a wrong default worse than none.
        if front_values.text(scope.get("type")) in ("", "posts") and "*" not in folder:
            found.append((folder, lowered(values)))
    return sorted(found, key=lambda pair: len(pair[0]))
