"""Gatsby: texts of the folders that its configuration names, addresses by a template."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from training.sources import front_values
from training.sources.markdown.code_site import CodeSite, Located
from training.sources.markdown.generators import base_of
from training.sources.markdown.js_config import SUFFIXES, read_program, string_of

CONFIG_NAMES = tuple(f"gatsby-config.{suffix}" for suffix in SUFFIXES)
PAGES = "src/pages"
#: Folders at the top of a site that hold texts.
TOPS = frozenset({"content", "src", "blog", "posts"})

_PATH = re.compile(
    r"""\bpath\s*:\s*["'`](?:\$\{__dirname\}/?|\./)?([\w./-]{1,200})["'`]"""
    r"""|\bpath\.(?:join|resolve)\(\s*(?:__dirname\s*,)?\s*([^()]{1,300})\)"""
)
_STRING = re.compile(r"""["'`]([\w./-]{1,200})["'`]""")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Za-z]{2,4})?")


class Gatsby(CodeSite):
    """A Gatsby site.

    Args:
        site: The folder that holds ``gatsby-config.*``, which is never run.
        given_base: The address the user gave, or None.
        url_template: The posts' path, or empty for ``/{lang}/{slug}/``.

    Raises:
        SourceError: The configuration cannot be read.
    """

    name = "Gatsby"
    template = "/{lang}/{slug}/"
    ignored_folders = frozenset({"public", "static", "node_modules"})

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        program = read_program(site, CONFIG_NAMES) or ""
        self.base: str = base_of(
            given_base, string_of(program, "siteUrl"), string_of(program, "pathPrefix")
        )
        self.language: str = front_values.language(
            string_of(program, "lang") or string_of(program, "language")
        )
        self._given = url_template
        self._folders = _folders(site, program)
        self.roots = tuple(self._folders)

    def locate(self, file: PurePosixPath) -> Located | None:
        """A text in one of the folders, the deepest that holds it, or in ``src/pages``."""
        if file.is_relative_to(PAGES):
            return Located("", (*file.relative_to(PAGES).parts[:-1], file.stem))
        folder = next((one for one in self._folders if file.is_relative_to(one)), None)
        if folder is None:
            return None
        parts = file.relative_to(folder).parts[:-1]
        stem, language = file.stem, ""
        if stem.startswith("index.") and _LANGUAGE.fullmatch(stem[6:]):
            stem, language = "index", stem[6:]
        return Located(PurePosixPath(folder).name, (*parts, stem), language)


def _folders(site: Path, program: str) -> list[str]:
    """The folders of texts, the deepest first."""
    found: set[str] = set()
    for plain, joined in _PATH.findall(program):
        path = PurePosixPath(plain or "/".join(_STRING.findall(joined)).lstrip("/"))
        if path.parts and ".." not in path.parts and (site / path).is_dir():
            found.add(path.as_posix().strip("/"))
    default = ("content/blog", "content/posts", "content", "blog", "posts")
    found -= {PAGES, "src", "."}
    chosen = found or {one for one in default if (site / one).is_dir()}
    return sorted(chosen, key=len, reverse=True)
