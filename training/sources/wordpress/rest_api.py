"""Find a blog's WordPress interface, wherever the blog says it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from related_posts import fields
from related_posts.errors import PostError, SourceError
from training.web import Client, FetchError, Response

#: The relation by which WordPress names its interface, in headers and in pages.
RELATION = "https://api.w.org/"

#: Where the blogs of WordPress.com are asked, whatever their own address.
WORDPRESS_COM = "https://public-api.wordpress.com/wp/v2/sites/"

#: Characters of a page in which its head is looked for.
HEAD_CHARACTERS = 500_000

_LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")
_LINK_ELEMENT = re.compile(r"<link\b[^<>]*>", re.I)
_META_ELEMENT = re.compile(r"<meta\b[^<>]*>", re.I)
_GENERATOR = re.compile(r"\A(?=.*?generator).*?WordPress\.com", re.I | re.S)
_HREF = re.compile(r"\shref\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.I)
_LANGUAGE = re.compile(r"<html\b[^<>]*?\slang\s*=\s*[\"']?([\w-]+)", re.I)
_FEED = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:RDF)\b", re.S)


@dataclass(frozen=True, slots=True)
class Api:
    """A blog's interface.

    Attributes:
        posts: Address of its list of posts, with ``?rest_route=`` where the blog has
            no pretty permalinks.
        home: The blog's address, as it says itself.
        language: The language of its pages, or empty.
    """

    posts: str
    home: str
    language: str = ""

    def url(self, **parameters: str | int) -> str:
        """The address of a list of posts."""
        return _with(self.posts, **parameters)


class ClosedError(SourceError):
    """This is WordPress, but its interface may not be read."""


def is_wordpress(page: Response, client: Client) -> bool:
    """Whether an address leads to a blog with a WordPress interface, open or closed.

    A feed is what it is, even where WordPress wrote it: who names the feed of a
    category does not mean the whole blog.
    """
    if _FEED.match(page.body[:4096]):
        return False
    try:
        return find_api(page, client) is not None
    except ClosedError:
        return True


def find_api(page: Response, client: Client) -> Api | None:
    """The interface of the blog that a page belongs to, or None.

    Asked in turn are what the page's headers say, what its head says, and the two
    places where WordPress has it. The first that answers as one is taken: some servers
    name the pretty address and know only the plain one.

    Args:
        page: What the blog's address gave.
        client: Asks; each candidate once.

    Raises:
        ClosedError: There is one, and it refuses.
        FetchError: The server fails.
    """
    head = page.text[:HEAD_CHARACTERS]
    language = _language(head)
    if (site := _wordpress_com_site(page.url, head)) is not None:
        return Api(f"{WORDPRESS_COM}{site}/posts", f"https://{site}", language)
    announced = list(_announced(page, head))
    refusal: FetchError | None = None
    for root in dict.fromkeys((*announced, *_usual(page))):
        try:
            answer = client.get(_with(root, _fields="home,url,namespaces"), retries=2)
            found = read_json(answer)
        except FetchError as error:
            if error.status in (401, 403):
                is_theirs = root in announced or _code(error.body).startswith("rest_")
                refusal = refusal or (error if is_theirs else None)
            elif root in announced and (error.status >= 429 or not error.status):
                raise
            continue
        if isinstance(found, dict) and "wp/v2" in _texts(found.get("namespaces")):
            # Where it answered in the end: a redirect for every page would be a waste.
            root = re.sub(r"[?&]_fields=.*", "", answer.url)
            home = next(iter(_texts([found.get("home"), found.get("url")])), urljoin(root, "/"))
            return Api(_route(root, "wp/v2/posts"), home.rstrip("/"), language)
    if refusal is not None:
        raise closed(refusal)
    return None


def closed(error: FetchError) -> ClosedError:
    """The error for an interface that refuses, with what the server says and what to do."""
    said = _code(error.body)
    reason = f"this blog's WordPress interface is closed (HTTP {error.status}"
    reason = f"{reason}, {said})" if said else f"{reason})"
    advice = "give a user and application password as `auth`, or export the blog (Tools, Export)"
    return ClosedError(error.url, f"{reason}; {advice} and name the file")


def error_code(error: FetchError) -> str:
    """The code WordPress gives an error, such as ``rest_post_invalid_page_number``, or empty."""
    return _code(error.body)


def read_json(answer: Response) -> Any:
    """An answer's JSON, also where PHP printed a warning before it.

    Raises:
        FetchError: There is none.
    """
    try:
        return answer.json()
    except FetchError:
        starts = [answer.body.find(start) for start in (b'[{"', b'{"')]
        found = min((start for start in starts if start > 0), default=0)
        if not found:
            raise
        return replace(answer, body=answer.body[found:]).json()


def _usual(page: Response) -> Iterator[str]:
    """Where WordPress has the interface's root, the likeliest first."""
    parts = urlsplit(page.url)
    if page.content_type == "application/json":
        yield page.url  # the root itself was named
    folder = parts.path[: parts.path.rfind("/") + 1]
    for path in (folder, "/"):
        base = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        yield f"{base}wp-json/"
        yield f"{base}?rest_route=/"


def _announced(page: Response, head: str) -> Iterator[str]:
    """Roots that the page names."""
    for target, parameters in _LINK_HEADER.findall(page.headers.get("link", "")):
        if RELATION in parameters:
            yield urljoin(page.url, target)
    for element in _LINK_ELEMENT.findall(head):
        if RELATION in element and (found := _HREF.search(element)):
            yield urljoin(page.url, unescape(found[1] or found[2] or ""))


def _wordpress_com_site(url: str, head: str) -> str | None:
    """The host by which WordPress.com knows a blog that it serves, or None."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if url.startswith(WORDPRESS_COM):
        return url.removeprefix(WORDPRESS_COM).split("/")[0] or None
    if host.endswith(".wordpress.com"):
        return host
    is_theirs = any(_GENERATOR.search(element) for element in _META_ELEMENT.findall(head))
    return host if is_theirs and RELATION not in head else None


def _route(root: str, route: str) -> str:
    """The address of a route below a root, pretty or plain."""
    parts = urlsplit(root)
    if "rest_route=" in parts.query:
        return f"{root.rstrip('/')}/{route}"
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{route}", "", ""))


def _with(url: str, **parameters: str | int) -> str:
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}{urlencode(parameters)}"


def _texts(values: object) -> list[str]:
    return (
        [one for one in values if one and isinstance(one, str)] if isinstance(values, list) else []
    )


def _language(head: str) -> str:
    found = _LANGUAGE.search(head)
    try:
        return fields.language("lang", found[1]) if found else ""
    except PostError:
        return ""


def _code(body: bytes) -> str:
    """The code in the body of an error, or empty."""
    content: Any = None
    try:
        content = Response("", 0, body=body).json()
    except FetchError:
        return ""
    code = content.get("code") if isinstance(content, dict) else None
    return code[:60] if isinstance(code, str) else ""
