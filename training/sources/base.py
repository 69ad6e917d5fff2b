"""What every source has in common: what it yields, and how it is asked.

A source reads one export of one blog, as a stream. Whatever is wrong with a
single post is an item of the stream; only a source that is of no use as a
whole raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from related_posts.findings import Problem, Skipped
from related_posts.posts import Post

#: Told how far a source has come: bytes read of the input as it lies on disk, and
#: how many there are in all, or None where that is unknown. Never goes backwards.
Progress: TypeAlias = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Present:
    """A post that is still published and has not changed: its row stays as it is.

    Only for sources that were asked for changes since an earlier read; what was
    not downloaded again is named, so that whatever is named nowhere was deleted.

    Attributes:
        post_id: The id that an earlier read of this source gave the post.
    """

    post_id: str


#: What a source yields.
Item: TypeAlias = Post | Problem | Skipped | Present


def no_progress(done: int, total: int | None) -> None:
    """A progress callback that tells nobody."""


def blog_of(address: str) -> str:
    """A blog's address as names of sources hold it: one that went to https is the same blog.

    >>> blog_of("HTTP://blog.example/")
    'https://blog.example'
    """
    scheme, mark, rest = address.strip().rstrip("/").partition("://")
    return f"https://{rest}" if mark and scheme.lower() == "http" else f"{scheme}{mark}{rest}"


@runtime_checkable
class Source(Protocol):
    """One export of one blog."""

    @property
    def name(self) -> str:
        """The stable identity recorded with every row.

        Two exports of one blog have the same name wherever the files lie and
        whatever they are called (``jsonl``, ``wxr:https://blog.example``), so that
        a newer export replaces the older one. Asked before ``read``: sources of one
        name given together (an export split over several files) are one read of the
        blog, so a source looks into the head of its file where it must.

        Raises:
            SourceError: The head of the file does not say, or cannot be read.
        """
        ...

    @property
    def complete(self) -> bool:
        """Whether this is a full picture of the blog.

        If it is, a post that is no longer in it was deleted. A feed never is.
        """
        ...

    def read(self) -> Iterator[Item]:
        """Every item, in the order of the input, holding few of them in memory.

        Posts are clean: ``schema.post_from_json(schema.post_to_json(post)) == post``.
        No id is yielded twice as a post: the first stays, the second is a problem.

        Raises:
            SourceError: The source is of no use as a whole: missing, unreadable,
                of another format, or cut off. What was yielded before counts for
                nothing then; the archive keeps its previous state.
        """
        ...


@runtime_checkable
class Incremental(Source, Protocol):
    """A source that can be asked for what changed.

    Attributes:
        since: Set by the reader after the source's name is known and before ``read``.
            Only posts changed at or after that moment (and a safe while before) have
            to be yielded whole; all others that are still there as ``Present``. None,
            which a new source starts with, asks for everything.
    """

    since: datetime | None


@runtime_checkable
class Hostless(Source, Protocol):
    """A source that may know the paths of its posts only."""

    @property
    def lacks_host(self) -> bool:
        """Whether its posts' addresses are those of the site it is given."""
        ...


@runtime_checkable
class Split(Source, Protocol):
    """A part of an export in several files, whose posts may point into the others."""

    def beside(self, parts: Sequence[Source]) -> None:
        """Told all parts of its export that are read with it, before ``read``."""
        ...


@runtime_checkable
class Advising(Source, Protocol):
    """A source that can tell, once it is read, what the user should do better."""

    def advice(self) -> Sequence[str]:
        """A sentence each, for the summary; asked after ``read``."""
        ...


class FileSource:
    """What sources of files and folders are made with.

    Args:
        path: The file or folder.
        site: The blog's address, for formats whose posts do not say it.
        now: The moment of this read; aware. What is dated later is not out yet.
        progress: Told the bytes read on disk.
    """

    def __init__(
        self,
        path: Path,
        *,
        site: str | None = None,
        now: datetime,
        progress: Progress = no_progress,
    ) -> None:
        self.path = path
        self._site = site
        self._now = now
        self._progress = progress


__all__ = [
    "Advising",
    "FileSource",
    "Hostless",
    "Incremental",
    "Item",
    "Present",
    "Problem",
    "Progress",
    "Skipped",
    "Source",
    "Split",
    "blog_of",
    "no_progress",
]
