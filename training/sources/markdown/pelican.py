"""Pelican: articles of the content folder, addresses by ``ARTICLE_URL``."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from related_posts.errors import PostError, SourceError
from related_posts.visibility import is_yes
from training.sources import front_values
from training.sources.detect import MARKDOWN_SUFFIXES
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
    zone_of,
)
from training.sources.markdown.pelican_config import (
    COMPUTED,
    CONFIG,
    MAX_PATH,
    PUBLISH,
    pattern_of,
    read_settings,
)
from training.sources.markdown.pelican_text import marked_links, split_pelican, static_address
from training.sources.markdown.permalinks import encoded_path
from training.sources.markdown.slugs import latin
from training.sources.markdown.url_template import expand, values_of

_DEFAULTS = {
    "ARTICLE_URL": "{slug}.html",
    "ARTICLE_LANG_URL": "{slug}-{lang}.html",
    "FILENAME_METADATA": r"(?P<date>\d{4}-\d{2}-\d{2}).*",
}
_FIELD = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_DIRECTIVES = re.compile(r"%-?[YmdBbaAHMSjye]")
_LISTS = ("tags", "authors", "category", "categories")


class Pelican(Generator):
    """A Pelican site.

    Args:
        site: The folder that holds ``pelicanconf.py``, which is never run.
        given_base: The address the user gave, or None.
        url_template: The posts' path where nothing is configured, or empty for Pelican's rule.

    Raises:
        SourceError: The configuration cannot be read, or computes what addresses are made of.
    """

    name = "Pelican"
    ignored_folders = frozenset({"output", "theme", "themes", "plugins", "node_modules"})

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        self.is_configured = any((site / name).is_file() for name in (CONFIG, PUBLISH))
        self._given = url_template
        self._settings = read_settings(site)
        self.base: str = base_of(given_base, self._setting("SITEURL", ""))
        path = site / CONFIG
        self.zone: tzinfo = zone_of(path, self._setting("TIMEZONE", ""))
        self._language = str(self._setting("DEFAULT_LANG", "en") or "en")
        self.language: str = front_values.language(self._language)
        self._content = self._folder()
        self.roots = (self._content,)
        self._url = self._template("ARTICLE_URL", "ARTICLE_SAVE_AS")
        self._lang_url = self._template("ARTICLE_LANG_URL", "ARTICLE_LANG_SAVE_AS")
        self._patterns = tuple(
            pattern_of(path, name, self._setting(name, _DEFAULTS.get(name, "")))
            for name in ("FILENAME_METADATA", "PATH_METADATA")
        )
        own = self._setting("DEFAULT_METADATA", {})
        self._metadata = lowered(own) if isinstance(own, dict) else {}
        self._articles = self._folders("ARTICLE_PATHS", [""])
        self._others = self._folders("PAGE_PATHS", ["pages"]) + self._folders(
            "ARTICLE_EXCLUDES", []
        )

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """The articles' folders; those of pages are left out."""
        if not folder.is_relative_to(self._content):
            return [], True
        suffixes = (*MARKDOWN_SUFFIXES, *OTHER_MARKUP)
        return [name for name in names if PurePosixPath(name).suffix.lower() in suffixes], True

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """A text in the folders of articles, in Markdown."""
        below = file.relative_to(self._content)
        if any(below.is_relative_to(one) for one in self._others):
            return False, "page"
        if not any(below.is_relative_to(one) for one in self._articles):
            return False, None
        other = OTHER_MARKUP.get(file.suffix.lower())
        return (False, other) if other else (True, None)

    def split(self, text: str) -> Document:
        """Lines of metadata, or YAML."""
        return split_pelican(text)

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """The text's metadata, over what its path says, over the site's defaults."""
        below = file.relative_to(self._content)
        found: Data = {}
        for pattern, text in zip(self._patterns, (file.stem, below.as_posix()), strict=True):
            if pattern and (match := pattern.match(text[:MAX_PATH])):
                named = {key.lower(): one for key, one in match.groupdict().items() if one}
                found = named | found
        if self._setting("USE_FOLDER_AS_CATEGORY", True) and below.parent.name:
            found.setdefault("category", below.parent.name)
        data = {**self._metadata, **found, **lowered(document.data)}
        for name in _LISTS:
            value = data.get(name)
            if isinstance(value, str) and ";" in value:
                data[name] = value.split(";")
        if not data.get("authors") and not data.get("author"):
            data["author"] = self._setting("AUTHOR", "")
        if "alias" in data:
            data["redirect_from"] = data["alias"]
        for name in front_values.IMAGE:
            if isinstance(data.get(name), str):
                data[name] = self._static(data[name], file)
        return data

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Links with marks become addresses; there is no template code."""
        return marked_links(text, file, self._content, self.base, find)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by the text's ``URL``, else by ``ARTICLE_URL``."""
        published = front_values.moment(data, ("date",), self.zone)
        slug = front_values.text(data.get("slug"))
        language = front_values.text(data.get("lang")).lower() or self._language
        hidden = self._hidden(data, published, now)
        by_name = self._setting("SLUGIFY_SOURCE", "title") == "basename"
        slug = slug or path_of(hidden, lambda: self._slug(file.stem if by_name else title))
        is_default = language == self._language and not is_yes(data.get("translation"))
        template = self._url if is_default else self._lang_url
        own = front_values.text(data.get("url"))

        def made() -> str:
            if self._given:
                return self._by_template(
                    file, slug, "" if is_default else language, data, published
                )
            return self._expand(template, file, slug, language, data, published)

        path = path_of(hidden, lambda: own or made())
        if path.endswith("/index.html"):
            path = path.removesuffix("index.html")
        return Placement(
            path=path and encoded_path(path),
            slug=slug,
            published=published,
            language=front_values.language(language),
            translation_group=slug,
            hidden=hidden,
        )

    def _hidden(self, data: Data, published: datetime | None, now: datetime) -> str:
        if reason := front_values.hidden(data):
            return reason
        if front_values.text(data.get("status")).lower() == "skip":
            return "hidden"
        if published is None and self._setting("DEFAULT_DATE", None) is None:
            # Pelican does not publish it.
            return "no date"
        is_future = published is not None and published > now
        return (
            "scheduled"
            if is_future and self._setting("WITH_FUTURE_DATES", False) is not True
            else ""
        )

    def _by_template(
        self, file: PurePosixPath, slug: str, language: str, data: Data, published: datetime | None
    ) -> str:
        """The path by the user's template, with Pelican's own slugs."""
        folders = file.relative_to(self._content).parent.parts
        values = values_of(("", *folders), slug, file.stem, slug, data)
        values["category"] = values["category"] and self._slug(values["category"])
        values["lang"] = language
        moment = published.astimezone(self.zone) if published else None
        return expand(self._given, values, moment)

    def _expand(
        self,
        template: str,
        file: PurePosixPath,
        slug: str,
        language: str,
        data: Data,
        published: datetime | None,
    ) -> str:
        def value(found: re.Match[str]) -> str:
            name, form = found[1].lower(), found[2] or ""
            if name == "date":
                if published is None or not form or "%" in _DIRECTIVES.sub("", form):
                    raise PostError(f"its address {template} asks for {found[0]}")
                return published.astimezone(self.zone).strftime(form)
            if name == "slug":
                return slug
            if name == "lang":
                return language
            if name == "path":
                return file.relative_to(self._content).as_posix()
            if name == "category":
                default = self._setting("DEFAULT_CATEGORY", "misc")
                names = front_values.names(data.get("category"))
                return self._slug(names[0] if names else str(default))
            if name == "author":
                names = front_values.names(data.get("authors") or data.get("author"))
                return self._slug(names[0]) if names else ""
            own = front_values.text(data.get(name))
            if not own or form:
                raise PostError(f"its address {template} asks for {found[0]}, which it lacks")
            return own

        return _FIELD.sub(value, template)

    def _slug(self, text: str) -> str:
        """As Pelican makes one of a title."""
        if "SLUG_REGEX_SUBSTITUTIONS" in self._settings:
            reason = "SLUG_REGEX_SUBSTITUTIONS is the site's own and not followed"
            raise PostError(f"{reason}; give the post a Slug, and a URL where that is not enough")
        plain = front_values.plain(text)
        if self._setting("SLUGIFY_USE_UNICODE", False) is True:
            plain = unicodedata.normalize("NFKC", plain)
        else:
            plain = latin(plain)
        slug = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip())
        return slug if self._setting("SLUGIFY_PRESERVE_CASE", False) is True else slug.lower()

    def _static(self, value: str, file: PurePosixPath) -> str:
        for mark in ("{static}", "{attach}", "{filename}", "|filename|"):
            if value.startswith(mark):
                return static_address(value[len(mark) :], file, self._content, "")
        return value

    def _setting(self, name: str, default: Any) -> Any:
        value = self._settings.get(name, default)
        return default if value is COMPUTED else value

    def _template(self, name: str, file_name: str) -> str:
        """The template of addresses; where there is only one of files, it says the same."""
        for each in (name, file_name):
            value = self._settings.get(each)
            if value is COMPUTED:
                raise SourceError(
                    self.site / CONFIG, f"{each} is computed; write it out, as it is never run"
                )
            if isinstance(value, str) and value:
                return value
        return _DEFAULTS[name]

    def _folder(self) -> str:
        path = self._setting("PATH", "")
        folder = PurePosixPath(path.strip("/") or ".") if isinstance(path, str) else None
        if folder is None or ".." in folder.parts or not (self.site / folder).is_dir() or not path:
            return "content" if (self.site / "content").is_dir() else "."
        return folder.as_posix()

    def _folders(self, name: str, default: list[str]) -> list[str]:
        value = self._setting(name, default)
        return _names_of(value, default)


def _names_of(value: object, default: list[str]) -> list[str]:
    """Folders as a setting names them; an empty name is the content folder itself."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return [one.strip("/") for one in values if isinstance(one, str)] or default
