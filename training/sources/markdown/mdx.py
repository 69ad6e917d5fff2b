"""Take the code out of MDX and leave the author's words."""

from __future__ import annotations

import re

# One place of a text where something begins that is looked at: a code block or code in a
# line, which stays; an expression; the tag of a component.
_START = re.compile(
    r"(?P<fence>^ {0,3}(?:`{3,}|~{3,}))|(?P<code>`+)|(?P<escape>\\[{<])|(?P<brace>\{)"
    r"|(?P<tag></?(?:[A-Z][\w.]*|>))|(?P<statement>^(?:import|export)(?=[ \t{]))",
    re.MULTILINE | re.ASCII,
)
_INSIDE = re.compile(r"""[{}"'`>]""")
_LITERAL = re.compile(r"""\s*(["'`])([^"'`\\{}]*)\1\s*""")
_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n|\Z)|\Z")

#: Longest expression or tag taken for one, in characters.
_MAX_CODE = 20_000


def strip_mdx(text: str) -> str:
    """Remove statements, expressions and components from a text in MDX.

    ``import`` and ``export`` go up to the next blank line; ``{ … }`` goes, but for a text
    in quotation marks (``{" "}``); the tags of components go and what they enclose stays.
    Code stays. What does not end is text. Takes linear time for any text.
    """
    kept: list[str] = []
    position = 0
    absent: set[str] = set()
    failures = 0
    while (found := _START.search(text, position)) is not None:
        kept.append(text[position : found.start()])
        kind = found.lastgroup
        end, replacement = -1, ""
        if kind in ("fence", "code"):
            end = _end_of_code(text, found, absent)
            replacement = text[found.start() : end]
        elif kind == "statement":
            end = _after_statement(text, found.end())
        elif kind == "brace" and failures < 100:
            end = _closing(text, found.end(), "}")
            literal = _LITERAL.fullmatch(text, found.end(), end - 1) if end > 0 else None
            replacement = literal[2] if literal else ""
        elif kind == "tag" and failures < 100:
            is_fragment = found[0].endswith(">")
            end = found.end() if is_fragment else _closing(text, found.end(), ">")
        if end < 0:
            # Openers that never end are looked after only so often.
            failures += kind in ("brace", "tag")
            end, replacement = found.end(), found[0]
        kept.append(replacement)
        position = end
    return "".join([*kept, text[position:]])


def _end_of_code(text: str, found: re.Match[str], absent: set[str]) -> int:
    """Where code ends, or -1 where its marks stand alone."""
    mark = found[0].strip()
    if found.lastgroup == "fence":
        pattern = rf"^ {{0,3}}{mark[0]}{{{len(mark)},}}[ \t]*$"
    else:
        pattern = rf"(?<!`){mark}(?!`)"
    if pattern in absent:
        return -1
    closing = re.compile(pattern, re.MULTILINE).search(text, found.end())
    if closing is None:
        absent.add(pattern)
        return len(text) if found.lastgroup == "fence" else -1
    return closing.end()


def _after_statement(text: str, start: int) -> int:
    blank = _BLANK_LINE.search(text, start)
    return blank.start() if blank else len(text)


def _closing(text: str, start: int, closer: str) -> int:
    """Behind the mark that closes what was opened, with braces and quotations in it, or -1."""
    depth = 0
    limit = start + _MAX_CODE
    position = start
    while (found := _INSIDE.search(text, position, limit)) is not None:
        char = found[0]
        position = found.end()
        if char == closer and not depth:
            return position
        if char in "\"'`":
            end = text.find(char, position, limit)
            # An apostrophe in the text between two tags is no quotation.
            position = end + 1 if end >= 0 else position
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                return -1
    return -1
