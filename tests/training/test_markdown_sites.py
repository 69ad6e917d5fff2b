"""Jekyll and Hugo sites: which texts are posts, and where they are found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from related_posts.errors import SourceError
from related_posts.posts import Post
from training.sources.base import Item, Problem, Skipped
from training.sources.markdown.folder import MarkdownSource
from training.sources.markdown.generators import base_of
from training.sources.markdown.which_generator import generator_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
A = "_posts/2024-01-05-a.md"

Write = Callable[[dict[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files by path and content into a folder, and gives the folder."""

    def write(files: dict[str, str]) -> Path:
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return folder

    return write


def read(folder: Path, site: str | None = None) -> list[Item]:
    """Every item of a site."""
    return list(MarkdownSource(folder, site=site, now=NOW).read())


def posts(folder: Path, site: str | None = None) -> dict[str, Post]:
    """Id to post, of the posts of a site."""
    return {item.id: item for item in read(folder, site) if isinstance(item, Post)}


def only(folder: Path, site: str | None = None) -> Post:
    """The only item, which is a post."""
    (found,) = read(folder, site)
    assert isinstance(found, Post), found
    return found


def front(text: str) -> str:
    """A text with YAML front matter."""
    return f"---\n{text}\n---\nRye.\n"


# --- which generator ---


@pytest.mark.parametrize(
    ("files", "inner", "name"),
    [
        (["_config.yml", "_posts/a.md"], "", "Jekyll"),
        (["_config.yml", "_posts/a.md"], "_posts", "Jekyll"),
        (["_config.yml", "_posts/2020/a.md"], "_posts/2020", "Jekyll"),
        (["_posts/a.md"], "", "Jekyll"),
        (["_posts/a.md"], "_posts", "Jekyll"),
        (["hugo.toml", "content/a.md"], "", "Hugo"),
        (["config.yaml", "content/posts/a.md"], "content/posts", "Hugo"),
        (["config/_default/hugo.toml", "content/a.md"], "", "Hugo"),
        (["content/a.md"], "", "Hugo"),
        (["content/a.md"], "content", "Hugo"),
        (["a.md"], "", "a plain folder"),
        (["posts/a.md"], "posts", "a plain folder"),
        (["config.toml", "a.md"], "", "a plain folder"),
        (["_config.yml", "docs/a.md"], "docs", "a plain folder"),
    ],
)
def test_the_generator_is_told(write: Write, files: list[str], inner: str, name: str) -> None:
    """By the configuration in the folder or above it, else by a folder's name."""
    assert generator_of(write(dict.fromkeys(files, "")) / inner).name == name


def test_a_folder_within_a_site_gives_the_same_posts(write: Write) -> None:
    """Ids do not depend on which folder was named."""
    folder = write({"_config.yml": "permalink: pretty", f"blog/{A}": "Rye."})
    assert posts(folder) == posts(folder / "blog" / "_posts") != {}


@pytest.mark.parametrize(
    ("config", "message"),
    [("a: [", r"_config\.yml: line \d+: the YAML"), ("timezone: Mars", "no time zone 'Mars'")],
)
def test_a_broken_configuration_is_a_source_error(write: Write, config: str, message: str) -> None:
    """Every address depends on it."""
    with pytest.raises(SourceError, match=message):
        read(write({"_config.yml": config, A: "Rye."}))


@pytest.mark.parametrize("config", ["- a", "", "text", "url: 5\npermalink: [a]\ndefaults: x"])
def test_a_configuration_that_says_nothing_of_use(write: Write, config: str) -> None:
    """The defaults hold."""
    assert only(write({"_config.yml": config, A: "Rye."})).id == "/2024/01/05/a.html"


