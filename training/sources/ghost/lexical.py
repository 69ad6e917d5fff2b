"""Lexical, the form in which Ghost keeps a post since 5.0, to HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from training.sources.ghost.cards import card_html, link, plain

#: Deepest nesting read; what lies deeper no person wrote.
MAX_DEPTH = 100

#: Bits of a text's ``format``, with the element of each.
_FORMATS = ((1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"))
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ELEMENTS = {"paragraph": "p", "quote": "blockquote", "aside": "blockquote", "listitem": "li"}


def lexical_html(text: str) -> str:
    """The HTML of a Lexical document.

    What is not known is read through: its children where it has any, else the HTML
    or text a card may hold.

    Args:
        text: JSON, ``{"root": {"children": […]}}``.

    Raises:
        ValueError: It is not JSON, or no Lexical document.
    """
    document = orjson.loads(text)
    root = document.get("root") if isinstance(document, dict) else None
    if not isinstance(root, dict):
        raise ValueError("it is no Lexical document, which has a root")
    return _children(root, 0)


def _children(node: Mapping[str, Any], depth: int) -> str:
    children = node.get("children")
    if depth > MAX_DEPTH or not isinstance(children, list):
        return ""
    return "".join(_node(one, depth + 1) for one in children if isinstance(one, dict))


def _node(node: Mapping[str, Any], depth: int) -> str:
    kind = node.get("type")
    kind = kind.removeprefix("extended-") if isinstance(kind, str) else ""
    if kind == "text":
        return _text(node)
    if kind in ("linebreak", "tab"):
        return "<br>" if kind == "linebreak" else "\t"
    if "children" not in node:
        return card_html(kind, node)
    inner = _children(node, depth)
    if kind in ("link", "autolink"):
        return link(node.get("url"), inner)
    if kind == "heading":
        tag = node.get("tag")
        name = tag if isinstance(tag, str) and tag in _HEADINGS else "h2"
        return f"<{name}>{inner}</{name}>"
    if kind == "list":
        name = "ol" if node.get("listType") == "number" or node.get("tag") == "ol" else "ul"
        return f"<{name}>{inner}</{name}>"
    element = _ELEMENTS.get(kind)
    return f"<{element}>{inner}</{element}>" if element else inner


def _text(node: Mapping[str, Any]) -> str:
    html = plain(node.get("text"))
    bits = node.get("format")
    if html and isinstance(bits, int):
        for bit, element in _FORMATS:
            if bits & bit:
                html = f"<{element}>{html}</{element}>"
    return html
