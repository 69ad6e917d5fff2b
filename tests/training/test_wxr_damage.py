"""WordPress exports that are broken, hostile or huge: a clear error, bounded memory."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Post
from training.sources.base import Item, Problem
from training.sources.wordpress.wxr import WxrSource

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0" '
    'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wp="http://wordpress.org/export/1.2/">'
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))
BODY = "<channel><wp:base_blog_url>https://blog.example</wp:base_blog_url>{}</channel></rss>"


def item(number: int, body: str = "Rye.", title: str = "T", more: str = "") -> str:
    """A published post."""
    return (
        f"<item><title>{title}</title><link>https://blog.example/{number}/</link>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_date_gmt>2024-01-05 08:00:00"
        "</wp:post_date_gmt><wp:status>publish</wp:status>"
        f"<wp:post_type>post</wp:post_type>{more}</item>\n"
    )


def write(folder: Path, content: str | bytes) -> Path:
    """A file of any content."""
    path = folder / "export.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def export(folder: Path, *items: str) -> Path:
    """A whole export."""
    return write(folder, HEAD + BODY.format("".join(items)))


def read(path: Path) -> list[Item]:
    """Every item."""
    return list(WxrSource(path, now=NOW).read())


def only(path: Path) -> Post:
    """The only item, which is a post."""
    (found,) = read(path)
    assert isinstance(found, Post), found
    return found


# --- what is mended ---


def test_control_characters_do_not_cost_the_text(tmp_path: Path) -> None:
    """XML forbids them, real posts hold them; only they are removed."""
    junk = "".join(map(chr, [*range(9), 11, 12, *range(14, 32)]))
    body = f"before{junk}after\ufffe\uffff " + "x" * 20_000
    post = only(export(tmp_path, item(1, body, title=f"A{junk}B")))
    assert post.html == f"<p>beforeafter {'x' * 20_000}</p>"
    assert post.title == "AB"


def test_forbidden_characters_are_found_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the file is cut into blocks, what is read is the same."""
    path = export(tmp_path, item(1, "a\ufffeb\uffffc \uffef ï 日本\x1c語"))
    whole = only(path)
    assert whole.html == "<p>abc \uffef ï 日本語</p>"
    for size in (701, 702, 703, 704, 705):
        monkeypatch.setattr("training.sources.xml_stream.BLOCK_BYTES", size)
        assert only(path) == whole


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (b"caf\xe9s", "caf\ufffds"),
        (b"\xed\xa0\x80x", "\ufffd\ufffd\ufffdx"),
        (b"\xf0\x9f\x98", "\ufffd"),
        (b"\xc0\xafx", "\ufffd\ufffdx"),
    ],
)
def test_bytes_that_are_no_utf_8_cost_themselves_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: bytes, text: str
) -> None:
    """A plugin that cuts a text in the middle of a character must not cost the blog."""
    whole = (HEAD + BODY.format(item(1, "Brötchen 😀 WRONG", title="WRONG"))).encode()
    path = write(tmp_path, whole.replace(b"WRONG", wrong))
    for size in (1 << 18, 701, 702, 703, 704, 705):
        monkeypatch.setattr("training.sources.xml_stream.BLOCK_BYTES", size)
        post = only(path)
        assert (post.title, post.html) == (text, f"<p>Brötchen 😀 {text}</p>")


@pytest.mark.parametrize("before", ["\n\n", "\ufeff", "\ufeff\r\n \t", "\x00\n"])
def test_what_stands_before_the_first_element_is_passed_over(tmp_path: Path, before: str) -> None:
    """Some plugins print blank lines first, some editors a byte order mark."""
    assert only(write(tmp_path, before + HEAD + BODY.format(item(1)))).id == "1"


