"""What an answer's content says, in text and in JSON."""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from training.web import FetchError, Response
from training.web.body import EncodingError, TooLargeError, TooSlowError, read_body
from training.web.response import Headers


def answer(body: bytes, content_type: str = "") -> Response:
    """An answer with a body."""
    return Response("https://blog.example/", 200, Headers({"Content-Type": content_type}), body)


def received(body: bytes, encoding: str = "") -> HTTPResponse:
    """An answer whose content is not read yet."""
    headers = {"content-encoding": encoding} if encoding else {}
    return HTTPResponse(io.BytesIO(body), headers=headers, preload_content=False)


#: Without the time of day, which would give every process other names of tests.
packed = partial(gzip.compress, mtime=0)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("Grüße".encode(), "text/html; charset=utf-8"),
        ("Grüße".encode("cp1252"), 'text/html; charset="ISO-8859-1"'),
        ("Grüße".encode(), "text/html"),
        ("Grüße".encode(), "text/html; charset=nonsense"),
        ("Grüße".encode(), "text/html; charset=rot13"),
        ("Grüße".encode(), "text/html; charset=UNDEFINED"),
        ("Grüße".encode(), "text/html; charset=unicode_escape"),
        ("Grüße".encode("utf-16-le"), "text/html; charset=utf-16le"),
        ("Grüße".encode("utf-8-sig"), "text/html; charset=latin-1"),
        ("Grüße".encode("utf-16"), ""),
    ],
)
def test_text_is_decoded_as_it_says(body: bytes, content_type: str) -> None:
    """By a mark, the header, or as UTF-8 where the name means nothing."""
    assert answer(body, content_type).text == "Grüße"


def test_a_page_may_say_its_encoding_itself() -> None:
    """In a meta element at its start, where the header is silent."""
    page = '<html><head><meta charset="windows-1252"></head>Grüße'
    assert answer(page.encode("cp1252"), "text/html").text == page


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(max_size=40))
def test_text_never_fails(body: bytes, content_type: str) -> None:
    """Any bytes under any name are some text."""
    assert isinstance(answer(body, f"text/html; charset={content_type}").text, str)


def test_json_says_what_came_instead() -> None:
    """A page where JSON was expected names its media type."""
    assert answer(b'\xef\xbb\xbf{"a": 1}').json() == {"a": 1}
    with pytest.raises(FetchError, match=r"not JSON.*text/html"):
        answer(b"<html>", "text/html").json()


def test_header_names_have_no_case() -> None:
    """As on the wire."""
    headers = Headers({"X-WP-Total": "5"})
    assert headers["x-wp-total"] == headers.get("X-Wp-Total") == "5"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"hello", ""),
        (b"hello", "identity"),
        (packed(b"hello"), "gzip"),
        (packed(b"hel") + packed(b"lo"), "X-GZIP"),
        (packed(b"hello") + b"\0\0\0 rubbish", "gzip"),
        (zlib.compress(b"hello"), "deflate"),
        (zlib.compress(b"hello")[2:-4], "deflate"),
        (packed(zlib.compress(b"hello")), "deflate, gzip"),
    ],
)
def test_content_is_unpacked(body: bytes, encoding: str) -> None:
    """However a server packs it, or says it does."""
    assert read_body(received(body, encoding), 100) == b"hello"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (packed(b"hello" * 99)[:-10], "gzip"),
        (b"not packed at all", "gzip"),
        (b"(\xb5/\xfd", "zstd"),
        (b"x", "br"),
    ],
)
def test_content_that_cannot_be_unpacked_is_an_error(body: bytes, encoding: str) -> None:
    """Cut off, damaged, or packed as nobody asked for."""
    with pytest.raises(EncodingError):
        read_body(received(body, encoding), 10_000)


def test_a_bomb_is_not_opened() -> None:
    """A few kilobytes that unpack to a gigabyte stop at the limit."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    twice = gzip.compress(bomb)
    assert len(twice) < 10_000
    with pytest.raises(TooLargeError):
        read_body(received(twice, "gzip, gzip"), 1 << 20)


def test_the_limit_is_the_last_size_allowed() -> None:
    """A body of exactly that many bytes is taken."""
    assert read_body(received(b"12345"), 5) == b"12345"
    with pytest.raises(TooLargeError):
        read_body(received(b"123456"), 5)


def test_time_is_looked_at_between_two_pieces() -> None:
    """A trickle is given up when time is up."""
    with pytest.raises(TooSlowError):
        read_body(received(b"x" * 200_000), 1 << 20, lambda: True)


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "gzip, deflate", "br"]))
def test_any_bytes_are_content_or_an_error(body: bytes, encoding: str) -> None:
    """Nothing else is raised, and nothing larger than allowed comes out."""
    with contextlib.suppress(TooLargeError, EncodingError):
        assert len(read_body(received(body, encoding), 1000)) <= 1000


@settings(deadline=None)
@given(st.binary(max_size=5000), st.integers(1, 3))
def test_packed_content_comes_out_whole(body: bytes, members: int) -> None:
    """In one piece or in several members."""
    packed = b"".join(gzip.compress(body) for _ in range(members))
    assert read_body(received(packed, "gzip"), 20_000) == body * members
