"""Astro: texts of content collections, addresses by a template."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from training.sources import front_values
from training.sources.markdown.code_site import CodeSite, Located
from training.sources.markdown.generators import base_of
from training.sources.markdown.js_config import (
    SUFFIXES,
    read_program,
    says_yes,
    string_of,
    strings_of,
)
from training.sources.markdown.slugs import github_slug

CONFIG_NAMES = tuple(f"astro.config.{suffix}" for suffix in SUFFIXES)
CONTENT, PAGES = "src/content", "src/pages"

_COLLECTIONS = tuple(
    f"src/{name}.{suffix}" for name in ("content.config", "content/config") for suffix in SUFFIXES
)
_BASE = re.compile(r"""\bbase\s*:\s*["'`](?:\./)?([\w./-]{1,200})["'`]""")


class Astro(CodeSite):
    """An Astro site.

    Args:
        site: The folder that holds ``astro.config.*``, which is never run.
        given_base: The address the user gave, or None.
        url_template: The posts' path, or empty for ``/{lang}/{collection}/{slug}/``.

    Raises:
        SourceError: The configuration cannot be read.
    """

    name = "Astro"
    ignored_folders = frozenset({"dist", "public", "node_modules"})

    def __init__(self, site: Path, given_base: str | None = None, url_template: str = "") -> None:
        self.site = site
        program = read_program(site, CONFIG_NAMES) or ""
        self.base: str = base_of(given_base, string_of(program, "site"), string_of(program, "base"))
        self._given = url_template
        self._locales = frozenset(strings_of(program, "locales"))
        default = string_of(program, "defaultLocale")
        self._default_language = "" if says_yes(program, "prefixDefaultLocale") else default
        self.language: str = front_values.language(default)
        if string_of(program, "trailingSlash") == "never":
            self.template = self.template.rstrip("/")
        collections = read_program(site, _COLLECTIONS) or ""
        found = {PurePosixPath(one).as_posix() for one in _BASE.findall(collections)}
        # Folders in folders: the deepest one is a text's collection.
        self._folders = sorted(found, key=len, reverse=True)
        self.roots = (CONTENT, *self._folders)

    def locate(self, file: PurePosixPath) -> Located | None:
        """A text in a collection's folder, or in ``src/pages``."""
        stem, language = self._split_name(file.stem)
        folder = next((one for one in self._folders if file.is_relative_to(one)), None)
        if folder is not None:
            collection, parts = PurePosixPath(folder).name, file.relative_to(folder).parts[:-1]
        elif file.is_relative_to(CONTENT):
            below = file.relative_to(CONTENT).parts[:-1]
            if not below:
                return None
            collection, parts = below[0], below[1:]
        elif file.is_relative_to(PAGES):
            return Located("", (*file.relative_to(PAGES).parts[:-1], file.stem))
        else:
            return None
        if not language and parts and parts[0] in self._locales:
            language, parts = parts[0], parts[1:]
        return Located(collection, (*parts, stem), language)

    def slug(self, parts: tuple[str, ...]) -> str:
        """As Astro makes a collection's ids."""
        return "/".join(map(github_slug, parts))

    def _split_name(self, stem: str) -> tuple[str, str]:
        name, _, language = stem.rpartition(".")
        return (name, language) if name and language in self._locales else (stem, "")
