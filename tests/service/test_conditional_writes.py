"""Conditional writes: a post is changed only where it still is what the writer believes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.keys import Keys
from related_posts.posts import Post
from service.snapshot import EXTENSION

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATH = "/v1/posts/new"
POST = {"url": "https://blog.example/new/", "title": "New", "html": "<p>Bread</p>"}


@pytest.fixture
def client(make_app: Callable[..., Flask], data_folder: Path) -> FlaskClient:
    """A client of a service whose data folder is this test's alone."""
    return make_app(data_folder).test_client()


@pytest.fixture
def key(data_folder: Path) -> dict[str, str]:
    """The header of a key that may write."""
    _, token = Keys(data_folder).create(["write"], now=NOW)
    return {"Authorization": f"Bearer {token}"}


def titles(data: Path) -> dict[str, str]:
    """The titles of the archive by id."""
    with Archive(data) as archive:
        return {post.id: post.title for post in archive.posts()}


def refused(response: Any) -> bool:
    """Whether a condition did not hold; the answer then is a problem document."""
    if response.status_code != 412:
        return False
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    return bool(response.get_json()["type"].endswith(":precondition-failed"))


def put(client: FlaskClient, key: dict[str, str], title: str, **fields: str) -> Any:
    """Write the post with a title, under conditions."""
    conditions = {name.replace("_", "-"): value for name, value in fields.items()}
    return client.put(PATH, json={**POST, "title": title}, headers={**key, **conditions})


def test_a_write_under_a_tag(client: FlaskClient, key: dict[str, str], data_folder: Path) -> None:
    """The tag of the last write lets the next one pass, and the one after it no longer."""
    tag = put(client, key, "first").get_json()["etag"]
    second = put(client, key, "second", If_Match=tag)
    assert (second.status_code, second.get_json()["result"]) == (200, "changed")
    late = put(client, key, "third", If_Match=tag)
    assert refused(late)
    assert "changed meanwhile" in late.get_json()["detail"]
    assert titles(data_folder) == {"new": "second"}
    newest = second.get_json()["etag"]
    assert put(client, key, "third", If_Match=f'"other", {newest}').status_code == 200
    assert refused(client.delete(PATH, headers={**key, "If-Match": newest}))
    assert titles(data_folder) == {"new": "third"}


@pytest.mark.parametrize("field", ["", "x", '"x"', "'*'", '"*"', "W/", ",,", '"' * 99, "\xff"])
def test_what_is_no_tag_matches_nothing(
    client: FlaskClient, key: dict[str, str], data_folder: Path, field: str
) -> None:
    """It is 412, not for a change that nobody made; and nothing is written."""
    put(client, key, "first")
    response = put(client, key, "second", If_Match=field)
    assert refused(response)
    assert "holds no tag" in response.get_json()["detail"]
    assert titles(data_folder) == {"new": "first"}


def test_tags_are_compared_strongly(client: FlaskClient, key: dict[str, str]) -> None:
    """A weak tag lets no write pass; of If-None-Match it counts (RFC 9110, 13.1.1 and 13.1.2)."""
    tag = put(client, key, "first").get_json()["etag"]
    weak = put(client, key, "second", If_Match=f"W/{tag}")
    assert refused(weak)
    assert "weak" in weak.get_json()["detail"]
    assert refused(put(client, key, "second", If_None_Match=f"W/{tag}"))
    assert put(client, key, "second", If_None_Match='"other"').status_code == 200


def test_only_a_new_post(client: FlaskClient, key: dict[str, str], data_folder: Path) -> None:
    """``If-None-Match: *`` makes a post and changes none, at whichever address it is kept."""
    assert put(client, key, "first", If_None_Match="*").status_code == 201
    assert refused(put(client, key, "second", If_None_Match="*"))
    assert refused(put(client, key, "first", If_None_Match="*"))
    other = client.put("/v1/posts/other", json=POST, headers={**key, "If-None-Match": "*"})
    assert refused(other)
    assert titles(data_folder) == {"new": "first"}


