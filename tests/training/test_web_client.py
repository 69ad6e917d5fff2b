"""The client: what it asks, how often, and what it refuses."""

from __future__ import annotations

import base64
import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import Any, BinaryIO

import pytest

from training.web import Client, FetchError, Response, WebOptions


@pytest.fixture
def waits() -> list[float]:
    """What the clients of a test would have waited, in seconds."""
    return []


@pytest.fixture
def make(waits: list[float]) -> Iterator[Callable[..., Client]]:
    """Makes clients that may ask the loopback interface and never wait."""
    with ExitStack() as clients:

        def one(**options: Any) -> Client:
            options = {"allow_private": True, "sleep": waits.append, **options}
            return clients.enter_context(Client(**options))

        yield one


@pytest.fixture
def site(serve: Callable[..., Any], fake_web: ModuleType) -> Iterator[Any]:
    """A server whose answers a test puts into ``replies``, by path; 404 for all others.

    ``release`` is set when the test is over, for answers that hold out until then.
    """
    replies: dict[str, Any] = {}

    def answer(asked: Any) -> Any:
        reply = replies.get(asked.path, fake_web.Reply(404, b"nothing"))
        if isinstance(reply, list):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply(asked) if callable(reply) else reply

    server = serve(answer)
    server.replies = replies
    server.reply = fake_web.Reply
    server.release = threading.Event()
    yield server
    server.release.set()


def raw(content: bytes) -> Callable[[BinaryIO], None]:
    """Writes these bytes and nothing more."""
    return lambda out: (out.write(content), None)[1]


# --- an answer ---


def test_an_answer_comes_whole(site: Any, make: Callable[..., Client]) -> None:
    """Address, status, header fields and content, unpacked."""
    packed = gzip.compress(b'{"a": 1}')
    fields = {"Content-Encoding": "gzip", "ETag": '"7"', "Content-Type": "application/json"}
    site.replies["/x"] = site.reply(200, packed, fields)
    answer = make().get(f"{site.url}/x?q=1#here")
    assert (answer.url, answer.status, answer.json()) == (f"{site.url}/x?q=1", 200, {"a": 1})
    assert (answer.headers["etag"], answer.content_type) == ('"7"', "application/json")


def test_it_says_who_asks(site: Any, make: Callable[..., Client]) -> None:
    """The product's name and version, and what is wanted."""
    site.replies["/"] = site.reply()
    make(user_agent=WebOptions().user_agent).get(f"{site.url}/", accept="text/html")
    (asked,) = site.asked
    assert asked.headers["user-agent"].startswith("related-posts/")
    assert asked.headers["accept"] == "text/html"
    assert asked.headers["host"] == f"127.0.0.1:{site.port}"
    assert "authorization" not in asked.headers


def test_one_connection_serves_many_requests(site: Any, make: Callable[..., Client]) -> None:
    """It is kept open; that is half of being polite."""
    ports = []
    site.replies["/"] = lambda asked: site.reply(200, b"x" * 100_000)
    respond = site.respond
    site.respond = lambda handler: (ports.append(handler.client_address[1]), respond(handler))
    client = make()
    for _ in range(3):
        client.get(f"{site.url}/")
    assert len(set(ports)) == 1


def test_what_did_not_change_is_not_sent_again(site: Any, make: Callable[..., Client]) -> None:
    """A conditional request is answered with nothing, and says so."""
    day = "Wed, 21 Oct 2026 07:28:00 GMT"
    site.replies["/"] = site.reply(304)
    answer = make().get(f"{site.url}/", etag='"7"', last_modified=day)
    assert (answer.not_modified, answer.status, answer.body) == (True, 304, b"")
    (asked,) = site.asked
    assert asked.headers["if-none-match"] == '"7"'
    assert asked.headers["if-modified-since"] == day


