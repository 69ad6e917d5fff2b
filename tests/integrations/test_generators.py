"""Hugo and Jekyll, the real ones: the bundled blog is built with its lists."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from related_posts.cli import cli

BLOG = Path(__file__).resolve().parents[2] / "examples" / "blog"
POST = "/2016/02/a-starter-from-nothing/"
HUGO = """
baseURL = "https://blog.example/"
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "home", "section"]
[permalinks]
posts = "/:year/:month/:slug/"
[frontmatter]
date = [":filename", "date"]
"""
LAYOUT = (
    "<!doctype html><html><body>{{ content }}{% include related-posts.html CALL %}</body></html>"
)


def listed(site: Path, post: str) -> list[tuple[str, str]]:
    """Addresses and titles of the list on a built page."""
    html = (site / post.strip("/") / "index.html").read_text("utf-8")
    sections = re.findall(r'<section class="related-posts".*?</section>', html, re.S)
    assert len(sections) <= 1
    found = re.findall(r'<li>\s*<a href="(.*?)">(.*?)</a>', "".join(sections))
    return [(unescape(url), unescape(title)) for url, title in found]


def expected(lists: Path, post: str, limit: int) -> list[tuple[str, str]]:
    """What the export says."""
    index = json.loads((lists / "index.json").read_text("utf-8"))
    content = json.loads((lists / index["ids"][post]).read_text("utf-8"))
    return [(item["url"], item["title"]) for item in content["items"][:limit]]


def edited(lists: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Copy the export, with the file of the post changed."""
    shutil.copytree(lists, folder)
    name = json.loads((folder / "index.json").read_text("utf-8"))["ids"][POST]
    content = json.loads((folder / name).read_text("utf-8"))
    change(content)
    (folder / name).write_text(json.dumps(content), "utf-8")


def hostile(content: dict[str, Any]) -> None:
    """Let the first item say what would be markup, were it not escaped."""
    content["items"][0]["title"] = '"><script>alert(1)</script> & more'


@pytest.fixture
def hugo_site(tmp_path: Path, integrations: Path) -> Path:
    """The bundled blog as Hugo has it, without lists."""
    shutil.copytree(BLOG / "_posts", tmp_path / "content" / "posts")
    shutil.copytree(integrations / "hugo" / "layouts", tmp_path / "layouts")
    layout = '<html><body>{{ .Content }}{{ partial "related-posts.html" . }}</body></html>'
    (tmp_path / "layouts" / "_default").mkdir()
    (tmp_path / "layouts" / "_default" / "single.html").write_text(layout)
    (tmp_path / "config.toml").write_text(HUGO)
    return tmp_path


@pytest.fixture
def jekyll_site(tmp_path: Path, integrations: Path) -> Path:
    """The bundled blog as Jekyll has it, without lists."""
    shutil.copytree(BLOG, tmp_path, dirs_exist_ok=True)
    shutil.copytree(integrations / "jekyll" / "_includes", tmp_path / "_includes")
    (tmp_path / "_layouts").mkdir()
    (tmp_path / "_layouts" / "post.html").write_text(
        LAYOUT.replace("CALL", 'limit=3 date="%d.%m.%Y"')
    )
    defaults = "\ndefaults: [{scope: {type: posts}, values: {layout: post}}]\n"
    with (tmp_path / "_config.yml").open("a") as config:
        config.write(defaults)
    return tmp_path


