"""A whole site: by its sitemap or its links, as its robots.txt allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.archive import Archive, Counts
from related_posts.errors import SourceError
from related_posts.posts import Post
from training.read import read_sources
from training.sources import open_source
from training.sources.base import Item, Problem, Progress, Skipped, no_progress
from training.sources.site import content as site_content
from training.sources.site.site import SiteSource
from training.web import Client, WebOptions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEB = WebOptions(allow_private=True, per_second=1e6)
TEXT = "<p>" + "Rye bread needs a sourdough starter, flour, water, salt and patience. " * 6 + "</p>"


def article(title: str, links: str = "", head: str = "", date: str = "2024-01-02") -> str:
    """A page that says it is an article."""
    said = f'<meta property="og:type" content="article"><title>{title}</title>{head}'
    dated = f'<meta property="article:published_time" content="{date}">'
    body = f"<article><h1>{title}</h1>{TEXT}</article>{links}"
    return f"<!doctype html><html><head>{said}{dated}</head><body>{body}</body></html>"


def links(*targets: str) -> str:
    """A list of links."""
    return "".join(f'<a href="{target}">x</a>' for target in targets)


def sitemap(*locs: str) -> str:
    """A sitemap."""
    return f"<urlset>{''.join(f'<url><loc>{loc}</loc></url>' for loc in locs)}</urlset>"


class Site:
    """Answers by path, with ``{root}`` replaced by its address; texts are pages."""

    def __init__(self, reply: Any, pages: dict[str, Any]) -> None:
        self.reply, self.pages, self.root = reply, pages, ""

    def __call__(self, asked: Any) -> Any:
        page = self.pages.get(asked.target, 404)
        if isinstance(page, int):
            return self.reply(page, b"")
        if page.startswith("-> "):
            return self.reply(302, b"", {"Location": page[3:].replace("{root}", self.root)})
        kind = "text/html" if "<html" in page else "text/plain"
        body = page.replace("{root}", self.root).encode()
        return self.reply(200, body, {"Content-Type": f"{kind}; charset=utf-8"})


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at once."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)


@pytest.fixture
def site(
    serve: Callable[..., Any], fake_web: ModuleType, no_waits: None
) -> Callable[[dict[str, Any]], Any]:
    """Starts a site with some pages."""

    def start(pages: dict[str, Any]) -> Any:
        answers = Site(fake_web.Reply, pages)
        server = serve(answers)
        answers.root = server.url
        return server

    return start


def read(server: Any, path: str = "/", progress: Progress = no_progress, **more: Any) -> list[Item]:
    """Everything the site yields."""
    source = SiteSource(server.url + path, now=NOW, web=WEB, progress=progress, **more)
    return list(source.read())


def ids(items: list[Item]) -> list[str]:
    """The ids of the posts among the items."""
    return [item.id for item in items if isinstance(item, Post)]


def skipped(items: list[Item]) -> dict[str | None, str]:
    """Id to reason of what was skipped."""
    return {item.post_id: item.reason for item in items if isinstance(item, Skipped)}


def asked(server: Any) -> list[str]:
    """What was asked for, in order."""
    return [one.target for one in server.asked]


# --- by sitemap ---


def test_the_pages_of_the_sitemap_are_read(site: Callable[..., Any]) -> None:
    """That robots.txt names; those that are no articles are skipped, as are those gone."""
    server = site(
        {
            "/robots.txt": "Sitemap: {root}/map.xml",
            "/map.xml": sitemap("{root}/one/", "{root}/about/", "{root}/gone/", "{root}/one/"),
            "/one/": article("One"),
            "/about/": "<html><h1>About</h1></html>",
        }
    )
    items = read(server)
    assert ids(items) == ["/one"]
    why = "not an article: nothing says that it is one"
    assert skipped(items) == {"/about": why, "/gone": "gone"}
    assert asked(server)[:2] == ["/robots.txt", "/map.xml"]


@pytest.mark.parametrize("name", ["/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml"])
def test_a_sitemap_is_found_where_it_usually_is(site: Callable[..., Any], name: str) -> None:
    """Where robots.txt does not name it; other pages are then not looked for."""
    server = site({name: sitemap("{root}/one/"), "/one/": article("One", links("/two/"))})
    source = SiteSource(server.url, now=NOW, web=WEB)
    assert source.complete
    assert ids(list(source.read())) == ["/one"]
    assert "/two/" not in asked(server)


def test_other_sites_and_folders_are_left_alone(site: Callable[..., Any]) -> None:
    """A sitemap may name anything; an address with a folder means that folder."""
    pages = {
        "/sitemap.xml": sitemap("https://other.example/x", "{root}/blog/one/", "{root}/shop/"),
        "/blog/one/": article("One"),
    }
    server = site(pages)
    assert ids(read(server, "/blog/")) == ["/blog/one"]
    assert "/shop/" not in asked(server)
    assert SiteSource(f"{server.url}/blog", now=NOW, web=WEB).name == f"site:{server.url}/blog"


def test_a_sitemap_may_be_named_itself(site: Callable[..., Any]) -> None:
    """Then it is the only one."""
    server = site({"/own.xml": sitemap("{root}/one/"), "/one/": article("One")})
    source = open_source(f"{server.url}/own.xml", format="site", now=NOW, web=WEB)
    assert ids(list(source.read())) == ["/one"]
    assert source.name == f"site:{server.url}"


def test_a_page_that_fails_keeps_its_row(site: Callable[..., Any]) -> None:
    """It is a problem with its id; a sitemap that fails is one without, so nothing is deleted."""
    server = site(
        {
            "/robots.txt": "Sitemap: {root}/map.xml\nSitemap: {root}/lost.xml",
            "/map.xml": sitemap("{root}/one/", "{root}/two/"),
            "/one/": article("One"),
            "/two/": 500,
        }
    )
    problems = {item.post_id for item in read(server) if isinstance(item, Problem)}
    assert problems == {None, "/two"}


def test_a_page_that_comes_twice_is_read_once(site: Callable[..., Any]) -> None:
    """An old address that redirects; the copy is skipped without the id of the other."""
    server = site(
        {
            "/sitemap.xml": sitemap("{root}/one/", "{root}/old/", "{root}/away/"),
            "/one/": article("One"),
            "/old/": "-> {root}/one/",
            "/away/": "-> http://localhost:1/",
        }
    )
    items = read(server)
    assert ids(items) == ["/one"]
    assert skipped(items) == {None: "copy of another page", "/away": "moved to another site"}


# --- by links ---


def test_without_a_sitemap_links_are_followed(site: Callable[..., Any]) -> None:
    """Nearest first, each once, on this host alone; nothing was deleted for being absent."""
    server = site(
        {
            "/": f"<html>{links('/one/', 'two/#x', 'http://other.example/', 'mailto:a@b')}</html>",
            "/one/": article("One", links("/", "/two/", "/three/?utm_source=x")),
            "/two/": article("Two", links("/p.jpg", "/feed/", "javascript:x")),
            "/three/?utm_source=x": article("Three"),
        }
    )
    source = SiteSource(server.url, now=NOW, web=WEB)
    assert source.complete is False
    items = list(source.read())
    assert ids(items) == ["/one", "/two", "/three"]
    pages = [one for one in asked(server) if "map" not in one and one != "/robots.txt"]
    # Pages of one depth are asked for side by side.
    assert pages[0] == "/"
    assert sorted(pages[1:3]) == ["/one/", "/two/"]
    assert pages[3:] == ["/three/?utm_source=x"]


def test_what_asks_not_to_be_followed_is_not(site: Callable[..., Any]) -> None:
    """By the page or by the link; a list that is not indexed still leads on."""
    nofollow = '<meta name="robots" content="nofollow">'
    noindex = '<meta name="robots" content="noindex">'
    server = site(
        {
            "/": f'<html>{links("/a/", "/list/")}<a rel="nofollow" href="/c/">c</a></html>',
            "/a/": article("A", links("/b/"), nofollow),
            "/list/": f"<html><head>{noindex}</head>{links('/d/')}</html>",
            **{f"/{one}/": article(one) for one in "bcd"},
        }
    )
    assert ids(read(server)) == ["/a", "/d"]


def test_a_crawl_ends(site: Callable[..., Any]) -> None:
    """After so many pages, which is said; pages without end are not begun."""
    pages = {f"/{n}/": article(str(n), links(f"/{n + 1}/", "/x/" * 20)) for n in range(9)}
    server = site({"/": f"<html>{links('/0/', '/?a=1&b=2&c=3')}</html>", **pages})
    items = read(server, max_crawled=4)
    assert ids(items) == ["/0", "/1", "/2"]
    assert isinstance(items[-1], Problem)
    assert "stopped after 4 pages" in items[-1].reason
    assert "/?a=1&b=2&c=3" not in asked(server)


def test_a_site_that_is_not_there_is_an_error(site: Callable[..., Any]) -> None:
    """Its front page decides."""
    with pytest.raises(SourceError):
        read(site({}))


# --- manners ---


def test_robots_txt_is_obeyed(site: Callable[..., Any]) -> None:
    """By sitemap and by links; what it forbids is never asked for."""
    rules = "User-agent: *\nDisallow: /private/\nDisallow: /two/"
    pages = {"/one/": article("One"), "/two/": article("Two")}
    listed = {"/sitemap.xml": sitemap("{root}/one/", "{root}/two/")}
    server = site({"/robots.txt": rules, **listed, **pages})
    items = read(server)
    assert (ids(items), skipped(items)) == (["/one"], {"/two": "robots.txt"})
    linked = site({"/robots.txt": rules, "/": f"<html>{links('/one/', '/two/')}</html>", **pages})
    assert ids(read(linked)) == ["/one"]
    assert "/two/" not in [*asked(server), *asked(linked)]


@pytest.mark.parametrize(
    ("robots", "reason"),
    [("User-agent: related-posts\nDisallow: /", r"robots\.txt forbids"), (500, "HTTP 500")],
)
def test_a_site_that_wants_no_visit_gets_none(
    site: Callable[..., Any], robots: Any, reason: str
) -> None:
    """Or one that cannot be asked; the error says what to allow."""
    server = site({"/robots.txt": robots, "/": article("x"), "/sitemap.xml": sitemap()})
    with pytest.raises(SourceError, match=reason):
        read(server)
    assert set(asked(server)) == {"/robots.txt"}


def test_its_delay_is_kept(site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """By every client of this read, not only by the one that asked."""
    told: list[tuple[Client, float]] = []
    monkeypatch.setattr(
        "training.web.Client.slow_down",
        lambda client, _, seconds: told.append((client, seconds)),
    )
    server = site(
        {
            "/robots.txt": "User-agent: *\nCrawl-delay: 2",
            "/sitemap.xml": sitemap("{root}/one/"),
            "/one/": article("One"),
        }
    )
    read(server)
    # Of the client that asked, of the one for sitemaps, and of the one for pages.
    assert len({id(client) for client, _ in told}) == 3
    assert {seconds for _, seconds in told} == {2.0}


# --- as a source ---


def test_progress_counts_pages(site: Callable[..., Any]) -> None:
    """With their number, as far as it is known; those that are no posts too."""
    pages = {"/one/": article("One"), "/two/": article("Two")}
    listed = {"/sitemap.xml": sitemap("{root}/one/", "{root}/two/")}
    told: list[tuple[int, int | None]] = []
    read(site({**pages, **listed}), progress=lambda *step: told.append(step))
    assert told == [(0, 2), (1, 2), (2, 2)]
    told.clear()
    front = f"<html>{links('/one/', '/about/')}</html>"
    linked = {**pages, "/": front, "/about/": f"<html>{links('/two/')}</html>"}
    read(site(linked), progress=lambda *step: told.append(step))
    assert told == [(1, 3), (2, 3), (3, 4), (4, 4), (4, 4)]


def test_a_long_list_of_pages_shows_while_it_is_read(site: Callable[..., Any]) -> None:
    """Sitemaps of a large site take their time before the first page."""
    listed = sitemap(*(f"{{root}}/{n}/" for n in range(250)))
    told: list[tuple[int, int | None]] = []
    with pytest.raises(SourceError):
        read(site({"/sitemap.xml": listed}), progress=lambda *step: told.append(step))
    assert told[:3] == [(0, 100), (0, 200), (0, 250)]


@pytest.mark.parametrize("is_mapped", [False, True])
def test_a_site_without_an_article_is_an_error(site: Callable[..., Any], is_mapped: bool) -> None:
    """That says how many pages were read, what they are and what else may help."""
    noindex = '<html><meta name="robots" content="noindex">'
    pages = {"/about/": "<html>We", "/list/": "<html>All", "/tag/": noindex, "/bad/": 500}
    front = {"/": f"<html>{links(*pages, '/gone/')}</html>"}
    listed = {"/sitemap.xml": sitemap(*(f"{{root}}{path}" for path in [*pages, "/gone/"]))}
    with pytest.raises(SourceError) as raised:
        read(site({**pages, **(listed if is_mapped else front)}))
    said = str(raised.value)
    n, where = (5, "its sitemaps name") if is_mapped else (6, "its links lead to")
    assert f"none of the {n} pages that {where} is a post" in said
    for part in ("2 not an article: nothing says", "1 noindex", "1 gone", "1 broken", "HTTP 500"):
        assert part in said
    assert "--format feed" in said
    assert "sitemap" in said.partition("broken")[2]


def test_a_crawl_says_what_would_be_better(site: Callable[..., Any], tmp_path: Path) -> None:
    """Without a sitemap, and where most pages do not say what they are; else nothing."""
    pages = {"/one/": article("One"), "/a/": "<html>A", "/b/": "<html>B"}
    told = []
    for extra in (
        {"/": f"<html>{links(*pages)}</html>", **pages},
        {"/sitemap.xml": sitemap("{root}/one/"), "/": "<html>", **pages},
    ):
        with Archive(tmp_path / str(len(told))) as archive:
            report = read_sources([site(extra).url], archive, now=NOW, web=WEB)
        told.append(report.sources[0].advice)
    assert len(told[0]) == 2
    assert "4 pages found by links" in told[0][0]
    assert "do not say that they are an article" in told[0][1]
    assert told[1] == []


# --- redirects ---


def test_what_robots_txt_forbids_is_not_reached_by_a_redirect(site: Callable[..., Any]) -> None:
    """A page that leads there is skipped, and the target is never asked for."""
    server = site(
        {
            "/robots.txt": "User-agent: *\nDisallow: /private/",
            "/sitemap.xml": sitemap("{root}/one/", "{root}/old/"),
            "/one/": article("One"),
            "/old/": "-> {root}/private/x/",
            "/private/x/": article("Secret"),
        }
    )
    items = read(server)
    assert (ids(items), skipped(items)) == (["/one"], {"/old": "robots.txt"})
    assert "/private/x/" not in asked(server)


@pytest.fixture
def all_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every host is this machine."""
    monkeypatch.setattr(WebOptions, "client", _with_www(WebOptions.client))


