"""Jetpack and WordPress.com: what their clients read unguarded is always there."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from gunicorn.http.errors import InvalidChunkSize

from related_posts.wordpress.numbers import own_number

JETPACK = "/compat/jetpack"
HITS = "/rest/v1.1/sites"


def ask(client: FlaskClient, path: str) -> Any:
    """The JSON of a successful answer."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_the_answer_is_jetpacks(wordpress: FlaskClient) -> None:
    """Seven members in its order; three items, the same by number and by address."""
    found = ask(wordpress, f"{JETPACK}?id=6&relatedposts=1")
    assert list(found) == [
        *("version", "show_thumbnails", "show_date", "show_context", "layout", "headline", "items")
    ]
    items = found.pop("items")
    assert found == {
        "version": "20211209",
        "show_thumbnails": False,
        "show_date": True,
        "show_context": True,
        "layout": "grid",
        "headline": "Related",
    }
    assert len(items) == 3
    seven = next(item for item in items if item["id"] == 7)
    assert seven == {
        "id": 7,
        "url": "https://blog.example/7/",
        "url_meta": {"origin": 6, "position": items.index(seven)},
        "title": "Rye & <wheat>",
        "date": "March 5, 2024",
        "format": False,
        "excerpt": "Two loaves & one oven.",
        "rel": "",
        "context": 'In "Bread"',
        "img": {
            "alt_text": "A loaf",
            "src": "https://blog.example/i/rye.webp",
            "width": 800,
            "height": 600,
        },
        "classes": [],
    }
    other = next(item for item in items if item["id"] != 7)
    assert list(other) == list(seven)
    assert other["img"] == {"alt_text": "", "src": "", "width": 0, "height": 0}
    assert other["context"] == "Similar post"
    by_address = ask(
        wordpress, f"{JETPACK}?url=http://www.blog.example/6?relatedposts=1%26relatedposts_hit=1"
    )
    assert by_address["items"] == items


def test_items_are_those_that_there_are(wordpress: FlaskClient) -> None:
    """Not only a full set; what is excluded, or where the reader came from, is not among them."""
    everyone = ask(wordpress, f"{JETPACK}?id=6&size=20")["items"]
    assert len(everyone) == 20
    query = f"{JETPACK}?id=6&size=20&relatedposts_exclude=5,7&relatedposts_origin=8"
    assert not {5, 7, 8} & {item["id"] for item in ask(wordpress, query)["items"]}
    unknown = ask(wordpress, f"{JETPACK}?url=https://blog.example/none/")
    assert (unknown["items"], unknown["headline"]) == ([], "Related")
    told = ask(wordpress, f"{JETPACK}?id=6&headline=&layout=list&show_thumbnails=1&show_date=0")
    assert [told[name] for name in ("headline", "layout", "show_thumbnails", "show_date")] == [
        *("", "list", True, False)
    ]


@pytest.mark.parametrize("query", ["", "url=", "size=x&id=6"])
def test_what_cannot_be_meant_is_refused(wordpress: FlaskClient, query: str) -> None:
    """No post is named, or the size is no number."""
    response = wordpress.get(f"{JETPACK}?{query}")
    assert (response.status_code, response.get_json()["data"]["status"]) == (400, 400)


def test_core_posts_have_the_field(wordpress: FlaskClient) -> None:
    """Alone where ``_fields`` asks for it, else before the links of the whole post."""
    found = ask(wordpress, "/wp-json/wp/v2/posts/6?_fields=jetpack-related-posts")
    assert list(found) == ["jetpack-related-posts"]
    assert len(found["jetpack-related-posts"]) == 6
    whole = ask(wordpress, "/wp-json/wp/v2/posts/7?_embed=author")
    assert list(whole)[-3:] == ["jetpack-related-posts", "_links", "_embedded"]
    assert whole["slug"] == "rye-%e6%97%a5%e6%9c%ac"
    missing = wordpress.get("/wp-json/wp/v2/posts/999")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "rest_post_invalid_id")


def test_wordpress_com_sends_hits(wordpress: FlaskClient) -> None:
    """Numbers and scores, best first; of a blog that is named, a number of ours."""
    found = wordpress.post(f"{HITS}/1234/posts/6/related", data={"size": "2"}).get_json()
    assert list(found) == ["total", "max_score", "hits"]
    assert (found["total"], found["max_score"]) == (2, found["hits"][0]["_score"])
    assert all(hit["fields"]["blog_id"] == 1234 for hit in found["hits"])
    named = wordpress.post(f"{HITS}/blog.example/posts/6/related").get_json()
    assert named["hits"][0]["fields"]["blog_id"] == own_number("site", "blog.example")
    assert named["total"] == 10
    for data, path, error in (
        ({}, f"{HITS}/1/posts/999/related", (404, "unknown_post")),
        ({"size": "x"}, f"{HITS}/1/posts/6/related", (400, "invalid_input")),
    ):
        response = wordpress.post(path, data=data)
        assert (response.status_code, response.get_json()["error"]) == error


@pytest.mark.parametrize(
    ("mistake", "status"), [(InvalidChunkSize(b"zz"), 400), (TimeoutError("too slow"), 408)]
)
def test_a_form_that_does_not_arrive(
    wordpress: FlaskClient, mistake: Exception, status: int
) -> None:
    """A body that is framed badly or stops is the client's mistake here as elsewhere."""

    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise mistake

        readinto = read

    response = wordpress.post(
        f"{HITS}/1/posts/7/related",
        input_stream=Broken(),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
