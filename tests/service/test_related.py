"""The answer: which post, which items, in which shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.posts import Post
from related_posts.storage import Store
from service.api.address import id_in_path

ITEM_FIELDS = [
    *("id", "url", "title", "excerpt", "published", "author", "image"),
    *("tags", "categories", "language"),
]


def ask(client: FlaskClient, path: str, **options: Any) -> Any:
    """The JSON of a successful answer."""
    response = client.get(path, **options)
    assert response.status_code == 200, response.text
    return response.get_json()


def raw(path: str) -> dict[str, Any]:
    """What gunicorn adds: the address as the client wrote it."""
    return {"environ_overrides": {"RAW_URI": path}}


def test_the_shape(client: FlaskClient, posts: list[Post], shared_folder: Path) -> None:
    """Version, the post asked about, and items with two numbers each, in a fixed order."""
    found = ask(client, "/v1/related?id=no-slash")
    assert list(found) == ["version", "post", "items"]
    assert found["version"] == Store(shared_folder).current_name()
    assert list(found["post"]) == ITEM_FIELDS
    assert found["post"]["id"] == "no-slash"
    assert found["post"]["title"] == posts[1].title
    assert found["post"]["image"] == {"src": "/i.jpg", "width": 80, "height": 60, "alt": "An image"}
    for item in found["items"]:
        assert list(item) == [*ITEM_FIELDS, "similarity", "score"]


def test_items_are_the_index_s_neighbours(client: FlaskClient, shared_folder: Path) -> None:
    """The items are the precomputed ones, best first, with their numbers to four decimals."""
    with Store(shared_folder).open() as index:
        for row in range(index.n_posts):
            rows, similarities, scores = index.neighbours(row, 50)
            id_ = index.post(row)["id"]
            found = ask(client, f"/v1/related?id={quote(id_, safe='')}&limit=50")["items"]
            assert [item["id"] for item in found] == [index.post(other)["id"] for other in rows]
            assert [item["similarity"] for item in found] == [round(s, 4) for s in similarities]
            assert [item["score"] for item in found] == [round(s, 4) for s in scores]
            assert id_ not in [item["id"] for item in found]


def test_limit(client: FlaskClient) -> None:
    """Five items unless asked otherwise, from 1 to 50; a longer list begins with the shorter."""
    longest = ask(client, "/v1/related?id=no-slash&limit=50")["items"]
    assert len(longest) == 50
    assert ask(client, "/v1/related?id=no-slash")["items"] == longest[:5]
    for limit in (1, 7, 49):
        assert ask(client, f"/v1/related?id=no-slash&limit={limit}")["items"] == longest[:limit]


def test_every_id_by_query_and_by_path(client: FlaskClient, posts: list[Post]) -> None:
    """Slashes at the ends, encoded slashes, percent signs, ``/related`` inside: all are found."""
    for post in posts:
        encoded = quote(post.id, safe="")
        by_query = ask(client, f"/v1/related?id={encoded}")
        assert by_query["post"]["id"] == post.id
        path = f"/v1/posts/{encoded}/related"
        assert ask(client, path, **raw(path)) == by_query


def test_the_decoded_path_will_do(client: FlaskClient, awkward_ids: list[str]) -> None:
    """Behind a server that passes only the decoded path, ids are found all the same."""
    for id_ in awkward_ids:
        found = ask(client, f"/v1/posts/{quote(id_, safe='')}/related")
        assert found["post"]["id"] == id_


def test_raw_paths_of_other_servers(client: FlaskClient) -> None:
    """REQUEST_URI, an absolute request line and a query behind the path are understood."""
    encoded = quote("/2024/05/plain/", safe="")
    path = f"/v1/posts/{encoded}/related"
    for override in (
        {"REQUEST_URI": f"{path}?limit=1"},
        {"RAW_URI": f"http://any.example{path}?limit=1"},
        {"RAW_URI": f"/mounted{path}?limit=1", "SCRIPT_NAME": "/mounted"},
    ):
        found = ask(client, f"{path}?limit=1", environ_overrides=override)
        assert found["post"]["id"] == "/2024/05/plain/"
        assert len(found["items"]) == 1


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_any_id_in_a_path(id_: str) -> None:
    """Whatever the id, encoded into a path it comes back as it was."""
    encoded = f"/v1/posts/{quote(id_, safe='')}/related"
    assert id_in_path({"RAW_URI": f"{encoded}?limit=5"}) == id_
    decoded = f"/v1/posts/{id_}/related".encode().decode("latin-1")
    assert id_in_path({"PATH_INFO": decoded}) == id_


@pytest.mark.parametrize(
    "address",
    [
        "https://blog.example/2/",
        "http://www.blog.example/2",
        "//BLOG.example:443/2/?utm_source=mail#top",
        "blog.example/2",
        "/2/",
        "/2?fbclid=x",
    ],
)
def test_urls_match_however_written(client: FlaskClient, address: str) -> None:
    """Scheme, ``www.``, trailing slash, tracking query and fragment make no difference."""
    found = ask(client, f"/v1/related?url={quote(address, safe='')}")
    assert found["post"]["url"] == "https://blog.example/2/"
    assert found == ask(client, "/v1/related?id=a%2Frelated")


def test_exclude_leaves_out_and_fills_up(client: FlaskClient) -> None:
    """Excluded posts are replaced by the next best; unknown ids exclude nothing."""
    plain = [item["id"] for item in ask(client, "/v1/related?id=no-slash&limit=50")["items"]]
    chosen = [plain[0], plain[3], "no such post"]
    query = "".join(f"&exclude={quote(id_, safe='')}" for id_ in chosen)
    left = [id_ for id_ in plain if id_ not in chosen]
    for limit in (1, 5, 48):
        found = ask(client, f"/v1/related?id=no-slash&limit={limit}{query}")["items"]
        assert [item["id"] for item in found] == left[:limit]


def test_a_blog_with_one_post(
    make_app: Callable[..., Flask], empty_folder: Path, publish: Any
) -> None:
    """A post without neighbours has an empty list, which is no error."""
    publish(empty_folder, posts=[Post(id="only", url="/only")])
    client = make_app(empty_folder).test_client()
    assert ask(client, "/v1/related?id=only")["items"] == []
    assert ask(client, "/v1/related?url=/only&exclude=x")["items"] == []


def test_an_empty_blog(make_app: Callable[..., Flask], empty_folder: Path, publish: Any) -> None:
    """A version without posts serves: every post is unknown."""
    publish(empty_folder, posts=[])
    client = make_app(empty_folder).test_client()
    assert client.get("/readyz").get_json()["n_posts"] == 0
    assert client.get("/v1/related?id=x").status_code == 404


def test_state(client: FlaskClient, shared_folder: Path) -> None:
    """The process says that it lives, and which version it serves and how old that is."""
    assert client.get("/healthz").get_json()["status"] == "alive"
    ready = client.get("/readyz")
    found = ready.get_json()
    assert ready.headers["Cache-Control"] == "no-store"
    assert found["version"] == Store(shared_folder).current_name()
    assert found["n_posts"] == 60
    assert found["age_seconds"] >= 0
    assert found["reload_error"] is None


def test_the_root_names_the_addresses(client: FlaskClient) -> None:
    """Whoever finds the service finds its endpoints."""
    assert "/v1/related" in client.get("/").text


def test_mounted_under_a_prefix(client: FlaskClient) -> None:
    """SCRIPT_NAME is a prefix of the raw path and no part of the id."""
    found = client.get("/v1/related?id=no-slash", environ_overrides={"SCRIPT_NAME": "/rp"})
    assert found.status_code == 200


def test_a_hook_sees_the_answer(app: Flask) -> None:
    """Hooks added by whoever embeds the application work as in any Flask application."""

    @app.after_request
    def mark(response: Any) -> Any:
        response.headers["X-Marked"] = "yes"
        return response

    plain = app.test_client().get("/v1/related?id=no-slash")
    assert plain.headers["X-Marked"] == "yes"
    assert plain.headers["ETag"]
    assert plain.get_json()["post"]["id"] == "no-slash"
