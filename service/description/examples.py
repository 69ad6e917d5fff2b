"""Requests that make sense, and the answers that the bundled blog gives to them.

The answers were recorded (``python examples/record.py``), not written; a test asks
again and compares the shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import orjson

from related_posts.wordpress.numbers import own_number

RECORDED = "examples.json"

_ID = "/2016/02/a-starter-from-nothing/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One request, and what came of it.

    Attributes:
        id: What stands in the path for an id.
        query: The query string.
        body: What is sent.
        status: Status of the answer.
        answer: The answer, JSON or text; None where none was recorded.
    """

    id: str = _ID
    query: str = ""
    body: Any = None
    status: int = 200
    answer: Any = None

    def path(self, pattern: str) -> str:
        """The address that a pattern such as ``/v1/posts/{id}`` gives."""
        place = quote(self.id, safe="")
        path = pattern.replace("{site}", "blog.example")
        for name in ("{id}", "{rule}", "{post}"):
            path = path.replace(name, place)
        return f"{path}?{self.query}" if self.query else path


_RULE = {"kind": "pin", "post": "/2016/11/rye-is-not-wheat/", "under": _ID, "position": 1,
         "until": "2030-01-31", "note": "Our best loaf."}  # fmt: skip

#: The first post's number: the bundled blog is no WordPress, so it is one of ours.
_NUMBER = str(own_number("post", _ID))
_SHORT = "_fields=id,title,score"

#: Name of an operation to a request; in the order in which they can be made.
REQUESTS = {
    "related": Example(query="id=/2016/02/a-starter-from-nothing/&limit=2"),
    "related_html": Example(query="id=/2016/02/a-starter-from-nothing/&limit=1&layout=cards"),
    "related_of_post": Example(query="limit=1&explain=true&fields=id,title,score,explanation"),
    "related_of_text": Example(
        query="limit=2&fields=id,url,title,score",
        body={"title": "My first rye loaf", "html": "<p>The starter took a week.</p>"},
    ),
    "related_batch": Example(
        query="limit=1&fields=id,score", body={"posts": [_ID, {"slug": "rye-is-not-wheat"}, "/x/"]}
    ),
    "posts": Example(query="limit=2&category=Bread&fields=id,title,published"),
    "post": Example(),
    "search": Example(query="q=rye+sourdough&limit=2&fields=id,title,score"),
    "export": Example(query="limit=2"),
    "yarpp": Example(id=_NUMBER, query=f"limit=2&{_SHORT}"),
    "crp": Example(id=_NUMBER, query="limit=2&_fields=id,link,title"),
    "crp_by_id": Example(query=f"id={_NUMBER}&limit=1&_fields=id,link"),
    "elasticpress": Example(id=_NUMBER, query="number=1"),
    "jetpack": Example(query="url=/2016/02/a-starter-from-nothing/&size=1"),
    "jetpack_post": Example(id=_NUMBER, query="_fields=id,jetpack-related-posts.url"),
    "wordpress_com": Example(id=_NUMBER, body={"size": 2}),
    "post_rule": Example(body=_RULE, status=201),
    "rules": Example(),
    "rule": Example(id="pin"),
    "put_rule": Example(id="pin", body={"position": 2, "note": "Second is enough."}),
    "delete_rule": Example(id="pin"),
    "put_post": Example(
        id="draft-7",
        body={"url": "/2026/03/oat-loaf/", "title": "An oat loaf", "html": "<p>Soak the oats.</p>"},
        status=201,
    ),
    "stored_post": Example(id="draft-7"),
    "post_posts": Example(
        body=[{"id": "draft-8", "url": "/2026/03/spelt/", "title": "Spelt"}, {"id": "draft-9"}]
    ),
    "delete_post": Example(id="draft-7"),
    "hook_wordpress": Example(
        body={"id": 2041, "link": "https://blog.example/spelt/", "status": "trash"}
    ),
    "hook_changed": Example(body={"action": "deleted", "id": "draft-8"}),
    "healthz": Example(),
    "readyz": Example(),
}


@cache
def _recorded() -> dict[str, dict[str, Any]]:
    content = files("service.description").joinpath(RECORDED).read_bytes()
    found: dict[str, dict[str, Any]] = orjson.loads(content)
    return found


def example_of(name: str) -> Example | None:
    """The example of an operation with its recorded answer; None where there is none."""
    asked = REQUESTS.get(name)
    if asked is None:
        return None
    told = _recorded().get(name)
    if told is None:
        return asked
    return Example(
        id=told.get("id", asked.id),
        query=asked.query,
        body=asked.body,
        status=asked.status,
        answer=told["answer"],
    )
