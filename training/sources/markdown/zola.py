"""Zola: pages of the content folder, addresses by sections and slugs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from related_posts.visibility import is_yes
from training.sources import front_values
from training.sources.dates import read_date
from training.sources.markdown.frontmatter import Document
from training.sources.markdown.generators import (
    Data,
    Find,
    Generator,
    Placement,
    Skip,
    base_of,
    lowered,
    path_of,
    read_config,
)
from training.sources.markdown.permalinks import encoded_path
from training.sources.markdown.slugs import ascii_slug
from training.sources.markdown.templates import Writer
from training.sources.markdown.url_template import expand, values_of

CONFIG_NAMES = ("zola.toml", "config.toml")
CONTENT = "content"

_DATED_NAME = re.compile(
    r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)(?:\s?[_-](.+))?", re.ASCII
)
_FORBIDDEN = str.maketrans("", "", '<>:"/\\|?*')
# An opening mark with what makes it a shortcode; other braces are text to Zola.
_SHORTCODE = re.compile(
    r"\{\{(?:(?P<escaped>/\*)|-?\s*\w+(?:::\w+)*\s*\()"
    r"|\{%(?:(?P<escaped_body>/\*)|-?\s*(?:end\b|\w+(?:::\w+)*\s*\())"
)


class Zola(Generator):
    """A Zola site.

    Args:
        site: The folder that holds the configuration and ``content``.
        given_base: The address the user gave, or None.
        url_template: The posts' path where nothing is configured, or empty for Zola's rule.

    Raises:
        SourceError: The configuration cannot be read.
    """

    name = "Zola"
    ignored_folders = frozenset({"public", "themes", "static", "templates", "node_modules"})
    roots = (CONTENT,)

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        path, config = read_config(site, *CONFIG_NAMES)
        self.is_configured = path is not None
        self._template = url_template
        self.base: str = base_of(given_base, config.get("base_url"))
        self.language: str = front_values.language(config.get("default_language")) or "en"
        self._default = front_values.text(config.get("default_language")) or "en"
        languages = config.get("languages")
        self._languages = frozenset(languages) if isinstance(languages, dict) else frozenset()
        slugify = config.get("slugify")
        slugify = slugify if isinstance(slugify, dict) else {}
        self._slugify = front_values.text(slugify.get("paths")) or "on"
        self._keeps_dates = is_yes(slugify.get("paths_keep_dates"))

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """The content folder's texts; a folder with an ``index.md`` is one page with its files."""
        if not folder.is_relative_to(CONTENT):
            return [], True
        texts = [name for name in names if name.endswith(".md")]
        own = [name for name in texts if self._split_name(name)[0] == "index"]
        if folder == PurePosixPath(CONTENT) or not own:
            return texts, True
        return own, False

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """A page of a section is a post; a section (``_index.md``) is none."""
        if self._split_name(file.name)[0] == "_index":
            return False, "list of posts"
        return True, None

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """Front matter, with its taxonomies where every generator has them."""
        data = lowered(document.data)
        taxonomies = data.pop("taxonomies", None)
        for name, terms in taxonomies.items() if isinstance(taxonomies, dict) else ():
            data.setdefault(str(name).lower(), terms)
        # Zola's start at the root.
        if "aliases" in data:
            data["redirect_from"] = data.pop("aliases")
        extra = data.get("extra")
        if isinstance(extra, dict):
            own = {name: extra[name] for name in front_values.IMAGE if name in extra}
            data = own | data
        return data

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Shortcodes go, and the text they enclose stays."""
        return strip_zola(text)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter's ``path``, else by sections and ``slug``."""
        name, language = self._split_name(file.name)
        sections = file.parent.parts[1:]
        if name == "index" and sections:
            name, sections = sections[-1], sections[:-1]
        published = front_values.moment(data, ("date",), self.zone)
        own_name = name
        if dated := _DATED_NAME.fullmatch(name):
            published = published or read_date("the date in its name", dated[1], self.zone)
            if dated[2] and not self._keeps_dates:
                own_name = dated[2]
        slug = front_values.text(data.get("slug"))
        hidden = front_values.hidden(data)
        if not hidden and published is not None and published > now:
            hidden = "scheduled"
        if not sections and not hidden and published is None:
            # An undated text at the top is the likes of /about/.
            hidden = "page"
        own_path = front_values.text(data.get("path"))

        def made() -> str:
            if self._template:
                names = slug and self._slug(slug), self._slug(own_name)
                values = values_of(sections, *names, names[1], data)
                return expand(self._template, values, published)
            prefix = (language,) if language and language != self._default else ()
            return encoded_path("/".join((*prefix, *sections, self._slug(slug or own_name), "")))

        path = path_of(hidden, lambda: encoded_path(f"{own_path}/") if own_path else made())
        return Placement(
            path=path,
            slug=slug or own_name,
            published=published,
            language=front_values.language(language),
            translation_group="/".join((*sections, name)) if self._languages else "",
            hidden=hidden,
        )

    def _slug(self, text: str) -> str:
        if self._slugify == "off":
            return text
        if self._slugify == "safe":
            return text.rstrip(" .").translate(_FORBIDDEN)
        return ascii_slug(text)

    def _split_name(self, name: str) -> tuple[str, str]:
        """A file's name without its suffix, and the language that it names, or empty."""
        stem = name.removesuffix(".md")
        base, _, language = stem.rpartition(".")
        return (base, language) if base and language in self._languages else (stem, "")


def is_config(config: Mapping[str, Any]) -> bool:
    """Whether a ``config.toml`` is Zola's; Hugo writes ``baseURL``."""
    return "base_url" in config


def strip_zola(text: str) -> str:
    """Remove shortcodes (``{{ name(…) }}``, ``{% name(…) %} … {% end %}``) from a text.

    What a shortcode encloses stays. ``{{/* x() */}}`` is how an author writes about one
    and becomes ``{{ x() }}``. What does not end is text. Takes linear time for any text.
    """
    writer = Writer(text)
    while (found := _SHORTCODE.search(text, writer.position)) is not None:
        mark = found[0][:2]
        closer = "}}" if mark == "{{" else "%}"
        if found["escaped"] or found["escaped_body"]:
            end = writer.find(f"*/{closer}", found.end())
            inside = text[found.end() : end - 4]
            writer.replace(found.start(), end, f"{mark}{inside}{closer}")
        else:
            writer.replace(found.start(), writer.find(closer, found.start() + 2), "")
    return writer.text()
