"""Hugo: pages of the content folder, addresses by sections or ``permalinks``."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from related_posts.visibility import is_yes
from training.sources import front_values
from training.sources.dates import read_date
from training.sources.markdown.cascade import Cascade
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
    path_of,
    read_config,
    zone_of,
)
from training.sources.markdown.permalinks import Parts, encoded_path, hugo_path
from training.sources.markdown.templates import strip_hugo
from training.sources.markdown.url_template import expand, values_of

CONFIG_NAMES = tuple(
    f"{name}.{suffix}" for name in ("hugo", "config") for suffix in ("toml", "yaml", "yml", "json")
)
CONTENT = "content"

_DEFAULT_PERMALINK = "/:sections/:slugorcontentbasename/"
_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".html", ".htm", *OTHER_MARKUP})
_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})[-_](.+)", re.ASCII)
_PUBLISH = ("publishdate", "pubdate", "published")
_EXPIRY = ("expirydate", "unpublishdate")


class Hugo(Generator):
    """A Hugo site.

    Args:
        site: The folder that holds the content folder and the configuration.
        given_base: The address the user gave, or None.
        url_template: The posts' path, or empty for Hugo's rule.

    Raises:
        SourceError: The configuration cannot be read.
    """

    name = "Hugo"
    ignored_folders = frozenset({"public", "resources", "node_modules", "themes"})

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        path, config = _config(site)
        self.is_configured = path is not None or bool(config)
        self._template = url_template
        self.base: str = base_of(given_base, config.get("baseurl"))
        self.zone: tzinfo = zone_of(path, config.get("timezone"))
        self._contents, self._default_language = _contents(config)
        self.roots = tuple(self._contents)
        self._languages = frozenset(filter(None, self._contents.values())) | _language_names(config)
        self._is_multilingual = len(self._languages) > 1
        self._prefixes_default = is_yes(config.get("defaultcontentlanguageinsubdir"))
        given = config.get("languagecode") or config.get("locale")
        self.language: str = front_values.language(given) or self._default_language
        self._permalinks = _permalinks(config.get("permalinks"))
        self._is_ugly = is_yes(config.get("uglyurls"))
        self._keeps_case = is_yes(config.get("disablepathtolower"))
        self._shows = {
            name: is_yes(config.get(f"build{name}")) for name in ("drafts", "future", "expired")
        }
        self._main_sections = front_values.names(_main_sections(config))
        frontmatter = config.get("frontmatter")
        dates = lowered(frontmatter).get("date") if isinstance(frontmatter, dict) else None
        self._cascade = Cascade(site, config.get("cascade"))
        self._slug_is_after_date = ":filename" in front_values.names(dates)

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """The content folder's texts; a folder with an ``index`` is one page with its files."""
        texts = [name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES]
        if folder.as_posix() in self._contents:
            return texts, True
        if self._content_of(folder) is None:
            return [], True
        own = [name for name in texts if self._split_name(name)[0] == "index"]
        return (own, False) if own else (texts, True)

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """A page of a section is a post; a list of pages (``_index``) is none."""
        if self._split_name(file.name)[0] == "_index":
            return False, "list of posts"
        if other := OTHER_MARKUP.get(file.suffix.lower()):
            return False, other
        sections = self._sections(file)
        if self._main_sections and (not sections or sections[0] not in self._main_sections):
            return False, "page"
        return True, None

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """The text's front matter over what its folders and the site give it."""
        own = lowered(document.data)
        content = self._content_of(file.parent)
        if content is None:
            return own
        language = self._split_name(file.name)[1]
        return self._cascade.values(file, PurePosixPath(content), language) | own

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Shortcodes go."""
        return strip_hugo(text, find)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter's ``url``, else by ``permalinks``, else by folders."""
        name, language = self._split_name(file.name)
        sections = self._sections(file)
        bundle = name == "index"
        if bundle:
            name = file.parent.name
        folder = self._content_of(file.parent)
        language = language or (self._contents[folder] if folder else "")
        published = front_values.moment(data, front_values.DATE, self.zone)
        slug = front_values.text(data.get("slug"))
        if dated := _DATED_NAME.fullmatch(name):
            published = published or read_date("the date in its name", dated[1], self.zone)
            if self._slug_is_after_date:
                slug = slug or dated[2]
        hidden = self._hidden(data, published, now)
        if not sections and not hidden and published is None:
            # An undated text at the top is the likes of /about/.
            hidden = "page"
        moment = published.astimezone(self.zone) if published else None
        parts = Parts(name=name, slug=slug, title=title, moment=moment, sections=sections)
        return Placement(
            path=path_of(hidden, lambda: self._path(data, parts, language)),
            slug=slug or name,
            published=published,
            language=language if self._is_multilingual else "",
            translation_group="/".join((*sections, name)) if self._is_multilingual else "",
            hidden=hidden,
        )

    def _path(self, data: Data, parts: Parts, language: str) -> str:
        prefix = ""
        if self._is_multilingual and language:
            is_default = language == self._default_language
            prefix = "" if is_default and not self._prefixes_default else f"/{language}"
        url = front_values.text(data.get("url"))
        if url and "://" not in url:
            # Only a path from the root stands above the language's folder.
            path = url if url.startswith("/") else f"{prefix}/{url}"
            return hugo_path(path, parts, keeps_case=True) if ":" in path else encoded_path(path)
        if self._template:
            dated = _DATED_NAME.fullmatch(parts.name)
            undated = dated[2] if dated else parts.name
            values = values_of(parts.sections, parts.slug, parts.name, undated, data)
            return expand(self._template, values, parts.moment)
        section = parts.sections[0].lower() if parts.sections else ""
        template = self._permalinks.get(section, _DEFAULT_PERMALINK)
        path = hugo_path(template, parts, keeps_case=self._keeps_case)
        if self._is_ugly and path.endswith("/") and path != "/":
            path = f"{path[:-1]}.html"
        return f"{prefix}{path}"

    def _hidden(self, data: Data, published: datetime | None, now: datetime) -> str:
        if reason := front_values.hidden(data, shows_drafts=self._shows["drafts"]):
            return reason
        out = front_values.moment(data, _PUBLISH, self.zone) or published
        if out is not None and out > now and not self._shows["future"]:
            return "scheduled"
        expiry = front_values.moment(data, _EXPIRY, self.zone)
        if expiry is not None and expiry <= now and not self._shows["expired"]:
            return "expired"
        return ""

    def _content_of(self, folder: PurePosixPath) -> str | None:
        """The content folder that holds a folder, the deepest one, or None."""
        holding = [one for one in self._contents if folder.is_relative_to(one)]
        return max(holding, key=len) if holding else None

    def _sections(self, file: PurePosixPath) -> tuple[str, ...]:
        folder = self._content_of(file.parent)
        parts = file.parent.relative_to(folder).parts if folder else ()
        return parts[:-1] if self._split_name(file.name)[0] == "index" else parts

    def _split_name(self, name: str) -> tuple[str, str]:
        """A file's name without its suffix, and the language that it names, or empty."""
        stem = PurePosixPath(name).stem
        base, _, language = stem.rpartition(".")
        return (
            (base, language.lower()) if base and language.lower() in self._languages else (stem, "")
        )


