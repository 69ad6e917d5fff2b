"""The client against the real application, on a socket of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from related_posts.archive import Archive
from related_posts.client import (
    AnswerError,
    ChangedError,
    Client,
    Explanation,
    Failure,
    Image,
    Item,
    KeyRefusedError,
    NoSuchPostError,
    RefusedError,
    Related,
    Series,
    UnreachableError,
)
from related_posts.keys import Keys
from related_posts.posts import Post
from related_posts.storage import Store
from service import create_app
from service.api import models
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from training.build import build
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *arguments: Any) -> None:
        """Not shown."""


class Service:
    """An application behind a socket, with what it was asked and answered."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.seen: list[tuple[str, str, str, str]] = []
        self.app = app
        self.server: WSGIServer = make_server("127.0.0.1", 0, self._call, handler_class=Quiet)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def _call(self, environ: Any, start_response: Any) -> Any:
        def noted(status: str, fields: Any, exc_info: Any = None) -> Any:
            key = environ.get("HTTP_AUTHORIZATION", "")
            self.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], status[:3], key))
            return start_response(status, fields)

        return self.app(environ, noted)

    def stop(self) -> None:
        """End it."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def service(tmp_path: Path, archive_posts: list[Post]) -> Iterator[Service]:
    """The service of the archive whose relations are known."""
    archive = Archive(tmp_path)
    archive.update("test", archive_posts, complete=True, now=NOW)
    built = build(archive, TrainingSettings(jobs=1))
    store = Store(tmp_path)
    store.publish(store.write(built.arrays, built.details, now=NOW))
    app = create_app(ServiceSettings(data=tmp_path, reload_seconds=3600))
    running = Service(app)
    yield running
    running.stop()
    app.extensions[EXTENSION].stop()


@pytest.fixture
def client(service: Service, tmp_path: Path) -> Iterator[Client]:
    """A client that may write."""
    _, key = Keys(tmp_path).create(("write",), now=NOW)
    with Client(service.base, key=key, backoff_seconds=0) as made:
        yield made


def plainly(status: str, content: bytes, *fields: tuple[str, str]) -> Callable[..., Any]:
    """An application that always answers the same."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Length", str(len(content))), *fields])
        return [content]

    return app


@pytest.fixture
def stand() -> Iterator[Callable[[Callable[..., Any]], Service]]:
    """Put any application behind a socket."""
    made: list[Service] = []

    def start(app: Callable[..., Any]) -> Service:
        made.append(Service(app))
        return made[-1]

    yield start
    for each in made:
        each.stop()


def test_related_by_id_url_and_slug(client: Client) -> None:
    """A post is found by each of its names, and its list is typed."""
    found = client.related("/sourdough/", limit=2)
    assert found.post is not None
    assert (found.post.id, found.post.published) == ("/sourdough/", found.post.published)
    assert isinstance(found.post.published, datetime)
    assert 0 < len(found.items) <= 2
    assert all(item.score and 0 < item.score < 1 for item in found.items)
    assert client.related(url="https://blog.example/sourdough/?utm_source=x", limit=2) == found
    assert client.related(slug="sourdough", limit=2) == found


def test_options_are_the_parameters(client: Client) -> None:
    """Lists, truths, dates and words with spaces and signs arrive as they were meant."""
    found = client.related(
        "/sourdough/",
        fields=["id", "explanation"],
        explain=True,
        exclude=["/rye/", "a&b=c +%"],
        published_after=datetime(2000, 1, 1, tzinfo=UTC),
        language="en",
        fallback=("category", "recent"),
    )
    assert "/rye/" not in {item.id for item in found.items}
    explained = [item.explanation for item in found.items if item.explanation]
    assert explained[0].terms[0][1] > 0
    assert found.items[0].title == ""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Image, models.Image), (Series, models.Series), (Item, models.Item),
     (Explanation, models.Explained)],
)  # fmt: skip
def test_nothing_that_is_answered_is_lost(ours: Any, theirs: Any) -> None:
    """Every member that the service documents is one of the client's."""
    assert set(theirs.model_fields) == {field.name for field in fields_of(ours)}


def test_a_part_of_a_series_says_so() -> None:
    """A series is read where there is one, and None elsewhere."""
    content = {"id": "a", "series": {"name": "Bread", "part": 2, "parts": 5}}
    assert Item.of(content).series == Series("Bread", 2, 5)
    assert Item.of({"id": "a"}).series is None


