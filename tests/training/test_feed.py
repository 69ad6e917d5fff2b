"""RSS, Atom and JSON Feed: what each says of a post, and what feeds get wrong."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import post_from_json, post_to_json
from training.sources import open_source
from training.sources.base import Item, Problem, Skipped
from training.sources.feeds.entries import clean_link
from training.sources.feeds.feed import FeedSource, parse_feed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SITE = "https://blog.example"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(*items: str, head: str = "", spaces: str = SPACES) -> str:
    """An RSS feed."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {spaces}><channel>'
        f"<title>Blog</title><link>{SITE}/</link>{head}{''.join(items)}</channel></rss>\n"
    )


def item(more: str = "", *, title: str = "One", link: str = f"{SITE}/one/") -> str:
    """An RSS item."""
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def atom(*entries: str, head: str = "", attributes: str = "") -> str:
    """An Atom feed."""
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Blog</title>'
        f'<link href="{SITE}/"/>{head}{"".join(entries)}</feed>'
    )


def entry(more: str = "", *, title: str = "<title>One</title>", href: str = f"{SITE}/one/") -> str:
    """An Atom entry."""
    return f'<entry><id>tag:1</id>{title}<link href="{href}"/>{more}</entry>'


def json_feed(*items: dict[str, Any], **more: Any) -> str:
    """A JSON Feed."""
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "home_page_url": SITE, **more, "items": list(items)})


def read(folder: Path, content: str | bytes, site: str | None = None) -> list[Item]:
    """Every item of a feed."""
    path = folder / "feed.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(FeedSource(path, site=site, now=NOW).read())


def only(folder: Path, content: str | bytes, site: str | None = None) -> Post:
    """The only item, which is a clean post."""
    (found,) = read(folder, content, site)
    assert isinstance(found, Post), found
    assert post_from_json(post_to_json(found)) == found
    return found


# --- the three formats ---


def test_an_rss_item_arrives_whole(tmp_path: Path) -> None:
    """WordPress's feed says all of this."""
    more = (
        '<guid isPermaLink="false">https://blog.example/?p=1</guid><dc:creator>Ada</dc:creator>'
        "<category><![CDATA[bread]]></category><category>Uncategorized</category>"
        "<pubDate>Tue, 02 Jan 2024 10:00:00 +0200</pubDate>"
        "<description><![CDATA[All about rye.]]></description>"
        "<content:encoded><![CDATA[<p>Rye &amp; salt.</p>]]></content:encoded>"
        f'<media:content url="{SITE}/loaf.jpg" medium="image" width="800" height="600"/>'
    )
    post = only(tmp_path, rss(item(more), head="<language>en-US</language>"))
    assert post.id == "https://blog.example/?p=1"
    assert post.url == f"{SITE}/one/"
    assert (post.title, post.html) == ("One", "<p>Rye &amp; salt.</p>")
    assert (post.tags, post.author, post.language) == (("bread",), "Ada", "en-us")
    assert post.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert post.image == Image(f"{SITE}/loaf.jpg", 800, 600)
    assert (post.excerpt, post.slug) == ("All about rye.", "one")


def test_an_atom_entry_arrives_whole(tmp_path: Path) -> None:
    """XHTML loses its wrapper, labels win over terms, the feed's author stands in."""
    more = (
        "<published>2024-01-02T10:00:00+02:00</published><updated>2024-02-03T00:00:00Z</updated>"
        '<category term="rye" label="Rye bread"/><summary>Short.</summary>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Rye <b>x</b></p></div>'
        "</content>"
    )
    head = "<author><name>Ada</name></author>"
    post = only(tmp_path, atom(entry(more), head=head, attributes='xml:lang="de"'))
    assert (post.id, post.url) == ("tag:1", f"{SITE}/one/")
    assert post.html == "<p>Rye <b>x</b></p>"
    assert (post.tags, post.author, post.language) == (("Rye bread",), "Ada", "de")
    assert post.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert post.updated == datetime(2024, 2, 3, tzinfo=UTC)
    assert post.excerpt == "Short."


def test_a_json_feed_item_arrives_whole(tmp_path: Path) -> None:
    """Feedparser does not read it; we do."""
    one = {
        "id": 7,
        "url": "/one/",
        "title": "One &amp; two",
        "content_html": "<p>Rye.</p>",
        "summary": "Short.",
        "image": "https://blog.example/loaf.jpg",
        "date_published": "2024-01-02T10:00:00+02:00",
        "date_modified": "2024-02-03T00:00:00Z",
        "tags": ["bread", None, "rye"],
        "authors": [{"name": "Ada"}, {"name": "Bob"}],
        "language": "pt-BR",
    }
    post = only(tmp_path, json_feed(one, feed_url=f"{SITE}/feed.json"))
    assert (post.id, post.url) == ("7", f"{SITE}/one/")
    assert (post.title, post.html, post.excerpt) == ("One & two", "<p>Rye.</p>", "Short.")
    assert (post.tags, post.author, post.language) == (("bread", "rye"), "Ada, Bob", "pt-br")
    assert post.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert post.updated == datetime(2024, 2, 3, tzinfo=UTC)
    assert post.image == Image(f"{SITE}/loaf.jpg")