@pytest.mark.parametrize(
    ("given", "url", "folder", "base"),
    [
        (None, None, None, ""),
        (None, "https://b.example/", "", "https://b.example"),
        (None, "https://b.example", "/sub/", "https://b.example/sub"),
        (None, "", "/sub", "/sub"),
        (None, "/", "", ""),
        (None, "/sub/", "", "/sub"),
        (None, "javascript:x", "", ""),
        (None, "b.example", "", "/b.example"),
        (None, "http://[::1", "", ""),
        ("https://c.example/x/", "https://b.example", "/sub", "https://c.example/x"),
    ],
)
def test_bases(given: str | None, url: object, folder: object, base: str) -> None:
    """What the user gave says it all; else the configuration's."""
    assert base_of(given, url, folder) == base


# --- Jekyll ---


@pytest.mark.parametrize(
    ("config", "name", "text", "path"),
    [
        ("", A, "Rye.", "/2024/01/05/a.html"),
        ("permalink: pretty", A, "Rye.", "/2024/01/05/a/"),
        ("permalink: /:year/:month/:title/", A, "Rye.", "/2024/01/a/"),
        ("", "_posts/2024-1-5-A-b.md", "Rye.", "/2024/01/05/A-b.html"),
        ("", "_posts/24-01-05-a.md", "Rye.", "/2024/01/05/a.html"),
        ("", "_posts/98-01-05-a.md", "Rye.", "/1998/01/05/a.html"),
        ("", "_posts/sub/2024-01-05-a.markdown", "Rye.", "/2024/01/05/a.html"),
        ("", "Bread/rye/_posts/2024-01-05-a.md", "Rye.", "/bread/rye/2024/01/05/a.html"),
        ("", A, front("date: 2023-02-03"), "/2023/02/03/a.html"),
        ("", A, front("slug: x"), "/2024/01/05/x.html"),
        ("", A, front("categories: Rye bread"), "/rye/bread/2024/01/05/a.html"),
        ("", A, front("category: Rye bread"), "/rye%20bread/2024/01/05/a.html"),
        ("", A, front("permalink: /x/"), "/x/"),
        ("", A, front("permalink: none"), "/a.html"),
        ("", A, front("permalink: /:slug/:year"), "/a/2024"),
        ("", "_posts/2024-01-05-a.html", front("title: T"), "/2024/01/05/a.html"),
        ("timezone: Asia/Tokyo", A, front("date: 2023-02-02 20:00 +0000"), "/2023/02/03/a.html"),
        ("defaults: [{scope: {path: ''}, values: {permalink: /d/}}]", A, "Rye.", "/d/"),
        (
            "defaults: [{scope: {path: blog, type: posts}, values: {permalink: /d/}}]",
            f"blog/{A}",
            "Rye.",
            "/d/",
        ),
        (
            "defaults: [{scope: {path: '', type: pages}, values: {permalink: /d/}}]",
            A,
            "Rye.",
            "/2024/01/05/a.html",
        ),
    ],
)
def test_jekyll_addresses(write: Write, config: str, name: str, text: str, path: str) -> None:
    """By the configuration, the file's name and folder, and front matter, in this order."""
    post = only(write({"_config.yml": config, name: text}))
    assert post.id == post.url == path


def test_jekyll_gives_date_categories_and_language(write: Write) -> None:
    """From the name, the folders above, and the configuration; a naive date is the blog's."""
    config = "timezone: Europe/Berlin\nlang: de\nurl: https://b.example\nbaseurl: /sub"
    name = "Brot/_posts/2024-07-05-a.md"
    post = only(write({"_config.yml": config, name: front("categories: Roggen\ntags: a b")}))
    assert post.url == "https://b.example/sub/brot/roggen/2024/07/05/a.html"
    assert post.id == "/brot/roggen/2024/07/05/a.html"
    assert post.published == datetime(2024, 7, 4, 22, tzinfo=UTC)
    assert post.categories == ("Brot", "Roggen")
    assert post.tags == ("a", "b")
    assert post.language == "de"


