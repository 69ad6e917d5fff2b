"""A folder of Markdown: fields, what is never shown, and files that are broken or hostile."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import post_from_json, post_to_json
from training.sources.base import Item, Problem, Skipped
from training.sources.markdown import folder as markdown
from training.sources.markdown.folder import MarkdownSource

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "blog"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files by path and content into a folder, and gives the folder."""

    def write(files: dict[str, str | bytes]) -> Path:
        folder = tmp_path / "blog"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write


def read(folder: Path, site: str | None = None) -> list[Item]:
    """Every item of a folder."""
    return list(MarkdownSource(folder, site=site, now=NOW).read())


def only(folder: Path, site: str | None = None) -> Post:
    """The only item, which is a post."""
    (found,) = read(folder, site)
    assert isinstance(found, Post), found
    return found


def front(text: str, body: str = "Rye.\n") -> str:
    """A text with YAML front matter."""
    return f"---\n{text}\n---\n{body}"


# --- fields ---


def test_a_post_has_what_its_front_matter_says(write: Write) -> None:
    """Every field, in YAML with nothing guessed."""
    text = front(
        "title: Rye &amp; *water*\nDate: 2024-01-05 09:00:00 +0900\nlast_modified_at: 2024-02-01\n"
        "author: {name: Nora}\ntags: [no, 1.10, 010]\ncategories: [Bread]\nlang: pt_BR\n"
        "description: How <em>rye</em> works\nredirect_from: [/old/, older/]\naliases: oldest/\n"
        "translation_key: rye\nimage: {src: /a.jpg, width: 640, height: 400px, alt: A loaf}\n"
    )
    assert only(write({"posts/rye.md": text})) == Post(
        id="/posts/rye/",
        url="/posts/rye/",
        title="Rye & *water*",
        html="<p>Rye.</p>",
        tags=("no", "1.10", "010"),
        categories=("Bread",),
        author="Nora",
        language="pt-br",
        published=datetime(2024, 1, 5, 9, tzinfo=timezone(timedelta(hours=9))),
        updated=datetime(2024, 2, 1, tzinfo=UTC),
        image=Image("/a.jpg", 640, 400, "A loaf"),
        excerpt="How rye works",
        slug="rye",
        aliases=("/old/", "/older/", "/posts/oldest/"),
        translation_group="rye",
        extra={"file": "posts/rye.md"},
    )


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("author: Nora", "Nora"),
        ("authors: [Nora, Tomas]", "Nora, Tomas"),
        ("author: [{name: Nora}, {title: Tomas}]", "Nora, Tomas"),
        ("author: [[Nora], Tomas]", "Nora, Tomas"),
        ("author: true", ""),
        ("author: &a [*a]", ""),
    ],
)
def test_authors_in_any_shape(write: Write, text: str, author: str) -> None:
    """A name, several, objects, or nothing of use."""
    assert only(write({"a.md": front(text)})).author == author


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("tags: rye", ("rye",)),
        ("tags: rye bread, water", ("rye bread", "water")),
        ("tags:\n  - rye\n  - rye\n  -\n  - name: water", ("rye", "water")),
        ("topics: [rye]", ("rye",)),
        ("tags: [water]\ntopics: [rye]", ("water",)),
        ("tag: rye", ("rye",)),
        ("tags: {a: b}", ()),
        ("tags: [[[a]]]", ()),
    ],
)
def test_tags_in_any_shape(write: Write, text: str, tags: tuple[str, ...]) -> None:
    """Topics stand for tags where there are none."""
    assert only(write({"a.md": front(text)})).tags == tags


@pytest.mark.parametrize(
    ("text", "src"),
    [
        ("image: /a.jpg", "https://b.example/a.jpg"),
        ("image: a.jpg", "https://b.example/post/a.jpg"),
        ("image: https://c.example/a.jpg", "https://c.example/a.jpg"),
        ("featured_image: {url: /a.jpg}", "https://b.example/a.jpg"),
        ("cover: {path: /a.jpg, caption: x}", "https://b.example/a.jpg"),
        ("cover: {image: /a.jpg}", "https://b.example/a.jpg"),
        ("images: [/a.jpg, /b.jpg]", "https://b.example/a.jpg"),
        ("image: []\ncover: /a.jpg", "https://b.example/a.jpg"),
        ("image: {uid: abc}", None),
        ("image: 'javascript:alert(1)'", None),
        ("image: 'data:image/png;base64,AA'", None),
        ("image: 'http://[::1'", None),
        ("image: true", None),
    ],
)
def test_pictures_in_any_shape(write: Write, text: str, src: str | None) -> None:
    """Relative ones start from the post; what is no address is left out."""
    image = only(write({"post.md": front(text)}), "https://b.example/").image
    assert (image.src if image else None) == src


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (front("title: T", "# Head"), "T"),
        ("# Head *one*\n\nRye.", "Head one"),
        ("Rye.\n\n# Later", "My post"),
        (front("title:", ""), "My post"),
    ],
)
def test_titles(write: Write, text: str, title: str) -> None:
    """Front matter's, else the heading the text begins with, else the name of the file."""
    assert only(write({"2024-01-05-my-post.md": text})).title == title


