"""Blogger: both export schemas, what is read, what is not, and what is refused."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.archive import Archive
from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from training.read import read_sources
from training.sources import detect
from training.sources.base import Item, Problem, Skipped
from training.sources.blogger.export import BloggerSource

NOW = datetime(2025, 1, 1, tzinfo=UTC)
SITE = "https://blog.example"
ID = "tag:blogger.com,1999:blog-12"
OLD_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href='x.css' type='text/css'?>"
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:gd='http://schemas.google.com/g/2005' "
    "xmlns:thr='http://purl.org/syndication/thread/1.0'>"
    f"<id>{ID}.archive</id><updated>2024-01-01T00:00:00Z</updated><title>Blog</title>"
    f"<link rel='self' href='https://www.blogger.com/feeds/12/archive'/>"
    f"<link rel='alternate' type='text/html' href='{SITE}/'/>"
    "<author><name>Ada</name></author><generator>Blogger</generator>"
)
NEW_HEAD = (
    "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom' "
    f"xmlns:blogger='http://schemas.google.com/blogger/2018'><id>{ID}</id><title>Blog</title>"
)
NEW_ROOT = NEW_HEAD[NEW_HEAD.index("<feed") :]


def old(
    number: int | str = 1,
    *,
    kind: str = "post",
    title: str = "Rye",
    body: str = "<p>Rye.</p>",
    more: str = "",
    link: str | None = f"{SITE}/2024/01/rye.html",
    published: str = "2024-01-02T10:00:00.000+09:00",
) -> str:
    """An entry of the schema of 2008."""
    return (
        f"<entry><id>{ID}.post-{number}</id><published>{published}</published>"
        "<updated>2024-01-03T00:00:00.001Z</updated>"
        "<category scheme='http://schemas.google.com/g/2005#kind' "
        f"term='http://schemas.google.com/blogger/2008/kind#{kind}'/>"
        f"<title type='text'>{escape(title)}</title><content type='html'>{escape(body)}</content>"
        + (f"<link rel='alternate' type='text/html' href='{link}'/>" if link else "")
        + "<link rel='edit' href='https://www.blogger.com/feeds/12/posts/default/1'/>"
        f"<author><name>Ada</name><email>noreply@blogger.com</email></author>{more}</entry>"
    )


def new(
    number: int | str = 1,
    *,
    kind: str = "POST",
    status: str = "LIVE",
    filename: str = "/2024/01/rye.html",
    body: str = "<p>Rye.</p>",
    more: str = "",
    published: str = "2024-01-02T01:00:00Z",
) -> str:
    """An entry of the schema of 2018."""
    return (
        f"<entry><id>{ID}.post-{number}</id><blogger:type>{kind}</blogger:type>"
        f"<blogger:status>{status}</blogger:status><author><name>Ada</name><uri/>"
        "<blogger:type>BLOGGER</blogger:type></author><title>Rye</title>"
        f"<content type='html'>{escape(body)}</content><blogger:metaDescription/>"
        "<blogger:created>2024-01-01T00:00:00Z</blogger:created>"
        f"<published>{published}</published><updated>2024-01-03T00:00:00Z</updated>"
        f"<blogger:location/>{more}<blogger:filename>{filename}</blogger:filename>"
        "<link/><enclosure/><blogger:trashed/></entry>"
    )


def write(folder: Path, content: str | bytes) -> Path:
    """A file of any content."""
    path = folder / "export"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, site: str | None = None) -> list[Item]:
    """Every item."""
    return list(BloggerSource(path, site=site, now=NOW).read())


def read_old(folder: Path, *entries: str) -> list[Item]:
    """Every item of an export of 2008."""
    return read(write(folder, f"{OLD_HEAD}{''.join(entries)}</feed>"))


def read_new(folder: Path, *entries: str, site: str | None = SITE) -> list[Item]:
    """Every item of an export of 2018."""
    return read(write(folder, f"{NEW_HEAD}{''.join(entries)}</feed>"), site)


def only(items: list[Item]) -> Post:
    """The only item, which is a post."""
    (post,) = items
    assert isinstance(post, Post), post
    return post


# --- what is read ---


def test_an_entry_of_2008_is_read_whole(tmp_path: Path) -> None:
    """Labels, address, dates with a zone, author and number come from where Blogger puts them."""
    label = "<category scheme='http://www.blogger.com/atom/ns#' term='{}'/>"
    post = only(read_old(tmp_path, old(more=label.format("bread") + label.format("rye flour"))))
    assert (post.id, post.url, post.slug) == ("1", f"{SITE}/2024/01/rye.html", "rye")
    assert (post.title, post.html, post.author) == ("Rye", "<p>Rye.</p>", "Ada")
    assert post.tags == ("bread", "rye flour")
    assert post.published == datetime(2024, 1, 2, 1, tzinfo=UTC)
    assert post.updated == datetime(2024, 1, 3, microsecond=1000, tzinfo=UTC)


def test_an_entry_of_2018_is_read_whole(tmp_path: Path) -> None:
    """The path comes from blogger:filename, the host from the user, labels from the blog's id."""
    more = (
        f"<category scheme='{ID}' term='bread'/>"
        "<blogger:metaDescription>All about rye.</blogger:metaDescription>"
    )
    entry = new(more=more).replace("<blogger:metaDescription/>", "")
    post = only(read_new(tmp_path, entry, site=f"{SITE}/"))
    assert (post.id, post.url, post.slug) == ("1", f"{SITE}/2024/01/rye.html", "rye")
    assert (post.title, post.html, post.author) == ("Rye", "<p>Rye.</p>", "Ada")
    assert (post.tags, post.excerpt) == (("bread",), "All about rye.")
    assert post.published == datetime(2024, 1, 2, 1, tzinfo=UTC)


