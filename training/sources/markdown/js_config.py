"""Single values out of a configuration that is a program (JavaScript, TypeScript).

The program is never run. What is written out (``site: "https://blog.example"``) is
found; what it computes is not, and then the user says it (``--site``, ``--url-template``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from related_posts.errors import SourceError
from training.sources.files import reason_of

#: Longest configuration read, in bytes.
MAX_BYTES = 1 << 20

#: How files of such configurations may end.
SUFFIXES = ("js", "mjs", "cjs", "ts", "mts", "cts")

# Strings are taken first: an address and a pattern of files look like remarks in them.
_REMARK = re.compile(
    r"""("(?:[^"\\\n]|\\.){0,2000}"|'(?:[^'\\\n]|\\.){0,2000}'|`[^`]{0,2000}`)"""
    r"""|/\*.*?(?:\*/|\Z)|//[^\n]*""",
    re.DOTALL,
)
_STRING = re.compile(r"""["'`]([^"'`\n]{0,500})["'`]""")


def read_program(folder: Path, names: Sequence[str]) -> str | None:
    """The first of several configurations without its remarks, or None where there is none.

    Raises:
        SourceError: It cannot be read.
    """
    for name in names:
        path = folder / name
        if not path.is_file():
            continue
        try:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise SourceError(path, reason_of(error)) from error
        if len(content) > MAX_BYTES:
            raise SourceError(path, f"it is longer than {MAX_BYTES >> 20} MiB")
        return _REMARK.sub(lambda found: found[1] or "", content.decode("utf-8-sig", "replace"))
    return None


def string_of(program: str, key: str) -> str:
    """The string that a key has where it first has one, or empty."""
    pattern = rf"""\b{key}["'`]?[ \t]*[:=][ \t]*["'`]([^"'`\n]{{0,500}})["'`]"""
    found = re.search(pattern, program)
    return found[1].strip() if found else ""


def strings_of(program: str, key: str) -> list[str]:
    """The strings in the list that a key first has, or the one string, or none."""
    found = re.search(rf"""\b{key}["'`]?[ \t]*[:=][ \t]*\[([^\[\]]{{0,5000}})\]""", program)
    if found:
        return [one.strip() for one in _STRING.findall(found[1])]
    one = string_of(program, key)
    return [one] if one else []


def says_yes(program: str, key: str) -> bool:
    """Whether a key is written out as true."""
    return re.search(rf"""\b{key}["'`]?[ \t]*[:=][ \t]*true\b""", program) is not None
