"""WordPress over its interface: what is found, asked for, read and left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.archive import Archive, Counts
from related_posts.errors import SourceError
from related_posts.posts import Image, Post
from related_posts.schema import post_from_json, post_to_json
from related_posts.text.html import prose
from related_posts.wordpress.posts import read_post
from training.read import read_sources
from training.sources import open_source
from training.sources.base import Incremental, Item, Present, Problem, Skipped
from training.sources.wordpress.rest import WordPressSource
from training.web import Client, WebOptions

NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No client of these tests waits."""
    monkeypatch.setattr("training.web.client.backoff_seconds", lambda attempt: 0.0)


@pytest.fixture
def blog(serve: Callable[..., Any], fake_web: ModuleType, fake_wordpress: ModuleType) -> Any:
    """A WordPress that is served; ``blog.url`` is where, ``blog.asked`` what was asked."""
    wordpress = fake_wordpress.WordPress(fake_web.Reply)
    server = serve(wordpress)
    wordpress.url, wordpress.asked, wordpress.server = server.url, server.asked, server
    wordpress.row = fake_wordpress.row
    return wordpress


def options(**changes: Any) -> WebOptions:
    """Options that reach the loopback interface, quickly."""
    return WebOptions(**{"allow_private": True, "per_second": 1e6, **changes})


def source(blog: Any, path: str = "", **changes: Any) -> WordPressSource:
    """The blog's source, as naming its address gives it."""
    found = open_source(blog.url + path, now=NOW, web=options(**changes))
    assert isinstance(found, WordPressSource)
    return found


def read(blog: Any, since: datetime | None = None, **changes: Any) -> list[Item]:
    """Everything the blog's source yields."""
    reader = source(blog, **changes)
    reader.since = since
    return list(reader.read())


def ids(items: list[Item], kind: type = Post) -> list[int]:
    """The numbers of items of one kind."""
    numbers = [
        one.id if isinstance(one, Post) else one.post_id for one in items if isinstance(one, kind)
    ]
    return [int(number) for number in numbers if number is not None]


# --- finding it ---


@pytest.mark.parametrize(
    ("pretty", "announces", "path"),
    [
        (True, True, ""),
        (True, False, "/"),
        (False, True, ""),
        (False, False, ""),
        (True, True, "/2024/01/no-such-page/"),
        (True, False, "/wp-json/"),
        (False, False, "/?rest_route=/"),
    ],
)
def test_the_interface_is_found(blog: Any, pretty: bool, announces: bool, path: str) -> None:
    """By header, by page or where it usually is; with pretty permalinks or plain ones."""
    blog.pretty, blog.announces, blog.rows = pretty, announces, [blog.row(1), blog.row(2)]
    found = source(blog, path)
    assert found.name == "wordpress:blog.example"
    assert ids(list(found.read())) == [1, 2]


def test_a_page_alone_may_say_where_it_is(blog: Any, fake_web: ModuleType) -> None:
    """Some hosts drop the header; the element in the head says the same, in any order."""
    blog.rows, blog.home = [blog.row(1)], "https://www.blog.example/notes"
    inner, wordpress = f"{blog.url}/hidden/wp-json/?a=1&amp;b=2", blog
    page = f"<html lang=de><head><link href='{inner}' rel='https://api.w.org/'>"

    def answer(asked: Any) -> Any:
        if asked.path == "/":
            return fake_web.Reply(200, page.encode())
        if not asked.path.startswith("/hidden"):
            return fake_web.Reply(404)
        path = asked.path.removeprefix("/hidden")
        return wordpress(fake_web.Asked(path, asked.query, asked.headers, asked.target))

    blog.server.answer = answer
    found = source(blog)
    (post,) = found.read()
    assert found.name == "wordpress:blog.example/notes"
    assert isinstance(post, Post)
    assert post.language == "de"


