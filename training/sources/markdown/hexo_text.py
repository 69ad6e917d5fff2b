"""Texts of Hexo: their front matter and their tags."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from training.sources.markdown.frontmatter import (
    Document,
    FrontMatterError,
    mapping,
    read_json,
    read_yaml,
    split,
)
from training.sources.markdown.templates import Writer, fenced, not_found

_JSON_FENCE = re.compile(r";{3,}[ \t]*\n")
_END = re.compile(r"^(-{3,}|;{3,})[ \t]*$", re.MULTILINE)
_KEY = re.compile(r"[\w\"'][^:\n]{0,80}:(?:\s|$)", re.MULTILINE)
_START = re.compile(
    r"(?P<fence>^ {0,3}(?P<mark>`{3,}|~{3,}))|\{%-?[ \t\n]*(?P<tag>\w*)|\{\{|\{#", re.MULTILINE
)
_CODE = frozenset({"codeblock", "code"})
_WORD = re.compile(r"""\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'%]+))""")


def split_hexo(text: str) -> Document:
    """Read the front matter at the beginning of a text of Hexo.

    YAML, or the inside of a JSON object that ends with ``;;;``. The line of marks at the
    beginning may be missing.

    Raises:
        FrontMatterError: It begins and does not end, or is not valid.
    """
    whole = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    opening = _JSON_FENCE.match(whole)
    if opening is None and _KEY.match(whole) is None:
        return split(text)
    begin = opening.end() if opening else 0
    closing = _END.search(whole, begin)
    if closing is None:
        if opening is None:
            return Document({}, whole)
        raise FrontMatterError("the front matter begins with ;;; and never ends", 1)
    first = 2 if opening else 1
    head = whole[begin : closing.start()]
    body = whole[closing.end() :].removeprefix("\n")
    line = 1 + whole.count("\n", 0, closing.end() + 1)
    if closing[1][0] == ";":
        return Document(mapping(read_json(f"{{{head}}}", first), first), body, line)
    if opening is not None:
        raise FrontMatterError("the front matter begins with ;;; and ends with ---", 1)
    if "\n\n" in head:
        # Prose with a colon in its first line, and a rule further down.
        return Document({}, whole)
    data = read_yaml(head.replace("\n\t", "\n  "), first)
    return Document(data, body, line) if isinstance(data, dict) else Document({}, whole)


def strip_hexo(text: str, find: Callable[[str], str] = not_found) -> str:
    """Remove tags (``{% … %}``, ``{{ … }}``) from a text of Hexo.

    ``codeblock`` becomes a code block, ``raw`` keeps what is inside, ``post_link`` and
    ``post_path`` become a link and an address; of every other tag the text it encloses
    stays. Code blocks stay. A tag that does not end is text. Takes linear time for any text.

    Args:
        text: The body.
        find: The address of a post by its name.
    """
    writer = Writer(text, find)
    while (found := _START.search(text, writer.position)) is not None:
        if mark := found["mark"]:
            pattern = rf"(?m)^ {{0,3}}{mark[0]}{{{len(mark)},}}[ \t]*$"
            closing = writer.find_closing(pattern, found.end())
            writer.keep(closing[1] if closing else len(text))
            continue
        closer = {"{{": "}}", "{#": "#}"}.get(found[0], "%}")
        end = writer.find(closer, found.end())
        name = found["tag"] or ""
        if end < 0 or name not in (*_CODE, "raw"):
            writer.replace(found.start(), end, _link(name, text[found.end() : end - 2], find))
            continue
        closing = writer.find_closing(rf"\{{%-?\s*end{name}\s*-?%\}}", end)
        if closing is None:
            writer.replace(found.start(), end, "")
            continue
        inside = text[end : closing[0]]
        replacement = (
            inside if name == "raw" else fenced(inside, _language(text[found.end() : end]))
        )
        writer.replace(found.start(), closing[1], replacement)
    return writer.text()


def _link(name: str, rest: str, find: Callable[[str], str]) -> str:
    """What a tag that names a post stands for; empty for any other tag."""
    if name not in ("post_link", "post_path"):
        return ""
    words = [one or two or three for one, two, three in _WORD.findall(rest)]
    if not words:
        return ""
    address = find(words[0])
    if name == "post_path":
        return address
    title = " ".join(word for word in words[1:] if word not in ("true", "false")) or words[0]
    return f'<a href="{escape(address)}">{escape(title)}</a>'


def _language(options: str) -> str:
    found = re.search(r"\blang:(\w+)", options)
    return found[1] if found else ""
