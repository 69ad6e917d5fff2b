"""The tables of a Ghost export row by row, holding one row at a time.

An export is one JSON document, often hundreds of megabytes on one line.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from pathlib import Path
from typing import Any

from related_posts.errors import SourceError
from training.sources.base import Progress, no_progress
from training.sources.files import open_stream
from training.sources.json_stream import JsonStream


def table_rows(
    path: Path, tables: Collection[str], progress: Progress = no_progress
) -> Generator[tuple[str, Any], None, None]:
    """Table and row, for the rows of some tables, in the order of the file.

    Args:
        path: The export, plain or gzip, in either envelope: ``{"db": [{"data": {…}}]}``
            or ``{"data": {…}}``.
        tables: Names of the tables to read.
        progress: Told the bytes read on disk.

    Yields:
        A row may be any JSON value. An export without ``posts`` is none, whether or
        not they were asked for.

    Raises:
        SourceError: The file is missing, not JSON, cut off, or no Ghost export.
    """
    with open_stream(path, progress) as stream:
        document = JsonStream(path, stream)
        if not document.peek():
            raise SourceError(path, "this file is empty; export the blog again")
        has_posts = False
        for table in _tables(document):
            has_posts |= table == "posts"
            for _ in document.elements():
                if table in tables:
                    yield table, document.parsed()
                else:
                    document.value()
        if document.peek():
            raise document.broken("something follows the document")
    if not has_posts:
        reason = "this is JSON, but no Ghost export (Settings, Export): it has no data.posts"
        raise SourceError(path, reason)


def _tables(document: JsonStream) -> Iterator[str]:
    """Names of the tables; whoever asks has to read the array that follows each."""
    if document.peek() != b"{":
        document.value()
        return
    for name in document.members():
        if name == "db" and document.peek() == b"[":
            for position in document.elements():
                # Ghost has never written more than one.
                if position or document.peek() != b"{":
                    document.value()
                    continue
                for inner in document.members():
                    yield from _data(document, inner)
        else:
            yield from _data(document, name)


def _data(document: JsonStream, name: str) -> Iterator[str]:
    if name != "data" or document.peek() != b"{":
        document.value()
        return
    for table in document.members():
        if document.peek() == b"[":
            yield table
        else:
            document.value()
