"""Breaks off everything that changes a data folder, at every call, and looks what is left.

Run by ``tests/training/test_crash_safety.py`` with ``faults.so`` in front of the C library::

    LD_PRELOAD=faults.so python chain.py FOLDER

It reads one line of JSON for each trial from standard input, ``{"act": …, "fault": …}``, and
answers with one: the calls that a run without a fault makes, those that were tried, and what was
found to be wrong. Each attempt is a fork of this process on a copy of one prepared folder.
"""

from __future__ import annotations

import ctypes
import io
import json
import logging
import os
import re
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from related_posts.archive import Archive
from related_posts.curation.publish import publish_state
from related_posts.curation.state import read_state
from related_posts.errors import RelatedPostsError
from related_posts.keys import Keys
from related_posts.ledger import Held
from related_posts.posts import Post
from related_posts.status import REREAD_FILE, SOURCES_FILE
from service import create_app
from service.settings import ServiceSettings
from service.snapshot import EXTENSION
from service.widget.counting import counts
from service.widget.counting.report import Shown
from training.commands.display import Lines
from training.publish import read_and_withdraw, train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions
from training.worker.loop import Worker

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
FAULTS = {"kill": 1, "full": 2, "broken": 3}
#: How an attempt may end, beside being killed.
DONE, REFUSED, UNFORESEEN = 0, 3, 1
#: Calls tried for each act, spread evenly over one of each kind that it makes.
MOST = {"kill": 8, "full": 3, "broken": 4}
#: Try every call instead.
EVERY = bool(os.environ.get("RELATED_POSTS_TEST_EVERY_FAULT"))

library = ctypes.CDLL(None)
library.fault_start.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int]
library.fault_told.argtypes = [ctypes.c_long]
library.fault_told.restype = ctypes.c_char_p

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
    import threading

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


def hold(data: Path) -> None:
    """Hold a version back."""
    versions = Versions(data)
    versions.settle(versions.store.names()[2], held=Held("gate", "a test", LATER), now=LATER)


def roll_back(data: Path) -> None:
    """Roll back, if that was not done already."""
    try:
        Versions(data).rollback(LATER)
    except RelatedPostsError as problem:
        if "no version was live before" not in str(problem):
            raise


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
    "read": lambda data: read_and_withdraw([export(data, *"abcdef")], settings(data), Lines()),
    "train": lambda data: train(data, export(data, *"abcdefh")),
    "train anew": lambda data: train_and_publish(
        [export(data, *"abcdefh")], settings(data), Lines(), full=True, clock=lambda: LATER
    ),
    "worker": train_worker,
    "publish": lambda data: Versions(data).publish(Versions(data).store.names()[2]),
    "hold": hold,
    "rollback": roll_back,
    "prune": lambda data: Versions(data).prune(1, LATER),
    "overlay": curate,
    "keys": lambda data: Keys(data).create(["read"], now=LATER),
    "counts": lambda data: counts.add(data, [("2026-03-02", Shown("v", "a", "b", 1), 1, 1)]),
}


#: After these a training makes live what the archive says.
TRAININGS = [ACTS[name] for name in ("put", "read", "train", "train anew", "worker")]


def state(data: Path) -> dict[str, Any]:
    """What a data folder says, in all that an act may change."""
    with Archive(data) as archive:
        decided = archive.state()
        ids = sorted(post.id for post in archive.posts())
    versions = Versions(data)
    with versions.store.open(verify=True) as index:
        live = sorted(str(index.post(row)["id"]) for row in range(index.n_posts))
    return {
        "archive": ids,
        "withdrawn": decided.withdrawn_ids,
        "rules": sorted((rule.kind, rule.post, rule.under) for rule in decided.rules),
        "live": live,
        "rollback": versions.ledger().rollback is not None,
        "held": sorted(why.kind for why in versions.ledger().held.values()),
        "keys": len(Keys(data).all()),
        "counts": counts.sums(data, "position", "2026-03-02", 9),
        "wish": (data / REREAD_FILE).exists(),
    }


def files(data: Path) -> set[str]:
    """Every file and folder but for the versions, and what hides among those."""
    names = {path.name for path in data.iterdir()}
    return names | {path.name for path in (data / "versions").glob(".*")}