def _config(site: Path) -> tuple[Path | None, dict[str, Any]]:
    """The site's configuration: one file, or files of one key each in a folder."""
    path, config = read_config(site, *CONFIG_NAMES)
    folder = site / "config" / "_default"
    if folder.is_dir():
        own_path, own = read_config(folder, *CONFIG_NAMES)
        path, config = path or own_path, config | own
        for key in ("languages", "permalinks", "params"):
            names = [f"{key}.{suffix}" for suffix in ("toml", "yaml", "yml", "json")]
            part_path, part = read_config(folder, *names)
            if part_path is not None:
                config[key] = part
    return path, config


def _contents(config: dict[str, Any]) -> tuple[dict[str, str], str]:
    """Content folder to its language (empty where names say it), and the default language."""
    content = front_values.text(config.get("contentdir")).strip("/") or CONTENT
    languages = config.get("languages")
    default = front_values.text(config.get("defaultcontentlanguage")).lower()
    if not isinstance(languages, dict) or not languages:
        return {content: ""}, front_values.language(default)
    default = default or "en"
    folders: dict[str, str] = {}
    for name, settings in languages.items():
        own = lowered(settings).get("contentdir") if isinstance(settings, dict) else None
        if folder := front_values.text(own).strip("/"):
            folders[folder] = str(name).lower()
    folders.setdefault(content, default)
    return folders, default


def _language_names(config: dict[str, Any]) -> frozenset[str]:
    languages = config.get("languages")
    return (
        frozenset(map(str.lower, lowered(languages)))
        if isinstance(languages, dict)
        else frozenset()
    )


def _permalinks(config: object) -> dict[str, str]:
    """Section to template, of pages; both of Hugo's spellings."""
    if not isinstance(config, dict):
        return {}
    pages = config.get("page")
    merged = {**config, **(pages if isinstance(pages, dict) else {})}
    return {
        str(section).lower(): template
        for section, template in merged.items()
        if isinstance(template, str)
    }


def _main_sections(config: dict[str, Any]) -> object:
    params = config.get("params")
    own = lowered(params).get("mainsections") if isinstance(params, dict) else None
    return config.get("mainsections") or own
