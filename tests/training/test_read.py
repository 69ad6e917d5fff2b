"""Reading into the archive: what is counted, what is kept, and what changes nothing."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from related_posts.archive import Archive, Counts
from related_posts.errors import ArchiveError, ConfigError, EmptyArchiveError, SourceError
from related_posts.posts import Post
from training import read
from training.read import ReadReport, read_sources
from training.sources.base import Item, Problem, Skipped

NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A new archive."""
    with Archive(tmp_path / "data") as opened:
        yield opened


def write(path: Path, *rows: Any) -> str:
    """A JSON Lines file: ids become small posts, objects lines, bytes stay as they are."""
    with path.open("wb") as file:
        for row in rows:
            if isinstance(row, bytes):
                file.write(row + b"\n")
                continue
            content = {"id": row} if isinstance(row, str) else row
            file.write(orjson.dumps({"url": f"/{content['id']}", **content}) + b"\n")
    return str(path)


def run(archive: Archive, *places: str, **more: Any) -> ReadReport:
    """Read places into the archive."""
    return read_sources(places, archive, now=NOW, **more)


def ids(archive: Archive) -> list[str]:
    """The ids in the archive, in its order."""
    return [post.id for post in archive.posts()]


def test_a_read_says_what_it_found_and_did(archive: Archive, tmp_path: Path) -> None:
    """Read, skipped, broken, and what that did to the archive, each in its place."""
    place = write(
        tmp_path / "a.jsonl",
        "1",
        {"id": "2", "draft": True},
        {"id": "3", "draft": True},
        {"id": "4", "password": "x"},
        {"id": "5", "published": "soon"},
        "6",
    )
    report = run(archive, place)
    (source,) = report.sources
    assert (source.name, source.places) == ("jsonl", (place,))
    assert (source.n_read, source.n_skipped, source.n_problems) == (2, 3, 1)
    assert source.skipped == {"draft": 2, "password-protected": 1}
    assert [(one.place, one.post_id) for one in source.problems] == [("a.jsonl line 5", "5")]
    assert source.counts == report.counts == Counts(added=2)
    assert not source.deletions_held_back
    assert report.n_posts == 2


def test_a_newer_export_replaces_the_older_one(archive: Archive, tmp_path: Path) -> None:
    """Wherever it lies and whatever it is called."""
    run(archive, write(tmp_path / "old.jsonl", "1", "2"))
    (tmp_path / "elsewhere").mkdir()
    report = run(archive, write(tmp_path / "elsewhere" / "new", "2", "3"))
    assert report.counts == Counts(added=1, unchanged=1, deleted=1)
    assert ids(archive) == ["2", "3"]


def test_a_post_that_is_hidden_now_goes(archive: Archive, tmp_path: Path) -> None:
    """Even in a read that cannot delete anything else."""
    run(archive, write(tmp_path / "a", "1", "2", "3"))
    report = run(archive, write(tmp_path / "a", "1", {"id": "2", "draft": True}, b"broken"))
    assert report.counts == Counts(unchanged=1, deleted=1, kept=1)
    assert report.sources[0].deletions_held_back
    assert ids(archive) == ["1", "3"]


def test_a_broken_post_keeps_its_row(archive: Archive, tmp_path: Path) -> None:
    """A post that cannot be read now stays as it was, and another that is gone goes."""
    run(archive, write(tmp_path / "a", {"id": "1", "title": "good"}, "2", "3"))
    report = run(archive, write(tmp_path / "a", {"id": "1", "title": []}, "3"))
    assert report.counts == Counts(unchanged=1, deleted=1, kept=1)
    kept = archive.get("1")
    assert kept is not None
    assert kept.title == "good"


def test_parts_of_one_export_are_read_as_one(archive: Archive, tmp_path: Path) -> None:
    """The second file does not delete what the first brought; an id twice is a problem."""
    parts = [write(tmp_path / "a", "1", "2"), write(tmp_path / "b", "2", "3")]
    (source,) = run(archive, *parts).sources
    assert source.places == tuple(parts)
    assert source.counts == Counts(added=3)
    assert source.problems == [
        Problem(parts[1], "id '2' was read before; the first one stays", "2")
    ]
    assert run(archive, *parts).counts == Counts(unchanged=3)


