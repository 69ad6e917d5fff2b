"""Whatever a server sends for posts: items or one clear error, nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Post
from related_posts.schema import post_from_json, post_to_json
from related_posts.wordpress.posts import read_post
from training.sources.base import Problem, Skipped
from training.sources.wordpress.rest_api import Api, find_api, is_wordpress
from training.sources.wordpress.rest_pages import fetch_posts, list_posts
from training.web import FetchError, Response
from training.web.response import Headers

NOW = datetime(2025, 1, 1, tzinfo=UTC)
API = Api("https://blog.example/wp-json/wp/v2/posts", "https://blog.example")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["2024-01-02T03:04:05", "0000-00-00", "https://blog.example/x", "//", "[", "&#x;"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["rendered", "protected", "name", "taxonomy", "id", "code", "author"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


class Fake:
    """A client whose every answer has one body and one set of header fields."""

    def __init__(self, body: bytes, fields: dict[str, str]) -> None:
        self.body, self.fields = body, fields
        self.n_asked = 0

    def get(self, url: str, **_: Any) -> Response:
        """The answer."""
        self.n_asked += 1
        return Response(url, 200, Headers(self.fields), self.body)

    def get_many(self, urls: Any, **_: Any) -> Any:
        """The answer, for each."""
        yield from map(self.get, urls)


@settings(deadline=None)
@given(st.data())
def test_any_fields_are_an_item(data: st.DataObject) -> None:
    """A post of which some fields are anything at all."""
    content: dict[str, Any] = {
        "id": 1,
        "link": "https://blog.example/1/",
        "title": {"rendered": "One"},
        "content": {"rendered": "<p>Rye.</p>", "protected": False},
    }
    names = [*content, "status", "type", "date_gmt", "date", "modified_gmt", "excerpt", "author"]
    names += ["categories", "tags", "_embedded", "translations", "lang", "featured_media", "slug"]
    for name in data.draw(st.lists(st.sampled_from(names), max_size=4, unique=True)):
        content[name] = data.draw(VALUES)
    item = read_post(content, home="https://blog.example", language="en", now=NOW)
    assert isinstance(item, Post | Problem | Skipped)
    if isinstance(item, Post):
        assert post_from_json(post_to_json(item)) == item


@settings(deadline=None)
@given(
    st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["", "0", "1", "2", "3", "-1", "x", "²", "99999999999"]),
)
def test_any_body_is_a_list_or_an_error(body: bytes, total: str) -> None:
    """Whatever is answered to every question; without asking for ever."""
    client = Fake(body, {"X-WP-TotalPages": total, "X-WP-Total": total} if total else {})
    try:
        listed = list_posts(client, API)  # type: ignore[arg-type]
        found = list(fetch_posts(client, API, [one.post_id for one in listed]))  # type: ignore[arg-type]
    except SourceError:
        found = []
    assert all(isinstance(content, dict | FetchError) for _, content in found)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(alphabet='<>/;=" relhttps:api.w.org', max_size=80))
def test_any_page_is_looked_through(page: str, link: str) -> None:
    """Headers and pages that name an interface, or nearly."""
    html = f'<html lang="{page[:9]}"><link rel="https://api.w.org/" href="{page}">{page}'
    answer = Response("https://blog.example/a/", 200, Headers({"Link": link}), html.encode())
    client = Fake(b'{"namespaces": ["wp/v2"]}', {})
    try:
        found = find_api(answer, client)  # type: ignore[arg-type]
    except SourceError:
        return
    assert found is not None
    assert is_wordpress(answer, client)  # type: ignore[arg-type]