@pytest.mark.parametrize(
    "text", ["+++\ntitle = 'T'\ndate = 2024-01-05T00:00:00Z\ntags = ['a']\n+++\nRye.",
             '{"title": "T", "date": "2024-01-05", "tags": ["a"]}\nRye.',
             "\ufeff---\r\ntitle: T\r\ndate: 2024-01-05\r\ntags: a\r\n...\r\nRye."]
)  # fmt: skip
def test_every_kind_of_front_matter(write: Write, text: str) -> None:
    """YAML, TOML and JSON say the same."""
    post = only(write({"a.md": text}))
    assert (post.title, post.tags, post.html) == ("T", ("a",), "<p>Rye.</p>")
    assert post.published == datetime(2024, 1, 5, tzinfo=UTC)


# --- a plain folder ---


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("a.md", "", "/a/"),
        ("A B/日本.markdown", "", "/A%20B/%E6%97%A5%E6%9C%AC/"),
        ("a/index.md", "", "/a/"),
        ("a/README.md", "", "/a/"),
        ("a/b.mdx", "", "/a/b/"),
        ("a/b.md", front("slug: c"), "/a/c/"),
        ("a/b.md", front("permalink: /x/y.html"), "/x/y.html"),
        ("a/b.md", front("url: x"), "/x"),
        ("a/b.md", front("url: https://elsewhere.example/x"), "/a/b/"),
        ("a/b.html", front("title: T", "<p>x</p>"), "/a/b/"),
    ],
)
def test_a_path_is_the_address(write: Write, name: str, text: str, path: str) -> None:
    """Unless front matter says another."""
    post = only(write({name: text}))
    assert post.id == post.url == path


def test_the_site_comes_before_the_path_but_not_into_the_id(write: Write) -> None:
    """So a blog that moves keeps its ids."""
    post = only(write({"a.md": "Rye."}), "https://b.example/sub/")
    assert (post.id, post.url) == ("/a/", "https://b.example/sub/a/")


def test_an_id_stays_when_the_text_changes(write: Write) -> None:
    """Title, date and body are not part of it."""
    before = only(write({"a.md": front("title: A\ndate: 2020-01-01")}))
    after = only(write({"a.md": front("title: B\ndate: 2021-01-01", "New.")}))
    assert before.id == after.id


# --- what is never shown ---


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.md", "draft: true", "draft"),
        ("a.md", "draft: 'yes'", "draft"),
        ("a.md", "published: false", "draft"),
        ("a.md", "published: no", "draft"),
        ("a.md", "status: Draft", "draft"),
        ("a.md", "status: private", "private"),
        ("a.md", "private: true", "private"),
        ("a.md", "hidden: true", "hidden"),
        ("a.md", "password: 010", "password-protected"),
        ("a.md", "build: {render: never}", "hidden"),
        ("a.md", "date: 2990-01-01", "scheduled"),
        ("2990-01-01-a.md", "title: A", "scheduled"),
    ],
)
def test_what_is_not_public_is_skipped(write: Write, name: str, text: str, reason: str) -> None:
    """With its id, so that an older row goes."""
    path = f"/{name.removesuffix('.md')}/"
    assert read(write({name: front(text)})) == [Skipped(name, reason, path)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("_drafts/a.md", "draft"),
        ("posts/_index.md", "list of posts"),
        ("README.md", "page"),
        ("index.md", "page"),
        ("CHANGELOG.md", "page"),
    ],
)
def test_what_is_no_post_is_skipped(write: Write, name: str, reason: str) -> None:
    """By its name alone, without a look inside."""
    assert read(write({name: "---\nbroken: ["})) == [Skipped(name, reason)]