# --- failures ---


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 501, 300, 302])
def test_a_status_that_will_not_pass_is_an_error(
    site: Any, make: Callable[..., Client], waits: list[float], status: int
) -> None:
    """Asked once; the error carries the status, the fields and what the server said."""
    site.replies["/x"] = site.reply(status, b'{"code": "no"}', {"X-Why": "because"})
    with pytest.raises(FetchError, match=f"HTTP {status}") as raised:
        make().get(f"{site.url}/x")
    assert raised.value.url == f"{site.url}/x"
    assert (raised.value.status, raised.value.body) == (status, b'{"code": "no"}')
    assert raised.value.headers["x-why"] == "because"
    assert (len(site.asked), waits) == (1, [])


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_tried_again(
    site: Any, make: Callable[..., Client], waits: list[float], status: int
) -> None:
    """With growing waits, until it is better."""
    site.replies["/"] = [site.reply(status), site.reply(status), site.reply(200, b"good")]
    assert make().get(f"{site.url}/").body == b"good"
    assert len(site.asked) == 3
    assert 0.4 < waits[0] <= 1.0 < waits[0] + waits[1]


def test_attempts_come_to_an_end(site: Any, make: Callable[..., Client]) -> None:
    """The last failure is the error; a caller may want fewer attempts."""
    site.replies["/"] = site.reply(503, b"down")
    with pytest.raises(FetchError, match="503"):
        make(retries=2).get(f"{site.url}/")
    assert len(site.asked) == 3
    with pytest.raises(FetchError):
        make(retries=2).get(f"{site.url}/", retries=0)
    assert len(site.asked) == 4


def test_a_server_that_names_a_wait_gets_it(
    site: Any, make: Callable[..., Client], waits: list[float]
) -> None:
    """The whole host is left alone that long, not only the one address."""
    site.replies["/a"] = [site.reply(429, headers={"Retry-After": "42"}), site.reply()]
    make().get(f"{site.url}/a")
    assert [round(wait) for wait in waits] == [42]


def test_a_server_that_wants_hours_is_given_up(
    site: Any, make: Callable[..., Client], waits: list[float]
) -> None:
    """At once, saying when to come back; nobody sits through that."""
    site.replies["/"] = site.reply(503, headers={"Retry-After": "7200"})
    with pytest.raises(FetchError, match="7200 seconds"):
        make().get(f"{site.url}/")
    assert (len(site.asked), waits) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_a_torn_answer_is_tried_again(
    site: Any, make: Callable[..., Client], answer: bytes
) -> None:
    """Nothing, no HTTP, or less than was promised: never taken for the whole."""
    site.replies["/"] = [site.reply(raw=raw(answer)), site.reply(200, b"whole")]
    assert make().get(f"{site.url}/").body == b"whole"
    site.replies["/"] = site.reply(raw=raw(answer))
    with pytest.raises(FetchError) as raised:
        make(retries=1).get(f"{site.url}/")
    assert " at 0x" not in str(raised.value)
    assert "Connection(" not in str(raised.value)


def test_no_connection_is_an_error(make: Callable[..., Client], waits: list[float]) -> None:
    """After all attempts, in words."""
    with pytest.raises(FetchError, match=r"connection failed.*refused") as raised:
        make(retries=3).get("http://127.0.0.1:9/")
    assert (raised.value.status, raised.value.is_slow, len(waits)) == (0, False, 3)


def test_a_silent_server_is_too_slow(site: Any, make: Callable[..., Client]) -> None:
    """No byte within the time-out; asking for less may help."""
    site.replies["/"] = site.reply(raw=lambda out: site.release.wait())
    with pytest.raises(FetchError, match="in time") as raised:
        make(retries=0, timeout_seconds=0.05).get(f"{site.url}/")
    assert raised.value.is_slow


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"])
def test_a_trickle_is_cut_at_the_deadline(
    site: Any, make: Callable[..., Client], start: bytes
) -> None:
    """Each byte arrives before the time-out, in the head or in the content; all in all too late."""

    def drip(out: BinaryIO) -> None:
        out.write(start)
        while not site.release.wait(0.01):
            out.write(b"x")

    site.replies["/"] = site.reply(raw=drip)
    with pytest.raises(FetchError, match="not complete") as raised:
        make(deadline_seconds=0.1, timeout_seconds=30).get(f"{site.url}/")
    assert raised.value.is_slow
    assert len(site.asked) == 1


