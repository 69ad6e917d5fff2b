"""The archive: what an update does to the rows, and in what order they are read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from related_posts.archive import (
    ARCHIVE_FILE,
    Archive,
    Counts,
    Entry,
    Unreadable,
    Withdrawn,
    database,
    tables,
)
from related_posts.errors import ArchiveError
from related_posts.posts import Post
from related_posts.schema import content_hash, post_from_bytes, post_to_bytes

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def post(post_id: str, title: str = "", published: datetime | None = None) -> Post:
    """A small post."""
    return Post(id=post_id, url=f"/{post_id}", title=title, published=published)


def posts(*ids: str) -> list[Post]:
    """Small posts with these ids."""
    return [post(post_id) for post_id in ids]


@pytest.fixture
def archive(place: Path | str) -> Iterator[Archive]:
    """A new archive, in SQLite and in PostgreSQL."""
    with Archive(place) as opened:
        yield opened


def ids(archive: Archive) -> list[str]:
    """The ids in the archive, in its order."""
    return [one.id for one in archive.posts()]


def test_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    """With SQLite's log every commit is synced at FULL alone; at NORMAL a power cut loses some."""
    address = database.sqlite_address(tmp_path / ARCHIVE_FILE)
    with database.connect(address, 1.0).connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        ]
    assert found == ["wal", 2]


def test_opening_and_reading_touch_nothing(tmp_path: Path) -> None:
    """An archive that does not exist reads as empty, and reading does not create it."""
    with Archive(tmp_path / "data") as archive:
        assert (archive.count(), ids(archive), archive.sources()) == (0, [], {})
        assert archive.get("a") is None
    assert not (tmp_path / "data").exists()


def test_what_was_written_is_read(archive: Archive, archive_posts: list[Post]) -> None:
    """Every post comes back equal, in index order, whatever order it came in."""
    counts = archive.update("a", reversed(archive_posts), complete=True, now=NOW)
    assert counts == Counts(added=12)
    assert list(archive.posts()) == archive_posts
    assert [archive.get(one.id) for one in archive_posts] == archive_posts
    assert archive.count() == 12
    assert archive.sources() == {"a": 12}


def test_blocks_hold_the_canonical_bytes(archive: Archive, archive_posts: list[Post]) -> None:
    """Blocks are full but for the last, and hold exactly what schema writes."""
    archive.update("a", archive_posts, complete=True, now=NOW)
    blocks = list(archive.blocks(5))
    assert [len(block) for block in blocks] == [5, 5, 2]
    assert [*blocks[0], *blocks[1], *blocks[2]] == [post_to_bytes(one) for one in archive_posts]
    assert all(type(one) is bytes for block in blocks for one in block)


@pytest.mark.parametrize("size", [0, -1])
def test_a_block_has_a_size(archive: Archive, size: int) -> None:
    """A block of no posts is a programmer's mistake."""
    with pytest.raises(ValueError, match="size"):
        list(archive.blocks(size))


_moments = st.none() | st.datetimes(
    min_value=datetime(1000, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)
)


def test_contents_name_what_the_blocks_hold(archive: Archive, archive_posts: list[Post]) -> None:
    """Ids and the beginnings of content hashes, in the order of the blocks."""
    archive.update("a", archive_posts, complete=True, now=NOW)
    with archive.snapshot() as snapshot:
        ids, hashes = snapshot.contents()
        held = [post_from_bytes(each) for block in snapshot.blocks() for each in block]
    assert ids == [post.id for post in held]
    assert [each.tobytes().hex() for each in hashes] == [content_hash(post)[:32] for post in held]


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=3),
        _moments | st.sampled_from([NOW, NOW + timedelta(microseconds=1)]),
        max_size=12,
    )
)
@settings(deadline=None, max_examples=25)
def test_order_is_newest_first_then_code_points(
    tmp_path_factory: pytest.TempPathFactory, dated: dict[str, datetime | None]
) -> None:
    """The order is total: by moment to the microsecond, undated last, then by code point."""
    with Archive(tmp_path_factory.mktemp("order")) as archive:
        entries = [post(post_id, published=moment) for post_id, moment in dated.items()]
        archive.update("a", entries, complete=True, now=NOW)
        undated = sorted(key for key, moment in dated.items() if moment is None)
        by_id = sorted(key for key, moment in dated.items() if moment is not None)
        newest = sorted(by_id, key=lambda key: dated[key] or NOW, reverse=True)
        # A stable sort that is reversed keeps equal moments in the order of ids.
        assert ids(archive) == newest + undated


def test_an_update_counts_what_it_did(archive: Archive) -> None:
    """Added, changed, unchanged and deleted are told apart by content."""
    archive.update("a", posts("1", "2", "3"), complete=True, now=NOW)
    second = [post("1"), post("2", "new title"), post("4")]
    assert archive.update("a", second, complete=True, now=NOW) == Counts(
        added=1, changed=1, unchanged=1, deleted=1
    )
    assert ids(archive) == ["1", "2", "4"]
    changed = archive.get("2")
    assert changed is not None
    assert changed.title == "new title"