def test_both_schemas_give_the_same_post(tmp_path: Path) -> None:
    """One blog exported either way has one name, and its post one id and one content."""
    first = only(read_old(tmp_path, old()))
    old_name = BloggerSource(tmp_path / "export", now=NOW).name
    second = only(read_new(tmp_path, new()))
    assert BloggerSource(tmp_path / "export", now=NOW).name == old_name == "blogger:12"
    assert (first.id, first.url, first.html, first.published) == (
        second.id,
        second.url,
        second.html,
        second.published,
    )


def test_without_a_site_a_takeout_gives_paths(tmp_path: Path) -> None:
    """The export does not know its host; a path still finds the post."""
    assert only(read_new(tmp_path, new(), site=None)).url == "/2024/01/rye.html"


@pytest.mark.parametrize("site", [SITE, None])
def test_one_address_is_not_given_to_several_blogs(tmp_path: Path, site: str | None) -> None:
    """A Takeout holds every blog of an account; without an address their paths are kept."""
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as packed:
        for number in (12, 13):
            entry = new(number, filename=f"/{number}.html").replace("blog-12", f"blog-{number}")
            content = f"{NEW_HEAD}{entry}</feed>".replace("blog-12<", f"blog-{number}<")
            packed.writestr(f"Takeout/Blogger/Blogs/{number}/feed.atom", content)
    with Archive(tmp_path / "data") as archive:
        place = [str(tmp_path / "takeout.zip")]
        if site is None:
            assert read_sources(place, archive, now=NOW).n_posts == 2
            return
        with pytest.raises(SourceError, match=r"12/feed\.atom, .*13/feed\.atom: these are 2 blogs"):
            read_sources(place, archive, now=NOW, site=site)
        assert archive.count() == 0


@pytest.mark.parametrize("namespace", ["http://purl.org/atom/app#", "http://www.w3.org/2007/app"])
def test_drafts_of_2008_are_told_by_the_control_element(tmp_path: Path, namespace: str) -> None:
    """Of either namespace Blogger has used; a draft has no address and that is no problem."""
    control = f"<app:control xmlns:app='{namespace}'><app:draft>yes</app:draft></app:control>"
    (item,) = read_old(tmp_path, old(more=control, link=None))
    assert isinstance(item, Skipped)
    assert (item.reason, item.post_id) == ("draft", "1")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("DRAFT", "draft"),
        ("SOFT_TRASHED", "trashed"),
        ("SCHEDULED", "scheduled"),
        ("HELD", "status held"),
    ],
)
def test_only_live_entries_of_2018_are_posts(tmp_path: Path, status: str, reason: str) -> None:
    """A status nobody knows is not shown either."""
    (item,) = read_new(tmp_path, new(status=status, filename=""))
    assert isinstance(item, Skipped)
    assert (item.reason, item.post_id) == (reason, "1")


@pytest.mark.parametrize("kind", ["comment", "template", "settings"])
def test_comments_and_machinery_are_passed_over(tmp_path: Path, kind: str) -> None:
    """They are no posts and no problems, in either schema; a comment has no address."""
    assert len(read_old(tmp_path, old(1, kind=kind, link=None), old(2))) == 1
    assert len(read_new(tmp_path, new(1, kind=kind.upper(), filename=""), new(2))) == 1