def test_a_stale_announcement_is_not_the_end(blog: Any, fake_web: ModuleType) -> None:
    """A server that names the pretty address and knows only the plain one is read by that."""
    blog.rows, blog.pretty = [blog.row(1)], False
    wordpress = blog.server.answer
    stale = {"Link": f'<{blog.url}/wp-json/>; rel="https://api.w.org/"'}

    def answer(asked: Any) -> Any:
        if asked.path.startswith("/wp-json"):
            return fake_web.Reply(404, b"<html>no such file")
        if "rest_route" not in asked.query:
            return fake_web.Reply(200, b"<html>", stale)
        return wordpress(asked)

    blog.server.answer = answer
    assert ids(read(blog)) == [1]


def test_a_redirect_is_followed_once(blog: Any, fake_web: ModuleType) -> None:
    """Where the interface answers in the end is where the posts are asked for."""
    blog.rows = [blog.row(1)]
    wordpress = blog.server.answer

    def answer(asked: Any) -> Any:
        if asked.headers["host"].startswith("localhost"):
            return fake_web.Reply(301, headers={"Location": f"{blog.url}{asked.target}"})
        return wordpress(asked)

    blog.server.answer = answer
    place = blog.url.replace("127.0.0.1", "localhost")
    web = options()
    found = WordPressSource(place, now=NOW, web=web)
    assert ids(list(found.read())) == [1]
    posts = [asked for asked in blog.asked if asked.path.endswith("/posts")]
    assert {asked.headers["host"] for asked in posts} == {blog.url.removeprefix("http://")}


def test_a_page_that_names_its_maker_without_end_takes_linear_time(
    blog: Any, fake_web: ModuleType
) -> None:
    """Who made a page is looked for in one element at a time."""
    blog.server.answer = lambda asked: fake_web.Reply(200, b"<meta " + b"generator " * 60_000)
    with pytest.raises(SourceError, match="no blog was recognised"):
        read(blog)


