"""robots.txt: which paths may be fetched, how often, and where the maps are."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.web import Client, FetchError
from training.web.robots import (
    MAX_DELAY_SECONDS,
    MAX_HOSTS,
    HostRobots,
    Robots,
    directives,
    fetch_robots,
    parse_robots,
)

SITE = "https://blog.example"


def allows(rules: str, path: str) -> bool:
    """Whether rules for everyone allow a path."""
    return parse_robots(f"User-agent: *\n{rules}".encode()).allows(f"{SITE}{path}")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /a", "/ab", False),
        ("Disallow: /a/", "/a", True),
        ("Disallow: /a", "/A", True),
        # The longest rule decides, and of equal ones the one that allows.
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a\nDisallow: /a/b", "/a/b/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Allow: /a\nDisallow: /a", "/a", True),
        ("Disallow: /\nAllow: /$", "/", True),
        ("Disallow: /\nAllow: /$", "/a", False),
        # Stars and ends.
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /*.pdf", "/a/b.pdf?x", False),
        ("Disallow: *.pdf", "/b.pdf", False),
        ("Disallow: /*/feed/", "/a/feed/", False),
        ("Disallow: /*/feed/", "/feed/", True),
        ("Disallow: /a*b*c$", "/a-b-c-b-c", False),
        ("Disallow: /a*b*c$", "/a-c-b", True),
        ("Disallow: /*?replytocom=", "/a?replytocom=7", False),
        ("Disallow: /a**b", "/a-b", False),
        ("Disallow: /x$y", "/x$y", False),
        # Characters and their codes are the same, but for a slash.
        ("Disallow: /ü", "/%C3%BC", False),
        ("Disallow: /%c3%bc", "/ü", False),
        ("Disallow: /%7Eada", "/~ada", False),
        ("Disallow: /a%2fb", "/a/b", True),
        ("Disallow: /a%2fb", "/a%2Fb", False),
        # The file itself is always allowed.
        ("Disallow: /", "/robots.txt", True),
    ],
)
def test_rules(rules: str, path: str, allowed: bool) -> None:
    """As the standard says."""
    assert allows(rules, path) == allowed


def test_our_own_group_counts_and_no_other() -> None:
    """Groups that name us are joined; those for everyone do not count then."""
    content = b"""\xef\xbb\xbfUser-agent: *
Disallow: /

User-agent: other
User-agent: Related-Posts/9.9
Disallow: /a   # not this
Crawl-delay: 2.5