def test_jekyll_skips_what_it_would_not_show(write: Write) -> None:
    """Drafts, unpublished and future posts, and files without a date in their name."""
    folder = write(
        {
            "_config.yml": "",
            "_drafts/a.md": "Rye.",
            "_posts/2024-01-05-b.md": front("published: false"),
            "_posts/2990-01-05-c.md": "Rye.",
            "_posts/d.md": "Rye.",
            "_posts/123-01-05-e.md": "Rye.",
            "_posts/2024-02-30-f.md": "Rye.",
            "about.md": "A page.",
            "_docs/g.md": "A collection.",
            "_posts/h.png": "",
        }
    )
    items = read(folder)
    assert [(item.place, item.reason) for item in items if isinstance(item, Skipped)] == [
        ("_drafts/a.md", "draft"),
        ("_posts/2024-01-05-b.md", "draft"),
        ("_posts/2990-01-05-c.md", "scheduled"),
        ("_posts/d.md", "no date in its name"),
    ]
    assert [item.place for item in items if isinstance(item, Problem)] == [
        "_posts/123-01-05-e.md",
        "_posts/2024-02-30-f.md",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("redirect_to: https://other.example/a", "redirect"),
        ("redirect_to: [/2024/b/]", "redirect"),
        ("redirect_to: /2024/b/\npublished: false", "draft"),
        ("redirect_to:", None),
        ("redirect_to: []", None),
        ("redirect_from: /old/", None),
    ],
)
def test_a_page_of_jekyll_that_leads_elsewhere_is_no_post(
    write: Write, text: str, reason: str | None
) -> None:
    """As jekyll-redirect-from makes it; a post that others lead to is one."""
    (found,) = read(write({"_config.yml": "", "_posts/2024-01-05-a.md": front(text)}))
    if reason is None:
        assert isinstance(found, Post)
    else:
        assert isinstance(found, Skipped)
        assert (found.reason, found.post_id) == (reason, "/2024/01/05/a.html")


def test_former_addresses_of_jekyll_are_below_its_base(write: Write) -> None:
    """``redirect_from``, one or several, from the root of the site."""
    config = "url: https://b.example\nbaseurl: /sub"
    for text in ("redirect_from: [/old/, older.html]", "redirect_from:\n- /old/\n- older.html"):
        post = only(write({"_config.yml": config, "_posts/2024-01-05-a.md": front(text)}))
        assert post.aliases == ("https://b.example/sub/old/", "https://b.example/sub/older.html")


def test_jekyll_shows_the_future_where_the_site_does(write: Write) -> None:
    """``future: true`` in the configuration."""
    folder = write({"_config.yml": "future: true", "_posts/2990-01-05-c.md": "Rye."})
    assert only(folder).id == "/2990/01/05/c.html"


def test_template_code_is_that_of_the_generator(write: Write) -> None:
    """Liquid in Jekyll; shortcodes in Hugo, and in a plain folder that may have been Hugo's."""
    text = "a {% b %} c {{ d }} e {{< f >}} g\n"
    assert only(write({"_config.yml": "", A: text})).html == "<p>a  c  e  g</p>"
    (hugo_post,) = posts(write({"x/hugo.toml": "", "x/content/p/a.md": text}) / "x").values()
    assert hugo_post.html == "<p>a {% b %} c {{ d }} e  g</p>"
    (plain_post,) = posts(write({"y/a.md": text}) / "y").values()
    assert plain_post.html == "<p>a {% b %} c {{ d }} e  g</p>"


# --- Hugo ---


