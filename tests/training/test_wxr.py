"""WordPress exports: what is read of them, what never is, and the traps of real files."""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from training.read import read_sources
from training.sources.base import Item, Problem, Skipped
from training.sources.wordpress.wxr import WxrSource

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BLOG = "https://blog.example"
SPACES = (
    'xmlns:excerpt="http://wordpress.org/export/{0}/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:wp="http://wordpress.org/export/{0}/"'
)

Write = Callable[..., Path]


def item(number: object = 1, more: str = "", **given: str) -> str:
    """A published post; a field given as an argument takes the place of its default."""
    fields = {
        "title": f"Post {number}",
        "link": f"{BLOG}/post-{number}/",
        "pubDate": "Fri, 05 Jan 2024 08:00:00 +0000",
        "dc:creator": "zoe",
        "content:encoded": "<![CDATA[<p>Rye.</p>]]>",
        "wp:post_id": str(number),
        "wp:post_date": "2024-01-05 09:00:00",
        "wp:post_date_gmt": "2024-01-05 08:00:00",
        "wp:post_name": f"post-{number}",
        "wp:status": "publish",
        "wp:post_type": "post",
    }
    prefixed = {
        "content": "content:encoded",
        "excerpt": "excerpt:encoded",
        "creator": "dc:creator",
        "pubdate": "pubDate",
    }
    for name, value in given.items():
        known = name in ("title", "link", "guid")
        fields[prefixed.get(name, name if known else f"wp:{name}")] = value
    body = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<item>{body}{more}</item>\n"


def meta(key: str, value: str) -> str:
    """A custom field."""
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def attachment(number: int, url: str, more: str = "") -> str:
    """A picture."""
    own = f"<wp:attachment_url>{url}</wp:attachment_url>"
    return item(number, own + more, status="inherit", post_type="attachment", content="")


def export(*items: str, head: str = "", version: str = "1.2", language: str = "en-US") -> str:
    """A whole export."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" {SPACES.format(version)}>'
        f"<channel><title>B</title><link>{BLOG}</link><language>{language}</language>"
        f"<wp:wxr_version>{version}</wp:wxr_version><wp:base_blog_url>{BLOG}/</wp:base_blog_url>"
        f"{head}{''.join(items)}</channel></rss>\n"
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes an export of the given items, or any content, and gives its path."""

    def write(*items: str, content: str | bytes | None = None, **more: str) -> Path:
        path = tmp_path / "export.xml"
        content = export(*items, **more) if content is None else content
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def read(path: Path) -> list[Item]:
    """Every item of an export."""
    return list(WxrSource(path, now=NOW).read())


def only(path: Path) -> Post:
    """The only item, which is a post."""
    (found,) = read(path)
    assert isinstance(found, Post), found
    return found


# --- identity and fields ---


def test_the_name_is_that_of_the_blog(write: Write) -> None:
    """Two exports of one blog have one name, with or without a slash at its end."""
    assert WxrSource(write(), now=NOW).name == f"wxr:{BLOG}"


def test_a_blog_that_went_to_https_is_the_same_blog(write: Write, tmp_path: Path) -> None:
    """Its next export replaces the last one, so that what was deleted meanwhile goes."""
    with Archive(tmp_path / "data") as archive:
        before = export(item(1), item(2)).replace("https://", "http://")
        read_sources([str(write(content=before))], archive, now=NOW)
        read_sources([str(write(item(1)))], archive, now=NOW)
        assert [post.url for post in archive.posts()] == [f"{BLOG}/post-1/"]
        assert archive.sources() == {f"wxr:{BLOG}": 1}


