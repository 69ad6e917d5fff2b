"""Blogger's exports: ``blog-MM-DD-YYYY.xml`` and ``feed.atom`` of a Takeout.

Both are Atom. The older one (2008) says what an entry is by categories; the one of a
Takeout (2018) by elements of its own, and knows a post's path but not the blog's host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path

from lxml import etree

from related_posts.errors import SourceError
from training.sources.base import FileSource, Item, Progress, no_progress
from training.sources.blogger.entries import ATOM, BLOGGER_2018, Entry, entry_item
from training.sources.distinct import distinct
from training.sources.xml_stream import Kind, Mending, stream

_BLOG_ID = re.compile(r"tag:blogger\.com,1999:blog-(\d+)(\.archive)?")


class BloggerSource(FileSource):
    """An export of a Blogger blog, plain or gzip, of either schema.

    Live posts are yielded, drafts, scheduled and trashed ones and pages are skipped;
    comments, the template and the settings are passed over.

    Args:
        path: The file.
        site: The blog's address. A Takeout has only paths: without it, addresses
            are site-relative.
        now: The moment of this read; aware.
        progress: Told the bytes read on disk.
    """

    complete = True

    @property
    def name(self) -> str:
        """``blogger:`` and the blog's number, as the head of the file says.

        Raises:
            SourceError: The file cannot be read or is no Blogger export.
        """
        number, _ = self._head
        return f"blogger:{number}"

    @property
    def lacks_host(self) -> bool:
        """A Takeout has paths alone."""
        return self._head[1] is None

    def read(self) -> Iterator[Item]:
        """Every post, and every entry that is none with the reason.

        Raises:
            SourceError: The file is missing, no Blogger export, not well-formed or
                cut off.
        """
        _, site = self._head
        yield from distinct(self._placed(self._site or site))

    def _placed(self, site: str | None) -> Iterator[tuple[str, Item | None]]:
        position = 0
        with closing(self._stream(_ENTRY, _is_entry, self._progress)) as entries:
            for element in entries:
                position += 1
                entry = Entry.of(element)
                known = f" (post {entry.id[:80]})" if entry.id else ""
                place = f"{self.path.name} entry {position}{known}"
                yield place, entry_item(entry, place, site=site, now=self._now)

    def advice(self) -> Sequence[str]:
        """What was mended."""
        return self._mending.advice(self.path)

    def _stream(
        self,
        tags: tuple[str, ...],
        is_wanted: Callable[[etree._Element], bool],
        progress: Progress = no_progress,
    ) -> Generator[etree._Element, None, None]:
        return stream(self.path, _BLOGGER, tags, is_wanted, progress, self._mending)

    @cached_property
    def _mending(self) -> Mending:
        return Mending()

    @cached_property
    def _head(self) -> tuple[str, str | None]:
        """The blog's number and, where the file says it, its address."""
        found = None
        site: str | None = None
        is_export = False
        with closing(self._stream(_HEAD, _is_of_feed)) as elements:
            for element in elements:
                if element.tag == f"{ATOM}entry":
                    break
                if element.tag == f"{ATOM}id":
                    found = _BLOG_ID.fullmatch((element.text or "").strip())
                    root = element.getparent()
                    spaces = () if root is None else root.nsmap.values()
                    is_export = BLOGGER_2018.strip("{}") in spaces
                elif element.get("rel") == "alternate":
                    site = element.get("href")
        if found is None:
            reason = "this is an Atom feed, but no Blogger export (Settings, Back up content)"
            raise SourceError(self.path, reason)
        if not is_export and not found[2]:
            reason = (
                "this is a part of a Blogger blog's public feed, not an export; "
                "export the blog (Settings, Back up content) or name its address"
            )
            raise SourceError(self.path, reason)
        return found[1], site


def _is_of_feed(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.getparent() is None


def _is_entry(element: etree._Element) -> bool:
    return element.tag == f"{ATOM}entry" and _is_of_feed(element)


def _check(path: Path, root: etree._Element) -> None:
    if root.tag != f"{ATOM}feed":
        # As it stands: a prefix that is bound to nothing is part of the name.
        name = root.tag.rpartition("}")[2]
        reason = f"this is XML, but <{name}> and not a Blogger export (Settings, Back up content)"
        raise SourceError(path, reason)


_ENTRY = (f"{ATOM}entry",)
_HEAD = (*_ENTRY, f"{ATOM}id", f"{ATOM}link")
_BLOGGER = Kind("a Blogger export", b"feed>", _check)
