"""Ghost's cards, the blocks that are no plain text, to HTML.

Both of Ghost's editors keep a card as a name and an object; most names and keys are
the same, so one table serves both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from training.sources.markdown.render import render

#: Seen only in e-mails, or asking readers to sign up or pay: not the author's prose.
_LEFT_OUT = frozenset({"email", "email-cta", "paywall", "signup", "transistor"})
#: Same cards, other names.
_SAME = {
    "card-markdown": "markdown",
    "codeblock": "code",
    "horizontalrule": "hr",
    "call-to-action": "callout",
}
_URL = re.compile(r"(?:https?:)?/[^\s]|#|mailto:", re.IGNORECASE)


def card_html(name: str, card: Mapping[str, Any]) -> str:
    """A card as the HTML a reader sees; empty where there is nothing to read.

    Args:
        name: ``image``, ``markdown``, ``codeblock``, … of either editor.
        card: What the editor keeps of it; whatever does not fit is left out.
    """
    name = _SAME.get(name, name)
    if name in _LEFT_OUT:
        return ""
    return _CARDS.get(name, _other)(card)


def link(url: object, inner: str) -> str:
    """A link around HTML; the HTML alone where the address is none."""
    if not isinstance(url, str) or not _URL.match(url):
        return inner
    return f'<a href="{escape(url)}">{inner}</a>'


def plain(value: object) -> str:
    """A scalar as escaped text; empty for anything else."""
    return escape(value, quote=False) if isinstance(value, str) else ""


def _html(card: Mapping[str, Any], *names: str) -> str:
    """The first of these keys that holds HTML."""
    found = (card.get(name) for name in names)
    return next((one for one in found if isinstance(one, str) and one), "")


def _markdown(card: Mapping[str, Any]) -> str:
    return render(_html(card, "markdown"))


def _code(card: Mapping[str, Any]) -> str:
    return f"<pre><code>{plain(card.get('code'))}</code></pre>" + _caption(card)


def _image(card: Mapping[str, Any]) -> str:
    src = _html(card, "src")
    if not src:
        return _caption(card)
    names = (("src", src), *((name, card.get(name)) for name in ("alt", "width", "height")))
    attributes = "".join(
        f' {name}="{escape(str(value))}"'
        for name, value in names
        if isinstance(value, (str, int)) and value != ""
    )
    return f"<figure><img{attributes}>{_caption(card)}</figure>"


def _gallery(card: Mapping[str, Any]) -> str:
    images = card.get("images")
    found = images if isinstance(images, list) else []
    return "".join(_image(one) for one in found if isinstance(one, Mapping)) + _caption(card)


def _bookmark(card: Mapping[str, Any]) -> str:
    about = card.get("metadata")
    title = plain(about.get("title")) if isinstance(about, Mapping) else ""
    # The description is the other site's text, so only the name is kept.
    return f"<p>{link(card.get('url'), title)}</p>{_caption(card)}" if title else _caption(card)


def _embed(card: Mapping[str, Any]) -> str:
    return _html(card, "html") + _caption(card)


def _callout(card: Mapping[str, Any]) -> str:
    return _block(_html(card, "calloutText", "textValue"))


def _toggle(card: Mapping[str, Any]) -> str:
    heading = _html(card, "heading")
    return (f"<h4>{heading}</h4>" if heading else "") + _block(_html(card, "content"))


def _header(card: Mapping[str, Any]) -> str:
    header = _html(card, "header")
    return (f"<h2>{header}</h2>" if header else "") + _block(_html(card, "subheader"))


def _product(card: Mapping[str, Any]) -> str:
    title = _html(card, "productTitle")
    return (f"<h4>{title}</h4>" if title else "") + _block(_html(card, "productDescription"))


def _file(card: Mapping[str, Any]) -> str:
    return _block(plain(card.get("fileTitle"))) + _block(plain(card.get("fileCaption")))


def _button(card: Mapping[str, Any]) -> str:
    # "Subscribe" under every post would make all posts alike.
    return ""


def _other(card: Mapping[str, Any]) -> str:
    """A card of no known name: its HTML or text, where it has any."""
    return _html(card, "html") + _caption(card)


def _caption(card: Mapping[str, Any]) -> str:
    caption = _html(card, "caption")
    return f"<figcaption>{caption}</figcaption>" if caption else ""


def _block(html: str) -> str:
    return f"<div>{html}</div>" if html else ""


_CARDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "markdown": _markdown,
    "html": _embed,
    "code": _code,
    "image": _image,
    "gallery": _gallery,
    "bookmark": _bookmark,
    "embed": _embed,
    "callout": _callout,
    "toggle": _toggle,
    "header": _header,
    "product": _product,
    "file": _file,
    "button": _button,
    "hr": lambda card: "<hr>",
}