def test_a_post_has_what_wordpress_says_of_it(write: Write) -> None:
    """Ids, address, dates, author's display name, terms, excerpt and local facts."""
    head = (
        "<wp:author><wp:author_id>7</wp:author_id><wp:author_login>zoe</wp:author_login>"
        "<wp:author_display_name><![CDATA[Zoë O’Hara]]></wp:author_display_name></wp:author>"
        "<wp:category><wp:term_id>3</wp:term_id>"
        "<wp:category_nicename>food</wp:category_nicename></wp:category>"
        "<wp:tag><wp:term_id>9</wp:term_id><wp:tag_slug>rye</wp:tag_slug></wp:tag>"
    )
    terms = (
        '<category domain="category" nicename="food"><![CDATA[Food &amp; Drink]]></category>'
        '<category domain="post_tag" nicename="rye"><![CDATA[rye]]></category>'
        '<category domain="author" nicename="cap-bob"><![CDATA[bob]]></category>'
        '<category domain="series" nicename="s"><![CDATA[Loaves]]></category>'
        "<guid>https://blog.example/?p=1</guid><wp:is_sticky>1</wp:is_sticky>"
    )
    given = {
        "post_name": "%e3%83%91%e3%83%b3",
        "post_modified": "2024-02-01 01:00:00",
        "post_modified_gmt": "2024-02-01 00:00:00",
        "excerpt": "<![CDATA[Feed <em>it</em> &amp; wait [gallery]]]>",
    }
    assert only(write(item(4, terms, **given), head=head)) == Post(
        id="4",
        url=f"{BLOG}/post-4/",
        title="Post 4",
        html="<p>Rye.</p>",
        tags=("rye",),
        categories=("Food & Drink",),
        author="Zoë O’Hara",
        language="en-us",
        published=datetime(2024, 1, 5, 8, tzinfo=UTC),
        updated=datetime(2024, 2, 1, tzinfo=UTC),
        excerpt="Feed it & wait",
        slug="パン",
        aliases=(f"{BLOG}/?p=4",),
        extra={
            "wordpress": {
                "post_id": 4,
                "type": "post",
                "guid": "https://blog.example/?p=1",
                "date": "2024-01-05T09:00:00",
                "modified": "2024-02-01T01:00:00",
                "author_id": 7,
                "author_login": "zoe",
                "category_ids": [3],
                "tag_ids": [9],
                "sticky": True,
                "co_authors": ["bob"],
                "taxonomies": {"series": ["Loaves"]},
            }
        },
    )


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.7"])
def test_any_version_of_the_format_is_read(write: Write, version: str) -> None:
    """The namespaces hold a version, which is of no matter."""
    assert only(write(item(), version=version)).title == "Post 1"


def test_a_field_of_another_namespace_is_another_field(write: Write) -> None:
    """A podcast's title is not the post's, though it is called so."""
    path = write(f"<item><itunes:title>Pod</itunes:title>{item()[len('<item>') :]}")
    assert only(path).title == "Post 1"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<![CDATA[A &amp; B]]>", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("A &amp; B", "A & B"),
        ("<![CDATA[<em>Rye</em> in\n May]]>", "Rye in May"),
        ("<![CDATA[Vec<T> and a < b]]>", "Vec<T> and a < b"),
        ("<![CDATA[&amp;lt;b&amp;gt;]]>", "&lt;b&gt;"),
        ("<![CDATA[ends ]]]]><![CDATA[> so]]>", "ends ]]> so"),
        ("", ""),
    ],
)
def test_titles_are_unescaped_once(write: Write, written: str, title: str) -> None:
    """Exports before 5.7 escape once more; formatting goes, what only looks so stays."""
    assert only(write(item(title=written))).title == title


@pytest.mark.parametrize("name", ["Uncategorized", "Uncategorised", "Non classé", "未分類"])
def test_the_category_of_no_category_is_dropped(write: Write, name: str) -> None:
    """It says nothing of a post."""
    other = '<category domain="category" nicename="x">Bread</category>'
    own = f'<category domain="category" nicename="y">{name}</category>'
    assert only(write(item(1, own + other))).categories == ("Bread",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, datetime(2024, 1, 5, 8, tzinfo=UTC)),
        (
            {"post_date_gmt": "0000-00-00 00:00:00", "pubdate": "Fri, 05 Jan 2024 08:00:00 +0200"},
            datetime(2024, 1, 5, 6, tzinfo=UTC),
        ),
        (
            {
                "post_date_gmt": "0000-00-00 00:00:00",
                "pubdate": "Mon, 30 Nov -0001 00:00:00 +0000",
            },
            datetime(2024, 1, 5, 9, tzinfo=UTC),
        ),
        ({"post_date_gmt": "", "pubdate": "", "post_date": "0000-00-00 00:00:00"}, None),
        ({"post_date_gmt": "9999-99-99", "pubdate": "soon", "post_date": "x"}, None),
    ],
)
def test_dates(write: Write, given: dict[str, str], expected: datetime | None) -> None:
    """The moment in UTC, else the feed's, else the local one, else none."""
    assert only(write(item(**given))).published == expected


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (f"{BLOG}/?p=1", f"{BLOG}/?p=1"),
        ("/2024/a/", f"{BLOG}/2024/a/"),
        ("", f"{BLOG}/?p=1"),
        ("//blog.example/a/", "https://blog.example/a/"),
    ],
)
def test_links(write: Write, link: str, url: str) -> None:
    """A plain link stays, a relative one starts from the blog, a missing one is made."""
    assert only(write(item(link=link, guid="https://elsewhere.example/"))).url == url


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://[::1", "ftp://blog.example/a"])
def test_a_link_that_leads_nowhere_is_a_problem(write: Write, link: str) -> None:
    """It must not be shown as a link; the rest of the file is read."""
    broken, whole = read(write(item(1, link=link), item(2)))
    assert isinstance(broken, Problem)
    assert (broken.place, broken.post_id) == ("export.xml item 1 (post 1)", "1")
    assert isinstance(whole, Post)


