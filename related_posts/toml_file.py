"""Reading the small TOML files that people write into the data folder.

Whatever is wrong with one is a sentence that names the file, and the line where that is known.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from related_posts.errors import ConfigError

#: More than this is not what a person wrote.
MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class TomlFile:
    """A file's values, and its text to find them in.

    Attributes:
        path: Where it was found.
        values: What it holds.
        text: What it holds, as written.
    """

    path: Path
    values: dict[str, Any]
    text: str

    def place(self, name: str) -> str:
        """The file, and the line in which a name of its top level is given a value, if found."""
        pattern = re.compile(rf"""\s*\[*\s*(["']?){re.escape(name)}\1\s*[\].=]""")
        lines = self.text.splitlines(keepends=True)
        for number, line in enumerate(lines, start=1):
            # A line within a text of several lines only looks like one.
            if pattern.match(line) and _is_toml("".join(lines[: number - 1])):
                return f"{self.path} line {number}"
        return str(self.path)


def read_toml(path: Path) -> TomlFile | None:
    """A TOML file, or None where there is none.

    A byte order mark at its start, as some editors write it, is passed over.

    Raises:
        ConfigError: It is no file, cannot be read, is larger than :data:`MAX_BYTES`, or is not
            TOML in UTF-8.
    """
    try:
        content = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as mistake:
        said = f"it could not be read: {mistake.strerror or mistake}"
        if isinstance(mistake, PermissionError):
            said += "; give this user the right to read it, or name another data folder"
        raise ConfigError(str(path), None, said) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as mistake:
        line = content.count(b"\n", 0, mistake.start) + 1
        said = f"it could not be read as TOML: line {line} is not UTF-8; save it as UTF-8"
        raise ConfigError(str(path), None, said) from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        said = str(mistake).replace("Cannot overwrite a value", "a name is given twice")
        raise ConfigError(str(path), None, f"it could not be read as TOML: {said}") from None
    except RecursionError:
        said = "it could not be read as TOML: values are nested too deeply"
        raise ConfigError(str(path), None, said) from None
    return TomlFile(path, values, text)


def _content(path: Path) -> bytes:
    # Without O_NONBLOCK a named pipe would be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError(str(path), None, "it could not be read: it is not a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > MAX_BYTES:
        said = f"it could not be read: it is larger than {MAX_BYTES:,} bytes"
        raise ConfigError(str(path), None, said)
    return content


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True
