"""HTML to blocks of plain text.

A block is what a reader sees as one piece: a paragraph, a list item, a cell, a
heading. Words are neither glued at block boundaries (``<h2>Head</h2>One``) nor
split at inline tags (``tas<b>ty</b>``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from selectolax.lexbor import LexborHTMLParser

_DROPPED = (
    "script style template noscript nav iframe object svg math button select textarea "
    "form audio video canvas head title rt rp"
)
#: Elements whose text is not the author's prose; ``rt`` and ``rp`` hold the
#: reading aid beside each character of a word, and would tear it apart.
DROPPED = tuple(_DROPPED.split())

_BLOCKS = (
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|"
    "fieldset|figcaption|figure|footer|h[1-6]|header|hgroup|legend|li|listing|main|menu|ol|p|"
    "pre|search|section|summary|table|tbody|td|tfoot|th|thead|tr|ul|xmp"
)
#: Stands for a block boundary. White space to ``str.split``, and not to be
#: found in real prose.
BREAK = "\x1e"
# The mark is put inside the element: between table rows a parser would move it
# out of the table, and two cells would be glued.
# A quoted value may hold ``>``. What the pattern has looked at it also takes, so
# that hostile quotes are not gone through again and again. A stray ``</br>`` is
# a line break to a parser.
_ATTRIBUTES = r"""(?:[^<>=]++|=\s*+(?:"[^"]*"|'[^']*')?)*+"""
_OPENING = re.compile(rf"<(?:(?:{_BLOCKS})(?=[\s/>])|/?[bh]r\b){_ATTRIBUTES}>?", re.IGNORECASE)
_CLOSING = re.compile(rf"</(?:{_BLOCKS})\s*>", re.IGNORECASE)
_HEADINGS = "h1, h2, h3, h4, h5, h6"

#: A longer tag is reduced to its name: parsers take quadratic time in the
#: number of attributes.
MAX_TAG_CHARS = 20_000
_LONG_TAG = re.compile(rf"<(/?[a-zA-Z][\w:-]{{0,30}})\s[^<>]{{{MAX_TAG_CHARS},}}>?")
#: Markup nested deeper than this is stripped by pattern: building its tree
#: takes time quadratic in the depth, and no person wrote it.
MAX_DEPTH = 1_000
#: Fewer tags than this cannot nest deep enough to matter.
_FEW_TAGS = 2 * MAX_DEPTH
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s<>/]{0,30})[^<>]*>?")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_EMPTY_OR_ENDED = (
    "area base br col embed hr img input link meta option p param source tbody td tfoot "
    "th thead tr track wbr"
)
#: Never nest in themselves: they have no content, or the next one closes them.
_FLAT = frozenset(_EMPTY_OR_ENDED.split())
_LIST_ITEMS = {"li": "li", "dt": "dd", "dd": "dd"}
#: In these, flat elements of HTML nest like any other.
_FOREIGN = frozenset({"svg", "math"})
_FORMATTING = re.compile("a|abbr|b|big|code|em|font|i|nobr|s|small|span|strike|strong|tt|u")
_RAW = frozenset({"script", "style", "template", "noscript", "svg"})


@dataclass(frozen=True, slots=True)
class Prose:
    """What a reader reads of a piece of HTML.

    Attributes:
        blocks: Text of each block in document order, headings included; white
            space is as in the source, no block is blank.
        headings: Text of the headings alone, in document order.
    """

    blocks: list[str]
    headings: list[str]

    @property
    def text(self) -> str:
        """All blocks, a line each, with single spaces within a line."""
        return "\n".join(" ".join(block.split()) for block in self.blocks)


def prose(html: str) -> Prose:
    """Extract the prose of a post's HTML.

    Scripts, styles, navigation, forms and players are left out, captions and
    code are kept. Any string is accepted; time is linear in its length also
    for hostile markup (over-long tags, deep nesting).

    Args:
        html: A fragment or a whole document; plain text is a fragment too.

    Returns:
        Its blocks; none where there is no text.
    """
    if "<" not in html:
        text = unescape(html) if "&" in html else html
        return Prose(_blank_line_blocks(text), [])
    if len(html) > MAX_TAG_CHARS:
        html = _LONG_TAG.sub(r"<\1>", html)
        if _is_deep(html):
            return Prose(_split(unescape(_strip_by_pattern(html))), [])
    marked = _CLOSING.sub(rf"{BREAK}\g<0>", _OPENING.sub(rf"\g<0>{BREAK}", html))
    # Inside a body from the start: in a head, ``noscript`` would lose its text to it.
    tree = LexborHTMLParser(f"<body>{marked}")
    tree.strip_tags(list(DROPPED), recursive=True)
    root = tree.body
    if root is None:
        return Prose([], [])
    headings = [
        " ".join(node.text(separator="").replace(BREAK, " ").split())
        for node in root.css(_HEADINGS)
    ]
    return Prose(_split(root.text(separator="")), [text for text in headings if text])


def tree(html: str) -> LexborHTMLParser | None:
    """The tree of a whole page, in time linear in its length.

    Over-long tags lose their attributes.

    Args:
        html: The page.

    Returns:
        Its tree, or None where it nests too deep for one.
    """
    if len(html) > MAX_TAG_CHARS:
        html = _LONG_TAG.sub(r"<\1>", html)
        if _is_deep(html):
            return None
    return LexborHTMLParser(html)


def _split(text: str) -> list[str]:
    return [block for block in text.split(BREAK) if block and not block.isspace()]


def _blank_line_blocks(text: str) -> list[str]:
    """Paragraphs of plain text."""
    blocks: list[str] = []
    lines: list[str] = []
    for line in (*text.split("\n"), ""):
        if line and not line.isspace():
            lines.append(line)
        elif lines:
            blocks.append("\n".join(lines))
            lines = []
    return blocks


def _is_deep(html: str) -> bool:
    """Whether elements may nest too deep; sloppy markup counts as deeper than it is."""
    if html.count("<") < _FEW_TAGS:
        return False
    unclosed: list[str] = []
    list_item = ""
    n_foreign = 0
    for closing, name in _TAG.findall(html):
        name = name.lower()
        if name in _LIST_ITEMS:
            # An item ends the one before, but not one of the other kind of list.
            switched, list_item = list_item != _LIST_ITEMS[name], _LIST_ITEMS[name]
            if closing or not switched:
                continue
        elif name in _FLAT and not n_foreign:
            continue
        if not closing:
            unclosed.append(name)
            n_foreign += name in _FOREIGN
            if len(unclosed) > MAX_DEPTH:
                return True
        elif unclosed and unclosed[-1] == name:
            # Any other end tag may be one that a parser ignores.
            unclosed.pop()
            n_foreign -= name in _FOREIGN
    return False


def _strip_by_pattern(html: str) -> str:
    """Text between tags, in one pass that never looks back."""
    html = _COMMENT.sub("", html)
    pieces: list[str] = []
    position = 0
    skipping = ""
    for tag in _TAG.finditer(html):
        if not skipping:
            pieces.append(html[position : tag.start()])
        position = tag.end()
        name = tag[2].lower()
        if skipping:
            if tag[1] and name == skipping:
                skipping = ""
        elif name in _RAW and not tag[1]:
            skipping = name
        elif not _FORMATTING.fullmatch(name):
            pieces.append(BREAK)
    if not skipping:
        pieces.append(html[position:])
    return "".join(pieces)