def test_wpml_says_the_language_and_the_translations(write: Write) -> None:
    """By the custom fields it adds to a blog that is to be moved."""
    fields = meta("_wpml_import_language_code", "de") + meta(
        "_wpml_import_translation_group", "rye-1"
    )
    post = only(write(item(1, fields)))
    assert (post.language, post.translation_group) == ("de", "rye-1")


def test_a_post_is_found_by_its_short_link_and_its_old_slugs(write: Write) -> None:
    """WordPress leads both to it, and old posts link to both."""
    old = meta("_wp_old_slug", "ry") + meta("_wp_old_slug", "rye-1") + meta("_wp_old_slug", "")
    link = f"{BLOG}/2024/rye/"
    post = only(write(item(1, old, link=link, post_name="rye")))
    assert post.aliases == (f"{BLOG}/?p=1", f"{BLOG}/2024/ry/", f"{BLOG}/2024/rye-1/")
    assert only(write(item(1, old, link=f"{BLOG}/?p=1", post_name="rye"))).aliases == ()


def test_polylang_says_the_language_and_the_translations(write: Write) -> None:
    """A plugin's terms say more than the blog's own language."""
    terms = (
        '<category domain="language" nicename="de">Deutsch</category>'
        '<category domain="post_translations" nicename="pll_5f">pll_5f</category>'
    )
    post = only(write(item(1, terms)))
    assert (post.language, post.translation_group) == ("de", "pll_5f")


# --- pictures ---

SIZED = 'a:6:{s:5:"width";i:640;s:6:"height";i:400;s:4:"file";s:3:"a";}'


@pytest.mark.parametrize("is_late", [True, False])
def test_a_picture_may_stand_before_or_after_its_post(write: Write, is_late: bool) -> None:
    """WordPress writes items in no order; nor is the picture itself reported."""
    more = meta("_wp_attachment_metadata", SIZED) + meta("_wp_attachment_image_alt", "Rye & co")
    items = [item(1, meta("_thumbnail_id", "26")), attachment(26, f"{BLOG}/a.jpg", more)]
    post = only(write(*(items if is_late else items[::-1])))
    assert post.image == Image(f"{BLOG}/a.jpg", 640, 400, "Rye & co")
    assert post.extra["wordpress"]["featured_media"] == 26


@pytest.mark.parametrize(
    ("metadata", "width"),
    [
        ('a:2:{s:5:"width";s:3:"640";s:6:"height";s:3:"400";}', 640),
        ('a:1:{s:4:"file";s:40:"a";s:5:"width";i:1;s:6:"height";i:1;}', None),
        ('O:8:"stdClass":1:{s:5:"width";i:640;}', None),
        ("junk", None),
        ("", None),
    ],
)
def test_a_picture_of_unknown_size_is_still_one(
    write: Write, metadata: str, width: int | None
) -> None:
    """PHP's serialised data is never trusted further than its first two numbers."""
    more = meta("_wp_attachment_metadata", metadata)
    path = write(item(1, meta("_thumbnail_id", "26")), attachment(26, f"{BLOG}/a.jpg", more))
    image = only(path).image
    assert image is not None
    assert image.width == width


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[::1", ""])
def test_a_picture_without_an_address_is_left_out(write: Write, url: str) -> None:
    """The post is read all the same."""
    assert only(write(item(1, meta("_thumbnail_id", "26")), attachment(26, url))).image is None


def test_a_picture_may_stand_in_another_part_of_the_export(write: Write, tmp_path: Path) -> None:
    """Big blogs export many files, and pictures lie where the size of a file ended."""
    picture = export(attachment(9, f"{BLOG}/loaf.jpg"), attachment(7, f"{BLOG}/other.jpg"))
    (tmp_path / "b.xml").write_text(picture)
    own = attachment(7, f"{BLOG}/own.jpg")
    posts = write(item(1, meta("_thumbnail_id", "9")), item(2, meta("_thumbnail_id", "7")), own)
    with Archive(tmp_path / "data") as archive:
        read_sources([str(posts), str(tmp_path / "b.xml")], archive, now=NOW)
        images = {post.id: post.image and post.image.src for post in archive.posts()}
    assert images == {"1": f"{BLOG}/loaf.jpg", "2": f"{BLOG}/own.jpg"}


def test_parts_in_one_archive_file_find_each_others_pictures(tmp_path: Path) -> None:
    """As they do in a folder."""
    with zipfile.ZipFile(tmp_path / "blog.zip", "w") as packed:
        packed.writestr("blog.000.xml", export(item(1, meta("_thumbnail_id", "9"))))
        packed.writestr("blog.001.xml", export(attachment(9, f"{BLOG}/loaf.jpg")))
    with Archive(tmp_path / "data") as archive:
        read_sources([str(tmp_path / "blog.zip")], archive, now=NOW)
        (post,) = archive.posts()
    assert post.image == Image(f"{BLOG}/loaf.jpg")


def test_an_export_of_posts_only_has_no_pictures(write: Write) -> None:
    """What a post points to may not be there."""
    assert only(write(item(1, meta("_thumbnail_id", "26")))).image is None


# --- what is never shown ---


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "auto-draft"}, "draft"),
        ({"status": "pending"}, "pending"),
        ({"status": "private"}, "private"),
        ({"status": "future"}, "scheduled"),
        ({"status": "trash"}, "trashed"),
        ({"status": "embargoed"}, "status embargoed"),
        ({"post_password": "s3cret"}, "password-protected"),
        ({"post_password": " "}, "password-protected"),
        ({"status": "private", "post_password": "s3cret"}, "private"),
        ({"post_date_gmt": "2037-01-01 00:00:00"}, "scheduled"),
        ({"post_type": "page"}, "page"),
        ({"post_type": "product"}, "not a post (product)"),
    ],
)
def test_what_is_not_public_is_skipped(write: Write, given: dict[str, str], reason: str) -> None:
    """Its body stands in the file in clear, but nothing of it goes on."""
    assert read(write(item(3, **given))) == [
        Skipped("export.xml item 1 (post 3)", reason, "3"),
    ]