def test_wordpress_com_is_asked_at_its_own_address(
    blog: Any, fake_web: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its blogs have no interface of their own; their host names them at the common one."""
    blog.rows = [blog.row(1)]
    wordpress = blog.server.answer
    page = b'<html lang="en"><meta name="generator" content="WordPress.com" />'

    def answer(asked: Any) -> Any:
        if asked.path == "/wp/v2/sites/127.0.0.1/posts":
            query = {**asked.query, "rest_route": "/wp/v2/posts"}
            return wordpress(fake_web.Asked("/", query, asked.headers, asked.target))
        return fake_web.Reply(200 if asked.path == "/" else 404, page)

    blog.server.answer = answer
    base = f"{blog.url}/wp/v2/sites/"
    monkeypatch.setattr("training.sources.wordpress.rest_api.WORDPRESS_COM", base)
    for place in (blog.url, f"{base}127.0.0.1/posts"):
        found = WordPressSource(place, now=NOW, web=options())
        assert ids(list(found.read())) == [1]
        assert found.name == "wordpress:127.0.0.1"


@pytest.mark.parametrize("status", [200, 404])
def test_what_is_no_wordpress_is_said_so(blog: Any, fake_web: ModuleType, status: int) -> None:
    """Also where every address answers with the same friendly page."""
    blog.server.answer = lambda asked: fake_web.Reply(status, b"<html>Welcome")
    with pytest.raises(SourceError, match="Export the blog"):
        list(WordPressSource(blog.url, now=NOW, web=options()).read())


def test_an_address_with_a_password_is_refused(blog: Any) -> None:
    """It would be shown and kept; the error does not show it."""
    for make in (open_source, WordPressSource):
        with pytest.raises(SourceError, match="auth") as raised:
            make("https://ada:s3cret@blog.example/", now=NOW, web=options())
        assert "s3cret" not in str(raised.value)
    assert blog.asked == []


# --- reading ---


def test_a_post_arrives_whole(blog: Any) -> None:
    """Every field, from where WordPress has it."""
    author = {"id": 3, "name": "Ada &amp; Co", "slug": "ada"}
    picture = {
        "id": 7,
        "source_url": "https://blog.example/a.jpg",
        "media_details": {"width": 800, "height": "600"},
        "alt_text": "A loaf",
    }
    terms = [
        [
            {"name": "Uncategorized", "taxonomy": "category"},
            {"name": "Bread &amp; Butter", "taxonomy": "category"},
        ],
        [{"name": "rye", "taxonomy": "post_tag"}],
        [{"name": "Summer", "taxonomy": "season"}],
    ]
    blog.rows = [
        blog.row(
            5,
            title={"rendered": "It&#8217;s <em>rye</em> &amp; Vec&lt;T&gt;"},
            content={"rendered": "\n<p>Rye.</p>\n", "protected": False},
            excerpt={"rendered": "<p>All about <b>rye</b>.</p>\n", "protected": False},
            slug="gr%c3%bc%c3%9fe",
            link="https://blog.example/one/",
            author=3,
            featured_media=7,
            sticky=True,
            format="aside",
            categories=[1, 4],
            tags=[9],
            _embedded={"author": [author], "wp:featuredmedia": [picture], "wp:term": terms},
        )
    ]
    (post,) = read(blog)
    assert post == Post(
        id="5",
        url="https://blog.example/one/",
        title="It’s rye & Vec<T>",
        html="<p>Rye.</p>",
        tags=("rye",),
        categories=("Bread & Butter",),
        author="Ada & Co",
        language="en-gb",
        published=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
        updated=datetime(2024, 1, 3, 3, 4, 5, tzinfo=UTC),
        image=Image("https://blog.example/a.jpg", 800, 600, "A loaf"),
        excerpt="All about rye.",
        slug="grüße",
        aliases=("https://blog.example/?p=5",),
        extra={
            "wordpress": {
                "post_id": 5,
                "type": "post",
                "guid": "https://blog.example/gr%c3%bc%c3%9fe/",
                "date": "2024-01-02T04:04:05",
                "modified": "2024-01-03T04:04:05",
                "author_id": 3,
                "author_slug": "ada",
                "category_ids": [1, 4],
                "tag_ids": [9],
                "featured_media": 7,
                "sticky": True,
                "format": "aside",
                "comment_status": "open",
                "ping_status": "open",
                "taxonomies": {"season": ["Summer"]},
            }
        },
    )
    assert post_from_json(post_to_json(post)) == post


def test_pages_are_read_by_number_to_the_total(blog: Any) -> None:
    """The list first, oldest number first, then the posts, a hundred at once."""
    blog.rows = [blog.row(number) for number in range(1, 251)]
    told: list[tuple[int, int | None]] = []
    found = open_source(
        blog.url, now=NOW, web=options(), progress=lambda done, total: told.append((done, total))
    )
    assert ids(list(found.read())) == list(range(1, 251))
    posts = [asked.query for asked in blog.asked if asked.path.endswith("/posts")]
    assert {(q["orderby"], q["order"], q["per_page"]) for q in posts} == {("id", "asc", "100")}
    lists = [query for query in posts if "page" in query]
    assert sorted(query["page"] for query in lists) == ["1", "2", "3"]
    assert {query["_fields"] for query in lists} == {"id,date_gmt,modified_gmt,content.protected"}
    whole = [query for query in posts if "include" in query]
    assert len(whole) == 3
    assert all("_links,_embedded" in query["_fields"] for query in whole)
    assert told[0] == (0, 250)
    assert told[-1] == (250, 250)
    assert told == sorted(told)


@pytest.mark.parametrize("n_posts", [0, 1, 99, 100, 101, 200])
def test_the_end_is_found_without_headers(blog: Any, n_posts: int) -> None:
    """Where something takes the totals away, the error past the last page ends the list."""
    blog.bare, blog.rows = True, [blog.row(number + 1) for number in range(n_posts)]
    assert len(ids(read(blog))) == n_posts


def test_short_pages_are_not_the_end(blog: Any) -> None:
    """Posts that may not be seen are counted and not shown."""
    blog.rows = [blog.row(number) for number in range(1, 251)]
    blog.hidden = set(range(1, 100)) | {150}
    assert ids(read(blog)) == [100, *range(101, 150), *range(151, 251)]


def test_what_must_not_be_shown_is_skipped(blog: Any) -> None:
    """Passwords, other states, other types, later dates; whatever WordPress lets through."""
    hidden = {"rendered": "secret", "protected": True}
    blog.rows = [
        blog.row(1),
        blog.row(2, content=hidden),
        blog.row(3, excerpt=hidden),
        blog.row(4, date_gmt="2990-01-01T00:00:00"),
        blog.row(5, type="page"),
        blog.row(6, status="private"),
    ]
    items = read(blog)
    assert ids(items) == [1]
    reasons = {one.post_id: one.reason for one in items if isinstance(one, Skipped)}
    assert reasons == {
        "2": "password-protected",
        "3": "password-protected",
        "4": "scheduled",
        "5": "page",
    }
    included = [asked.query["include"] for asked in blog.asked if "include" in asked.query]
    assert included == ["1,3,4,5"]


def test_a_private_post_that_is_shown_all_the_same_is_skipped(
    blog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin or a user of many rights may list more than is published."""
    statuses = ["draft", "private", "future", "trash", "weird"]
    rows = [blog.row(number, status=status) for number, status in enumerate(statuses, start=1)]
    original = blog._posts

    def everything(query: dict[str, str], link: dict[str, str]) -> Any:
        blog.rows = [{**one, "status": "publish"} for one in rows]
        reply = original(query, link)
        shown = {one["id"]: one["status"] for one in rows}
        content = [
            {**one, **({"status": shown[one["id"]]} if "status" in one else {})}
            for one in json.loads(reply.body)
        ]
        reply.body = json.dumps(content).encode()
        reply.headers["Content-Length"] = str(len(reply.body))
        return reply

    monkeypatch.setattr(blog, "_posts", everything)
    items = read(blog)
    assert ids(items) == []
    reasons = [one.reason for one in items if isinstance(one, Skipped)]
    assert reasons == ["draft", "private", "scheduled", "trashed", "not published"]


@pytest.mark.parametrize(
    "rendered",
    [
        "<p>Rye bread needs a starter, and it keeps for a week [&hellip;]</p>\n",
        "<p>Rye bread needs a starter, and it keeps for a week&#8230;</p>",
        '<p>Rye bread needs a starter &hellip; <a class="more-link">Continue reading Rye</a></p>',
        "<p>Rye bread needs a starter, and it keeps for a week. It is dark.</p>",
        "",
    ],
)
def test_a_summary_cut_from_the_text_is_none(blog: Any, rendered: str) -> None:
    """WordPress makes one of the first words where the author wrote none."""
    body = "<h2>Rye</h2><p>Rye bread needs a starter, and it keeps for a week. It is dark.</p>"
    body = body.removeprefix("<h2>Rye</h2>")
    blog.rows = [
        blog.row(
            1,
            content={"rendered": body, "protected": False},
            excerpt={"rendered": rendered, "protected": False},
        )
    ]
    (post,) = read(blog)
    assert isinstance(post, Post)
    assert post.excerpt == ""


@pytest.mark.parametrize(
    "rendered",
    ["<p>Rye bread is dark.</p>", "<p>Dark, that is rye bread</p>", "<p>Dark &hellip;</p>"],
)
def test_a_summary_of_the_authors_own_stays(blog: Any, rendered: str) -> None:
    """Also one that repeats the text's first sentence, or leaves something open."""
    blog.rows = [
        blog.row(
            1,
            content={"rendered": "<p>Rye bread is dark. It keeps.</p>", "protected": False},
            excerpt={"rendered": rendered, "protected": False},
        )
    ]
    (post,) = read(blog)
    assert isinstance(post, Post)
    assert post.excerpt == prose(rendered).text


def test_odd_fields_cost_at_most_their_post(blog: Any) -> None:
    """Hidden users, missing pictures, numbers as text, wrong types: read, or one problem."""
    error = {"code": "rest_user_invalid_id", "message": "Invalid user ID."}
    blog.rows = [
        blog.row(1, _embedded={"author": [error], "wp:featuredmedia": [error], "wp:term": [[]]}),
        blog.row(2, _embedded=None, categories="1", tags=["7", None, True], author="3"),
        blog.row(3, link=None),
        blog.row(4, link="javascript:alert(1)"),
        blog.row(5, date_gmt="yesterday"),
        blog.row(6, title=None, excerpt=[], content="text", slug=None),
        blog.row(7, link="/seven/"),
        blog.row(8, date_gmt=None),
        blog.row(9, date_gmt="0000-00-00T00:00:00", date="2024-05-06T07:08:09"),
    ]
    items = read(blog)
    posts = {one.id: one for one in items if isinstance(one, Post)}
    assert set(posts) == {"1", "2", "6", "7", "8", "9"}
    assert (posts["1"].author, posts["1"].image) == ("", None)
    assert posts["2"].extra["wordpress"]["tag_ids"] == [7]
    assert posts["7"].url == "https://blog.example/seven/"
    assert posts["8"].published == datetime(2024, 1, 2, 4, 4, 5, tzinfo=UTC)
    assert posts["9"].published == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    problems = {one.post_id: one for one in items if isinstance(one, Problem)}
    assert set(problems) == {"3", "4", "5"}
    assert problems["3"].place == "https://blog.example post 3"
    assert "javascript" in problems["4"].reason


def test_languages_and_translations_are_read(blog: Any) -> None:
    """As the two common plugins give them; the group is the same for all its posts."""
    blog.rows = [
        blog.row(1, lang="de", translations={"de": 1, "en": 2}),
        blog.row(2, lang="en", translations={"de": 1, "en": 2}),
        blog.row(3, wpml_current_locale="pt_BR"),
        blog.row(4, lang="", translations={"en": 4}),
    ]
    posts = [one for one in read(blog) if isinstance(one, Post)]
    assert [one.language for one in posts] == ["de", "en", "pt-br", "en-gb"]
    assert [one.translation_group for one in posts] == ["1", "1", "", ""]


def test_php_may_print_before_its_answer(blog: Any) -> None:
    """A warning in front of the JSON, as badly set up hosts show it."""
    blog.notice = b"<br />\n<b>Warning</b>: Undefined array key [0] in <b>x.php</b><br />\n"
    blog.rows = [blog.row(1)]
    assert ids(read(blog)) == [1]


# --- what changes meanwhile ---


def test_a_deletion_meanwhile_hides_no_other_post(blog: Any) -> None:
    """The list is read again when its total changes between two pages."""
    blog.rows = [blog.row(number) for number in range(1, 302)]

    def delete(query: dict[str, str]) -> None:
        if query.get("page") == "2":
            blog.rows = [one for one in blog.rows if one["id"] != 5]

    blog.before = delete
    assert ids(read(blog, concurrency=1)) == [n for n in range(1, 302) if n != 5]


def test_a_post_that_went_after_it_was_listed_is_gone(blog: Any) -> None:
    """It is neither a post nor a problem, so that its row goes."""
    blog.rows = [blog.row(1), blog.row(2)]

    def delete(query: dict[str, str]) -> None:
        if "include" in query:
            blog.rows = blog.rows[:1]

    blog.before = delete
    assert [type(one) for one in read(blog)] == [Post]


def test_a_cache_that_ignores_the_page_is_noticed(blog: Any) -> None:
    """The first page again and again would look like a blog of a hundred posts."""
    blog.cached, blog.rows = True, [blog.row(number) for number in range(1, 251)]
    with pytest.raises(SourceError, match="cache"):
        read(blog)


def test_only_what_changed_is_read_again(blog: Any) -> None:
    """The rest is present; a day of overlap, in UTC; a scheduled post counts when it is out."""
    day = "2024-{:02}-{:02}T12:00:00".format
    blog.rows = [
        blog.row(1, date_gmt=day(1, 1), modified_gmt=day(1, 1)),
        blog.row(2, date_gmt=day(1, 1), modified_gmt=day(6, 2)),
        blog.row(3, date_gmt=day(1, 1), modified_gmt=day(5, 31)),
        # Published in June, last changed when it was scheduled.
        blog.row(4, date_gmt=day(6, 3), modified_gmt=day(2, 1)),
        blog.row(5, date_gmt=day(1, 1), modified_gmt=None),
        blog.row(6, content={"rendered": "", "protected": True}),
    ]
    since = datetime(2024, 6, 1, 11, tzinfo=UTC)
    items = read(blog, since)
    assert ids(items) == [2, 3, 4, 5]
    assert ids(items, Present) == [1]
    assert ids(items, Skipped) == [6]
    assert isinstance(source(blog), Incremental)


def test_the_archive_follows_the_blog(blog: Any, tmp_path: Path) -> None:
    """Publish, edit, protect and delete; the second read asks for changes only."""
    blog.rows = [blog.row(number) for number in range(1, 11)]
    with Archive(tmp_path / "data") as archive:
        first = read_sources([blog.url], archive, now=NOW, web=options())
        assert first.counts == Counts(added=10)
        later = {"modified_gmt": "2025-02-01T00:00:00"}
        blog.rows = blog.rows[1:]  # 1 is in the trash
        blog.rows[0] = blog.row(2, title={"rendered": "New"}, **later)
        blog.rows[1] = blog.row(3, content={"rendered": "", "protected": True}, **later)
        blog.rows.append(blog.row(11, date_gmt="2025-02-01T00:00:00", **later))
        blog.asked.clear()
        now = datetime(2025, 3, 1, tzinfo=UTC)
        second = read_sources([blog.url], archive, now=now, since="auto", web=options())
        counts = second.counts
        assert (counts.added, counts.changed, counts.deleted) == (1, 1, 2)
        included = [asked.query["include"] for asked in blog.asked if "include" in asked.query]
        assert included == ["2,11"]


# --- failures ---


@pytest.mark.parametrize("most", [50, 7, 1])
def test_a_weak_server_is_asked_for_less(blog: Any, most: int) -> None:
    """As many at once as it can; every post arrives all the same, in order."""
    blog.rows, blog.most = [blog.row(number) for number in range(1, 121)], most
    assert ids(read(blog)) == list(range(1, 121))


def test_one_post_that_cannot_be_rendered_is_a_problem(blog: Any) -> None:
    """With its number, so that its row stays; all others are read."""
    blog.rows, blog.broken = [blog.row(number) for number in range(1, 121)], {42}
    items = read(blog)
    assert ids(items) == [number for number in range(1, 121) if number != 42]
    (problem,) = (one for one in items if isinstance(one, Problem))
    assert (problem.post_id, problem.place) == ("42", "https://blog.example post 42")
    assert "500" in problem.reason


def test_a_server_that_breaks_down_is_no_deletion(blog: Any, tmp_path: Path) -> None:
    """In the middle of a read: an error, and the archive stays as it was."""
    blog.rows = [blog.row(number) for number in range(1, 251)]
    with Archive(tmp_path / "data") as archive:
        read_sources([blog.url], archive, now=NOW, web=options())
        before = {post.id for post in archive.posts()}

        def break_down(query: dict[str, str]) -> None:
            if "include" in query and not query["include"].startswith("1,"):
                raise ConnectionError

        blog.before = break_down
        with pytest.raises(SourceError):
            read_sources([blog.url], archive, now=NOW, web=options(concurrency=1))
        assert {post.id for post in archive.posts()} == before
        assert len(before) == 250


def test_many_broken_posts_are_a_broken_server(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up before every single post was asked for by itself."""
    monkeypatch.setattr("training.sources.wordpress.rest_pages.MAX_BROKEN", 3)
    blog.rows = [blog.row(number) for number in range(1, 51)]
    blog.broken = set(range(1, 51))
    with pytest.raises(SourceError, match="500"):
        read(blog)
    assert len(blog.asked) < 40


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"null", b"{}", b"<html>", b'"x"', b'{"code":"x"}', b"[1, null]", b"\xff\xfe"],
)
def test_a_list_that_is_none_is_an_error(blog: Any, fake_web: ModuleType, body: bytes) -> None:
    """Whatever comes instead of posts: no traceback, and no empty blog that deletes all."""
    wordpress = blog.server.answer

    def answer(asked: Any) -> Any:
        if asked.path.endswith("/posts"):
            return fake_web.Reply(200, body, {"Content-Type": "application/json"})
        return wordpress(asked)

    blog.server.answer = answer
    if body == b"[1, null]":
        assert read(blog) == []
    else:
        with pytest.raises(SourceError):
            read(blog)


# --- passwords ---


def test_a_closed_interface_says_what_to_do(blog: Any) -> None:
    """Detected as WordPress, and refused with the code it gave."""
    blog.closed = True
    with pytest.raises(SourceError, match=r"401, rest_cannot_access.*auth"):
        read(blog)


def test_an_application_password_opens_it(blog: Any) -> None:
    """Its spaces are part of it; the wrong one is refused."""
    blog.closed, blog.rows = True, [blog.row(1)]
    assert ids(read(blog, auth=("ada", "abcd efgh"))) == [1]
    with pytest.raises(SourceError, match="401") as raised:
        read(blog, auth=("ada", "s3cret"))
    assert "s3cret" not in str(raised.value)


def test_a_password_never_goes_to_another_host(
    blog: Any, serve: Callable[..., Any], fake_web: ModuleType
) -> None:
    """A page that names an interface elsewhere does not get it, and is not read without."""
    blog.rows = [blog.row(1)]
    link = {"Link": f'<{blog.url}/wp-json/>; rel="https://api.w.org/"'}
    lure = serve(lambda asked: fake_web.Reply(200, b"<html>", link))
    with pytest.raises(SourceError, match="only to the host that is named"):
        list(open_source(lure.url, now=NOW, web=options(auth=("ada", "s3cret"))).read())
    assert not any("authorization" in asked.headers for asked in blog.asked)


# --- the real one ---


def test_recorded_posts_are_read_right(shared: Path) -> None:
    """Three posts as a real WordPress 6.1 gave them."""
    recorded = json.loads((shared / "wordpress" / "wp_posts_page1_first3.json").read_bytes())
    posts = [
        read_post(one, home="http://127.0.0.1:8090", language="en-us", now=NOW) for one in recorded
    ]
    first = posts[0]
    assert isinstance(first, Post)
    assert [one.id for one in posts if isinstance(one, Post)] == ["511", "512", "510"]
    assert first.url == "http://127.0.0.1:8090/2024/12/how-we-measure-coaching/"
    assert first.title == "How we measure the success of coaching engagements"
    assert first.tags == ("best practices", "how we work", "modern practices", "product")
    assert (first.categories, first.author) == ((), "matt-cloyd")
    assert first.published == datetime(2024, 12, 10, tzinfo=UTC)
    assert first.excerpt.startswith("We use tried and true techniques")
    assert first.html.startswith("<p>18F&#8217;s projects result in")
    assert first.extra["wordpress"]["tag_ids"] == [14, 12, 5, 110]


def test_the_recorded_end_of_pages_is_understood(shared: Path, blog: Any) -> None:
    """The fake answers past the end exactly as the real one did."""
    recorded = json.loads((shared / "wordpress" / "wp_posts_page99_error.json").read_bytes())
    with Client(allow_private=True) as client, pytest.raises(SourceError) as raised:
        client.get(f"{blog.url}/wp-json/wp/v2/posts?page=99")
    assert json.loads(raised.value.body) == recorded


def test_the_fake_answers_in_the_recorded_shape(shared: Path, blog: Any) -> None:
    """Every field of a post, and every header field that is WordPress's own."""
    folder = shared / "wordpress"
    (recorded, *_) = json.loads((folder / "wp_posts_page1_first3.json").read_bytes())
    blog.rows = [blog.row(number) for number in range(1, 510)]
    with Client(allow_private=True) as client:
        answer = client.get(f"{blog.url}/wp-json/wp/v2/posts?per_page=100&_embed=1")
    assert list(answer.json()[0]) == list(recorded)
    lines = (folder / "wp_posts_page1.headers.txt").read_text().splitlines()[1:]
    known = dict(line.split(": ", 1) for line in lines if ": " in line)
    for name in ("Content-Type", "X-WP-Total", "X-WP-TotalPages"):
        assert answer.headers[name] == known[name]
    here = "http://127.0.0.1:8090"
    assert answer.headers["link"].replace(blog.url, here) == known["Link"]
