"""What every source promises, whatever its format.

A new source joins by adding one function that writes the same small blog in its
format, and one line in ``BLOGS``. The blog holds two public posts, ``One`` (tagged
``bread``, of 2 January 2024) and ``Two`` (of 2 February 2024), a draft, a post that
is dated in the year 2990, and a post that is broken.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from related_posts.archive import Archive, Counts
from related_posts.errors import RelatedPostsError, SourceError
from related_posts.posts import Post
from related_posts.schema import post_from_json, post_to_bytes, post_to_json
from related_posts.text.html import prose
from training.read import read_sources
from training.sources import FORMATS, detect, open_source
from training.sources.base import Item, Problem, Progress, Skipped, Source, no_progress

Writer = Callable[[Path], Path]

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SITE = "https://blog.example"


def write_jsonl(folder: Path) -> Path:
    """The blog as JSON Lines; the broken post is cut off."""
    path = folder / "posts.jsonl"
    path.write_text(
        '{"id": 1, "url": "/one/", "title": "One", "html": "<p>Rye.</p>", "tags": ["bread"], '
        '"published": "2024-01-02"}\n'
        '{"id": 2, "url": "/two/", "title": "Two", "published": "2024-02-02"}\n'
        '{"id": 3, "url": "/three/", "title": "Three", "draft": true}\n'
        '{"id": 4, "url": "/four/", "title": "Four", "published": "2990-01-01"}\n'
        '{"id": 5, "url": "/five/", "title": "Fi\n'
    )
    return path


def write_wxr(folder: Path) -> Path:
    """The blog as a WordPress export; the broken post has no id."""

    def item(number: str, title: str, date: str, status: str = "publish", more: str = "") -> str:
        return (
            f"<item><title><![CDATA[{title}]]></title><link>{SITE}/{title.lower()}/</link>"
            f"<content:encoded><![CDATA[Rye.]]></content:encoded><excerpt:encoded/>"
            f"<wp:post_id>{number}</wp:post_id><wp:post_date_gmt>{date}</wp:post_date_gmt>"
            f"<wp:post_name>{title.lower()}</wp:post_name><wp:status>{status}</wp:status>"
            f"<wp:post_type>post</wp:post_type><wp:post_password/>{more}</item>\n"
        )

    tag = '<category domain="post_tag" nicename="bread"><![CDATA[bread]]></category>'
    path = folder / "export.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" '
        'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Blog</title>'
        f"<link>{SITE}</link><wp:wxr_version>1.2</wp:wxr_version>"
        f"<wp:base_site_url>{SITE}</wp:base_site_url><wp:base_blog_url>{SITE}</wp:base_blog_url>\n"
        + item("1", "One", "2024-01-02 00:00:00", more=tag)
        + item("2", "Two", "2024-02-02 00:00:00")
        + item("3", "Three", "0000-00-00 00:00:00", "draft")
        + item("4", "Four", "2990-01-01 00:00:00")
        + item("", "Five", "2024-03-02 00:00:00")
        + "</channel></rss>\n"
    )
    return path


def write_markdown(folder: Path) -> Path:
    """The blog as a folder of Markdown; the broken post's front matter is no YAML."""
    posts = {
        "2024-01-02-one.md": "---\ntitle: One\ntags: [bread]\n---\nRye.\n",
        "2024-02-02-two.md": "---\ntitle: Two\n---\nRye.\n",
        "2024-03-02-three.md": "---\ntitle: Three\npublished: false\n---\nRye.\n",
        "2990-01-01-four.md": "---\ntitle: Four\n---\nRye.\n",
        "2024-03-02-five.md": "---\ntitle: [Five\n---\nRye.\n",
    }
    path = folder / "blog"
    (path / "_posts").mkdir(parents=True)
    (path / "_config.yml").write_text("title: Blog\n")
    for name, content in posts.items():
        (path / "_posts" / name).write_text(content)
    return path


