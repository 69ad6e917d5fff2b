"""WordPress as a client sees it: paths, headers, bodies and errors as a real one gives them.

Its shape was taken from answers recorded from WordPress 6.1.9.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from related_posts.posts import Post

GONE = {
    "code": "rest_post_invalid_page_number",
    "message": "The page number requested is larger than the number of pages available.",
    "data": {"status": 400},
}


def rows_of(posts: Iterable[Post], home: str) -> list[dict[str, Any]]:
    """Posts as WordPress shows them, with all that can be embedded."""
    return [_row(post, home) for post in posts]


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A post with a number, made like the others but for what is said."""
    slug = changes.pop("slug", f"post-{number}")
    post = Post(
        id=str(number),
        url=f"https://blog.example/{slug}/",
        title=f"Post {number}",
        html=f"<p>Text of {number}.</p>",
        slug=slug,
    )
    made = _row(post, "https://blog.example")
    made |= {"date": "2024-01-02T04:04:05", "date_gmt": "2024-01-02T03:04:05"}
    made |= {"modified": "2024-01-03T04:04:05", "modified_gmt": "2024-01-03T03:04:05"}
    return {**made, **changes}


def _row(post: Post, home: str) -> dict[str, Any]:
    known = dict(post.extra.get("wordpress", {}))
    number = int(post.id)
    author = int(known.get("author_id", 1))
    terms = [
        _terms("category", known.get("category_ids", [1]), post.categories or ["Uncategorized"]),
        _terms("post_tag", known.get("tag_ids", range(10, 10 + len(post.tags))), post.tags),
    ]
    for taxonomy, names in known.get("taxonomies", {}).items():
        terms.append(_terms(taxonomy, range(900, 900 + len(names)), names))
    embedded: dict[str, Any] = {"wp:term": terms}
    name = post.author or "admin"
    slug = known.get("author_login", name.lower())
    embedded["author"] = [{"id": author, "name": _html(name), "slug": slug}]
    media = int(known.get("featured_media", 0))
    if post.image is not None:
        size = {"width": post.image.width, "height": post.image.height, "sizes": {}}
        picture = {"id": media or 77, "source_url": post.image.src, "media_details": size}
        embedded["wp:featuredmedia"] = [{**picture, "alt_text": post.image.alt}]
    return {
        "id": number,
        "date": known.get("date", _stamp(post.published)),
        "date_gmt": _stamp(post.published),
        "guid": {"rendered": known.get("guid", post.url)},
        "modified": known.get("modified", _stamp(post.updated or post.published)),
        "modified_gmt": _stamp(post.updated or post.published),
        "slug": post.slug,
        "status": "publish",
        "type": "post",
        "link": post.url,
        "title": {"rendered": _html(post.title)},
        "content": {"rendered": post.html, "protected": False},
        "excerpt": {"rendered": f"<p>{_html(post.excerpt)}</p>\n", "protected": False},
        "author": author,
        "featured_media": media,
        "comment_status": known.get("comment_status", "open"),
        "ping_status": known.get("ping_status", "open"),
        "sticky": bool(known.get("sticky")),
        "template": "",
        "format": "standard",
        "meta": [],
        "categories": [term["id"] for term in terms[0]],
        "tags": [term["id"] for term in terms[1]],
        "_links": {"self": [{"href": f"{home}/wp-json/wp/v2/posts/{number}"}]},
        "_embedded": embedded,
    }


def _terms(taxonomy: str, ids: Iterable[int], names: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"id": number, "name": _html(name), "slug": name.lower(), "taxonomy": taxonomy}
        for number, name in zip(ids, names, strict=True)
    ]


