"""Text in, posts out; batches; and everything at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.posts import Post
from related_posts.storage import Store


def send(client: FlaskClient, body: Any, path: str = "/v1/related") -> Any:
    """The JSON of a successful answer to something sent."""
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    return response.get_json()


@pytest.fixture(scope="module")
def archived(trained: Path) -> dict[str, Post]:
    """The posts of the built version as they were read."""
    archive = Archive(trained)
    with archive.snapshot() as snapshot:
        from related_posts.schema import post_from_bytes

        return {
            post.id: post
            for block in snapshot.blocks(256)
            for post in map(post_from_bytes, block)
        }  # fmt: skip


def test_a_post_s_own_text_gives_its_own_list(
    reader: FlaskClient, archived: dict[str, Post]
) -> None:
    """Sent as a draft, a published post is answered as if it were asked for by its id."""
    for post in list(archived.values())[:20]:
        body = {
            "title": post.title,
            "html": post.html,
            "tags": post.tags,
            "categories": post.categories,
            "language": post.language,
            "id": post.id,
        }
        if post.published:
            body["published"] = post.published.isoformat()
        found = send(reader, body, "/v1/related?limit=20")
        asked = reader.get(f"/v1/related?id={post.id}&limit=20").get_json()
        assert found["post"] is None
        # Weights were rounded when they were stored; hardly any two scores are so near.
        assert [round(item["score"], 3) for item in found["items"]] == pytest.approx(
            [round(item["score"], 3) for item in asked["items"]], abs=0.0011
        )
        assert found["items"][0]["id"] == asked["items"][0]["id"]


def test_text_and_html_say_the_same(reader: FlaskClient) -> None:
    """Plain text is not markup: angle brackets and entities in it are words."""
    html = send(reader, {"html": "<p>moon mirror &lt;b&gt; glass</p>", "language": "en"})
    text = send(reader, {"text": "moon mirror <b> glass", "language": "en"})
    assert html == text
    assert html["items"]


def test_the_language_is_found(reader: FlaskClient) -> None:
    """What is not stated is detected, and else the usual one of the blog."""
    for body in ({"title": "moon"}, {"text": "the moon and the mirror were made of glass " * 5}):
        found = send(reader, body)["items"]
        assert {item["language"] for item in found} == {"en"}
    german = send(reader, {"title": "moon", "language": "de-AT"})["items"]
    assert {item["language"] for item in german} == {"de"}
    assert send(reader, {"title": "moon", "language": "fr"})["items"] == []


def test_options_of_a_text(reader: FlaskClient) -> None:
    """Filters, fallback, fields and explanations are those of other lists."""
    body = {"title": "Moon mirror", "tags": ["red"], "author": "ada", "url": "/nowhere"}
    path = "/v1/related?tag=red&fields=id,tags,explanation,reason&explain=1&fallback=author,tag"
    matches = send(reader, body, "/v1/related?tag=red&limit=50")["items"]
    least = matches[2]["score"] - 0.0001
    found = send(reader, body, f"{path}&limit=50&min_score={least:.4f}")["items"]
    assert all("Red" in item["tags"] for item in found)
    assert found[0]["explanation"]["terms"]
    reasons = [item.get("reason") for item in found]
    assert reasons[0] is None
    assert set(reasons) == {None, "author", "tag"}
    excluded = send(reader, body | {"id": found[0]["id"]}, f"{path}&limit=50")["items"]
    assert found[0]["id"] not in [item["id"] for item in excluded]


def test_nothing_is_related_to_nothing(reader: FlaskClient) -> None:
    """An empty draft has an empty list; with a fallback, the newest posts."""
    assert send(reader, {})["items"] == []
    assert len(send(reader, {}, "/v1/related?fallback=recent")["items"]) == 5


@pytest.mark.parametrize(
    ("content", "member"),
    [
        (b"", ""),
        (b"{", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b"[]", ""),
        (b"1", ""),
        (b'{"titel": "x"}', "titel"),
        (b'{"title": 1}', "title"),
        (b'{"tags": "x"}', "tags"),
        (b'{"tags": [1]}', "tags.0"),
        (b'{"published": "yesterday"}', "published"),
        (orjson.dumps({"tags": ["x"] * 101}), "tags"),
        (b'{"title": "\\ud800"}', ""),
    ],
)
def test_broken_bodies_are_problems(reader: FlaskClient, content: bytes, member: str) -> None:
    """A body that cannot be used is 400 and says which member is at fault."""
    response = reader.post("/v1/related", data=content, content_type="application/json")
    found = response.get_json()
    assert (response.status_code, found["type"]) == (400, "urn:related-posts:problem:invalid-body")
    assert found["member"] == member
    if member == "titel":
        assert "did you mean title?" in found["detail"]


def test_how_a_body_is_wrapped(reader: FlaskClient) -> None:
    """A mark of UTF-8 in front is none of the body; a packed one is told from a broken one."""
    body = orjson.dumps({"text": "rye and salt"})
    plain = reader.post("/v1/related", data=body)
    assert plain.get_json()["items"]
    assert reader.post("/v1/related", data=b"\xef\xbb\xbf" + body).data == plain.data
    packed = reader.post("/v1/related", data=body, headers={"Content-Encoding": "gzip"})
    assert packed.status_code == 400
    assert "without a Content-Encoding" in packed.get_json()["detail"]


def test_long_bodies_are_refused(make_app: Callable[..., Flask], trained: Path) -> None:
    """What is longer than the setting is 413, whether or not it says how long it is."""
    client = make_app(trained, max_body_bytes=2000).test_client()
    body = orjson.dumps({"text": "x " * 2000})
    for path in ("/v1/related", "/v1/related/batch"):
        response = client.post(path, data=body)
        assert response.status_code == 413
        assert response.get_json()["type"] == "urn:related-posts:problem:content-too-large"
        unannounced = client.post(
            path,
            input_stream=__import__("io").BytesIO(body),
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert unannounced.status_code == 413
    assert client.post("/v1/related", data=orjson.dumps({"text": "x " * 900})).status_code == 200


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "<a " + "x=1 " * 200_000 + ">moon",
        "<!--" * 100_000,
        "<p>&amp;" * 100_000,
        "&" * 500_000,
        "<table><tr><td>" * 50_000,
        "<script>" + "moon " * 100_000,
        " ".join(f"word{number}" for number in range(90_000)),
        "\0\ufeff\u202e" * 50_000,
    ],
    ids=["deep", "attributes", "comments", "paragraphs", "ampersands", "tables", "script",
         "vocabulary", "controls"],
)  # fmt: skip
def test_hostile_html_is_answered(reader: FlaskClient, html: str) -> None:
    """Markup made to take for ever gives an answer like any other."""
    assert "items" in send(reader, {"html": html, "title": "moon"})


def test_a_batch(reader: FlaskClient) -> None:
    """Ids and objects, in their order; an unknown post is a problem among the others."""
    url = reader.get("/v1/posts/p7").get_json()["post"]["url"]
    body = {"posts": ["p1", {"url": url}, "nobody", {"id": "p3"}, {"slug": "nothing"}, "p1"]}
    found = send(reader, body, "/v1/related/batch?limit=2&tag=red")["results"]
    for place, id_ in ((0, "p1"), (1, "p7"), (3, "p3"), (5, "p1")):
        alone = reader.get(f"/v1/related?id={id_}&limit=2&tag=red").get_json()
        assert found[place] == {"post": alone["post"], "items": alone["items"]}
    for place in (2, 4):
        assert found[place]["problem"]["type"] == "urn:related-posts:problem:unknown-post"
        assert found[place]["problem"]["status"] == 404
    assert "nobody" in found[2]["problem"]["detail"]
    assert send(reader, {"posts": []}, "/v1/related/batch")["results"] == []


@pytest.mark.parametrize(
    "posts", [[1], [{}], [{"id": "a", "url": "b"}], [""], ["x"] * 1001, [{"ids": "a"}], "x", None]
)
def test_broken_batches_are_problems(reader: FlaskClient, posts: Any) -> None:
    """More than a thousand posts, or what names no post, is 400 as a whole."""
    response = reader.post("/v1/related/batch", json={"posts": posts})
    assert response.status_code == 400
    assert response.get_json()["type"] == "urn:related-posts:problem:invalid-body"


def test_a_thousand_posts_at_once(reader: FlaskClient) -> None:
    """The most that may be asked for is answered."""
    found = send(reader, {"posts": [f"p{number % 60}" for number in range(1000)]},
                 "/v1/related/batch")  # fmt: skip
    assert len(found["results"]) == 1000


def test_only_so_many_explanations_at_once(reader: FlaskClient) -> None:
    """A small request cannot ask for a minute of work; what is refused says how to ask."""
    path = "/v1/related/batch?explain=1"
    response = reader.post(f"{path}&limit=50", json={"posts": ["nobody"] * 101})
    assert response.status_code == 400
    assert "posts times limit is more than 5,000" in response.get_json()["detail"]
    path = "/v1/related/batch?fields=id,explanation"
    response = reader.post(f"{path}&limit=50", json={"posts": ["nobody"] * 101})
    assert response.status_code == 400
    assert response.get_json()["detail"].startswith("fields='explanation'")
    for query, n_posts in (("&limit=50", 100), ("", 1000), ("&explain=0&limit=50", 1000)):
        path = f"/v1/related/batch?{'explain=1' if 'explain' not in query else ''}{query}"
        assert len(send(reader, {"posts": ["nobody"] * n_posts}, path)["results"]) == n_posts


def test_only_so_many_places_at_once(reader: FlaskClient) -> None:
    """What a batch leaves out at the beginning is ranked too: no small request asks for hours."""
    path = "/v1/related/batch?limit=50&offset"
    response = reader.post(f"{path}=1", json={"posts": ["nobody"] * 1000})
    assert response.status_code == 400
    found = response.get_json()
    assert (found["parameter"], found["value"]) == ("offset", "1")
    assert "posts times offset + limit are at most 50,000" in found["detail"]
    for offset, n_posts in ((0, 1000), (450, 100), (9_950, 5)):
        results = send(reader, {"posts": ["nobody"] * n_posts}, f"{path}={offset}")["results"]
        assert len(results) == n_posts


def test_the_export_is_that_of_the_command(reader: FlaskClient, trained: Path) -> None:
    """Every list, a line each, newest first, with a tag that holds until the next version."""
    from service.export import lines

    response = reader.get("/v1/export.jsonl?limit=2")
    assert response.content_type == "application/jsonl"
    with Store(trained).open() as index:
        assert response.data == b"".join(lines(index, 2))
    tag = response.headers["ETag"]
    again = reader.get("/v1/export.jsonl?limit=2", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert reader.get("/v1/export.jsonl").headers["ETag"] != tag
    head = reader.head("/v1/export.jsonl?limit=2")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", tag)


def test_an_export_is_of_one_version(
    make_app: Callable[..., Flask], data_folder: Path, publish: Any
) -> None:
    """A version published while the lines are sent changes none of them."""
    app = make_app(data_folder)
    before = app.test_client().get("/v1/export.jsonl").data
    response = app.test_client().get("/v1/export.jsonl", buffered=False)
    pieces = response.iter_encoded()
    first = next(iter(pieces))
    publish(data_folder, posts=[Post(id="only", url="/only")])
    app.extensions["related_posts"].refresh()
    assert first + b"".join(pieces) == before
    assert app.test_client().get("/v1/export.jsonl").data == b'{"id":"only","related":[]}\n'
