"""Training from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scratch_postgres import PostgreSQL

from related_posts.archive import ARCHIVE_FILE, Archive
from related_posts.errors import EmptyArchiveError, StorageError
from related_posts.storage import Store
from training.commands.display import Lines
from training.lock import training_lock
from training.publish import Outcome, train_and_publish
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of three posts."""
    path = tmp_path / "posts.jsonl"
    write(path, {"1": "bread and flour", "2": "bread and butter", "3": "flour and butter"})
    return path


def write(path: Path, texts: dict[str, str]) -> None:
    """Write posts as JSON Lines, from id to title."""
    posts = [{"id": id, "url": f"/{id}/", "title": text} for id, text in texts.items()]
    path.write_text("\n".join(map(json.dumps, posts)), encoding="utf-8")


def train(tmp_path: Path, *places: Path, at: datetime = NOW, **options: bool) -> Outcome:
    """Train in this process."""
    settings = TrainingSettings(data=tmp_path / "data", jobs=1)
    names = [str(place) for place in places]
    return train_and_publish(names, settings, Lines(), clock=lambda: at, **options)


def test_the_new_version_is_live(tmp_path: Path, export: Path) -> None:
    """After training the pointer names the version that was built."""
    outcome = train(tmp_path, export)
    assert outcome.is_new
    assert Store(tmp_path / "data").current_name() == outcome.manifest.version
    assert outcome.manifest.n_posts == 3


def test_equal_answers_keep_the_live_version(tmp_path: Path, export: Path) -> None:
    """Where nothing changed the version stays, so that caches stay good."""
    first = train(tmp_path, export)
    second = train(tmp_path, export, at=NOW + timedelta(hours=1))
    assert not second.is_new
    assert second.manifest.version == first.manifest.version
    assert Store(tmp_path / "data").names() == [first.manifest.version]


def test_training_without_a_source_uses_the_archive(tmp_path: Path, export: Path) -> None:
    """The posts read before are enough to build again."""
    first = train(tmp_path, export)
    Store(tmp_path / "data").pointer.unlink()
    again = train(tmp_path, at=NOW + timedelta(hours=1))
    assert again.is_new
    assert again.manifest.content == first.manifest.content


def test_a_failed_read_leaves_the_live_version(tmp_path: Path, export: Path) -> None:
    """An empty export is an error, and what readers see stays."""
    live = train(tmp_path, export).manifest.version
    export.write_text('{"id": "1", "url": "/1/", "draft": true}')
    with pytest.raises(EmptyArchiveError, match="1 draft"):
        train(tmp_path, export)
    assert Store(tmp_path / "data").current_name() == live


def test_asking_for_a_missing_folder_does_not_make_one(tmp_path: Path) -> None:
    """Without a source and a data folder there is an error, and nothing is created."""
    with pytest.raises(EmptyArchiveError):
        train(tmp_path)
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, export: Path) -> None:
    """A data folder that is a file is refused in a sentence."""
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(StorageError, match="--data"):
        train(tmp_path, export)


def test_the_lock_makes_a_second_training_wait(tmp_path: Path) -> None:
    """Whoever comes second is told, and goes on when the first process has ended."""
    script = (
        "import sys; from pathlib import Path; from training.lock import training_lock\n"
        "with training_lock(Path(sys.argv[1]), lambda: print('waiting', flush=True)):\n"
        "    print('in', flush=True)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with training_lock(tmp_path, lambda: pytest.fail("nobody else is there")):
        other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline() == "waiting\n"
    assert other.communicate(timeout=60)[0] == "in\n"


def test_the_archive_may_be_in_postgresql(
    tmp_path: Path, export: Path, postgres: PostgreSQL
) -> None:
    """The answers are those of an archive in a file, and no such file is made."""
    in_file = train(tmp_path, export).manifest
    settings = TrainingSettings(data=tmp_path / "other", jobs=1, database=postgres.database())
    found = train_and_publish([str(export)], settings, Lines(), clock=lambda: NOW).manifest
    assert found.content == in_file.content
    assert not (tmp_path / "other" / ARCHIVE_FILE).exists()
    with Archive(settings.database) as archive, archive.writing(NOW) as update:
        update.withdraw("2")
    again = train_and_publish([], settings, Lines(), clock=lambda: NOW).manifest
    assert again.n_posts == 2