def test_pages_are_skipped(tmp_path: Path) -> None:
    """A page is a text, so it is counted."""
    (item,) = read_old(tmp_path, old(kind="page"))
    assert isinstance(item, Skipped)
    assert item.reason == "page"
    assert isinstance(read_new(tmp_path, new(kind="PAGE"))[0], Skipped)


def test_a_post_dated_later_is_scheduled(tmp_path: Path) -> None:
    """Blogger writes it as live."""
    (item,) = read_new(tmp_path, new(published="2025-01-01T00:00:01Z"))
    assert isinstance(item, Skipped)
    assert item.reason == "scheduled"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (new(status=""), "no blogger:status"),
        (new(filename=""), "neither an address nor a blogger:filename"),
        (new(filename="//["), "address"),
        (new(kind="HOWTO"), "kind is 'howto'"),
        (new(published="soon"), "published is 'soon'"),
        (new().replace(f"<id>{ID}.post-1</id>", ""), "no id"),
    ],
)
def test_a_broken_entry_is_a_problem(tmp_path: Path, entry: str, reason: str) -> None:
    """It is named by its place and number, and the rest goes on."""
    items = read_new(tmp_path, entry, new(2, filename="/2.html"))
    assert [type(one) for one in items] == [Problem, Post]
    assert isinstance(items[0], Problem)
    assert reason in items[0].reason
    assert items[0].place.startswith("export entry 1")


def test_the_second_of_two_entries_with_one_number_is_a_problem(tmp_path: Path) -> None:
    """The first stays."""
    items = read_old(tmp_path, old(7), old(7))
    assert [type(one) for one in items] == [Post, Problem]
    assert "read before, at export entry 1" in str(items[1])


# --- pictures, titles, authors ---

THUMBNAIL = (
    "<media:thumbnail xmlns:media='http://search.yahoo.com/mrss/' url='{}' height='72' width='72'/>"
)


def test_the_first_picture_of_the_text_is_the_posts(tmp_path: Path) -> None:
    """Rather than the thumbnail of 72 pixels; counters and embedded pictures do not count."""
    body = (
        '<img src="data:image/gif;base64,x"/><img src="/count.gif" width="1" height="1">'
        '<a href="x"><img alt="A &quot;loaf&quot;" border=0 height="480" '
        'src="https://pic.example/s640/a.jpg?a=1&amp;b=2" width="640" /></a><img src="/b.jpg">'
    )
    post = only(
        read_old(tmp_path, old(body=body, more=THUMBNAIL.format("https://pic.example/s72-c/a.jpg")))
    )
    assert post.image == Image("https://pic.example/s640/a.jpg?a=1&b=2", 640, 480, 'A "loaf"')


def test_the_thumbnail_is_taken_where_the_text_has_no_picture(tmp_path: Path) -> None:
    """As for a post that is a film; a thumbnail without a usable address is none."""
    (post,) = read_old(tmp_path, old(more=THUMBNAIL.format("https://pic.example/s72-c/a.jpg")))
    assert isinstance(post, Post)
    assert post.image == Image("https://pic.example/s72-c/a.jpg")
    assert only(read_old(tmp_path, old(more=THUMBNAIL.format("javascript:x")))).image is None


def test_a_title_is_plain_text_unless_it_says_it_is_html(tmp_path: Path) -> None:
    """``type='text'`` is not unescaped once more."""
    assert only(read_old(tmp_path, old(title="Vec<T> &amp; Co"))).title == "Vec<T> &amp; Co"
    entry = old(title="<b>Q</b> &amp; A").replace("title type='text'", "title type='html'")
    assert only(read_old(tmp_path, entry)).title == "Q & A"


def test_an_author_blogger_does_not_know_is_none(tmp_path: Path) -> None:
    """It writes Unknown or Anonymous."""
    assert only(read_old(tmp_path, old().replace("Ada", "Unknown"))).author == ""


def test_a_body_in_xhtml_is_kept(tmp_path: Path) -> None:
    """Atom allows it, and tools that write such files use it."""
    body = "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Rye <b>b</b></div>"
    entry = old().replace("<content type='html'>&lt;p&gt;Rye.&lt;/p&gt;", body)
    assert "Rye <b>b</b>" in only(read_old(tmp_path, entry)).html


