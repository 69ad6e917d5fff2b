"""Markdown, as blogs use it, to HTML."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from training.sources.markdown.mdx import strip_mdx

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# kramdown: {: .class}, {::nomarkdown}, and the list that {:toc} takes the place of.
_ATTRIBUTES = re.compile(r"\{::?[^{}\n]*\}")
_CONTENTS = re.compile(r"^[ \t]*[-*+0-9.]{1,9}[ \t][^\n]*\n[ \t]*\{:toc[^{}\n]*\}", re.I | re.M)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")


def render(text: str, *, mdx: bool = False) -> str:
    """The HTML of a text in Markdown.

    CommonMark with tables, strikethrough, footnotes, definition lists and HTML.
    Attribute lists go.

    Args:
        text: The body, without front matter and template code.
        mdx: Whether it is MDX, whose statements, expressions and components go.
    """
    if mdx:
        text = strip_mdx(text)
    rendered: str = _parser().render(_clean_lines(text))
    return rendered.strip()


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return parser.use(footnote_plugin, inline=False).use(deflist_plugin)


def _clean_lines(text: str) -> str:
    """Remove what is no Markdown, line by line, leaving code blocks alone."""
    if "{" not in text:
        return text
    if "{:toc" in text.lower():
        text = _CONTENTS.sub("", text)
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if found := _FENCE.match(line):
            mark = found[1]
            if not fence:
                fence = mark
            elif (
                mark[0] == fence[0] and len(mark) >= len(fence) and not line[found.end() :].strip()
            ):
                fence = ""
        elif not fence and "{" in line:
            line = _ATTRIBUTES.sub("", _without_heading_attributes(line))
        kept.append(line)
    return "\n".join(kept)


def _without_heading_attributes(line: str) -> str:
    """A heading without the ``{#id .class}`` at its end; another line as it is."""
    start = line.rfind("{")
    if line[start + 1 : start + 2] in ("#", ".") and line.rstrip().endswith("}"):
        return line[:start] if _HEADING.match(line) else line
    return line
