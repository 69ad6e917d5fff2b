"""Every post's related posts as static files.

Two forms: one file with a line for each post, to be read by programs, and a
folder with a file for each post that holds exactly what the HTTP service would
answer, to be put beside a static site. No reader ever meets half a file.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import orjson

from related_posts.curation.overlay import Overlay
from related_posts.errors import ConfigError
from related_posts.files import make_folder, sync_folder
from related_posts.index import Index
from related_posts.items import rounded
from service.api.desk import rows_of
from service.api.listing import answer, members
from service.api.query import PLAIN, Options
from service.api.selection import Asked, Selection
from service.whole import aside, only_exporter, replacing, sync_files

#: Names every post's file in a folder, and marks the folder as ours.
INDEX_FILE = "index.json"
#: What ``INDEX_FILE`` says of itself, so that no other folder is ever cleared.
KIND = "related-posts export"
#: Hexadecimal digits of a file's name: the start of the SHA-256 of the post's id.
NAME_DIGITS = 16
_FILE_NAME = re.compile(r"[0-9a-f]{16,64}\.json")


def lines(
    index: Index, limit: int, overlay: Overlay | None = None, options: Options = PLAIN
) -> Iterator[bytes]:
    """One JSON line for each post, newest first: ``{"id", "related": [{"id", "score"}, …]}``.

    An item that is no match, or that people put where it is, says why, as ``reason``.

    Args:
        index: The version.
        limit: Most items of each list.
        overlay: What people decided; None for nothing.
        options: What else the lists are asked for with.
    """
    ids = [index.post(row)["id"] for row in range(index.n_posts)]
    selection = Selection.of(index, overlay)
    excluded = rows_of(index, options.exclude)
    for row in _rows(index, overlay):
        related = []
        if options is PLAIN:
            shown = selection.plain(row, limit)
        else:
            asked = Asked.of_row(selection.finder, row, excluded)
            shown = selection.choose(asked, limit, options)
        for one in shown:
            score = None if one.score is None else rounded(one.score)
            why = {} if one.reason is None else {"reason": one.reason}
            related.append({"id": ids[one.row], "score": score, **why})
        yield orjson.dumps({"id": ids[row], "related": related}) + b"\n"


def write_lines(
    index: Index,
    limit: int,
    out: str,
    overlay: Overlay | None = None,
    options: Options = PLAIN,
) -> None:
    """Write the :func:`lines` to a file, which is replaced at the end, or to stdout for ``-``.

    Raises:
        ConfigError: The file cannot be written.
    """
    if out == "-":
        _write_all(sys.stdout.buffer, lines(index, limit, overlay, options))
        return
    target = Path(out)
    try:
        make_folder(target.parent)
        with only_exporter(target.parent), replacing(target) as file:
            _write_all(file, lines(index, limit, overlay, options))
    except BrokenPipeError:
        raise
    except OSError as mistake:
        raise _unwritable(out, mistake) from None


def write_folder(
    index: Index,
    limit: int,
    out: str,
    overlay: Overlay | None = None,
    options: Options = PLAIN,
) -> None:
    """Write a folder with a file for each post and ``index.json``.

    All files are written aside first, so that a full disk changes nothing; ``index.json`` is
    replaced last. An earlier export in the same folder is replaced: files only it had are
    removed, and files that are not named as an export names them are left alone. An interruption
    leaves whole files of either export; run it again.

    Raises:
        ConfigError: The folder holds something else, or cannot be written.
    """
    target = Path(out)
    if target.exists() and not target.is_dir():
        raise ConfigError("--out", str(target), "it must be a folder or end in .jsonl")
    try:
        make_folder(target)
        with only_exporter(target):
            _check_folder(target)
            if not (target / INDEX_FILE).exists():
                # Marks the folder as ours, should this be interrupted.
                with replacing(target / INDEX_FILE) as file:
                    file.write(_folder_index(index, {}, limit))
            _write_files(index, limit, target, overlay, options)
    except OSError as mistake:
        raise _unwritable(out, mistake) from None


def _write_files(
    index: Index, limit: int, target: Path, overlay: Overlay | None, options: Options
) -> None:
    """Replace the files of a folder, which nobody else does meanwhile."""
    every = file_names(index)
    names = {row: every[row] for row in _rows(index, overlay)}
    selection = Selection.of(index, overlay)
    excluded = rows_of(index, options.exclude)
    scratch = aside(target)
    scratch.mkdir()
    try:
        for row, name in names.items():
            asked = Asked.of_row(selection.finder, row, excluded)
            content = answer(index, members(selection, asked, limit, options))
            (scratch / name).write_bytes(content)
        sync_files(scratch / name for name in names.values())
        for name in names.values():
            (scratch / name).replace(target / name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    sync_folder(target)
    with replacing(target / INDEX_FILE) as file:
        file.write(_folder_index(index, names, limit))
    written = set(names.values())
    for path in list(target.iterdir()):
        if _FILE_NAME.fullmatch(path.name) and path.name not in written:
            path.unlink()
    sync_folder(target)


def file_names(index: Index) -> list[str]:
    """The name of each post's file, by row: the start of a hash of its id.

    A second id with the same start, which does not happen by chance, takes more digits.
    """
    names: list[str] = []
    taken: set[str] = set()
    for row in range(index.n_posts):
        digest = hashlib.sha256(index.post(row)["id"].encode()).hexdigest()
        digits = NAME_DIGITS
        while f"{digest[:digits]}.json" in taken:
            digits += 1
        names.append(f"{digest[:digits]}.json")
        taken.add(names[-1])
    return names


def _folder_index(index: Index, names: Mapping[int, str], limit: int) -> bytes:
    """``index.json``: from id and from URL to file."""
    pairs = [(index.post(row), name) for row, name in names.items()]
    return orjson.dumps(
        {
            "kind": KIND,
            "version": index.version,
            "limit": limit,
            "ids": {post["id"]: name for post, name in pairs},
            # Of two posts at one address, the newer: the one the service finds.
            "urls": {post["url"]: name for post, name in reversed(pairs)},
        },
        option=orjson.OPT_INDENT_2,
    )


def _check_folder(target: Path) -> None:
    """Refuse a folder that is in use for anything but an earlier export.

    Raises:
        ConfigError: It is.
    """
    try:
        if not any(target.iterdir()):
            return
        if orjson.loads((target / INDEX_FILE).read_bytes())["kind"] == KIND:
            return
    except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise ConfigError(
        "--out", str(target), "the folder holds something else; name an empty or a new one"
    )


def _rows(index: Index, overlay: Overlay | None) -> list[int]:
    """Rows of the posts that may be seen, in order."""
    rows = range(index.n_posts)
    return list(rows) if overlay is None else [row for row in rows if not overlay.is_masked(row)]


def _write_all(file: BinaryIO, lines: Iterable[bytes]) -> None:
    for line in lines:
        file.write(line)
    file.flush()


def _unwritable(out: str, mistake: OSError) -> ConfigError:
    return ConfigError("--out", out, f"it cannot be written: {mistake.strerror or mistake}")
