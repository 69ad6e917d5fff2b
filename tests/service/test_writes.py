"""Writing posts over HTTP: who may, what is taken, what is kept, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from scratch_postgres import PostgreSQL

from related_posts.archive import ARCHIVE_FILE, Archive
from related_posts.curation import publish
from related_posts.keys import KEYS_FILE, SCOPES, Keys
from related_posts.posts import Post
from service.writes import bodies, intake
from service.writes import posts as posts_module
from service.writes.refusals import KINDS

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
POST = {"id": "new", "url": "https://blog.example/new/", "title": "New", "html": "<p>Bread</p>"}

#: Method and address of every route that writes or needs a key.
ROUTES = [
    ("PUT", "/v1/posts/new"),
    ("DELETE", "/v1/posts/new"),
    ("POST", "/v1/posts"),
    ("GET", "/v1/posts/new/stored"),
    ("GET", "/v1/curation"),
    ("POST", "/v1/curation"),
    ("GET", "/v1/curation/0123456789ab"),
    ("PUT", "/v1/curation/0123456789ab"),
    ("DELETE", "/v1/curation/0123456789ab"),
    ("POST", "/v1/hooks/wordpress"),
    ("POST", "/v1/hooks/changed"),
]


@pytest.fixture
def client(make_app: Callable[..., Flask], data_folder: Path) -> FlaskClient:
    """A client of a service whose data folder is this test's alone."""
    return make_app(data_folder).test_client()


@pytest.fixture
def key(data_folder: Path) -> dict[str, str]:
    """The header of a key that may write."""
    return bearer(data_folder, "write")


def bearer(data: Path, scope: str, **more: Any) -> dict[str, str]:
    """The header of a new key."""
    _, token = Keys(data).create([scope], now=NOW, **more)
    return {"Authorization": f"Bearer {token}"}


def problem(response: Any) -> str:
    """The kind of a problem document, held to its shape."""
    assert response.content_type == "application/problem+json", response.text
    found = response.get_json()
    assert list(found)[:5] == ["type", "title", "status", "detail", "instance"]
    assert found["status"] == response.status_code
    assert response.headers["Cache-Control"] == "no-store"
    assert "Traceback" not in response.text
    return str(found["type"]).removeprefix("urn:related-posts:problem:")


def archived(data: Path) -> dict[str, Post]:
    """The posts of the archive by their ids."""
    with Archive(data) as archive:
        return {post.id: post for post in archive.posts()}


def test_the_archive_may_be_in_postgresql(
    make_app: Callable[..., Flask], data_folder: Path, key: dict[str, str], postgres: PostgreSQL
) -> None:
    """Writes are kept there, and a withdrawal is in force in the data folder at once."""
    place = postgres.database()
    client = make_app(data_folder, database=place).test_client()
    assert client.put("/v1/posts/new", json=POST, headers=key).status_code == 201
    assert client.delete("/v1/posts/no-slash", headers=key).status_code == 200
    assert client.get("/v1/related?id=no-slash").status_code == 404
    with Archive(place) as archive:
        assert [one.id for one in archive.posts()] == ["new"]
        assert archive.state().withdrawn_ids == ("no-slash",)
    assert not (data_folder / ARCHIVE_FILE).exists()


# --- who may ---


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_writes_before_there_is_a_key(client: FlaskClient, method: str, path: str) -> None:
    """403 says how to make one, whatever is sent; the archive is not even created."""
    for headers in ({}, {"Authorization": "Bearer rp_00000000_x"}):
        response = client.open(path, method=method, json=POST, headers=headers)
        assert (response.status_code, problem(response)) == (403, "no-keys")
        assert "keys create" in response.get_json()["detail"]


