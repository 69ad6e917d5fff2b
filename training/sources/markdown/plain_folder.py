"""A folder of texts of no generator known here: a file's path is its address."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath

from training.sources import front_values
from training.sources.dates import read_date
from training.sources.detect import MARKDOWN_SUFFIXES
from training.sources.markdown.generators import (
    Data,
    Find,
    Generator,
    Placement,
    Skip,
    base_of,
    path_of,
)
from training.sources.markdown.permalinks import encoded_path
from training.sources.markdown.templates import strip_hugo
from training.sources.markdown.url_template import expand, values_of

_SUFFIXES = frozenset({*MARKDOWN_SUFFIXES, ".html", ".htm"})
#: A name that begins with a date, and what follows it.
DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[-_ ](.*))?", re.ASCII)
#: Texts about a repository, not of a blog.
_ABOUT = frozenset(
    {"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"}
)
#: Where Hugo has its texts; its references name files from there.
_CONTENT = "content"
_DRAFTS = frozenset({"_drafts", "drafts"})


class PlainFolder(Generator):
    """A folder of texts.

    Args:
        site: The folder.
        given_base: The address the user gave, or None.
        url_template: The posts' path, or empty for the file's own.
    """

    name = "a plain folder"
    ignored_folders = frozenset({"_site", "public", "vendor", "node_modules", "dist"})

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        self._template = url_template
        self.base: str = base_of(given_base, "")
        self.zone: tzinfo = UTC
        if (site / _CONTENT).is_dir():
            self.roots = ("", _CONTENT)

    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """Every Markdown and HTML file."""
        return [name for name in names if PurePosixPath(name).suffix.lower() in _SUFFIXES], True

    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """Lists, drafts and a repository's own texts are no posts."""
        if file.stem == "_index":
            return False, "list of posts"
        if _DRAFTS.intersection(file.parts[:-1]):
            return False, "draft"
        if len(file.parts) == 1 and file.stem.lower() in (*_ABOUT, "index"):
            return False, "page"
        return True, None

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """Hugo's shortcodes go: they stand in many a folder that lost its configuration."""
        return strip_hugo(text, find) if "{{<" in text or "{{%" in text else text

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter, else by the file's own without its suffix."""
        is_index = file.stem.lower() in ("index", "readme") and len(file.parts) > 1
        name = file.parent.name if is_index else file.stem
        folder = file.parent.parent if is_index else file.parent
        slug = front_values.text(data.get("slug")).strip("/")
        own = front_values.first_text(data, ("permalink", "url", "path"))
        published = front_values.moment(data, front_values.DATE, self.zone)
        if published is None and (dated := DATED_NAME.fullmatch(name)):
            published = read_date("the date in its name", dated[1], self.zone)
        hidden = front_values.hidden(data)
        if not hidden and published is not None and published > now:
            hidden = "scheduled"
        if own and "://" not in own:
            path = own
        elif self._template:
            path = path_of(hidden, lambda: self._by_template(folder, slug, name, data, published))
        else:
            path = f"{folder.as_posix()}/{slug or name}/".removeprefix("./")
        return Placement(path and encoded_path(path), slug or name, published, hidden=hidden)

    def _by_template(
        self, folder: PurePosixPath, slug: str, name: str, data: Data, published: datetime | None
    ) -> str:
        dated = DATED_NAME.fullmatch(name)
        undated = dated[2] if dated and dated[2] else name
        values = values_of(folder.parts, slug, name, undated, data)
        return expand(self._template, values, published)
