"""The body of a WordPress post, as the database holds it, to HTML.

WordPress makes HTML when it shows a post: paragraphs of blank lines, blocks of
comments, widgets of shortcodes. An export holds the body before that.
"""

from __future__ import annotations

import re
from collections import Counter

from training.sources.wordpress.shortcodes import strip_shortcodes

# Attributes never hold ``<``: a match ends at the next one, so that any text is
# read in linear time.
_TAG = re.compile(
    r"<(/?)(address|article|aside|blockquote|caption|center|col|colgroup|dd|details|dialog|div|dl|"
    r"dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|iframe|legend|li|main|map|"
    r"menu|nav|noscript|object|ol|option|p|section|select|summary|table|tbody|td|tfoot|th|thead|tr|"
    r"ul|video|audio|canvas)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
#: Holds no paragraphs: text directly inside stays as it is.
_HOLDS_TEXT = re.compile(
    "p|h[1-6]|li|d[dlt]|t[dhr]|caption|figcaption|summary|legend|option|select|object|video|audio|"
    "canvas|iframe|noscript|table|tbody|thead|tfoot|[ou]l|menu|map|colgroup"
)
_EMPTY = frozenset(("hr", "col"))
#: Left alone altogether, with what is inside.
_VERBATIM = re.compile(r"<(pre|script|style|textarea|svg|math)(?=[\s/>])", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")
_MARKS = ("<!-- wp:", "<!-- /wp:", "<!--more", "<!--noteaser", "<!--nextpage")


def body_html(body: str) -> str:
    """The HTML of a post's body.

    Block comments and page marks go, shortcodes leave the text they enclose, and in
    text that stands outside any block element a blank line begins a paragraph and a
    line break breaks the line. ``<pre>``, ``<script>`` and ``<style>`` are left
    alone. Takes linear time for any text; the result need not be well-formed where
    the body is not.

    Args:
        body: ``content:encoded`` of an export: blocks, classic text, or a mix.

    Returns:
        HTML, empty where the body is blank.

    Source: the rules that WordPress documents for ``wpautop``, without its repairs
    of mark-up.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    text = strip_shortcodes(_without_marks(text))
    return _paragraphs(text).strip()


def _without_marks(text: str) -> str:
    """Remove the comments that mean something to WordPress only."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        if not text.startswith(_MARKS, start):
            kept.append(text[position : start + 4])
            position = start + 4
            continue
        end = text.find("-->", start)
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + 3
    kept.append(text[position:])
    return "".join(kept)


def _paragraphs(text: str) -> str:
    writer = _Paragraphs()
    position = 0
    missing: set[str] = set()
    lowered = text.lower() if "<" in text else ""
    # A few letters (the Turkish İ) grow when lowered, and positions would shift.
    if len(lowered) != len(text):
        lowered = text
    while (found := _VERBATIM.search(text, position)) is not None:
        closing = f"</{found[1].lower()}"
        end = -1 if closing in missing else lowered.find(closing, found.end())
        if end < 0:
            missing.add(closing)
            writer.flow(text[position : found.end()])
            position = found.end()
            continue
        end = text.find(">", end) + 1 or len(text)
        writer.flow(text[position : found.start()])
        writer.out.append(text[found.start() : end])
        position = end
    writer.flow(text[position:])
    return "".join(writer.out)


class _Paragraphs:
    """Writes text with paragraphs made where it stands outside any block."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._open: list[str] = []
        self._counts: Counter[str] = Counter()

    def flow(self, text: str) -> None:
        """Write text between verbatim elements."""
        position = 0
        for found in _TAG.finditer(text):
            self._text(text[position : found.start()])
            self._tag(bool(found[1]), found[2].lower(), found[0])
            position = found.end()
        self._text(text[position:])

    def _text(self, text: str) -> None:
        if not text or text.isspace() or (self._open and _HOLDS_TEXT.fullmatch(self._open[-1])):
            self.out.append(text)
            return
        for piece in _BLANK_LINE.split(text):
            if stripped := piece.strip():
                self.out.append(f"<p>{stripped.replace(chr(10), f'<br>{chr(10)}')}</p>\n")

    def _tag(self, closes: bool, name: str, tag: str) -> None:
        self.out.append(tag)
        if name in _EMPTY or tag.endswith("/>"):
            return
        if not closes:
            # A paragraph ends where the next block begins, closed or not.
            if self._open and self._open[-1] == "p":
                self._pop()
            self._open.append(name)
            self._counts[name] += 1
            return
        if self._counts[name]:
            while self._pop() != name:
                pass

    def _pop(self) -> str:
        name = self._open.pop()
        self._counts[name] -= 1
        return name