def write_blogger(folder: Path) -> Path:
    """The blog as Blogger's Takeout has it; the broken post has no status."""

    def entry(number: int, title: str, date: str, status: str = "LIVE", more: str = "") -> str:
        return (
            f"<entry><id>tag:blogger.com,1999:blog-9.post-{number}</id>"
            f"<blogger:type>POST</blogger:type><blogger:status>{status}</blogger:status>"
            f"<title>{title}</title><content type='html'>&lt;p&gt;Rye.&lt;/p&gt;</content>"
            f"<published>{date}T00:00:00Z</published>{more}"
            f"<blogger:filename>/{title.lower()}.html</blogger:filename></entry>\n"
        )

    tag = "<category scheme='tag:blogger.com,1999:blog-9' term='bread'/>"
    path = folder / "feed.atom"
    path.write_text(
        "<?xml version='1.0' encoding='utf-8'?>\n<feed xmlns='http://www.w3.org/2005/Atom' "
        "xmlns:blogger='http://schemas.google.com/blogger/2018'>"
        "<id>tag:blogger.com,1999:blog-9</id><title>Blog</title>\n"
        + entry(1, "One", "2024-01-02", more=tag)
        + entry(2, "Two", "2024-02-02")
        + entry(3, "Three", "2024-03-02", "DRAFT")
        + entry(4, "Four", "2990-01-01")
        + entry(5, "Five", "2024-03-02", "")
        + "</feed>\n"
    )
    return path


def write_ghost(folder: Path) -> Path:
    """The blog as a Ghost export; the broken post has no slug."""

    def row(number: int, title: str, date: str, status: str = "published") -> dict[str, object]:
        return {
            "id": f"{number:024x}",
            "title": title,
            "slug": "" if title == "Five" else title.lower(),
            "html": "<p>Rye.</p>",
            "type": "post",
            "status": status,
            "visibility": "public",
            "published_at": f"{date}T00:00:00.000Z",
        }

    data = {
        "posts": [
            row(1, "One", "2024-01-02"),
            row(2, "Two", "2024-02-02"),
            row(3, "Three", "2024-03-02", "draft"),
            row(4, "Four", "2990-01-01"),
            row(5, "Five", "2024-03-02"),
        ],
        "tags": [{"id": "t", "name": "bread", "visibility": "public"}],
        "posts_tags": [{"post_id": f"{1:024x}", "tag_id": "t", "sort_order": 0}],
    }
    path = folder / "blog.ghost.json"
    path.write_text(json.dumps({"db": [{"meta": {"version": "5.80.0"}, "data": data}]}))
    return path


def write_substack(folder: Path) -> Path:
    """The blog as Substack's export; the broken post's text is missing."""
    path = folder / "substack"
    (path / "posts").mkdir(parents=True)
    (path / "posts.csv").write_text(
        "post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle,podcast_url\n"
        "1.one,2024-01-02T00:00:00.000Z,true,,newsletter,everyone,One,,\n"
        "2.two,2024-02-02T00:00:00.000Z,true,,newsletter,everyone,Two,,\n"
        "3.three,,false,,newsletter,everyone,Three,,\n"
        "4.four,2990-01-01T00:00:00.000Z,true,,newsletter,everyone,Four,,\n"
        "5.five,2024-03-02T00:00:00.000Z,true,,newsletter,everyone,Five,,\n"
    )
    for name in ("1.one", "2.two", "4.four"):
        (path / "posts" / f"{name}.html").write_text("<p>Rye.</p>")
    return path


