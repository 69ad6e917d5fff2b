"""What a folder holds: one blog's texts, or exports, each in a file of its own.

A folder with Markdown texts is one blog, whatever else lies in it; a README and its
like beside exports are no texts. A folder without is read file by file: every export
in it and in its folders, each by its own format. Tables (CSV) and lines of JSON whose
name does not say so are read only where there is nothing else, since folders of
exports hold such files of other kinds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from related_posts.errors import SourceError, UnknownFormatError
from training.sources.containers.unpack import archive_kind
from training.sources.detect import IGNORED_FOLDERS, MARKDOWN_SUFFIXES, MAX_ENTRIES, detect
from training.sources.files import reason_of

#: What exports are called; other files of a folder are not looked at.
EXPORT_SUFFIXES = frozenset(
    {
        *(".xml", ".atom", ".rss", ".json", ".jsonl", ".ndjson", ".csv", ".tsv"),
        *(".gz", ".zip", ".tar", ".tgz"),
    }
)

#: Texts about a folder, which do not make it a blog where it holds exports.
_ABOUT = frozenset({"readme", "license", "licence", "changelog", "contributing", "notice"})

_LINES = frozenset({".jsonl", ".ndjson"})

#: Formats that are told by little, so that other files are taken for them.
_WEAK = frozenset({"csv", "jsonl"})


@dataclass(slots=True)
class Found:
    """The exports of a folder.

    Attributes:
        exports: File to its format, or to None for an archive file; in order of their paths.
        passed_over: Files that are called like exports and are none, with what they are.
        seen: Suffixes of all files.
    """

    exports: dict[Path, str | None] = field(default_factory=dict)
    passed_over: dict[Path, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


def whole_format(folder: Path) -> str | None:
    """The format of a folder that is one source as a whole, or None.

    Raises:
        SourceError: It cannot be listed.
    """
    try:
        found = detect(str(folder))
    except UnknownFormatError:
        return None
    if found != "markdown" or _has_texts(folder):
        return found
    # Nothing but a README: a blog only where there are no exports.
    return None if exports_of(folder).exports else found


def exports_of(folder: Path, *, format: str | None = None, archives: bool = True) -> Found:
    """The exports in a folder.

    Args:
        folder: Where to look; in its folders as well, but for hidden ones.
        format: The only format wanted, or None for any.
        archives: Whether archive files count; else they are passed over.

    Raises:
        SourceError: A file that is called like an export is empty, cut off or cannot
            be read: without it the blog would seem to have lost posts.
    """
    found = Found()
    for file in _files(folder, found):
        try:
            kind = archive_kind(file)
            if kind and archives:
                found.exports[file] = None
            elif kind:
                found.passed_over[file] = f"a {kind} archive within another; unpack it first"
            else:
                found.exports[file] = detect(str(file))
        except UnknownFormatError as error:
            found.passed_over[file] = error.reason
    told = {file: each for file, each in found.exports.items() if each is not None}
    if format is not None:
        drop = {file for file, each in told.items() if each != format}
    else:
        weak = {file for file, each in told.items() if _is_weak(file, each)}
        drop = weak if len(weak) < len(told) else set()
    for file in sorted(drop):
        found.passed_over[file] = f"this is {found.exports.pop(file)}"
    return found


def _files(folder: Path, found: Found) -> list[Path]:
    """The files that are called like exports, ordered by path; others are noted as seen."""
    files: list[Path] = []
    n_entries = 0
    for name, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(one for one in folders if _is_looked_into(one))
        n_entries += len(names)
        if n_entries > MAX_ENTRIES:
            reason = f"it holds more than {MAX_ENTRIES:,} files; name the exports themselves"
            raise SourceError(folder, reason)
        for one in names:
            suffix = Path(one).suffix.lower()
            found.seen.add(suffix or one)
            if one[0] != "." and suffix in EXPORT_SUFFIXES and Path(name, one).is_file():
                files.append(Path(name, one))
    return sorted(files)


def _refuse(error: OSError) -> None:
    raise SourceError(error.filename, reason_of(error)) from error


def _has_texts(folder: Path) -> bool:
    """Whether there is a text in a folder that is not about the folder."""
    for _, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if _is_looked_into(one)]
        for name in map(Path, names):
            is_text = name.suffix.lower() in MARKDOWN_SUFFIXES
            if is_text and name.stem.lower() not in _ABOUT and name.name[0] != ".":
                return True
    return False


def _is_looked_into(folder: str) -> bool:
    return folder[0] != "." and folder != "__MACOSX" and folder not in IGNORED_FOLDERS


def _is_weak(file: Path, format: str) -> bool:
    if format not in _WEAK:
        return False
    suffixes = {suffix.lower() for suffix in file.suffixes}
    return format == "csv" or not suffixes & _LINES