def test_plain_text_of_a_json_feed_becomes_paragraphs(tmp_path: Path) -> None:
    """``content_text`` is no HTML: what looks like a tag is text."""
    one = {"id": "a", "url": f"{SITE}/one/", "content_text": "1 < 2\n\n<b>x</b>"}
    assert only(tmp_path, json_feed(one)).html == "<p>1 &lt; 2</p>\n<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_the_older_formats_are_read(tmp_path: Path) -> None:
    """RSS 1.0 is RDF, and 0.91 names a document type of its own."""
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>B</title><link>{SITE}</link></channel><item><title>One</title>"
        f"<link>{SITE}/one/</link><dc:date>2024-01-02</dc:date></item></rdf:RDF>"
    )
    assert only(tmp_path, rdf).published == datetime(2024, 1, 2, tzinfo=UTC)
    old = (
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
        f"{item('<description>Rye.</description>')}</channel></rss>"
    )
    assert only(tmp_path, old).html == "Rye."


def test_a_packed_feed_is_read(tmp_path: Path) -> None:
    """Whatever its name is."""
    assert only(tmp_path, gzip.compress(rss(item()).encode())).title == "One"


# --- identity and addresses ---


def test_without_a_guid_the_link_is_the_id(tmp_path: Path) -> None:
    """Tracking parameters are part of neither."""
    post = only(tmp_path, rss(item(link=f"{SITE}/one/?utm_source=rss&amp;p=1")))
    assert post.id == post.url == f"{SITE}/one/?p=1"


def test_a_guid_that_is_the_permalink_is_the_address(tmp_path: Path) -> None:
    """Feeds may leave the link away."""
    found = only(tmp_path, rss(f"<item><guid>{SITE}/one/</guid><title>One</title></item>"))
    assert found.url == f"{SITE}/one/"


def test_relative_links_start_from_the_feeds_base(tmp_path: Path) -> None:
    """``xml:base`` where the feed has one, else the blog's address."""
    content = '<content type="html">&lt;a href="b.html"&gt;b&lt;/a&gt;</content>'
    base = f'xml:base="{SITE}/de/"'
    post = only(tmp_path, atom(entry(content, href="one/"), attributes=base))
    assert post.url == f"{SITE}/de/one/"
    assert post.html == f'<a href="{SITE}/de/b.html">b</a>'
    assert only(tmp_path, rss(item(link="/one/"))).url == f"{SITE}/one/"
    assert only(tmp_path, rss(item(link="/one/")), "https://x.example").url.startswith("https://x")


def test_the_true_address_behind_feedburner_is_taken(tmp_path: Path) -> None:
    """Its own links count clicks and are gone one day."""
    more = f"<feedburner:origLink>{SITE}/one/</feedburner:origLink>"
    assert only(tmp_path, rss(item(more, link="https://feeds.example/~r/x"))).url == f"{SITE}/one/"


@pytest.mark.parametrize(
    ("link", "clean"),
    [
        ("https://a.example/?utm_source=rss&p=1&fbclid=x", "https://a.example/?p=1"),
        ("https://a.example/x?amp=1#y", "https://a.example/x?amp=1#y"),
        ("https://a.example/x?a=%20b&&c", "https://a.example/x?a=%20b&&c"),
    ],
)
def test_only_tracking_is_taken_from_links(link: str, clean: str) -> None:
    """Whatever else a link holds stays as it was written."""
    assert clean_link(link) == clean


# --- texts ---


@pytest.mark.parametrize(
    "title",
    [
        "Fish &amp;amp; Chips",
        "<![CDATA[Fish &amp; Chips]]>",
        "Fish &amp; Chips",
        "Fish &#38;amp; Chips",
    ],
)
def test_titles_that_are_escaped_twice_are_unescaped(tmp_path: Path, title: str) -> None:
    """Feedparser leaves them."""
    assert only(tmp_path, rss(item(title=title))).title == "Fish & Chips"


