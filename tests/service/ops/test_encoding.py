"""Compressed answers: who gets which, under which tag, and what caches are told."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from service.ops.encoding import acceptable, compress, weights, zstd

OPENERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
LONG = "/v1/related?id=no-slash&limit=50"
SHORT = "/v1/related?id=no-slash&limit=1"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, []),
        ("", []),
        ("gzip", ["gzip"]),
        ("x-gzip", ["gzip"]),
        ("GZIP ; Q=1", ["gzip"]),
        ("gzip, deflate, br, zstd", ["zstd", "br", "gzip"]),
        ("gzip;q=1.0, br;q=0.9, zstd;q=0.1", ["gzip", "br", "zstd"]),
        ("*", ["zstd", "br", "gzip"]),
        ("*;q=0.5, gzip", ["gzip", "zstd", "br"]),
        ("*, zstd;q=0", ["br", "gzip"]),
        ("gzip;q=0", []),
        ("gzip;q=0.000", []),
        ("gzip;q=0.001", ["gzip"]),
        ("identity, gzip;q=0.5", []),
        ("identity;q=0.5, gzip", ["gzip"]),
        ("identity;q=0", []),
        ("deflate, compress", []),
        ("gzip;q=2, br;q=-1, zstd;q=x", []),
        (",,;;,=", []),
        ("gzip;level=9", ["gzip"]),
    ],
)
def test_negotiation(field: str | None, expected: list[str]) -> None:
    """Weights are honoured, nonsense is left out, and among equals ours decides."""
    assert acceptable(field) == expected


def test_a_long_field_takes_linear_time() -> None:
    """A field as long as the server takes is read, and repeats change nothing."""
    assert weights("gzip;q=0.5," * 4000) == {"gzip": 0.5}


@pytest.mark.parametrize("coding", OPENERS)
@pytest.mark.parametrize("content", [b"", b"x", b"related posts " * 5000])
def test_what_is_packed_can_be_unpacked(coding: str, content: bytes) -> None:
    """Every coding gives back what went in."""
    assert OPENERS[coding](compress(coding, content)) == content


@pytest.mark.parametrize("coding", OPENERS)
def test_a_long_answer_is_compressed(client: FlaskClient, coding: str) -> None:
    """The same content, smaller, with its own strong tag, its own length and Vary."""
    plain = client.get(LONG)
    packed = client.get(LONG, headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert OPENERS[coding](packed.data) == plain.data
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
    assert packed.headers["ETag"] == f'{plain.headers["ETag"][:-1]}-{coding}"'
    for answer in (plain, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers


def test_tiny_answers_and_errors_are_not_compressed(client: FlaskClient) -> None:
    """What compression would make longer, or nobody keeps, goes as it is."""
    for path in (SHORT, "/healthz", "/v1/related?id=nobody", "/nowhere"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip, br, zstd"})
        assert "Content-Encoding" not in answer.headers
    assert client.get(SHORT).headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("coding", OPENERS)
def test_head_tells_what_get_would_send(client: FlaskClient, coding: str) -> None:
    """The length and tag of HEAD are those of the compressed answer."""
    headers = {"Accept-Encoding": coding, "X-Request-ID": "one"}
    get, head = client.get(LONG, headers=headers), client.head(LONG, headers=headers)
    assert head.data == b""
    assert list(head.headers) == list(get.headers)


@pytest.mark.parametrize("path", [LONG, "/v1/posts/no-slash/related?limit=50"])
@pytest.mark.parametrize("coding", OPENERS)
def test_each_representation_is_confirmed_under_its_own_tag(
    client: FlaskClient, path: str, coding: str
) -> None:
    """304 names the tag that the client has, whichever of those it accepts that is."""
    plain = client.get(path).headers["ETag"]
    asked = {"Accept-Encoding": coding}
    packed = client.get(path, headers=asked).headers["ETag"]
    for tag in (plain, packed, f"W/{packed}", f'"a", {packed}'):
        answer = client.get(path, headers={**asked, "If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] in tag
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Content-Encoding" not in answer.headers
    star = client.get(path, headers={**asked, "If-None-Match": "*"})
    assert (star.status_code, star.headers["ETag"]) == (304, packed)


def test_a_representation_the_client_does_not_take_is_not_confirmed(client: FlaskClient) -> None:
    """Who no longer takes a coding gets the answer, not leave to use the coded one."""
    packed = client.get(LONG, headers={"Accept-Encoding": "br"}).headers["ETag"]
    for accept in ({}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "br;q=0"}):
        answer = client.get(LONG, headers={**accept, "If-None-Match": packed})
        assert answer.status_code == 200


def test_star_on_a_tiny_answer(client: FlaskClient) -> None:
    """``*`` is confirmed under the tag that the answer would have had."""
    asked = {"Accept-Encoding": "gzip", "If-None-Match": "*"}
    answer = client.get(SHORT, headers=asked)
    assert (answer.status_code, answer.headers["ETag"]) == (304, client.get(SHORT).headers["ETag"])


def test_it_can_be_switched_off(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """At 0 nothing is compressed and nothing varies."""
    client = make_app(shared_folder, compress_from_bytes=0).test_client()
    answer = client.get(LONG, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


def test_vary_is_one_field(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """Where answers differ by origin too, both are named."""
    client = make_app(shared_folder, cors_origins="https://blog.example").test_client()
    assert client.get(LONG).headers.getlist("Vary") == ["Origin, Accept-Encoding"]


@pytest.mark.parametrize("coding", OPENERS)
def test_a_stream_is_compressed_as_it_comes(
    make_app: Callable[..., Flask], shared_folder: Path, coding: str
) -> None:
    """A body of unknown length comes out whole, and its maker is closed either way."""
    app = make_app(shared_folder)
    closed: list[bool] = []

    def lines() -> Iterator[bytes]:
        try:
            for number in range(20_000):
                yield b'{"number": %d}\n' % number
        finally:
            closed.append(True)

    app.add_url_rule("/stream", "stream", lambda: Response(lines(), mimetype="application/jsonl"))
    answer = app.test_client().get("/stream", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert "Content-Length" not in answer.headers
    assert OPENERS[coding](answer.data) == b"".join(b'{"number": %d}\n' % n for n in range(20_000))
    app.test_client().get("/stream", headers={"Accept-Encoding": coding}, buffered=False).close()
    assert closed


def test_what_says_so_is_left_alone(make_app: Callable[..., Flask], shared_folder: Path) -> None:
    """Pictures, encoded bodies and ``no-transform`` go as they are."""
    app = make_app(shared_folder)
    fields: list[dict[str, Any]] = [
        {"Content-Type": "image/png"},
        {"Content-Type": "text/plain", "Content-Encoding": "gzip"},
        {"Content-Type": "text/plain", "Cache-Control": "no-transform"},
    ]
    for number, headers in enumerate(fields):
        view = lambda headers=headers: Response(b"x" * 5000, headers=headers)  # noqa: E731
        app.add_url_rule(f"/as-is/{number}", f"as_is_{number}", view)
    for number, headers in enumerate(fields):
        answer = app.test_client().get(f"/as-is/{number}", headers={"Accept-Encoding": "br"})
        assert answer.data == b"x" * 5000
        assert answer.headers.get("Content-Encoding") == headers.get("Content-Encoding")