def test_only_a_post_that_is_there(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """``If-Match: *`` changes a post and makes none; of a refused write nothing stays."""
    anything = {**key, "If-Match": "*"}
    assert refused(client.put(PATH, json=POST, headers=anything))
    assert refused(client.delete(PATH, headers=anything))
    with Archive(data_folder) as archive:
        assert (archive.count(), archive.state().withdrawn_ids) == (0, ())
    put(client, key, "first")
    assert put(client, key, "second", If_Match="*").get_json()["result"] == "changed"
    assert client.delete(PATH, headers=anything).get_json()["result"] == "withdrawn"


def test_what_is_done_already_is_no_conflict(client: FlaskClient, key: dict[str, str]) -> None:
    """After an answer that was lost the same request may be sent again (RFC 9110, 13.1.1)."""
    tag = put(client, key, "first").get_json()["etag"]
    answers = [put(client, key, "second", If_Match=tag) for _ in range(2)]
    assert [one.get_json()["result"] for one in answers] == ["changed", "unchanged"]
    gone = {**key, "If-Match": answers[0].get_json()["etag"]}
    results = [client.delete(PATH, headers=gone).get_json()["result"] for _ in range(2)]
    assert results == ["withdrawn", "unchanged"]


def test_a_post_that_is_to_be_hidden(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """A draft is sent under the same conditions, and its answer has no tag."""
    tag = put(client, key, "first").get_json()["etag"]
    draft = {**POST, "status": "draft"}
    stale = {**key, "If-Match": '"post.' + "0" * 32 + '"'}
    assert refused(client.put(PATH, json=draft, headers=stale))
    assert titles(data_folder) == {"new": "first"}
    hidden = client.put(PATH, json=draft, headers={**key, "If-Match": tag})
    assert hidden.get_json() == {"id": "new", "result": "withdrawn", "reason": "draft"}


def test_two_writers_with_one_tag(
    make_app: Callable[..., Flask], data_folder: Path, key: dict[str, str]
) -> None:
    """Of many that change one state of a post at once, one does and all others are told."""
    app = make_app(data_folder)
    tag = put(app.test_client(), key, "first").get_json()["etag"]
    ready = threading.Barrier(4)
    statuses: list[int] = []

    def write(writer: int) -> None:
        ready.wait()
        for _ in range(10):
            # On a busy machine one may wait in vain for the others; nothing was done then.
            response = put(app.test_client(), key, f"writer {writer}", If_Match=tag)
            if response.status_code != 503:
                break
        statuses.append(response.status_code)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412, 412, 412]
    assert titles(data_folder)["new"].startswith("writer")


# --- reading what is kept ---


def test_a_stored_post_is_read_and_written_back(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """With a key, whole and as it can be sent; its tag is that of the write, and is known again."""
    sent = {**POST, "tags": ["rye"], "extra": {"n": 1}, "published": "2024-01-01", "slug": "new"}
    tag = client.put(PATH, json=sent, headers=key).get_json()["etag"]
    found = client.get(f"{PATH}/stored", headers=key)
    assert (found.status_code, found.headers["ETag"]) == (200, tag)
    assert found.headers["Cache-Control"] == "private, no-cache"
    assert found.get_json() == {"id": "new", **sent, "published": "2024-01-01T00:00:00Z"}
    back = client.put(PATH, json=found.get_json(), headers={**key, "If-Match": tag})
    assert back.get_json() == {"id": "new", "result": "unchanged", "etag": tag}
    known = client.get(f"{PATH}/stored", headers={**key, "If-None-Match": tag})
    assert (known.status_code, known.data) == (304, b"")
    client.delete(PATH, headers=key)
    gone = client.get(f"{PATH}/stored", headers=key)
    assert (gone.status_code, gone.headers["Cache-Control"]) == (404, "no-store")
    assert gone.get_json()["type"].endswith(":unknown-post")


def test_nobody_reads_what_is_kept_without_a_key(client: FlaskClient, key: dict[str, str]) -> None:
    """The whole text of a post is for those who write."""
    put(client, key, "first")
    assert client.get(f"{PATH}/stored").status_code == 401
    assert client.get(f"{PATH}/stored?key=x", headers=key).status_code == 400


def test_an_id_that_ends_like_an_address(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """An encoded slash belongs to the id: its own post is asked for, and what is kept of it."""
    path = "/v1/posts/a%2Fstored"
    client.put(path, json=POST, headers=key)
    assert titles(data_folder) == {"a/stored": "New"}
    found = client.get(
        f"{path}/stored", headers=key, environ_overrides={"RAW_URI": f"{path}/stored"}
    )
    assert found.get_json()["id"] == "a/stored"
    public = client.get(path, environ_overrides={"RAW_URI": path})
    assert "a/stored" in public.get_json()["detail"]


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory, train_posts: Callable[..., None]) -> Path:
    """A data folder with a version of ten posts."""
    folder = tmp_path_factory.mktemp("ten")
    train_posts(folder, ten_posts())
    return folder


def ten_posts(*, last: str = "") -> list[Post]:
    """Ten posts, the last with a title of its own."""
    return [
        Post(id=f"p{n}", url=f"/p{n}/", title=last * (n == 9), html=f"<p>Rye and {n} loaves.</p>")
        for n in range(10)
    ]


def test_the_tag_of_a_read_serves_too(make_app: Callable[..., Flask], ten: Path) -> None:
    """The tag under which anyone reads a post, in any coding and any shape, lets one write pass."""
    _, token = Keys(ten).create(["write"], now=NOW)
    key = {"Authorization": f"Bearer {token}"}
    client = make_app(ten, compress_from_bytes=1).test_client()
    ways = [
        (coding, query)
        for coding in ("", "gzip", "zstd")
        for query in ("", "?fields=id,title", "?excerpt_length=3")
    ]
    for number, (coding, query) in enumerate(ways):
        path = f"/v1/posts/p{number}"
        read = client.get(path + query, headers={"Accept-Encoding": coding})
        under = {**key, "If-Match": read.headers["ETag"]}
        assert (coding or '"') in read.headers["ETag"][-6:]
        body = {"url": f"/p{number}/", "title": "Changed"}
        assert refused(client.put("/v1/posts/p9", json={**body, "url": "/p9/"}, headers=under))
        assert client.put(path, json=body, headers=under).get_json()["result"] == "changed"
        # The version still shows what was, and a write that stands on that is refused.
        assert refused(client.put(path, json={**body, "title": "Again"}, headers=under))


def test_a_tag_outlives_the_version(
    make_app: Callable[..., Flask], tmp_path: Path, train_posts: Callable[..., None]
) -> None:
    """Where another post changes and a version is published, the state of this one is the same."""
    train_posts(tmp_path, ten_posts())
    _, token = Keys(tmp_path).create(["write"], now=NOW)
    client = make_app(tmp_path).test_client()
    before = client.get("/v1/posts/p1").headers["ETag"]
    train_posts(tmp_path, ten_posts(last="Spelt"))
    client.application.extensions[EXTENSION].refresh()
    assert client.get("/v1/posts/p1").headers["ETag"] != before
    under = {"Authorization": f"Bearer {token}", "If-Match": before}
    body = {"url": "/p1/", "title": "Changed"}
    assert client.put("/v1/posts/p1", json=body, headers=under).get_json()["result"] == "changed"
