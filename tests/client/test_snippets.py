"""The snippets of docs/snippets.md: each runs as it stands there, where its language is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import orjson
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "snippets.md"
POST = "https://blog.example/a&b/?p=ü"
ITEMS = [{"url": "/x?a=1&b=2", "title": 'Tea & <b>"bread"</b>', "score": 0.5}]
LINES = [
    {"id": "/a/", "related": [{"id": "/b/", "score": 0.5}, {"id": "/c/", "score": 0.2}]},
    {"id": "/b/", "related": []},
]
#: The item above, however a language writes its references.
SHOWN = re.compile(
    r'<ul>\s*<li><a href="/x\?a=1&(?:amp|#38);b=2">'
    r"Tea &(?:amp|#38); &(?:lt|#60);b&(?:gt|#62);&(?:quot|#34);bread&(?:quot|#34);"
    r"&(?:lt|#60);/b&(?:gt|#62);</a></li>\s*</ul>\s*"
)


def snippet(kind: str, first: str = "") -> str:
    """A block of the page, by its language and how it begins."""
    blocks = re.findall(rf"^```{re.escape(kind)}\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    return next(block for block in blocks if block.startswith(first))


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, list[str]]]:
    """Answers as the service does, with what is awkward in a page; and what it was asked."""
    asked: list[str] = []

    class Quiet(WSGIRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            """Not shown."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        if environ["PATH_INFO"] == "/v1/export.jsonl":
            content = b"".join(orjson.dumps(line) + b"\n" for line in LINES)
        else:
            content = orjson.dumps({"version": "v", "post": None, "items": ITEMS})
        start_response("200 OK", [("Content-Type", "application/json")])
        return [content]

    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def run(command: list[str], service: str, **more: Any) -> str:
    """What a program prints, given the service's address and a post's."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    environment = {**os.environ, "SERVICE": service, "POST": POST}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True, **more
    )
    return done.stdout


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, list[str]]:
    """Language to the command that runs its snippet."""
    for kind, name in (("php", "related.php"), ("js", "related.mjs"), ("python", "related.py")):
        (tmp_path / name).write_text(snippet(kind), "utf-8")
    return {
        "php": ["php", str(tmp_path / "related.php")],
        "js": ["node", str(tmp_path / "related.mjs")],
        "python": [sys.executable, str(tmp_path / "related.py")],
    }


@pytest.mark.parametrize("kind", ["php", "js", "python"])
def test_a_snippet_asks_well_and_prints_safely(
    service: tuple[str, list[str]], programs: dict[str, list[str]], kind: str
) -> None:
    """The address arrives whole, three items are asked for, and titles are escaped."""
    base, asked = service
    asked.clear()
    assert SHOWN.fullmatch(run(programs[kind], base))
    assert len(asked) == 1
    assert dict(parse_qsl(urlsplit(asked[0]).query)) == {"url": POST, "limit": "3"}


@pytest.mark.parametrize("kind", ["php", "js", "python"])
def test_a_snippet_prints_nothing_without_a_service(
    programs: dict[str, list[str]], kind: str
) -> None:
    """The page stays whole when nobody answers."""
    assert run(programs[kind], "http://127.0.0.1:9") == ""


def test_curl(service: tuple[str, list[str]]) -> None:
    """The line of curl gets the answer."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    base, asked = service
    found = json.loads(run(["sh", "-c", snippet("sh", "# curl")], base))
    assert found["items"] == ITEMS
    assert dict(parse_qsl(urlsplit(asked[-1]).query)) == {"url": POST, "limit": "3"}


def test_lists_for_liquid(service: tuple[str, list[str]], tmp_path: Path) -> None:
    """The data file has the ids of each post's list."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    run(["sh", "-c", snippet("sh", "# every list")], service[0], cwd=tmp_path)
    assert json.loads((tmp_path / "related.json").read_text()) == {"/a/": ["/b/", "/c/"], "/b/": []}


def test_hugo(service: tuple[str, list[str]], tmp_path: Path) -> None:
    """The partial shows the list in a page that Hugo makes."""
    base, _ = service
    found = re.search(r"v0\.(\d+)", run(["hugo", "version"], base))
    assert found is not None
    which = "{{/* Hugo 0.141" if int(found[1]) >= 141 else "{{/* Hugo 0.91"
    files = {
        "hugo.toml": f'baseURL = "https://blog.example/"\n[params]\nrelated = "{base}"\n',
        "content/a.md": "+++\ntitle = 'A'\n+++\nText\n",
        "layouts/partials/related.html": snippet("go-html-template", which),
        "layouts/_default/single.html": '{{ partial "related.html" . }}',
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    run(["hugo", "--quiet", "--source", str(tmp_path)], base)
    assert SHOWN.search((tmp_path / "public/a/index.html").read_text("utf-8"))


def test_liquid(tmp_path: Path) -> None:
    """The template shows the posts of the list in its order."""
    script = (
        "require 'liquid'; require 'json'; module Url; def relative_url(u) u end; end;"
        "Liquid::Template.register_filter(Url);"
        "puts Liquid::Template.parse(File.read(ARGV[0])).render(JSON.parse(ARGV[1]))"
    )
    if shutil.which("ruby") is None or subprocess.run(["ruby", "-rliquid", "-e", ""]).returncode:
        pytest.skip("Ruby with Liquid is not installed")
    (tmp_path / "related.liquid").write_text(snippet("liquid"), "utf-8")
    posts = [{"url": "/c/", "title": "C & c"}, {"url": "/b/", "title": "B"}]
    data = {"site": {"data": {"related": {"/a/": ["/b/", "/c/"]}}, "posts": posts}}
    told = json.dumps({**data, "page": {"url": "/a/"}})
    shown = run(["ruby", "-e", script, str(tmp_path / "related.liquid"), told], "")
    assert re.findall(r">([^<\n]+)</a>", shown) == ["B", "C &amp; c"]
