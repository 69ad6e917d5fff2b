"""What a page says of itself, and which of several statements is believed."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import post_from_json, post_to_json
from related_posts.text.html import prose, tree
from training.sources.base import Item, Problem, Skipped
from training.sources.site import content as site_content
from training.sources.site.json_ld import read_json_ld
from training.sources.site.page import Facts, read_page
from training.sources.site.posts import page_item
from training.web import Response
from training.web.response import Headers

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://blog.example/2024/rye/"
TEXT = "<p>" + "Rye bread needs a sourdough starter, flour, water, salt and patience. " * 6 + "</p>"
ARTICLE = '<meta property="og:type" content="article">'


def ld(*objects: Any) -> str:
    """A script of JSON-LD."""
    content = objects[0] if len(objects) == 1 else list(objects)
    return f'<script type="application/ld+json">{json.dumps(content)}</script>'


def meta(**values: str) -> str:
    """Meta elements; ``og__title`` is ``og:title``."""
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{value}">'
        for name, value in values.items()
    )


def page(
    head: str = "", body: str = f"<article><h1>Rye</h1>{TEXT}</article>", lang: str = "en"
) -> str:
    """A whole page."""
    return f'<!doctype html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'


def facts(head: str = "", body: str = "<h1>Rye</h1>", url: str = URL) -> Facts:
    """What a page says."""
    parsed = tree(page(head, body))
    assert parsed is not None
    return read_page(parsed, url)


def item(content: str, url: str = URL, site: str = "https://blog.example", **headers: str) -> Item:
    """What a page is."""
    fields = {"content-type": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}}
    answer = Response(url, 200, Headers(fields), content.encode())
    return page_item(answer, site=site, now=NOW)[0]


@pytest.fixture(params=[True, False], ids=["trafilatura", "alone"])
def extractor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With and without what the extra installs."""
    if request.param and not site_content.is_extractor_installed():
        pytest.skip("trafilatura is not installed (the extra `site`)")
    if not request.param:
        monkeypatch.setattr(site_content, "_trafilatura", lambda: None)
    return bool(request.param)


# --- the order of trust ---


def test_json_ld_comes_first() -> None:
    """Over OpenGraph, and that over what is shown."""
    said = {
        "@type": "BlogPosting",
        "headline": "From JSON-LD &amp; more",
        "datePublished": "2024-01-02T10:00:00+02:00",
        "dateModified": "2024-02-03",
        "author": {"name": "Ada"},
        "keywords": "bread, rye",
        "articleSection": ["Baking"],
        "description": "Short.",
        "image": {"url": "/loaf.jpg", "width": 800, "height": {"value": 600}},
    }
    graph = meta(
        og__title="From OpenGraph",
        article__published_time="2020-01-01",
        article__tag="other",
        og__description="Other.",
    )
    found = facts(f"<title>From the title</title>{graph}{ld(said)}")
    assert not found.no_article
    assert found.title == "From JSON-LD & more"
    assert found.published == datetime(2024, 1, 2, 8, tzinfo=UTC)
    assert found.updated == datetime(2024, 2, 3, tzinfo=UTC)
    assert (found.author, found.tags, found.categories) == ("Ada", ("bread", "rye"), ("Baking",))
    assert found.description == "Short."
    assert found.images == ({"src": "/loaf.jpg", "width": 800, "height": 600},)


def test_open_graph_comes_second() -> None:
    """With several tags and a section."""
    head = meta(
        og__type="article",
        og__title="Rye | Blog",
        og__site_name="Blog",
        article__published_time="2024-01-02",
        article__section="Baking",
        og__image="/loaf.jpg",
        og__image__width="800",
        og__image__height="600",
        og__image__alt="A loaf",
    )
    tags = meta(article__tag="bread") + meta(article__tag="rye")
    found = facts(f"<title>Other</title>{head}{tags}", '<a rel="tag">shown</a>')
    assert (found.no_article, found.title) == ("", "Rye")
    assert (found.tags, found.categories) == (("bread", "rye"), ("Baking",))
    (image,) = found.images
    assert image == {"src": "/loaf.jpg", "width": "800", "height": "600", "alt": "A loaf"}


def test_what_is_shown_comes_last() -> None:
    """The heading in the title, the date in the article, links marked as tags."""
    body = (
        '<article><h1>Rye</h1><time datetime="2024-01-02">x</time><a rel="author">Ada</a>'
        '<a rel="category tag">Baking</a><a rel="tag">bread</a></article>'
    )
    found = facts("<title>Rye — my blog</title>", body)
    assert (found.no_article, found.title) == ("", "Rye")
    assert found.published == datetime(2024, 1, 2, tzinfo=UTC)
    assert (found.author, found.tags, found.categories) == ("Ada", ("bread",), ("Baking",))


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("Rye - Blog", "Blog", "Rye"),
        ("Blog » Rye", "Blog", "Rye"),
        ("Rye – my blog | x", "", "Rye – my blog"),
        ("Rye - and wheat", "", "Rye - and wheat"),
        ("Blog", "Blog", "Blog"),
        ("A|B", "", "A|B"),
    ],
)
def test_the_site_is_no_part_of_the_title(title: str, site: str, expected: str) -> None:
    """Its name goes where it is known, and what stands behind a bar where it is not."""
    head = f"<title>{title}</title>" + (meta(og__site_name=site) if site else "")
    assert facts(head, "").title == expected


