"""JSON Lines: one post a line in our own documented schema (``docs/jsonl.md``).

An array of posts, which many tools write instead, is read as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from related_posts.errors import PostError
from related_posts.fields import identifier, shown
from related_posts.loose_json import loads
from related_posts.nearest import nearest
from related_posts.posts import Post
from related_posts.schema import FIELDS, post_from_json, unknown_members
from related_posts.visibility import not_public
from related_posts.wording import counted
from training.sources.base import FileSource, Item, Problem, Skipped
from training.sources.distinct import distinct
from training.sources.files import open_stream
from training.sources.json_stream import JsonStream

#: Longest line read, in bytes after unpacking; a post longer than this is a mistake.
MAX_LINE_BYTES = 64 << 20

_BOM = b"\xef\xbb\xbf"
#: Names of members that are no fields, counted and told at most.
_MOST_UNKNOWN, _MOST_ADVICE = 1_000, 10
#: How an array of posts begins; a broken line may begin with a bracket, too.
ARRAY = re.compile(rb"\s*\[\s*[\]{]")
#: Bytes in which that is looked for.
_HEAD_BYTES = 4096


class JsonlSource(FileSource):
    """A file of one JSON object a line, or of an array of them, plain or gzip, each a post.

    A line that is no post is a problem and the rest goes on. A line that says it is
    not public (``draft``, ``status``, ``password``, or published after ``now``) is
    skipped, so that an export of everything does not leak.

    Args:
        path: The file.
        site: The blog's address; not needed here, every post says its own.
        now: The moment of this read; aware.
        progress: Told the bytes read on disk.
    """

    #: A data folder holds one blog, so neither the file's name nor its place matters:
    #: the next export may be called anything, and replaces this one.
    name = "jsonl"
    complete = True
    _unknown: Counter[str]

    def advice(self) -> list[str]:
        """Members that are no fields and look like one that was misspelt."""
        found = []
        for name, n in self._unknown.most_common():
            if name.isprintable() and (meant := nearest(name, FIELDS)):
                told = f"{name} in {counted(n, 'post')} is no field; did you mean {meant}?"
                found.append(told)
        return found[:_MOST_ADVICE]

    def read(self) -> Iterator[Item]:
        """Every line as a post, a problem or something skipped.

        Raises:
            SourceError: The file is missing, unreadable, damaged or cut off; or it is
                an array that does not end, or whose brackets do not fit.
        """
        self._unknown = Counter()
        if self._is_array():
            yield from distinct(self._of_array())
            return
        first_line: dict[str, int] = {}
        with open_stream(self.path, self._progress) as stream:
            for number, content in _lines(stream):
                place = f"{self.path.name} line {number}"
                if content is None:
                    limit = f"the line is longer than {MAX_LINE_BYTES >> 20} MiB"
                    yield Problem(place, f"{limit}; split the post or leave it out")
                    continue
                item = self._item(place, content)
                if isinstance(item, Post):
                    earlier = first_line.setdefault(item.id, number)
                    if earlier != number:
                        reason = f"id {shown(item.id)} was read before, on line {earlier}"
                        item = Problem(place, f"{reason}; the first one stays", item.id)
                yield item

    def _is_array(self) -> bool:
        with open_stream(self.path) as stream:
            head = stream.read(_HEAD_BYTES)
        return ARRAY.match(head.removeprefix(_BOM)) is not None

    def _of_array(self) -> Iterator[tuple[str, Item]]:
        with open_stream(self.path, self._progress) as stream:
            document = JsonStream(self.path, stream)
            for position in document.elements():
                place = f"{self.path.name} item {position + 1}"
                yield place, self._item(place, document.value())
            if document.peek():
                raise document.broken("something follows the array")

    def _item(self, place: str, content: bytes) -> Item:
        try:
            parsed = loads(content)
        except ValueError as error:
            return Problem(place, str(error))
        if isinstance(parsed, dict) and (reason := not_public(parsed)):
            return Skipped(place, reason, _id_of(parsed))
        try:
            post = post_from_json(parsed)
        except PostError as error:
            return Problem(place, error.reason, error.post_id)
        for name in unknown_members(parsed):
            if name in self._unknown or len(self._unknown) < _MOST_UNKNOWN:
                self._unknown[name] += 1
        if post.published is not None and post.published > self._now:
            return Skipped(place, "scheduled", post.id)
        return post


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines that are not blank, with their number from 1; None for one that is too long.

    What is over the limit is read past in pieces of that size, never held.
    """
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            yield number, None
            continue
        line = line.removeprefix(_BOM) if number == 1 else line
        if line := line.strip():
            yield number, line


def _id_of(content: dict[str, Any]) -> str | None:
    try:
        return identifier("id", content.get("id"))
    except PostError:
        return None
