"""Links between the posts of a blog: found in their HTML, and led to the posts they name.

A link is resolved as a reader's question is (see :mod:`related_posts.addresses`), so
relative and absolute addresses, aliases and tracking parameters all lead to the same
post. Links to the post itself and out of the blog are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from html import unescape
from itertools import chain
from urllib.parse import urljoin

from related_posts.addresses import find_row
from related_posts.urls import MAX_CHARACTERS, split

#: Most links taken of one post; a longer list is a directory, not a recommendation.
MAX_LINKS = 2_000

# What the first pattern has looked at it also takes, so that hostile markup is gone
# through once. A value in quotes may hold ``>``.
_VALUE = r"""(?:"[^"]*+"|'[^']*+')"""
_ANCHOR = re.compile(rf"<a(?=[\s/])((?:[^<>=]++|=\s*+{_VALUE}?+)*+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([^\s=/"'<>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++)))?+"""
)
# What ends a link: its closing tag, or the next one's opening tag, for links do not nest.
_ANCHOR_END = re.compile(r"(</a\s*+>)|<a(?=[\s/>])", re.IGNORECASE)
_NOT_CONTENT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_ABSOLUTE = re.compile(r"https?://[A-Za-z0-9.-]+(?:/|\Z)", re.IGNORECASE)
_ROOTED = re.compile(r"(?:/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*+)++/?\Z")
_SITE = re.compile(r"https?://[^/?#]++", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def hrefs(html: str, url: str) -> list[str]:
    """Where a post's links lead: absolute, or site-relative where the post's address is.

    Links within the page, and those of other schemes than http and https, are left
    out. Any string is accepted; time is linear in its length.

    Args:
        html: The post's body.
        url: The post's own address, from which relative links start.

    Returns:
        Addresses without fragment, each once, in the order of the text; at most
        ``MAX_LINKS``.
    """
    if "<a" not in html and "<A" not in html:
        return []
    found: dict[str, None] = {}
    for anchor in _ANCHOR.finditer(_NOT_CONTENT.sub("", html)):
        target = _target(anchor[1])
        if target and (resolved := _resolved(target, url)):
            found[resolved] = None
            if len(found) == MAX_LINKS:
                break
    return list(found)


def without_links(html: str, url: str, leads_away: Callable[[str], bool]) -> str:
    """A post's HTML without some of its links, their anchor texts included.

    Whatever no reader sees (comments, scripts, styles) goes too, if a link goes. A link
    that is not closed loses its tag and keeps its text. Any string is accepted; time is
    linear in its length.

    Args:
        html: The post's body.
        url: The post's own address, from which relative links start.
        leads_away: Whether the link to an address, as ``hrefs`` gives them, goes.
    """
    if not any(leads_away(address) for address in hrefs(html, url)):
        return html
    seen = _NOT_CONTENT.sub("", html)
    kept: list[str] = []
    end = 0
    for anchor in _ANCHOR.finditer(seen):
        target = _target(anchor[1])
        address = target and _resolved(target, url)
        if anchor.start() < end or not address or not leads_away(address):
            continue
        kept.append(seen[end : anchor.start()])
        stop = _ANCHOR_END.search(seen, anchor.end())
        closed = stop is not None and stop[1] is not None
        end = stop.end() if stop and closed else _tag_end(seen, anchor.end())
    return "".join([*kept, seen[end:]])


def resolve(
    get: Callable[[bytes], int | None], row: int, ids: Iterable[str], hrefs: Iterable[str]
) -> list[int]:
    """The posts that a post links to.

    Args:
        get: Row of a key of ``addresses.lookup_entries``, or None.
        row: The linking post.
        ids: Ids of posts it is known to link to.
        hrefs: Addresses it links to.

    Returns:
        Rows, ascending, each once, without ``row``.
    """
    found = {find_row(get, id=each) for each in ids}
    found |= {find_row(get, url=each) for each in hrefs if not _is_foreign_root(each)}
    return sorted(each for each in found if each is not None and each != row)


def other_hosts(
    get: Callable[[bytes], int | None], hrefs: Iterable[Iterable[str]]
) -> dict[str, int]:
    """Hosts that are not the blog's, to which links lead at the very paths of its posts.

    The blog may have been there before.

    Args:
        get: Row of a key of ``addresses.lookup_entries``, or None.
        hrefs: Addresses that each post links to.

    Returns:
        Host to the number of such links, the most first; of equal ones by name.
    """
    counts: Counter[str] = Counter()
    for each in chain.from_iterable(hrefs):
        host, path = split(each)
        if host and path != "/" and find_row(get, url=path) is not None:
            counts[host] += find_row(get, url=each) is None
    found = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {host: count for host, count in found if count}


def _tag_end(html: str, start: int) -> int:
    """Where the text behind a tag begins whose attributes end at ``start``."""
    return start + 1 if html[start : start + 1] == ">" else start


def _target(attributes: str) -> str:
    """The value of the first ``href`` among a tag's attributes, or empty."""
    if "href" not in attributes.lower():
        return ""
    for attribute in _ATTRIBUTE.finditer(attributes):
        if attribute[1].lower() == "href":
            return unescape(attribute[2] or attribute[3] or attribute[4] or "").strip()
    return ""


def _resolved(target: str, url: str) -> str:
    """A link's address on the web, or empty where it has none."""
    target = target.partition("#")[0]
    scheme = _SCHEME.match(target)
    if not target or len(target) > MAX_CHARACTERS:
        return ""
    if scheme is not None and scheme[1].lower() not in ("http", "https"):
        return ""
    try:
        # Nearly all links are written out or start at the root; joining takes its time.
        if _ABSOLUTE.match(target):
            return target
        if _ROOTED.match(target):
            site = _SITE.match(url)
            return (site[0] if site else "") + target
        return urljoin(url, target)
    except ValueError:
        return ""


def _is_foreign_root(url: str) -> bool:
    """Whether this is the front page of a named site.

    A post with a site-relative address is found on any host; one that stands at the
    front would be found for every link to anybody's site.
    """
    host, path = split(url)
    return bool(host) and path == "/"