def test_one_part_may_be_empty(archive: Archive, tmp_path: Path) -> None:
    """Only an export as a whole needs a post."""
    only_drafts = write(tmp_path / "b", {"id": "2", "draft": True})
    assert run(archive, write(tmp_path / "a", "1"), only_drafts).n_posts == 1


def test_the_same_place_twice_is_read_once(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is written."""
    monkeypatch.chdir(tmp_path)
    place = write(tmp_path / "a", "1")
    (tmp_path / "link").symlink_to(place)
    (source,) = run(archive, "a", place, "./a", str(tmp_path / "link")).sources
    assert (source.places, source.n_problems) == (("a",), 0)


def test_a_strict_read_refuses_one_broken_post(archive: Archive, tmp_path: Path) -> None:
    """The first is named, all are counted, and nothing is changed."""
    run(archive, write(tmp_path / "a", "1"))
    place = write(tmp_path / "a", "2", b"broken", {"id": "3", "url": "javascript:x"})
    with pytest.raises(ArchiveError, match=r"a line 2: the \w+ is not JSON .*\(2 broken in all\)"):
        run(archive, place, strict=True)
    assert ids(archive) == ["1"]


def test_a_strict_read_lets_skipped_posts_be(archive: Archive, tmp_path: Path) -> None:
    """A draft is no mistake."""
    place = write(tmp_path / "a", "1", {"id": "2", "draft": True})
    assert run(archive, place, strict=True).n_posts == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "1", "draft": True}, {"id": "2", "status": "private"}], r"\(1 draft, 1 private\)"),
        ([b'{"id": "1"}', b'{"url": "/"}'], r"\(2 broken, the first at a line 1: url is missing"),
    ],
)
def test_an_export_without_a_post_changes_nothing(
    archive: Archive, tmp_path: Path, rows: list[Any], said: str
) -> None:
    """An empty read says what was looked at and why nothing came of it; old posts stay."""
    place = write(tmp_path / "a", "1")
    run(archive, place)
    write(tmp_path / "a", *rows)
    with pytest.raises(EmptyArchiveError, match=f"no post found in {place} {said}") as caught:
        run(archive, place)
    assert caught.value.looked_at == [place]
    assert ids(archive) == ["1"]


def test_an_empty_archive_cannot_be_read_again(archive: Archive) -> None:
    """Without a source and without posts there is nothing to build."""
    with pytest.raises(EmptyArchiveError, match=r"archive\.sqlite3"):
        run(archive)


def test_no_place_reads_nothing(archive: Archive, tmp_path: Path) -> None:
    """What the archive holds is enough to build from."""
    run(archive, write(tmp_path / "a", "1"))
    assert run(archive) == ReadReport((), 1)


def test_a_source_of_no_use_changes_nothing(archive: Archive, tmp_path: Path) -> None:
    """A file that is cut off undoes all that was read, also from other files."""
    good = write(tmp_path / "a", "1")
    run(archive, good)
    packed = gzip.compress(b"".join(b'{"id":%d,"url":"/"}\n' % number for number in range(5000)))
    (tmp_path / "b").write_bytes(packed[:-2000])
    write(tmp_path / "a", "1", "2")
    with pytest.raises(SourceError, match="cut off"):
        run(archive, good, str(tmp_path / "b"))
    assert ids(archive) == ["1"]


@pytest.mark.parametrize("bad", ["absent", "notes.txt"])
def test_a_place_that_cannot_be_read_creates_nothing(tmp_path: Path, bad: str) -> None:
    """All places are looked at before anything is written."""
    (tmp_path / "notes.txt").write_text("hello")
    good = write(tmp_path / "a", "1")
    with Archive(tmp_path / "data") as archive, pytest.raises(SourceError):
        run(archive, good, str(tmp_path / bad))
    assert not (tmp_path / "data").exists()


def test_an_unknown_format_is_a_setting(archive: Archive, tmp_path: Path) -> None:
    """--format is checked before anything is opened."""
    with pytest.raises(ConfigError):
        run(archive, str(tmp_path), format="excel")


def test_problems_are_counted_beyond_those_kept(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million broken lines take the memory of a few."""
    monkeypatch.setattr(read, "MAX_PROBLEMS", 3)
    (source,) = run(archive, write(tmp_path / "a", "1", *[b"broken"] * 10)).sources
    assert (len(source.problems), source.n_problems) == (3, 10)


def test_progress_names_the_place(archive: Archive, tmp_path: Path) -> None:
    """Each place's progress ends at its own size."""
    places = [write(tmp_path / "a", "1"), write(tmp_path / "b", "2", "3")]
    last: dict[str, tuple[int, int | None]] = {}

    def told(place: str, done: int, total: int | None) -> None:
        last[place] = (done, total)

    run(archive, *places, progress=told)
    sizes = {place: Path(place).stat().st_size for place in places}
    assert last == {place: (size, size) for place, size in sizes.items()}


class FakeSource:
    """A source of given items under a given name."""

    def __init__(self, name: str, items: list[Item], *, complete: bool = True) -> None:
        self.name = name
        self.items = items
        self.complete = complete

    def read(self) -> Iterator[Item]:
        yield from self.items


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeSource]:
    """Sources by place, in place of those that open files."""
    sources: dict[str, FakeSource] = {}
    monkeypatch.setattr(read, "open_source", lambda place, **more: sources[place])
    return sources


