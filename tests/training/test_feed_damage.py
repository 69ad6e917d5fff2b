"""Feeds that are broken, hostile or huge: mended, or a clear error in bounded time."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.sources.feeds.document import Feed
from training.sources.feeds.feed import parse_feed
from training.sources.feeds.xml_text import well_formed

HEAD = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
ITEM = (
    "<item><title>One</title><link>https://blog.example/one/</link>"
    "<content:encoded><![CDATA[<p>Rye &amp; salt.</p>]]></content:encoded></item>"
)
RSS = f"{HEAD}<link>https://blog.example</link>{ITEM}</channel></rss>"
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://blog.example/"/>'
    '<entry><id>1</id><title type="html">One</title><link href="/one/"/>'
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Rye</p></div></content>'
    "<updated>2024-01-02T00:00:00Z</updated></entry></feed>"
)
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/one/", '
    '"content_html": "<p>Rye.</p>", "date_published": "2024-01-02T00:00:00Z", "tags": ["a"]}]}'
)


def parse(content: str | bytes) -> Feed:
    """A feed of any content."""
    return parse_feed(content.encode() if isinstance(content, str) else content)


def body(content: str) -> str:
    """The body of the only entry of an RSS feed with such an item."""
    (entry,) = parse(f"{HEAD}{content}</channel></rss>").entries
    return entry.html or entry.summary


# --- what is mended ---


@pytest.mark.parametrize(
    ("broken", "link"),
    [
        ("<link>https://b.example/?a=1&b=2</link>", "https://b.example/?a=1&b=2"),
        ("<title>caf&eacute; &nbsp;&unknown; &amp; x</title><link>https://b.example/</link>", None),
        ("<link>https://b.example/</link><dc:creator>Ada</dc:creator>", None),
        ("<link>https://b.example/</link><b>never closed", None),
        ("<link>https://b.example/</link><title>a \x08\x1c b</title>", None),
        ("<link>https://b.example/</link><title>&#x1c;&#0;b</title>", None),
    ],
)
def test_everyday_mistakes_are_mended(broken: str, link: str | None) -> None:
    """Bare ampersands, entities of HTML, prefixes nobody declared, control characters."""
    feed = parse(f"{HEAD}<item>{broken}</item>{ITEM}</channel></rss>")
    assert feed.entries[0].link == (link or "https://b.example/")
    assert feed.entries[-1].html in ("<p>Rye &amp; salt.</p>", feed.entries[0].html)


def test_mending_leaves_the_texts_alone() -> None:
    """What stands in CDATA is not XML, and keeps every character."""
    text = "<p>a &amp; b &nbsp; &copy; < & ?x=1&y=2</p>"
    assert (
        body(f"<item><title>A & B</title><description><![CDATA[{text}]]></description></item>")
        == text
    )


def test_entities_of_html_are_resolved() -> None:
    """XML knows five; templates write all of them."""
    (entry,) = parse(
        f"{HEAD}<item><title>caf&eacute; &hellip;</title></item></channel></rss>"
    ).entries
    assert entry.title == "café …"


def test_what_stands_before_and_behind_is_passed_over() -> None:
    """Plugins print blank lines and warnings, caches write comments."""
    content = f"\n\nWarning: x\n<?xml version='1.0'?>{RSS}\n<!-- cached -->\n"
    assert len(parse(content).entries) == 1
    assert len(parse(RSS + "<p>Fatal error</p>").entries) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_encodings_are_told(encoding: str) -> None:
    """By a mark, by the declaration, or by the bytes themselves."""
    content = f'<?xml version="1.0" encoding="{encoding}"?>' + RSS.replace("One", "Café")
    assert parse(content.encode(encoding)).entries[0].title == "Café"


def test_an_encoding_that_nobody_says_is_guessed() -> None:
    """Old blogs write Windows-1252; the server may know better."""
    content = RSS.replace("One", "Brötchen")
    assert parse(content.encode("cp1252")).entries[0].title == "Brötchen"
    found = parse_feed(RSS.replace("One", "Хлеб").encode("koi8-r"), charset="koi8-r")
    assert found.entries[0].title == "Хлеб"


@pytest.mark.parametrize(
    ("said", "written"),
    [("iso-8859-1", "utf-8"), ("windows-1251", "utf-8"), ("utf-8", "cp1252"), ("ascii", "cp1252")],
)
def test_an_encoding_that_is_said_wrongly_is_told_by_the_bytes(said: str, written: str) -> None:
    """A blog that moved keeps the declaration of its old server."""
    content = f'<?xml version="1.0" encoding="{said}"?>' + RSS.replace("One", "Café")
    assert parse(content.encode(written)).entries[0].title == "Café"


@pytest.mark.parametrize(
    ("said", "written", "title"),
    [("gb2312", "gbk", "镕"), ("shift_jis", "cp932", "①"), ("euc-kr", "cp949", "뷁")],
)
def test_a_label_stands_for_the_larger_encoding(said: str, written: str, title: str) -> None:
    """As browsers have it: one character that the small one lacks cost all of the text."""
    content = f'<?xml version="1.0" encoding="{said}"?>' + RSS.replace("One", title)
    assert parse(content.encode(written)).entries[0].title == title


def test_wrong_bytes_cost_themselves_only() -> None:
    """A feed that says it is UTF-8, and is but for a byte, is read as such."""
    content = b'<?xml version="1.0" encoding="utf-8"?>' + RSS.replace("One", "Rêve Caf").encode()
    assert parse(content.replace(b"Caf", b"Caf\xe9")).entries[0].title == "Rêve Caf\ufffd"


# --- what is refused ---


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        (" \n\ufeff", "no feed|empty"),
        ("<!DOCTYPE html><html><body><feed>", "a web page"),
        ("<svg/>", "no feed"),
        ("\x00\x01\x02\xff garbage", "no feed"),
        ("<rss", "no feed"),
        ("<rss>", "cut off"),
        (RSS[:-40], "cut off"),
        (RSS[: len(HEAD) + 60], "cut off"),
        (ATOM[:-3], "cut off"),
        ("[1, 2", "not a whole JSON"),
        ("[1, 2]", "no JSON Feed"),
        ('{"items": 3}', "no JSON Feed"),
        (JSON[:-20], "not a whole JSON"),
        ('{"a":' * 100_000, "not a whole JSON"),
        ("<rss>" + "<a>" * 300 + "</a>" * 300 + "</rss>", "nests deeper"),
        ("<rss>" + "<a>" * 100_000 + "</rss>", "nests deeper"),
    ],
)
def test_what_is_no_feed_or_not_whole_is_refused(content: str, reason: str) -> None:
    """In words; a feed cut off would shorten its last post."""
    with pytest.raises(ValueError, match=reason):
        parse(content.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">',
        '<!ENTITY c SYSTEM "file:///etc/passwd">',
        '<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x; <!ENTITY c "">',
    ],
)
def test_entities_of_its_own_are_refused(entities: str) -> None:
    """Bombs and references to elsewhere are never expanded."""
    with pytest.raises(ValueError, match="document type"):
        parse(f"<!DOCTYPE rss [{entities}]>" + RSS.replace("One", "&c;"))


def test_a_late_document_type_is_refused() -> None:
    """Also where the first element is not what it seems."""
    with pytest.raises(ValueError, match="document type"):
        parse('<!-- <rss --> <!DOCTYPE rss [<!ENTITY c "x">]>' + RSS.replace("One", "&c;"))


@pytest.mark.parametrize(
    "hostile",
    [
        "<item " + " ".join(f'a{i}="1"' for i in range(40_000)) + "><title>x</title></item>",
        "<item><title>" + "<" * 300_000 + "</title></item>",
        "<item><title>" + "&" * 300_000 + "</title></item>",
        "<item><title a='" + "<a b='" * 50_000 + "</title></item>",
        "<![CDATA[" * 50_000,
        "<!-- " * 50_000,
        "<?x " * 50_000,
        "<item><title>" + "&x" * 200_000 + ";</title></item>",
        "<item>" + "<a:b>" * 20_000 + "</item>",
        "<item><author>" + "a" * 300_000 + "</author></item>",
    ],
)
def test_hostile_feeds_take_linear_time(hostile: str) -> None:
    """A lenient parser took a minute for some of these; here they are read or refused."""
    content = f"{HEAD}{hostile}{ITEM}</channel></rss>"
    with suppress(ValueError):
        parse(content)


def test_a_post_of_ten_megabytes_is_read() -> None:
    """Whole."""
    text = "<p>Rye bread.</p>" * 600_000
    assert body(f"<item><description><![CDATA[{text}]]></description></item>") == text


def test_well_formed_feeds_are_not_changed() -> None:
    """Mending is for what is broken."""
    assert well_formed(RSS.encode()) == RSS.encode()


# --- fuzz ---


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_refused(content: bytes) -> None:
    """Nothing but ValueError."""
    for head in (b"", b"<rss>", b'{"items": [', b"<feed xmlns='http://www.w3.org/2005/Atom'>"):
        with suppress(ValueError):
            parse(head + content)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([RSS, ATOM, JSON]), st.randoms(use_true_random=False), st.integers(1, 4))
def test_mutations_of_a_feed_are_read_or_refused(good: str, rng: random.Random, times: int) -> None:
    """Bytes overwritten, cut out and repeated anywhere."""
    content = good.encode()
    for _ in range(times):
        place, length = rng.randrange(len(content)), rng.randrange(1, 30)
        piece = rng.choice([rng.randbytes(length), content[place : place + length] * 3, b"", b"<&"])
        content = content[:place] + piece + content[place + rng.choice([0, length]) :] or b"<"
    with suppress(ValueError):
        parse(content)
