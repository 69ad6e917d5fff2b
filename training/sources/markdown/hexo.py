"""Hexo: posts in ``source/_posts``, addresses by ``permalink`` of ``_config.yml``."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from related_posts.errors import PostError
from related_posts.visibility import is_yes
from training.sources import front_values
from training.sources.dates import read_date
from training.sources.detect import MARKDOWN_SUFFIXES
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
    zone_of,
)
from training.sources.markdown.hexo_text import split_hexo, strip_hexo
from training.sources.markdown.permalinks import encoded_path
from training.sources.markdown.plain_folder import DATED_NAME
from training.sources.markdown.slugs import hexo_slug
from training.sources.markdown.url_template import expand, values_of

CONFIG_NAMES = ("_config.yml", "_config.yaml", "_config.json")
SOURCE, POSTS, DRAFTS = "source", "_posts", "_drafts"

_SUFFIXES = frozenset({*MARKDOWN_SUFFIXES, ".mdwn", ".mdtxt", ".mdtext", ".html", ".htm"})
_TOKEN = re.compile(r":(\w*[^_\W])")
_SEGMENTS = {
    **{"year": r"(\d{4})", "month": r"(\d{2})", "day": r"(\d{2})", "hash": r"([0-9a-f]{12})"},
    **{"i_month": r"(\d{1,2})", "i_day": r"(\d{1,2})"},
}
#: Addresses that Hexo writes into new configurations and that are nobody's.
_PLACEHOLDERS = frozenset({"example.com", "yoursite.com"})
#: Most parts of ``new_post_name`` of any length; more are no name, and slow to match.
_MAX_FREE_PARTS = 3
#: Longest path held against ``new_post_name``, in characters, for the same reason.
_MAX_NAME = 300


class Hexo(Generator):
    """A Hexo site.

    Args:
        site: The folder that holds ``_config.yml``.
        given_base: The address the user gave, or None.
        url_template: The posts' path where nothing is configured, or empty for Hexo's rule.

    Raises:
        SourceError: ``_config.yml`` cannot be read.
    """

    name = "Hexo"

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        path, config = read_config(site, *CONFIG_NAMES)
        self.is_configured = path is not None
        self._template = url_template
        self.base: str = _base(given_base, config)
        self.zone: tzinfo = zone_of(path, config.get("timezone"))
        languages = front_values.names(config.get("language"))
        self.language: str = front_values.language(languages[0]) if languages else ""
        self._source = source_of(config)
        output = front_values.text(config.get("public_dir")).strip("./") or "public"
        self.ignored_folders = frozenset({output, "node_modules", "themes", "scaffolds"})
        self.roots = (f"{self._source}/{POSTS}", self._source)
        self._permalink = front_values.text(config.get("permalink")) or ":year/:month/:day/:title/"
        defaults = config.get("permalink_defaults")
        self._defaults: dict[str, Any] = defaults if isinstance(defaults, dict) else {}
        self._file_name = _file_name(front_values.text(config.get("new_post_name")))
        self._category = front_values.text(config.get("default_category")) or "uncategorized"
        names = config.get("category_map")
        self._category_map: dict[str, Any] = names if isinstance(names, dict) else {}
        case = front_values.text(config.get("filename_case"))
        self._case = int(case) if case in ("1", "2") else 0
        self._shows_future = is_yes(config.get("future"))
        self._shows_drafts = is_yes(config.get("render_drafts"))

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """Every text in ``_posts`` or ``_drafts`` of the source folder, at any depth."""
        if self._below(folder) is None:
            return [], True
        return [name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES], True

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """A post, unless it is a draft or its name begins with ``_``."""
        if self._below(file.parent) == DRAFTS and not self._shows_drafts:
            return False, "draft"
        below = file.parts[len(PurePosixPath(self._source).parts) + 1 :]
        return (False, "hidden") if any(part[0] == "_" for part in below) else (True, None)

    def split(self, text: str) -> Document:
        """YAML or ``;;;`` JSON, with or without a first line of marks."""
        return split_hexo(text)

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """Front matter, with what the file's name says."""
        data = lowered(document.data)
        if "alias" in data:
            data["redirect_from"] = data["alias"]
        if "categories" in data:
            data.pop("category", None)
        apart = {"title", "hash", "year", "month", "day", "i_month", "i_day"}
        return data | {key: one for key, one in self._named(file).items() if key not in apart}

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Tags go; those that link to posts become links."""
        return strip_hexo(text, find)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter's ``permalink``, else by the configuration's."""
        named = self._named(file)
        slug = named["title"]
        published = front_values.moment(data, ("date",), self.zone)
        year, month, day = (named.get(key, "") for key in ("year", "month", "day"))
        month, day = month or named.get("i_month", ""), day or named.get("i_day", "")
        if published is None and year and month and day:
            published = read_date("the date in its name", f"{year}-{month}-{day}", self.zone)
        hidden = front_values.hidden(data, shows_drafts=self._shows_drafts)
        if not hidden and published is not None and published > now and not self._shows_future:
            hidden = "scheduled"
        own = front_values.text(data.get("permalink"))
        path = path_of(
            hidden, lambda: encoded_path(own) if own else self._path(slug, data, title, published)
        )
        name = slug.rpartition("/")[2]
        return Placement(path, name, published, hidden=hidden)

    def _path(self, slug: str, data: Data, title: str, published: datetime | None) -> str:
        moment = published.astimezone(self.zone) if published else None
        if self._template:
            folder, _, name = slug.rpartition("/")
            dated = DATED_NAME.fullmatch(name)
            undated = dated[2] if dated and dated[2] else name
            own = front_values.text(data.get("slug"))
            folders = (POSTS.strip("_"), *filter(None, folder.split("/")))
            return expand(self._template, values_of(folders, own, name, undated, data), moment)
        values = {
            "title": slug,
            "name": slug.rpartition("/")[2],
            "post_title": hexo_slug(title, 1),
            "category": self._category_slug(data),
            **(_dates(slug, moment) if moment else {}),
        }

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in values:
                return values[name]
            own = front_values.text(data.get(name.lower())) or front_values.text(
                self._defaults.get(name)
            )
            if own:
                return own
            raise PostError(f"its address {self._permalink} asks for {name}, which it lacks")

        return encoded_path(_TOKEN.sub(value, self._permalink))

    def _category_slug(self, data: Data) -> str:
        """The last category, below those above it; ``[[A, B], [C]]`` are two lines of them."""
        value = data.get("categories") or data.get("category")
        if isinstance(value, (list, tuple)) and value and isinstance(value[-1], (list, tuple)):
            value = value[-1]
        names = [value] if isinstance(value, str) else front_values.names(value)
        mapped = (front_values.text(self._category_map.get(name)) or name for name in names)
        return "/".join(hexo_slug(name, self._case) for name in mapped) or self._category

    def _named(self, file: PurePosixPath) -> dict[str, str]:
        """What a file's name says by ``new_post_name``; ``title`` is always among it."""
        below = PurePosixPath(*file.parts[len(PurePosixPath(self._source).parts) + 1 :])
        path = below.as_posix().removesuffix(below.suffix)
        found = self._file_name.fullmatch(path) if len(path) <= _MAX_NAME else None
        if found is None:
            return {"title": hexo_slug(path)}
        return {"title": hexo_slug(path), **found.groupdict()}

    def _below(self, folder: PurePosixPath) -> str | None:
        """The one of ``_posts`` and ``_drafts`` that holds a folder, or None."""
        for name in (POSTS, DRAFTS):
            if folder.is_relative_to(f"{self._source}/{name}"):
                return name
        return None


