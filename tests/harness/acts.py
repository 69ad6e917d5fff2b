"""Every way of changing a data folder, and what the folder says afterwards."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import faults
from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.errors import IndexMissingError, RelatedPostsError
from related_posts.keys import Keys
from related_posts.ledger import Held
from related_posts.posts import Post
from related_posts.status import REREAD_FILE, SOURCES_FILE
from service import create_app
from service.export import write_folder, write_lines
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from service.widget.counting import counts
from service.widget.counting.report import Shown
from training.commands.display import Lines
from training.frozen import FULL
from training.publish import read_and_withdraw, train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions
from training.worker.loop import Worker

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)

#: A data folder within the one that is prepared, for its first training.
FIRST = "first"
#: What is exported there, as a file and as a folder.
LINES_FILE, FOLDER = "lists.jsonl", "lists"

Act = Callable[[Path], object]


class RefusedError(Exception):
    """The service answered that it did not do it."""


@contextmanager
def given_up() -> Iterator[None]:
    """What an act needs before it begins; where that fails, it does not."""
    try:
        yield
    except OSError as problem:
        raise RefusedError(str(problem)) from problem


def settings(data: Path) -> TrainingSettings:
    """How everything here is trained: quickly, with a trial for the gate."""
    return TrainingSettings(data=data, jobs=1, keep_versions=0, worker_quiet_seconds=0)


def export(data: Path, *ids: str) -> str:
    """Write an export of these posts beside the data folder; its path."""
    path = data.with_suffix(".jsonl")
    lines = (
        json.dumps({"id": id_, "url": f"/{id_}/", "title": f"bread flour {id_}"}) for id_ in ids
    )
    path.write_text("\n".join(lines))
    return str(path)


def train(data: Path, *places: str, at: datetime = LATER) -> None:
    """One training."""
    train_and_publish(places, settings(data), Lines(), clock=lambda: at)


def train_upon(data: Path, *places: str) -> None:
    """One training that builds upon the live version, however much has changed."""
    upon = TrainingSettings(
        data=data, jobs=1, keep_versions=0, worker_quiet_seconds=0, refresh_share=1
    )
    outcome = train_and_publish(places, upon, Lines(), clock=lambda: LATER)
    assert "base" in outcome.manifest.counts[FULL], outcome.manifest.counts


@contextmanager
def asking(data: Path) -> Iterator[FlaskClient]:
    """A client of a service that starts now."""
    app = create_app(ServiceSettings(data=data, reload_seconds=3_600))
    try:
        yield app.test_client()
    finally:
        app.extensions[EXTENSION].stop()


def write(folder: Path, method: str, path: str, **options: Any) -> None:
    """One request that changes something, which must be accepted or refused in good form."""
    token = folder.with_suffix(".key").read_text()
    headers = {"Authorization": f"Bearer {token}"}
    with asking(folder) as client:
        answer = client.open(path, method=method, headers=headers, **options)
        if answer.status_code == 503:
            assert answer.content_type == "application/problem+json"
            raise RefusedError(answer.text)
        assert answer.status_code in (200, 201, 202, 204), answer.text
        faults.answered()


def prepare(data: Path) -> None:
    """Two versions that were live in turn, one that waits; a withdrawal, a rule, keys, counts."""
    places = [export(data, *"abcdg")]
    train(data, *places, at=NOW)
    train(data, export(data, *"abcdeg"), at=NOW + timedelta(hours=1))
    # A source that still has what was withdrawn would bring it back.
    export(data, *"abcde")
    _, token = Keys(data).create(["write"], now=NOW)
    data.with_suffix(".key").write_text(token)
    write(data, "DELETE", "/v1/posts/g")
    write(data, "POST", "/v1/curation", json={"kind": "pin", "post": "a", "under": "b"})
    counts.add(data, [("2026-03-01", Shown("v", "a", "b", 1), 1, 0)])
    (data / SOURCES_FILE).write_text(f'[[source]]\npath = "{places[0]}"\ninterval = "1h"\n')
    exported(data, LINES_FILE, 1)
    exported(data, FOLDER, 1)
    with Archive(data) as archive, archive.writing(NOW) as update:
        update.put(Post(id="x", url="https://b.example/x/", title="bread x"))
    versions = Versions(data)
    train_and_publish(
        [], settings(data), Lines(), publish=False, clock=lambda: NOW + timedelta(hours=2)
    )
    assert len(versions.store.names()) == 3
    assert set(versions.ledger().held) == {versions.store.names()[2]}
    train_worker(data)


def train_worker(data: Path) -> None:
    """One step of a worker that has everything to do: a source, a wish, a training."""
    with given_up():
        (data / REREAD_FILE).touch()
    moment = iter(range(10**6))
    worker = Worker(
        settings(data),
        threading.Event(),
        clock=lambda: LATER,
        monotonic=lambda: float(next(moment)),
    )
    worker.step()
    worker.step()
    if worker._errors:
        raise RefusedError(str(worker._errors))


def curate(data: Path) -> None:
    """Bring rules and withdrawals to where services see them."""
    with given_up():
        (data / "overlay").unlink(missing_ok=True)
    with Archive(data) as archive:
        publish_state(archive, data)


def exported(data: Path, name: str, limit: int) -> None:
    """Write the live version's lists as files."""
    kind = write_lines if name == LINES_FILE else write_folder
    with Versions(data).store.open() as index:
        kind(index, limit, str(data / name))


