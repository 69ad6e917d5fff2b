"""Texts of Pelican: lines of metadata at their beginning, links with marks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from training.sources.detect import MARKDOWN_SUFFIXES
from training.sources.markdown.frontmatter import (
    MAX_CHARACTERS,
    Document,
    FrontMatterError,
    split,
)
from training.sources.markdown.templates import NO_ADDRESS

_FENCE = re.compile(r"---[ \t]*\n")
_LINE = re.compile(r" {0,3}([A-Za-z0-9_-]{1,80}):[ \t]*(.*)")
_MORE = re.compile(r" {4,}(.*)|\t+(.*)")
_END = re.compile(r"(?:---|\.\.\.)[ \t]*")
_MARKED = re.compile(
    r"(?:\{(filename|static|attach|index|author|category|tag)\}"
    r"|\|(filename|static|attach|index|author|category|tag)\|)([^\s\"'<>()\[\]]*)"
)


def split_pelican(text: str) -> Document:
    """Read the metadata at the beginning of a text of Pelican.

    Lines of ``Name: value`` up to a blank line, a longer value going on in lines that are
    indented; or the same, or YAML, between ``---`` lines.

    Raises:
        FrontMatterError: It is too long.
    """
    whole = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    skipped = text.removeprefix("\ufeff").replace("\r\n", "\n").find(whole[:1]) if whole else 0
    if _FENCE.match(whole):
        try:
            return split(text)
        except FrontMatterError:
            # A colon in a title is no YAML, but is metadata.
            document = _lines(whole.partition("\n")[2], 2)
            if not document.has_front_matter or not document.data:
                raise
            return document
    return _lines(whole, 1 + max(skipped, 0))


def marked_links(
    text: str,
    file: PurePosixPath,
    content: str,
    base: str,
    find: Callable[[str], str],
) -> str:
    """A text whose links with marks (``{filename}x.md``, ``{static}/x.png``) are addresses.

    Args:
        text: The body.
        file: Where it lies in the site.
        content: The folder of the site's texts.
        base: What comes before a path on the site.
        find: The address of a post by its file.
    """

    def address(found: re.Match[str]) -> str:
        kind, target = found[1] or found[2], found[3]
        path = target.partition("#")[0].lower()
        if kind == "index":
            return f"{base}/"
        if kind == "filename" and path.endswith((*MARKDOWN_SUFFIXES, ".rst", ".html")):
            return find(target)
        if kind in ("filename", "static", "attach"):
            return static_address(target, file, content, base)
        return NO_ADDRESS

    return _MARKED.sub(address, text) if "{" in text or "|" in text else text


def static_address(target: str, file: PurePosixPath, content: str, base: str) -> str:
    """Where a file of the content folder is found; from the text's folder, or from the root."""
    if not target.startswith("/"):
        target = posixpath.join("/", file.parent.relative_to(content).as_posix(), target)
    return f"{base}{posixpath.normpath(target)}"


def _lines(whole: str, first: int) -> Document:
    data: dict[str, object] = {}
    position = 0
    key = ""
    number = first
    while position < len(whole):
        if position > MAX_CHARACTERS:
            raise FrontMatterError(f"it is longer than {MAX_CHARACTERS >> 10} KiB", number)
        end = whole.find("\n", position)
        end = len(whole) if end < 0 else end
        line = whole[position:end]
        if not line.strip() or _END.fullmatch(line):
            if data:
                position, number = end + 1, number + 1
            break
        if found := _LINE.fullmatch(line):
            key = found[1].lower()
            data[key] = found[2].strip()
        elif key and (more := _MORE.fullmatch(line)):
            data[key] = f"{data[key]}, {(more[1] or more[2] or '').strip()}".strip(", ")
        else:
            break
        position, number = end + 1, number + 1
    return Document(data, whole[position:], number) if data else Document({}, whole)