def steps(readme: Path) -> list[list[str]]:
    """The words of the commands that a README shows."""
    lines = re.findall(r"^ *\$ (related-posts .*)$", readme.read_text("utf-8"), re.M)
    assert len(lines) == 2
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.parametrize(
    ("engine", "words", "site"),
    [("hugo", [], "public"), ("jekyll", ["build", "--quiet", "--disable-disk-cache"], "_site")],
)
def test_the_steps_of_the_readme(
    engine: str,
    words: list[str],
    site: str,
    request: pytest.FixtureRequest,
    integrations: Path,
    build: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Done to the letter in the site's folder, they give every page a list, and the build works."""
    folder: Path = request.getfixturevalue(f"{engine}_site")
    for post in folder.rglob("_posts/202*.md" if engine == "jekyll" else "posts/202*.md"):
        post.unlink()
    monkeypatch.chdir(folder)
    for step in steps(integrations / engine / "README.md"):
        done = CliRunner().invoke(cli, step)
        assert done.exit_code == 0, done.output
    if engine == "jekyll":
        with Path("_config.yml").open("a") as config:
            config.write("exclude: [data]\n")
    build(engine, *words, at=folder)
    assert len(listed(folder / site, POST)) >= 3
    assert not list((folder / site).rglob("*.sqlite3"))


def test_hugo_reads_an_export(hugo_site: Path, lists: Path, build: Callable[..., str]) -> None:
    """Every page has the list that was exported for it, whatever titles hold."""
    edited(lists, hugo_site / "data" / "related", hostile)
    build("hugo", at=hugo_site)
    for post in json.loads((lists / "index.json").read_text("utf-8"))["ids"]:
        wanted = expected(hugo_site / "data" / "related", post, 4)
        assert listed(hugo_site / "public", post) == wanted
    html = (hugo_site / "public" / POST.strip("/") / "index.html").read_text("utf-8")
    assert "<script>alert" not in html


def test_hugo_without_an_export_builds_all_the_same(
    hugo_site: Path, build: Callable[..., str]
) -> None:
    """No data, no sections."""
    build("hugo", at=hugo_site)
    assert listed(hugo_site / "public", POST) == []


def test_hugo_asks_the_service(
    hugo_site: Path, service: str, lists: Path, build: Callable[..., str]
) -> None:
    """By address; the lists are those of the export."""
    config = f'[params.relatedPosts]\nsource = "{service}/"\nlimit = 3\nheading = "Next"\n'
    (hugo_site / "config.toml").write_text(HUGO + config)
    build("hugo", "--cacheDir", str(hugo_site / "cache"), at=hugo_site)
    assert listed(hugo_site / "public", POST) == expected(lists, POST, 3)


def test_hugo_builds_while_the_service_is_down(hugo_site: Path, build: Callable[..., str]) -> None:
    """A warning instead of a list."""
    config = '[params.relatedPosts]\nsource = "http://127.0.0.1:9"\n'
    (hugo_site / "config.toml").write_text(HUGO + config)
    said = build("hugo", "--cacheDir", str(hugo_site / "cache"), at=hugo_site)
    assert f"related posts of {POST}" in said
    assert listed(hugo_site / "public", POST) == []


def test_jekyll_reads_an_export(jekyll_site: Path, lists: Path, build: Callable[..., str]) -> None:
    """Every page has the list that was exported for it, whatever titles hold."""
    edited(lists, jekyll_site / "_data" / "related", hostile)
    build("jekyll", "build", "--quiet", "--disable-disk-cache", at=jekyll_site)
    for post in json.loads((lists / "index.json").read_text("utf-8"))["ids"]:
        wanted = expected(jekyll_site / "_data" / "related", post, 3)
        assert listed(jekyll_site / "_site", post) == wanted
    html = (jekyll_site / "_site" / POST.strip("/") / "index.html").read_text("utf-8")
    days = re.findall(r'<time datetime="(\d+)-(\d+)-(\d+)T[^"]*Z">(.*?)</time>', html)
    assert len(days) == 3
    assert all(text == f"{day}.{month}.{year}" for year, month, day, text in days)
    assert "<script>alert" not in html


def test_jekyll_without_an_export_builds_all_the_same(
    jekyll_site: Path, build: Callable[..., str]
) -> None:
    """No data, no sections."""
    build("jekyll", "build", "--quiet", "--disable-disk-cache", at=jekyll_site)
    assert listed(jekyll_site / "_site", POST) == []
