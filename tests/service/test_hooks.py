"""Webhooks of WordPress, Ghost and anything else."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
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

SECRET = "a secret of both sides"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

WORDPRESS = {
    "id": 41, "type": "post", "status": "publish", "link": "https://blog.example/bread/",
    "date_gmt": "2024-01-01T08:00:00", "title": {"rendered": "Bread &amp; butter"},
    "content": {"rendered": "<p>Flour</p>", "protected": False}, "excerpt": {"rendered": ""},
}  # fmt: skip
GHOST = {
    "id": "65a1", "slug": "bread", "url": "https://blog.example/bread/", "title": "Bread",
    "html": "<p>Flour</p>", "status": "published", "visibility": "public",
    "published_at": "2024-01-01T08:00:00.000Z", "tags": [{"name": "baking"}],
}  # fmt: skip


@pytest.fixture
def client(make_app: Callable[..., Flask], data_folder: Path) -> FlaskClient:
    """A client of a service that Ghost may write to."""
    return make_app(data_folder, ghost_secret=SECRET).test_client()


@pytest.fixture
def key(data_folder: Path) -> dict[str, str]:
    """The header of a key that may write."""
    _, token = Keys(data_folder).create(["write"], now=NOW)
    return {"Authorization": f"Bearer {token}"}


def archived(data: Path) -> dict[str, Post]:
    """The posts of the archive by their ids."""
    with Archive(data) as archive:
        return {post.id: post for post in archive.posts()}


def kind(response: Any) -> str:
    """The kind of a problem document."""
    assert response.content_type == "application/problem+json", response.text
    return str(response.get_json()["type"]).rpartition(":")[2]


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None, old: bool = False) -> Any:
    """The header fields with which Ghost sends a body."""
    moment = str(int((time.time() if at is None else at) * 1000))
    content = body if old else body + moment.encode()
    digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    value = f"sha256={digest}, t={moment}"
    return {"X-Ghost-Signature": value, "Content-Type": "application/json"}


def ghost(client: FlaskClient, current: Any, previous: Any = None, **how: Any) -> Any:
    """A message of Ghost."""
    body = json.dumps({"post": {"current": current, "previous": previous or {}}}).encode()
    return client.post("/v1/hooks/ghost", data=body, headers=signed(body, **how))


def test_wordpress_saves_and_trashes(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """The same post as its interface is read for, as JSON, inside ``post``, and as a form."""
    path = "/v1/hooks/wordpress"
    added = client.post(path, json=WORDPRESS, headers=key).get_json()
    assert (added["id"], added["result"]) == ("41", "added")
    assert archived(data_folder)["41"].title == "Bread & butter"
    again = [
        client.post(path, json={"post": WORDPRESS}, headers=key),
        client.post(path, data={"post": json.dumps(WORDPRESS)}, headers=key),
    ]
    assert [one.get_json()["result"] for one in again] == ["unchanged"] * 2
    for status in ("trash", "private", "draft"):
        client.post(path, json=WORDPRESS, headers=key)
        gone = client.post(path, json={"id": 41, "status": status}, headers=key).get_json()
        assert (gone["id"], gone["result"]) == ("41", "withdrawn")
        assert archived(data_folder) == {}
    protected = {**WORDPRESS, "content": {"rendered": "", "protected": True}}
    found = client.post(path, json=protected, headers=key).get_json()
    assert found.get("reason") == "password-protected"
    page = client.post(path, json={**WORDPRESS, "type": "page"}, headers=key).get_json()
    assert page["result"] == "passed over"


def test_ghost_publishes_edits_unpublishes_and_deletes(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """Each of its four events, signed as today's and as earlier releases sign."""
    added = ghost(client, GHOST).get_json()
    assert (added["id"], added["result"]) == ("65a1", "added")
    edited = ghost(client, {**GHOST, "title": "Rye"}, {"title": "Bread"}, old=True)
    assert edited.get_json()["result"] == "changed"
    assert archived(data_folder)["65a1"].tags == ("baking",)
    gone = ghost(client, {**GHOST, "status": "draft"}, {"status": "published"})
    assert gone.get_json() == {"id": "65a1", "result": "withdrawn", "reason": "draft"}
    ghost(client, GHOST)
    assert ghost(client, {}, GHOST).get_json() == {"id": "65a1", "result": "withdrawn"}
    assert archived(data_folder) == {}
    members = ghost(client, {**GHOST, "visibility": "paid"}).get_json()
    assert members.get("reason") == "members only"