Sitemap: https://blog.example/map.xml#x
user-agent: related-posts
disallow: /b
"""
    robots = parse_robots(content)
    allowed = [robots.allows(f"{SITE}{path}") for path in ("/", "/a", "/b", "/c")]
    assert allowed == [True, False, False, True]
    assert robots.delay_seconds == 2.5
    assert robots.sitemaps == ("https://blog.example/map.xml#x",)


@pytest.mark.parametrize(
    ("text", "hides", "follows"),
    [
        ("index, follow, max-snippet:-1, max-image-preview:none", False, True),
        ("NoIndex", True, True),
        ("none", True, False),
        ("index,nofollow", False, False),
        ("otherbot: noindex", False, True),
        ("googlebot: noindex, unavailable_after: 25 Jun 2030 15:00:00 PST", True, True),
        ("related-posts: none", True, False),
        ("", False, True),
    ],
)
def test_what_a_page_tells_robots(text: str, hides: bool, follows: bool) -> None:
    """Words without a value, for all or for us; a size of pictures is none of them."""
    said = directives(text)
    assert ("noindex" in said, "nofollow" not in said) == (hides, follows)


def test_others_rules_are_not_ours() -> None:
    """Where neither we nor everyone is named, all is allowed; maps count for all."""
    content = b"User-agent: other\rDisallow: /\rSitemap: /a.xml\rSitemap: /b.xml"
    assert parse_robots(content) == Robots(sitemaps=("/a.xml", "/b.xml"))


@pytest.mark.parametrize(
    ("text", "delay"),
    [("5", 5.0), (".5", 0.5), ("86400", MAX_DELAY_SECONDS), ("-1", None), ("soon", None)],
)
def test_delays(text: str, delay: float | None) -> None:
    """Seconds, within reason; what is no number says nothing."""
    assert parse_robots(f"User-agent: *\nCrawl-delay: {text}".encode()).delay_seconds == delay


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=50))
def test_any_bytes_are_rules(content: bytes, path: str) -> None:
    """Whatever a server sends for it, and whatever path is asked about."""
    robots = parse_robots(b"User-agent: *\nDisallow: " + content)
    assert isinstance(robots.allows(f"{SITE}/{path}"), bool)


def test_no_pattern_takes_long() -> None:
    """Stars without end against a path without end."""
    pattern = "/" + "a*" * 4000
    assert allows(f"Disallow: {pattern}b$", "/" + "a" * 8000)


def test_a_large_file_is_read_in_part() -> None:
    """What is beyond the limit does not count."""
    filler = b"# " + b"x" * 1022
    content = b"User-agent: *\nDisallow: /a\n" + b"\n".join([filler] * 600) + b"\nDisallow: /b"
    robots = parse_robots(content)
    assert not robots.allows(f"{SITE}/a")
    assert robots.allows(f"{SITE}/b")


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(200, False), (404, True), (403, True), (410, True), (500, False), (503, False), (429, False)],
)
def test_a_file_that_is_not_there(
    serve: Callable[..., Any], fake_web: ModuleType, status: int, allowed: bool
) -> None:
    """A refusal allows everything; a server that fails allows nothing."""
    server = serve(lambda asked: fake_web.Reply(status, b"User-agent: *\nDisallow: /x"))
    with Client(allow_private=True, sleep=lambda seconds: None, retries=1) as client:
        try:
            robots = fetch_robots(client, f"{server.url}/some/page?x")
            is_allowed = robots.allows(f"{server.url}/x")
        except FetchError:
            is_allowed = False
    assert is_allowed == allowed
    assert {asked.target for asked in server.asked} == {"/robots.txt"}


def test_a_site_that_cannot_be_reached_allows_nothing() -> None:
    """Nobody knows what it would say."""
    with Client(allow_private=True, retries=0) as client, pytest.raises(FetchError):
        fetch_robots(client, "http://127.0.0.1:9/")


def test_the_delay_is_obeyed_from_then_on(serve: Callable[..., Any], fake_web: ModuleType) -> None:
    """By the client that asked."""
    waits: list[float] = []
    server = serve(lambda asked: fake_web.Reply(200, b"User-agent: *\nCrawl-delay: 9"))
    with Client(allow_private=True, sleep=waits.append, clock=lambda: 0.0) as client:
        fetch_robots(client, server.url)
        client.get(f"{server.url}/a")
        client.get(f"{server.url}/b")
    assert waits == [9.0, 18.0]


def test_each_host_is_asked_once_and_not_without_end(
    serve: Callable[..., Any], fake_web: ModuleType
) -> None:
    """What it said holds for all of its pages; a site of ever more hosts is a trap."""

    def answer(asked: Any) -> Any:
        rules = b"User-agent: *\nDisallow: /private/" if "h0" in asked.headers["host"] else b""
        return fake_web.Reply(200, rules)

    server = serve(answer)
    hosts = [server.url.replace("127.0.0.1", f"h{n}.example") for n in range(MAX_HOSTS + 2)]
    robots = HostRobots()
    with Client(allow_private=True, per_second=1e6, resolver=lambda *_: ["127.0.0.1"]) as client:
        for host in hosts[:MAX_HOSTS]:
            for path in ("/a", "/private/", "/b"):
                is_allowed = robots.of(client, host + path).allows(host + path)
                assert is_allowed is (path != "/private/" or host != hosts[0])
        for host in hosts[MAX_HOSTS:]:
            with pytest.raises(FetchError, match="more than 8 hosts"):
                robots.of(client, f"{host}/a")
        assert robots.of(client, hosts[0].upper().replace("HTTP", "http") + "/a").allows("/a")
    assert [one.target for one in server.asked] == ["/robots.txt"] * MAX_HOSTS


def test_a_host_that_fails_is_asked_once(serve: Callable[..., Any], fake_web: ModuleType) -> None:
    """For every page of it the error is the same, and says which address failed."""
    server = serve(lambda asked: fake_web.Reply(500, b""))
    robots = HostRobots()
    with Client(allow_private=True, per_second=1e6, retries=0) as client:
        for _ in range(3):
            with pytest.raises(FetchError, match="HTTP 500") as raised:
                robots.of(client, f"{server.url}/a")
            assert raised.value.url == f"{server.url}/robots.txt"
    assert len(server.asked) == 1