def write_medium(folder: Path) -> Path:
    """The blog as Medium's export; the broken story is cut off."""
    path = folder / "medium"
    (path / "posts").mkdir(parents=True)
    for number, title, date in (
        (1, "One", "2024-01-02"),
        (2, "Two", "2024-02-02"),
        (3, "Three", ""),
        (4, "Four", "2990-01-01"),
        (5, "Five", "2024-03-02"),
    ):
        slug = f"{title.lower()}-{number:012x}"
        content = (
            f"<!DOCTYPE html><html><head><title>{title}</title></head><body>"
            f'<article class="h-entry"><header><h1 class="p-name">{title}</h1></header>'
            '<section data-field="body" class="e-content"><section name="a" class="section">'
            f'<h3 class="graf graf--h3 graf--title">{title}</h3><p class="graf">Rye.</p></section>'
            f'</section><footer><p>By <a href="{SITE}/@ada" class="p-author h-card">Ada</a> on '
            f'<a href="https://medium.com/p/{number:012x}"><time class="dt-published" '
            f'datetime="{date}T00:00:00.000Z">a day</time></a>.</p><p><a href="{SITE}/{slug}" '
            'class="p-canonical">Canonical link</a></p></footer></article></body></html>'
        )
        name = f"{date}_{slug}.html" if date else f"draft_{slug}.html"
        (path / "posts" / name).write_text(content[: 300 if title == "Five" else None])
    return path


def write_csv(folder: Path) -> Path:
    """The blog as a table; the broken row is cut off."""
    path = folder / "posts.csv"
    path.write_text(
        "ID,Permalink,Title,Content,Tags,Date,Status\n"
        "1,/one/,One,<p>Rye.</p>,bread,2024-01-02,publish\n"
        "2,/two/,Two,<p>Rye.</p>,,2024-02-02,publish\n"
        "3,/three/,Three,,,,draft\n"
        "4,/four/,Four,,,2990-01-01,publish\n"
        "5,/five/,Fi"
    )
    return path


def write_feed(folder: Path) -> Path:
    """The blog as an Atom feed; the broken post has neither an id nor a link."""

    def entry(title: str, date: str, more: str = "") -> str:
        link = f'<id>tag:{title}</id><link href="{SITE}/{title.lower()}/"/>'
        return (
            f"<entry><title>{title}</title>{'' if title == 'Five' else link}"
            f"<published>{date}T00:00:00Z</published>"
            f'<content type="html">&lt;p&gt;Rye.&lt;/p&gt;</content>{more}</entry>\n'
        )

    draft = "<app:control><app:draft>yes</app:draft></app:control>"
    path = folder / "feed.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:app="http://www.w3.org/2007/app"><title>Blog</title><link href="{SITE}/"/>\n'
        + entry("One", "2024-01-02", '<category term="bread"/>')
        + entry("Two", "2024-02-02")
        + entry("Three", "2024-03-02", draft)
        + entry("Four", "2990-01-01")
        + entry("Five", "2024-03-02")
        + "</feed>\n"
    )
    return path


def write_site(name: str, files: dict[str, str], place: str, head: str = "---") -> Writer:
    """What writes the blog for another generator of Markdown.

    Args:
        name: Of the blog's folder.
        files: The configuration: path and content.
        place: The path of a post, with ``{name}`` and ``{date}``.
        head: The mark around its front matter; empty for lines of metadata.
    """

    def front(title: str, date: str, more: str = "") -> str:
        broken = title == "Five"
        if head == "+++":
            title = "[Five" if broken else f'"{title}"'
            lines = f"title = {title}\ndate = {date}\n{more}"
        else:
            lines = f"title: {title}\ndate: {'soon' if broken else date}\n{more}"
        return f"{head}\n{lines}{head}\n\nRye.\n".lstrip("\n")

    def write(folder: Path) -> Path:
        tags, draft = "tags: [bread, post]\n", "draft: true\n"
        if head == "+++":
            tags, draft = '[taxonomies]\ntags = ["bread"]\n', "draft = true\n"
        elif not head:
            tags, draft = "tags: bread\n", "status: draft\n"
        elif name != "eleventy":
            tags = "tags: [bread]\n"
        posts = {
            ("one", "2024-01-02"): front("One", "2024-01-02", tags),
            ("two", "2024-02-02"): front("Two", "2024-02-02"),
            ("three", "2024-03-02"): front("Three", "2024-03-02", draft),
            ("four", "2990-01-01"): front("Four", "2990-01-01"),
            ("five", "2024-03-02"): front("Five", "2024-03-02"),
        }
        texts = {place.format(name=one, date=date): text for (one, date), text in posts.items()}
        for path, content in (files | texts).items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(content)
        return folder / name

    return write


