"""The generator that makes a blog of a folder: where its posts lie and what their addresses are.

Each generator is one class behind ``Generator``; ``which_generator`` tells which one
a folder is for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, TypeAlias
from urllib.parse import urlsplit

from related_posts.errors import PostError, SourceError
from training.sources.dates import read_zone
from training.sources.files import reason_of
from training.sources.markdown.frontmatter import (
    MAX_CHARACTERS,
    Document,
    FrontMatterError,
    read_json,
    read_toml,
    read_yaml,
    split,
)

#: Front matter with its keys in lower case.
Data: TypeAlias = dict[str, Any]

#: Why a text is no post, in words that can be counted, or None where it is none of
#: the blog's business.
Skip: TypeAlias = str | None

#: The address of the post that a text names by its file or its name, or ``#``.
Find: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Placement:
    """What the generator knows of a post.

    Attributes:
        path: Its path on the site, percent-encoded, starting with ``/``; empty where it is
            hidden and lacks what a path is made of.
        slug: The last readable part of its address.
        published: Aware moment of publication, or None.
        categories: Those its folder gives it, which come before its own.
        language: The one its folder or name gives it, or empty.
        translation_group: Equal for translations of one text, or empty.
        hidden: Why it must not be shown, or empty.
    """

    path: str
    slug: str
    published: datetime | None = None
    categories: Sequence[str] = ()
    language: str = ""
    translation_group: str = ""
    hidden: str = ""


class Generator(ABC):
    """The rules of one generator, for one site.

    Attributes:
        name: As people call it.
        site: The folder of the whole site; paths are relative to it.
        base: What comes before a path: ``https://blog.example/sub``, ``/sub`` or empty.
        zone: In which dates without a zone are meant.
        language: Of posts that do not say, or empty.
        splits_tags: Whether tags in one string are divided by spaces.
        ignored_folders: Names in the site's folder that hold no texts.
        roots: Folders from which links name files, beside the folder of the text.
        is_configured: False where no configuration was found, so that addresses are guessed.
    """

    name: ClassVar[str]
    splits_tags: ClassVar[bool] = False
    ignored_folders: frozenset[str] = frozenset()
    site: Path
    base: str = ""
    zone: tzinfo = UTC
    language: str = ""
    roots: tuple[str, ...] = ("",)
    is_configured: bool = True

    @abstractmethod
    def texts(self, folder: PurePosixPath, names: list[str]) -> tuple[list[str], bool]:
        """Which files of a folder are texts, and whether folders in it hold some too."""

    @abstractmethod
    def role(self, file: PurePosixPath) -> tuple[bool, Skip]:
        """Whether a text can be a post; else why not, or None to pass it over."""

    @abstractmethod
    def place(self, file: PurePosixPath, data: Data, title: str, now: datetime) -> Placement:
        """Where a post is found and whether it is shown.

        Raises:
            PostError: Its front matter does not fit.
        """

    def split(self, text: str) -> Document:
        """The text's front matter and body.

        Raises:
            FrontMatterError: It begins and does not end, or is not valid.
        """
        return split(text)

    def complete(self, file: PurePosixPath, document: Document) -> Data:
        """The text's front matter with the site's defaults."""
        return lowered(document.data)

    def strip(self, text: str, file: PurePosixPath, find: Find) -> str:
        """The text without template code; addresses that it looks up are found."""
        return text


#: Texts that generators read and this reader does not: told, not passed over in silence.
OTHER_MARKUP = {
    ".org": "Org mode",
    ".adoc": "AsciiDoc",
    ".asciidoc": "AsciiDoc",
    ".rst": "reStructuredText",
    ".textile": "Textile",
}


def path_of(hidden: str, make: Callable[[], str]) -> str:
    """A post's path; empty for a hidden one, such as a draft without a date, that has none.

    Args:
        hidden: Why it must not be shown, or empty.
        make: Gives the path.

    Raises:
        PostError: It is shown and has no path.
    """
    try:
        return make()
    except PostError:
        if hidden:
            return ""
        raise


def read_config(folder: Path, *names: str) -> tuple[Path | None, dict[str, Any]]:
    """The first configuration file that is there, with its top keys in lower case.

    Args:
        folder: Where to look.
        names: File names, the best first; the suffix says the format.

    Returns:
        The file, or None, and its content.

    Raises:
        SourceError: It cannot be read or is not valid; the posts' addresses depend on it.
    """
    for name in names:
        path = folder / name
        if not path.is_file():
            continue
        try:
            with path.open("rb") as stream:
                text = stream.read(4 * MAX_CHARACTERS + 1).decode("utf-8-sig")
        except OSError as error:
            raise SourceError(path, reason_of(error)) from error
        except UnicodeDecodeError as error:
            raise SourceError(path, "this is not UTF-8; save it as UTF-8") from error
        read = {".toml": read_toml, ".json": read_json}.get(path.suffix, read_yaml)
        try:
            content = read(text.replace("\r\n", "\n"))
        except FrontMatterError as error:
            raise SourceError(path, f"line {error.line}: {error.reason}") from error
        return path, lowered(content) if isinstance(content, dict) else {}
    return None, {}


def lowered(content: dict[Any, Any]) -> dict[str, Any]:
    """A mapping with its keys in lower case; of equal keys the last one stays."""
    return {str(key).lower(): value for key, value in content.items()}


def base_of(given: str | None, url: object, folder: object = "") -> str:
    """What comes before every path.

    Args:
        given: The address the user gave, which says it all.
        url: The configuration's, used where it is an http(s) address or a path.
        folder: The folder on the server that the configuration names apart from it.
    """
    if given:
        return given.rstrip("/")
    base = url.strip() if isinstance(url, str) else ""
    try:
        parts = urlsplit(base)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        base = parts.path if not parts.scheme and not parts.netloc else ""
    base = base.rstrip("/")
    below = folder.strip().strip("/") if isinstance(folder, str) else ""
    base = f"{base}/{below}" if below else base
    return base if not base or "://" in base else f"/{base.strip('/')}"


def zone_of(path: Path | None, name: object) -> tzinfo:
    """The configuration's time zone; UTC where it names none.

    Raises:
        SourceError: There is no such zone.
    """
    if name is None or name == "":
        return UTC
    zone = read_zone(name)
    if zone is None:
        reason = f"there is no time zone {str(name)[:40]!r}; name one such as Europe/Berlin"
        raise SourceError(path or "the configuration", reason)
    return zone