def test_a_changed_date_moves_a_post(archive: Archive) -> None:
    """The order follows the content, also for a post that was there before."""
    archive.update("a", [post("1", published=NOW), post("2")], complete=True, now=NOW)
    archive.update(
        "a", [post("1"), post("2", published=NOW - timedelta(days=1))], complete=True, now=NOW
    )
    assert ids(archive) == ["2", "1"]


def test_a_source_deletes_only_its_own(archive: Archive) -> None:
    """What another source brought stays."""
    archive.update("a", posts("1", "2"), complete=True, now=NOW)
    archive.update("b", posts("3"), complete=True, now=NOW)
    assert archive.update("b", posts("4"), complete=True, now=NOW) == Counts(added=1, deleted=1)
    assert archive.sources() == {"a": 2, "b": 1}


def test_a_source_that_is_no_full_picture_deletes_nothing(archive: Archive) -> None:
    """A feed shows the latest posts; the others stay and are counted as kept."""
    archive.update("feed", posts("1", "2"), complete=False, now=NOW)
    assert archive.update("feed", posts("3"), complete=False, now=NOW) == Counts(added=1, kept=2)
    assert archive.count() == 3


def test_a_post_that_could_not_be_read_keeps_its_row(archive: Archive) -> None:
    """One broken post neither loses its row nor protects the others."""
    archive.update("a", posts("1", "2", "3"), complete=True, now=NOW)
    entries: list[Entry] = [post("1"), Unreadable("2"), Unreadable("unheard of")]
    assert archive.update("a", entries, complete=True, now=NOW) == Counts(
        unchanged=1, deleted=1, kept=1
    )
    assert ids(archive) == ["1", "2"]


def test_a_broken_post_without_an_id_holds_back_every_deletion(archive: Archive) -> None:
    """Nobody knows which row it is, so none is deleted."""
    archive.update("a", posts("1", "2"), complete=True, now=NOW)
    entries: list[Entry] = [Unreadable(), post("3")]
    assert archive.update("a", entries, complete=True, now=NOW) == Counts(added=1, kept=2)


@pytest.mark.parametrize("complete", [True, False])
def test_a_withdrawn_post_goes_in_any_case(archive: Archive, complete: bool) -> None:
    """A post that must not be shown goes, even where nothing else is deleted."""
    archive.update("a", posts("1", "2"), complete=True, now=NOW)
    entries: list[Entry] = [Withdrawn("1"), Unreadable(), Withdrawn("unheard of")]
    assert archive.update("a", entries, complete=complete, now=NOW) == Counts(deleted=1, kept=1)
    assert ids(archive) == ["2"]


def test_withdrawing_spares_other_sources_and_posts_that_are_there(archive: Archive) -> None:
    """A source withdraws its own rows only, and a published post counts for more."""
    archive.update("b", posts("1"), complete=True, now=NOW)
    archive.update("a", posts("2"), complete=True, now=NOW)
    entries: list[Entry] = [Withdrawn("1"), Withdrawn("2"), post("2")]
    assert archive.update("a", entries, complete=True, now=NOW) == Counts(unchanged=1)
    assert ids(archive) == ["1", "2"]


def test_a_post_moves_to_the_source_read_last(archive: Archive) -> None:
    """The same id from another source is taken over, changed or not, and said to be."""
    archive.update("a", posts("1", "2", "3"), complete=True, now=NOW)
    assert archive.update("b", [post("1"), post("2", "new")], complete=True, now=NOW) == Counts(
        changed=1, unchanged=1, taken_over=2
    )
    assert archive.sources() == {"a": 1, "b": 2}
    assert archive.update("a", posts("3"), complete=True, now=NOW) == Counts(unchanged=1)


def test_several_sources_are_one_transaction(archive: Archive) -> None:
    """The second source's failure undoes the first one's update."""

    def read_two() -> None:
        with archive.writing(NOW) as update:
            update.read("a", posts("1"), complete=True)
            assert update.count() == 1
            update.read("", posts("2"), complete=True)

    with pytest.raises(ValueError, match="name"):
        read_two()
    assert archive.count() == 0


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("before", [0, 1200])
def test_an_update_that_stops_half_way_keeps_the_previous_state(
    archive: Archive, error: type[BaseException], before: int
) -> None:
    """Whatever ends an update after several batches, the archive says what it said."""
    archive.update("a", posts("old"), complete=True, now=NOW)

    def broken() -> Iterator[Post]:
        yield from (post(f"new-{number}") for number in range(before))
        raise error

    with pytest.raises(error):
        archive.update("a", broken(), complete=True, now=NOW)
    assert ids(archive) == ["old"]
    assert archive.update("a", posts("next"), complete=True, now=NOW) == Counts(added=1, deleted=1)