def test_texts_and_batches(client: Client) -> None:
    """A text gets a list; a batch answers in order and says what failed."""
    found = client.related_to_text({"title": "Rye bread", "text": "sourdough starter"}, limit=1)
    assert found.post is None
    assert len(found.items) == 1
    answers = list(client.related_batch(["/rye/", "/nowhere/", "/moon/"], limit=1))
    assert [id_ for id_, _ in answers] == ["/rye/", "/nowhere/", "/moon/"]
    assert isinstance(answers[0][1], Related)
    assert isinstance(answers[1][1], Failure)
    assert answers[1][1].kind == "unknown-post"


def test_large_batches_go_in_parts(client: Client, service: Service) -> None:
    """More than a thousand posts are asked for in as many requests as that takes."""
    answers = list(client.related_batch([f"/{n}/" for n in range(2_001)], limit=1))
    assert len(answers) == 2_001
    assert [path for _, path, _, _ in service.seen] == ["/v1/related/batch"] * 3
    answers = list(client.related_batch([f"/{n}/" for n in range(150)], limit=50, explain=True))
    assert len(answers) == 150
    assert len(service.seen) == 5


def test_posts_search_and_export(client: Client, archive_posts: list[Post]) -> None:
    """Pages and the export hold every post; a search finds words."""
    page = client.posts(order="oldest", limit=3)
    assert (page.total, len(page.items)) == (len(archive_posts), 3)
    assert client.post("/rye/").title
    assert "/moon/" in {item.id for item in client.search("moon").items}
    lines = list(client.export(limit=2))
    assert {line.id for line in lines} == {post.id for post in archive_posts}
    assert all(len(line.related) <= 2 for line in lines)


def test_an_answer_that_is_known_is_not_sent_again(client: Client, service: Service) -> None:
    """The second time the service says 304, and the result is the same."""
    assert client.related("/rye/") == client.related("/rye/")
    assert [status for _, _, status, _ in service.seen] == ["200", "304"]


def test_writes_and_decisions(client: Client) -> None:
    """Posts and rules are written, and problems of single lines are told."""
    post = {"id": "new one", "url": "/new/", "title": "New"}
    assert client.put_post(post).result == "added"
    assert client.put_post(post).result == "unchanged"
    bulk = client.post_posts([{**post, "title": "Newer"}, {"id": "broken"}])
    assert (bulk.lines, bulk.changed, bulk.failed) == (2, 1, 1)
    assert bulk.errors[0][:2] == (2, "broken")
    assert client.delete_post("new one").result == "withdrawn"
    rule = client.make_rule("pin", "/moon/", under="/rye/", note="for a while")
    assert client.rules() == (rule,)
    assert client.related("/rye/").items[0].reason == "pinned"
    client.remove_rule(rule.id)
    assert client.rules() == ()


def test_a_post_is_changed_only_as_it_was_read(client: Client, service: Service) -> None:
    """What is kept is read with its tag; under another tag nothing is written, nor made twice."""
    stored = client.stored_post("/rye/")
    assert stored.post["id"] == "/rye/"
    changed = client.put_post({**stored.post, "title": "Changed"}, if_match=stored.etag)
    assert (changed.result, changed.etag != stored.etag) == ("changed", True)
    assert client.stored_post("/rye/").etag == changed.etag
    for stale in (
        lambda: client.put_post(stored.post, if_match=stored.etag),
        lambda: client.put_post(stored.post, only_new=True),
        lambda: client.delete_post("/rye/", if_match=stored.etag),
    ):
        with pytest.raises(ChangedError, match="precondition-failed"):
            stale()
    gone = client.delete_post("/rye/", if_match=changed.etag)
    assert (gone.result, gone.etag) == ("withdrawn", "")
    with pytest.raises(NoSuchPostError):
        client.stored_post("/rye/")
    assert client.put_post(stored.post, only_new=True).result == "added"


def test_what_may_be_new_only_once_is_not_tried_again(stand: Callable[..., Service]) -> None:
    """After no answer the post may be there; a second attempt would be told that it is."""
    busy = stand(plainly("503 Busy", b"{}", ("Content-Type", "application/problem+json")))
    with Client(busy.base, backoff_seconds=0) as client:
        for how, n_asked in (({"only_new": True}, 1), ({}, 3)):
            busy.seen.clear()
            with pytest.raises(RefusedError):
                client.put_post({"id": "a", "url": "/a/"}, **how)  # type: ignore[arg-type]
            assert len(busy.seen) == n_asked


