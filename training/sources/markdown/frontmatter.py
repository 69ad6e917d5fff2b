"""Split a text into its front matter and its body.

Front matter is YAML between ``---`` lines, TOML between ``+++`` lines, or a JSON
object at the very beginning. YAML's guesses are not followed: ``[no, 1.10, 010]``
are three tags and not a boolean, a float and an octal number. Only null, true and
false are more than text; dates are read by whoever asks for one.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

import yaml

from related_posts.errors import PostError

#: Longest front matter read, in characters. Longer is a mistake, and the parsers
#: below it are not all linear.
MAX_CHARACTERS = 1 << 18

#: Deepest nesting read; the C parser of YAML would overflow its stack on more.
MAX_DEPTH = 64

_YAML_FENCE = re.compile(r"---[ \t]*\n")
_YAML_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_TOML_FENCE = re.compile(r"\+\+\+[ \t]*\n")
_TOML_END = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)
_JSON_START = re.compile(r'\{\s*["}]')
_KEY = re.compile(r"\s*(?:#.*\n\s*)*[\w\"'][^:\n]{0,80}:", re.ASCII)
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
# Python's TOML parser takes quadratic memory in the number of a key's parts.
_TOML_LONG_KEY = re.compile(rf"(?:[^\s.=#]{{1,200}}[ \t]*\.[ \t]*){{{MAX_DEPTH}}}")
_OPENERS = re.compile(r"[\[{]|[-?:][ \t]")


class FrontMatterError(PostError):
    """Front matter that cannot be read.

    Attributes:
        line: Line of the file, from 1, where reading stopped.
    """

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """A text and what it says about itself.

    Attributes:
        data: Front matter; empty where there is none. Values are strings, booleans,
            None, lists, dictionaries, and of TOML and JSON also numbers and dates.
        body: The text after it.
        line: Line of the file, from 1, on which the body begins.
    """

    data: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    line: int = 1

    @property
    def has_front_matter(self) -> bool:
        """Whether the text began with front matter, if only an empty one."""
        return self.line > 1 or bool(self.data)


class _Loader(yaml.CSafeLoader):
    """YAML in which everything is text but null, true and false."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)


def split(text: str) -> Document:
    """Read the front matter at the beginning of a text.

    A byte order mark, blank lines before it, any line end and a closing ``...`` are
    accepted. A text that begins with a rule and not with front matter is all body.

    Args:
        text: The file's content.

    Raises:
        FrontMatterError: It begins and does not end, or is not valid.
    """
    whole = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    start = whole.lstrip("\n \t")
    skipped = whole[: len(whole) - len(start)].count("\n")
    if not start.endswith("\n"):
        start += "\n"
    if opening := _YAML_FENCE.match(start):
        return _fenced(start, opening.end(), _YAML_END, skipped, read_yaml) or Document({}, whole)
    if opening := _TOML_FENCE.match(start):
        return _fenced(start, opening.end(), _TOML_END, skipped, read_toml) or Document({}, whole)
    if _JSON_START.match(start):
        return _json(start, skipped)
    return Document({}, whole)


def read_yaml(text: str, line: int = 1) -> Any:
    """The value of a YAML document, with text left as text.

    Args:
        text: One document.
        line: Line of the file on which it begins, for messages.

    Raises:
        FrontMatterError: It is not valid YAML, too long or too deeply nested.
    """
    _check_length(text, line)
    try:
        if len(_OPENERS.findall(text)) > MAX_DEPTH or text.count("\n ") > MAX_DEPTH:
            _check_depth(text, line)
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = line + mark.line if mark else line
        problem = error.problem or error.context or "it cannot be read"
        raise FrontMatterError(f"the YAML is not valid: {problem}", at) from error
    except yaml.YAMLError as error:
        raise FrontMatterError(f"the YAML is not valid: {error}".split("\n")[0], line) from error
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        # What an explicit tag (!!int, !!timestamp) makes of text that does not fit.
        raise FrontMatterError(f"the YAML has a value that does not fit: {error}", line) from error


def read_toml(text: str, line: int = 1) -> dict[str, Any]:
    """The table of a TOML document; see ``read_yaml``.

    Raises:
        FrontMatterError: It is not valid TOML, too long or too deeply nested.
    """
    _check_length(text, line)
    if _TOML_LONG_KEY.search(text):
        raise FrontMatterError(f"it is nested deeper than {MAX_DEPTH} levels", line)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        at = line + int(found[1]) - 1 if found and found[1] else line + text.count("\n")
        reason = _TOML_PLACE.sub("", str(error)).strip()
        raise FrontMatterError(f"the TOML is not valid: {reason}", at) from error
    except (ValueError, RecursionError) as error:
        raise FrontMatterError(f"the TOML is not valid: {error}", line) from error


def read_json(text: str, line: int = 1) -> Any:
    """The value of a JSON document; see ``read_yaml``.

    Raises:
        FrontMatterError: It is not valid JSON, too long or too deeply nested.
    """
    _check_length(text, line)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"the JSON is not valid: {error.msg}"
        raise FrontMatterError(reason, line + error.lineno - 1) from error
    except (ValueError, RecursionError) as error:
        raise FrontMatterError(f"the JSON is not valid: {error}", line) from error


def _fenced(
    text: str, begin: int, end: re.Pattern[str], skipped: int, read: Any
) -> Document | None:
    """A document between fences, or None where the opening one is only a rule."""
    closing = end.search(text, begin)
    if closing is None:
        if _KEY.match(text, begin) or read is read_toml:
            reason = f"the front matter begins with {text[:3]} and never ends"
            raise FrontMatterError(reason, skipped + 1)
        return None
    data = read(text[begin : closing.start()], skipped + 2)
    if isinstance(data, str) and ": " not in data:
        return None
    body = text[closing.end() :].removeprefix("\n")
    line = skipped + 1 + text.count("\n", 0, closing.end() + 1)
    return Document(mapping(data, skipped + 2), body, line)


def _json(text: str, skipped: int) -> Document:
    head = text[:MAX_CHARACTERS]
    try:
        data, end = json.JSONDecoder().raw_decode(head)
    except json.JSONDecodeError as error:
        reason = f"the JSON front matter is not valid: {error.msg}"
        raise FrontMatterError(reason, skipped + error.lineno) from error
    except (ValueError, RecursionError) as error:
        reason = f"the JSON front matter is not valid: {error}"
        raise FrontMatterError(reason, skipped + 1) from error
    body = text[end:]
    line = skipped + 1 + text.count("\n", 0, end)
    if body.startswith("\n"):
        body, line = body[1:], line + 1
    return Document(mapping(data, skipped + 1), body, line)


def mapping(data: object, line: int) -> dict[str, Any]:
    """Front matter's keys as text; nothing but names and values is front matter.

    Raises:
        FrontMatterError: It is something else.
    """
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise FrontMatterError("the front matter is not a list of names and values", line)
    return {str(key): value for key, value in data.items() if isinstance(key, (str, bool))}


def _check_length(text: str, line: int) -> None:
    if len(text) > MAX_CHARACTERS:
        raise FrontMatterError(f"it is longer than {MAX_CHARACTERS >> 10} KiB", line)


def _check_depth(text: str, line: int) -> None:
    """Refuse nesting that the C composer, which recurses, would not survive."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
        if depth > MAX_DEPTH:
            raise FrontMatterError(f"it is nested deeper than {MAX_DEPTH} levels", line)
