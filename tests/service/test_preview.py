"""The preview: a blog of the archive's posts, without scripts and without reach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from related_posts.archive import Archive
from related_posts.posts import Image, Post

VOID = {"meta", "link", "img", "br", "hr", "input", "source", "wbr"}


class Page(HTMLParser):
    """Links, pictures, text and structure of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
        if tag == "img":
            self.images.append(values)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.fixture
def blog_posts() -> list[Post]:
    """Thirty posts, newest first: absolute URLs, a query as address, awkward HTML."""

    def post(number: int, **values: Any) -> Post:
        return Post(
            id=f"post {number}",
            **{
                "url": f"https://www.blog.example/2024/nr-{number}/",
                "title": f"Nr {number} <i>&</i>",
                "html": f"<p>Text of {number}.</p>",
                "tags": ("even",) if number % 2 == 0 else ("odd", "one & two"),
                "categories": ("All",),
                "published": datetime(2024, 1, 30 - number, tzinfo=UTC),
                "excerpt": f"Excerpt {number}",
                "language": "en",
                **values,
            },
        )

    special = {
        1: {"url": "https://www.blog.example/?p=7"},
        2: {"language": "de", "title": ""},
        3: {
            "html": '<div><p>open <script>alert(1)</script></div></main></body><b onclick="x()">'
            '<a href="https://blog.example/2024/nr-0/">in</a> <a href="http://[">odd</a>'
            '<img src="https://www.blog.example/pic.png"><a href="https://other.example/">out</a>'
        },
        4: {"image": Image("https://www.blog.example/pic.png", 40, 30, "A picture")},
        5: {"url": "https://blog.example/"},
    }
    return [post(number, **special.get(number, {})) for number in range(30)]


@pytest.fixture
def site(
    make_app: Callable[..., Flask],
    empty_folder: Path,
    tmp_path: Path,
    publish: Any,
    blog_posts: list[Post],
) -> FlaskClient:
    """A client of the preview of those posts."""
    media = tmp_path / "media"
    (media / "deep").mkdir(parents=True)
    (media / "pic.png").write_bytes(b"picture")
    (media / "deep" / "pic.SVG").write_bytes(b"<svg/>")
    (media / "secret.txt").write_text("classified")
    (media / ".hidden.png").write_text("classified")
    (media / "_config.yml").write_text("title: Thirty things\n")
    (tmp_path / "outside.png").write_text("classified")
    (media / "link.png").symlink_to(tmp_path / "outside.png")
    with Archive(empty_folder) as archive:
        archive.update("test", blog_posts, complete=True, now=datetime(2024, 2, 1, tzinfo=UTC))
    publish(empty_folder, posts=blog_posts)
    return make_app(empty_folder, preview=media).test_client()


def page(site: FlaskClient, path: str) -> Page:
    """A page that is there, held to what all pages promise."""
    response = site.get(path, environ_overrides={"RAW_URI": path})
    assert response.status_code == 200, path
    assert response.content_type == "text/html; charset=utf-8"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    found = Page(response.text)
    assert found.open == []
    assert found.unbalanced == []
    assert [tag for tag, _ in found.tags].count("h1") == 1
    assert all("alt" in image for image in found.images)
    return found


def test_every_post_is_listed_and_reached(site: FlaskClient, blog_posts: list[Post]) -> None:
    """Following "older" from the home page meets every post once, newest first."""
    path, met = "/", []
    for _ in range(10):
        found = page(site, path)
        text = site.get(path).text
        assert "Thirty things" in text
        met += [link for link in found.links if link.startswith(("/2024/", "/?p=", "/?id="))]
        older = [link for link in found.links if link.startswith("/?page=") and link > path]
        if not older:
            break
        path = older[-1]
    assert len(met) == len(set(met)) == len(blog_posts)
    assert met[:2] == ["/2024/nr-0/", "/?p=7"]
    for link, post in zip(met, blog_posts, strict=True):
        page(site, link)
        assert str(escape(post.title or post.id)) in site.get(link).text


