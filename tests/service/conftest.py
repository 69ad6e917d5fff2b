"""Tiny published versions, and the application that answers from them."""

from __future__ import annotations

import ctypes
import http.client
import itertools
import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from related_posts.addresses import Addressed, lookup_entries
from related_posts.blobs import pack
from related_posts.facets import build as build_facets
from related_posts.facets import keys_of
from related_posts.items import item_json
from related_posts.lookup import build
from related_posts.posts import Image, Post
from related_posts.storage import Store
from related_posts.wordpress.numbers import details_json, number_of
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION

K = 50
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
_later = itertools.count()

DEADLINE_SECONDS = 60.0
COMMAND = [sys.executable, "-c", "from related_posts.cli import main; main()"]

#: Ids that are awkward in a path or a query.
AWKWARD_IDS = [
    "/2024/05/plain/",
    "no-slash",
    "a/related",
    "/related",
    "related",
    "//double//slashes//",
    "what?#really",
    "50%25 & more",
    "100%",
    "plus+and space",
    "ünïcödé/日本語/😀",
    "a;b,c=d&e",
    '"quoted"\\back',
    "..",
    "/../etc/passwd",
    "http://blog.example/?p=7&lang=de",
]


def sample_posts(marker: str = "") -> list[Post]:
    """Sixty posts with awkward ids, newest first; the marker is in every excerpt."""
    ids = [*AWKWARD_IDS, *(f"/post/{number}/" for number in range(60 - len(AWKWARD_IDS)))]
    return [
        Post(
            id=id_,
            url=f"https://blog.example/{place}/",
            title=f"Post {place} <b>&amp; “more”",
            excerpt=marker,
            author="Ada",
            tags=("one", "two"),
            published=datetime(2024, 1, 1, tzinfo=UTC) - timedelta(days=place),
            image=Image("/i.jpg", 80, 60, "An image") if place % 2 else None,
            language="en",
        )
        for place, id_ in enumerate(ids)
    ]


