"""Several processes at one data folder: trainings, pruning, rollbacks and readers."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.errors import StorageError
from related_posts.storage import Store
from training.commands.display import Lines
from training.publish import train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
N_TRAINERS, N_TRAININGS = 2, 3


def train(data: Path, *places: str, keep: int = 0) -> None:
    """One training by the real clock, so that versions of different processes differ."""
    settings = TrainingSettings(data=data, jobs=1, gate=False, keep_versions=keep)
    train_and_publish(places, settings, Lines())


def export(data: Path, name: str, *ids: str) -> str:
    """An export of a source of its own."""
    path = data.parent / f"{name}.jsonl"
    posts = ({"id": id_, "url": f"/{id_}/", "title": f"bread {id_}"} for id_ in ids)
    path.write_text("\n".join(map(json.dumps, posts)))
    return str(path)


def in_a_process(act: Callable[[], None]) -> int:
    """Start something in a process of its own; its id."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def put(data: Path, id_: str) -> None:
    """Write a post as the service does."""
    from related_posts.posts import Post

    with Archive(data) as archive, archive.writing(datetime.now(UTC)) as update:
        update.put(Post(id=id_, url=f"https://b.example/{id_}/", title=f"bread {id_}"))


def test_two_trainers_and_a_prune(tmp_path: Path) -> None:
    """Every post of every writer is live in the end, and what was live always opened."""
    data = tmp_path / "data"
    train(data, export(data, "first", "a", "b"))

    def trainer(number: int) -> None:
        for turn in range(N_TRAININGS):
            put(data, f"{number}-{turn}")
            train(data, keep=2)

    def pruner() -> None:
        versions = Versions(data)
        for _ in range(60):
            versions.prune(1, NOW + timedelta(days=400))
            versions.store.open().close()

    children = [in_a_process(lambda number=number: trainer(number)) for number in range(N_TRAINERS)]
    children.append(in_a_process(pruner))
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(children)
    expected = {"a", "b", *(f"{n}-{t}" for n in range(N_TRAINERS) for t in range(N_TRAININGS))}
    store = Store(data)
    with store.open(verify=True) as index:
        assert {str(index.post(row)["id"]) for row in range(index.n_posts)} == expected
    assert [path.name for path in store.versions.glob(".writing-*")] == []
    assert len(store.names()) <= 2


def test_a_rollback_while_a_training_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the training built waits: it was begun before, and is finished after the rollback."""
    data = tmp_path / "data"
    train(data, export(data, "first", "a", "b"))
    first = Store(data).current_name()
    put(data, "c")
    train(data)
    put(data, "d")
    write = Store.write

    def meanwhile(store: Store, *arguments: object, **options: object) -> str:
        Versions(data).rollback(NOW)
        return write(store, *arguments, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", meanwhile)
        train(data)
    versions = Versions(data)
    assert versions.live() == first
    assert {why.kind for why in versions.ledger().held.values()} == {"rolled-back", "rollback"}


def test_a_version_that_is_removed_before_it_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training says so in a sentence, what was live is, and the next one goes well."""
    data = tmp_path / "data"
    train(data, export(data, "first", "a", "b"))
    live = Store(data).current_name()
    put(data, "c")
    write = Store.write

    def taken_away(store: Store, *arguments: object, **options: object) -> str:
        name = write(store, *arguments, **options)  # type: ignore[arg-type]
        store.remove(name)
        return name

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", taken_away)
        with pytest.raises(StorageError, match=r"there is no version|is missing"):
            train(data)
    assert Store(data).current_name() == live
    train(data)
    with Store(data).open() as index:
        assert index.n_posts == 3
