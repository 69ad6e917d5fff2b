"""The module for Eleventy and Astro under Node; and the lines for Ghost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import html

POST = "/2016/02/a-starter-from-nothing/"
SCRIPT = """
const { relatedPosts, listOf } = await import(process.argv[1] + "/related-posts.mjs");
const lists = await relatedPosts(process.argv[2], { limit: 3 });
console.log(JSON.stringify(JSON.parse(process.argv[3]).map((url) => listOf(lists, url))));
"""


@pytest.fixture
def read(integrations: Path) -> Any:
    """Reads an export with Node: the lists of some addresses."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed; Debian has it as nodejs")

    def read(folder: Path, *urls: str) -> subprocess.CompletedProcess[str]:
        command = ["node", "--input-type=module", "-e", SCRIPT]
        words = [str(integrations / "javascript"), str(folder), json.dumps(urls)]
        return subprocess.run([*command, *words], capture_output=True, text=True, timeout=60)

    return read


def test_node_reads_an_export(read: Any, lists: Path) -> None:
    """However an address is written, the page has the list that was exported for it."""
    index = json.loads((lists / "index.json").read_text("utf-8"))
    wanted = json.loads((lists / index["ids"][POST]).read_text("utf-8"))["items"][:3]
    ways = [POST, POST.rstrip("/"), f"https://blog.example{POST}index.html?x=1#y"]
    done = read(lists, *ways, "/nowhere/", "__proto__", "http://[")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [wanted, wanted, wanted, [], [], []]


def test_node_goes_on_without_an_export(read: Any, tmp_path: Path) -> None:
    """A warning and no lists."""
    done = read(tmp_path / "absent", POST)
    assert (done.returncode, json.loads(done.stdout)) == (0, [[]])
    assert "is not there" in done.stderr


def test_node_stops_at_a_damaged_export(read: Any, tmp_path: Path) -> None:
    """What is there and no export ends the build rather than emptying the lists."""
    (tmp_path / "index.json").write_text("{", "utf-8")
    assert read(tmp_path, POST).returncode != 0


ELEVENTY = "module.exports = () => ({ dir: { input: 'src' } });"
LIQUID = """{{ content }}<section class="related-posts">
{% for item in related[page.url] %}
  <a href="{{ item.url }}">{{ item.title | escape }}</a>
{% endfor %}</section>"""


def made(build: Any, page: Path, *words: str, at: Path) -> list[tuple[str, str]]:
    """Build a site with an engine; addresses and titles of the list on a page."""
    build(*words, at=at)
    section = html.fromstring(page.read_text("utf-8")).xpath("//section[@class='related-posts']")
    return [(link.get("href"), link.text) for each in section for link in each.iter("a")]


def hostile(lists: Path, folder: Path, post: str) -> list[tuple[str, str]]:
    """Copy the export with one title that would be markup; what a page is to list."""
    shutil.copytree(lists, folder)
    file = folder / json.loads((folder / "index.json").read_text("utf-8"))["ids"][post]
    content = json.loads(file.read_text("utf-8"))
    content["items"][0]["title"] = "<script>alert(1)</script> & more"
    file.write_text(json.dumps(content), "utf-8")
    return [(item["url"], item["title"]) for item in content["items"][:4]]


def test_eleventy_lists_posts(integrations: Path, lists: Path, build: Any, tmp_path: Path) -> None:
    """The real engine, where it is installed: the data file reaches every template, escaped."""
    wanted = hostile(lists, tmp_path / "related-lists", POST)
    shutil.copy(integrations / "javascript" / "related-posts.mjs", tmp_path)
    data = tmp_path / "src" / "_data"
    data.mkdir(parents=True)
    module = (integrations / "javascript" / "_data" / "related.mjs").read_text("utf-8")
    (data / "related.mjs").write_text(module.replace('"../related', '"../../related'), "utf-8")
    (tmp_path / "eleventy.config.cjs").write_text(ELEVENTY, "utf-8")
    (tmp_path / "src" / "_includes").mkdir()
    (tmp_path / "src" / "_includes" / "post.liquid").write_text(LIQUID, "utf-8")
    front = f"---\nlayout: post.liquid\npermalink: {POST}\n---\nText\n"
    (tmp_path / "src" / "starter.md").write_text(front, "utf-8")
    page = tmp_path / "_site" / POST.strip("/") / "index.html"
    assert made(build, page, "eleventy", at=tmp_path) == wanted


