"""Links that name a text by its file or its name lead to the post's address instead.

Authors write ``[rye](../rye.md)``, ``@/blog/rye.md`` or a tag with a name; generators
make addresses of it. Here too, so that the links between posts are known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from html import escape, unescape
from pathlib import PurePosixPath
from urllib.parse import unquote

from training.sources.detect import MARKDOWN_SUFFIXES
from training.sources.markdown.templates import NO_ADDRESS

#: Suffixes of files that a link may name and that no address has.
_SOURCES = (*MARKDOWN_SUFFIXES, ".rst")
_HREF = re.compile(r"""\bhref=(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')""")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#")
_BUNDLE = ("index", "_index", "readme")


class Targets:
    """The posts of a site, by the files and names that links may give.

    Args:
        posts: File and address of each.
        roots: Folders from which links name files; see ``Generator``.
    """

    def __init__(self, posts: Iterable[tuple[PurePosixPath, str]], roots: Iterable[str]) -> None:
        self._roots = tuple(roots)
        self._files: dict[str, str] = {}
        self._names: dict[str, str | None] = {}
        for file, address in posts:
            path = file.as_posix()
            self._files[path] = address
            self._files.setdefault(path.removesuffix(file.suffix), address)
            name = file.stem
            if file.stem.lower() in _BUNDLE:
                self._files.setdefault(file.parent.as_posix(), address)
                name = file.parent.name
            # A name that two texts have leads to neither.
            self._names[name] = None if name in self._names else address

    def find(self, file: PurePosixPath, target: str, *, by_name: bool = False) -> str | None:
        """The address of a post, with the fragment of the link, or None.

        Args:
            file: The text that the link stands in.
            target: A path from its folder, or from the root (``/a.md``, ``@/a.md``).
            by_name: Whether it may also be the mere name of a text.
        """
        path, _, fragment = target.strip().partition("#")
        path = unquote(path.partition("?")[0])
        if not path or len(path) > 2_000:
            return None
        is_rooted = path.startswith(("/", "@/"))
        path = path.removeprefix("@").lstrip("/") if is_rooted else path
        folders = self._roots if is_rooted else (file.parent.as_posix(), *self._roots)
        found = None
        for folder in folders:
            found = found or self._files.get(posixpath.normpath(posixpath.join(folder, path)))
        if found is None and by_name:
            name = PurePosixPath(path)
            found = self._names.get(name.name) or self._names.get(name.stem)
        if found is None:
            return None
        return f"{found}#{fragment}" if fragment else found

    def linked(self, html: str, file: PurePosixPath) -> str:
        """The HTML of a text with links to files leading to posts; others stay."""

        def replaced(anchor: re.Match[str]) -> str:
            target = unescape(anchor[1] or anchor[2])
            found = self.find(file, target) if names_source(target) else None
            return f'href="{escape(found)}"' if found else anchor[0]

        return _HREF.sub(replaced, html)

    def address(self, file: PurePosixPath, name: str) -> str:
        """What a tag's name leads to, or ``#``."""
        return self.find(file, name, by_name=True) or NO_ADDRESS


def names_source(target: str) -> bool:
    """Whether a link is to a file of the site's source."""
    if _SCHEME.match(target):
        return False
    path = target.partition("#")[0].partition("?")[0]
    return path.startswith("@/") or path.lower().endswith(_SOURCES)


def has_source_links(html: str) -> bool:
    """Whether any link of an HTML is to a file of the site's source."""
    if ".m" not in html and "@/" not in html and ".rst" not in html:
        return False
    return any(names_source(unescape(double or single)) for double, single in _HREF.findall(html))