def post(post_id: str, url: str = "/") -> Post:
    """A small post."""
    return Post(id=post_id, url=url)


def test_sources_of_different_names_are_reported_apart(
    archive: Archive, fake: dict[str, FakeSource]
) -> None:
    """Each has its report, in the order given; an id of both belongs to the last."""
    fake["x"] = FakeSource("a", [post("1"), post("2")])
    fake["y"] = FakeSource("b", [post("2"), post("3")])
    report = run(archive, "x", "y")
    assert [(one.name, one.counts) for one in report.sources] == [
        ("a", Counts(added=2)),
        ("b", Counts(added=1, unchanged=1, taken_over=1)),
    ]
    assert report.counts == Counts(added=3, unchanged=1, taken_over=1)
    assert archive.sources() == {"a": 1, "b": 2}


def test_one_empty_source_of_several_changes_nothing(
    archive: Archive, fake: dict[str, FakeSource]
) -> None:
    """An export that should be a full picture and holds nothing is a mistake."""
    fake["x"] = FakeSource("a", [post("1")])
    fake["y"] = FakeSource("b", [Skipped("y", "page")])
    with pytest.raises(EmptyArchiveError, match=r"found in y \(1 page\)"):
        run(archive, "x", "y")
    assert archive.count() == 0


def test_a_feed_with_nothing_new_is_no_mistake(
    archive: Archive, fake: dict[str, FakeSource]
) -> None:
    """A source that is no full picture may be empty, as long as the archive is not."""
    fake["feed"] = FakeSource("feed", [Problem("feed", "broken")], complete=False)
    with pytest.raises(EmptyArchiveError, match="1 broken"):
        run(archive, "feed")
    fake["x"] = FakeSource("a", [post("1")])
    run(archive, "x")
    report = run(archive, "feed")
    assert report.n_posts == 1
    assert not report.sources[0].deletions_held_back


@pytest.mark.parametrize("url", ["javascript:alert(1)", "a/b", "//", "https://"])
def test_no_source_can_bring_a_harmful_address(
    archive: Archive, fake: dict[str, FakeSource], url: str
) -> None:
    """An address that a reader must not follow is a problem, whatever its source thinks."""
    fake["x"] = FakeSource("a", [post("1", url), post("2")])
    (source,) = run(archive, "x").sources
    assert [(one.place, one.post_id) for one in source.problems] == [("x", "1")]
    assert ids(archive) == ["2"]