def test_a_post_page(site: FlaskClient) -> None:
    """Its own text, its related posts in the page, the newer and the older one, its labels."""
    found = page(site, "/2024/nr-7/")
    text = site.get("/2024/nr-7/").text
    assert "<p>Text of 7.</p>" in text
    assert 'lang="en"' in text
    related = text.partition('id="related"')[2].partition("</aside>")[0]
    assert Page(related).links == [f"/2024/nr-{number}/" for number in (6, 8)] + [
        "/?id=post+5",
        "/2024/nr-9/",
        "/2024/nr-4/",
        "/2024/nr-10/",
    ]
    assert {"/2024/nr-6/", "/2024/nr-8/", "/?tag=odd", "/?tag=one+%26+two"} <= set(found.links)


def test_languages_and_missing_titles(site: FlaskClient) -> None:
    """Pages and lists say each post's language; the id stands in for a missing title."""
    assert '<html lang="de">' in site.get("/2024/nr-2/").text
    assert "<h1>post 2</h1>" in site.get("/2024/nr-2/").text
    assert '<article class="entry" lang="de">' in site.get("/").text


def test_days_are_written_in_the_posts_own_language(site: FlaskClient) -> None:
    """As the widget and the fragment write them, with the moment for programs."""
    text = site.get("/").text
    assert '<time datetime="2024-01-28T00:00:00Z" lang="de">28. Januar 2024</time>' in text
    assert '<time datetime="2024-01-27T00:00:00Z" lang="en">January 27, 2024</time>' in text


def test_a_post_s_html_cannot_break_out(site: FlaskClient) -> None:
    """Broken HTML is balanced, links into the blog stay in the preview, others are kept."""
    found = page(site, "/2024/nr-3/")
    assert {"/2024/nr-0/", "http://[", "https://other.example/"} <= set(found.links)
    assert "/pic.png" in [image["src"] for image in found.images]


def test_pictures_are_local(site: FlaskClient) -> None:
    """A picture on the blog's own host is taken from the folder, with its size and text."""
    found = page(site, "/2024/nr-4/")
    assert {"src": "/pic.png", "alt": "A picture", "width": "40", "height": "30"}.items() <= (
        found.images[0].items()
    )


def test_labels(site: FlaskClient) -> None:
    """Pages of tags and categories hold exactly their posts."""
    odd = page(site, f"/?tag={quote('one & two')}")
    assert sum(link.startswith(("/2024/", "/?p=", "/?id=")) for link in odd.links) == 12
    assert "15 posts" in site.get("/?tag=even").text
    assert "30 posts" in site.get("/?category=All").text


@pytest.mark.parametrize(
    "path",
    ["/?page=0", "/?page=99", "/?page=x", "/?page=%D9%A3", "/?tag=none", "/?id=none", "/?p=8",
     "/nowhere", "/2024/", "/%00", "/%ff"],
)  # fmt: skip
def test_what_is_not_there(site: FlaskClient, path: str) -> None:
    """What does not exist is 404 in the shape of all errors."""
    response = site.get(path, environ_overrides={"RAW_URI": path})
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_files(site: FlaskClient) -> None:
    """Pictures are handed out with their type, guarded like pages."""
    for path, kind in (("/pic.png", "image/png"), ("/deep/pic.SVG", "image/svg+xml")):
        response = site.get(path, buffered=True)
        assert (response.status_code, response.mimetype) == (200, kind)
        assert "script-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert site.get("/static/preview.css", buffered=True).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/secret.txt", "/_config.yml", "/.hidden.png", "/deep/", "/none.png", "/link.png"),
        *("/../outside.png", "/%2e%2e/outside.png", "/deep/..%2f..%2foutside.png"),
        *("//etc/x.png", "/deep%5c..%5cpic.png", "/%00.png", "/" + "a" * 300 + ".png"),
        *("/static/../settings.py", "/static/preview.css/x.png"),
    ],
)
def test_nothing_else_leaves_the_folder(site: FlaskClient, path: str) -> None:
    """No other type, no hidden file, nothing outside, by dots or by links."""
    response = site.get(path)
    assert response.status_code == 404
    assert "classified" not in response.text


