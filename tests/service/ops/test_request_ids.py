"""Request ids: one in every answer, a proxy's own where it is harmless."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from service.ops.request_ids import RequestIds


@pytest.mark.parametrize("given", ["a", "0" * 128, "1-6789-abcdef0123456789", "a/b+c=:."])
def test_a_proxy_s_id_is_kept(given: str) -> None:
    """What proxies and tracing tools write is returned as it came."""
    assert RequestIds().of(given) == given


@pytest.mark.parametrize("given", ["", "0" * 129, "a b", "a\nb", "é", 'a"b', "<b>", "a\x00", "{}"])
def test_what_could_write_into_a_log_is_replaced(given: str) -> None:
    """An id of other characters, or too long a one, is replaced by one of ours."""
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", RequestIds().of(given))


def test_ids_differ() -> None:
    """No two ids of a process are the same, nor begin as those of another."""
    one, other = RequestIds(), RequestIds()
    ids = {one.of(None) for _ in range(1000)}
    assert len(ids) == 1000
    assert len({id_.split("-")[0] for id_ in ids}) == 1
    assert other.of(None).split("-")[0] not in {id_.split("-")[0] for id_ in ids}


@pytest.mark.parametrize("path", ["/v1/related?id=no-slash", "/v1/related", "/nowhere", "/healthz"])
def test_every_answer_has_one(client: FlaskClient, path: str) -> None:
    """Answers of every kind carry the request's id and the version that was live."""
    answer = client.get(path, headers={"X-Request-ID": "abc-1"})
    assert answer.headers.getlist("X-Request-ID") == ["abc-1"]
    named = client.get("/v1/related?id=no-slash").get_json()["version"]
    assert answer.headers.getlist("X-Related-Posts-Version") == [named]
    assert client.options(path).headers["X-Request-ID"]
