"""Answers kept between reads: a server sends again only what changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from related_posts.archive import Archive, Counts
from training.read import read_sources
from training.settings import TrainingSettings
from training.web import Client, WebOptions
from training.web.cache import AnswerCache
from training.web.response import Headers, Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where answers are kept."""
    return tmp_path / "cache"


@pytest.fixture
def site(serve: Callable[..., Any], fake_web: ModuleType) -> Any:
    """A server of one page at any path; it knows conditional requests.

    ``body`` and ``fields`` are a test's to change; ``sent`` counts whole answers.
    """

    def answer(asked: Any) -> Any:
        tag, day = (asked.headers.get(name) for name in ("if-none-match", "if-modified-since"))
        fields = {name.lower(): value for name, value in server.fields.items()}
        # A tag that was given decides alone.
        same = tag == fields.get("etag") if tag else day == fields.get("last-modified")
        if (tag or day) and same:
            return fake_web.Reply(304, b"", server.fields)
        server.sent += 1
        return fake_web.Reply(200, server.body, server.fields)

    server = serve(answer)
    server.body, server.fields, server.sent = b"first", {"ETag": '"1"'}, 0
    return server


def get(site: Any, file: Path, path: str = "/", **more: Any) -> Response:
    """One address as a new client gets it, which is what a later read has."""
    options = {name: more.pop(name) for name in ("auth", "auth_for") if name in more}
    cache = AnswerCache(file)
    with Client(allow_private=True, per_second=1e6, cache=cache, **options) as client:
        return client.get(f"{site.url}{path}", **more)


@pytest.mark.parametrize("fields", [{"ETag": '"1"'}, {"Last-Modified": DAY}])
def test_what_did_not_change_is_taken_from_the_file(
    site: Any, file: Path, fields: dict[str, str]
) -> None:
    """The same answer, header fields and all, and the server sent it once."""
    site.fields = {**fields, "Content-Type": "text/html", "Link": "</api>; rel=x"}
    answers = [get(site, file) for _ in range(3)]
    assert [answer.body for answer in answers] == [b"first"] * 3
    assert all(not answer.not_modified for answer in answers)
    assert [answer.headers["link"] for answer in answers] == ["</api>; rel=x"] * 3
    assert (site.sent, len(site.asked)) == (1, 3)


def test_what_changed_is_sent_and_kept(site: Any, file: Path) -> None:
    """A new tag brings a new content, which is then the one that is kept."""
    get(site, file)
    site.body, site.fields = b"second", {"ETag": '"2"'}
    assert [get(site, file).body for _ in range(2)] == [b"second"] * 2
    assert site.sent == 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ETag": '"1"', "Cache-Control": "private, no-store"},
        {"ETag": '"1"', "Vary": "*"},
    ],
)
def test_what_must_not_or_cannot_be_kept_is_not(
    site: Any, file: Path, fields: dict[str, str]
) -> None:
    """Nothing to ask with, or the server forbids it."""
    site.fields = fields
    for _ in range(2):
        assert get(site, file).body == b"first"
    assert site.sent == 2
    assert not file.exists()


def test_what_a_password_opens_is_not_kept(site: Any, file: Path) -> None:
    """Neither by ``auth`` nor by a header field."""
    for more in (
        {"auth": ("ada", "secret"), "auth_for": site.url},
        {"headers": {"Cookie": "session=secret"}},
    ):
        get(site, file, **more)
    assert site.sent == 2
    assert not file.exists()


def test_nothing_secret_is_written_down(site: Any, file: Path) -> None:
    """No address, which may hold a key, and no cookie."""
    site.fields = {"ETag": '"1"', "Set-Cookie": "session=cookiesecret"}
    get(site, file, "/posts?key=addresssecret")
    content = file.read_bytes()
    assert content
    assert b"cookiesecret" not in content
    assert b"addresssecret" not in content


