"""The lines for Blogger's templates, put through what Blogger does, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
OURS = (ROOT / "integrations" / "blogger" / "related-posts.xml").read_text("utf-8")
#: As templates have it since LinkWithin; only the script's address is another.
LINKWITHIN = """
<b:if cond='data:view.isPost'>
  <div class='linkwithin_div'/>
  <script>var linkwithin_site_id = 1; var linkwithin_text = 'You might also like:';</script>
  <script src='https://related.example/widget-legacy.js'/>
</b:if>
"""
POST = "http://blog.test/2019/01/proving-dough-in-a-cold-kitchen/"
SPACES = {"b": "b", "expr": "expr", "data": "data"}


def as_blogger_does(lines: str, *, is_post: bool) -> str:
    """HTML of some lines of a template: conditions decided, expressions replaced."""
    names = "".join(f" xmlns:{name}='{name}'" for name in SPACES)
    root = etree.fromstring(f"<div{names}>{lines}</div>")
    for condition in root.findall(".//b:if", SPACES):
        assert condition.get("cond") == "data:view.isPost"
        if not is_post:
            del condition[:]
        condition.tag = "div"
        del condition.attrib["cond"]
    for element in root.iter("*"):
        for name, value in element.attrib.items():
            if name.startswith("{expr}"):
                assert value == "data:post.url"
                del element.attrib[name]
                element.set(name.removeprefix("{expr}"), POST)
    etree.cleanup_namespaces(root)
    written = etree.tostring(root, method="html", encoding="unicode")
    return written.replace("https://related.example", "http://related.test")


@pytest.mark.parametrize(
    ("lines", "headline"), [(OURS, "Related posts"), (LINKWITHIN, "You might also like:")]
)
def test_a_post_has_its_list(look: Callable[..., Page], lines: str, headline: str) -> None:
    """Our lines, and LinkWithin's with our loader, show the list of the post; elsewhere nothing."""
    body = as_blogger_does(lines, is_post=True)
    assert not re.search(r"expr:|data:|<b:", body)
    page = look(f'<!doctype html><html lang="en"><title>A post</title><body>{body}', path="/p.html"
                if "expr" in lines else POST.removeprefix("http://blog.test"))  # fmt: skip
    page.locator("related-posts .grid a").first.wait_for()
    assert page.locator("related-posts .grid a").count() == 4
    assert page.get_by_role("heading").all_inner_texts() == [headline]
    assert page.problems == []  # type: ignore[attr-defined]
    body = as_blogger_does(lines, is_post=False)
    page = look(f'<!doctype html><html lang="en"><title>Blog</title><body>{body}', path="/")
    assert page.locator("related-posts, script").count() == 0
