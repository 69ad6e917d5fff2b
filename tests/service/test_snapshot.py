"""The snapshot: what it serves when versions come, break and go."""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from related_posts.cli import PROBLEM, main
from related_posts.index import Index
from related_posts.storage import Store
from service.snapshot import EXTENSION, Snapshot

Publish = Callable[..., str]
DEADLINE_SECONDS = 20.0


@pytest.fixture
def snapshot(empty_folder: Path) -> Iterator[Snapshot]:
    """A snapshot that looks only when told to."""
    found = Snapshot(empty_folder, 3600)
    yield found
    found.stop()


def wait_for(met: Callable[[], Any]) -> None:
    """Poll until something holds; fail after a generous deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def damage(folder: Path, name: str, file: str) -> None:
    """Flip one bit in the middle of a file of a version."""
    place = folder / "versions" / name / file
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.chmod(0o600)
    place.write_bytes(content)


def test_nothing_published(snapshot: Snapshot) -> None:
    """Without a version there is no index, and the problem says what to do."""
    assert snapshot.current() is None
    assert "related-posts train" in str(snapshot.problem)


def test_the_first_version_is_found(
    snapshot: Snapshot, empty_folder: Path, publish: Publish
) -> None:
    """A version published later is served from the next look on."""
    assert snapshot.current() is None
    name = publish(empty_folder)
    snapshot.refresh()
    assert snapshot.current() is not None
    assert snapshot.current().version == name  # type: ignore[union-attr]
    assert snapshot.problem is None


def test_the_pointer_moves_in_both_directions(
    snapshot: Snapshot, empty_folder: Path, publish: Publish
) -> None:
    """Going back to an older version is a change like any other."""
    names = [publish(empty_folder, str(number)) for number in range(3)]
    for name in (names[2], names[0], names[1]):
        Store(empty_folder).publish(name)
        snapshot.refresh()
        assert snapshot.index is not None
        assert snapshot.index.version == name


def test_nothing_is_opened_without_a_change(
    snapshot: Snapshot, empty_folder: Path, publish: Publish
) -> None:
    """While the pointer stays, a look is one stat and keeps the same index."""
    publish(empty_folder)
    before = snapshot.current()
    snapshot.refresh()
    assert snapshot.current() is before


@pytest.mark.parametrize("file", ["items.npy", "neighbours.npy", "lookup_keys.npy", "scores.npy"])
def test_a_damaged_version_is_never_served(
    snapshot: Snapshot,
    empty_folder: Path,
    publish: Publish,
    file: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One flipped bit: the old version stays, the reason is kept and logged once."""
    good = publish(empty_folder)
    served = snapshot.current()
    bad = Store(empty_folder).names()
    bad_name = publish(empty_folder, "next")
    assert bad_name not in bad
    damage(empty_folder, bad_name, file)
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            snapshot.refresh()
    assert snapshot.current() is served
    assert served is not None
    assert served.version == good
    assert file in str(snapshot.problem)
    assert str(empty_folder) not in str(snapshot.problem)
    assert len(caplog.records) == 1
    assert good in caplog.text
    third = publish(empty_folder, "third")
    snapshot.refresh()
    assert snapshot.index is not None
    assert (snapshot.index.version, snapshot.problem) == (third, None)


def test_a_mended_version_is_tried_again(empty_folder: Path, publish: Publish) -> None:
    """What could not be opened is tried again without the pointer having to move."""
    name = publish(empty_folder)
    manifest = empty_folder / "versions" / name / "manifest.json"
    hidden = manifest.rename(manifest.with_suffix(".away"))
    snapshot = Snapshot(empty_folder, 0.01)
    try:
        assert snapshot.current() is None
        assert snapshot.problem
        hidden.rename(manifest)
        wait_for(lambda: snapshot.current() is not None)
        assert snapshot.problem is None
    finally:
        snapshot.stop()


def test_the_pointer_may_be_garbage(
    snapshot: Snapshot, empty_folder: Path, publish: Publish
) -> None:
    """Whatever stands in the pointer, the version in use stays."""
    publish(empty_folder)
    served = snapshot.current()
    pointer = Store(empty_folder).pointer
    for content in (b"", b"../../etc", b"\xff\0", b"x" * 10_000, b"20260101T000000Z-00000000\n"):
        pointer.unlink()
        pointer.write_bytes(content)
        snapshot.refresh()
        assert snapshot.current() is served
        assert snapshot.problem
    pointer.unlink()
    snapshot.refresh()
    assert snapshot.current() is served


def test_a_reader_keeps_its_version(
    snapshot: Snapshot, empty_folder: Path, publish: Publish
) -> None:
    """A version that is replaced and removed still answers whoever holds it, then goes."""
    old_name = publish(empty_folder, "old")
    held = snapshot.current()
    assert held is not None
    gone = weakref.ref(held)
    publish(empty_folder, "new")
    snapshot.refresh()
    Store(empty_folder).remove(old_name)
    for row in range(held.n_posts):
        assert held.post(row)["excerpt"] == "old"
    del held
    gc.collect()
    assert gone() is None


