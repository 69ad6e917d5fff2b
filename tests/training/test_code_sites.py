"""Astro and Gatsby, whose addresses a template says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import ConfigError, SourceError
from related_posts.posts import Post
from training.settings import TrainingSettings
from training.sources.base import Item, Problem, Skipped
from training.sources.markdown.folder import MarkdownSource
from training.sources.markdown.js_config import read_program, string_of, strings_of
from training.sources.markdown.options import MarkdownOptions
from training.sources.markdown.url_template import TOKENS

Read = Callable[..., list[Item]]


def front(text: str = "", date: str = "2024-01-05") -> str:
    """A text with front matter and a date."""
    return f"---\npubDate: {date}\n{text}\n---\nimport A from 'b'\n\nRye <A b={{1}} />.\n"


# --- Astro ---


@pytest.mark.parametrize(
    ("config", "name", "text", "template", "path"),
    [
        ("", "content/blog/a.md", "", "", "/blog/a/"),
        ("", "content/blog/My Post!.mdx", "", "", "/blog/my-post/"),
        ("", "content/blog/2024/a/index.md", "", "", "/blog/2024/a/"),
        ("", "content/blog/a.md", "slug: x/y", "", "/blog/x/y/"),
        ("", "content/blog/a.md", "permalink: /own/", "/x/{slug}/", "/own/"),
        ("", "pages/blog/a.md", "", "", "/blog/a/"),
        ("", "pages/blog/index.md", "", "", "/blog/"),
        ("", "content/blog/a.md", "", "/{year}/{month}/{day}/{slug}", "/2024/01/05/a"),
        ("", "content/blog/2023-02-03-a.md", "", "/x/{name}/", "/x/a/"),
        ("", "content/blog/f/a.md", "category: Rye", "/{category}/{folder}/{name}/", "/Rye/f/a/"),
        ("trailingSlash: 'never'", "content/blog/a.md", "", "", "/blog/a"),
        ("i18n: {locales: ['en', 'fr'], defaultLocale: 'en'}", "content/blog/fr/a.md", "", "",
         "/fr/blog/a/"),
        ("i18n: {locales: ['en', 'fr'], defaultLocale: 'en'}", "content/blog/en/a.md", "", "",
         "/blog/a/"),
        ("i18n: {locales: ['en', 'fr'], defaultLocale: 'en', prefixDefaultLocale: true}",
         "content/blog/a.en.md", "", "", "/en/blog/a/"),
    ],
)  # fmt: skip
def test_astro_addresses(
    read_site: Read, config: str, name: str, text: str, template: str, path: str
) -> None:
    """By the template, in which collection, slug and language are known."""
    files = {"astro.config.mjs": f"export default {{ {config} }}", f"src/{name}": front(text)}
    (post,) = read_site(files, url_template=template)
    assert isinstance(post, Post), post
    assert post.id == path
    if name.endswith(".mdx"):
        assert post.html == "<p>Rye .</p>"


def test_astro_is_read_from_its_configuration(read_site: Read) -> None:
    """Site, base, languages, and collections that lie elsewhere; nothing is run."""
    files = {
        "astro.config.ts": "// site: 'https://no.example'\nexport default defineConfig({\n"
        "  site: 'https://b.example', base: '/s',\n"
        "  i18n: {defaultLocale: 'de', locales: ['de']} })",
        "src/content.config.ts": "loader: glob({ pattern: '**/*.md', base: './texts/posts' })",
        "texts/posts/a.md": front(),
        "src/content/blog/_b.md": front(),
        "src/components/x.md": front(),
        "README.md": "A repository.",
    }
    post, hidden = sorted(read_site(files), key=lambda item: not isinstance(item, Post))
    assert isinstance(post, Post)
    assert (post.url, post.language) == ("https://b.example/s/posts/a/", "de")
    assert hidden == Skipped("src/content/blog/_b.md", "hidden")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("content/team/a.md", "---\nname: Ada\n---\n", "page"),
        ("pages/about.md", "---\ntitle: T\n---\n", "page"),
        ("content/blog/a.md", front("draft: true"), "draft"),
        ("content/blog/a.md", "---\ndraft: true\n---\n", "draft"),
        ("content/blog/a.md", front(date="2990-01-01"), "scheduled"),
    ],
)
def test_astro_texts_that_are_no_posts(read_site: Read, name: str, text: str, reason: str) -> None:
    """Undated texts of collections that are no blog, drafts, the future."""
    items = read_site({"astro.config.mjs": "", f"src/{name}": text}, url_template="/{year}/{slug}/")
    (item,) = items
    assert isinstance(item, Skipped)
    assert item.reason == reason


def test_a_template_that_asks_for_a_date_needs_one(read_site: Read) -> None:
    """An undated post is a problem then."""
    files = {"astro.config.mjs": "", "src/content/blog/a.md": "Rye."}
    (item,) = read_site(files, url_template="/{year}/{slug}/")
    assert isinstance(item, Problem)
    assert "no date" in item.reason


# --- Gatsby ---


@pytest.mark.parametrize(
    ("config", "name", "text", "path"),
    [
        ("", "content/blog/hello-world/index.md", "", "/hello-world/"),
        ("", "content/blog/A/b.mdx", "", "/A/b/"),
        ("", "content/a.md", "", "/a/"),
        ("path: `${__dirname}/content`", "content/blog/a.md", "", "/blog/a/"),
        ("path: `${__dirname}/texts/x`", "texts/x/a.md", "", "/a/"),
        ("path: path.join(__dirname, 'texts', 'x')", "texts/x/a.md", "", "/a/"),
        ("path: path.resolve('./texts/')", "texts/x/a.md", "", "/x/a/"),
        ("", "src/pages/notes/a.md", "", "/notes/a/"),
        ("", "content/blog/a.md", "path: /own/x", "/own/x"),
        ("", "content/blog/a.md", "slug: /own/", "/own/"),
        ("", "content/blog/a.md", "slug: own", "/own/"),
        ("", "content/blog/a/index.fr.md", "", "/fr/a/"),
    ],
)
def test_gatsby_addresses(read_site: Read, config: str, name: str, text: str, path: str) -> None:
    """The path below the folder that the configuration names."""
    files = {"gatsby-config.js": f"module.exports = {{ {config} }}", name: front(text)}
    (post,) = read_site(files)
    assert isinstance(post, Post), post
    assert post.id == path


def test_gatsby_by_a_template(read_site: Read) -> None:
    """The site's address and prefix come before it."""
    config = "module.exports = { siteMetadata: {siteUrl: `https://b.example`}, pathPrefix: '/s' }"
    files = {"gatsby-config.js": config, "content/blog/a/index.md": front()}
    (post,) = read_site(files, url_template="/{collection}/{slug}/")
    assert isinstance(post, Post)
    assert post.url == "https://b.example/s/blog/a/"