#: Format to what writes the blog in it; several writers of one format have a name behind it.
BLOGS: dict[str, Writer] = {
    "jsonl": write_jsonl,
    "wxr": write_wxr,
    "markdown": write_markdown,
    "blogger": write_blogger,
    "ghost": write_ghost,
    "substack": write_substack,
    "medium": write_medium,
    "csv": write_csv,
    "feed": write_feed,
    "markdown:plain": write_site("plain", {}, "notes/{name}.md"),
    "markdown:hugo": write_site("hugo", {"hugo.toml": "title = 'B'\n"}, "content/posts/{name}.md"),
    "markdown:hexo": write_site("hexo", {"_config.yml": "title: B\n"}, "source/_posts/{name}.md"),
    "markdown:eleventy": write_site(
        "eleventy", {"eleventy.config.js": "export default {}\n"}, "blog/{name}.md"
    ),
    "markdown:pelican": write_site(
        "pelican",
        {"pelicanconf.py": "PATH = 'content'\n"},
        "content/{name}.md",
        "",
    ),
    "markdown:astro": write_site(
        "astro", {"astro.config.mjs": "export default {}\n"}, "src/content/blog/{name}.md"
    ),
    "markdown:gatsby": write_site(
        "gatsby", {"gatsby-config.js": "module.exports = {}\n"}, "content/blog/{name}/index.mdx"
    ),
    "markdown:zola": write_site(
        "zola",
        {"config.toml": "base_url = 'https://blog.example'\n"},
        "content/posts/{date}-{name}.md",
        "+++",
    ),
}

#: Formats that have no tags.
WITHOUT_TAGS = frozenset({"substack", "medium"})


@pytest.fixture(params=list(BLOGS))
def writer(request: pytest.FixtureRequest) -> str:
    """Each writer of the blog in turn."""
    return str(request.param)


@pytest.fixture
def format(writer: str) -> str:
    """The format it writes."""
    return writer.partition(":")[0]


@pytest.fixture
def blog(writer: str, tmp_path: Path) -> Path:
    """The blog as this one writes it."""
    return BLOGS[writer](tmp_path)


def opened(blog: Path, progress: Progress = no_progress) -> Source:
    """The blog's source, its format detected."""
    return open_source(str(blog), site=SITE, now=NOW, progress=progress)


def titles(items: list[Item]) -> list[str]:
    """The titles of the posts among the items, sorted."""
    return sorted(item.title for item in items if isinstance(item, Post))


def test_every_format_is_held_to_the_contract() -> None:
    """A source that is registered takes part here."""
    assert {name.partition(":")[0] for name in BLOGS} == set(FORMATS)


def test_the_format_is_detected(blog: Path, format: str) -> None:
    """The content says what it is."""
    assert detect(str(blog)) == format
    assert isinstance(opened(blog), Source)


def test_public_posts_are_read_and_nothing_else(blog: Path) -> None:
    """A draft and a post that is not out yet are skipped, a broken post is a problem."""
    items = list(opened(blog).read())
    assert titles(items) == ["One", "Two"]
    reasons = sorted(item.reason for item in items if isinstance(item, Skipped))
    assert reasons == ["draft", "scheduled"]
    assert len([item for item in items if isinstance(item, Problem)]) == 1


