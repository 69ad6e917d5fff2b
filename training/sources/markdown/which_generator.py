"""Tell which generator a folder is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from related_posts.errors import SourceError
from training.sources.markdown import astro, eleventy, gatsby, hexo, hugo, jekyll, pelican, zola
from training.sources.markdown.generators import Generator, read_config
from training.sources.markdown.js_config import read_program
from training.sources.markdown.options import DEFAULT, MarkdownOptions
from training.sources.markdown.pelican_config import CONFIG as PELICAN_CONFIG
from training.sources.markdown.plain_folder import PlainFolder

#: Folders above the given one in which its site is looked for.
_MAX_FOLDERS_ABOVE = 4

#: Those that have addresses in their configuration; where there is none, a template says them.
_BY_RULE: dict[str, Callable[[Path, str | None, str], Generator]] = {
    "hexo": hexo.Hexo,
    "hugo": hugo.Hugo,
    "jekyll": jekyll.Jekyll,
    "pelican": pelican.Pelican,
    "zola": zola.Zola,
}
_BY_TEMPLATE: dict[str, Callable[[Path, str | None, str], Generator]] = {
    "astro": astro.Astro,
    "eleventy": eleventy.Eleventy,
    "gatsby": gatsby.Gatsby,
    "plain": PlainFolder,
}

#: A generator's name and the folder of its site.
_Told: TypeAlias = tuple[str, Path]


def generator_of(
    root: Path, given_base: str | None = None, options: MarkdownOptions = DEFAULT
) -> Generator:
    """The generator a folder is for.

    A configuration file in the folder says it, or one above where the folder is its
    content; without one, the name ``_posts``, ``source/_posts`` or ``content`` does.

    Args:
        root: The folder, resolved.
        given_base: The address the user gave, or None.
        options: What the user says of the generator and of addresses.

    Raises:
        SourceError: The configuration cannot be read, or a template of addresses is
            given for a generator that has rules of its own.
    """
    name, site = (options.generator, root) if options.generator else _told(root)
    if name in _BY_TEMPLATE:
        return _BY_TEMPLATE[name](site, given_base, options.url_template)
    generator = _BY_RULE[name](site, given_base, options.url_template)
    if options.url_template and generator.is_configured:
        reason = f"this is a {generator.name} site, whose configuration says the addresses"
        raise SourceError(root, f"{reason}; leave out --url-template, or add --generator plain")
    return generator


def _told(root: Path) -> _Told:
    for site in (root, *root.parents[:_MAX_FOLDERS_ABOVE]):
        if found := _configured(site, root.relative_to(site).parts):
            return found, site
    for site in (root, *root.parents[:2]):
        posts = site / hexo.SOURCE / hexo.POSTS
        if posts.is_relative_to(root) and posts.is_dir():
            return "hexo", site
    if root.name == jekyll.POSTS:
        return "jekyll", root.parent
    if (root / jekyll.POSTS).is_dir():
        return "jekyll", root
    if root.name == hugo.CONTENT:
        return "hugo", root.parent
    if (root / hugo.CONTENT).is_dir():
        return "hugo", root
    return "plain", root


def _configured(site: Path, below: tuple[str, ...]) -> str | None:
    """The generator that is configured in a folder and whose texts lie below, or None.

    Args:
        site: The folder that may hold a configuration.
        below: The folders from there to the one that was named; none if it is the same.
    """
    is_own = not below
    if _has(site, eleventy.CONFIG_NAMES):
        folder = eleventy.input_of(read_program(site, eleventy.CONFIG_NAMES) or "")
        if is_own or folder == "." or below[0] == folder.partition("/")[0]:
            return "eleventy"
    if _has(site, (PELICAN_CONFIG,)) and (is_own or _in_pelican(site, below)):
        return "pelican"
    if _has(site, astro.CONFIG_NAMES) and (is_own or below[0] == "src"):
        return "astro"
    if _has(site, gatsby.CONFIG_NAMES) and (is_own or below[0] in gatsby.TOPS):
        return "gatsby"
    if _is_hexo(site, below):
        return "hexo"
    if (is_own or jekyll.POSTS in below) and _has(site, jekyll.CONFIG_NAMES):
        return "jekyll"
    has_content = below[:1] == (hugo.CONTENT,) or (is_own and (site / hugo.CONTENT).is_dir())
    if has_content and _is_zola(site):
        return "zola"
    has_folder = is_own and (site / "config" / "_default").is_dir()
    return "hugo" if (has_content and _has(site, hugo.CONFIG_NAMES)) or has_folder else None


def _is_hexo(site: Path, below: tuple[str, ...]) -> bool:
    """Whether a ``_config.yml`` is Hexo's; Jekyll's may lie beside a ``source/_posts`` too."""
    path, config = read_config(site, *hexo.CONFIG_NAMES)
    if path is None:
        return False
    folder = hexo.source_of(config)
    if below and below[0] != folder.partition("/")[0]:
        return False
    is_jekyll = "source" in config or (site / "Gemfile").is_file()
    return (site / folder / hexo.POSTS).is_dir() and not is_jekyll


def _is_zola(site: Path) -> bool:
    if _has(site, zola.CONFIG_NAMES[:1]):
        return True
    return not _has(site, hugo.CONFIG_NAMES[:4]) and zola.is_config(
        read_config(site, "config.toml")[1]
    )


def _in_pelican(site: Path, below: tuple[str, ...]) -> bool:
    """Whether a folder is within the texts of a Pelican site."""
    (content,) = pelican.Pelican(site).roots
    return content == "." or below[0] == content.partition("/")[0]


def _has(folder: Path, names: tuple[str, ...]) -> bool:
    return any((folder / name).is_file() for name in names)