@pytest.mark.parametrize(
    ("config", "name", "text", "path"),
    [
        ("", "posts/A b.md", "Rye.", "/posts/a-b/"),
        ("", "posts/2024/a.md", "Rye.", "/posts/2024/a/"),
        ("", "posts/a/index.md", "Rye.", "/posts/a/"),
        ("", "posts/a.md", front("slug: X y"), "/posts/x-y/"),
        ("", "posts/a/index.md", front("slug: x"), "/posts/x/"),
        ("", "posts/a.md", front("url: /x/y.html"), "/x/y.html"),
        ("", "posts/a.md", front("url: /x"), "/x"),
        ("", "posts/a.md", front("url: https://c.example/x"), "/posts/a/"),
        ("", "posts/a.html", front("title: T"), "/posts/a/"),
        ("", "a.md", front("date: 2024-01-05"), "/a/"),
        ("uglyURLs = true", "posts/a.md", "Rye.", "/posts/a.html"),
        ("disablePathToLower = true", "posts/A.md", "Rye.", "/posts/A/"),
        ("[permalinks]\nposts = '/:year/:slug/'", "posts/a.md",
         front("title: My T\ndate: 2024-01-05"), "/2024/my-t/"),
        ("[permalinks.page]\nposts = '/b/:contentbasename/'", "posts/a.md", "Rye.", "/b/a/"),
        ("[permalinks]\nnotes = '/:year/'", "posts/a.md", "Rye.", "/posts/a/"),
        ("contentDir = 'texts'", "../texts/posts/a.md", "Rye.", "/posts/a/"),
    ],
)  # fmt: skip
def test_hugo_addresses(write: Write, config: str, name: str, text: str, path: str) -> None:
    """By sections, ``permalinks``, and front matter."""
    post = only(write({"hugo.toml": config, "content/.keep": "", f"content/{name}": text}))
    assert post.id == post.url == path


@pytest.mark.parametrize(
    ("config", "text", "reason"),
    [
        ("", "draft: true", "draft"),
        ("", "publishDate: 2990-01-01\ndate: 2024-01-01", "scheduled"),
        ("", "date: 2990-01-01", "scheduled"),
        ("", "expiryDate: 2024-01-01", "expired"),
        ("", "headless: true", "hidden"),
        ("", "_build: {render: never}", "hidden"),
        ("mainSections = ['notes']", "title: T", "page"),
        ("[params]\nmainSections = ['notes']", "title: T", "page"),
    ],
)
def test_hugo_skips_what_it_would_not_build(
    write: Write, config: str, text: str, reason: str
) -> None:
    """Drafts, future and expired pages, and what is no post."""
    (item,) = read(write({"hugo.toml": config, "content/posts/a.md": front(text)}))
    assert isinstance(item, Skipped)
    assert item.reason == reason


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("buildDrafts", "draft: true"),
        ("buildFuture", "publishDate: 2990-01-01"),
        ("buildExpired", "expiryDate: 2024-01-01"),
    ],
)
def test_hugo_builds_what_the_site_asks_for(write: Write, key: str, text: str) -> None:
    """The configuration's own switches are followed."""
    folder = write({"hugo.toml": f"{key} = true", "content/posts/a.md": front(text)})
    assert only(folder).id == "/posts/a/"


CASCADE = "cascade:\n  draft: true"


@pytest.mark.parametrize(
    ("file", "given", "name", "own", "hidden"),
    [
        ("content/posts/_index.md", CASCADE, "posts/deep/a.md", "", "draft"),
        ("content/_index.md", CASCADE, "posts/a/index.md", "", "draft"),
        ("content/posts/_index.md", CASCADE, "posts/a.md", "draft: false", ""),
        ("content/notes/_index.md", CASCADE, "posts/a.md", "", ""),
        ("content/posts/_index.md", "draft: true", "posts/a.md", "", ""),
        (
            "content/posts/_index.md",
            "cascade: {build: {render: never}}",
            "posts/a.md",
            "",
            "hidden",
        ),
        (
            "content/posts/_index.md",
            "cascade: {params: {private: true}}",
            "posts/a.md",
            "",
            "private",
        ),
        (
            "content/_index.md",
            "cascade:\n- draft: true\n  target: {path: '/{notes,posts}/old*/**'}",
            "posts/Old-ones/a.md",
            "",
            "draft",
        ),
        (
            "content/_index.md",
            "cascade:\n- draft: true\n  _target: {path: '/posts/*'}",
            "posts/x/a.md",
            "",
            "",
        ),
        (
            "content/_index.md",
            "cascade:\n- draft: true\n  target: {kind: section}",
            "posts/a.md",
            "",
            "",
        ),
        (
            "content/_index.md",
            "cascade:\n- draft: true\n  target: {environment: staging}",
            "posts/a.md",
            "",
            "",
        ),
    ],
)
def test_hugo_folders_give_their_pages_front_matter(
    write: Write, file: str, given: str, name: str, own: str, hidden: str
) -> None:
    """The nearest folder wins, and a page's own word over it; a folder's own says nothing."""
    files = {"hugo.toml": "", file: front(given), f"content/{name}": front(own or "title: T")}
    found = [item for item in read(write(files)) if "_index" not in getattr(item, "place", "")]
    (item,) = found
    assert (item.reason if isinstance(item, Skipped) else "") == hidden