def test_writes_while_the_data_folder_is_away(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """Who knows no better is told to send it again, not that there never was a key."""
    assert client.put("/v1/posts/new", json=POST, headers=key).status_code == 201
    elsewhere = data_folder.rename(data_folder.with_name("elsewhere"))
    for method, path in ROUTES:
        response = client.open(path, method=method, json=POST, headers=key)
        assert (response.status_code, problem(response)) == (503, "not-kept"), path
        assert response.headers["Retry-After"]
    elsewhere.rename(data_folder)
    again = client.put("/v1/posts/new", json=POST, headers=key)
    assert (again.status_code, again.get_json()["result"]) == (200, "unchanged")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_permission_matrix(
    client: FlaskClient, data_folder: Path, method: str, path: str
) -> None:
    """401 without a good key, with a challenge; 403 for a scope too small; else not refused."""
    headers = {scope: bearer(data_folder, scope) for scope in SCOPES}
    soon = bearer(data_folder, "admin", expires=NOW + timedelta(seconds=1))
    revoked = bearer(data_folder, "admin")
    Keys(data_folder).revoke(revoked["Authorization"].split("_")[1])
    for bad in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer"}, soon, revoked,
                {"Authorization": headers["admin"]["Authorization"] + "x"},
                {"X-Api-Key": "nonsense"}):  # fmt: skip
        response = client.open(path, method=method, json=POST, headers=bad)
        assert (response.status_code, problem(response)) == (401, "key-needed")
        assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    response = client.open(path, method=method, json=POST, headers=headers["read"])
    assert (response.status_code, problem(response)) == (403, "scope-missing")
    for scope in ("write", "admin"):
        token = headers[scope]["Authorization"].removeprefix("Bearer ")
        for good in (headers[scope], {"X-Api-Key": token}):
            response = client.open(path, method=method, json=POST, headers=good)
            assert response.status_code not in (401, 403, 500)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("name", ["key", "API_KEY", "access_token", "token"])
def test_a_key_in_an_address_is_refused(
    client: FlaskClient, key: dict[str, str], method: str, path: str, name: str
) -> None:
    """Even beside a good one, because it stands in a log by now."""
    response = client.open(f"{path}?{name}=x", method=method, json=POST, headers=key)
    assert (response.status_code, problem(response)) == (400, "key-in-address")


def test_a_key_works_and_ends_without_a_restart(client: FlaskClient, data_folder: Path) -> None:
    """The next request sees a new key, and the next a revoked one."""
    headers = bearer(data_folder, "write")
    assert client.put("/v1/posts/new", json=POST, headers=headers).status_code == 201
    Keys(data_folder).create(["write"], now=NOW)
    Keys(data_folder).revoke(headers["Authorization"].split("_")[1])
    assert client.put("/v1/posts/new", json=POST, headers=headers).status_code == 401


