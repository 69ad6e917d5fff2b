"""The module for Eleventy and Astro under Node; and the lines for Ghost and Blogger."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

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


def test_bloggers_lines_are_well_formed(integrations: Path) -> None:
    """Blogger takes XML only."""
    lines = (integrations / "blogger" / "related-posts.xml").read_text("utf-8")
    root = etree.fromstring(f"<x xmlns:b='b' xmlns:expr='e' xmlns:data='d'>{lines}</x>")
    assert root.findall(".//related-posts")


def test_the_lines_for_ghost_are_balanced(integrations: Path) -> None:
    """Every block of its template that opens is closed, in order."""
    text = (integrations / "ghost" / "related-posts.hbs").read_text("utf-8")
    text = re.sub(r"\{\{!--.*?--\}\}", "", text, flags=re.S)
    open_blocks: list[str] = []
    for mark, name in re.findall(r"\{\{([#/])(\w+)", text):
        if mark == "#":
            open_blocks.append(name)
        else:
            assert open_blocks.pop() == name
    assert open_blocks == []