def _with_www(make: Callable[..., Client]) -> Callable[..., Client]:
    def client(options: WebOptions, place: str = "", **more: Any) -> Client:
        return make(options, place, resolver=lambda host, port: ["127.0.0.1"], **more)

    return client


@pytest.mark.usefixtures("all_hosts", "no_waits")
@pytest.mark.parametrize(
    ("robots", "reason"),
    [("Disallow: /", "robots.txt"), ("Disallow: /other/", None), (500, "broken")],
)
def test_the_target_of_a_redirect_has_its_own_rules(
    serve: Callable[..., Any], fake_web: ModuleType, robots: Any, reason: str | None
) -> None:
    """The same site with ``www.`` is asked for them before a page of it is."""
    reply = fake_web.Reply

    def answer(request: Any) -> Any:
        host, path = request.headers["host"], request.target
        is_www = host.startswith("www.")
        if path == "/robots.txt":
            if not is_www:
                return reply(404, b"")
            if robots == 500:
                return reply(500, b"")
            return reply(200, f"User-agent: *\n{robots}".encode())
        if path == "/sitemap.xml":
            return reply(200, sitemap(f"{root}/one/", f"{root}/two/").encode())
        if path == "/two/" and not is_www:
            return reply(302, b"", {"Location": root.replace("//", "//www.") + "/two/"})
        return reply(200, article(path).encode(), {"Content-Type": "text/html"})

    server = serve(answer)
    root = server.url.replace("127.0.0.1", "blog.example")
    source = SiteSource(root, now=NOW, web=WEB)
    items = list(source.read())
    at_www = [one.target for one in server.asked if one.headers["host"].startswith("www.")]
    assert at_www[0] == "/robots.txt"
    if reason is None:
        assert ids(items) == ["/one", "/two"]
    else:
        assert ids(items) == ["/one"]
        assert "/two/" not in at_www
        found = [type(one) for one in items if not isinstance(one, Post)]
        assert found == [Problem if reason == "broken" else Skipped]


