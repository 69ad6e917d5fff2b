"""Tables of text (CSV) row by row, with the line each began on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from training.sources.base import Progress, no_progress
from training.sources.files import open_stream

#: Longest row read, in characters; a longer one is a mistake, mostly of a quotation mark.
MAX_ROW_CHARS = 64 << 20

#: What may stand between values, best guess first.
DELIMITERS = (",", ";", "\t")

#: A line before the header that says what stands between the values.
EXCEL_HINT = re.compile(r"sep=(.)\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        line: The line of the file it begins on, from 1.
        values: Column, as the header writes it, to value; as far as it could be read.
        problem: What is wrong with the row, or empty.
    """

    line: int
    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def header_of(line: str) -> tuple[list[str], str]:
    """The columns that a header names, and what stands between them.

    That is whichever of ``DELIMITERS`` makes most columns of it.
    """
    best: list[str] = []
    chosen = DELIMITERS[0]
    for delimiter in DELIMITERS:
        with suppress(csv.Error):
            columns = next(csv.reader([line], delimiter=delimiter), [])
            if len(columns) > len(best):
                best, chosen = columns, delimiter
    return [column.strip() for column in best], chosen


def read_rows(
    path: Path, on_header: Callable[[list[str]], None], progress: Progress = no_progress
) -> Iterator[Row]:
    """The rows below the header.

    Text in UTF-8, with or without a byte order mark; blank lines and the hint
    ``sep=;`` of a spreadsheet are passed over. Quoted values may hold line ends, and
    be longer than Python's ``csv`` takes by itself. Every row must have as many
    values as the header names: one that is cut off would look whole otherwise.

    Args:
        path: The file, plain or gzip.
        on_header: Given the columns before the first row, none where there is no
            header; may raise SourceError.
        progress: Told the bytes read on disk.

    Raises:
        SourceError: The file is missing, unreadable, damaged or cut off.
    """
    # One limit for the whole process; a larger one harms nobody.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW_CHARS))
    with open_stream(path, progress) as stream:
        # Bytes that are no UTF-8 become lone surrogates, so they cost their row alone.
        text = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
        lines = _Lines(text)
        columns, delimiter = _header(lines)
        on_header(columns)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while columns:
            lines.chars = 0
            begun = lines.number + 1
            try:
                values = next(reader)
            except StopIteration:
                break
            except (csv.Error, _TooLongError) as error:
                yield Row(begun, problem=f"the row cannot be read ({error})")
                continue
            if values:
                yield _row(begun, columns, values)


def _header(lines: _Lines) -> tuple[list[str], str]:
    """Columns and delimiter; no columns where there is no header that can be read."""
    hinted = ""
    with suppress(_TooLongError):
        for line in lines:
            if found := EXCEL_HINT.fullmatch(line):
                hinted = found[1]
            elif line.strip():
                columns, delimiter = header_of(line)
                if hinted and hinted != delimiter:
                    with suppress(csv.Error, TypeError, ValueError):
                        return next(csv.reader([line], delimiter=hinted), []), hinted
                return columns, delimiter
    return [], DELIMITERS[0]


def _row(line: int, columns: list[str], values: list[str]) -> Row:
    # Of two columns with one name the first one counts.
    named = dict(reversed(list(zip(columns, values, strict=False))))
    if any(map(_SURROGATE.search, values)):
        return Row(line, named, "the row is not UTF-8; save the table as UTF-8")
    if len(values) != len(columns):
        counts = f"it has {len(values)} values where the header names {len(columns)} columns"
        return Row(line, named, counts)
    return Row(line, named)


class _TooLongError(Exception):
    """A row is longer than ``MAX_ROW_CHARS``."""


class _Lines:
    """A file's lines, counted; a row that is too long is read past in pieces.

    Attributes:
        number: Lines read so far.
        chars: Characters read since the caller set it to 0.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.chars = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW_CHARS + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.chars += len(line)
        if self.chars <= MAX_ROW_CHARS:
            return line
        while line and not line.endswith(("\n", "\r")):
            line = self._text.readline(MAX_ROW_CHARS)
        raise _TooLongError(f"it is longer than {MAX_ROW_CHARS:,} characters")