def test_other_encodings_are_read_where_the_file_names_them(tmp_path: Path) -> None:
    """Latin-1 by its declaration, UTF-16 by its mark."""
    whole = (HEAD + BODY.format(item(1, title="Zoë"))).replace("UTF-8", "ISO-8859-1")
    assert only(write(tmp_path, whole.encode("latin-1"))).title == "Zoë"
    assert only(write(tmp_path, whole.replace("ISO-8859-1", "UTF-16").encode("utf-16"))).id == "1"


def test_a_post_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    """The parser's own limit is lifted."""
    assert len(only(export(tmp_path, item(1, "rye bread " * 1_100_000))).html) > 10_000_000


def test_a_tag_of_forty_thousand_attributes_is_read(tmp_path: Path) -> None:
    """In the export's own XML as well as in a post's HTML."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(40_000))
    more = f'<category domain="post_tag" nicename="rye" {attributes}>rye</category>'
    post = only(export(tmp_path, item(1, f"<div {attributes}>Rye.</div>", more=more)))
    assert post.tags == ("rye",)
    assert "Rye." in post.html


def test_deep_nesting_in_a_post_is_only_text(tmp_path: Path) -> None:
    """A body is not parsed here."""
    assert only(export(tmp_path, item(1, "<div>" * 100_000))).id == "1"


def test_deep_nesting_in_the_file_is_a_source_error(tmp_path: Path) -> None:
    """The parser's limit on depth holds."""
    with pytest.raises(SourceError, match="not well-formed"):
        read(export(tmp_path, item(1, more="<x>" * 10_000 + "</x>" * 10_000)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1 << 18, 701, 702])
def test_utf_16_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, size: int
) -> None:
    """With its mark or without, whatever the file says it is in; control characters go too."""
    monkeypatch.setattr("training.sources.xml_stream.BLOCK_BYTES", size)
    for declared in ("UTF-16", "UTF-8"):
        whole = (HEAD + BODY.format(item(1, "日本 😀\x1c", title="Zoë"))).replace("UTF-8", declared)
        post = only(write(tmp_path, whole.encode(encoding)))
        assert (post.title, post.html) == ("Zoë", "<p>日本 😀</p>")


# --- entities of HTML ---


def test_entities_of_html_are_read_outside_of_cdata(tmp_path: Path) -> None:
    """Plugins write them where XML knows none; in CDATA they are the post's own, as always."""
    more = '<category domain="post_tag" nicename="rye&ndash;bread">Rye&nbsp;bread</category>'
    path = export(
        tmp_path, item(1, "a&nbsp;b &amp;nbsp;", title="&copy; Rye&hellip;&LT;&acE;", more=more)
    )
    post = only(path)
    assert post.title == "© Rye…<∾̳"
    assert post.tags == ("Rye bread",)
    assert "a&nbsp;b &amp;nbsp;" in post.html


def test_entities_of_html_are_told_once(tmp_path: Path) -> None:
    """By the source that read them, and by no other."""
    odd = WxrSource(
        export(tmp_path, item(1, title="A&nbsp;B") + item(2, title="C&nbsp;D")), now=NOW
    )
    assert [type(one) for one in odd.read()] == [Post, Post]
    assert len(odd.advice()) == 1
    assert "&nbsp;" in odd.advice()[0]
    plain = WxrSource(export(tmp_path, item(1, title="A &amp; B &#160; &lt;")), now=NOW)
    list(plain.read())
    assert plain.advice() == []


@pytest.mark.parametrize("place", [1, 40, 80])
def test_nothing_is_read_twice_or_missed_for_an_entity(tmp_path: Path, place: int) -> None:
    """Wherever the first one stands, every post is there once, and progress never goes back."""
    items = "".join(item(n, title="A&nbsp;B" if n >= place else "A") for n in range(1, 81))
    told: list[int] = []
    path = export(tmp_path, items)
    source = WxrSource(path, now=NOW, progress=lambda done, _: told.append(done))
    posts = [one for one in source.read() if isinstance(one, Post)]
    assert [post.id for post in posts] == [str(n) for n in range(1, 81)]
    assert [post.title for post in posts] == ["A"] * (place - 1) + ["A B"] * (81 - place)
    assert told == sorted(told)
    assert told[-1] == path.stat().st_size