def test_a_post_arrives_whole(blog: Path, format: str) -> None:
    """Address, date, tag and body are those the blog gave it."""
    (one,) = (
        item for item in opened(blog).read() if isinstance(item, Post) and item.title == "One"
    )
    assert one.url.startswith(("/", f"{SITE}/"))
    assert "one" in one.url
    assert one.published == datetime(2024, 1, 2, tzinfo=UTC)
    assert one.tags == (() if format in WITHOUT_TAGS else ("bread",))
    assert "Rye." in one.html


def test_posts_are_clean(blog: Path) -> None:
    """What a source yields is what our own schema would make of it."""
    for item in opened(blog).read():
        if isinstance(item, Post):
            assert post_from_json(post_to_json(item)) == item


def test_a_problem_says_where_and_why(blog: Path) -> None:
    """A person finds the broken post by its place."""
    (problem,) = (item for item in opened(blog).read() if isinstance(item, Problem))
    expected = "five" if blog.is_dir() else blog.name
    assert expected in problem.place
    assert len(problem.reason) > 5
    assert "Traceback" not in problem.reason


def test_reading_twice_gives_the_same(blog: Path) -> None:
    """A source can be read again, and says the same in the same order."""
    source = opened(blog)
    assert list(source.read()) == list(source.read()) == list(opened(blog).read())


def test_a_copy_elsewhere_has_the_same_name_and_posts(blog: Path, tmp_path: Path) -> None:
    """Neither the name nor an id depends on where an export lies or what it is called."""
    copy = tmp_path / "elsewhere" / "copy"
    copy.parent.mkdir()
    if blog.is_dir():
        shutil.copytree(blog, copy)
    else:
        shutil.copy(blog, copy)
    first, second = opened(blog), opened(copy)
    assert first.name == second.name != ""
    posts = [
        [item for item in source.read() if isinstance(item, Post)] for source in (first, second)
    ]
    assert [post_to_bytes(post) for post in posts[0]] == [post_to_bytes(post) for post in posts[1]]


def test_ids_are_unique(blog: Path) -> None:
    """No id is yielded twice as a post."""
    ids = [item.id for item in opened(blog).read() if isinstance(item, Post)]
    assert len(set(ids)) == len(ids)


def test_progress_goes_forward_to_the_end(blog: Path) -> None:
    """Progress never goes backwards and ends at the whole."""
    told: list[tuple[int, int | None]] = []
    list(opened(blog, lambda done, total: told.append((done, total))).read())
    assert told
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    done, total = told[-1]
    assert total is None or done == total


def test_reading_can_be_given_up(blog: Path) -> None:
    """A read that is left in the middle closes its files (a warning would fail this)."""
    reading = opened(blog).read()
    next(reading)
    close = getattr(reading, "close", None)
    assert close is not None
    close()


def test_it_reads_into_an_archive(blog: Path, tmp_path: Path) -> None:
    """The whole way: added once, unchanged the second time."""
    with Archive(tmp_path / "data") as archive:
        first = read_sources([str(blog)], archive, site=SITE, now=NOW)
        assert first.counts == Counts(added=2)
        assert read_sources([str(blog)], archive, site=SITE, now=NOW).counts == Counts(unchanged=2)


def test_a_place_that_is_not_there_is_a_source_error(format: str, tmp_path: Path) -> None:
    """Also where the format is given and nobody looked."""

    def read() -> list[Item]:
        source = open_source(str(tmp_path / "absent"), format=format, site=SITE, now=NOW)
        return list(source.read()) if source.name else []

    with pytest.raises(SourceError):
        read()


#: A post's text between two words, none with what CSV or JSON would have to quote.
HOSTILE = {
    "ten megabytes": "Rye. " + "bread " * 1_750_000 + "zebra",
    "forty thousand attributes": "Rye. <a "
    + " ".join(f"a{number}='x'" for number in range(40_000))
    + ">link</a> zebra",
    "deep nesting": "Rye. " + "<b><div>" * 50_000 + "zebra",
    "an unfinished tag": "Rye. zebra " + "<a title='" * 50_000,
    "an entity of a file": "Rye. <!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e; zebra",
    "entities of entities": "Rye. <!DOCTYPE x [<!ENTITY e '&f;&f;'><!ENTITY f '&e;&e;'>]>&e; zebra",
}