def test_what_is_too_large_is_refused(site: Any, make: Callable[..., Client]) -> None:
    """By its size after unpacking; nothing of it is kept, and it is not asked for again."""
    site.replies["/"] = site.reply(200, gzip.compress(bytes(3 << 20)), {"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="larger than 2 MiB") as raised:
        make(max_bytes=2 << 20).get(f"{site.url}/")
    assert raised.value.is_slow
    assert len(site.asked) == 1
    assert len(make(max_bytes=2 << 20).get(f"{site.url}/", max_bytes=3 << 20).body) == 3 << 20


def test_content_packed_as_nobody_asked_is_refused(site: Any, make: Callable[..., Client]) -> None:
    """It says how it is packed."""
    site.replies["/"] = site.reply(200, b"x", {"Content-Encoding": "br"})
    with pytest.raises(FetchError, match="packed with br"):
        make().get(f"{site.url}/")


# --- redirects ---


def test_redirects_are_followed(site: Any, make: Callable[..., Client]) -> None:
    """Relative or absolute, written in any characters; the answer says where it came from."""
    site.replies |= {
        "/a": site.reply(301, headers={"Location": "b?c=1"}),
        "/b": site.reply(308, headers={"Location": f"{site.url}/%C3%BC"}),
        "/%C3%BC": site.reply(302, headers={"Location": "/ü".encode().decode("latin-1") + "2"}),
        "/%C3%BC2": site.reply(200, b"there"),
    }
    answer = make().get(f"{site.url}/a")
    assert (answer.url, answer.body) == (f"{site.url}/%C3%BC2", b"there")


def test_a_circle_of_redirects_ends(site: Any, make: Callable[..., Client]) -> None:
    """Where it comes back to itself."""
    site.replies |= {
        "/a": site.reply(302, headers={"Location": "/b"}),
        "/b": site.reply(302, headers={"Location": "/a#again"}),
    }
    with pytest.raises(FetchError, match="circle"):
        make().get(f"{site.url}/a")
    assert len(site.asked) == 2


def test_redirects_without_end_end(site: Any, make: Callable[..., Client]) -> None:
    """After five."""
    site.replies |= {
        f"/{n}": site.reply(302, headers={"Location": f"/{n + 1}"}) for n in range(100)
    }
    with pytest.raises(FetchError, match="too many"):
        make().get(f"{site.url}/0")
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "target", ["ftp://blog.example/", "file:///etc/passwd", "javascript:1", "http://[", "//"]
)
def test_redirects_lead_to_the_web_only(
    site: Any, make: Callable[..., Client], target: str
) -> None:
    """Nothing else is opened, whatever a server says."""
    site.replies["/"] = site.reply(302, headers={"Location": target})
    with pytest.raises(FetchError):
        make().get(f"{site.url}/")


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the client, 127.0.0.1 is an address of the internet; ``::1`` is not."""
    monkeypatch.setattr("training.web.addresses.is_public", lambda address: address != "::1")


@pytest.mark.parametrize("target", ["http://[::1]:{port}/admin", "//inner.example:{port}/admin"])
def test_a_redirect_into_the_own_network_is_refused(
    site: Any, loopback_is_public: None, target: str
) -> None:
    """By address or by name: the hop is looked at like the first address."""
    location = target.format(port=site.port)
    site.replies["/"] = site.reply(302, headers={"Location": location})
    resolver = {
        "blog.example": ["127.0.0.1"],
        "inner.example": ["127.0.0.1", "::1"],
        "::1": ["::1"],
    }
    with (
        Client(resolver=lambda host, port: resolver[host]) as client,
        pytest.raises(FetchError, match=r"::1.*allow_private") as raised,
    ):
        client.get(f"http://blog.example:{site.port}/")
    assert raised.value.url.endswith("/admin")
    assert [asked.path for asked in site.asked] == ["/"]


# --- addresses ---


def test_the_checked_address_is_the_one_connected_to(
    site: Any, make: Callable[..., Client]
) -> None:
    """The name is looked up once a request, and the server is told the name."""
    site.replies["/"] = site.reply(200, b"here")
    looked_up = []

    def resolver(host: str, port: int) -> list[str]:
        looked_up.append((host, port))
        return ["127.0.0.1"]

    answer = make(resolver=resolver).get(f"http://blog.example:{site.port}/")
    assert answer.body == b"here"
    assert looked_up == [("blog.example", site.port)]
    assert site.asked[0].headers["host"] == f"blog.example:{site.port}"


def test_a_name_that_changes_its_mind_is_checked_again(site: Any, loopback_is_public: None) -> None:
    """A public address at first, the own network at the second attempt: refused."""
    site.replies["/"] = site.reply(503)
    answers = iter([["127.0.0.1"], ["::1"]])
    with (
        Client(resolver=lambda host, port: next(answers), sleep=lambda seconds: None) as client,
        pytest.raises(FetchError, match="allow_private"),
    ):
        client.get(f"http://blog.example:{site.port}/")
    assert len(site.asked) == 1


def test_the_next_address_is_tried(site: Any, make: Callable[..., Client]) -> None:
    """Where the first one of a host cannot be reached."""
    site.replies["/"] = site.reply(200, b"here")
    client = make(resolver=lambda host, port: ["::1", "127.0.0.1"], retries=0)
    assert client.get(f"http://blog.example:{site.port}/").body == b"here"


def test_a_name_that_cannot_be_looked_up_now_is_tried_again(
    site: Any, make: Callable[..., Client], waits: list[float]
) -> None:
    """The resolver may be better in a moment; a name that does not exist will not."""
    site.replies["/"] = site.reply(200, b"here")
    failures = [socket.gaierror(socket.EAI_AGAIN, "later")]

    def resolver(host: str, port: int) -> list[str]:
        if failures:
            raise failures.pop()
        return ["127.0.0.1"]

    assert make(resolver=resolver).get(f"http://blog.example:{site.port}/").body == b"here"
    failures.append(socket.gaierror(socket.EAI_NONAME, "unknown"))
    with pytest.raises(FetchError, match="not found"):
        make(resolver=resolver).get(f"http://blog.example:{site.port}/")
    assert len(waits) == 1


# --- secrets ---


def basic(user: str, password: str) -> str:
    """The header field of a user and password."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def test_a_password_goes_to_its_host_only(
    site: Any, make: Callable[..., Client], fake_web: ModuleType, serve: Callable[..., Any]
) -> None:
    """Neither a redirect nor another address takes it along, nor what a caller added."""
    other = serve(lambda asked: fake_web.Reply(200, b"other"))
    site.replies["/away"] = site.reply(302, headers={"Location": f"{other.url}/"})
    site.replies["/"] = site.reply()
    client = make(auth=("ada", "a b c"), auth_for=f"{site.url}/blog/")
    client.get(f"{site.url}/")
    assert site.asked[-1].headers["authorization"] == basic("ada", "a b c")
    client.get(f"{site.url}/away", headers={"Cookie": "c", "X-Api": "x"})
    client.get(f"{other.url}/")
    assert [("authorization" in one.headers, "cookie" in one.headers) for one in other.asked] == [
        (False, False)
    ] * 2
    assert other.asked[0].headers["x-api"] == "x"