def test_the_pointer_goes_back_in_the_middle_of_a_reload(
    snapshot: Snapshot, empty_folder: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollback while the newer version is being checked: the next look goes back."""
    store = Store(empty_folder)
    first, second = publish(empty_folder, "first"), publish(empty_folder, "second")
    store.publish(first)
    assert snapshot.current() is not None
    store.publish(second)
    verify = Store.verify

    def meanwhile(checked: Store, name: str, **options: bool) -> None:
        verify(checked, name, **options)
        store.publish(first)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "verify", meanwhile)
        snapshot.refresh()
    snapshot.refresh()
    assert snapshot.index is not None
    assert (snapshot.index.version, snapshot.problem) == (first, None)
    assert {snapshot.index.post(row)["excerpt"] for row in range(5)} == {"first"}


def test_the_thread_notices_by_itself(empty_folder: Path, publish: Publish) -> None:
    """Once asked, a snapshot follows the pointer without being asked again."""
    publish(empty_folder)
    snapshot = Snapshot(empty_folder, 0.01)
    try:
        assert snapshot.current() is not None
        name = publish(empty_folder, "next")
        wait_for(lambda: snapshot.index is not None and snapshot.index.version == name)
    finally:
        snapshot.stop()


def test_one_thread_a_process(empty_folder: Path, publish: Publish) -> None:
    """However many requests come first at once, one thread watches; dropped, it ends."""
    publish(empty_folder)
    before = threading.active_count()
    snapshot = Snapshot(empty_folder, 0.01)
    barrier = threading.Barrier(8)
    found: list[Index | None] = []

    def ask(asked: Snapshot) -> None:
        barrier.wait(DEADLINE_SECONDS)
        found.append(asked.current())

    asking = [threading.Thread(target=ask, args=(snapshot,)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(DEADLINE_SECONDS)
    assert threading.active_count() == before + 1
    assert len({id(index) for index in found}) == 1
    del snapshot
    wait_for(lambda: threading.active_count() == before)


def test_a_failing_look_is_survived(
    empty_folder: Path, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in the thread, it goes on and the version in use answers."""
    publish(empty_folder)
    snapshot = Snapshot(empty_folder, 0.01)
    try:
        served = snapshot.current()
        looks: list[int] = []

        def fail(**_: Any) -> None:
            looks.append(1)
            raise RuntimeError("unforeseen")

        monkeypatch.setattr(snapshot, "_look", fail)
        wait_for(lambda: len(looks) >= 3)
        assert snapshot.current() is served
    finally:
        snapshot.stop()


def test_a_fork_looks_for_itself(empty_folder: Path, publish: Publish) -> None:
    """A process forked from one that serves an old version finds the new one at once."""
    publish(empty_folder, "old")
    snapshot = Snapshot(empty_folder, 3600)
    snapshot.refresh()
    name = publish(empty_folder, "new")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        index = snapshot.current()
        os.write(writing, (index.version if index else "none").encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        assert answer.read() == name
    assert os.waitpid(child, 0)[1] == 0
    assert snapshot.index is not None
    assert snapshot.index.version != name


def outdated(folder: Path, arrays_of: Callable[..., dict[str, Any]]) -> str:
    """Put a version that lacks what was added to its format in the place of the published one."""
    arrays = arrays_of()
    del arrays["borrowed_indices"], arrays["borrowed_indptr"]
    store = Store(folder)
    name = store.write(arrays, {"languages": ["en"]}, now=datetime(2031, 1, 1, tzinfo=UTC))
    store.pointer.write_text(f"{name}\n")
    return name


def test_an_outdated_version_takes_no_place(
    data_folder: Path,
    arrays_of: Callable[..., dict[str, Any]],
    make_app: Callable[..., Flask],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The one before goes on answering, and log, readiness and status say what to do."""
    good = Store(data_folder).current_name()
    app = make_app(data_folder)
    client = app.test_client()
    assert client.get("/v1/related?id=no-slash").json["version"] == good
    name = outdated(data_folder, arrays_of)
    app.extensions[EXTENSION].refresh()
    assert client.get("/v1/related?id=no-slash").json["version"] == good
    ready, status = client.get("/readyz"), client.get("/v1/status").get_json()
    assert (ready.status_code, ready.json["version"]) == (200, good)
    said = (
        f"versions/{name}/manifest.json: made by an earlier format, without borrowed_indices, "
        "borrowed_indptr: train again (`related-posts train`)"
    )
    assert ready.json["reload_error"] == said
    assert said in status["problems"]
    assert said in caplog.text


def test_an_outdated_version_alone(
    empty_folder: Path,
    arrays_of: Callable[..., dict[str, Any]],
    make_app: Callable[..., Flask],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing answers, and every refusal says why; the command too, without a traceback."""
    outdated(empty_folder, arrays_of)
    client = make_app(empty_folder).test_client()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"]) == (503, "waiting")
    assert "made by an earlier format" in ready.json["reload_error"]
    refused = client.get("/v1/related?id=no-slash")
    assert refused.status_code == 503
    assert "made by an earlier format" in refused.json["detail"]
    assert "`related-posts train`" in refused.json["detail"]
    assert str(empty_folder) not in refused.text
    with pytest.raises(SystemExit) as stop:
        main(["related", "no-slash", "--data", str(empty_folder)])
    assert stop.value.code == PROBLEM
    said = capsys.readouterr().err
    assert "made by an earlier format" in said
    assert "train again" in said
    assert said.count("\n") == 1