def test_an_entity_of_html_opens_no_door(tmp_path: Path) -> None:
    """A document type is refused all the same, before and behind the first entity."""
    body = BODY.format(item(1, title="A&nbsp;B &l9;"))
    for declared in (f"<!DOCTYPE rss [{LAUGHS}]>", '<!DOCTYPE rss SYSTEM "file:///etc/passwd">'):
        with pytest.raises(SourceError, match=r"document type|not an XML file"):
            read(write(tmp_path, HEAD.replace("<rss", f"{declared}<rss", 1) + body))
        with pytest.raises(SourceError, match="not well-formed"):
            read(write(tmp_path, HEAD + body.replace("<item>", f"{declared}<item>", 1)))
    with pytest.raises(SourceError, match="not well-formed"):
        read(write(tmp_path, HEAD + body))


def test_a_million_entities_are_a_million_characters(tmp_path: Path) -> None:
    """What they stand for is shorter than their names, and nothing else is added."""
    post = only(export(tmp_path, item(1, title="x" + "&hellip;" * 1_000_000)))
    assert len(post.title) <= 1_000_001


# --- what is refused ---


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not an XML file"),
        (b"id,title\n1,A\n", "not an XML file"),
        (b"<?xml version='1.0'?>", "not an XML file"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "not a WordPress export"),
        (b"<rss version='2.0'><channel/></rss>", "a feed and not a WordPress export"),
        (b"<html><body>Log in</body></html>", "<html> and not a WordPress export"),
        (HEAD.replace("1.2/\">", "1.2/\" x=y>").encode(), "not an XML file"),
        ((HEAD + BODY.format("<item>&what;</item>")).encode(), "well-formed.*line 2"),
        ((HEAD + BODY.format("<item>&nbsp;&what;</item>")).encode(), "well-formed.*line 2"),
        ((HEAD + BODY.format("<item>&nbsp;</item>"))[:-20].encode(), "cut off.*line 2"),
        ((HEAD + BODY.format("<item><foo:bar/></item>")).encode(), "well-formed.*line 2"),
        ((HEAD + BODY.format("\n<item>&#x1c;</item>")).encode(), "well-formed.*line 3"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_a_source_error(tmp_path: Path, content: bytes, message: str) -> None:
    """It says what the file is instead, and where it is broken."""
    with pytest.raises(SourceError, match=message):
        read(write(tmp_path, content))


def test_a_name_is_asked_of_the_head_only(tmp_path: Path) -> None:
    """A file that is cut off further down still has a name; one that is none has not."""
    cut = (HEAD + BODY.format(item(1) + item(2)))[:-60]
    assert WxrSource(write(tmp_path, cut), now=NOW).name == "wxr:https://blog.example"
    with pytest.raises(SourceError):
        _ = WxrSource(write(tmp_path, "<feed/>"), now=NOW).name


@pytest.mark.parametrize("share", [0.4, 0.7, 0.9, 0.99])
def test_a_file_that_is_cut_off_yields_nothing(tmp_path: Path, share: float) -> None:
    """The first pass finds it, so no post of half a blog is seen."""
    whole = (HEAD + BODY.format("".join(map(item, range(1, 50))))).encode().rstrip()
    path = write(tmp_path, whole[: int(len(whole) * share)])
    with pytest.raises(SourceError, match=r"cut off|well-formed"):
        next(WxrSource(path, now=NOW).read())


def test_a_packed_file_that_is_cut_off_is_a_source_error(tmp_path: Path) -> None:
    """As fetching it was interrupted."""
    whole = gzip.compress((HEAD + BODY.format("".join(map(item, range(1, 500))))).encode())
    with pytest.raises(SourceError, match="cut off"):
        read(write(tmp_path, whole[: len(whole) // 2]))


def test_a_mistake_is_named_wherever_it_stands(tmp_path: Path) -> None:
    """By its own line and words, though the file is longer than the parser takes at a time."""
    items = "".join(item(n, "x" * 10_000) for n in range(1, 101))
    for wrong, said in (("&what;", "what"), ("<b></i>", "mismatch"), ("&#x1c;", "invalid")):
        path = write(tmp_path, HEAD + BODY.format(items + item(101, title=wrong) + items))
        with pytest.raises(SourceError, match=rf"(?s)not well-formed XML at line 102 .*{said}"):
            read(path)


# --- what would attack ---


@pytest.mark.parametrize(
    "declared",
    [
        f"<!DOCTYPE rss [{LAUGHS}]>",
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE rss [" + "<!-- x -->" * 200_000 + "]>",
        '<!DOCTYPE rss [<!ENTITY % a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY % b{n} "{f"%b{n - 1};" * 10 if n else "%a;"}">' for n in range(10))
        + "%b9;]>",
    ],
    ids=["laughs", "file", "network", "long", "parameters"],
)
def test_a_document_type_is_refused(tmp_path: Path, declared: str) -> None:
    """Nothing is expanded, read from disk or fetched, in a text or in an attribute."""
    head = HEAD.replace("<rss", f"{declared}<rss", 1)
    body = BODY.format(item(1, title="&l9;", more='<category domain="&l9;">x</category>'))
    with pytest.raises(SourceError, match=r"document type|not an XML file"):
        read(write(tmp_path, head + body))


def test_memory_does_not_grow_with_the_posts(tmp_path: Path) -> None:
    """Ten times the posts, the same peak."""

    def peak(n_posts: int) -> int:
        body = "rye bread wants time " * 500
        path = export(tmp_path, *(item(number, body) for number in range(1, n_posts + 1)))
        tracemalloc.start()
        try:
            n_read = sum(isinstance(one, Post) for one in WxrSource(path, now=NOW).read())
            return tracemalloc.get_traced_memory()[1] if n_read == n_posts else -1
        finally:
            tracemalloc.stop()

    peak(10)
    small, large = peak(100), peak(800)
    assert 0 < large < small + 1_000_000


def test_what_a_post_holds_besides_is_not_kept(tmp_path: Path) -> None:
    """Comments and custom fields that say nothing here are passed over."""
    more = "<wp:comment><wp:comment_content>spam</wp:comment_content></wp:comment>" * 1000
    assert "spam" not in str(only(export(tmp_path, item(1, more=more))))


# --- anything at all ---

PIECES = st.sampled_from(
    [
        HEAD.encode(), b"</channel></rss>", b"<channel>", b"<item>", b"</item>", item(1).encode(),
        item(2).encode(), b"<wp:post_id>1</wp:post_id>", b"<![CDATA[", b"]]>", b"<!--", b"-->",
        b"&amp;", b"&nbsp;", b"&#0;", b"\x00", b"\xef\xbf\xbe", b"\xff", b"<!DOCTYPE rss>",
        b"<wp:author/>", b"<wp:term><wp:term_id>9</wp:term_id></wp:term>",
        b"<category/>", b"<?x?>", b"\x1f\x8b", b"<wp:status>publish</wp:status>",
    ]
)  # fmt: skip


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES | st.binary(max_size=20), max_size=20).map(b"".join), st.booleans())
def test_any_bytes_are_items_or_a_source_error(
    tmp_path: Path, content: bytes, is_framed: bool
) -> None:
    """No other exception, whatever the file holds."""
    if is_framed:
        content = HEAD.encode() + b"<channel>" + content + b"</channel></rss>"
    try:
        items = read(write(tmp_path, content))
    except SourceError:
        return
    assert all(one.reason for one in items if isinstance(one, Problem))