def test_a_password_does_not_cross_the_internet_in_clear(
    site: Any, make: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over plain http it stays here, unless the host is private."""
    site.replies["/"] = site.reply()
    monkeypatch.setattr("training.web.exchange.is_public", lambda address: True)
    make(auth=("ada", "secret"), auth_for=site.url).get(f"{site.url}/")
    assert "authorization" not in site.asked[0].headers


def test_a_password_needs_an_address() -> None:
    """Whose it is must be said."""
    with pytest.raises(ValueError, match="auth_for"):
        Client(auth=("ada", "secret"))


def test_secrets_are_in_no_error(make: Callable[..., Client]) -> None:
    """Neither those of an address nor the client's."""
    client = make(auth=("ada", "s3cret"), auth_for="http://127.0.0.1:9/", retries=0)
    with pytest.raises(FetchError) as raised:
        client.get("http://eve:s3cret@127.0.0.1:9/x")
    assert "s3cret" not in f"{raised.value} {raised.value!r} {raised.value.url}"
    assert "s3cret" not in repr(WebOptions(auth=("ada", "s3cret")))


# --- many ---


def test_many_answers_come_in_the_order_asked(site: Any, make: Callable[..., Client]) -> None:
    """Answers and errors alike, each in its place."""
    site.replies |= {f"/{n}": site.reply(200, str(n).encode()) for n in range(0, 30, 2)}
    found = list(make(per_second=1e6).get_many(f"{site.url}/{n}" for n in range(30)))
    for n, one in enumerate(found):
        if n % 2:
            assert isinstance(one, FetchError)
            assert one.status == 404
        else:
            assert isinstance(one, Response)
            assert one.body == str(n).encode()


def test_no_more_than_so_many_at_a_time(site: Any, make: Callable[..., Client]) -> None:
    """The server never sees more requests at once than were allowed, but as many."""
    lock, running, most = threading.Lock(), [0], [0]
    together = threading.Barrier(3)

    def answer(asked: Any) -> Any:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        together.wait(10)
        with lock:
            running[0] -= 1
        return site.reply()

    site.replies["/"] = answer
    client = make(concurrency=3, per_second=1e6)
    assert len(list(client.get_many([f"{site.url}/"] * 9))) == 9
    assert most[0] == 3


def test_addresses_are_taken_only_a_little_ahead(site: Any, make: Callable[..., Client]) -> None:
    """A million addresses are not gone through before the first answer is looked at."""
    taken = []

    def addresses() -> Iterator[str]:
        for n in range(1_000_000):
            taken.append(n)
            yield f"{site.url}/{n}"

    answers = make(concurrency=2, per_second=1e6).get_many(addresses())
    next(answers)
    answers.close()
    assert len(taken) <= 4


def test_giving_up_ends_the_waits(site: Any) -> None:
    """Nobody waits for a server's five minutes when the answers are not wanted any more."""
    site.replies["/wait"] = site.reply(503, headers={"Retry-After": "290"})
    site.replies["/"] = site.reply()
    with Client(allow_private=True, concurrency=2, per_second=1e6) as client:
        answers = client.get_many([f"{site.url}/", f"{site.url}/wait", f"{site.url}/wait"])
        next(answers)
        answers.close()


def test_a_host_that_asks_for_rest_gets_it_from_all(
    site: Any, make: Callable[..., Client], waits: list[float]
) -> None:
    """One 429 slows down the requests to other addresses of the host too."""
    site.replies["/a"] = [site.reply(429, headers={"Retry-After": "30"}), site.reply()]
    site.replies["/b"] = site.reply()
    client = make(clock=lambda: 0.0)
    client.get(f"{site.url}/a")
    client.get(f"{site.url}/b")
    assert waits == [30.0, 30.0]


def test_a_crawl_delay_is_obeyed(
    site: Any, make: Callable[..., Client], waits: list[float]
) -> None:
    """Between any two requests from then on."""
    site.replies["/"] = site.reply()
    client = make(clock=lambda: 0.0)
    client.slow_down(f"{site.url}/any", 10)
    for _ in range(3):
        client.get(f"{site.url}/")
    assert waits == [10.0, 20.0]
