"""What a source says, kept in a file until the archive is written.

A blog may take minutes to read over the web. The archive is not held locked for so
long: what was read is written at one go afterwards, and meanwhile others may write.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import orjson

from related_posts.archive import Entry, Unchanged, Unreadable, Withdrawn
from related_posts.posts import Post
from related_posts.schema import post_from_bytes, post_to_bytes

_POST = b"p"
_OTHERS: dict[bytes, type[Unreadable] | type[Withdrawn] | type[Unchanged]] = {
    b"x": Unreadable,
    b"w": Withdrawn,
    b"u": Unchanged,
}
_MARKS = {kind: mark for mark, kind in _OTHERS.items()}


class Spool:
    """Entries in the order in which they were read; the file ends with the process.

    Args:
        folder: Where the file lies; the system's own place where it is no folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        place = folder if folder is not None and folder.is_dir() else None
        self._file = tempfile.TemporaryFile(dir=place)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def fill(self, entries: Iterable[Entry]) -> None:
        """Write entries, one a line.

        Raises:
            PostError: A post's ``extra`` holds what JSON cannot.
            OSError: The file cannot grow.
        """
        for entry in entries:
            if isinstance(entry, Post):
                line = _POST + post_to_bytes(entry)
            else:
                line = _MARKS[type(entry)] + orjson.dumps(entry.post_id)
            self._file.write(line + b"\n")

    def __iter__(self) -> Iterator[Entry]:
        self._file.seek(0)
        for line in self._file:
            mark, content = line[:1], line[1:]
            if mark == _POST:
                yield post_from_bytes(content)
            else:
                yield _OTHERS[mark](orjson.loads(content))