def test_what_looks_like_a_tag_stays_in_a_plain_title(tmp_path: Path) -> None:
    """Atom says whether a title is HTML."""
    plain = only(tmp_path, atom(entry(title="<title>Vec&lt;b&gt;</title>")))
    assert plain.title == "Vec<b>"
    marked = only(tmp_path, atom(entry(title='<title type="html">a &lt;b&gt;b&lt;/b&gt;</title>')))
    assert marked.title == "a b"


def test_plain_text_is_no_html(tmp_path: Path) -> None:
    """What looks like a tag in it is shown; the text is no summary of itself."""
    content = '<content type="text">Vec&lt;T&gt; and more</content>'
    summary = '<summary type="text">Of Vec&lt;T&gt;.</summary>'
    (alone, both) = (only(tmp_path, atom(entry(one))) for one in (content, content + summary))
    assert alone.html == both.html == "<p>Vec&lt;T&gt; and more</p>"
    assert (alone.excerpt, both.excerpt) == ("", "Of Vec<T>.")


def test_the_beginning_of_a_text_of_dots_is_found_in_linear_time(tmp_path: Path) -> None:
    """Every run of dots may be where a summary was cut off."""
    summary = "Rye" + "." * 100_000 + "x" * 300
    content = f"<description>{summary}</description><content:encoded>Salt</content:encoded>"
    assert only(tmp_path, rss(item(content))).excerpt == summary


def test_an_address_of_mail_is_no_name(tmp_path: Path) -> None:
    """Nor is it to be shown to everybody."""
    assert only(tmp_path, rss(item("<author>ada@blog.example</author>"))).author == ""
    (post,) = read(tmp_path, rss(item("<author>ada@blog.example (Ada Rye)</author>")))
    assert isinstance(post, Post)
    assert post.author == "Ada Rye"


def test_the_content_is_preferred_over_the_summary(tmp_path: Path) -> None:
    """In whichever order they stand; a feed without content has its summaries."""
    content = "<content:encoded><![CDATA[<p>Whole text.</p>]]></content:encoded>"
    summary = "<description>Something else.</description>"
    for more in (content + summary, summary + content):
        assert only(tmp_path, rss(item(more))).html == "<p>Whole text.</p>"
    alone = only(tmp_path, rss(item(summary)))
    assert (alone.html, alone.excerpt) == ("Something else.", "")


def test_a_summary_cut_off_from_the_body_is_no_excerpt(tmp_path: Path) -> None:
    """WordPress makes one for every post that has none."""
    more = (
        "<description><![CDATA[<p>Rye bread needs a [&#8230;]</p>]]></description>"
        "<content:encoded><![CDATA[<p>Rye bread needs a sourdough.</p>]]></content:encoded>"
    )
    assert only(tmp_path, rss(item(more))).excerpt == ""


@pytest.mark.parametrize("words", ["The post {} appeared first on {}.", "{} erschien auf {}."])
def test_the_link_back_to_the_blog_is_removed(tmp_path: Path, words: str) -> None:
    """It stands below every post and would make all of them alike, in any language."""
    back = words.format(f'<a href="{SITE}/one/">One</a>', f'<a href="{SITE}">Blog</a>')
    more = f"<content:encoded><![CDATA[<p>Rye.</p>\n<p>{back}</p>]]></content:encoded>"
    assert only(tmp_path, rss(item(more))).html == "<p>Rye.</p>"


def test_a_last_paragraph_of_the_author_stays(tmp_path: Path) -> None:
    """Two links alone do not make it a link back."""
    last = f'<p><a href="{SITE}/one/">Here</a> and <a href="{SITE}/two/">there</a>.</p>'
    more = f"<content:encoded><![CDATA[<p>Rye.</p>{last}]]></content:encoded>"
    assert only(tmp_path, rss(item(more))).html == f"<p>Rye.</p>{last}"


def test_what_plugins_add_is_removed(tmp_path: Path) -> None:
    """A feed holds the body as it is shown."""
    body = '<p>Rye.</p><div class="sharedaddy">Share</div>'
    more = f"<content:encoded><![CDATA[{body}]]></content:encoded>"
    assert only(tmp_path, rss(item(more))).html == "<p>Rye.</p>"


# --- pictures, dates ---


@pytest.mark.parametrize(
    ("more", "src"),
    [
        ('<enclosure url="/e.png" type="image/png" length="1"/>', f"{SITE}/e.png"),
        ('<enclosure url="/e.mp3" type="audio/mpeg" length="1"/>', None),
        ('<media:thumbnail url="/t.jpg"/>', f"{SITE}/t.jpg"),
        (
            '<media:content url="/s.jpg" width="9" medium="image"/>'
            '<media:content url="/l.jpg" width="900" medium="image"/>',
            f"{SITE}/l.jpg",
        ),
        ('<media:content url="https://1.gravatar.com/avatar/x" medium="image"/>', None),
        ('<media:content url="/v.mp4" medium="video"/>', None),
    ],
)
def test_pictures_are_those_of_the_post(tmp_path: Path, more: str, src: str | None) -> None:
    """The largest is taken; a film, a podcast and the author's face are none."""
    image = only(tmp_path, rss(item(more))).image
    assert (image and image.src) == src


