"""What a web page says of itself, in the order it is to be believed.

JSON-LD comes first, then OpenGraph (``article:*``, ``og:*``), then what the page shows:
its ``<title>``, ``<time>`` and links marked as tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from related_posts.errors import PostError
from related_posts.urls import normalise
from training.sources.dates import read_date
from training.sources.site.json_ld import Article, read_json_ld
from training.web.robots import directives

_SEPARATORS = r"[-–—|·•:»/]"
_SUFFIX = re.compile(r"\s+[|»]\s+[^|»]{1,60}\Z")
_DATED_PATH = re.compile(r"/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})(?:/|\Z)")
_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "datepublished", "date"),
    *("dc.date", "dc.date.issued", "dcterms.created", "dcterms.date", "parsely-pub-date"),
    *("sailthru.date", "publish_date", "pubdate"),
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified")
_ROBOTS = ("robots", "googlebot", "related-posts")
#: How every reason begins for which a page is no article.
NO_ARTICLE = "not an article: "

_ARTICLE_ITEM = '[itemtype*="schema.org/BlogPosting"], [itemtype$="Article"]'


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says; empty where it does not.

    Attributes:
        no_article: Why it is not one text but a list, a form or an about page, in a few
            words; empty for an article.
        is_indexed: Whether the page may be listed by search engines.
        is_followed: Whether its links may be followed.
        canonical: The address it wants to be known by; absolute.
        alternates: Addresses of all its translations, itself among them.
        links: Addresses it leads to, absolute, each once, in the order of the page.
    """

    no_article: str
    is_indexed: bool
    is_followed: bool
    canonical: str
    alternates: tuple[str, ...]
    links: tuple[str, ...]
    title: str
    description: str
    published: datetime | None
    updated: datetime | None
    author: str
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    language: str
    images: tuple[Mapping[str, Any], ...]

    @property
    def translation_group(self) -> str:
        """The same for all translations of a text; empty for a text without any."""
        keys = {normalise(one) for one in self.alternates}
        return min(keys) if len(keys) > 1 else ""


def read_page(tree: LexborHTMLParser, url: str) -> Facts:
    """Read a page.

    Args:
        tree: Of the whole page.
        url: Where it came from, after redirects.
    """
    metas = _metas(tree)
    scripts = [
        node.text(deep=True)
        for node in tree.css("script")
        if _attribute(node, "type").partition(";")[0].strip().lower() == "application/ld+json"
    ]
    article, is_described = read_json_ld(scripts)
    base = _joined(url, _first_attribute(tree, "base[href]", "href")) or url
    robots = directives(",".join(value for name in _ROBOTS for value in metas.get(name, ())))
    said = article or Article()
    return Facts(
        no_article=""
        if article is not None
        else _no_article(tree, metas, url, is_described=is_described),
        is_indexed="noindex" not in robots,
        is_followed="nofollow" not in robots,
        canonical=_joined(base, _first_attribute(tree, 'link[rel~="canonical"]', "href")),
        alternates=tuple(_alternates(tree, base)),
        links=tuple(dict.fromkeys(_links(tree, base))),
        title=_title(tree, metas, said),
        description=said.description or _meta(metas, "og:description", "description"),
        published=_published(tree, metas, said, url),
        updated=_date(said.updated, *(_meta(metas, name) for name in _UPDATED)),
        author=said.author or _author(tree, metas),
        tags=said.keywords or _tags(tree, metas),
        categories=said.sections or _categories(tree, metas),
        language=_first_attribute(tree, "html", "lang")
        or said.language
        or _meta(metas, "og:locale", "content-language"),
        images=tuple(_images(metas, said)),
    )


def _metas(tree: LexborHTMLParser) -> dict[str, list[str]]:
    """Name in lower case to every content under it."""
    found: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        content = " ".join(_attribute(node, "content").split())
        for key in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := _attribute(node, key).lower()):
                found.setdefault(name, []).append(content)
    return found


def _meta(metas: Mapping[str, list[str]], *names: str) -> str:
    """The first content under the first of the names that there is."""
    return next((metas[name][0] for name in names if name in metas), "")


def _no_article(
    tree: LexborHTMLParser, metas: Mapping[str, list[str]], url: str, *, is_described: bool
) -> str:
    """Why a page is no article that has no JSON-LD to say so; empty if it is one."""
    if urlsplit(url).path in ("", "/"):
        return f"{NO_ARTICLE}the front page"
    kind = _meta(metas, "og:type").lower()
    has_date = any(name in metas for name in _PUBLISHED)
    if kind == "article" and (has_date or not is_described):
        # Plugins call every page an article; but only a post has a date of publication.
        return ""
    if kind and kind != "article":
        return f"{NO_ARTICLE}its og:type is another"
    if len(tree.css(_ARTICLE_ITEM)) == 1:
        return ""
    if is_described:
        return f"{NO_ARTICLE}its JSON-LD says something else"
    articles = tree.css("article")
    if len(articles) != 1:
        return f"{NO_ARTICLE}{'it shows several' if articles else 'nothing says that it is one'}"
    is_dated = has_date or articles[0].css_first("time[datetime]") is not None
    if not is_dated or not tree.css("h1"):
        return f"{NO_ARTICLE}it has no {'heading' if is_dated else 'date'}"
    return ""