def test_a_damaged_key_file_lets_nobody_write(
    client: FlaskClient, key: dict[str, str], data_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """503 without a word of what is in it; the log says why."""
    (data_folder / KEYS_FILE).write_bytes(b"{")
    response = client.put("/v1/posts/new", json=POST, headers=key)
    assert (response.status_code, problem(response)) == (503, "not-kept")
    assert str(data_folder) not in response.text
    assert "keys.json is damaged" in caplog.text


def test_no_secret_is_logged(
    client: FlaskClient, key: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a key that is right nor one that is wrong, whatever fails."""
    caplog.set_level("DEBUG")
    wrong = {"Authorization": key["Authorization"][:-4] + "AAAA"}
    for headers in (key, wrong):
        client.put("/v1/posts/new", data=b"\xff", headers=headers)
        client.put("/v1/posts/new", json=POST, headers=headers)
        for secret in (headers["Authorization"], headers["Authorization"].split("_", 2)[2]):
            assert secret not in caplog.text


def test_writing_can_be_off(
    make_app: Callable[..., Flask], data_folder: Path, key: dict[str, str]
) -> None:
    """By the setting, with advice; reading goes on, decisions included."""
    client = make_app(data_folder, writes=False).test_client()
    for method, path in ROUTES:
        if method != "GET":
            response = client.open(path, method=method, json=POST, headers=key)
            assert (response.status_code, problem(response)) == (503, "writes-off")
    assert client.get("/v1/related?id=no-slash").status_code == 200
    assert client.get("/v1/curation", headers=key).status_code == 200


def test_a_folder_that_may_not_be_written(
    client: FlaskClient, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service with a read-only mount says so, and not that it was asked wrongly."""
    monkeypatch.setattr(intake.os, "access", lambda *args: False)  # type: ignore[attr-defined]
    response = client.put("/v1/posts/new", json=POST, headers=key)
    assert (response.status_code, problem(response)) == (503, "writes-off")
    assert "data folder" in response.get_json()["detail"]


# --- one post ---


def test_a_post_is_written(client: FlaskClient, key: dict[str, str], data_folder: Path) -> None:
    """201, then 200; the same content again is no change; the id may be left to the address."""
    without = {name: value for name, value in POST.items() if name != "id"}
    answers = [
        client.put("/v1/posts/new", json=body, headers=key)
        for body in (without, POST, {**POST, "title": "Newer"})
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    found = [answer.get_json() for answer in answers]
    tags = [one.pop("etag") for one in found]
    assert found == [{"id": "new", "result": one} for one in ("added", "unchanged", "changed")]
    assert (tags[0] == tags[1], tags[1] == tags[2]) == (True, False)
    assert archived(data_folder)["new"].title == "Newer"


def test_every_id_can_be_written(
    client: FlaskClient, key: dict[str, str], data_folder: Path, awkward_ids: list[str]
) -> None:
    """Slashes, percent signs and letters of all kinds arrive as they were sent."""
    for number, id_ in enumerate(awkward_ids):
        body = {"id": id_, "url": f"/awkward/{number}/"}
        response = client.put(f"/v1/posts/{quote(id_, safe='')}", json=body, headers=key)
        assert response.status_code == 201, response.text
        assert response.get_json()["id"] == id_
    assert set(archived(data_folder)) == set(awkward_ids)
    for id_ in awkward_ids:
        client.delete(f"/v1/posts/{quote(id_, safe='')}", headers=key)
    assert archived(data_folder) == {}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "draft"}, "draft"), ({"status": "Private"}, "private"),
        ({"draft": True}, "draft"),
        ({"password": "x"}, "password-protected"), ({"published": "2999-01-01"}, "scheduled"),
        ({"status": "trash"}, "trashed"),
    ],
)  # fmt: skip
def test_a_post_that_is_not_public_is_hidden_at_once(
    client: FlaskClient, key: dict[str, str], data_folder: Path, more: dict[str, Any], reason: str
) -> None:
    """It leaves the archive and every list with the answer, and asking for it is 404."""
    body = {"id": "no-slash", "url": "https://blog.example/1/"}
    client.put("/v1/posts/no-slash", json=body, headers=key)
    response = client.put("/v1/posts/no-slash", json={**body, **more}, headers=key)
    assert response.get_json() == {"id": "no-slash", "result": "withdrawn", "reason": reason}
    assert archived(data_folder) == {}
    assert client.get("/v1/related?id=no-slash").status_code == 404
    found = client.get("/v1/related?id=related&limit=50").get_json()["items"]
    assert "no-slash" not in [item["id"] for item in found]
    # Public again is seen again.
    client.put("/v1/posts/no-slash", json=body, headers=key)
    assert client.get("/v1/related?id=no-slash").status_code == 200


def test_deleting(client: FlaskClient, key: dict[str, str]) -> None:
    """Once changes something, twice nothing; a post that only the version has is hidden, too."""
    results = [client.delete("/v1/posts/no-slash", headers=key).get_json() for _ in range(2)]
    assert [one["result"] for one in results] == ["withdrawn", "unchanged"]
    assert client.get("/v1/related?id=no-slash").status_code == 404