def test_published_may_say_when_or_whether(write: Write) -> None:
    """A date is a date, yes is no date."""
    folder = write({"a.md": front("published: 2024-01-05"), "b.md": front("published: true")})
    first, second = read(folder)
    assert isinstance(first, Post)
    assert isinstance(second, Post)
    assert first.published == datetime(2024, 1, 5, tzinfo=UTC)
    assert second.published is None


def test_other_folders_are_passed_over(write: Write) -> None:
    """Hidden ones, programs, and what a generator wrote."""
    ignored = [".git", ".obsidian", "node_modules", "_site", "public", "vendor", "a/node_modules"]
    files = {f"{folder}/x.md": "Rye." for folder in ignored}
    files |= {".x.md": "Rye.", "a.txt": "Rye.", "page.html": "<p>no front matter</p>"}
    files |= {"posts/public/a.md": "Kept: only the folder at the top is written to."}
    assert [item.id for item in read(write(files)) if isinstance(item, Post)] == [
        "/posts/public/a/"
    ]


# --- what is broken ---


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (front("title: A\nFoo: bar: baz"), "a.md line 3", "not valid"),
        (front("title: {{ x }}"), "a.md line 2", "not valid"),
        ("---\ntitle: A\n", "a.md line 1", "never ends"),
        ("+++\na = \n+++\n", "a.md line 2", "not valid"),
        (b"---\ntitle: A\n---\nZo\xeb", "a.md line 4", "not UTF-8"),
        ("Zoë".encode("utf-16"), "a.md line 1", "not UTF-8"),
        (front("date: soon"), "a.md", "date is 'soon'"),
        (front("date: [a]"), "a.md", "date is an array"),
    ],
)
def test_a_broken_text_is_a_problem_and_the_rest_goes_on(
    write: Write, content: str | bytes, place: str, reason: str
) -> None:
    """File, line and reason are told."""
    problem, whole = read(write({"a.md": content, "b.md": "Rye."}))
    assert isinstance(problem, Problem)
    assert problem.place == place
    assert reason in problem.reason
    assert isinstance(whole, Post)


def test_two_texts_of_one_address_are_a_problem(write: Write) -> None:
    """The first one stays, and the message names it."""
    first, second = read(write({"a.md": front("slug: c"), "b.md": front("slug: c")}))
    assert isinstance(first, Post)
    assert isinstance(second, Problem)
    assert second.post_id == "/c/"
    assert "a.md" in second.reason