@pytest.mark.parametrize(
    "date", ["Mon, 30 Nov -0001 00:00:00 +0000", "yesterday", "", "9999999999", "0000-00-00"]
)
def test_a_date_that_is_none_leaves_the_post_undated(tmp_path: Path, date: str) -> None:
    """Feeds are forgiven much."""
    assert only(tmp_path, rss(item(f"<pubDate>{date}</pubDate>"))).published is None


# --- what is no post ---


def test_drafts_and_later_posts_are_skipped(tmp_path: Path) -> None:
    """Protected Atom feeds hold both."""
    draft = '<app:control xmlns:app="http://www.w3.org/2007/app"><app:draft>yes</app:draft></app:control>'
    later = "<published>2990-01-01T00:00:00Z</published>"
    found = [read(tmp_path, atom(entry(more)))[0] for more in (draft, later)]
    assert [one.reason for one in found if isinstance(one, Skipped)] == ["draft", "scheduled"]


@pytest.mark.parametrize("name", ["content:encoded", "description"])
def test_a_post_with_a_password_is_skipped(tmp_path: Path, name: str) -> None:
    """WordPress's feeds name it, with the form that asks for the password as its text."""
    form = (
        '<form action="https://blog.example/wp-login.php?action=postpass" '
        'class="post-password-form" method="post"><p>Password: <input type="password"/></p></form>'
    )
    (found,) = read(tmp_path, rss(item(f"<guid>g</guid><{name}><![CDATA[{form}]]></{name}>")))
    assert isinstance(found, Skipped)
    assert (found.reason, found.post_id) == ("password-protected", "g")
    written = f"<content:encoded>{escape(escape(form))}</content:encoded>"
    assert isinstance(only(tmp_path, rss(item(written))), Post), "a post that shows the form's code"


@pytest.mark.parametrize("broken", ["<item/>", "<item><guid>x y</guid></item>", item(link="urn:x")])
def test_an_item_without_an_address_is_a_problem(tmp_path: Path, broken: str) -> None:
    """It is named by its place; the others are read."""
    first, second = read(tmp_path, rss(broken, item()))
    assert isinstance(first, Problem)
    assert first.place == "feed.xml entry 1"
    assert isinstance(second, Post)


def test_an_id_that_comes_twice_is_a_problem(tmp_path: Path) -> None:
    """The first stays."""
    first, second = read(tmp_path, rss(item(), item(title="Again")))
    assert isinstance(first, Post)
    assert isinstance(second, Problem)


def test_a_feed_without_posts_is_empty_not_broken(tmp_path: Path) -> None:
    """A new blog has one."""
    assert read(tmp_path, rss()) == read(tmp_path, json_feed()) == []


def test_a_feed_never_is_the_whole_blog(tmp_path: Path) -> None:
    """What is not in it any more was not deleted."""
    assert FeedSource(tmp_path / "x", now=NOW).complete is False


def test_the_name_is_the_blogs_address(tmp_path: Path) -> None:
    """Wherever the file lies, and with ``--site`` for feeds that do not say it."""
    path = tmp_path / "f"
    path.write_text(rss(item()))
    assert FeedSource(path, now=NOW).name == f"feed:{SITE}"
    path.write_text("<rss><channel/></rss>")
    assert FeedSource(path, site=f"{SITE}/", now=NOW).name == f"feed:{SITE}"


def test_a_file_that_is_missing_is_a_source_error(tmp_path: Path) -> None:
    """Like any other."""
    with pytest.raises(SourceError):
        list(FeedSource(tmp_path / "absent", now=NOW).read())


def test_content_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    """Feedparser, given a string, would open the file or address that it names."""
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(item()))
    with pytest.raises(ValueError, match="no feed"):
        parse_feed(str(secret).encode())


def test_utf_16_is_read(tmp_path: Path) -> None:
    """It is told by the content alone, with its mark or without."""
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        path = tmp_path / encoding
        path.write_bytes(rss(item(title="Zoë 日本")).replace("UTF-8", "UTF-16").encode(encoding))
        (post,) = open_source(str(path), now=NOW).read()
        assert isinstance(post, Post)
        assert post.title == "Zoë 日本"