def test_a_date_in_the_address_is_better_than_none() -> None:
    """Many blogs show theirs in no form a program reads."""
    found = facts("", "", "https://blog.example/2024/1/02/rye/")
    assert found.published == datetime(2024, 1, 2, tzinfo=UTC)


# --- JSON-LD in its forms ---


@pytest.mark.parametrize(
    "scripts",
    [
        ['{"@type": "Article", "headline": "Rye"}'],
        ['[{"@type": "WebSite"}, {"@type": ["Thing", "NewsArticle"], "headline": "Rye"}]'],
        ['{"@graph": [{"@type": "WebPage"}, {"@type": "TechArticle", "headline": "Rye"}]}'],
        ['{"@type": "WebPage", "mainEntity": {"@type": "BlogPosting", "headline": "Rye"}}'],
        ["not JSON", '{"@type": "http://schema.org/BlogPosting", "headline": "Rye"}'],
        ['<!-- {"@type": "Article", "headline": "Rye"} -->'],
        ['{"@type": "Article", "headline": "Rye",\n"description": "a\nb"};'],
    ],
)
def test_the_article_is_found_in_every_form(scripts: list[str]) -> None:
    """Alone, in lists, in ``@graph``, as the main entity, in comments, with line breaks."""
    article, _ = read_json_ld(scripts)
    assert article is not None
    assert article.title == "Rye"


def test_references_within_the_graph_are_resolved() -> None:
    """As Yoast writes author and picture."""
    graph = [
        {
            "@type": "Article",
            "headline": "Rye",
            "author": {"@id": "#ada", "name": "Ada M."},
            "image": {"@id": "#loaf"},
        },
        {"@id": "#ada", "@type": "Person", "name": "Ada"},
        {"@id": "#loaf", "@type": "ImageObject", "url": "/loaf.jpg"},
    ]
    article, _ = read_json_ld([json.dumps({"@graph": graph})])
    assert article is not None
    assert article.author == "Ada"
    assert article.image is not None
    assert article.image["src"] == "/loaf.jpg"


def test_a_page_of_another_type_is_no_article() -> None:
    """Though a plugin calls it one for the sake of sharing."""
    described = ld({"@type": "WebPage", "name": "About"}) + ARTICLE
    assert facts(described).no_article
    assert not facts(described + meta(article__published_time="2024-01-02")).no_article


@pytest.mark.parametrize(
    ("head", "body", "url", "reason"),
    [
        ("", "<h1>About</h1>", URL, "nothing says that it is one"),
        (
            meta(og__type="website"),
            "<article><h1>a</h1><time datetime='2024-01-02'></article>",
            URL,
            "its og:type is another",
        ),
        ("", "<h1>List</h1><article></article><article></article>", URL, "it shows several"),
        (ARTICLE, "", "https://blog.example/", "the front page"),
        (
            ld({"@type": "CollectionPage"}),
            "<article><h1>a</h1></article>",
            URL,
            "its JSON-LD says something else",
        ),
        ("", "<article><h1>a</h1></article>", URL, "it has no date"),
        ("", "<article><time datetime='2024-01-02'></article>", URL, "it has no heading"),
    ],
)
def test_other_pages_are_no_articles(head: str, body: str, url: str, reason: str) -> None:
    """Forms, lists, front pages; what is missing is said."""
    assert facts(head, body, url).no_article == f"not an article: {reason}"


# --- which pages are posts ---


def test_a_post_arrives_whole(extractor: bool) -> None:
    """With the main text alone, without its title."""
    head = (
        ARTICLE
        + meta(article__published_time="2024-01-02", og__title="Rye", og__image="/loaf.jpg")
        + '<link rel="canonical" href="https://blog.example/2024/rye/">'
        + '<meta name="description" content="Short.">'
        + '<link rel="alternate" hreflang="en" href="/2024/rye/">'
        + '<link rel="alternate" hreflang="de" href="/2024/roggen/">'
    )
    around = "<nav><a href='/'>Home</a></nav>", "<footer>All rights reserved</footer>"
    found = item(
        page(head, f"{around[0]}<article><h1>Rye</h1>{TEXT}</article>{around[1]}", "en_GB")
    )
    assert isinstance(found, Post), found
    assert (found.id, found.url, found.slug) == ("/2024/rye", URL, "rye")
    assert (found.title, found.excerpt, found.language) == ("Rye", "Short.", "en-gb")
    assert found.image == Image("https://blog.example/loaf.jpg")
    assert found.translation_group == "blog.example/2024/roggen"
    assert prose(found.html).text.split() == prose(TEXT).text.split()
    assert post_from_json(post_to_json(found)) == found


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ('<meta name="robots" content="index, noindex">', "noindex"),
        ('<meta name="ROBOTS" content="none">', "noindex"),
        ('<link rel="canonical" href="/other/">', "copy of another page"),
        ('<link rel="canonical" href="https://origin.example/2024/rye/">', "copy of another page"),
        (meta(article__published_time="2990-01-01"), "scheduled"),
        (meta(og__type="product"), "not an article: its og:type is another"),
    ],
)
def test_what_is_not_to_be_listed_is_skipped(head: str, reason: str) -> None:
    """With the id of this page, so that an earlier row of it goes."""
    found = item(page(head + ("" if "og:type" in head else ARTICLE)))
    assert isinstance(found, Skipped), found
    assert (found.reason, found.post_id) == (reason, "/2024/rye")


