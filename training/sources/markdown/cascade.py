"""Hugo's ``cascade``: front matter that a folder, or the site, gives to the pages in it.

A whole section may be drafts, or kept out of sight, by a line in its ``_index.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from related_posts.errors import PostError
from training.sources import front_values
from training.sources.markdown.frontmatter import MAX_CHARACTERS, split
from training.sources.markdown.generators import Data, lowered

#: Most wildcards of a target; with more, a path would take long to compare.
MAX_WILDCARDS = 8

_SUFFIXES = (".md", ".markdown", ".html")
_GLOB = re.compile(r"/\*\*|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{")


@dataclass(frozen=True, slots=True)
class Rule:
    """Values for some pages.

    Attributes:
        values: Front matter with its keys in lower case.
        path: A glob of the pages' paths below the content folder, or empty for all.
        language: The only language it is for, or empty.
    """

    values: Data
    path: str = ""
    language: str = ""

    def fits(self, page: str, language: str) -> bool:
        """Whether it holds for the page at a path such as ``/posts/rye``."""
        if self.language and language and self.language != language:
            return False
        if sum(map(self.path.count, "*?")) > MAX_WILDCARDS:
            raise PostError(f"the cascade target {self.path[:80]!r} has too many wildcards")
        return not self.path or _pattern(self.path).fullmatch(page) is not None


class Cascade:
    """What the folders of a site give to their pages.

    Args:
        site: The folder of the whole site.
        config: The ``cascade`` of its configuration, or None.
    """

    def __init__(self, site: Path, config: object) -> None:
        self._site = site
        self._of_site = list(_rules(config))
        self._known: dict[PurePosixPath, list[Rule]] = {}

    def values(self, file: PurePosixPath, content: PurePosixPath, language: str) -> Data:
        """What a page is given; that of a nearer folder wins.

        Args:
            file: The page, relative to the site.
            content: The content folder it lies in.
            language: The one its name says, or empty.

        Raises:
            PostError: What a folder says of its pages cannot be read, so they may be drafts.
        """
        page = file.parent if file.name.startswith("index.") else file.with_suffix("")
        path = f"/{page.relative_to(content).as_posix()}".lower()
        above = [one for one in reversed(file.parents) if one.is_relative_to(content)]
        data: Data = {}
        for rules in (self._of_site, *(self._of(folder, language) for folder in above)):
            for rule in rules:
                if rule.fits(path, language):
                    data.update(rule.values)
        return data

    def _of(self, folder: PurePosixPath, language: str) -> list[Rule]:
        names = [f"_index.{language}"] if language else []
        for name in (*names, "_index"):
            for suffix in _SUFFIXES:
                file = folder / f"{name}{suffix}"
                if file not in self._known:
                    self._known[file] = list(self._read(file))
                if self._known[file]:
                    return self._known[file]
        return []

    def _read(self, file: PurePosixPath) -> Iterator[Rule]:
        path = self._site / file
        try:
            if not path.is_file() or not path.resolve().is_relative_to(self._site.resolve()):
                return
            with path.open("rb") as stream:
                text = stream.read(4 * MAX_CHARACTERS).decode("utf-8-sig", "replace")
            data = lowered(split(text).data)
        except (OSError, RuntimeError, PostError) as error:
            raise PostError(f"{file}, which may say that it is a draft: {error}") from error
        yield from _rules(data.get("cascade"))


def _rules(value: object) -> Iterator[Rule]:
    """The rules of a cascade: one, or a list of them."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            continue
        values = lowered(one)
        found = values.pop("target", values.pop("_target", None))
        target = lowered(found) if isinstance(found, dict) else {}
        kind, place = (front_values.text(target.get(key)) for key in ("kind", "environment"))
        if kind.lower() in ("", "page") and place in ("", "production"):
            params = values.pop("params", None)
            values = (lowered(params) if isinstance(params, dict) else {}) | values
            path = front_values.text(target.get("path")).lower()
            yield Rule(values, path, front_values.text(target.get("lang")).lower())


def _pattern(glob: str) -> re.Pattern[str]:
    """A glob of paths: ``*`` within a folder, ``**`` through folders, ``{a,b}`` one of several."""
    pieces = []
    for piece in _GLOB.findall(glob):
        if piece == "/**":
            pieces.append("(?:/.*)?")
        elif len(piece) > 1 and piece[0] == "{":
            pieces.append(f"(?:{'|'.join(map(re.escape, piece[1:-1].split(',')))})")
        else:
            known = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
            pieces.append(known.get(piece) or re.escape(piece))
    return re.compile("".join(pieces))
