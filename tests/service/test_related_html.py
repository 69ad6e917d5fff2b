"""Lists as HTML: what a page includes is whole, safe, in its language, and never an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from related_posts.posts import Image, Post
from service.html import words
from service.html.days import day

HOSTILE = '</a><script>alert(1)</script>" onload="x'


def hostile_posts() -> list[Post]:
    """Ten posts in two languages whose every text tries to be markup."""
    return [
        Post(
            id=str(number),
            url="javascript:alert(1)" if number == 3 else f"https://blog.example/{number}/?a=1&b=2",
            title=f"{HOSTILE} {number}",
            excerpt=HOSTILE,
            author=HOSTILE,
            categories=(HOSTILE,),
            published=datetime(2024, 1, 2, tzinfo=UTC),
            image=Image("javascript:x" if number == 4 else "/i.jpg", 80, 60, HOSTILE),
            language="ar" if number == 5 else "de",
        )
        for number in range(10)
    ]


@pytest.fixture
def hostile(make_app: Callable[..., Flask], publish: Any, empty_folder: Path) -> FlaskClient:
    """A client that answers from them."""
    publish(empty_folder, posts=hostile_posts())
    return make_app(empty_folder).test_client()


def page(client: FlaskClient, **query: Any) -> LexborHTMLParser:
    """The parsed fragment of a successful answer."""
    response = client.get(f"/v1/related.html?{urlencode(query)}")
    assert response.status_code == 200, response.text
    assert response.content_type == "text/html; charset=utf-8"
    return LexborHTMLParser(response.text)


@pytest.mark.parametrize("layout", ["list", "grid", "cards"])
def test_a_fragment_is_semantic(hostile: FlaskClient, layout: str) -> None:
    """A labelled section, a heading, links in a list, sized lazy pictures, readable days."""
    found = page(hostile, id="0", layout=layout, show="image,date,author,category,excerpt")
    (section,) = found.css("section.related-posts")
    assert f"related-posts--{layout}" in section.attributes["class"]
    (heading,) = found.css("section > h2")
    assert section.attributes["aria-labelledby"] == heading.attributes["id"]
    assert heading.text() == "Ähnliche Beiträge"
    # Of five, the one whose address is none is left out.
    assert len(found.css("section > ul > li > a[href] .related-posts__title")) == 4
    for image in found.css("img"):
        assert [image.attributes[n] for n in ("width", "height", "loading")] == ["80", "60", "lazy"]
    assert {one.attributes["datetime"] for one in found.css("time")} == {"2024-01-02T00:00:00Z"}
    assert found.css_first("time").text() == "2. Januar 2024"


@pytest.mark.parametrize("layout", ["list", "grid", "cards"])
def test_whatever_a_post_says_is_text(hostile: FlaskClient, layout: str) -> None:
    """No element, attribute or scheme comes from a post; links that are none are left out."""
    found = page(hostile, id="0", layout=layout, limit=9, heading=HOSTILE,
                 show="image,date,author,category,excerpt")  # fmt: skip
    assert found.css("script, [onload], [style]") == []
    assert {a.attributes["href"].partition(":")[0] for a in found.css("a")} == {"https"}
    assert {image.attributes["src"] for image in found.css("img")} == {"/i.jpg"}
    assert len(found.css("li")) == 8
    assert len(found.css("img")) == 7
    assert found.css_first("h2").text() == HOSTILE
    assert {one.text() for one in found.css(".related-posts__excerpt")} == {HOSTILE}


def test_direction_follows_the_language(hostile: FlaskClient) -> None:
    """A list in Arabic runs from right to left; an entry in another language says so."""
    section = page(hostile, id="5").css_first("section")
    assert (section.attributes["lang"], section.attributes["dir"]) == ("ar", "rtl")
    mixed = page(hostile, id="0", limit=9).css("li[lang]")
    assert [(li.attributes["lang"], li.attributes["dir"]) for li in mixed] == [("ar", "rtl")]


def test_the_request_decides_how_it_is_written(hostile: FlaskClient) -> None:
    """Heading and level, targets, link types, and class names that themes style already."""
    found = page(hostile, id="0", heading="Read next", heading_level=3, target="_blank")
    assert found.css_first("h3").text() == "Read next"
    assert found.css_first("a").attributes["rel"] == "noopener"
    found = page(hostile, id="0", heading="", rel="nofollow", **{"class": "jp-relatedposts mine"})
    assert found.css("h2") == []
    assert found.css_first("section").attributes["aria-label"] == "Ähnliche Beiträge"
    assert found.css_first("#jp-relatedposts.mine .jp-relatedposts-post a[rel=nofollow]")
    found = page(hostile, id="0", **{"class": "crp_related"})
    assert found.css_first(".crp_related .crp_title")


def test_two_fragments_of_one_page_share_no_id(hostile: FlaskClient) -> None:
    """Headings of different lists have different ids, the same list always the same."""
    ids = [page(hostile, id=id_).css_first("h2").attributes["id"] for id_ in ("0", "1", "0")]
    assert ids[0] == ids[2] != ids[1]


def test_nothing_to_show_is_nothing(hostile: FlaskClient) -> None:
    """No list leaves the page as it is, or says what it was told to; so does an unknown post."""
    empty = hostile.get("/v1/related.html?id=0&tag=none")
    assert (empty.status_code, empty.data) == (200, b"")
    told = hostile.get("/v1/related.html?id=0&tag=none&empty=a<b")
    assert told.text == '<p class="related-posts-empty">a&lt;b</p>\n'
    unknown = hostile.get("/v1/related.html?id=nobody")
    assert (unknown.status_code, unknown.data) == (404, b"")
    assert unknown.content_type == "text/html; charset=utf-8"
    assert "max-age" in unknown.headers["Cache-Control"]
    filled = hostile.get("/v1/related.html?url=/no/where/&fallback=recent&limit=2")
    assert filled.text.count("<li ") == 2


@pytest.mark.parametrize(
    "query",
    ["layout=table", "class=a%22b", "class=1a", "rel=a%20%20b", "heading_level=1", "show=id",
     "target=x", "fields=id", "explain=1", f"heading={'x' * 201}", f"class={'a' * 201}"],
)  # fmt: skip
def test_what_does_not_fit_is_an_error(hostile: FlaskClient, query: str) -> None:
    """A template author's mistake is 400, as everywhere."""
    response = hostile.get(f"/v1/related.html?id=0&{query}")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


