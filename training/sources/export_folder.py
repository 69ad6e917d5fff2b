"""A folder of an unpacked export: its files, read with a limit."""

from __future__ import annotations

from pathlib import Path

from related_posts.errors import PostError, SourceError
from training.sources.files import reason_of, regular_file_bytes

#: Longest text read, in bytes; a longer one is no post.
MAX_FILE_BYTES = 64 << 20


def folder_with(path: Path, name: str) -> Path:
    """The folder that holds an entry of this name: the one given or, at that, its only folder.

    Whoever unpacks an archive often gets a folder around what was packed.

    Raises:
        SourceError: There is no such folder, or no such entry in it.
    """
    try:
        if not path.is_dir():
            missing = "this is a file; unpack it and name the folder"
            raise SourceError(path, missing if path.exists() else reason_of(FileNotFoundError()))
        if (path / name).exists():
            return path
        inner = [one for one in sorted(path.iterdir()) if one.is_dir() and one.name[0] not in "._"]
        if len(inner) == 1 and (inner[0] / name).exists():
            return inner[0]
    except OSError as error:
        raise SourceError(path, reason_of(error)) from error
    except ValueError as error:
        raise SourceError(repr(str(path)), f"this is not a path ({error})") from error
    raise SourceError(path, f"there is no {name} in this folder; name the unpacked export")


def text_files(folder: Path, suffix: str = ".html") -> list[Path]:
    """The files of a folder with this suffix, by name; hidden ones are left out.

    Raises:
        SourceError: The folder cannot be listed.
    """
    try:
        return sorted(
            one
            for one in folder.iterdir()
            if one.suffix.lower() == suffix and not one.name.startswith(".")
        )
    except OSError as error:
        raise SourceError(folder, reason_of(error)) from error


def read_text(path: Path, root: Path) -> str:
    """The text of a file within a folder.

    Args:
        path: The file.
        root: The folder; a link that leads out of it is not followed.

    Raises:
        PostError: It is missing, not to be read, too long, or not UTF-8.
    """
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise PostError("it is a link out of the folder")
        if regular_file_bytes(path) > MAX_FILE_BYTES:
            raise PostError(f"it is longer than {MAX_FILE_BYTES >> 20} MiB")
        return path.read_bytes().decode("utf-8-sig")
    except SourceError as error:
        raise PostError(error.reason) from error
    except UnicodeDecodeError as error:
        raise PostError(f"it is not UTF-8 (byte {error.start + 1})") from error
    except (OSError, RuntimeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it links to itself"
        raise PostError(reason) from error