def test_only_ghost_may_speak_for_ghost(
    client: FlaskClient, key: dict[str, str], make_app: Callable[..., Flask], data_folder: Path
) -> None:
    """Another secret, another body, no signature, an old or a future one: 401. None set: 503."""
    assert kind(ghost(client, GHOST, secret="other")) == "bad-signature"
    for at in (time.time() - 400, time.time() + 400, 0):
        assert kind(ghost(client, GHOST, at=at)) == "bad-signature"
    for value in (
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "x" * 10_000,
        "sha256=" + "0" * 64 + ", t=x",
    ):
        headers = {**key, "X-Ghost-Signature": value, "Content-Type": "application/json"}
        response = client.post("/v1/hooks/ghost", data=b"{}", headers=headers)
        assert (response.status_code, kind(response)) == (401, "bad-signature")
    headers = signed(b"{}")
    assert kind(client.post("/v1/hooks/ghost", data=b"{ }", headers=headers)) == "bad-signature"
    silent = make_app(data_folder).test_client()
    assert kind(ghost(silent, GHOST, secret="")) == "writes-off"
    assert archived(data_folder) == {}


def test_no_hook_before_there_is_a_key(client: FlaskClient) -> None:
    """Not Ghost's either: without a key nobody writes."""
    assert kind(ghost(client, GHOST)) == "no-keys"
    for name in ("wordpress", "changed"):
        assert kind(client.post(f"/v1/hooks/{name}", json={})) == "no-keys"


def test_the_general_hook(client: FlaskClient, key: dict[str, str], data_folder: Path) -> None:
    """A post as in JSON Lines, and one that is gone by its id or its address."""
    path = "/v1/hooks/changed"
    post = {"id": "a", "url": "https://blog.example/a/"}
    assert client.post(path, json=post, headers=key).get_json()["result"] == "added"
    saved = client.post(path, json={"action": "saved", **post}, headers=key)
    assert saved.get_json()["result"] == "unchanged"
    gone = client.post(
        path, json={"action": "deleted", "url": "http://www.blog.example/a"}, headers=key
    )
    assert gone.get_json() == {"id": "a", "result": "withdrawn"}
    client.post(path, json=post, headers=key)
    client.post(path, json={"action": "unpublished", "id": "a"}, headers=key)
    assert archived(data_folder) == {}
    for bad in ({"action": "deleted"}, {"action": "deleted", "url": "/nowhere/"},
                {"action": "explode", **post}, {"action": ["deleted"], **post}):  # fmt: skip
        assert kind(client.post(path, json=bad, headers=key)) == "invalid-post"


@pytest.mark.parametrize("name", ["wordpress", "ghost", "changed"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"5", b'"x"', b"{}", b'{"post": 5}', b'{"post": []}', b"\xff",
     b'{"id": {}}', b'{"post": {"id": "x", "link": 5}}', b'{"id": 5, "link": "\\ud800"}',
     b'{"id": 1, "content": 5, "title": [], "_embedded": {"author": 5}, "link": "javascript:x"}',
     b'{"post": {"current": 5, "previous": []}}', b'{"post": {"current": {"id": 5}}}',
     b'{"post": {"current": {"id": "x", "status": "published", "slug": {}}}}',
     b'{"a":' * 3000 + b"1" + b"}" * 3000, b'{"post": {"current": {}, "previous": {"id": null}}}'],
)  # fmt: skip
def test_nonsense_is_refused(
    client: FlaskClient, key: dict[str, str], data_folder: Path, name: str, body: bytes
) -> None:
    """400 in the one shape, whoever sends it, and nothing is written."""
    headers = {**signed(body), **key}
    response = client.post(f"/v1/hooks/{name}", data=body, headers=headers)
    assert (response.status_code, kind(response)) == (400, "invalid-post")
    assert archived(data_folder) == {}


