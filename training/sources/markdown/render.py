"""Markdown, as blogs use it, to HTML."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from training.sources.markdown.templates import strip_between, strip_hugo, strip_liquid

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# kramdown: {: .class}, {::nomarkdown}, and the list that {:toc} takes the place of.
_ATTRIBUTES = re.compile(r"\{::?[^{}\n]*\}")
_CONTENTS = re.compile(r"^[ \t]*[-*+0-9.]{1,9}[ \t][^\n]*\n[ \t]*\{:toc[^{}\n]*\}", re.I | re.M)
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_MDX_STATEMENT = re.compile(r"(?:import|export)[ \t{]")


def render(
    text: str, *, liquid: bool = False, hugo: bool = False, mdx: bool = False, html: bool = False
) -> str:
    """The HTML of a text in Markdown.

    CommonMark with tables, strikethrough, footnotes, definition lists and HTML.
    Template code goes and the text it encloses stays; attribute lists go.

    Args:
        text: The body, without front matter.
        liquid: Whether ``{% … %}`` and ``{{ … }}`` are Jekyll's template code.
        hugo: Whether ``{{< … >}}`` and ``{{% … %}}`` are Hugo's shortcodes.
        mdx: Whether ``import`` and ``export`` are statements, not prose.
        html: Whether the text is HTML already and only template code goes.
    """
    if liquid and "{" in text:
        text = strip_liquid(text)
    if hugo and "{{" in text:
        text = strip_hugo(text)
    if mdx and "{/*" in text:
        text = strip_between(text, "{/*", "*/}")
    if html:
        return text.strip()
    rendered: str = _parser().render(_clean_lines(text, mdx=mdx))
    return rendered.strip()


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return parser.use(footnote_plugin, inline=False).use(deflist_plugin)


def _clean_lines(text: str, *, mdx: bool) -> str:
    """Remove what is no Markdown, line by line, leaving code blocks alone."""
    if "{" not in text and not mdx:
        return text
    if "{:toc" in text.lower():
        text = _CONTENTS.sub("", text)
    kept: list[str] = []
    fence = ""
    in_statement = False
    for line in text.split("\n"):
        if found := _FENCE.match(line):
            mark = found[1]
            if not fence:
                fence = mark
            elif (
                mark[0] == fence[0] and len(mark) >= len(fence) and not line[found.end() :].strip()
            ):
                fence = ""
        elif not fence:
            # A statement of MDX goes on to the next blank line.
            if mdx and (in_statement or _MDX_STATEMENT.match(line)):
                in_statement = bool(line.strip())
                line = ""
            elif "{" in line:
                line = _ATTRIBUTES.sub("", _without_heading_attributes(line))
        kept.append(line)
    return "\n".join(kept)


def _without_heading_attributes(line: str) -> str:
    """A heading without the ``{#id .class}`` at its end; another line as it is."""
    start = line.rfind("{")
    if line[start + 1 : start + 2] in ("#", ".") and line.rstrip().endswith("}"):
        return line[:start] if _HEADING.match(line) else line
    return line