# --- detection and refusal ---


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("content", [OLD_HEAD + old() + "</feed>", NEW_HEAD + new() + "</feed>"])
def test_both_are_detected(tmp_path: Path, content: str, pack: object) -> None:
    """By content, packed or not."""
    assert callable(pack)
    assert detect(str(write(tmp_path, pack(content.encode())))) == "blogger"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not an XML file"),
        ("<rss version='2.0'><channel/></rss>", "<rss> and not a Blogger export"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id></feed>", "no Blogger export"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "no Blogger export"),
        (f"<feed xmlns='http://www.w3.org/2005/Atom'><id>{ID}</id></feed>", "public feed"),
        (OLD_HEAD + old(), "cut off"),
        ((OLD_HEAD + old())[:-80], "cut off"),
        (OLD_HEAD + "<entry>&what;</entry></feed>", "well-formed"),
        ("<!DOCTYPE feed [<!ENTITY a 'b'>]>" + NEW_ROOT + "</feed>", "document type"),
        ("<!DOCTYPE feed SYSTEM 'file:///etc/passwd'>" + NEW_ROOT + "</feed>", "document ty"),
        (OLD_HEAD + "<x>" * 10_000 + "</x>" * 10_000 + "</feed>", "well-formed"),
    ],
)
def test_what_is_no_export_is_a_source_error(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    """It says what the file is instead."""
    with pytest.raises(SourceError, match=message):
        read(write(tmp_path, content))


def test_control_characters_do_not_cost_the_text(tmp_path: Path) -> None:
    """As in any old blog."""
    assert only(read_old(tmp_path, old(body="a\x1cb\x08c"))).html == "abc"


def test_a_huge_post_and_a_tag_of_forty_thousand_attributes_are_read(tmp_path: Path) -> None:
    """In bounded time."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(40_000))
    body = f"<img {attributes} src='/a.jpg'>" + "rye bread " * 1_100_000
    more = f"<category scheme='{ID}' term='rye' {attributes}/>"
    post = only(read_new(tmp_path, new(body=body, more=more)))
    assert len(post.html) > 10_000_000
    assert post.tags == ("rye",)


def test_memory_does_not_grow_with_the_posts(tmp_path: Path) -> None:
    """Ten times the posts, the same peak."""

    def peak(n_posts: int) -> int:
        body = "rye bread wants time " * 500
        entries = (new(n, filename=f"/{n}.html", body=body) for n in range(1, n_posts + 1))
        path = write(tmp_path, f"{NEW_HEAD}{''.join(entries)}</feed>")
        tracemalloc.start()
        try:
            source = BloggerSource(path, site=SITE, now=NOW)
            n_read = sum(isinstance(one, Post) for one in source.read())
            return tracemalloc.get_traced_memory()[1] if n_read == n_posts else -1
        finally:
            tracemalloc.stop()

    peak(10)
    small, large = peak(80), peak(640)
    assert 0 < large < small + 1_000_000


PIECES = st.sampled_from(
    [
        OLD_HEAD.encode(), NEW_HEAD.encode(), b"</feed>", b"<entry>", b"</entry>", old().encode(),
        new().encode(), new(2, status="DRAFT").encode(), b"<![CDATA[", b"]]>", b"<!--", b"-->",
        b"&amp;", b"&#0;", b"\x00", b"\xef\xbf\xbe", b"\xff", b"<!DOCTYPE x>", b"<?x?>",
        f"<id>{ID}</id>".encode(), b"<link rel='alternate' href='//['/>", b"<content/>",
        b"\x1f\x8b",
        b"<blogger:status>LIVE</blogger:status>", b"<category term='x'/>", b"<published>x",
    ]
)  # fmt: skip


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(PIECES | st.binary(max_size=20), max_size=20).map(b"".join),
    st.sampled_from(["", OLD_HEAD, NEW_HEAD]),
)
def test_any_bytes_are_items_or_a_source_error(tmp_path: Path, content: bytes, head: str) -> None:
    """No other exception, whatever the file holds."""
    if head:
        content = head.encode() + content + b"</feed>"
    try:
        items = read(write(tmp_path, content), SITE)
    except SourceError:
        return
    assert all(one.reason for one in items if isinstance(one, Problem))


def test_entities_of_html_and_utf_16_are_read(tmp_path: Path) -> None:
    """In either schema, and by the content alone; the entities are told once."""
    for head, entry in ((OLD_HEAD, old(1)), (NEW_HEAD, new(1))):
        text = head + entry.replace("&lt;p&gt;Rye.", "&lt;p&gt;Rye&hellip;") + "</feed>"
        path = tmp_path / "feed.atom"
        path.write_bytes(text.encode("utf-16"))
        assert detect(str(path)) == "blogger"
        source = BloggerSource(path, site=SITE, now=NOW)
        (post,) = source.read()
        assert isinstance(post, Post)
        assert post.html == "<p>Rye…</p>"
        (told,) = source.advice()
        assert "feed.atom holds HTML's entities" in told