@pytest.mark.parametrize(
    "kind", ["attachment", "nav_menu_item", "revision", "wp_block", "wp_global_styles"]
)
def test_machinery_is_passed_over(write: Write, kind: str) -> None:
    """What no reader would call a post is not worth a line."""
    assert read(write(item(3, post_type=kind))) == []


def test_a_post_without_a_status_may_be_a_draft(write: Write) -> None:
    """So it is a problem, and its old row stays."""
    (found,) = read(write(item(3, status="")))
    assert isinstance(found, Problem)
    assert found.post_id == "3"


def test_other_types_of_post_can_be_asked_for(write: Write) -> None:
    """A blog may keep what it publishes as pages."""
    source = WxrSource(write(item(3, post_type="page")), now=NOW, post_types=["post", "page"])
    assert [one.id for one in source.read() if isinstance(one, Post)] == ["3"]


def test_an_id_that_comes_twice_is_a_problem(write: Write) -> None:
    """The first one stays."""
    first, second = read(write(item(3, title="A"), item(3, title="B")))
    assert isinstance(first, Post)
    assert first.title == "A"
    assert isinstance(second, Problem)
    assert second.post_id == "3"


@pytest.mark.parametrize("number", ["", "abc", "0", "-1", "٣", "9" * 30])
def test_an_item_without_a_number_is_a_problem(write: Write, number: str) -> None:
    """Nobody can tell whose row it is."""
    (found,) = read(write(item(number)))
    assert isinstance(found, Problem)
    assert found.post_id is None


# --- real files ---


def test_the_sample_of_wordpress_6(shared: Path) -> None:
    """Twelve public posts; every trap in it is skipped for its own reason."""
    items = read(shared / "exports" / "wordpress-6.1-sample.xml")
    assert Counter(one.reason for one in items if not isinstance(one, Post)) == {
        "draft": 2,
        "page": 2,
        "pending": 1,
        "private": 1,
        "scheduled": 1,
        "password-protected": 1,
        "trashed": 1,
    }
    posts = {one.id: one for one in items if isinstance(one, Post)}
    assert len(posts) == 12
    assert posts["4"].image is not None
    assert posts["4"].image.alt == "A jar of starter & flour"
    assert posts["6"].title == 'CDATA ]]> ends & markup in "titles"'
    assert "if (a[b[0]]>1)" in posts["6"].html
    assert "inner text stays" in posts["5"].html
    assert "unknown_shortcode" not in posts["5"].html
    assert posts["9"].title == ""
    assert "wp:" not in posts["25"].html
    assert not any("ecret" in str(post) for post in posts.values())


@pytest.mark.parametrize(
    ("name", "n_posts"), [("wordpress-6.1-18f.xml.gz", 509), ("wordpress-theme-unit-test.xml", 49)]
)
def test_other_real_exports(shared: Path, name: str, n_posts: int) -> None:
    """They are read without a problem."""
    items = read(shared / "exports" / name)
    assert Counter(type(one).__name__ for one in items)["Problem"] == 0
    assert sum(isinstance(one, Post) for one in items) == n_posts


def test_a_packed_export_is_the_same(write: Write) -> None:
    """Whatever it is called."""
    path = write(item())
    whole = read(path)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path) == whole


def test_an_absent_file_is_named() -> None:
    """The message says which and what to do."""
    with pytest.raises(SourceError, match=r"absent\.xml: there is no such file"):
        read(Path("absent.xml"))
