"""The main text of a web page, without what every page of the site has around it."""

from __future__ import annotations

import re
from functools import lru_cache
from types import ModuleType

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: What has to be installed where a page does not mark its text.
EXTRA = "pip install 'related-posts[site]'"

#: Within an article, but not of it.
_AROUND = (
    "script, style, noscript, template, nav, aside, form, button, iframe, dialog, svg, "
    '[hidden], [aria-hidden="true"], [role="navigation"], [role="complementary"], '
    '[class*="related"], [class*="sharedaddy"], [class*="share-"], [class*="social"], '
    '[class*="comment"], [id*="comment"], [class*="newsletter"], [class*="breadcrumb"], '
    '[class*="post-navigation"], [class*="yarpp"], [class*="toc_container"], [class*="author-box"]'
)
_BODY = re.compile(r"<body\b[^<>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)
_MARKED = (
    '[itemprop~="articleBody"]',
    ".e-content",
    "article .entry-content",
    "article",
    "main article",
)


class ExtraMissingError(Exception):
    """The page's text is not marked, and what would find it is not installed."""


def main_html(tree: LexborHTMLParser, url: str) -> str:
    """The HTML of a page's main text, empty where none was found.

    It is found by trafilatura where that is installed; else it is what the page marks
    as its article.

    Args:
        tree: Of the whole page; it is changed where trafilatura is not installed.
        url: The page's address.

    Raises:
        ExtraMissingError: trafilatura is not installed and the page has no ``<article>``.
    """
    extractor = _trafilatura()
    if extractor is not None:
        found = _extracted(extractor, tree.html or "", url)
        return found or _marked(tree)
    marked = _marked(tree)
    if not marked:
        raise ExtraMissingError(url)
    return marked


def is_extractor_installed() -> bool:
    """Whether the text of any page can be found, marked or not."""
    return _trafilatura() is not None


@lru_cache(maxsize=1)
def _trafilatura() -> ModuleType | None:
    try:
        import trafilatura
    except ImportError:
        return None
    return trafilatura


def _extracted(extractor: ModuleType, html: str, url: str) -> str:
    found = extractor.extract(
        html,
        url=url,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_links=True,
        include_tables=True,
        favor_recall=False,
    )
    if not isinstance(found, str):
        return ""
    inner = _BODY.search(found)
    return (inner[1] if inner else found).strip()


def _marked(tree: LexborHTMLParser) -> str:
    """The text that the page itself marks, the first of several ways that is there."""
    for selector in _MARKED:
        nodes = tree.css(selector)
        if not nodes:
            continue
        node = max(nodes, key=_n_characters)
        _remove(node)
        if node.text(deep=True).strip():
            return (node.html or "").strip()
    return ""


def _remove(node: LexborNode) -> None:
    """Take out what is around the text, but never most of it: class names mean little."""
    found = node.css(_AROUND)
    ids = {inner.mem_id for inner in found}
    most = _n_characters(node) // 2
    # One within another goes with it, and must not be touched after that.
    outermost = [inner for inner in found if not _is_within(inner, ids, node.mem_id)]
    for inner in outermost:
        if inner.mem_id != node.mem_id and _n_characters(inner) <= most:
            inner.decompose()


def _is_within(inner: LexborNode, ids: set[int], top: int) -> bool:
    above = inner.parent
    while above is not None and above.mem_id != top:
        if above.mem_id in ids:
            return True
        above = above.parent
    return False


def _n_characters(node: LexborNode) -> int:
    return len(node.text(deep=True))
