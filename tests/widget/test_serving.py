"""How the widget's scripts are sent: small, cheap to revalidate, pinned by their content."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from service import create_app
from service.ops.encoding import zstd
from service.settings import ServiceSettings
from service.widget.assets import FOLDER, PARTS, as_sent, load, tight, without_comments
from service.widget.routes import SCRIPTS

#: What the element may cost a page, compressed as it is sent.
MOST_BYTES = 6_000


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A client of a service that has no version yet: scripts do not wait for one."""
    return create_app(
        ServiceSettings(data=tmp_path, cors_origins=("https://a.example",))
    ).test_client()


def test_the_element_is_small(client: FlaskClient) -> None:
    """What a browser receives for widget.js is at most 6,000 bytes, in each coding."""
    for accept, coding, unpack in (
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("zstd", "zstd", zstd.decompress),
        ("gzip", "gzip", gzip.decompress),
    ):
        response = client.get("/widget.js", headers={"Accept-Encoding": accept})
        assert response.headers["Content-Encoding"] == coding
        assert len(response.data) <= MOST_BYTES
        assert unpack(response.data) == load("widget.js").content


def test_compression_can_be_left_to_a_proxy(tmp_path: Path) -> None:
    """Where the setting switches compression off, scripts are sent plain too."""
    client = create_app(ServiceSettings(data=tmp_path, compress_from_bytes=0)).test_client()
    response = client.get("/widget.js", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in response.headers
    assert response.data == load("widget.js").content


@pytest.mark.parametrize("name", SCRIPTS)
def test_revalidation(client: FlaskClient, name: str) -> None:
    """A script is kept for minutes and then confirmed with 304; each encoding has its own tag."""
    tags = set()
    for encoding in ("br", "gzip", "identity"):
        headers = {"Accept-Encoding": encoding}
        first = client.get(f"/{name}", headers=headers)
        assert first.status_code == 200
        assert first.mimetype == "text/javascript"
        assert "max-age=300" in first.headers["Cache-Control"]
        assert first.headers["Vary"] == "Accept-Encoding"
        tags.add(first.headers["ETag"])
        again = client.get(f"/{name}", headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert len(tags) == 3
    other = client.get(f"/{name}", headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


@pytest.mark.parametrize("name", SCRIPTS)
def test_pinned(client: FlaskClient, name: str) -> None:
    """Under its hash a script may be kept for ever, and has the integrity that is promised."""
    asset = load(name)
    response = client.get(f"/{asset.pinned_name}", headers={"Accept-Encoding": "identity"})
    assert "immutable" in response.headers["Cache-Control"]
    digest = base64.b64encode(hashlib.sha384(response.data).digest()).decode()
    assert asset.integrity == f"sha384-{digest}"
    stem, _, suffix = name.rpartition(".")
    assert client.get(f"/{stem}.{'0' * 16}.{suffix}").status_code == 404


@pytest.mark.parametrize("name", SCRIPTS)
def test_any_page_may_load_it(client: FlaskClient, name: str) -> None:
    """Modules and integrity need CORS: scripts have it whatever `cors_origins` says."""
    response = client.get(f"/{name}", headers={"Origin": "https://other.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


def test_only_reading(client: FlaskClient) -> None:
    """Other methods are refused in the shape of all errors."""
    response = client.post("/widget.js")
    assert response.status_code == 405
    assert response.mimetype == "application/problem+json"
    assert client.head("/widget.js").status_code == 200


def test_comments_are_left_out() -> None:
    """Lines that are a comment, empty lines and indentation go; code, texts and `*` stay."""
    script = b'// a\n/** b */\nif (x) {\n  y("// c"); // d\n\n  /re/.test(z) * 2;\n}\n'
    assert without_comments(script) == (b'if (x) {\ny("// c"); // d\n/re/.test(z) * 2;\n}\n')


def test_style_sheets_are_sent_close_together() -> None:
    """White space around braces, colons and commas goes; that between words and operators stays."""
    sheet = b"""
    .a > .b, :is(p, .c) :hover { margin: 0 -.5em; width: calc(1em * (2 - 1));
      content: ""; --x: var(--y, 2); }
    @container (min-width: 3rem) { * + *::before { content: "\xc2\xb7"; } }
    """
    assert tight(sheet) == (
        b'.a > .b,:is(p,.c) :hover{margin:0 -.5em;width:calc(1em * (2 - 1));content:"";'
        b'--x:var(--y,2)}@container (min-width:3rem){* + *::before{content:"\xc2\xb7"}}'
    )
    assert b"{display:block;" in load("widget.js").content


def test_what_is_written_as_several_files_is_sent_as_one() -> None:
    """The parts of a script follow each other, each once, and no other file has its name."""
    for name, parts in PARTS.items():
        written = [as_sent((FOLDER / part).read_bytes()) for part in parts]
        assert load(name).content == b"".join(written)
        assert len(written) > 1
        assert not (FOLDER / name).exists()
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.js")} == {
        part for parts in PARTS.values() for part in parts
    }


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.js")), ids=lambda path: path.name)
def test_no_line_of_a_text_looks_like_a_comment(path: Path) -> None:
    """What is left out are comments: no template literal has a line that begins like one."""
    for literal in re.findall(r"`[^`]*`", path.read_text("utf-8")):
        assert without_comments(literal.encode()).count(b"\n") == sum(
            bool(line.strip()) for line in literal.splitlines()
        )
    assert "/*" not in re.sub(r"^\s*/\*\*.*\*/$", "", path.read_text("utf-8"), flags=re.M)