def _title(tree: LexborHTMLParser, metas: Mapping[str, list[str]], said: Article) -> str:
    site = _meta(metas, "og:site_name", "application-name")
    headings = [" ".join(node.text(deep=True).split()) for node in tree.css("h1")[:20]]
    own = _meta(metas, "og:title", "twitter:title")
    if said.title or own:
        return _without_site(said.title or own, site)
    node = tree.css_first("head > title") or tree.css_first("title")
    title = " ".join(node.text(deep=True).split()) if node is not None else ""
    cut = _without_site(title, site)
    if cut == title:
        # The heading of the page, with something behind or before it.
        cut = next((one for one in headings if len(one) > 2 and one in title), title)
        if cut == title:
            cut = _SUFFIX.sub("", title)
    return cut or next(iter(headings), "")


def _without_site(title: str, site: str) -> str:
    """A title without the name of the site behind or before it."""
    if not site:
        return title
    name = re.escape(site)
    pattern = rf"\s*{_SEPARATORS}\s*{name}\s*\Z|\A\s*{name}\s*{_SEPARATORS}\s+"
    return re.sub(pattern, "", title, flags=re.IGNORECASE).strip() or title


def _published(
    tree: LexborHTMLParser, metas: Mapping[str, list[str]], said: Article, url: str
) -> datetime | None:
    shown = [
        _attribute(node, "datetime") or _attribute(node, "content") or node.text(deep=True)[:80]
        for selector in ('[itemprop~="datePublished"]', "time[pubdate]", "article time[datetime]")
        for node in tree.css(selector)[:1]
    ]
    times = tree.css("time[datetime]")
    alone = [_attribute(times[0], "datetime")] if len(times) == 1 else []
    found = _date(said.published, *(_meta(metas, name) for name in _PUBLISHED), *shown, *alone)
    if found is None and (dated := _DATED_PATH.search(urlsplit(url).path)):
        found = _date("-".join(dated.groups()))
    return found


def _date(*texts: str) -> datetime | None:
    """The first text that is a date."""
    for text in texts:
        try:
            if (found := read_date("date", text.strip())) is not None:
                return found
        except PostError:
            continue
    return None


def _author(tree: LexborHTMLParser, metas: Mapping[str, list[str]]) -> str:
    for name in ("author", "article:author", "dc.creator", "parsely-author"):
        said = _meta(metas, name)
        # Facebook wants the address of a profile there.
        if said and "://" not in said:
            return said
    for node in tree.css('[rel~="author"], [itemprop~="author"], .p-author')[:1]:
        return " ".join(node.text(deep=True).split())[:200]
    return ""


def _tags(tree: LexborHTMLParser, metas: Mapping[str, list[str]]) -> tuple[str, ...]:
    if said := metas.get("article:tag"):
        return tuple(said)
    shown = tuple(_texts(tree, 'a[rel~="tag"]:not([rel~="category"]), a.p-category'))
    if shown:
        return shown
    words = _meta(metas, "keywords", "news_keywords").split(",")
    return tuple(word.strip() for word in words if word.strip())


def _categories(tree: LexborHTMLParser, metas: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(metas.get("article:section", ())) or tuple(_texts(tree, 'a[rel~="category"]'))


def _images(metas: Mapping[str, list[str]], said: Article) -> Iterator[Mapping[str, Any]]:
    if src := _meta(metas, "og:image:secure_url", "og:image", "og:image:url"):
        yield {
            "src": src,
            "width": _meta(metas, "og:image:width"),
            "height": _meta(metas, "og:image:height"),
            "alt": _meta(metas, "og:image:alt"),
        }
    if said.image is not None:
        yield said.image
    if src := _meta(metas, "twitter:image", "twitter:image:src", "thumbnail"):
        yield {"src": src, "alt": _meta(metas, "twitter:image:alt")}


def _alternates(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    for node in tree.css('link[rel~="alternate"][hreflang][href]'):
        if found := _joined(base, _attribute(node, "href")):
            yield found


def _links(tree: LexborHTMLParser, base: str) -> Iterator[str]:
    for node in tree.css("a[href]"):
        if "nofollow" in _attribute(node, "rel").lower().split():
            continue
        found = _joined(base, _attribute(node, "href")).partition("#")[0]
        if found.startswith(("http://", "https://")):
            yield found


def _texts(tree: LexborHTMLParser, selector: str) -> Iterator[str]:
    for node in tree.css(selector)[:100]:
        if text := " ".join(node.text(deep=True).split()):
            yield text


def _first_attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return _attribute(node, name) if node is not None else ""


def _attribute(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "").strip()


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""
