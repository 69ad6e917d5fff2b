"""Eleventy: any text of the input folder, its path is its address."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path, PurePosixPath

from related_posts.visibility import is_no, is_yes
from training.sources import front_values
from training.sources.dates import read_date
from training.sources.markdown.eleventy_data import FolderData, own_permalink
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
)
from training.sources.markdown.js_config import SUFFIXES, read_program, string_of
from training.sources.markdown.permalinks import encoded_path
from training.sources.markdown.templates import strip_between, strip_liquid
from training.sources.markdown.url_template import expand

CONFIG_NAMES = (".eleventy.js", *(f"eleventy.config.{suffix}" for suffix in SUFFIXES))

_SUFFIXES = frozenset({".md", ".markdown", ".html", ".mdx"})
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})")
# Eleventy looks for the date anywhere in a name, and cuts off all up to it.
_DATED_NAME = re.compile(r".*?\d{4}-\d{2}-\d{2}-(.*)", re.DOTALL)
#: Collections that are lists of posts, not topics.
_LISTS = frozenset({"all", "post", "posts", "blog", "article", "articles", "nav"})
#: Words for dates that the disk or git knows.
_FILE_DATES = frozenset({"last modified", "created", "git last modified", "git created"})


class Eleventy(Generator):
    """An Eleventy site.

    Args:
        site: The folder that holds the configuration.
        given_base: The address the user gave, or None.
        url_template: The posts' path, or empty for Eleventy's own rule.

    Raises:
        SourceError: The configuration cannot be read.
    """

    name = "Eleventy"

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        program = read_program(site, CONFIG_NAMES) or ""
        self.input = input_of(program)
        data = [f"{self.input}/_data/{name}" for name in ("metadata", "site")]
        names = [f"{one}.{suffix}" for one in data for suffix in ("json", *SUFFIXES)]
        metadata = read_program(site, names) or ""
        url = string_of(metadata, "url")
        self.base: str = base_of(given_base, url, string_of(program, "pathPrefix"))
        self.language: str = front_values.language(
            string_of(metadata, "language") or string_of(metadata, "lang")
        )
        self.roots = (self.input,)
        output = string_of(program, "output").strip("./") or "_site"
        self.ignored_folders = frozenset({output, "_site", "node_modules"})
        self._template = url_template
        self._folders = FolderData(site, self.input)

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """Every text of the input folder, but for those of ``_includes`` and ``_data``."""
        below = folder.parts[len(PurePosixPath(self.input).parts) :]
        if not folder.is_relative_to(self.input):
            return [], True
        if below[:1] and below[0] in ("_includes", "_data", "_layouts"):
            return [], False
        return [name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES], True

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """What is dated or tagged as a post is one; a README at the top is a page."""
        is_top = len(file.parts) == len(PurePosixPath(self.input).parts) + 1
        if is_top and file.stem.lower() in ("readme", "license", "changelog", "contributing"):
            return False, "page"
        return True, None

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """Front matter over the data of its folders; tags of both, without collections."""
        above = self._folders.of(file)
        data = {**above, **lowered(document.data)}
        own = front_values.names(document.data.get("tags"))
        data["is_post"] = bool(
            _LISTS.intersection(map(str.lower, own + front_values.names(above.get("tags"))))
        )
        data["tags"] = [tag for tag in own if tag.lower() not in _LISTS]
        if "redirectfrom" in data:
            data["redirect_from"] = data["redirectfrom"]
        if front_values.text(data.get("date")).lower() in _FILE_DATES:
            del data["date"]
            data["is_post"] = True
        return data

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Liquid and Nunjucks go."""
        return strip_liquid(strip_between(text, "{#", "#}") if "{#" in text else text, find)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by ``permalink``, else by the template given, else the file's."""
        published = front_values.moment(data, ("date",), self.zone)
        if published is None and (found := _DATE.search(file.as_posix())):
            published = read_date("the date in its name", found[1], self.zone)
        slug, path, stem = self._names(file)
        given = data.get("permalink")
        hidden = front_values.hidden(data)
        if is_no(given) or is_yes(data.get("eleventyexcludefromcollections")):
            hidden = hidden or "hidden"
        if not hidden and published is not None and published > now:
            hidden = "scheduled"
        if not hidden and published is None and not data["is_post"]:
            hidden = "page"
        if isinstance(given, str) and given.strip():
            page = {"fileslug": slug, "filepathstem": stem}
            fields = {**data, "title": title}
            path = path_of(hidden, lambda: own_permalink(given.strip(), fields, page, published))
        elif self._template:
            path = path_of(hidden, lambda: self._by_template(file, slug, data, published))
        return Placement(path and encoded_path(path), slug, published, hidden=hidden)

    def _by_template(
        self, file: PurePosixPath, slug: str, data: Data, published: datetime | None
    ) -> str:
        folders = file.parent.relative_to(self.input).parts
        values = {
            "slug": front_values.text(data.get("slug")) or slug,
            "name": slug,
            "collection": folders[0] if folders else "",
            "folder": "/".join(folders[1:]),
            "category": "".join(front_values.names(data.get("category"))[:1]),
            "lang": front_values.first_text(data, ("lang", "language", "locale")),
        }
        return expand(self._template, values, published)

    def _names(self, file: PurePosixPath) -> tuple[str, str, str]:
        """``fileSlug``, the path where the file decides it, and ``filePathStem``.

        Only the first and the last are without the date of the name.
        """
        folders = list(file.parent.relative_to(self.input).parts)
        name = file.stem
        slug = _undated(name)
        stem = "/" + "/".join([*folders, slug])
        if slug == "index":
            slug = _undated(folders[-1]) if folders else "index"
        if name == "index" or (folders and folders[-1] == name):
            return slug, f"/{'/'.join(folders)}/", stem
        return slug, f"/{'/'.join([*folders, name])}/", stem


def input_of(program: str) -> str:
    """The folder of a site's texts, by its configuration."""
    found = re.search(r"""setInputDirectory\(\s*["'`]([^"'`\n]{1,200})["'`]""", program)
    given = found[1] if found else string_of(program, "input")
    return PurePosixPath(given.strip("/") or ".").as_posix()


def _undated(name: str) -> str:
    found = _DATED_NAME.fullmatch(name)
    return found[1] if found else name
