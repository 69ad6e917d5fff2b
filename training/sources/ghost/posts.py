"""A post of Ghost with its text, in whichever form that release of Ghost kept it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from related_posts.errors import PostError
from related_posts.ghost import PLACEHOLDER, read_post
from training.sources.base import Item
from training.sources.ghost.lexical import lexical_html
from training.sources.ghost.mobiledoc import mobiledoc_html
from training.sources.markdown.render import render

_BLANK_LINE = re.compile(r"\n\s*\n")


def ghost_item(raw: Mapping[str, Any], place: str, *, site: str | None, now: datetime) -> Item:
    """What a post of Ghost is; see ``related_posts.ghost.read_post``."""
    return read_post(raw, place, site=site, now=now, body=_body)


def _body(raw: Mapping[str, Any], site: str) -> str:
    """The HTML; where there is none, of the first form the post is kept in that can be read.

    Raises:
        PostError: It is kept in forms none of which can be read.
    """
    broken = ""
    forms: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("html", str),
        ("lexical", lexical_html),
        ("mobiledoc", mobiledoc_html),
        ("markdown", render),
        ("plaintext", _paragraphs),
    )
    for name, to_html in forms:
        value = raw.get(name)
        if not isinstance(value, str) or not value.strip():
            continue
        try:
            html = to_html(value.replace(PLACEHOLDER, site))
        except ValueError as error:
            broken = broken or f"its {name} cannot be read ({str(error)[:200]})"
            continue
        if html.strip():
            return html
    if broken:
        raise PostError(f"{broken}; open the post in Ghost and save it again")
    return ""


def _paragraphs(text: str) -> str:
    blocks = (one.strip() for one in _BLANK_LINE.split(text))
    return "".join(f"<p>{escape(one, quote=False)}</p>\n" for one in blocks if one)