def source_of(config: dict[str, Any]) -> str:
    """The folder of a site's texts."""
    return front_values.text(config.get("source_dir")).strip("./") or SOURCE


def _base(given: str | None, config: dict[str, Any]) -> str:
    url = config.get("url")
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        parts = None
    if parts is not None and parts.hostname in _PLACEHOLDERS:
        url = ""
    has_folder = parts is not None and parts.path.strip("/")
    return base_of(given, url, "" if has_folder and url else config.get("root"))


def _file_name(template: str) -> re.Pattern[str]:
    """What ``new_post_name`` says of a file's path without suffix, as named groups."""
    template = template.rpartition(".")[0] if "." in template else template
    names = _TOKEN.findall(template)
    n_free = sum(name not in _SEGMENTS for name in names)
    if not names or len(set(names)) < len(names) or n_free > _MAX_FREE_PARTS:
        template = ":title"
    pieces: list[str] = []
    end = 0
    for found in _TOKEN.finditer(template):
        segment = _SEGMENTS.get(found[1], "(.+?)")
        pieces += [re.escape(template[end : found.start()]), f"(?P<{found[1]}>{segment[1:]}"]
        end = found.end()
    try:
        return re.compile("".join([*pieces, re.escape(template[end:])]), re.ASCII)
    except re.error:
        return re.compile("(?P<title>.+)")


def _dates(slug: str, moment: datetime) -> dict[str, str]:
    seconds = int(moment.timestamp())
    digest = hashlib.sha1(f"{slug}{seconds}".encode(errors="replace"), usedforsecurity=False)
    return {
        "year": f"{moment.year:04}",
        "month": f"{moment.month:02}",
        "i_month": str(moment.month),
        "day": f"{moment.day:02}",
        "i_day": str(moment.day),
        "hour": f"{moment.hour:02}",
        "minute": f"{moment.minute:02}",
        "second": f"{moment.second:02}",
        "timestamp": str(seconds),
        "hash": digest.hexdigest()[:12],
    }