def test_the_api_is_beside_it(site: FlaskClient) -> None:
    """The preview's pages take nothing away from the API and its errors."""
    assert site.get("/v1/related?id=post%201").get_json()["post"]["id"] == "post 1"
    assert site.get("/v1/posts/post%201/related").status_code == 200
    assert site.delete("/v1/related").status_code == 405
    assert site.post("/").status_code == 405
    assert site.get("/healthz").status_code == 200


def test_without_an_archive(
    make_app: Callable[..., Flask], data_folder: Path, tmp_path: Path
) -> None:
    """Where only the index is there, a page shows what the index knows of a post."""
    site = make_app(data_folder, preview=tmp_path).test_client()
    assert page(site, "/2/")
    (data_folder / "archive.sqlite3").write_bytes(b"no database" * 100)
    assert page(site, "/3/")


def test_it_is_off_unless_asked_for(client: FlaskClient) -> None:
    """Without the setting there are no pages, no files and no style sheet."""
    assert client.get("/").content_type == "application/json"
    for path in ("/2/", "/static/preview.css", "/pic.png"):
        assert client.get(path).status_code == 404


def test_before_the_first_version(
    make_app: Callable[..., Flask], empty_folder: Path, tmp_path: Path
) -> None:
    """Without a version the pages answer 503 like the API."""
    site = make_app(empty_folder, preview=tmp_path).test_client()
    assert site.get("/").status_code == 503


def test_an_empty_blog(
    make_app: Callable[..., Flask], empty_folder: Path, tmp_path: Path, publish: Any
) -> None:
    """A version without posts has a home page that says so."""
    publish(empty_folder, posts=[])
    site = make_app(empty_folder, preview=tmp_path).test_client()
    assert page(site, "/")
    assert "no posts yet" in site.get("/").text


BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/?page=99", "/?id=nobody", "/a%20b/<b>", "/v3/x", "/?tag=no+such"]
)
def test_a_wrong_address_is_a_page_for_browsers(
    make_app: Callable[..., Flask], data_folder: Path, tmp_path: Path, path: str
) -> None:
    """It is 404, says so and leads on; programs get a problem, and caches tell them apart."""
    site = make_app(data_folder, preview=tmp_path).test_client()
    response = site.get(path, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "There is no page here" in response.text
    assert 'href="/"' in response.text
    assert "<b>" not in response.text
    assert response.headers["Vary"] == "Accept"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    found = site.get(path)
    assert (found.status_code, found.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/v1/nowhere", "/v1/related?id=nobody", "/v2/x", "/compat/x", "/rest/v1.1/x"]
)
def test_a_wrong_address_of_an_interface_is_a_problem_for_all(
    make_app: Callable[..., Flask], data_folder: Path, tmp_path: Path, path: str
) -> None:
    """Also a browser gets JSON where programs ask."""
    site = make_app(data_folder, preview=tmp_path).test_client()
    response = site.get(path, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_what_is_there_is_listed_without_it(client: FlaskClient) -> None:
    """``/`` names every operation that the service has just now, and what pages load."""
    found = client.get("/").get_json()
    assert found["endpoints"]["related"] == "GET /v1/related"
    assert found["endpoints"]["yarpp"] == "GET /wp-json/yarpp/v1/related/{post}"
    assert "events" not in found["endpoints"]
    assert found["pages"] == ["/docs", "/widget/", "/widget.js", "/v1/related.css"]
    for path in found["pages"]:
        assert client.get(path).status_code == 200
