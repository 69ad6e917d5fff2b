"""A folder of texts of no generator known here: a file's path is its address."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath

from training.sources import front_values
from training.sources.dates import read_date
from training.sources.detect import MARKDOWN_SUFFIXES
from training.sources.markdown.frontmatter import Document
from training.sources.markdown.generators import Data, Placement, Skip, base_of, lowered
from training.sources.markdown.permalinks import encoded_path

_SUFFIXES = frozenset({*MARKDOWN_SUFFIXES, ".html", ".htm"})
_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[-_ ].*)?", re.ASCII)
#: Texts about a repository, not of a blog.
_ABOUT = frozenset(
    {"readme", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"}
)
_DRAFTS = frozenset({"_drafts", "drafts"})


class PlainFolder:
    """A folder of texts.

    Args:
        site: The folder.
        given_base: The address the user gave, or None.
    """

    name = "a plain folder"
    liquid = False
    hugo = False
    language = ""
    ignored_folders = frozenset({"_site", "public", "vendor", "node_modules", "dist"})

    def __init__(self, site: Path, given_base: str | None = None) -> None:
        self.site = site
        self.base: str = base_of(given_base, "")
        self.zone: tzinfo = UTC

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

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """Front matter as it is."""
        return lowered(document.data)

    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """The path by front matter, else by the file's own without its suffix."""
        is_index = file.stem.lower() in ("index", "readme") and len(file.parts) > 1
        name = file.parent.name if is_index else file.stem
        folder = file.parent.parent if is_index else file.parent
        slug = front_values.text(data.get("slug")).strip("/")
        own = front_values.first_text(data, ("permalink", "url", "path"))
        path = own if own and "://" not in own else f"{folder.as_posix()}/{slug or name}/"
        if path.startswith("./"):
            path = path[2:]
        published = front_values.moment(data, front_values.DATE, self.zone)
        if published is None and (dated := _DATED_NAME.fullmatch(name)):
            published = read_date("the date in its name", dated[1], self.zone)
        hidden = front_values.hidden(data)
        if not hidden and published is not None and published > now:
            hidden = "scheduled"
        return Placement(encoded_path(path), slug or name, published, hidden=hidden)
