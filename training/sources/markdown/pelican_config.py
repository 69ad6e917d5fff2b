"""Pelican's configuration, a Python program, read without running it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, Final

from related_posts.errors import SourceError
from training.sources.files import reason_of

CONFIG = "pelicanconf.py"
#: What is added when a site is published: its address, most of the time.
PUBLISH = "publishconf.py"

#: Longest configuration read, in bytes.
MAX_BYTES = 1 << 18

#: Stands for a value that only running the program would tell.
COMPUTED: Final = object()

#: Longest path that a pattern of the configuration is held against, in characters.
MAX_PATH = 300

# What makes a pattern of Python slow: a repeated group, and many places where one part of
# a text could be taken by either of two.
_MAX_PATTERN = 300
_MAX_REPEATS = 3
_MAX_CHOICES = 8
_GROUP_REPEATED = re.compile(r"\)\s*[*+{]")
_REPEAT = re.compile(r"[*+]|\{\d*,\d*\}")
_CHOICE = re.compile(r"(?<!\()\?|\|")


def read_settings(site: Path) -> dict[str, Any]:
    """The settings that are written out, by name; others are ``COMPUTED``.

    Raises:
        SourceError: A file cannot be read or is no Python.
    """
    settings: dict[str, Any] = {}
    for name in (CONFIG, PUBLISH):
        path = site / name
        if path.is_file():
            settings |= {
                key: one
                for key, one in _read(path).items()
                if one is not COMPUTED or (key not in settings)
            }
    return settings


def pattern_of(path: Path, name: str, value: object) -> re.Pattern[str] | None:
    """A pattern that a configuration holds, or None where it holds none.

    Raises:
        SourceError: It is no pattern, or one that could take for ever.
    """
    if not isinstance(value, str) or not value:
        return None
    if (
        len(value) > _MAX_PATTERN
        or _GROUP_REPEATED.search(value)
        or len(_REPEAT.findall(value)) > _MAX_REPEATS
        or len(_CHOICE.findall(value)) > _MAX_CHOICES
    ):
        raise SourceError(path, f"{name} is too complex a pattern; it is not read here")
    try:
        return re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise SourceError(path, f"{name} is not a pattern: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(path, reason_of(error)) from error
    if len(content) > MAX_BYTES:
        raise SourceError(path, f"it is longer than {MAX_BYTES >> 10} KiB")
    try:
        tree = ast.parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceError(path, "this is not UTF-8; save it as UTF-8") from error
    except SyntaxError as error:
        raise SourceError(path, f"line {error.lineno or 1}: this is not Python") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(path, "this is not Python that can be read") from error
    settings: dict[str, Any] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(node, (ast.Assign, ast.AnnAssign)):
                settings[target.id] = _value(node.value, settings)
    return settings


def _value(node: ast.expr | None, settings: dict[str, Any]) -> Any:
    """A literal, another setting, or strings of these put together."""
    if node is None:
        return COMPUTED
    try:
        if isinstance(node, ast.Name):
            return settings.get(node.id, COMPUTED)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = _value(node.left, settings), _value(node.right, settings)
            is_text = isinstance(left, str) and isinstance(right, str)
            # Doubling a string in every line would fill the memory.
            fits = is_text and len(left) + len(right) <= MAX_BYTES
            return left + right if fits else COMPUTED
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return COMPUTED