def test_hugo_configuration_gives_pages_front_matter(write: Write) -> None:
    """The site comes before every folder, and languages are told apart."""
    config = "[languages.en]\n[languages.de]\n[[cascade]]\ntags = ['all']\nauthor = 'Ada'\n"
    folder = write(
        {
            "hugo.toml": config,
            "content/posts/_index.md": front("cascade: {author: Bob}"),
            "content/posts/_index.de.md": front("cascade: {author: Eva}"),
            "content/posts/a.md": front("tags: [own]"),
            "content/posts/a.de.md": front("title: T"),
        }
    )
    assert {one.id: (one.tags, one.author) for one in posts(folder).values()} == {
        "/posts/a/": (("own",), "Bob"),
        "/de/posts/a/": (("all",), "Eva"),
    }


def test_hugo_pages_below_a_broken_list_may_be_drafts(write: Write) -> None:
    """They are told, and nothing of them is shown."""
    files = {"hugo.toml": "", "content/posts/_index.md": "---\ncascade: [\n---\n"}
    items = read(write(files | {"content/posts/a.md": front("title: T")}))
    (problem,) = (item for item in items if isinstance(item, Problem))
    assert "content/posts/_index.md, which may say that it is a draft" in problem.reason


@pytest.mark.parametrize(
    ("config", "name", "reason"),
    [
        ("hugo.toml", "content/posts/a.org", "Org mode"),
        ("hugo.toml", "content/posts/a/index.adoc", "AsciiDoc"),
        ("_config.yml", "_posts/2024-01-05-a.textile", "Textile"),
    ],
)
def test_posts_in_other_markup_are_counted(
    write: Write, config: str, name: str, reason: str
) -> None:
    """They are on the site and not in the archive, which must not go unsaid."""
    assert read(write({config: "", name: "* Rye"})) == [Skipped(name, reason)]


def test_hugo_lists_and_pages_are_no_posts(write: Write) -> None:
    """``_index``, an undated text at the top, and the files of a bundle."""
    folder = write(
        {
            "hugo.toml": "",
            "content/_index.md": "",
            "content/about.md": "Me.",
            "content/contact/index.md": "Me.",
            "content/posts/_index.de.md": "",
            "content/posts/a/index.md": "Rye.",
            "content/posts/a/notes.md": "A file of the bundle.",
            "content/posts/a/more/x.md": "Another.",
            "archetypes/default.md": front("title: {{ .Name }}"),
            "README.md": "A site.",
            "themes/t/content/posts/x.md": "Not ours.",
        }
    )
    (folder / "hugo.toml").write_text("[languages.en]\n[languages.de]\n")
    items = read(folder)
    assert [item.id for item in items if isinstance(item, Post)] == ["/posts/a/"]
    assert [(item.place, item.reason) for item in items if isinstance(item, Skipped)] == [
        ("content/_index.md", "list of posts"),
        ("content/about.md", "page"),
        ("content/contact/index.md", "page"),
        ("content/posts/_index.de.md", "list of posts"),
    ]