def test_forms_are_bounded(client: FlaskClient, key: dict[str, str]) -> None:
    """A form that is none, without a post, or endless, is refused."""
    path = "/v1/hooks/wordpress"
    assert kind(client.post(path, data={"other": "x"}, headers=key)) == "invalid-post"
    assert kind(client.post(path, data={"post": "{"}, headers=key)) == "invalid-post"
    long = client.post(path, data={"post": "x" * (9 << 20)}, headers=key)
    assert (long.status_code, kind(long)) == (413, "content-too-large")


def test_an_address_alone_asks_for_a_read(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """The worker is asked to read its sources; without sources that is refused."""
    body = {"url": "https://blog.example/bread/"}
    refused = client.post("/v1/hooks/changed", json=body, headers=key)
    assert kind(refused) == "invalid-post"
    assert "sources.toml" in refused.get_json()["detail"]
    (data_folder / "sources.toml").touch()
    taken = client.post("/v1/hooks/changed", json={"action": "saved", **body}, headers=key)
    assert taken.get_json() == {"id": None, "result": "to be read"}
    assert (data_folder / "reread").exists()
    assert client.post("/v1/hooks/changed", json=body).status_code == 401


# --- words that come in another order than they were said in ---

EARLIER, LATER = "2025-03-01T10:00:00", "2025-03-01T10:00:01"
GHOST_EARLIER, GHOST_LATER = (f"{one}.000Z" for one in (EARLIER, LATER))


def wordpress_says(status: str, modified: str | None) -> dict[str, Any]:
    """A message of WordPress, with the time of the change where it gives one."""
    gone = {"id": 41, "status": status}
    message = WORDPRESS if status == "publish" else gone
    return {**message, **({"modified_gmt": modified} if modified else {})}


def told_in_order(tell: Callable[[str, str | None], Any]) -> None:
    """Hold a hook to its word: what is older than what was told changes nothing.

    Args:
        tell: Tells of a post, ``publish`` or gone, at a time or without one.
    """
    assert tell("publish", EARLIER)["result"] == "added"
    assert tell("gone", LATER)["result"] == "withdrawn"
    late = tell("publish", EARLIER)
    assert (late["result"], late["reason"]) == ("passed over", "older than what was told before")
    # Of one second, or without a time, the last that comes counts.
    assert tell("publish", LATER)["result"] == "added"
    assert tell("gone", None)["result"] == "withdrawn"
    assert tell("publish", None)["result"] == "added"
    # What came without a time does not make the time before it forgotten.
    assert tell("gone", EARLIER)["result"] == "passed over"
    # A clock that is ahead does not silence the post until then.
    assert tell("publish", "2999-01-01T00:00:00")["result"] != "passed over"
    assert tell("gone", None)["result"] == "withdrawn"


def test_wordpress_out_of_order(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """``modified_gmt`` tells which of two messages is the newer."""

    def tell(what: str, at: str | None) -> Any:
        message = wordpress_says("publish" if what == "publish" else "trash", at)
        return client.post("/v1/hooks/wordpress", json=message, headers=key).get_json()

    told_in_order(tell)
    assert archived(data_folder) == {}


def test_the_general_hook_out_of_order(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """``updated`` tells it, of a post and of one that is gone; it must be a date."""
    post = {"id": "a", "url": "https://blog.example/a/", "title": "A"}
    path = "/v1/hooks/changed"

    def tell(what: str, at: str | None) -> Any:
        message = post if what == "publish" else {"action": "deleted", "id": "a"}
        timed = {**message, **({"updated": at} if at else {})}
        return client.post(path, json=timed, headers=key).get_json()

    told_in_order(tell)
    assert archived(data_folder) == {}
    bad = client.post(path, json={"action": "deleted", "id": "a", "updated": "soon"}, headers=key)
    assert kind(bad) == "invalid-post"


def test_an_address_has_another_post_by_now(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """Late word of a post leaves the one made at its address since, whichever it names.

    The new one has the row and the id of the old, whose deletion is what comes late.
    """

    def tell(**message: str) -> Any:
        return client.post("/v1/hooks/changed", json=message, headers=key).get_json()

    url = "https://blog.example/a/"
    old, new = {"id": "a", "url": url, "title": "Old"}, {"id": "b", "url": url, "title": "New"}
    assert tell(**old, updated=EARLIER)["result"] == "added"
    assert tell(**new, updated=LATER).items() >= {"id": "a", "result": "changed"}.items()
    for late in (
        {"action": "deleted", "url": url},
        {"action": "deleted", "id": "a"},
        {"action": "deleted", "id": "a", "url": url},
        {"action": "deleted", "id": "c", "url": url},
        old,
        {**old, "id": "c"},
    ):
        assert tell(**late, updated=EARLIER)["result"] == "passed over", late
    (kept,) = archived(data_folder).values()
    assert kept.title == "New"
    # Without a time, or with a later one, it is meant.
    assert tell(action="deleted", url=url, updated=LATER)["result"] == "withdrawn"
    assert archived(data_folder) == {}
    # The word that deleted it counts for both ids; a post told of later may be there again.
    for id_ in ("a", "b"):
        assert tell(id=id_, url=url, title="Old", updated=EARLIER)["result"] == "passed over"
    assert tell(**new, updated=LATER)["result"] == "added"


def test_an_address_that_a_post_has_left(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """Late word by an address means no post that has moved away, nor the next one there."""

    def tell(**message: str) -> Any:
        return client.post("/v1/hooks/changed", json=message, headers=key).get_json()

    url, moved = "https://blog.example/a/", "https://blog.example/moved/"
    tell(id="a", url=url, title="A", updated=EARLIER)
    tell(id="a", url=moved, title="A", updated=LATER)
    assert tell(action="deleted", url=url, updated=EARLIER)["status"] == 400
    tell(id="b", url=url, title="B", updated=LATER)
    assert tell(action="deleted", url=url, updated=EARLIER)["result"] == "passed over"
    assert {post.title for post in archived(data_folder).values()} == {"A", "B"}


def test_ghost_out_of_order(client: FlaskClient, key: dict[str, str], data_folder: Path) -> None:
    """``updated_at`` tells it; a post that was deleted was deleted when that was sent."""

    def tell(what: str, at: str | None) -> Any:
        status = "published" if what == "publish" else "draft"
        timed = {"updated_at": f"{at}.000Z"} if at else {}
        return ghost(client, {**GHOST, "status": status, **timed}).get_json()

    told_in_order(tell)
    other = {**GHOST, "id": "65a2", "slug": "rye", "url": "https://blog.example/rye/"}
    assert ghost(client, {**other, "updated_at": GHOST_EARLIER}).get_json()["result"] == "added"
    assert ghost(client, {}, other).get_json()["result"] == "withdrawn"
    late = ghost(client, {**other, "updated_at": GHOST_LATER}).get_json()
    assert late["result"] == "passed over"
    assert archived(data_folder) == {}


def test_a_direct_write_is_never_late(
    client: FlaskClient, key: dict[str, str], data_folder: Path
) -> None:
    """``PUT`` and ``DELETE`` are answered one by one, so they count whatever a post says."""
    client.post("/v1/hooks/wordpress", json=wordpress_says("publish", LATER), headers=key)
    assert client.delete("/v1/posts/41", headers=key).get_json()["result"] == "withdrawn"
    old = {"url": "https://blog.example/bread/", "updated": EARLIER}
    assert client.put("/v1/posts/41", json=old, headers=key).get_json()["result"] == "added"