@pytest.mark.usefixtures("all_hosts", "no_waits")
@pytest.mark.parametrize("is_mapped", [False, True])
def test_a_host_of_the_site_that_is_gone_costs_its_own_pages_only(
    serve: Callable[..., Any], fake_web: ModuleType, is_mapped: bool
) -> None:
    """A link or a line of the sitemap that still says ``www.``; what is there is read."""
    reply = fake_web.Reply

    def answer(request: Any) -> Any:
        if request.headers["host"].startswith("www."):
            return reply(503, b"")
        gone = root.replace("//", "//www.") + "/two/"
        if request.target == "/sitemap.xml" and is_mapped:
            return reply(200, sitemap(gone, f"{root}/one/").encode())
        if request.target == "/":
            page = f"<html>{links(gone, '/one/')}</html>".encode()
            return reply(200, page, {"Content-Type": "text/html"})
        if request.target == "/one/":
            return reply(200, article("One").encode(), {"Content-Type": "text/html"})
        return reply(404, b"")

    server = serve(answer)
    root = server.url.replace("127.0.0.1", "blog.example")
    items = list(SiteSource(root, now=NOW, web=WEB).read())
    assert ids(items) == ["/one"]
    problems = [(one.post_id, one.reason) for one in items if isinstance(one, Problem)]
    assert [post_id for post_id, _ in problems] == (["/two"] if is_mapped else [])
    assert all("robots.txt cannot be read" in reason for _, reason in problems)


