"""The archive in PostgreSQL: what differs from a file. The contract is in ``test_archive.py``."""

from __future__ import annotations

import secrets
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from scratch_postgres import PostgreSQL

from related_posts.archive import Archive, Counts
from related_posts.archive.tables import SINCE_3
from related_posts.errors import ArchiveError
from related_posts.posts import Post

NOW = datetime(2025, 1, 1, tzinfo=UTC)

#: What took the columns, the index and the tables away that later schemas brought.
TO_SCHEMA_2 = (
    *(f"DROP TABLE {table.name}" for table in SINCE_3),
    "DELETE FROM archive_meta WHERE name = 'revision'",
    "UPDATE archive_meta SET value = '2' WHERE name = 'schema'",
)
TO_SCHEMA_1 = (
    *TO_SCHEMA_2,
    "DROP TABLE archive_reads",
    "ALTER TABLE archive_posts DROP COLUMN own_id, DROP COLUMN address",
    "UPDATE archive_meta SET value = '1' WHERE name = 'schema'",
)
SHAPE = (
    "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public'"
    " UNION SELECT tablename, indexname, '', '', '', '' FROM pg_indexes"
    " WHERE schemaname = 'public' ORDER BY 1, 2"
)


def posts(*ids: str) -> list[Post]:
    """Small posts with these ids."""
    return [Post(id=id_, url=f"https://blog.example/{id_}/") for id_ in ids]


def fill(place: str, *ids: str) -> Counts:
    """Read these posts into an archive, as all there is."""
    with Archive(place) as archive:
        return archive.update("a", posts(*ids), complete=True, now=NOW)


def ids(place: str) -> list[str]:
    """The ids in an archive, in its order."""
    with Archive(place) as archive:
        return [one.id for one in archive.posts()]


@pytest.fixture
def place(postgres: PostgreSQL) -> str:
    """The URL of a new database."""
    return postgres.database()


def test_reading_an_empty_database_makes_nothing(postgres: PostgreSQL, place: str) -> None:
    """Before the first write there is no table, and no error either."""
    with Archive(place) as archive:
        assert (archive.count(), archive.revision(), archive.reads()) == (0, 0, {})
    assert postgres.run(place, SHAPE) == []


def test_order_does_not_depend_on_the_database(postgres: PostgreSQL, place: str) -> None:
    """Where a database sorts as people do, ids still go by code point."""
    database = "sorted_as_people_do"
    try:
        postgres.run(
            "postgres",
            f"CREATE DATABASE {database} LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0",
        )
    except Exception as problem:
        pytest.skip(f"this PostgreSQL has no ICU ({problem})")
    people = place.replace(place.partition("?")[0].rpartition("/")[2], database)
    assert postgres.run(people, "SELECT 'a' < 'B'") == [(True,)]
    fill(people, "b", "A", "a", "B", "ä", "-", "Z")
    assert ids(people) == ["-", "A", "B", "Z", "a", "b", "ä"]


def test_a_reader_sees_one_moment(place: str) -> None:
    """What is written while somebody reads is seen by the next who reads."""
    fill(place, *map(str, range(20)))
    with Archive(place) as archive, archive.snapshot() as snapshot:
        blocks = snapshot.blocks(5)
        next(blocks)
        fill(place, "new")
        assert len([row for block in blocks for row in block]) == 15
        assert snapshot.count() == 20
    assert ids(place) == ["new"]


def test_a_second_writer_waits_or_is_refused_in_words(place: str) -> None:
    """One writer at a time, from the very first on, which makes the tables."""
    half, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[Post]:
        yield from posts("1")
        half.set()
        go_on.wait(60)

    def first() -> None:
        with Archive(place) as archive:
            archive.update("a", slowly(), complete=True, now=NOW)

    writer = threading.Thread(target=first)
    writer.start()
    assert half.wait(60)
    with (
        Archive(place, wait_seconds=0) as hasty,
        pytest.raises(ArchiveError, match="is being written by another process"),
    ):
        hasty.update("b", posts("2"), complete=True, now=NOW)
    patient = threading.Thread(target=fill, args=(place, "1", "3"))
    patient.start()
    go_on.set()
    writer.join(60)
    patient.join(60)
    assert ids(place) == ["1", "3"]


def test_the_server_dies_in_the_middle_of_an_update(postgres: PostgreSQL, place: str) -> None:
    """The update is refused in a sentence; when the server is back all is as it was before."""
    fill(place, "old")

    def broken() -> Iterator[Post]:
        yield from posts(*map(str, range(1_200)))
        postgres.stop(signal.SIGQUIT)
        yield from posts("last")

    try:
        with Archive(place) as archive, pytest.raises(ArchiveError, match="refused") as caught:
            archive.update("a", broken(), complete=True, now=NOW)
        assert "\n" not in str(caught.value)
        with Archive(place) as archive, pytest.raises(ArchiveError, match="refused"):
            archive.count()
    finally:
        postgres.start()
    assert ids(place) == ["old"]
    assert fill(place, "old", "next") == Counts(added=1, unchanged=1)


@pytest.mark.parametrize("statements", [TO_SCHEMA_1, TO_SCHEMA_2], ids=["1", "2"])
def test_an_earlier_schema_is_brought_to_this_one(
    postgres: PostgreSQL, place: str, statements: tuple[str, ...]
) -> None:
    """Read as it is, and after the first write the same tables as in a new database."""
    numbered = [str(number) for number in range(1_200)]
    fill(place, *numbered)
    fresh = postgres.run(place, SHAPE)
    postgres.run(place, *statements)
    assert len(ids(place)) == 1_200
    assert fill(place, *numbered) == Counts(unchanged=1_200)
    assert postgres.run(place, SHAPE) == fresh
    with Archive(place) as archive:
        assert archive.id_at("https://blog.example/7/") == "7"
        with archive.writing(NOW) as update:
            update.withdraw("7")
        assert archive.state().withdrawn_ids == ("7",)


def test_a_newer_schema_is_refused(postgres: PostgreSQL, place: str) -> None:
    """With both numbers, and nothing is written."""
    fill(place, "1")
    postgres.run(place, "UPDATE archive_meta SET value = '99' WHERE name = 'schema'")
    with pytest.raises(ArchiveError, match="schema 99, this release reads 1, 2, 3 and 4"):
        fill(place, "2")


def test_tables_of_other_programs_do_no_harm(postgres: PostgreSQL, place: str) -> None:
    """A database may be shared."""
    postgres.run(place, "CREATE TABLE bookmarks (url TEXT)")
    assert fill(place, "1") == Counts(added=1)
    assert postgres.run(place, "SELECT * FROM bookmarks") == []


def test_an_id_that_no_index_takes_is_refused_in_a_sentence(place: str) -> None:
    """Only where it can be made no shorter; what was there stays."""
    fill(place, "1")
    with pytest.raises(ArchiveError, match=r"refused: .*index row"):
        fill(place, "1", "".join(chr(0x20000 + secrets.randbelow(40_000)) for _ in range(2_000)))
    assert ids(place) == ["1"]


def test_no_server_and_no_database_are_named_without_a_password(place: str) -> None:
    """The message says where it looked, and keeps the secret."""
    for wrong in (
        "postgres://me:hush@/x?host=/nonexistent",
        place.replace("me@", "me:hush@").replace("/test", "/nothing"),
    ):
        with Archive(wrong) as archive, pytest.raises(ArchiveError, match="refused") as caught:
            archive.count()
        assert "hush" not in str(caught.value)
        assert "\n" not in str(caught.value)
