"""Mobiledoc, the form in which Ghost kept a post from 1.0 to 4, to HTML.

Source: the Mobiledoc 0.3 specification: sections of markers, whose markups open by
number and close by count; cards and atoms by number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from training.sources.ghost.cards import card_html, link, plain

_MARKUP, _IMAGE, _LIST, _CARD = 1, 2, 3, 10
_SECTIONS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "aside"})
_LISTS = frozenset({"ul", "ol"})
_FORMATTING = re.compile(r"b|code|em|i|s|strong|sub|sup|u|strike")


def mobiledoc_html(text: str) -> str:
    """The HTML of a Mobiledoc document.

    What does not fit the format is left out.

    Args:
        text: JSON, ``{"version": "0.3.1", "sections": […], …}``.

    Raises:
        ValueError: It is not JSON, or no Mobiledoc document.
    """
    document = orjson.loads(text)
    sections = document.get("sections") if isinstance(document, dict) else None
    if not isinstance(sections, list):
        raise ValueError("it is no Mobiledoc document, which has sections")
    parts = _Parts(
        _entries(document.get("markups")),
        _entries(document.get("atoms")),
        _entries(document.get("cards")),
    )
    return "".join(parts.section(one) for one in sections if isinstance(one, list))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What sections point to by number."""

    markups: list[list[Any]]
    atoms: list[list[Any]]
    cards: list[list[Any]]

    def section(self, section: list[Any]) -> str:
        match section:
            case [kind, str(tag), list(markers), *_] if kind == _MARKUP:
                name = tag.lower() if tag.lower() in _SECTIONS else "p"
                return f"<{name}>{self._markers(markers)}</{name}>"
            case [kind, str(tag), list(items), *_] if kind == _LIST:
                name = tag.lower() if tag.lower() in _LISTS else "ul"
                found = (self._markers(one) for one in items if isinstance(one, list))
                return f"<{name}>{''.join(f'<li>{one}</li>' for one in found)}</{name}>"
            case [kind, str(src), *_] if kind == _IMAGE:
                return card_html("image", {"src": src})
            case [kind, number, *_] if kind == _CARD:
                match _at(self.cards, number):
                    case [str(name), dict(card), *_]:
                        return card_html(name, card)
                    case [str(name), *_]:
                        return card_html(name, {})
        return ""

    def _markers(self, markers: list[Any]) -> str:
        parts: list[str] = []
        unclosed: list[tuple[str, str]] = []
        for marker in markers:
            match marker:
                case [kind, list(opened), int(n_closed), value, *_]:
                    for number in opened:
                        unclosed.append(self._markup(number))
                        parts.append(unclosed[-1][0])
                    parts.append(self._atom(value) if kind == 1 else plain(value))
                    for _ in range(min(n_closed, len(unclosed))):
                        parts.append(unclosed.pop()[1])
        parts += [end for _, end in reversed(unclosed)]
        return "".join(parts)

    def _markup(self, number: object) -> tuple[str, str]:
        """The opening and closing tag of a markup; both empty where it is not known."""
        match _at(self.markups, number):
            case [str(tag), *more] if tag.lower() == "a":
                attributes = more[0] if more and isinstance(more[0], list) else []
                pairs = zip(attributes[::2], attributes[1::2], strict=False)
                href = next((value for name, value in pairs if name == "href"), None)
                opened = link(href, "").removesuffix("</a>")
                return (opened, "</a>") if opened else ("", "")
            case [str(tag), *_] if _FORMATTING.fullmatch(tag.lower()):
                return f"<{tag.lower()}>", f"</{tag.lower()}>"
        return "", ""

    def _atom(self, number: object) -> str:
        match _at(self.atoms, number):
            case ["soft-return", *_]:
                return "<br>"
            case [_, str(text), *_]:
                return plain(text)
        return ""


def _entries(value: object) -> list[list[Any]]:
    """A table of arrays; an entry that is none stays as an empty one, so numbers hold."""
    if not isinstance(value, list):
        return []
    return [one if isinstance(one, list) else [] for one in value]


def _at(table: list[list[Any]], number: object) -> list[Any]:
    if isinstance(number, int) and 0 <= number < len(table):
        return table[number]
    return []