# --- the template ---


def test_a_plain_folder_by_a_template(read_site: Read) -> None:
    """The first folder is the collection."""
    (post,) = read_site({"blog/2024-01-05-a.md": "Rye."}, url_template="/{collection}/{name}.html")
    assert isinstance(post, Post)
    assert post.id == "/blog/a.html"


def test_a_template_for_a_site_that_has_rules_is_refused(read_site: Read) -> None:
    """It would silently count for nothing, or break what the site says."""
    files = {"_config.yml": "", "_posts/2024-01-05-a.md": "Rye."}
    with pytest.raises(SourceError, match=r"Jekyll site.*--generator plain"):
        read_site(files, url_template="/{slug}/")


def test_a_generator_can_be_named(read_site: Read) -> None:
    """It comes before what the folder says."""
    files = {"_config.yml": "", "source/_posts/a.md": "---\ndate: 2024-01-05\n---\n"}
    (post,) = read_site(files, generator="plain")
    assert isinstance(post, Post)
    assert post.id == "/source/_posts/a/"
    (post,) = read_site(files, generator="hexo")
    assert isinstance(post, Post)
    assert post.id == "/2024/01/05/a/"


@pytest.mark.parametrize(
    "template", ["blog/{slug}", "/{what}/", "/{slug", "/}", "/a b", "/a?b", "/#"]
)
def test_templates_that_are_none(template: str, tmp_path: Path) -> None:
    """The error names what there is."""
    with pytest.raises(ConfigError, match=r"--url-template.*\{slug\}"):
        TrainingSettings.load({"data": tmp_path, "url_template": template})


def test_every_token_is_documented() -> None:
    """In the page about sources."""
    page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text()
    for token in TOKENS:
        assert f"`{{{token}}}`" in page


def test_a_generator_nobody_knows_is_refused(tmp_path: Path) -> None:
    """The error lists those there are."""
    with pytest.raises(ConfigError, match=r"--generator.*eleventy"):
        TrainingSettings.load({"data": tmp_path, "generator": "grav"})


