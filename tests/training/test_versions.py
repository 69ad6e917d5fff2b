"""Publishing, holding back, rolling back and pruning versions."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from related_posts.cli import cli
from related_posts.errors import IndexMissingError, StorageError
from related_posts.ledger import LEDGER_FILE, Held, read_ledger
from training.commands.display import Lines
from training.publish import Outcome, train_and_publish
from training.settings import TrainingSettings
from training.versions import Versions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Train = Callable[..., Outcome]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
def versions(data: Path) -> Versions:
    """Its versions."""
    return Versions(data)


@pytest.fixture
def train(tmp_path: Path, data: Path) -> Train:
    """Trains a blog whose posts say something else each time, an hour later each time."""
    times: list[datetime] = []

    def run(word: str = "", keep: int = 0, *, publish: bool = True) -> Outcome:
        times.append(NOW + timedelta(hours=len(times)))
        word = word or f"word{len(times)}"
        lines = [
            f'{{"id": "{id_}", "url": "/{id_}/", "title": "bread {word} {id_}"}}' for id_ in "abc"
        ]
        export = tmp_path / "posts.jsonl"
        export.write_text("\n".join(lines), "utf-8")
        settings = TrainingSettings(data=data, jobs=1, keep_versions=keep)
        return train_and_publish(
            [str(export)], settings, Lines(), publish=publish, clock=lambda: times[-1]
        )

    return run


def names(train: Train, n: int) -> list[str]:
    """The versions that n trainings publish."""
    return [train().manifest.version for _ in range(n)]


def test_a_rollback_goes_to_the_version_before(train: Train, versions: Versions) -> None:
    """Each rollback goes one published version further back, until there is none."""
    first, second, third = names(train, 3)
    assert versions.rollback(NOW) == (third, second)
    assert versions.rollback(NOW) == (second, first)
    assert versions.store.current_name() == first
    with pytest.raises(StorageError, match="no version was live before"):
        versions.rollback(NOW)
    assert versions.store.current_name() == first


def test_a_rollback_holds_until_somebody_publishes(train: Train, versions: Versions) -> None:
    """Trainings after a rollback keep what they build, and say why; publishing ends that."""
    first, second = names(train, 2)
    versions.rollback(NOW)
    outcome = train()
    assert outcome.held is not None
    assert second in outcome.held.reason
    assert versions.store.current_name() == first
    versions.publish(outcome.manifest.version)
    assert versions.ledger().rollback is None
    assert versions.ledger().held.keys() == {second}
    assert train().held is None


def test_of_versions_waiting_after_a_rollback_the_newest_stays(
    train: Train, versions: Versions
) -> None:
    """A worker that trains on does not fill the disk while a rollback holds."""
    first, second = names(train, 2)
    versions.rollback(NOW)
    waiting = [train().manifest.version for _ in range(3)]
    assert versions.store.names() == [first, second, waiting[-1]]
    assert versions.ledger().held.keys() == {second, waiting[-1]}


def test_a_version_read_by_somebody_is_not_replaced(train: Train, versions: Versions) -> None:
    """What waits and is being looked at stays when the next one waits."""
    names(train, 2)
    versions.rollback(NOW)
    looked_at = train().manifest.version
    with versions.store.open(looked_at):
        train()
    assert looked_at in versions.store.names()


def test_training_the_same_again_adds_no_waiting_version(train: Train, versions: Versions) -> None:
    """What waits already is not built a second time."""
    names(train, 2)
    versions.rollback(NOW)
    first = train("same")
    again = train("same")
    assert (again.is_new, again.manifest.version) == (False, first.manifest.version)
    assert again.held == first.held


def test_training_without_publishing(train: Train, versions: Versions) -> None:
    """The version is kept, the live one stays, and publishing it needs no force."""
    live = train().manifest.version
    outcome = train(publish=False)
    assert outcome.held is not None
    assert outcome.held.kind == "asked"
    assert versions.store.current_name() == live
    versions.publish(outcome.manifest.version)
    assert versions.store.current_name() == outcome.manifest.version


def test_what_the_gate_held_back_needs_force(train: Train, versions: Versions) -> None:
    """Publishing it is refused with the reason, and done with force."""
    live = train().manifest.version
    name = train(publish=False).manifest.version
    versions.settle(name, held=Held("gate", "half of the lists are empty", NOW), now=NOW)
    with pytest.raises(StorageError, match=r"half of the lists are empty.*--force"):
        versions.publish(name)
    assert versions.store.current_name() == live
    versions.publish(name, force=True)
    assert versions.store.current_name() == name


def test_a_damaged_version_is_never_published(train: Train, versions: Versions) -> None:
    """Not by name, not with force; and a rollback passes it over."""
    first, second, third = names(train, 3)
    path = versions.store.versions / second / "items.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(StorageError, match="checksum"):
        versions.publish(second, force=True)
    assert versions.rollback(NOW) == (third, first)
    with pytest.raises(IndexMissingError):
        versions.publish("20000101T000000Z-00000000")


def test_pruning_keeps_the_live_the_one_before_and_the_newest(
    train: Train, versions: Versions
) -> None:
    """An old version that is live, and the one a rollback leads to, outlive newer ones."""
    made = names(train, 5)
    versions.publish(made[1])
    assert versions.prune(3, NOW).removed == (made[0], made[2])
    assert versions.prune(1, NOW).removed == (made[3], made[4])
    assert versions.store.names() == [made[1]]
    assert versions.ledger().published == (made[1],)


def test_pruning_spares_what_is_read(train: Train, versions: Versions) -> None:
    """A version that another process has open stays, until that process has ended."""
    first, second = names(train, 2)
    script = (
        "import sys; from pathlib import Path; from related_posts.storage import Store\n"
        "index = Store(Path(sys.argv[1])).open(sys.argv[2]); print('open', flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(versions.store.data), first]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        pruned = versions.prune(1, NOW)
        assert (pruned.removed, list(pruned.spared)) == ((), [first])
        reader.kill()
    assert versions.prune(1, NOW).removed == (first,)
    assert versions.store.names() == [second]


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=23), -timedelta(days=400)])
def test_pruning_spares_what_was_just_held_back(
    train: Train, versions: Versions, later: timedelta
) -> None:
    """For a day, by a clock that may have been set back."""
    names(train, 2)
    versions.rollback(NOW)
    assert versions.prune(1, NOW + later).removed == ()
    assert len(versions.prune(1, NOW + timedelta(hours=25)).removed) == 1


def test_training_prunes_by_the_setting(train: Train, versions: Versions) -> None:
    """After each training no more versions are there than the setting keeps."""
    made = [train(keep=2).manifest.version for _ in range(4)]
    assert versions.store.names() == made[-2:]


def test_nothing_is_pruned_where_the_live_version_is_unknown(
    train: Train, versions: Versions
) -> None:
    """A damaged pointer stops pruning, not training, which mends it."""
    made = names(train, 3)
    versions.store.pointer.write_text("nonsense")
    with pytest.raises(StorageError, match="names no version"):
        versions.prune(1, NOW)
    assert versions.store.names() == made
    assert train().held is None
    assert versions.rollback(NOW)[1] == made[-1]


def test_the_pointer_is_right(train: Train, versions: Versions) -> None:
    """Where the pointer was moved by hand, or the ledger is lost, the pointer decides."""
    first, second = names(train, 2)
    versions.store.publish(first)
    assert versions.ledger().published == (second, first)
    assert versions.rollback(NOW) == (first, second)
    (versions.store.data / LEDGER_FILE).unlink()
    assert versions.ledger().published == (second,)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\n\n", b"x" * 100, b"0" * 64 + b"\n{}\n"])
def test_a_damaged_ledger_holds_until_somebody_publishes(
    train: Train, versions: Versions, damage: bytes
) -> None:
    """Whether a rollback is in force cannot be told, so nothing becomes live by itself."""
    live = train().manifest.version
    (versions.store.data / LEDGER_FILE).write_bytes(damage)
    with pytest.raises(StorageError, match="is damaged; `related-posts publish"):
        read_ledger(versions.store.data)
    outcome = train()
    assert outcome.held is not None
    assert "is damaged" in outcome.held.reason
    assert versions.store.current_name() == live
    versions.publish(outcome.manifest.version)
    assert train().held is None


def test_publishing_and_pruning_at_once(train: Train, versions: Versions) -> None:
    """However publishes, rollbacks and prunes meet, what is live is there and opens."""
    made = names(train, 4)
    failures: list[str] = []

    def go(act: Callable[[Versions], object]) -> None:
        mine = Versions(versions.store.data)
        for _ in range(15):
            try:
                act(mine)
            except StorageError as problem:
                # What another thread removed or left alone in front of this one.
                if not any(said in str(problem) for said in ("no version", "is missing")):
                    failures.append(str(problem))
            mine.store.open().close()

    acts: list[Callable[[Versions], object]] = [
        lambda mine: mine.publish(made[0]),
        lambda mine: mine.publish(made[3]),
        lambda mine: mine.rollback(NOW),
        lambda mine: mine.prune(2, NOW + timedelta(days=2)),
    ]
    threads = [threading.Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [path.name for path in versions.store.versions.glob(".writing-*")] == []
    versions.store.verify(versions.store.current_name())


def test_the_commands(train: Train, versions: Versions) -> None:
    """Publish, rollback, prune and versions as a user types them."""
    first, second = names(train, 2)

    def run(*words: str) -> str:
        done = CliRunner().invoke(
            cli, [*words, "--data", str(versions.store.data)], env={"COLUMNS": "300"}
        )
        assert done.exception is None, done.output
        return done.output

    assert f"{first} is live again, {second} is not" in run("rollback")
    listed = run("versions")
    assert listed.count("was rolled back on") == 1
    assert "it was rolled back" not in listed
    assert "until `related-posts publish VERSION`." in " ".join(listed.split())
    assert max(map(len, listed.splitlines())) <= 80
    assert f"kept {second}: it was held back less than a day ago" in run("prune", "--keep", "1")
    assert run("publish", "latest") == f"{second} is live\n"
    assert "rolled back" not in run("versions")


def test_the_number_to_keep_counts(train: Train, versions: Versions) -> None:
    """With 1 only the live version stays, and it is said that there is no way back."""
    made = names(train, 3)
    prune = ["prune", "--data", str(versions.store.data), "--keep"]
    assert "roll back" not in CliRunner().invoke(cli, [*prune, "2"]).output
    assert versions.store.names() == made[1:]
    assert "Nothing is left to roll back to" in CliRunner().invoke(cli, [*prune, "1"]).output
    assert versions.store.names() == made[2:]


@pytest.mark.parametrize("command", ["publish", "compare"])
def test_there_is_no_previous_version(train: Train, versions: Versions, command: str) -> None:
    """The advice is to look at the list, not to train."""
    (live,) = names(train, 1)
    done = CliRunner().invoke(cli, [command, "previous", "--data", str(versions.store.data)])
    assert done.exit_code != 0
    assert f"none is older than the live one, {live}; `related-posts versions`" in str(
        done.exception
    )


def test_the_list_does_not_break_its_lines(train: Train, versions: Versions) -> None:
    """On a narrow terminal too, a version has one line, and the reason it waits another."""
    first, second = names(train, 2)
    reason = "nine of ten posts are gone, which is a long story to tell " * 3
    versions.settle(train(publish=False).manifest.version, held=Held("gate", reason, NOW), now=NOW)
    third = versions.store.names()[-1]
    manifest = versions.store.versions / first / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-20])
    done = CliRunner().invoke(
        cli, ["versions", "--data", str(versions.store.data)], env={"COLUMNS": "20"}
    )
    table = done.output.splitlines()[1:]
    states = {line[:25]: re.split(r" {2,}", line.strip())[-1] for line in table[:3]}
    assert states == {first: "damaged", second: "live", third: "held back"}
    assert [line.partition(": ")[0] for line in table[3:]] == [first, third]
    assert table[-1] == f"{third}: {reason}"


def test_what_became_live_otherwise_waits_no_more(train: Train, versions: Versions) -> None:
    """A version that was held back is not called so where its answers are live by now."""
    first, second = names(train, 2)
    held = Held("gate", "a test", NOW)
    versions.settle(train("same", publish=False).manifest.version, held=held, now=NOW)
    waiting = versions.store.names()[-1]
    # Copied by hand under another name, as from another machine.
    folder = versions.store.versions
    other = waiting[:-9] + "-00000000"
    shutil.copytree(folder / waiting, folder / other)
    manifest = folder / other / "manifest.json"
    with versions.store.open(waiting) as index:
        copied = replace(index.manifest, version=other)
    manifest.write_bytes(copied.to_json())
    versions.publish(other)
    assert versions.ledger().held == {}
    assert versions.ledger().published == (first, second, other)