def test_no_other_site_is_asked_for_a_page(site: Callable[..., Any]) -> None:
    """That a page of this one redirects to; where it is the first page, its new place is named."""
    other = site({"/x/": article("Other")})
    away = other.url.replace("127.0.0.1", "localhost")
    server = site({"/": f"<html>{links('/one/', '/x/')}</html>", "/one/": article("One")})
    server.answer.pages["/x/"] = f"-> {away}/x/"
    assert skipped(read(server))["/x"] == "moved to another site"
    server.answer.pages["/"] = f"-> {away}/"
    with pytest.raises(SourceError, match="name that address"):
        read(server)
    assert other.asked == []


def test_it_is_read_into_an_archive_and_kept_in_step(
    site: Callable[..., Any], tmp_path: Path
) -> None:
    """What the sitemap no longer names is removed."""
    pages = {f"/{n}/": article(f"Post {n}") for n in range(5)}
    pages["/sitemap.xml"] = sitemap(*(f"{{root}}/{n}/" for n in range(5)))
    pages["/"] = "<html><h1>Blog</h1></html>"
    server = site(pages)
    with Archive(tmp_path / "data") as archive:
        counts = read_sources([server.url], archive, now=NOW, web=WEB).counts
        assert counts == Counts(added=5)
        pages["/sitemap.xml"] = sitemap(*(f"{{root}}/{n}/" for n in range(4)))
        report = read_sources([server.url], archive, now=NOW, web=WEB)
        assert (report.counts.unchanged, report.n_posts) == (4, 4)


def test_a_page_is_recognised_as_a_site(site: Callable[..., Any]) -> None:
    """Where it is nothing better."""
    server = site({"/": "<html><h1>Blog</h1></html>", "/map.xml": sitemap("{root}/a")})
    for path in ("/", "/map.xml"):
        assert isinstance(open_source(server.url + path, now=NOW, web=WEB), SiteSource)


def test_without_the_extra_a_text_that_is_not_marked_stops_the_read(
    site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is half read."""
    monkeypatch.setattr(site_content, "_trafilatura", lambda: None)
    page = article("One").replace("<article>", "<div>").replace("</article>", "</div>")
    server = site({"/sitemap.xml": sitemap("{root}/one/"), "/one/": page})
    with pytest.raises(SourceError, match="pip install"):
        read(server)
