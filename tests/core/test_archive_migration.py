"""Archives of earlier releases: read as they are, brought to today's tables by an update."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from related_posts.archive import ARCHIVE_FILE, Archive, Counts, migration
from related_posts.archive.tables import SINCE_3
from related_posts.curation.rules import Rule
from related_posts.curation.state import State
from related_posts.errors import ArchiveError
from related_posts.posts import Post

NOW = datetime(2025, 1, 1, tzinfo=UTC)

#: What schema 1 was, as its release created it.
SCHEMA_1 = """
CREATE TABLE archive_meta (name VARCHAR(64) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
CREATE TABLE archive_posts (
    id TEXT NOT NULL, source TEXT NOT NULL, content_hash VARCHAR(64) NOT NULL,
    published BIGINT NOT NULL, changed VARCHAR(32) NOT NULL, post BLOB NOT NULL, PRIMARY KEY (id)
);
CREATE INDEX archive_posts_order ON archive_posts (published DESC, id);
CREATE INDEX ix_archive_posts_source ON archive_posts (source);
INSERT INTO archive_meta VALUES ('schema', '1');
"""


def posts(n_posts: int) -> list[Post]:
    """Numbered posts."""
    return [
        Post(id=str(number), url=f"https://blog.example/{number}/") for number in range(n_posts)
    ]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder whose archive has schema 1 and 1,200 posts of the source ``a``."""
    with Archive(tmp_path / "new") as archive:
        archive.update("a", posts(1200), complete=True, now=NOW)
    (tmp_path / "old").mkdir()
    with closing(sqlite3.connect(tmp_path / "old" / ARCHIVE_FILE)) as connection:
        connection.executescript(SCHEMA_1)
        connection.execute(f"ATTACH '{tmp_path / 'new' / ARCHIVE_FILE}' AS new")
        connection.execute(
            "INSERT INTO archive_posts SELECT id, source, content_hash, published, changed, post "
            "FROM new.archive_posts"
        )
        connection.commit()
    return tmp_path / "old"


@pytest.fixture
def schema_2(old: Path) -> Path:
    """A data folder whose archive has schema 2, as its release left it."""
    with Archive(old) as archive:
        archive.update("a", posts(1200), complete=True, now=NOW)
    with closing(sqlite3.connect(old / ARCHIVE_FILE)) as connection:
        for table in SINCE_3:
            connection.execute(f"DROP TABLE {table.name}")
        connection.execute("DELETE FROM archive_meta WHERE name = 'revision'")
        connection.execute("UPDATE archive_meta SET value = '2' WHERE name = 'schema'")
        connection.commit()
    return old


@pytest.fixture
def schema_3(tmp_path: Path) -> Path:
    """A data folder whose archive has schema 3, as its release left it, with one post written."""
    with Archive(tmp_path / "new") as archive, archive.writing(NOW) as update:
        update.put(posts(1)[0])
    with Archive(tmp_path / "3") as archive, archive.writing(NOW) as update:
        update.put(posts(1)[0])
    with closing(sqlite3.connect(tmp_path / "3" / ARCHIVE_FILE)) as connection:
        connection.execute("ALTER TABLE archive_written DROP COLUMN said")
        connection.execute("UPDATE archive_meta SET value = '3' WHERE name = 'schema'")
        connection.commit()
    return tmp_path / "3"


def shape(folder: Path) -> list[tuple[object, ...]]:
    """Columns and indexes of all tables, sorted."""
    with closing(sqlite3.connect(folder / ARCHIVE_FILE)) as connection:
        tables = [row[0] for row in connection.execute("SELECT tbl_name FROM sqlite_master")]
        found: set[tuple[object, ...]] = set()
        for table in tables:
            found |= {
                (table, *row[1:]) for row in connection.execute(f"PRAGMA table_info({table})")
            }
            found |= {(table, row[1]) for row in connection.execute(f"PRAGMA index_list({table})")}
    return sorted(found, key=repr)


def schema(folder: Path) -> str:
    """The schema an archive says it has."""
    with closing(sqlite3.connect(folder / ARCHIVE_FILE)) as connection:
        question = "SELECT value FROM archive_meta WHERE name = 'schema'"
        value = connection.execute(question).fetchone()[0]
    return str(value)


def test_an_older_archive_is_read_as_it_is(old: Path) -> None:
    """Reading changes nothing: the file may lie where nobody can write."""
    with Archive(old) as archive:
        assert archive.count() == 1200
        assert archive.get("7") == posts(8)[7]
        assert len(list(archive.posts())) == 1200
        assert archive.sources() == {"a": 1200}
        assert archive.reads() == {}
    assert schema(old) == "1"


def test_an_update_brings_it_to_todays_tables(old: Path, tmp_path: Path) -> None:
    """Its posts are known again, by id and by address, and the tables are those of a new one."""
    with Archive(old) as archive:
        assert archive.update("a", posts(1200), complete=True, now=NOW) == Counts(unchanged=1200)
        moved = Post(id="/7/", url="http://blog.example/7")
        assert archive.update("b", [moved], complete=True, now=NOW).taken_over == 1
        assert archive.sources() == {"a": 1199, "b": 1}
    assert schema(old) == "4"
    assert shape(old) == shape(tmp_path / "new")


def test_schema_2_is_read_and_brought_on(schema_2: Path, tmp_path: Path) -> None:
    """It has no rule and no withdrawal until an update makes the tables for them."""
    with Archive(schema_2) as archive:
        assert archive.state() == State()
        assert (archive.revision(), archive.count(), schema(schema_2)) == (0, 1200, "2")
        with archive.writing(NOW) as update:
            assert update.put_rule(Rule(kind="block", post="7")) == "added"
            assert update.withdraw("8")
        assert archive.state().rules == (Rule(kind="block", post="7"),)
        assert archive.state().withdrawn_ids == ("8",)
        assert archive.count() == 1199
    assert schema(schema_2) == "4"
    assert shape(schema_2) == shape(tmp_path / "new")


def test_schema_3_learns_when_words_were_said(schema_3: Path, tmp_path: Path) -> None:
    """Of what was written before no time is known, so that nothing is older than it."""
    with Archive(schema_3) as archive:
        assert (archive.count(), schema(schema_3)) == (1, "3")
        with archive.writing(NOW) as update:
            assert not update.is_outdated("0", NOW)
            assert update.withdraw("0", said=NOW)
            assert update.is_outdated("0", NOW - timedelta(seconds=1))
            assert not update.is_outdated("0", NOW)
    assert schema(schema_3) == "4"
    assert shape(schema_3) == shape(tmp_path / "new")


def test_a_step_that_fails_leaves_the_older_archive(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a migration is none, and the next update tries again."""

    def fail(content: bytes) -> Post:
        raise RuntimeError

    before = shape(old)
    with Archive(old) as archive:
        with monkeypatch.context() as patch:
            patch.setattr(migration, "post_from_bytes", fail)
            with pytest.raises(RuntimeError):
                archive.update("a", posts(1), complete=True, now=NOW)
        assert (shape(old), schema(old)) == (before, "1")
        assert archive.update("a", posts(1200), complete=True, now=NOW).unchanged == 1200


def test_an_update_that_fails_undoes_the_migration(old: Path) -> None:
    """They are one transaction, so an older release can still read what is left."""

    def broken() -> Iterator[Post]:
        yield from posts(3)
        raise RuntimeError

    with Archive(old) as archive, pytest.raises(RuntimeError):
        archive.update("a", broken(), complete=True, now=NOW)
    assert schema(old) == "1"


def test_a_damaged_row_is_an_error_in_words(old: Path) -> None:
    """A stored post that is none stops the migration with its reason."""
    with closing(sqlite3.connect(old / ARCHIVE_FILE)) as connection:
        connection.execute("UPDATE archive_posts SET post = x'00' WHERE id = '9'")
        connection.commit()
    with Archive(old) as archive, pytest.raises(ArchiveError, match="a stored post cannot be read"):
        archive.update("a", posts(1), complete=True, now=NOW)
    assert schema(old) == "1"
