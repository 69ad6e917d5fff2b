"""Links that name a file of the source lead to the post's address, in every generator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.links import hrefs
from related_posts.posts import Post
from training.sources.base import Item
from training.sources.markdown.cross_links import Targets, names_source

Read = Callable[..., list[Item]]
DATE = "---\ndate: 2024-01-05\n---\n"


@pytest.mark.parametrize(
    ("files", "link", "target"),
    [
        ({"x/b.md": "Rye."}, "[b](x/b.md)", "/x/b/"),
        ({"x/b.md": "Rye."}, "[b](/x/b.md#c)", "/x/b/"),
        ({"x/b.md": "Rye."}, "<a class='c' href='./x/../x/b.md?d'>b</a>", "/x/b/"),
        ({"x y/ü.md": "Rye."}, "[b](<x y/ü.md>)", "/x%20y/%C3%BC/"),
        ({"_config.yml": "", "_posts/2024-01-05-b.md": "Rye."},
         "[b]({% post_url 2024-01-05-b %})", "/2024/01/05/b.html"),
        ({"_config.yml": "", "_posts/2024-01-05-b.md": "Rye."},
         "[b]({{ site.baseurl }}{% link _posts/2024-01-05-b.md %}#c)", "/2024/01/05/b.html"),
        ({"hugo.toml": "", "content/p/b.md": "Rye."}, '[b]({{< ref "/p/b" >}})', "/p/b/"),
        ({"hugo.toml": "", "content/p/b.md": "Rye."}, '[b]({{% relref "b.md#c" %}})', "/p/b/"),
        ({"hugo.toml": "", "content/p/b/index.md": "Rye."}, "[b](b/index.md)", "/p/b/"),
        ({"_config.yml": "", "source/_posts/b.md": DATE},
         "{% post_link b 'B' %}", "/2024/01/05/b/"),
        ({"_config.yml": "", "source/_posts/b.md": DATE}, "[b](b.md)", "/2024/01/05/b/"),
        ({"eleventy.config.js": "", "p/b.md": DATE}, "[b](p/b.md)", "/p/b/"),
        ({"astro.config.mjs": "", "src/content/blog/b.mdx": DATE}, "[b](./b.mdx)", "/blog/b/"),
        ({"gatsby-config.js": "", "content/blog/b/index.md": DATE}, "[b](../b/index.md)", "/b/"),
        ({"zola.toml": "", "content/p/b.md": "+++\n+++\n"}, "[b](@/p/b.md#c)", "/p/b/"),
        ({"zola.toml": "", "content/p/b/index.md": "+++\n+++\n"}, "[b](@/p/b/index.md)", "/p/b/"),
    ],
)  # fmt: skip
def test_a_link_to_a_file_is_a_link_to_its_post(
    read_site: Read, files: dict[str, str], link: str, target: str
) -> None:
    """Relative, from the root, or by the generator's own tags."""
    source = {"_config.yml": "_posts/2024-01-04-a.md", "hugo.toml": "content/p/a.md",
              "eleventy.config.js": "a.md", "astro.config.mjs": "src/content/blog/a.md",
              "gatsby-config.js": "content/blog/a/index.md",
              "zola.toml": "content/p/a.md"}  # fmt: skip
    name = next((source[each] for each in files if each in source), "a.md")
    if "source/_posts/b.md" in files:
        name = "source/_posts/a.md"
    mark = "+++\n+++\n" if "zola.toml" in files else DATE
    items = read_site(files | {name: f"{mark}\n{link}\n"}, "https://b.example")
    (html, url) = next(
        (item.html, item.url)
        for item in items
        if isinstance(item, Post) and item.extra["file"] == name
    )
    assert hrefs(html, url) == [f"https://b.example{target}"]
    assert ("#c" in html) == ("#c" in link)


def test_links_that_name_no_post_stay(read_site: Read) -> None:
    """A draft has no address to lead to; neither has what is not there."""
    link = '[x](draft.md) [y](absent.md) [z](https://c.example/a.md) [w](/b/) `href="b.md"`'
    files = {"a.md": link, "b.md": "Rye.", "draft.md": "---\ndraft: true\n---\n"}
    first = next(item for item in read_site(files) if isinstance(item, Post))
    for each in ('"draft.md"', '"absent.md"', '"https://c.example/a.md"', '"/b/"'):
        assert f"href={each}" in first.html
    assert "href=&quot;b.md&quot;" in first.html


def test_a_tag_that_names_two_posts_leads_nowhere(read_site: Read) -> None:
    """The name alone does not say which."""
    files = {"hugo.toml": "", "content/p/b.md": "Rye.", "content/q/b.md": "Rye.",
             "content/r/a.md": '[b]({{< ref "b" >}})'}  # fmt: skip
    first = next(item for item in read_site(files) if isinstance(item, Post) and "#" in item.html)
    assert 'href="#"' in first.html


def test_texts_without_such_links_are_read_once(
    read_site: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a link to a file costs a look at all of them."""
    files = {"a.md": "[b](/b/) {{ x }}", "b.md": "Rye."}
    monkeypatch.setattr(Targets, "__init__", lambda *given: pytest.fail("nobody asked"))
    assert len(read_site(files)) == 2


@pytest.mark.parametrize(
    ("target", "is_source"),
    [("a.md", True), ("/a/b.MDX?c#d", True), ("@/x", True), ("a.html", False), ("a/", False),
     ("https://b.example/a.md", False), ("//b/a.md", False), ("#a.md", False),
     ("mailto:a.md", False)],
)  # fmt: skip
def test_what_a_link_to_a_source_is(target: str, is_source: bool) -> None:
    """By the end of its path; never another site's."""
    assert names_source(target) is is_source


@settings(deadline=None)
@given(st.text(max_size=30), st.booleans())
def test_any_target_is_found_or_not(target: str, by_name: bool) -> None:
    """Nothing raises, and only addresses of posts come back."""
    targets = Targets(
        [(PurePosixPath("a/b.md"), "/b/"), (PurePosixPath("c/index.md"), "/c/")], [""]
    )
    found = targets.find(PurePosixPath("a/b.md"), target, by_name=by_name)
    assert found is None or found.partition("#")[0] in ("/b/", "/c/")