def attempt(data: Path, act: Act, at: int, fault: int) -> int:
    """Do it in a process of its own, with a call that goes wrong; how that ended."""
    child = os.fork()
    if child == 0:
        try:
            library.fault_start(os.fsencode(data), at, fault)
            act(data)
            status = DONE
        except (RelatedPostsError, RefusedError) as problem:
            status = REFUSED
            if "Traceback" in str(problem):
                status = UNFORESEEN
        except Exception as problem:
            # A failure of SQLite's is for the caller of `counts` to note and to try again.
            known = type(problem).__module__ == "sqlite3"
            status = REFUSED if known else UNFORESEEN
            if not known:
                traceback.print_exc()
        finally:
            library.fault_stop()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def served(data: Path) -> list[str]:
    """What is wrong with what a service that starts now answers; nothing where all is well."""
    wrong = []
    with asking(data) as client:
        answer, hidden = (client.get(f"/v1/related?id={id_}") for id_ in "bg")
    if answer.status_code != 200:
        wrong.append(f"b is answered with {answer.status_code}: {answer.text[:300]}")
    elif {"g", *read_state(data).withdrawn_ids} & {item["id"] for item in answer.json["items"]}:
        wrong.append("a withdrawn post is shown")
    if hidden.status_code != 404:
        wrong.append("a withdrawn post has a list")
    return wrong


def swept() -> Iterator[str]:
    """What the log says was taken away, from the moment it is asked to."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger("related_posts.leftovers").addHandler(handler)
    yield ""
    logging.getLogger("related_posts.leftovers").removeHandler(handler)
    yield stream.getvalue()


def trial(root: Path, act: Act, at: int, name: str, clean: dict[str, Any]) -> list[str]:
    """One attempt that is broken off, and the run after it; what was wrong."""
    data = Path(shutil.copytree(root / "prepared", root / f"case{at}"))
    shutil.copy(root / "prepared.key", data.with_suffix(".key"))
    before = state(data)
    ended = attempt(data, act, at, FAULTS[name])
    wrong = []
    if ended != (-signal.SIGKILL if name == "kill" else DONE) and ended != REFUSED:
        wrong.append(f"ended with {ended}")
    try:
        wrong += served(data)
        now = state(data)
        for part, value in now.items():
            if value not in (before[part], clean[part]) and part not in ("wish", "held"):
                wrong.append(f"{part} is {value}")
        if ended == DONE and {**now, "wish": 0} != {**clean, "wish": 0}:
            wrong.append(f"it was said to be done, and there is {now}")
        left = files(data) - files(root / "clean")
        log = swept()
        next(log)
        act(data)
        if act in TRAININGS:
            train(data, export(data, *"abcdefh"), at=LATER + timedelta(hours=1))
        Versions(data).publish(Versions(data).store.names()[-1])
        wrong += served(data)
        now = state(data)
        if now["rollback"] or (act in TRAININGS and now["live"] != now["archive"]):
            wrong.append(f"not recovered: {now}")
        more = files(data) - files(root / "clean")
        if more:
            wrong.append(f"left: {', '.join(sorted(more))}")
        said = next(log)
        hidden = {each for each in left if each.startswith(".") and "archive" not in each}
        wrong += [f"{each} went without a word" for each in hidden if each not in said]
    except Exception as problem:
        wrong.append(f"{type(problem).__name__}: {problem}")
        traceback.print_exc()
    shutil.rmtree(data)
    return wrong


def kinds(calls: list[str]) -> list[int]:
    """The calls to try: one of each kind, by what they do to which file."""
    found: dict[str, list[int]] = {}
    for number, call in enumerate(calls):
        kind = re.sub(r"[^/ ]*\.npy$", "ARRAY", re.sub(r"[0-9a-z]*[0-9][0-9a-zTZ]{5,}", "#", call))
        found.setdefault(kind, []).append(number)
    return sorted(numbers[len(numbers) // 2] for numbers in found.values())


def spread(numbers: list[int], most: int) -> list[int]:
    """So many of them, evenly."""
    if len(numbers) <= most:
        return numbers
    return [numbers[place * len(numbers) // most] for place in range(most)]


def run(root: Path, name: str, fault: str) -> dict[str, Any]:
    """Break an act off at its calls, one after another."""
    act = ACTS[name]
    data = Path(shutil.copytree(root / "prepared", root / "clean", dirs_exist_ok=False))
    shutil.copy(root / "prepared.key", data.with_suffix(".key"))
    library.fault_start(os.fsencode(data), -1, 0)
    act(data)
    n = library.fault_stop()
    calls = [library.fault_told(number).decode("utf-8", "replace") for number in range(n)]
    clean = state(data)
    (data / REREAD_FILE).touch()
    (data / f".{REREAD_FILE}.lock").touch()
    tried = list(range(n)) if EVERY else spread(kinds(calls), MOST[fault])
    failures = [
        f"{number} {calls[number]}: {each}"
        for number in tried
        for each in trial(root, act, number, fault, clean)
    ]
    shutil.rmtree(data)
    return {"calls": calls, "tried": len(tried), "failures": failures}


def main() -> None:
    """Prepare the folder, then answer trials until there are no more."""
    root = Path(sys.argv[1])
    logging.getLogger("related_posts").propagate = False
    prepare(root / "prepared")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(root, asked["act"], asked["fault"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