def test_accepted_types_tell_answers_apart(site: Any, file: Path) -> None:
    """A page and its JSON may have one address."""
    get(site, file, accept="text/html")
    site.body = b"{}"
    assert get(site, file, accept="application/json").body == b"{}"
    assert get(site, file, accept="text/html").body == b"first"


def test_a_caller_that_asks_by_itself_is_told(site: Any, file: Path) -> None:
    """Who gives an ETag wants to know that nothing changed."""
    assert get(site, file, etag='"1"').not_modified


def test_what_is_kept_is_held_to_the_limit_of_the_caller(site: Any, file: Path) -> None:
    """A smaller limit asks anew; the server's answer is then judged."""
    get(site, file)
    site.body, site.fields = b"sho", {"ETag": '"2"'}
    assert get(site, file, max_bytes=3).body == b"sho"


def test_the_longest_unused_goes_first(file: Path) -> None:
    """At the end of a read the file holds no more than it may."""
    moments = iter(range(100))
    random_ = random.Random(1)
    bodies = {name: random_.randbytes(1000) for name in "abcd"}

    def opened() -> AnswerCache:
        return AnswerCache(file, max_bytes=3_200, clock=lambda: float(next(moments)))

    cache = opened()
    for name in "abc":
        cache.keep("", Response(name, 200, Headers({"etag": name}), bodies[name]))
    assert cache.load("a", "") is not None
    cache.keep("", Response("d", 200, Headers({"etag": "d"}), bodies["d"]))
    cache.close()
    cache = opened()
    found = {name: cache.load(name, "") for name in "abcd"}
    cache.close()
    assert {name: one and one.body for name, one in found.items()} == {**bodies, "b": None}


def test_damage_is_no_error(site: Any, file: Path) -> None:
    """Whatever the file holds, the page is read; and kept again where that is possible."""
    for number in range(20):
        get(site, file, f"/{number}")
    whole = file.read_bytes()
    rng = random.Random(7)
    for damaged in (
        b"",
        b"no database",
        rng.randbytes(4096),
        whole[:5000],
        whole[:100] + rng.randbytes(200) + whole[300:],
        whole[:-3000] + rng.randbytes(3000),
    ):
        file.write_bytes(damaged)
        for number in range(20):
            assert get(site, file, f"/{number}").body == b"first"


def test_a_place_that_cannot_be_written_is_no_error(site: Any, tmp_path: Path) -> None:
    """A folder in its place, or no folder at all."""
    assert get(site, tmp_path).body == b"first"
    assert get(site, tmp_path / "absent" / "cache").body == b"first"


def test_many_at_a_time_are_kept(site: Any, file: Path) -> None:
    """Threads share the file."""
    urls = [f"{site.url}/{number}" for number in range(40)]
    for _ in range(2):
        cache = AnswerCache(file)
        with Client(allow_private=True, per_second=1e6, concurrency=8, cache=cache) as client:
            bodies = [answer.body for answer in client.get_many(urls)]  # type: ignore[union-attr]
        assert bodies == [b"first"] * 40
    assert (site.sent, len(site.asked)) == (40, 80)


def test_a_feed_is_read_again_without_being_sent(site: Any, tmp_path: Path) -> None:
    """From the settings to the archive: the second read finds the same posts."""
    site.body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><id>tag:1</id>'
        b'<title>One</title><link href="https://blog.example/one/"/></entry></feed>'
    )
    site.fields = {"ETag": '"1"', "Content-Type": "application/atom+xml"}
    (tmp_path / "data").mkdir()
    web = TrainingSettings.load(
        {"data": tmp_path / "data", "allow_private": True, "requests_per_second": 1000}
    ).web
    assert isinstance(web, WebOptions)
    sent = []
    with Archive(tmp_path / "data") as archive:
        for expected in (Counts(added=1), Counts(unchanged=1)):
            report = read_sources([f"{site.url}/feed"], archive, now=NOW, web=web)
            assert report.counts == expected
            sent.append(site.sent)
    assert sent[0] == sent[1] < len(site.asked)