# --- programs as configurations ---


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("site: 'a'", "a"),
        ('"site" : "a"', "a"),
        ("const site = `a`", "a"),
        ("// site: 'b'\nsite: 'a'", "a"),
        ("/* site: 'b' */ site: 'a'", "a"),
        ("x: 'http://c', // site: 'b'\nsite: 'http://a'", "http://a"),
        ("site: process.env.X", ""),
        ("website: 'b'", ""),
    ],
)
def test_a_string_that_is_written_out(tmp_path: Path, program: str, value: str) -> None:
    """Remarks count for nothing, addresses are no remarks."""
    (tmp_path / "x.js").write_text(program)
    assert string_of(read_program(tmp_path, ["x.js"]) or "", "site") == value


def test_a_long_program_is_a_source_error(tmp_path: Path) -> None:
    """More than any configuration holds."""
    (tmp_path / "x.js").write_text("x" * ((1 << 20) + 1))
    with pytest.raises(SourceError, match="longer than 1 MiB"):
        read_program(tmp_path, ["x.js"])


@pytest.mark.parametrize("piece", ["site:", "/*", "//", "site: [", "'", "site: '", " "])
def test_hostile_programs_are_taken_in_one_go(tmp_path: Path, piece: str) -> None:
    """Openers that never end are no more work than text (else this hangs)."""
    (tmp_path / "x.js").write_text(piece * (100_000 // len(piece)))
    program = read_program(tmp_path, ["x.js"]) or ""
    string_of(program, "site")
    strings_of(program, "site")


PIECES = st.sampled_from(["site", ":", "'", '"', "[", "]", ",", "//", "/*", "*/", "\n", "`", "a"])


@settings(deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=15).map("".join))
def test_any_program_gives_strings(program: str) -> None:
    """Whatever it holds."""
    assert isinstance(string_of(program, "site"), str)
    assert all(isinstance(one, str) for one in strings_of(program, "site"))


def test_a_template_says_the_addresses_of_hugo_without_configuration(read_site: Read) -> None:
    """All else stays Hugo's: what has expired is left out, and references lead to posts."""
    files = {
        "content/news/2024-01-05-a.md": front("slug: rye\ntitle: A", "2024-01-05"),
        "content/news/b.md": front("title: B") + '[a]({{< ref "2024-01-05-a.md" >}})',
        "content/news/c.md": front("expiryDate: 2020-01-01"),
    }
    items = read_site(files, url_template="/{year}/{month}/{day}/{slug}/")
    posts = [item for item in items if isinstance(item, Post)]
    assert [post.id for post in posts] == ["/2024/01/05/rye/", "/2024/01/05/b/"]
    assert 'href="/2024/01/05/rye/"' in posts[1].html
    assert [item.reason for item in items if isinstance(item, Skipped)] == ["expired"]


def test_a_template_says_the_addresses_of_jekyll_without_configuration(read_site: Read) -> None:
    """The date in a name is the post's."""
    (post,) = read_site({"_posts/2024-01-05-a.md": "Rye."}, url_template="/{year}/{slug}/")
    assert isinstance(post, Post)
    assert post.id == "/2024/a/"


def test_a_template_says_the_addresses_of_hexo_without_configuration(read_site: Read) -> None:
    """``source/_posts`` tells Hexo; all else stays its own, as its tags and its drafts."""
    files = {
        "source/_posts/news/2024-01-05-a.md": front("date: 2024-01-05\ncategories: [B c]"),
        "source/_posts/b.md": front("date: 2024-02-03\nslug: rye") + "{% post_link news/a x %}",
        "source/_posts/c.md": front("date: 2024-02-03\npermalink: own/"),
        "source/_drafts/d.md": front(""),
    }
    items = read_site(files, url_template="/{year}/{category}/{folder}/{name}.html")
    assert {item.id for item in items if isinstance(item, Post)} == {
        "/2024/rye.html",
        "/own/",
        "/2024/B%20c/news/a.html",
    }
    assert "{%" not in str(items)
    assert [item.reason for item in items if isinstance(item, Skipped)] == ["draft"]


@pytest.mark.parametrize("inner", ["", "source", "source/_posts"])
def test_hexo_is_told_by_its_folder(read_site: Read, inner: str) -> None:
    """Where its configuration is not there; whichever folder of it is named."""
    (post,) = read_site(
        {"source/_posts/a.md": front("date: 2024-02-03")}, inner=inner, url_template="/x/{slug}/"
    )
    assert isinstance(post, Post)
    assert post.id == "/x/a/"


def test_a_template_says_the_addresses_of_pelican_without_configuration(read_site: Read) -> None:
    """With its own slugs; a post's own URL comes before it."""
    files = {
        "content/Über uns/a.md": "Title: Rye & Wheat\nDate: 2024-01-05\n\nRye.",
        "content/b.md": "Title: B\nDate: 2024-01-05\nLang: fr\nSlug: own\n\nB.",
        "content/c.md": "Title: C\nDate: 2024-01-05\nURL: x/c.html\n\nC.",
        "content/d.md": "Title: D\n\nD.",
    }
    items = read_site(
        files, generator="pelican", url_template="/{lang}/{year}/{month}/{category}/{slug}/"
    )
    assert {item.id for item in items if isinstance(item, Post)} == {
        "/2024/01/uber-uns/rye-wheat/",
        "/fr/2024/01/own/",
        "/x/c.html",
    }
    assert [item.reason for item in items if isinstance(item, Skipped)] == ["no date"]


def test_a_template_says_the_addresses_of_zola_without_configuration(read_site: Read) -> None:
    """Sections, slugs and taxonomies stay Zola's; a page's own path comes before it."""
    files = {
        "content/news/2024-01-05-Big Rye.md": "+++\n[taxonomies]\ncategories = ['B']\n+++\nA.",
        "content/news/sub/index.md": "+++\ndate = 2024-02-03\nslug = 'Own'\n+++\nB.",
        "content/c.md": "+++\ndate = 2024-02-03\npath = 'x/c'\n+++\nC.",
    }
    items = read_site(
        files, generator="zola", url_template="/{collection}/{year}/{category}/{name}/"
    )
    assert {item.id for item in items if isinstance(item, Post)} == {
        "/news/2024/B/big-rye/",
        "/news/2024/own/",
        "/x/c/",
    }


@pytest.mark.parametrize(
    ("name", "config", "text"),
    [
        ("hexo", "_config.yml", "source/_posts/a.md"),
        ("pelican", "pelicanconf.py", "content/a.md"),
        ("pelican", "publishconf.py", "content/a.md"),
        ("zola", "zola.toml", "content/a.md"),
    ],
)
def test_a_configuration_comes_before_a_template(
    read_site: Read, name: str, config: str, text: str
) -> None:
    """Which is refused, for generators that keep addresses there."""
    with pytest.raises(SourceError, match="--generator plain"):
        read_site({config: "", text: front("")}, generator=name, url_template="/{slug}/")


@pytest.mark.parametrize(
    ("name", "text"), [("hexo", "source/_posts/a.md"), ("zola", "content/a/b.md")]
)
def test_a_date_that_a_template_asks_for_is_needed(read_site: Read, name: str, text: str) -> None:
    """The post is a problem; a wrong address is worse than none."""
    (item,) = read_site({text: "Rye."}, generator=name, url_template="/{year}/{slug}/")
    assert isinstance(item, Problem)
    assert "it has no date" in item.reason


def test_references_of_hugo_lead_to_posts_in_a_plain_folder(read_site: Read) -> None:
    """Shortcodes are no words of the author."""
    files = {"content/a.md": '[b]({{< ref "b.md" >}}) {{< figure src="x" >}}', "content/b.md": "B."}
    posts = [item for item in read_site(files, generator="plain") if isinstance(item, Post)]
    assert 'href="/content/b/"' in posts[0].html
    assert "figure" not in posts[0].html


@pytest.mark.parametrize(
    ("files", "template", "said"),
    [
        ({"content/a/b.md": "B."}, "", ["Hugo's usual ones"]),
        ({"_posts/2024-01-05-a.md": "B."}, "", ["Jekyll's usual ones"]),
        ({"source/_posts/a.md": "---\ndate: 2024-01-05\n---\n"}, "", ["Hexo's usual ones"]),
        ({"content/a/b.md": "B."}, "/{slug}/", []),
        ({"content/a/b.md": "B.", "hugo.toml": ""}, "", []),
    ],
)
def test_guessed_addresses_are_told(
    tmp_path: Path, files: dict[str, str], template: str, said: list[str]
) -> None:
    """With what to do, and only where neither a configuration nor the user says them."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = MarkdownSource(
        tmp_path, now=datetime.now(UTC), options=MarkdownOptions(url_template=template)
    )
    list(source.read())
    assert len(source.advice()) == len(said)
    assert all(words in line for words, line in zip(said, source.advice(), strict=True))