#: Formats in which HTML stands escaped; in all others it stands as it is.
ESCAPED = frozenset({"blogger", "feed"})


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_a_hostile_post_costs_at_most_itself(blog: Path, format: str, kind: str) -> None:
    """It is read, or is a problem with its place; the next post is read, and no file of ours."""
    files = sorted(path for path in blog.rglob("*") if path.is_file()) or [blog]
    file = next(path for path in files if b"Rye." in path.read_bytes())
    text = escape(HOSTILE[kind]) if format in ESCAPED else HOSTILE[kind]
    file.write_bytes(file.read_bytes().replace(b"Rye.", text.encode(), 1))
    items = list(opened(blog).read())
    posts = {item.title: item for item in items if isinstance(item, Post)}
    assert "Two" in posts
    assert len(posts) + sum(isinstance(item, Problem) for item in items) == 3
    for post in posts.values():
        assert "root:" not in post.html
        text = prose(post.html).text
        assert len(text) < 20_000_000
        if post.title == "One":
            assert "Rye." in text
        post_to_bytes(post)


NO_EXPORTS = {
    "nothing": b"",
    "spaces": b" \n" * 1000,
    "zeros": bytes(5000),
    "garbage": random.Random(3).randbytes(5000),
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(300),
    "a page": b"<!DOCTYPE html><html><head><title>Not found</title></head><body>Gone</body></html>",
    "an error": b'{"code":"rest_no_route","message":"No route was found","data":{"status":404}}',
    "a document type": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b '
    b'"&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><r>&c;</r>',
}


@pytest.mark.parametrize("kind", list(NO_EXPORTS))
@pytest.mark.parametrize(
    "writer", [one for one in BLOGS if not one.startswith("markdown")], indirect=True
)
def test_what_is_no_export_leaves_the_archive_alone(
    blog: Path, format: str, kind: str, tmp_path: Path
) -> None:
    """Also where the format is given: an error that names the place, and the posts stay.

    Not so a folder of Markdown, in which any text is a post.
    """
    with Archive(tmp_path / "data") as archive:
        read_sources([str(blog)], archive, site=SITE, now=NOW)
        before = list(archive.posts())
        for file in [path for path in blog.rglob("*") if path.is_file()] or [blog]:
            file.write_bytes(NO_EXPORTS[kind])
        with pytest.raises(RelatedPostsError, match=re.escape(blog.name)):
            read_sources([str(blog)], archive, format=format, site=SITE, now=NOW)
        assert list(archive.posts()) == before
        assert len(before) == 2


def test_damage_is_a_problem_or_a_source_error(blog: Path, format: str, tmp_path: Path) -> None:
    """Whatever is cut off, overwritten or mixed up: items or SourceError, nothing else."""
    rng = random.Random(7)
    files = sorted(path for path in blog.rglob("*") if path.is_file()) or [blog]
    for round_ in range(60):
        file = files[round_ % len(files)]
        whole = file.read_bytes()
        file.write_bytes(damaged(whole, rng))
        try:
            source = open_source(str(blog), format=format, site=SITE, now=NOW)
            items = list(source.read()) if source.name else []
        except SourceError:
            items = []
        for item in items:
            if isinstance(item, Post):
                post_to_bytes(item)
        file.write_bytes(whole)


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The content cut off, with bytes overwritten, or with a piece of it somewhere else."""
    place, length = rng.randrange(len(content)), rng.randrange(1, 20)
    return rng.choice(
        [
            content[:place],
            content[place:],
            content[:place] + rng.randbytes(length) + content[place + length :],
            content[:place] + content[place + length :],
            content[:place] + content[place : place + length] * 3 + content[place + length :],
        ]
    )