def test_deleting_what_was_never_there(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """It is said that nothing was there, and no version that has it will show it; twice the same.

    A webhook says so too; a post that was kept and no version has is withdrawn.
    """
    answers = [client.delete("/v1/posts/nobody", headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert [one.get_json() for one in answers] == [
        {"id": "nobody", "result": "unchanged", "reason": "unknown"},
        {"id": "nobody", "result": "unchanged"},
    ]
    with Archive(data_folder) as archive:
        assert archive.state().withdrawn_ids == ("nobody",)
    told = {"action": "deleted", "id": "nothing"}
    found = client.post("/v1/hooks/changed", json=told, headers=key).get_json()
    assert found == {"id": "nothing", "result": "unchanged", "reason": "unknown"}
    client.put("/v1/posts/new", json=POST, headers=key)
    assert client.delete("/v1/posts/new", headers=key).get_json()["result"] == "withdrawn"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"), (b"{", "not JSON"), (b"\xff\xfe{}", "not UTF-8"), (b"[]", "an array"),
        (b"null", "null"), (b'"x"', "a string"), (b"{}", "url is missing"),
        (b'{"id": "other", "url": "/a/"}', "another post"), (b'{"id": [], "url": "/"}', "another"),
        (b'{"url": "javascript:alert(1)"}', "http(s)"), (b'{"url": 5}', "http(s)"),
        (b'{"url": "/a/", "published": "soon"}', "a date"),
        (b'{"url": "/a/", "x": ' + b"[" * 100 + b"]" * 100 + b"}", "nested"),
        (b"[" * 100_000, "not JSON"), (b'{"a":' * 5000 + b"1" + b"}" * 5000, "not JSON"),
        (b'{"url": "/a/", "title": {}}', "title"), (b'{"url": "/' + b"a" * 9000 + b'"}', "8000"),
    ],
)  # fmt: skip
def test_what_is_no_post(
    client: FlaskClient, key: dict[str, str], data_folder: Path, body: bytes, said: str
) -> None:
    """400 names the field and what is allowed, and nothing is changed."""
    headers = {**key, "Content-Type": "application/json"}
    response = client.put("/v1/posts/new", data=body, headers=headers)
    assert (response.status_code, problem(response)) == (400, "invalid-post")
    assert said in response.get_json()["detail"]
    assert len(response.data) < 2000
    assert archived(data_folder) == {}


@pytest.mark.parametrize(
    "body",
    [
        b'{"url": "/a/", "title": "\\ud800 half"}', b'{"url": "/a/", "title": "a\\u0000b"}',
        b'{"url": "/a/", "title": "a", "title": "b"}', b'{"url": "/a/", "extra": {"n": NaN}}',
        b'{"url": "/a/", "html": "' + b"<b>" * 100_000 + b'"}',
        b'{"url": "/a/", "extra": {"n": ' + b"9" * 400 + b"}}",
        b'{"url": "/a/", "title": "' + "日本".encode() + b'"}',
    ],
)  # fmt: skip
def test_what_is_odd_and_still_a_post(
    client: FlaskClient, key: dict[str, str], data_folder: Path, body: bytes
) -> None:
    """Halves of surrogates, NUL, NaN, a name twice, huge numbers: cleaned as in a file."""
    headers = {**key, "Content-Type": "application/json; charset=UTF-8"}
    response = client.put("/v1/posts/new", data=body, headers=headers)
    assert response.status_code == 201, response.text
    assert set(archived(data_folder)) == {"new"}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/x-www-form-urlencoded",
     "multipart/form-data",
     "application/json; charset=latin-1", "application/jsonx", "\xff", "a/b;" * 50],
)  # fmt: skip
def test_other_types_are_refused(
    client: FlaskClient, key: dict[str, str], content_type: str
) -> None:
    """415 names the right one."""
    headers = {**key, "Content-Type": content_type}
    for method, path in (("PUT", "/v1/posts/new"), ("POST", "/v1/posts"), ("POST", "/v1/curation")):
        response = client.open(path, method=method, data=b"{}", headers=headers)
        assert (response.status_code, problem(response)) == (415, "unsupported-media-type")
        assert "application/" in response.get_json()["detail"]
    packed = {**key, "Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = client.put("/v1/posts/new", data=b"x", headers=packed)
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")


def test_a_byte_order_mark_is_no_mistake(client: FlaskClient, key: dict[str, str]) -> None:
    """Programs that mark UTF-8 are understood, as they are in lines."""
    headers = {**key, "Content-Type": "application/json"}
    body = json.dumps(POST).encode("utf-8-sig")
    assert client.put("/v1/posts/new", data=body, headers=headers).status_code == 201


def test_a_body_that_is_too_long(
    client: FlaskClient, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """413, whether its length is announced or not."""
    monkeypatch.setattr(bodies, "MAX_POST_BYTES", 1000)
    monkeypatch.setattr(bodies, "MAX_BULK_BYTES", 5000)
    long = {**POST, "html": "x" * 2000}
    response = client.put("/v1/posts/new", json=long, headers=key)
    assert (response.status_code, problem(response)) == (413, "content-too-large")
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    response = client.put("/v1/posts/new", json=long, headers=key, environ_overrides=chunked)
    assert (response.status_code, problem(response)) == (413, "content-too-large")
    headers = {**key, "Content-Type": "application/x-ndjson"}
    lines = b"\n".join([json.dumps(POST).encode()] * 100)
    for announced in ({}, chunked):
        response = client.post(
            "/v1/posts", data=lines, headers=headers, environ_overrides=announced
        )
        assert (response.status_code, problem(response)) == (413, "content-too-large")
    short = client.put("/v1/posts/new", json=POST, headers=key, environ_overrides=chunked)
    assert short.status_code == 201


@pytest.mark.parametrize("id_", ["%00", "%0A", "%FF", "a" * 2001, "%C2%80"])
def test_ids_that_are_none(client: FlaskClient, key: dict[str, str], id_: str) -> None:
    """Control characters, other encodings and endless ids are 400, for writing and deleting."""
    for method in ("PUT", "DELETE"):
        response = client.open(f"/v1/posts/{id_}", method=method, json=POST, headers=key)
        assert response.status_code == 400
        assert problem(response) in ("invalid-post", "invalid-parameter")


# --- many ---


def lines(*texts: object) -> bytes:
    """A body of JSON Lines."""
    return b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in texts)


def test_many_posts(client: FlaskClient, key: dict[str, str], data_folder: Path) -> None:
    """Each line by itself: counted, or told of with its number, id and reason."""
    body = lines(
        {"id": 1, "url": "/1/"}, {"id": 2, "url": "/2/"}, b"", {"id": 1, "url": "/1/"}, b"{",
        {"id": 3}, {"id": 2, "url": "/2/", "status": "private"}, b"\xff", {"id": 4, "url": "/4/"},
    )  # fmt: skip
    headers = {**key, "Content-Type": "application/x-ndjson"}
    response = client.post("/v1/posts", data=b"\xef\xbb\xbf" + body, headers=headers)
    found = response.get_json()
    errors = found.pop("errors")
    assert found == {"lines": 8, "added": 3, "changed": 0, "unchanged": 1, "withdrawn": 1,
                     "failed": 3}  # fmt: skip
    assert [(one["line"], one["id"]) for one in errors] == [(5, None), (6, "3"), (8, None)]
    assert "url is missing" in errors[1]["detail"]
    assert set(archived(data_folder)) == {"1", "4"}


def test_many_posts_are_written_in_batches(
    client: FlaskClient, key: dict[str, str], data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive is held for a batch at a time, and only so many errors are told."""
    monkeypatch.setattr(posts_module, "BATCH", 10)
    monkeypatch.setattr(posts_module, "MAX_ERRORS", 3)
    taken: list[int] = []
    real = intake.Intake.take
    monkeypatch.setattr(
        intake.Intake, "take", lambda self, some: taken.append(len(some)) or real(self, some)
    )
    body = lines(*({"id": n, "url": f"/{n}/"} for n in range(25)), *[b"broken"] * 5)
    headers = {**key, "Content-Type": "application/jsonl"}
    found = client.post("/v1/posts", data=body, headers=headers).get_json()
    assert taken == [10, 10, 5]
    assert (found["added"], found["failed"], len(found["errors"])) == (25, 5, 3)
    assert len(archived(data_folder)) == 25


def test_what_was_kept_is_told_where_the_rest_is_not(
    client: FlaskClient, key: dict[str, str], data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that fails in the midst of many posts does not deny those before."""
    monkeypatch.setattr(posts_module, "BATCH", 10)
    real, batches = intake.Intake.take, []

    def take(self: intake.Intake, changes: Any) -> Any:
        batches.append(len(changes))
        if len(batches) == 3:
            raise intake.RefusedError(intake.NOT_KEPT, "Nothing was changed.")
        return real(self, changes)

    monkeypatch.setattr(intake.Intake, "take", take)
    body = lines(*({"id": n, "url": f"/{n}/"} for n in range(45)))
    headers = {**key, "Content-Type": "application/jsonl"}
    refused = client.post("/v1/posts", data=body, headers=headers)
    assert (refused.status_code, problem(refused)) == (503, "not-kept")
    assert refused.get_json()["detail"].startswith("The first 20 lines are kept")
    assert len(archived(data_folder)) == 20


def test_a_line_that_is_too_long_costs_itself(
    client: FlaskClient, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read past, and the lines behind it are taken."""
    monkeypatch.setattr(bodies, "MAX_POST_BYTES", 100)
    body = lines({"id": 1, "url": "/1/", "html": "x" * 900}, {"id": 2, "url": "/2/"})
    headers = {**key, "Content-Type": "application/jsonl"}
    found = client.post("/v1/posts", data=body, headers=headers).get_json()
    assert (found["added"], found["failed"]) == (1, 1)


def test_nothing_at_all(client: FlaskClient, key: dict[str, str]) -> None:
    """An empty body is no line."""
    headers = {**key, "Content-Type": "application/jsonl"}
    found = client.post("/v1/posts", data=b"\n\n", headers=headers).get_json()
    assert (found["lines"], found["errors"]) == (0, [])


# --- decisions ---


def test_decisions_over_http(client: FlaskClient, key: dict[str, str]) -> None:
    """Made, listed, changed and removed; each in force with its answer."""
    rule = {"kind": "pin", "post": "/post/9/", "under": "no-slash"}
    made = client.post("/v1/curation", json=rule, headers=key)
    assert made.status_code == 201
    held = made.get_json()
    assert (held.pop("result"), held["position"], held["unknown"]) == ("added", 1, [])
    path = f"/v1/curation/{held['id']}"
    assert client.get(path, headers=key).get_json() == held
    assert client.get("/v1/curation", headers=key).get_json() == {"rules": [held]}
    assert client.post("/v1/curation", json=rule, headers=key).get_json()["result"] == "unchanged"

    def ids() -> list[str]:
        found = client.get("/v1/related?id=no-slash").get_json()["items"]
        return [item["id"] for item in found]

    assert ids()[0] == "/post/9/"
    changed = client.put(path, json={"position": 3, "note": "why"}, headers=key).get_json()
    assert (changed["result"], changed["position"], changed["note"]) == ("changed", 3, "why")
    assert ids()[2] == "/post/9/"
    # What was answered may be sent back as it is.
    del changed["result"]
    assert client.put(path, json=changed, headers=key).get_json()["result"] == "unchanged"
    other = client.put(path, json={"post": "/post/8/"}, headers=key)
    assert (other.status_code, problem(other)) == (400, "invalid-post")
    assert client.delete(path, headers=key).get_json() == {"id": held["id"], "result": "removed"}
    assert "/post/9/" not in ids()
    for method in ("GET", "PUT", "DELETE"):
        gone = client.open(path, method=method, json={}, headers=key)
        assert (gone.status_code, problem(gone)) == (404, "unknown-rule")


def test_decisions_ahead_of_their_post(client: FlaskClient, key: dict[str, str]) -> None:
    """What the live version does not have is taken, and named."""
    rule = {"kind": "block", "post": "tomorrow", "under": "no-slash"}
    assert client.post("/v1/curation", json=rule, headers=key).get_json()["unknown"] == ["tomorrow"]


@pytest.mark.parametrize(
    "rule", [{}, [], {"kind": "pin"}, {"kind": "mute", "post": "a", "x": 1}, 5]
)
def test_what_is_no_rule(client: FlaskClient, key: dict[str, str], rule: object) -> None:
    """400 says what is wrong with it."""
    response = client.post("/v1/curation", json=rule, headers=key)
    assert (response.status_code, problem(response)) == (400, "invalid-parameter")


# --- what can go wrong ---


def test_an_archive_that_cannot_be_written(
    client: FlaskClient, key: dict[str, str], data_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with Retry-After and no word of the inside; the log has the reason."""
    (data_folder / "archive.sqlite3").write_bytes(b"no database" * 1000)
    response = client.put("/v1/posts/new", json=POST, headers=key)
    assert (response.status_code, problem(response)) == (503, "not-kept")
    assert response.headers["Retry-After"]
    assert "sqlite" not in response.text
    assert "is not an SQLite database" in caplog.text


def test_a_write_that_is_kept_and_not_in_force(
    client: FlaskClient, key: dict[str, str], data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the overlay cannot be written it is no success; sending it again makes up for it."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "replace_file", full)
        response = client.delete("/v1/posts/no-slash", headers=key)
        assert (response.status_code, problem(response)) == (503, "not-kept")
    assert client.delete("/v1/posts/no-slash", headers=key).status_code == 200
    assert client.get("/v1/related?id=no-slash").status_code == 404


def test_writers_at_the_same_time_lose_nothing(
    make_app: Callable[..., Flask], data_folder: Path, key: dict[str, str]
) -> None:
    """Several writers, beside a reader that holds a snapshot: every accepted post is there.

    On a busy machine one may wait in vain for the others; it is told to try again, and does.
    """
    app = make_app(data_folder)
    statuses: list[int] = []

    def write(writer: int) -> None:
        for number in range(10):
            id_ = f"{writer}-{number}"
            body = {"id": id_, "url": f"/{id_}/"}
            for _ in range(10):
                response = app.test_client().put(f"/v1/posts/{id_}", json=body, headers=key)
                if response.status_code != 503:
                    break
            statuses.append(response.status_code)

    with Archive(data_folder) as archive, archive.snapshot() as snapshot:
        n_before = snapshot.count()
        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert snapshot.count() == n_before
    assert statuses == [201] * 40
    assert len(archived(data_folder)) == 40


def test_a_kill_after_the_answer_loses_nothing(data_folder: Path, key: dict[str, str]) -> None:
    """What was answered is on the disk: kill -9 of the whole service takes nothing of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = "import sys; from related_posts.cli import main; main(sys.argv[1:])"
    program = [sys.executable, "-c", script, "serve", "--data", str(data_folder)]
    service = subprocess.Popen(
        [*program, "--port", str(port), "--workers", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )

    def asked(method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            response.read()
            return response.status

    accepted = []
    try:
        assert service.stdout is not None
        assert b"related-posts at" in service.stdout.readline()
        for number in range(20):
            body = json.dumps({"id": str(number), "url": f"/{number}/"})
            headers = {**key, "Content-Type": "application/json"}
            if asked("PUT", f"/v1/posts/{number}", body, headers) == 201:
                accepted.append(str(number))
        assert asked("DELETE", "/v1/posts/no-slash", None, key) == 200
    finally:
        os.killpg(service.pid, signal.SIGKILL)
        service.wait()
        if service.stdout is not None:
            service.stdout.close()
    assert len(accepted) == 20
    assert set(archived(data_folder)) == set(accepted)
    with Archive(data_folder) as archive:
        assert "no-slash" in archive.state().withdrawn_ids


def test_the_document_names_every_problem() -> None:
    """Each kind of problem that a write can meet stands in docs/writing.md with its status."""
    document = (ROOT / "docs" / "writing.md").read_text("utf-8")
    for kind in KINDS:
        rows = [line for line in document.splitlines() if line.startswith(f"| `{kind.name}`")]
        assert len(rows) == 1, kind.name
        assert str(kind.status) in rows[0]


@pytest.mark.parametrize("readers", ["*", "none", "https://blog.example"])
def test_pages_that_may_write_can_read_what_came_of_it(
    make_app: Callable[..., Flask], data_folder: Path, readers: str
) -> None:
    """Every answer to a listed page's write or read with a key is for it, and for no other."""
    app = make_app(data_folder, write_origins="https://editor.example", cors_origins=readers)
    client, key = app.test_client(), bearer(data_folder, "write")

    def ask(method: str, path: str, origin: str, **sent: Any) -> str | None:
        answer = client.open(path, method=method, headers={**key, "Origin": origin}, **sent)
        assert answer.status_code in (200, 201), answer.text
        return answer.headers.get("Access-Control-Allow-Origin")

    for origin, allowed in (
        ("https://editor.example", "https://editor.example"),
        ("https://other.example", None),
    ):
        assert ask("PUT", "/v1/posts/new", origin, json=POST) == allowed
        line = json.dumps(POST).encode()
        sent = {"data": line, "content_type": "application/x-ndjson"}
        assert ask("POST", "/v1/posts", origin, **sent) == allowed
        assert ask("POST", "/v1/hooks/changed", origin, json=POST) == allowed
        assert ask("POST", "/v1/curation", origin, json={"kind": "mute", "post": "new"}) == allowed
        assert ask("DELETE", "/v1/posts/new", origin) == allowed
        # Where every page may read, the key alone keeps others from the rules.
        assert ask("GET", "/v1/curation", origin) == ("*" if readers == "*" else allowed)


def test_unknown_members_are_named(client: FlaskClient, key: dict[str, str]) -> None:
    """A post with members that are no fields is taken, and told which, with the nearest field."""
    sent = {
        "url": "/new/",
        "titel": "Rye",
        "lang": "en",
        "status": "publish",
        "colour": "red",
        "x" * 300: 1,
    }
    found = client.put("/v1/posts/new", json=sent, headers=key).get_json()
    assert found.pop("etag")
    assert found == {
        "id": "new",
        "result": "added",
        "unknown": [
            {"member": "titel", "nearest": "title"},
            {"member": "colour", "nearest": None},
            {"member": "x" * 100, "nearest": None},
        ],
    }
    known = client.put("/v1/posts/new", json={"url": "/new/", "title": "Rye"}, headers=key)
    assert known.get_json().keys() == {"id", "result", "etag"}
    many = {"url": "/new/", **{f"member {number}": number for number in range(300)}}
    found = client.put("/v1/posts/new", json=many, headers=key).get_json()
    assert len(found["unknown"]) == 100


def test_a_rule_that_has_ended_is_refused(client: FlaskClient, key: dict[str, str]) -> None:
    """By POST and by PUT, since it would never hold; an end to come is taken."""
    rule = {"kind": "pin", "post": "no-slash", "under": "related", "until": "2020-01-01"}
    refused = client.post("/v1/curation", json=rule, headers=key)
    assert refused.status_code == 400
    assert "a moment still to come" in refused.get_data(as_text=True)
    made = client.post("/v1/curation", json={**rule, "until": "2999-01-01"}, headers=key)
    assert made.status_code == 201
    path = f"/v1/curation/{made.get_json()['id']}"
    assert client.put(path, json={"until": "2020-01-01"}, headers=key).status_code == 400
    assert client.put(path, json={"until": "2998-01-01"}, headers=key).status_code == 200