def test_a_key_is_sent_only_where_it_is_needed(client: Client, service: Service) -> None:
    """Reads carry no key; writes do."""
    client.related("/rye/")
    client.related_to_text({"title": "Rye", "published": NOW})
    client.delete_post("nothing")
    assert [bool(key) for *_, key in service.seen] == [False, False, True]


def test_problems_are_errors(client: Client, service: Service) -> None:
    """A refusal is an error of its kind that carries the document and the request's id."""
    with pytest.raises(NoSuchPostError, match="unknown-post") as missing:
        client.related("/nowhere/")
    assert missing.value.request_id
    with pytest.raises(RefusedError, match="from 1 to 50") as wrong:
        client.related("/rye/", limit=51)
    assert (wrong.value.kind, wrong.value.problem["parameter"]) == ("invalid-parameter", "limit")
    with Client(service.base) as stranger, pytest.raises(KeyRefusedError):
        stranger.delete_post("/rye/")


def test_what_may_pass_is_tried_again(stand: Callable[..., Service], client: Client) -> None:
    """Reads are repeated as often as was said; writes by POST are sent once."""
    busy = stand(plainly("503 Busy", b"{}", ("Content-Type", "application/problem+json")))
    with Client(busy.base, retries=2, backoff_seconds=0) as asking:
        with pytest.raises(RefusedError):
            asking.related("/rye/")
        assert len(busy.seen) == 3
        with pytest.raises(RefusedError):
            asking.post_posts([])
        assert len(busy.seen) == 4


@pytest.mark.parametrize("wait", ["31", "86400", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_nobody_sleeps_for_a_day(stand: Callable[..., Service], wait: str) -> None:
    """An answer that asks for a longer wait than a program has is the program's to see."""
    kind = b'{"type":"urn:related-posts:problem:too-many-requests"}'
    fields = [("Content-Type", "application/problem+json"), ("Retry-After", wait)]
    busy = stand(plainly("429 Too Many Requests", kind, *fields))
    with Client(busy.base, retries=5) as client, pytest.raises(RefusedError) as refused:
        client.related("/rye/")
    assert len(busy.seen) == 1
    assert (refused.value.kind, refused.value.status) == ("too-many-requests", 429)
    assert refused.value.retry_after == (float(wait) if wait.isdigit() else None)


@pytest.mark.parametrize("said", [b"null", b'"x"', b"200", b"[]"])
def test_the_status_is_that_of_the_answer(stand: Callable[..., Service], said: bytes) -> None:
    """A problem document may say anything of its status, or nothing."""
    fields = ("Content-Type", "application/problem+json")
    other = stand(plainly("403 Forbidden", b'{"status":%b}' % said, fields))
    with Client(other.base, retries=0) as client, pytest.raises(KeyRefusedError) as refused:
        client.related("/rye/")
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("status", "content", "media"),
    [
        ("200 OK", b"[" * 100_000, "application/json"),
        ("200 OK", b"<html>", "text/html"),
        ("200 OK", b"{}", "application/json"),
        ("200 OK", b"[1]", "application/json"),
        ("200 OK", b'{"version":"x","post":null,"items":[3]}', "application/json"),
        ("500 Oops", b"<html>", "text/html"),
        ("404 Not Found", b"[]", "application/problem+json"),
        ("404 Not Found", b"\xff", "application/problem+json"),
    ],
)
def test_other_answers_are_named(
    stand: Callable[..., Service], status: str, content: bytes, media: str
) -> None:
    """A page of a proxy, or JSON of another shape, is an error and no wrong result."""
    other = stand(plainly(status, content, ("Content-Type", media)))
    with Client(other.base, retries=0) as client, pytest.raises(AnswerError):
        client.related("/rye/")


def test_an_export_that_breaks_off_is_an_error(stand: Callable[..., Service]) -> None:
    """Half a line is not passed over."""
    cut = stand(plainly("200 OK", b'{"id":"a","related":[]}\n{"id":'))
    with Client(cut.base) as client:
        lines = client.export()
        assert next(lines).id == "a"
        with pytest.raises(AnswerError, match="broke off"):
            next(lines)


def test_nobody_there(service: Service) -> None:
    """A service that cannot be reached is an error that says so."""
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(UnreachableError):
        client.related("/rye/")


@pytest.mark.parametrize(
    "base", ["related.example", "ftp://related.example", "https://h/?a=1", "https://u@h/", ""]
)
def test_addresses_that_do_not_fit(base: str) -> None:
    """What is no address of a service is refused before anything is sent."""
    with pytest.raises(ValueError, match="address"):
        Client(base)