def _html(text: str) -> str:
    """Text as WordPress's filters leave it in a title."""
    for plain, code in (("&", "&#038;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(plain, code)
    return text


def _stamp(moment: Any) -> str | None:
    return moment and moment.strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class WordPress:
    """A blog and what is odd about its server; call it with what was asked.

    Attributes:
        make_reply: Makes an answer of a status, a body and header fields.
        home: The address it says it has.
        rows: Its posts, as ``rows_of`` makes them, in any order.
        hidden: Numbers that are counted and not shown.
        broken: Numbers that cannot be rendered: whoever asks for them gets a 500.
        most: Posts it can render at once.
        pretty: Whether it has pretty permalinks.
        announces: Whether its pages say where the interface is.
        closed: Whether the interface needs the password.
        password: ``user:password``.
        bare: Whether something in front of it takes its own headers away.
        cached: Whether something in front of it ignores the page that is asked for.
        before: Called with each question for posts before it is answered.
        notice: What PHP prints before its answers.
    """

    make_reply: Callable[..., Any]
    home: str = "https://blog.example"
    rows: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    most: int = 100
    pretty: bool = True
    announces: bool = True
    closed: bool = False
    password: str = "ada:abcd efgh"
    bare: bool = False
    cached: bool = False
    before: Callable[[dict[str, str]], None] = lambda query: None
    notice: bytes = b""
    language: str = "en-GB"
    here: str = ""

    def __call__(self, asked: Any) -> Any:
        """Answer a request."""
        self.here = f"http://{asked.headers['host']}"
        root = f"{self.here}/wp-json/" if self.pretty else f"{self.here}/?rest_route=/"
        link = {"Link": f'<{root}>; rel="https://api.w.org/"'} if self.announces else {}
        route = asked.query.get("rest_route")
        if route is None and self.pretty and asked.path.startswith("/wp-json"):
            route = asked.path.removeprefix("/wp-json")
        if route is None:
            return self._page(asked, root, link)
        if self.closed and not self._knows(asked):
            return self._json(401, _error(401, "rest_cannot_access", "Only for members."), link)
        if route in ("", "/"):
            index = {"name": "Blog", "url": self.home, "home": self.home}
            return self._json(200, {**index, "namespaces": ["oembed/1.0", "wp/v2"]}, {})
        if route != "/wp/v2/posts":
            return self._json(404, _error(404, "rest_no_route", "No route was found."), link)
        self.before(asked.query)
        return self._posts(asked.query, link)

    def _page(self, asked: Any, root: str, link: dict[str, str]) -> Any:
        if asked.path != "/":
            return self.make_reply(404, b"<html><body>Not found", {"Content-Type": "text/html"})
        head = f"<link rel='https://api.w.org/' href='{root}' />" if self.announces else ""
        page = f'<!DOCTYPE html><html lang="{self.language}"><head>{head}</head><body>Hi'
        return self.make_reply(200, page.encode(), {"Content-Type": "text/html", **link})

    def _posts(self, query: dict[str, str], link: dict[str, str]) -> Any:
        size = int(query.get("per_page", "10"))
        page = 1 if self.cached else int(query.get("page", "1"))
        if not 1 <= size <= 100:
            return self._json(400, _error(400, "rest_invalid_param", "per_page"), link)
        rows = sorted(self.rows, key=lambda one: one["id"])
        if query.get("orderby", "date") == "date":
            rows.sort(key=lambda one: (one["date"], one["id"]))
        if query.get("order", "desc") == "desc":
            rows.reverse()
        rows = [one for one in rows if one["status"] == "publish"]
        if "include" in query:
            wanted = set(map(int, query["include"].split(",")))
            rows = [one for one in rows if one["id"] in wanted]
        n_pages = -(-len(rows) // size)
        if page > max(n_pages, 1):
            return self._json(400, GONE, link)
        shown = [
            one for one in rows[(page - 1) * size : page * size] if one["id"] not in self.hidden
        ]
        renders = "content" in query.get("_fields", "content").split(",")
        if renders and (len(shown) > self.most or any(one["id"] in self.broken for one in shown)):
            error = "<p>There has been a critical error on this website.</p>"
            return self._json(500, {"code": "internal_server_error", "message": error}, link)
        totals = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(n_pages)}
        if page < n_pages:
            following = urlencode({**query, "page": page + 1})
            totals["Link"] = f'<{self.here}/wp-json/wp/v2/posts?{following}>; rel="next"'
        return self._json(200, [_chosen(one, query) for one in shown], totals)

    def _json(self, status: int, content: Any, headers: dict[str, str]) -> Any:
        body = self.notice + json.dumps(content).replace("/", "\\/").encode()
        fields = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Robots-Tag": "noindex",
            "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
            **({} if self.bare else headers),
        }
        return self.make_reply(status, body, fields)

    def _knows(self, asked: Any) -> bool:
        expected = base64.b64encode(self.password.encode()).decode()
        return asked.headers.get("authorization") == f"Basic {expected}"


def _chosen(one: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """The fields of a post that were asked for; without links nothing is embedded."""
    wanted = query["_fields"].split(",") if "_fields" in query else list(one)
    chosen: dict[str, Any] = {}
    for name in wanted:
        top, _, inner = name.partition(".")
        if top not in one or (top == "_embedded" and "_embed" not in query):
            continue
        if inner and isinstance(one[top], dict):
            chosen[top] = {**chosen.get(top, {}), inner: one[top][inner]}
        else:
            chosen[top] = one[top]
    if "_links" not in chosen:
        chosen.pop("_embedded", None)
    return chosen


def _error(status: int, code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "data": {"status": status}}