ASTRO = """---
import RelatedPosts from "../components/RelatedPosts.astro";
---
<html lang="en"><body><p>Text</p><RelatedPosts heading="Read & more" /></body></html>
"""


def test_astro_lists_posts(
    integrations: Path, lists: Path, build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real engine, where it is installed: the component knows its page, and escapes."""
    program = shutil.which("astro")
    if program is None:
        pytest.skip("astro is not installed, or not on the PATH")
    monkeypatch.setenv("ASTRO_TELEMETRY_DISABLED", "1")
    # A site has the engine among its own modules.
    modules = next(each for each in Path(program).resolve().parents if each.name == "node_modules")
    (tmp_path / "node_modules").symlink_to(modules)
    wanted = hostile(lists, tmp_path / "related-lists", POST)
    components = tmp_path / "src" / "components"
    components.mkdir(parents=True)
    for name in ("related-posts.mjs", "RelatedPosts.astro"):
        shutil.copy(integrations / "javascript" / name, components)
    page = tmp_path / "src" / "pages" / f"{POST.strip('/')}.astro"
    page.parent.mkdir(parents=True)
    depth = "../" * (len(page.parent.relative_to(tmp_path / "src").parts))
    page.write_text(ASTRO.replace("../", depth), "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    made_page = tmp_path / "dist" / POST.strip("/") / "index.html"
    assert made(build, made_page, "astro", "build", at=tmp_path) == wanted
    (other,) = html.fromstring(made_page.read_text("utf-8")).xpath("//h2")
    assert other.text == "Read & more"


#: Handlebars with the helpers of Ghost that the lines use, as far as they use them: paths in a
#: filter are looked up in the post around it, and what is found is joined by commas.
GHOST = """
const Handlebars = require("handlebars");
const [template, post, found] = process.argv.slice(1);
const asked = [];
Handlebars.registerHelper("url", function (options) {
  return (options.hash.absolute === "true" ? "https://blog.example" : "") + this.url;
});
Handlebars.registerHelper("get", function (what, options) {
  const at = (holders, step) => holders.flatMap((holder) => {
    const value = holder[step.replace("[*]", "")] ?? [];
    return step.endsWith("[*]") ? value : [value];
  });
  const filter = options.hash.filter.replace(/{{(.*?)}}/g,
    (whole, path) => path.split(".").reduce(at, [this]).join());
  asked.push([what, filter, options.hash.limit]);
  return options.fn({ posts: JSON.parse(found) });
});
Handlebars.registerHelper("foreach",
  (list, options) => list.map((each) => options.fn(each)).join(""));
const lines = require("node:fs").readFileSync(template, "utf8");
console.log(JSON.stringify([Handlebars.compile(lines)(JSON.parse(post)), asked]));
"""


@pytest.mark.parametrize("found", [[{"title": '<b> & "', "url": "/spelt/"}], []])
def test_ghost_shows_links_until_the_list_is_there(
    integrations: Path, found: list[dict[str, str]]
) -> None:
    """Real Handlebars makes the widget with the post's address and, inside, posts of its tags."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed; Debian has it as nodejs")
    # Where Debian has its modules; a Node from elsewhere does not look there.
    env = {**os.environ, "NODE_PATH": os.pathsep.join(["/usr/share/nodejs", "/usr/lib/nodejs"])}
    there = ["node", "-e", 'require("handlebars")']
    if subprocess.run(there, env=env, capture_output=True).returncode:
        pytest.skip("Handlebars is not installed; Debian has it as handlebars")
    template = integrations / "ghost" / "related-posts.hbs"
    post = {"id": "5f00", "url": "/rye/", "tags": [{"slug": "bread"}, {"slug": "flour"}]}
    words = [str(template), json.dumps(post), json.dumps(found)]
    command = ["node", "-e", GHOST, *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    made, asked = json.loads(done.stdout)
    assert asked == [["posts", "tags:[bread,flour]+id:-5f00", "4"]]
    (widget,) = html.fromstring(f"<div>{made}</div>").iter("related-posts")
    assert widget.get("url") == "https://blog.example/rye/"
    links = [(link.get("href"), link.text) for link in widget.iter("a")]
    assert links == [(item["url"], item["title"]) for item in found]
    assert len(list(widget.iter("ul"))) == len(found)