def test_a_page_that_asks_for_a_password_is_skipped() -> None:
    """As WordPress shows a protected post, whatever a theme puts around the form."""
    form = "<form class='x post-password-form' method='post'><input type='password'></form>"
    found = item(page(ARTICLE, f"<article><h1>Protected: Rye</h1>{form}{TEXT}</article>"))
    assert isinstance(found, Skipped)
    assert (found.reason, found.post_id) == ("password-protected", "/2024/rye")


def test_headers_count_too() -> None:
    """For noindex, and for what is no page at all."""
    hidden = item(page(ARTICLE), x_robots_tag="noindex")
    picture = item("GIF89a", content_type="image/gif")
    assert isinstance(hidden, Skipped)
    assert isinstance(picture, Skipped)
    assert (hidden.reason, picture.reason) == ("noindex", "not a page (image/gif)")


def test_canonical_spellings_of_one_address_are_itself() -> None:
    """With or without www, https and a last slash; and the blog's own address on a copy of it."""
    canonical = '<link rel="canonical" href="http://www.blog.example/2024/rye">'
    assert isinstance(item(page(ARTICLE + canonical)), Post)
    staging = item(page(ARTICLE + canonical), "https://staging.example/2024/rye/")
    assert isinstance(staging, Post)
    assert staging.url == "http://www.blog.example/2024/rye"


def test_without_the_extra_an_unmarked_text_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Guessing would index menus."""
    monkeypatch.setattr(site_content, "_trafilatura", lambda: None)
    with pytest.raises(SourceError, match=r"pip install 'related-posts\[site\]'"):
        item(page(ARTICLE, f"<div>{TEXT}</div>"))


def test_what_surrounds_a_marked_text_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one is within another; never most of the text, whatever its class."""
    monkeypatch.setattr(site_content, "_trafilatura", lambda: None)
    around = '<aside><form>a</form></aside><div class="sharedaddy"><nav>b</nav></div>'
    body = f'<article class="no-comments"><div class="comment-open">{TEXT}</div>{around}</article>'
    found = item(page(ARTICLE, body))
    assert isinstance(found, Post)
    assert prose(found.html).text.split() == prose(TEXT).text.split()


# --- hostile pages ---


@pytest.mark.parametrize(
    "body",
    [
        "<p " + " ".join(f'a{i}="1"' for i in range(40_000)) + ">x</p>",
        f"<article>{TEXT * 20_000}</article>",
        "<a href='/x'>" * 30_000,
        "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
    ],
    ids=["attributes", "10 MB", "links", "deep JSON"],
)
def test_hostile_pages_end(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bounded time, as a post or something else."""
    monkeypatch.setattr(site_content, "_trafilatura", lambda: None)
    assert isinstance(item(page(ARTICLE, f"<article>x</article>{body}")), Post | Skipped | Problem)


def test_elements_too_deep_are_a_problem() -> None:
    """No tree is built of them."""
    found = item(page(ARTICLE, "<div>" * 100_000))
    assert isinstance(found, Problem)
    assert found.post_id == "/2024/rye"


GOOD = page(
    ARTICLE
    + meta(og__title="Rye", article__published_time="2024-01-02")
    + ld({"@type": "Article"}),
    '<article><h1>Rye</h1><p class="a">x</p><nav><li><a href="../b?c=1#d">b</a></nav></article>',
)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60), st.randoms(use_true_random=False))
def test_any_page_is_read(content: bytes, rng: random.Random) -> None:
    """Mutations of a good page: items or SourceError, nothing else."""
    good = GOOD.encode()
    place = rng.randrange(len(good))
    broken = good[:place] + content + good[place + rng.randrange(30) :]
    answer = Response(URL, 200, Headers({"content-type": "text/html"}), broken)
    found = page_item(answer, site=URL, now=NOW)[0]
    if isinstance(found, Post):
        assert post_from_json(post_to_json(found)) == found


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["@id", "@type", "@graph", "name", "url", "width", "value", "mainEntity"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
KEYS = ("headline", "author", "image", "keywords", "datePublished", "articleSection", "inLanguage")


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(KEYS), values), values)
def test_any_json_ld_is_read(said: dict[str, Any], other: Any) -> None:
    """Values of any kind under any key."""
    article, _ = read_json_ld([json.dumps([other, {"@type": "Article", "name": "x", **said}])])
    assert article is not None