def content(data: Path) -> tuple[str, list[str], str]:
    """Of exported files: the lines; which of a folder are not whole; all of that folder."""
    lines = (data / LINES_FILE).read_text() if (data / LINES_FILE).exists() else ""
    files = {path.name: path.read_text() for path in (data / FOLDER).glob("*.json")}
    broken = []
    for name, text in sorted(files.items()):
        try:
            json.loads(text)
        except ValueError:
            broken.append(name)
    return hashed(lines), broken, hashed(json.dumps(files, sort_keys=True))


def hashed(text: str) -> str:
    """A short name of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def hold(data: Path) -> None:
    """Hold a version back."""
    versions = Versions(data)
    versions.settle(versions.store.names()[2], held=Held("gate", "a test", LATER), now=LATER)


#: What an act gives that found itself done, and so has nothing to promise.
FOUND_DONE = "found done"


def roll_back(data: Path) -> object:
    """Roll back, if that was not done already."""
    versions = Versions(data)
    if any(why.kind == "rolled-back" for why in versions.ledger().held.values()):
        return FOUND_DONE
    return versions.rollback(LATER)


def add_key(data: Path) -> object:
    """Make a second key, if that was not done already."""
    keys = Keys(data)
    return FOUND_DONE if len(keys.all()) > 1 else keys.create(["read"], now=LATER)


def count(data: Path) -> object:
    """Count what a day showed, if that was not done already."""
    if counts.sums(data, "position", "2026-03-02", 1):
        return FOUND_DONE
    return counts.add(data, [("2026-03-02", Shown("v", "a", "b", 1), 1, 1)])


POST = {"id": "new", "url": "https://b.example/new/", "title": "bread new"}
LINES = b"\n".join(
    json.dumps({"id": f"n{n}", "url": f"/n{n}/", "title": f"bread {n}"}).encode() for n in range(9)
)
ACTS: dict[str, Act] = {
    "put": lambda data: write(data, "PUT", "/v1/posts/new", json=POST),
    "delete": lambda data: write(data, "DELETE", "/v1/posts/a"),
    "bulk": lambda data: write(
        data, "POST", "/v1/posts", data=LINES, content_type="application/x-ndjson"
    ),
    "rule": lambda data: write(
        data, "POST", "/v1/curation", json={"kind": "block", "post": "c", "under": "b"}
    ),
    "wish": lambda data: write(
        data, "POST", "/v1/hooks/changed", json={"url": "https://b.example/nowhere/"}
    ),
    "first": lambda data: train(data / FIRST, export(data, *"abc")),
    "export": lambda data: exported(data, LINES_FILE, 3),
    "export folder": lambda data: exported(data, FOLDER, 3),
    "read": lambda data: read_and_withdraw([export(data, *"abcdef")], settings(data), Lines()),
    "train": lambda data: train(data, export(data, *"abcdefh")),
    "train anew": lambda data: train_and_publish(
        [export(data, *"abcdefh")], settings(data), Lines(), full=True, clock=lambda: LATER
    ),
    "train upon": lambda data: train_upon(data, export(data, *"abcdefh")),
    "worker": lambda data: (export(data.with_name("prepared"), *"abcdek"), train_worker(data)),
    "publish": lambda data: Versions(data).publish(Versions(data).store.names()[2]),
    "hold": hold,
    "rollback": roll_back,
    "prune": lambda data: Versions(data).prune(1, LATER),
    "overlay": curate,
    "keys": add_key,
    "counts": count,
}

#: The power is cut off these while another process has the archive open.
BESIDE = ("put", "delete", "rule")
#: After these a training makes live what the archive says.
TRAININGS = [ACTS[name] for name in ("put", "read", "train", "train anew", "train upon", "worker")]


def first(data: Path) -> list[str]:
    """The ids that are live in a folder that one training made; none before it has."""
    try:
        with Versions(data).store.open(verify=True) as index:
            return sorted(str(index.post(row)["id"]) for row in range(index.n_posts))
    except IndexMissingError:
        return []


def is_whole(versions: Versions, name: str) -> bool:
    """Whether every byte of a version is there."""
    try:
        versions.store.verify(name)
    except RelatedPostsError:
        return False
    return True


def state(data: Path) -> dict[str, Any]:
    """What a data folder says, in all that an act may change."""
    with Archive(data) as archive:
        decided = archive.state()
        ids = sorted(post.id for post in archive.posts())
    versions = Versions(data)
    with versions.store.open(verify=True) as index:
        live = sorted(str(index.post(row)["id"]) for row in range(index.n_posts))
    lines, broken, folder = content(data)
    return {
        "archive": ids,
        "withdrawn": decided.withdrawn_ids,
        "rules": sorted((rule.kind, rule.post, rule.under) for rule in decided.rules),
        "live": live,
        "first": first(data / FIRST),
        "lines": lines,
        "broken": broken,
        "folder": folder,
        "damaged": [name for name in versions.store.names() if not is_whole(versions, name)],
        "rollback": versions.ledger().rollback is not None,
        "held": sorted(why.kind for why in versions.ledger().held.values()),
        "keys": len(Keys(data).all()),
        "counts": counts.sums(data, "position", "2026-03-02", 9),
        "wish": (data / REREAD_FILE).exists(),
    }


def files(data: Path) -> set[str]:
    """Every file and folder at the top, and what hides in those folders."""
    names = {path.name for path in data.iterdir()}
    return names | {path.name for path in data.glob("*/.*")}