def test_the_operators_template_goes_first(
    make_app: Callable[..., Flask], data_folder: Path
) -> None:
    """It is in force at once, escaped, and part of the entity tag; gone, ours is back."""
    client = make_app(data_folder).test_client()
    path = "/v1/related.html?id=no-slash"
    ours = client.get(path)
    folder = data_folder / "templates" / "related"
    folder.mkdir(parents=True)
    (folder / "list.html").write_text("{% for p in posts %}[{{ p.title }}]{% endfor %}")
    theirs = client.get(path)
    assert theirs.text.startswith("[Post ")
    assert "&lt;b&gt;" in theirs.text
    assert theirs.headers["ETag"] != ours.headers["ETag"]
    assert "<section" in client.get(f"{path}&layout=grid").text
    assert client.get("/readyz").get_json()["template_error"] is None
    (folder / "list.html").unlink()
    assert client.get(path).data == ours.data


@pytest.mark.parametrize(
    "template",
    [
        "{% for %}",
        "{{ posts.nothing.more }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% include '../../curation.json' %}",
        "{% include 'related/list.html' %}",
        "{{ 1 // 0 }}",
        b"\xff\xfe",
        "{% for a in range(10**9) %}x{% endfor %}",
    ],
)
def test_a_broken_template_breaks_no_page(
    make_app: Callable[..., Flask], data_folder: Path, template: str | bytes
) -> None:
    """Ours is used, the log says why once, and /readyz shows it."""
    client = make_app(data_folder).test_client()
    path = "/v1/related.html?id=no-slash"
    ours = client.get(path)
    folder = data_folder / "templates" / "related"
    folder.mkdir(parents=True)
    content = template if isinstance(template, bytes) else template.encode()
    (folder / "list.html").write_bytes(content)
    for _ in range(2):
        found = client.get(path)
        assert (found.status_code, found.data) == (200, ours.data)
    problem = client.get("/readyz").get_json()["template_error"]
    assert "templates/related" in problem
    assert str(data_folder) not in problem