def arrays_of(posts: Sequence[Post]) -> dict[str, Any]:
    """The arrays of a version in which each post's neighbours are those nearest in rows."""
    n = len(posts)
    rows = np.full((n, K), -1, dtype=np.int32)
    similarities = np.zeros((n, K), dtype=np.float32)
    for row in range(n):
        others = (other for other in range(n) if other != row)
        near = sorted(others, key=lambda other: (abs(other - row), other))[:K]
        rows[row, : len(near)] = near
        similarities[row, : len(near)] = [1 / (1 + abs(other - row)) for other in near]
    items, items_offsets = pack(
        item_json(post, excerpt=post.excerpt, language=post.language) for post in posts
    )
    details, details_offsets = pack(details_json(post) for post in posts)
    entries = lookup_entries(
        Addressed(row, post.id, post.url, post.aliases) for row, post in enumerate(posts)
    )
    # Terms: one that all share, one for even and one for odd rows, and one of its own.
    words = ["shared", "even", "odd", *(f"own{row}" for row in range(n))]
    terms, terms_offsets = pack(words)
    readable, readable_offsets = pack(word.capitalize() for word in words)
    columns = [[0, 1 + row % 2, 3 + row] for row in range(n)]
    weights = np.array([0.6, 0.64, 0.48], dtype=np.float32)
    flat = np.array(columns, dtype=np.int32).reshape(-1)
    by_term = np.argsort(flat, kind="stable")
    return {
        "items": items,
        "items_offsets": items_offsets,
        "neighbours": rows,
        "similarities": similarities,
        "scores": (similarities / 2).astype(np.float32),
        "numbers": np.array([number_of(post) for post in posts], dtype=np.int64),
        "wordpress": details,
        "wordpress_offsets": details_offsets,
        **build(entries),
        **build_facets(keys_of(post, post.language) for post in posts),
        "vectors_data": np.tile(weights, n),
        "vectors_indices": flat,
        "vectors_indptr": np.arange(0, 3 * n + 1, 3, dtype=np.int64),
        "postings_data": np.tile(weights, n)[by_term],
        "postings_indices": (by_term // 3).astype(np.int32),
        "postings_indptr": np.searchsorted(flat[by_term], np.arange(len(words) + 1)).astype(
            np.int64
        ),
        "titles_data": np.tile(np.array([0.25, 0.75], dtype=np.float32), n),
        "titles_indices": np.array([pair[1:] for pair in columns], dtype=np.int32).reshape(-1),
        "titles_indptr": np.arange(0, 2 * n + 1, 2, dtype=np.int64),
        "idf": np.ones(len(words), dtype=np.float32),
        "terms": terms,
        "terms_offsets": terms_offsets,
        "readable": readable,
        "readable_offsets": readable_offsets,
        "days": np.array([float(-row) for row in range(n)]),
        "languages": np.zeros(n, dtype=np.int16),
        "translations": np.full(n, -1, dtype=np.int32),
        "damping": np.full(n, 1.0),
        "duplicates": np.full(n, -1, dtype=np.int32),
        "boilerplate": np.zeros(0, dtype=np.uint64),
        # What a version has besides, of posts that have none of it.
        "frequencies": np.bincount(flat, minlength=len(words)).astype(np.int32),
        "pairs": np.zeros((0, 2), dtype=np.int32),
        "borrowed_indices": np.zeros(0, dtype=np.int32),
        "borrowed_indptr": np.zeros(n + 1, dtype=np.int64),
        "links_indices": np.zeros(0, dtype=np.int32),
        "links_indptr": np.zeros(n + 1, dtype=np.int64),
        "series": np.full(n, -1, dtype=np.int32),
        "part": np.zeros(n, dtype=np.int16),
        "contents": np.arange(2 * n, dtype=np.uint64).reshape(n, 2),
        "templates": np.zeros(0, dtype=np.uint64),
        "common_things": np.zeros(0, dtype=np.uint64),
        "ties": np.zeros(0, dtype=np.uint64),
        "ties_owners": np.zeros(0, dtype=np.int32),
    }


def write_version(data: Path, marker: str = "", posts: Sequence[Post] | None = None) -> str:
    """Publish a version whose excerpts are the marker; its name."""
    posts = sample_posts(marker) if posts is None else posts
    details = {
        "languages": ["en"],
        "settings": {"time_weight": 2.0, "time_days": 90.0, "title_weight": 0.3},
    }
    store = Store(data)
    moment = BUILT + timedelta(seconds=next(_later))
    name = store.write(arrays_of(posts), details, now=moment)
    store.publish(name)
    return name


@pytest.fixture(scope="session", name="arrays_of")
def made_arrays() -> Callable[..., dict[str, Any]]:
    """Make all arrays of a version of the sample posts."""
    return lambda: arrays_of(sample_posts())


@pytest.fixture(scope="session")
def publish() -> Callable[..., str]:
    """Publish one more version into a data folder; its name."""
    return write_version


@pytest.fixture(scope="session")
def awkward_ids() -> list[str]:
    """Ids that are awkward in a path or a query; each is one of the sample posts."""
    return list(AWKWARD_IDS)


@pytest.fixture(scope="session")
def posts() -> list[Post]:
    """The posts of the published version, in row order."""
    return sample_posts()


def varied_posts() -> list[Post]:
    """Sixty posts of random words in two languages, with labels and authors, some undated."""
    draw = np.random.default_rng(7)
    words = [
        "rye",
        "oven",
        "crust",
        "salt",
        "water",
        "bicycle",
        "chain",
        "brake",
        "tyre",
        "moon",
        "mirror",
        "glass",
        "light",
    ]
    posts = []
    for number in range(60):
        text = " ".join(draw.choice(words, 25))
        days = int(draw.integers(0, 700))
        posts.append(
            Post(
                id=f"p{number}",
                url=f"https://blog.example/{2020 + number % 4}/{text.split()[0]}-{number}/",
                title=" ".join(draw.choice(words, 3)).title(),
                html=f"<p>{text}</p>",
                tags=tuple(sorted(set(draw.choice(["Red", "Green Tea", "blue"], 2)))),
                categories=("Café",) if number % 3 else ("News", "Café"),
                author=["Ada", "Bob B.", ""][number % 3],
                published=None
                if number % 11 == 0
                else datetime(2025, 12, 31, tzinfo=UTC) - timedelta(days=days),
                language="de" if number % 4 == 0 else "en",
            )
        )
    return posts


def train(data: Path, posts: Sequence[Post], **values: Any) -> None:
    """Publish a version that was really built of these posts."""
    # Imported here: most tests of the service need no training.
    from related_posts.archive import Archive
    from training.build import build
    from training.settings import TrainingSettings

    archive = Archive(data)
    archive.update("test", posts, complete=True, now=BUILT)
    built = build(archive, TrainingSettings(jobs=1, **values))
    store = Store(data)
    store.publish(store.write(built.arrays, built.details, now=BUILT))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a built version of varied posts that keeps three neighbours of each."""
    folder = tmp_path_factory.mktemp("trained")
    train(folder, varied_posts(), neighbours=3)
    return folder


@pytest.fixture(scope="session")
def train_varied() -> Callable[..., None]:
    """Publish a built version of the varied posts into a data folder."""
    return lambda data, **values: train(data, varied_posts(), **values)


@pytest.fixture(scope="session")
def varied() -> list[Post]:
    """The varied posts."""
    return varied_posts()


@pytest.fixture(scope="session")
def train_posts() -> Callable[..., None]:
    """Publish a built version of given posts into a data folder."""
    return train


@pytest.fixture(scope="session")
def trained_whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with every neighbour of each."""
    folder = tmp_path_factory.mktemp("whole")
    train(folder, varied_posts(), neighbours=1000)
    return folder


@pytest.fixture
def reader(make_app: Callable[..., Flask], trained: Path) -> FlaskClient:
    """A client of an application that answers from the built version."""
    return make_app(trained).test_client()


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    """A data folder without a version."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one version, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("published")
    write_version(folder)
    return folder


@pytest.fixture
def data_folder(empty_folder: Path) -> Path:
    """A data folder with one version, for one test alone."""
    write_version(empty_folder)
    return empty_folder


@pytest.fixture
def make_app() -> Iterator[Callable[..., Flask]]:
    """Make applications that look at the pointer only when told to, and stop them."""
    made: list[Flask] = []

    def make(data: Path, **values: Any) -> Flask:
        app = create_app(ServiceSettings(data=data, **{"reload_seconds": 3600, **values}))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions[EXTENSION].stop()


@pytest.fixture
def app(make_app: Callable[..., Flask], shared_folder: Path) -> Flask:
    """An application that answers from the sample posts."""
    return make_app(shared_folder)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


class Server:
    """A server in a process of its own; ended with the test."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RELATED_POSTS_")}
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, "HOME": "/nonexistent", **variables},
            text=True,
        )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], DEADLINE_SECONDS)
        assert ready, "the server said nothing"
        self.line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.line)
        assert found, self.line + self.stop()
        self.port = int(found[1])

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept alive."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of one request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def send(self, content: bytes) -> bytes:
        """What comes back for raw bytes, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_SECONDS) as connection:
            connection.sendall(content)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        pid = self.process.pid
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> str:
        """End the server; what it wrote to stderr."""
        if self.process.poll() is None:
            self.process.terminate()
        _, errors = self.process.communicate(timeout=DEADLINE_SECONDS)
        return errors


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers; all are ended."""
    started: list[Server] = []

    def start(*arguments: str, **variables: str) -> Server:
        started.append(Server(*arguments, **variables))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def packet_filters() -> None:
    """Skip where the system has no filters of packets, or only pretends to."""
    everything = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0xFFFF_FFFF), 8)
    program = struct.pack("@HP", 1, ctypes.addressof(everything))
    is_held = b""
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, 26, program)
        is_held = probe.getsockopt(socket.SOL_SOCKET, 26, 64)
    if sys.platform != "linux" or not is_held:
        pytest.skip("no filters of packets here")