def test_hugo_languages_by_name(write: Write) -> None:
    """The default language has no folder of its own; translations are one group."""
    config = "baseURL = 'https://b.example/'\n[languages.en]\n[languages.de]\n"
    files = {"content/posts/a.md": "Rye.", "content/posts/a.de.md": "Roggen.",
             "content/posts/a.js.md": "Not a language."}  # fmt: skip
    found = posts(write({"hugo.toml": config, **files}))
    assert {post.url: post.language for post in found.values()} == {
        "https://b.example/posts/a/": "en",
        "https://b.example/de/posts/a/": "de",
        "https://b.example/posts/a.js/": "en",
    }
    assert found["/posts/a/"].translation_group == found["/de/posts/a/"].translation_group != ""
    assert found["/posts/a.js/"].translation_group != found["/posts/a/"].translation_group


def test_hugo_languages_by_folder(write: Write) -> None:
    """Each may have its own content folder; ``url`` without a slash is within it."""
    config = (
        "defaultContentLanguage: de\ndefaultContentLanguageInSubdir: true\nlanguages:\n"
        "  de: {contentDir: content/de}\n  en: {contentDir: content/en}\n"
    )
    files = {
        "content/de/posts/a.md": "Roggen.",
        "content/en/posts/a.md": "Rye.",
        "content/en/posts/b.md": front("url: x/"),
        "content/en/posts/c.md": front("url: /x/\ntranslationKey: k"),
    }
    found = posts(write({"config.yaml": config, **files}))
    assert {path: post.language for path, post in found.items()} == {
        "/de/posts/a/": "de",
        "/en/posts/a/": "en",
        "/en/x/": "en",
        "/x/": "en",
    }
    assert found["/de/posts/a/"].translation_group == found["/en/posts/a/"].translation_group
    assert found["/x/"].translation_group == "k"


def test_hugo_of_one_language(write: Write) -> None:
    """Its language is said where the site says it, and no post has a translation."""
    post = only(write({"hugo.toml": "languageCode = 'en-GB'", "content/posts/a.md": "Rye."}))
    assert (post.language, post.translation_group) == ("en-gb", "")


def test_hugo_configuration_in_a_folder(write: Write) -> None:
    """One file a key."""
    folder = write(
        {
            "config/_default/hugo.toml": "baseURL = 'https://b.example/sub/'",
            "config/_default/permalinks.toml": "posts = '/:year/:contentbasename/'",
            "config/_default/languages.toml": "[en]\n[de]\n",
            "content/posts/a.de.md": front("date: 2024-01-05"),
        }
    )
    assert only(folder).url == "https://b.example/sub/de/2024/a/"


def test_hugo_dates_in_names(write: Write) -> None:
    """The name dates a text that does not; it is cut off where the site says so."""
    name = "content/posts/2024-01-05-a.md"
    post = only(write({"hugo.toml": "timeZone = 'Europe/Berlin'", name: "Rye."}))
    assert post.id == "/posts/2024-01-05-a/"
    assert post.published == datetime(2024, 1, 4, 23, tzinfo=UTC)
    config = "[frontmatter]\ndate = [':filename', ':default']"
    assert only(write({"hugo.toml": config, name: "Rye."})).id == "/posts/a/"


def test_hugo_aliases_and_pictures_of_a_bundle(write: Write) -> None:
    """A relative alias stands beside the page, a relative picture lies in its folder."""
    text = front("aliases: [/old/, older/]\nimage: a.jpg")
    post = only(write({"hugo.toml": "", "content/posts/a/index.md": text}), "https://b.example/s")
    assert post.aliases == ("https://b.example/s/old/", "https://b.example/s/posts/older/")
    assert post.image is not None
    assert post.image.src == "https://b.example/s/posts/a/a.jpg"