def test_the_style_sheet_has_no_inline_needs(client: FlaskClient) -> None:
    """It is CSS for any page, kept and known again."""
    found = client.get("/v1/related.css")
    assert found.mimetype == "text/css"
    assert ".related-posts__title" in found.text
    again = client.get("/v1/related.css", headers={"If-None-Match": found.headers["ETag"]})
    assert again.status_code == 304


def test_headings_are_those_of_the_widget() -> None:
    """One blog says one thing, whichever way its lists are made."""
    root = Path(words.__file__).resolve().parents[1]
    script = (root / "widget" / "static" / "widget" / "looks.js").read_text("utf-8")
    table = script.partition("const HEADLINES = {")[2].partition("};")[0]
    for code, heading in words.HEADINGS.items():
        assert f'{"nb" if code == "no" else code}: "{heading}"' in table, code
    assert words.heading("pt-BR") == words.HEADINGS["pt"]
    assert words.heading("zh-Hant-TW") == "相關文章"
    assert words.heading("xx") == words.heading("") == "Related posts"


def test_days_are_written_as_readers_write_them() -> None:
    """In the language of the post, regions included; in English where it is not known."""
    moment = "2024-01-02T23:00:00Z"
    for language, written in {
        "en": "January 2, 2024",
        "en-gb": "2 January 2024",
        "de": "2. Januar 2024",
        "es": "2 de enero de 2024",
        "pl": "2 stycznia 2024",
        "ja": "2024年1月2日",
        "hi": "2 जनवरी 2024",
        "mr": "२ जानेवारी, २०२४",
        "ar-EG": "٢ يناير ٢٠٢٤",
    }.items():
        assert day(moment, language) == written
    for unknown in ("", "xx", "-", "../../etc", "x" * 4000):
        assert day(moment, unknown) == "January 2, 2024"
    assert day(None, "en") == ""


@pytest.mark.parametrize(
    ("moment", "solar"),
    [("1979-02-11", "۲۲ بهمن ۱۳۵۷"), ("2021-03-20", "۳۰ اسفند ۱۳۹۹"),
     ("2021-03-21", "۱ فروردین ۱۴۰۰"), ("2024-03-19", "۲۹ اسفند ۱۴۰۲"),
     ("2024-03-20", "۱ فروردین ۱۴۰۳"), ("2024-09-21", "۳۱ شهریور ۱۴۰۳"),
     ("2025-03-20", "۳۰ اسفند ۱۴۰۳"), ("2025-03-21", "۱ فروردین ۱۴۰۴")],
)  # fmt: skip
def test_persian_days_are_of_the_solar_calendar(moment: str, solar: str) -> None:
    """Around New Year, in leap years too, and where months of 31 days end."""
    assert day(f"{moment}T00:00:00Z", "fa") == solar


def test_thai_years_are_buddhist() -> None:
    """What a browser writes for Thai readers too."""
    assert day("2024-01-02T23:00:00Z", "th") == "2 มกราคม 2567"


@pytest.mark.parametrize(
    ("file", "template", "place"),
    [
        ("list.html", "<ul>\n{% for p in posts %}\n{{ p.title }\n", "related/list.html, line 3: "),
        ("list.html", "<ul>\n\n{{ posts[0].nothing.more }}\n", "related/list.html, line 3: "),
        (
            "mine.html",
            "{% macro one() %}\n{{ 1 / 0 }}\n{% endmacro %}",
            "related/mine.html, line 2: ",
        ),
    ],
)
def test_a_broken_template_is_told_by_file_and_line(
    make_app: Callable[..., Flask],
    data_folder: Path,
    caplog: pytest.LogCaptureFixture,
    file: str,
    template: str,
    place: str,
) -> None:
    """Whoever wrote it finds the place, also where another template uses it."""
    folder = data_folder / "templates" / "related"
    folder.mkdir(parents=True)
    (folder / file).write_text(template)
    if file != "list.html":
        uses = '{% import "related/mine.html" as mine %}\n{{ mine.one() }}'
        (folder / "list.html").write_text(uses)
    client = make_app(data_folder).test_client()
    assert client.get("/v1/related.html?id=no-slash").status_code == 200
    assert f"templates in templates/related are not used: {place}" in caplog.text
    assert place in client.get("/readyz").get_json()["template_error"]