def test_a_text_that_is_too_long_is_a_problem(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not read at all."""
    monkeypatch.setattr(markdown, "MAX_FILE_BYTES", 1 << 20)
    (problem,) = read(write({"a.md": "x" * ((1 << 20) + 1)}))
    assert isinstance(problem, Problem)
    assert "longer than 1 MiB" in problem.reason


def test_links_do_not_lead_out_of_the_folder(write: Write, tmp_path: Path) -> None:
    """A file outside is not read, a link to a folder not followed, one within is a file."""
    folder = write({"real.md": "Rye.", "sub/b.md": "Rye."})
    (tmp_path / "outside.md").write_text("secret")
    (folder / "out.md").symlink_to(tmp_path / "outside.md")
    (folder / "in.md").symlink_to(folder / "real.md")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "self.md").symlink_to(folder / "self.md")
    (folder / "gone.md").symlink_to(folder / "absent.md")
    items = {getattr(item, "place", getattr(item, "id", "")): item for item in read(folder)}
    assert sorted(items) == ["/in/", "/real/", "/sub/b/", "gone.md", "out.md", "self.md"]
    assert items["out.md"] == Skipped("out.md", "link out of the folder")
    assert isinstance(items["self.md"], Problem)
    assert isinstance(items["gone.md"], Problem)


def test_a_pipe_is_not_waited_for(write: Write) -> None:
    """Only regular files are opened (else this hangs)."""
    folder = write({})
    os.mkfifo(folder / "a.md")
    (folder / "b.md").mkdir()
    (problem,) = read(folder)
    assert isinstance(problem, Problem)
    assert "not a regular file" in problem.reason


def test_a_name_that_is_not_utf8_is_a_problem(write: Write) -> None:
    """It has no address, and can still be printed."""
    folder = write({})
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("Rye.")
    except OSError:
        pytest.skip("this file system keeps no such names")
    (problem,) = read(folder)
    assert isinstance(problem, Problem)
    assert problem.place.encode().isascii()


def test_a_folder_that_is_none_is_a_source_error(write: Write) -> None:
    """A file, or nothing."""
    folder = write({"a.md": "Rye."})
    for place in (folder / "a.md", folder / "absent"):
        with pytest.raises(SourceError):
            read(place)


def test_a_folder_that_cannot_be_listed_is_a_source_error(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its posts would look as if they had been deleted."""
    folder = write({"a/b.md": "Rye."})
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(SourceError, match="may not be read"):
        read(folder)


def test_an_empty_folder_holds_nothing(write: Write) -> None:
    """That this is an error is decided where the whole archive is seen."""
    assert read(write({})) == []


def test_control_characters_are_no_text(write: Write) -> None:
    """Neither from the file nor escaped in JSON front matter."""
    post = only(write({"a.md": '{"title": "A\\u0000B\\ud800"}\nRye\x00\x1c.'}))
    assert post.html == "<p>Rye.</p>"
    assert post.title == "A\ufffdB\ufffd"


def test_order_is_by_path(write: Write) -> None:
    """Whatever order the disk has."""
    names = ["b.md", "a.md", "c/a.md", "c/b/z.md", "10.md", "9.md"]
    files = [str(item.extra["file"]) for item in read(write(dict.fromkeys(names, "Rye.")))
             if isinstance(item, Post)]  # fmt: skip
    assert files == ["10.md", "9.md", "a.md", "b.md", "c/a.md", "c/b/z.md"]


PIECES = st.sampled_from(
    [b"---\n", b"+++\n", b"title: T\n", b"date: ", b"2024-01-05\n", b"tags: [a, b]\n", b"image:\n",
     b"  src: /a\n", b"{", b"}", b'"a": ', b"[", b"&a ", b"*a\n", b"slug: ", b"url: ", b"aliases: ",
     b"draft: ", b"true\n", b"# ", b"\xff", b"\x00", b"{{<", b">}}", b"{%", b"%}", b"//",
     b"\xef\xbb\xbf",
     b"permalink: ", b";;;\n", b"categories: [[a], b]\n", b"{filename}", b"@/a.md", b"(a.md)",
     b"taxonomies: ", b"path: ", b"status: ", b"date: 2024-01-05\n", b"{% post_link a %}", b"<A ",
     b"author:\n", b"- ", b"lang: en\n", b"categories: "]
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(
    st.lists(PIECES | st.binary(max_size=6), max_size=15).map(b"".join),
    st.sampled_from(
        [
            *(("", "_posts/2020-01-02-a.md"), ("", "content/a/b.md"), ("", "a.md"), ("", "a.mdx")),
            *(
                ("", "a.html"),
                ("_config.yml", "source/_posts/a.md"),
                ("zola.toml", "content/a/b.md"),
            ),
            *(("pelicanconf.py", "content/a.md"), ("astro.config.mjs", "src/content/blog/a.mdx")),
            *(("gatsby-config.js", "content/blog/a.md"), (".eleventy.js", "blog/a.md")),
        ]
    ),
    st.booleans(),
)
def test_any_bytes_are_items(content: bytes, site: tuple[str, str], is_framed: bool) -> None:
    """No exception, whatever a text holds and whatever makes the site; a post is clean."""
    config, name = site
    if is_framed:
        content = b"---\n" + content + b"\n---\nRye.\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if config:
            (Path(folder) / config).touch()
        path.write_bytes(content)
        for item in read(Path(folder), "https://b.example"):
            if isinstance(item, Post):
                assert post_from_json(post_to_json(item)) == item


# --- real folders ---


def test_the_bundled_archive_is_whole() -> None:
    """Every text of it is a post or skipped for a reason."""
    items = read(EXAMPLE)
    assert [item for item in items if isinstance(item, Problem)] == []
    posts = [item for item in items if isinstance(item, Post)]
    assert len(posts) >= 60
    assert all(post.image and post.published and post.excerpt for post in posts)


def test_a_real_hugo_site(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2,084 files; most are expired, unless the site builds what is."""
    with tarfile.open(shared / "exports" / "digitalgov-hugo.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    counts = Counter(getattr(item, "reason", "post") for item in read(tmp_path))
    assert counts == {"post": 448, "expired": 1634, "list of posts": 1, "draft": 1}
    # Which are posts does not depend on their bodies.
    monkeypatch.setattr(markdown, "render", lambda text, **options: text)
    (tmp_path / "hugo.toml").write_text("buildExpired = true\n")
    counts = Counter(getattr(item, "reason", "post") for item in read(tmp_path))
    assert counts == {"post": 2082, "list of posts": 1, "draft": 1}