def test_batches_do_not_show(archive: Archive) -> None:
    """More posts than fit a batch are added, found unchanged, and deleted as few would be."""
    many = [post(f"{number:05}") for number in range(1234)]
    assert archive.update("a", iter(many), complete=True, now=NOW) == Counts(added=1234)
    assert archive.update("a", iter(many), complete=True, now=NOW) == Counts(unchanged=1234)
    assert ids(archive) == [one.id for one in many]
    assert archive.update("a", many[:1], complete=True, now=NOW) == Counts(
        unchanged=1, deleted=1233
    )


@pytest.mark.parametrize("distance", [1, 700])
def test_an_id_twice_in_one_read_is_a_mistake(archive: Archive, distance: int) -> None:
    """A source must not yield an id twice; the archive notices across batches."""
    entries = [*posts("x"), *(post(str(number)) for number in range(distance)), *posts("x")]
    with pytest.raises(ValueError, match="twice"):
        archive.update("a", entries, complete=True, now=NOW)
    assert archive.count() == 0


def test_a_source_needs_a_name(archive: Archive) -> None:
    """Rows without a source could never be deleted."""
    with pytest.raises(ValueError, match="name"):
        archive.update("", posts("1"), complete=True, now=NOW)


@pytest.mark.parametrize("post_id", ["/2020/a/", "a'b", 'a"b', "%", "日本", "𝒳", "a b", "x" * 2000])
def test_ids_are_compared_byte_by_byte(archive: Archive, post_id: str) -> None:
    """Any id is found by itself and by nothing else."""
    archive.update("a", posts(post_id, "A", "a"), complete=True, now=NOW)
    assert archive.get(post_id) == post(post_id)
    assert archive.get(post_id + " ") is None
    assert archive.get("A") == post("A")


def test_an_id_no_database_can_hold_is_unknown(archive: Archive) -> None:
    """What a command line may carry (half a character) is no post, and no crash."""
    archive.update("a", posts("1"), complete=True, now=NOW)
    assert archive.get("\udcff") is None


def test_a_read_can_be_left_and_continued_in_another_thread(archive: Archive) -> None:
    """Workers' callbacks take the next block in whatever thread they run."""
    archive.update("a", [post(str(number)) for number in range(10)], complete=True, now=NOW)
    blocks = archive.blocks(4)
    taken = [len(next(blocks))]
    thread = threading.Thread(target=lambda: taken.extend(len(block) for block in blocks))
    thread.start()
    thread.join()
    assert taken == [4, 4, 2]
    next(archive.blocks(4))


def test_a_database_url_names_the_file(tmp_path: Path) -> None:
    """The same archive is opened by folder and by URL."""
    with Archive(f"sqlite:///{tmp_path}/{ARCHIVE_FILE}") as archive:
        archive.update("a", posts("1"), complete=True, now=NOW)
    with Archive(str(tmp_path)) as archive:
        assert ids(archive) == ["1"]


def test_strange_folder_names_are_paths(tmp_path: Path) -> None:
    """A folder's name is never taken for part of a URL."""
    folder = tmp_path / "50% of #1? blog:data;x=1"
    with Archive(folder) as archive:
        archive.update("a", posts("1"), complete=True, now=NOW)
    assert (folder / ARCHIVE_FILE).is_file()


@pytest.mark.parametrize(
    "address",
    ["sqlite://", "sqlite:///:memory:", "nosuchthing://x/y", "://", "sqlite:///a?mode=ro"],
)
def test_an_address_that_is_no_archive_is_refused(address: str) -> None:
    """A URL without a file, or without a driver, is one clear error."""
    with pytest.raises(ArchiveError):
        Archive(address)


def test_a_password_is_never_shown() -> None:
    """Messages name a database without its password."""
    with pytest.raises(ArchiveError) as caught:
        Archive("nosuchthing://me:secret@host/db")
    assert "secret" not in str(caught.value)


def test_the_stored_form_is_what_the_documentation_shows(archive: Archive) -> None:
    """A row is JSON that any tool can read."""
    archive.update("a", [post("1", "Hello", NOW)], complete=True, now=NOW)
    ((row,),) = archive.blocks()
    assert json.loads(row) == {
        "id": "1",
        "url": "/1",
        "title": "Hello",
        "published": "2025-01-01T00:00:00Z",
    }


def test_the_tables_are_sql_that_postgresql_reads() -> None:
    """The same tables compile for PostgreSQL, with ids ordered by code point there too."""
    ddl = {
        table.name: str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for table in tables.metadata.sorted_tables
    }
    assert set(ddl) == {
        *("archive_meta", "archive_posts", "archive_reads"),
        *("archive_rules", "archive_withdrawn", "archive_written"),
    }
    assert 'id TEXT COLLATE "C"' in ddl["archive_posts"]
    assert "published BIGINT NOT NULL" in ddl["archive_posts"]
    assert "post BYTEA NOT NULL" in ddl["archive_posts"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (None, -(2**63)),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 32_503_679_999_999_999),
    ],
)
def test_the_sort_key_is_exact_to_the_microsecond(moment: datetime | None, expected: int) -> None:
    """No floating point: moments far from 1970 are told apart as well."""
    assert tables.sort_key(moment) == expected
