"""Tell which generator a folder is for."""

from __future__ import annotations

from pathlib import Path

from training.sources.markdown import hugo, jekyll
from training.sources.markdown.generators import Generator
from training.sources.markdown.plain_folder import PlainFolder

#: Folders above the given one in which its site is looked for.
_MAX_FOLDERS_ABOVE = 4


def generator_of(root: Path, given_base: str | None = None) -> Generator:
    """The generator a folder is for.

    A configuration file in the folder says it, or one above where the folder is its
    content; without one, the name ``_posts`` or ``content`` does.

    Args:
        root: The folder, resolved.
        given_base: The address the user gave, or None.

    Raises:
        SourceError: The configuration cannot be read.
    """
    for site in (root, *root.parents[:_MAX_FOLDERS_ABOVE]):
        parts = root.relative_to(site).parts
        is_own = site == root
        if (is_own or jekyll.POSTS in parts) and _has(site, jekyll.CONFIG_NAMES):
            return jekyll.Jekyll(site, given_base)
        has_content = hugo.CONTENT in parts[:1] or (is_own and (site / hugo.CONTENT).is_dir())
        has_folder = is_own and (site / "config" / "_default").is_dir()
        if (has_content and _has(site, hugo.CONFIG_NAMES)) or has_folder:
            return hugo.Hugo(site, given_base)
    if root.name == jekyll.POSTS:
        return jekyll.Jekyll(root.parent, given_base)
    if (root / jekyll.POSTS).is_dir():
        return jekyll.Jekyll(root, given_base)
    if root.name == hugo.CONTENT:
        return hugo.Hugo(root.parent, given_base)
    if (root / hugo.CONTENT).is_dir():
        return hugo.Hugo(root, given_base)
    return PlainFolder(root, given_base)


def _has(folder: Path, names: tuple[str, ...]) -> bool:
    return any((folder / name).is_file() for name in names)
