"""A source that lies in something: a folder of exports, or an archive file.

What it says of places then names what it lies in, as people would look for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, cast

from related_posts.errors import SourceError
from training.sources.base import Item, Problem, Progress, Skipped, Source, no_progress


@dataclass(frozen=True, slots=True)
class Part:
    """One source that a place stands for.

    Attributes:
        path: What ``open_source`` is to be given.
        shown: What people call it: ``export.zip/feed.atom``.
        format: Its format, or None where it is to be detected.
        inside: The folder that ``path`` lies in or is, and the path by which the user
            knows that folder; None for a place itself.
        passed_over: Files beside it that look like exports and are none.
    """

    path: str
    shown: str
    format: str | None = None
    inside: tuple[Path, Path] | None = None
    passed_over: dict[str, str] = field(default_factory=dict)


class Opener(Protocol):
    """What opens one source: ``sources.open_source`` with all but its place settled."""

    def __call__(self, place: str, *, format: str | None, progress: Progress) -> Source:
        """The source for a place."""
        ...


def open_part(part: Part, opener: Opener, progress: Progress = no_progress) -> Source:
    """The source for a part; what it says of places names what it lies in.

    Raises:
        SourceError: As ``opener`` does, in the user's words for the place.
    """
    if part.inside is None:
        return opener(part.path, format=part.format, progress=progress)
    with _naming(part):
        source = opener(part.path, format=part.format, progress=progress)
    return cast(Source, Member(source, part))


class Member:
    """A source that lies in a folder or an archive file."""

    def __init__(self, source: Source, part: Part) -> None:
        self._source = source
        self._part = part
        folder, container = part.inside or (Path(part.path), Path(part.shown))
        within = Path(part.path).relative_to(folder).parent
        self._before = (Path(container.name) / within).as_posix()

    @property
    def name(self) -> str:
        """The source's own name: where an export lies does not matter."""
        with _naming(self._part):
            return self._source.name

    @property
    def complete(self) -> bool:
        """As the source says."""
        return self._source.complete

    def read(self) -> Iterator[Item]:
        """Every item, its place with what it lies in before it."""
        for shown in self._part.passed_over:
            yield Skipped(shown, "no export")
        with _naming(self._part):
            for item in self._source.read():
                if isinstance(item, Problem | Skipped):
                    yield replace(item, place=f"{self._before}/{item.place}")
                else:
                    yield item


def bare(source: Source) -> Source:
    """A source itself, whatever it lies in."""
    return source._source if isinstance(source, Member) else source


@contextlib.contextmanager
def in_users_words(folder: Path, place: str, shown: str = "") -> Iterator[None]:
    """Errors about what lies in a folder name what the user named.

    Args:
        folder: Where it lies, perhaps only for now.
        place: What the user called that.
        shown: What an error is about that does not say which file.
    """
    try:
        yield
    except SourceError as error:
        known = error.source.startswith(str(folder))
        source = f"{place}{error.source.removeprefix(str(folder))}" if known else shown or place
        reason = error.reason.replace(f"{folder}/", "")
        raise SourceError(source, reason) from error


def _naming(part: Part) -> contextlib.AbstractContextManager[None]:
    folder, place = part.inside or (Path(part.path), Path(part.shown))
    return in_users_words(folder, str(place), part.shown)
