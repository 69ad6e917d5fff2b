"""Posts written one by one into an archive that sources are read into as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from related_posts.archive import Archive, Counts, Withdrawn
from related_posts.curation.publish import publish_state
from related_posts.curation.rules import Rule
from related_posts.curation.state import OVERLAY_FILE, State, read_state
from related_posts.posts import Post

NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(place: Path | str) -> Iterator[Archive]:
    """An archive with three posts of a source, ``blog``."""
    with Archive(place) as archive:
        read(archive, post("1"), post("2"), post("3"))
        yield archive


def post(id_: str, title: str = "", at: str = "", host: str = "https://blog.example") -> Post:
    """A post at an address of its own."""
    return Post(id=id_, url=f"{host}/{at or id_}/", title=title)


def read(archive: Archive, *posts: Post, known: int | None = None, complete: bool = True) -> Counts:
    """A read of the source."""
    with archive.writing(NOW) as update:
        return update.read("blog", posts, complete=complete, known=known)


def put(archive: Archive, one: Post) -> tuple[str, str]:
    """Write a post in a transaction of its own."""
    with archive.writing(NOW) as update:
        return update.put(one)


def withdraw(archive: Archive, id_: str, url: str = "") -> bool:
    """Withdraw a post in a transaction of its own."""
    with archive.writing(NOW) as update:
        return update.withdraw(id_, url)


def ids(archive: Archive) -> list[str]:
    """The ids there are, ascending."""
    return sorted(one.id for one in archive.posts())


def test_a_new_post_belongs_to_a_source_of_its_own(archive: Archive) -> None:
    """The source that is read neither owns nor deletes it."""
    assert put(archive, post("9", "new")) == ("added", "9")
    assert put(archive, post("9", "new")) == ("unchanged", "9")
    assert put(archive, post("9", "newer")) == ("changed", "9")
    assert archive.sources() == {"api": 1, "blog": 3}
    assert read(archive, post("1"), post("2"), post("3")).deleted == 0
    assert ids(archive) == ["1", "2", "3", "9"]


def test_a_known_post_keeps_its_source(archive: Archive) -> None:
    """By its id, wherever it moved, and by its address, whatever the writer calls it."""
    assert put(archive, post("1", "moved", at="elsewhere")) == ("changed", "1")
    assert put(archive, post("other", "same place", at="2")) == ("changed", "2")
    assert archive.sources() == {"blog": 3}
    assert [archive.get(id_).title for id_ in "12"] == ["moved", "same place"]  # type: ignore[union-attr]
    # The source's next full read says what is there, and what it no longer holds goes.
    assert read(archive, post("1", "read")).deleted == 2
    assert ids(archive) == ["1"]


def test_a_full_read_takes_a_written_post_over(archive: Archive) -> None:
    """The same address is the same post, so the source owns it once it knows it."""
    put(archive, post("hook-9", "written", at="9"))
    read(archive, post("1"), post("2"), post("3"), post("9", "read"))
    assert archive.sources() == {"blog": 4}
    # The writer's own id still leads to it.
    assert withdraw(archive, "hook-9")
    assert ids(archive) == ["1", "2", "3"]
    assert set(archive.state().withdrawn_ids) == {"9", "hook-9"}


def test_a_withdrawn_post_is_remembered_by_id_and_address(archive: Archive) -> None:
    """Withdrawing twice changes nothing more, and an unknown id is remembered, too."""
    assert withdraw(archive, "1")
    assert not withdraw(archive, "1")
    assert withdraw(archive, "unknown")
    state = archive.state()
    assert state.withdrawn_ids == ("1", "unknown")
    assert state.withdrawn_urls == ("https://blog.example/1/",)
    assert ids(archive) == ["2", "3"]


def test_writing_takes_a_withdrawal_back(archive: Archive) -> None:
    """Public again by a write or by a read: the post is no longer withdrawn."""
    withdraw(archive, "1")
    assert put(archive, post("1")) == ("added", "1")
    assert archive.state().withdrawn_ids == ()
    withdraw(archive, "2")
    read(archive, post("1"), post("2"), post("3"))
    assert archive.state() == State(archive.revision())


def test_an_address_that_another_post_took_is_not_withdrawn(archive: Archive) -> None:
    """Of a deleted post whose place another took, only the id stays withdrawn."""
    withdraw(archive, "1")
    put(archive, post("new", at="1"))
    assert archive.state().withdrawn_ids == ("1",)
    assert archive.state().withdrawn_urls == ()
    withdraw(archive, "1")
    assert archive.get("new") is not None
    assert archive.state().withdrawn_urls == ()


def test_what_a_source_drops_is_withdrawn(archive: Archive) -> None:
    """A deleted post, and one the source says must not be shown, vanish like one over HTTP."""
    read(archive, post("1"), post("2"))
    assert archive.state().withdrawn_ids == ("3",)
    with archive.writing(NOW) as update:
        update.read("blog", [Withdrawn("2")], complete=False)
    assert archive.state().withdrawn_ids == ("2", "3")
    assert archive.state().withdrawn_urls == ("https://blog.example/2/", "https://blog.example/3/")


def test_an_older_reading_overrules_no_write(archive: Archive) -> None:
    """What was written while a source was read stays, content and withdrawal alike."""
    known = archive.revision()
    put(archive, post("1", "newer"))
    put(archive, post("other", "newer", at="2"))
    withdraw(archive, "3")
    counts = read(archive, post("1", "old"), post("2", "old"), post("3", "old"), known=known)
    assert (counts.added, counts.changed, counts.deleted) == (0, 0, 0)
    assert ids(archive) == ["1", "2"]
    assert {one.title for one in archive.posts()} == {"newer"}
    assert archive.state().withdrawn_ids == ("3",)
    # The next reading began after the writes, so it counts.
    read(archive, post("1", "old"), post("3", "old"), known=archive.revision())
    assert {one.title for one in archive.posts()} == {"old"}
    assert ids(archive) == ["1", "3"]


def test_word_that_comes_late_is_known_as_such(archive: Archive) -> None:
    """Of each id the latest time stays, whatever is written without one and in whichever order."""
    early, late = NOW - timedelta(seconds=1), NOW
    with archive.writing(NOW) as update:
        assert not update.is_outdated("1", early)
        update.withdraw("1", said=late)
        assert update.is_outdated("1", early)
        update.put(post("1"))
        update.put(post("1", "again"), said=early)
        assert update.is_outdated("1", early)
        assert not update.is_outdated("1", late)
        assert not update.is_outdated("2", early)


def test_the_post_that_a_write_is_about(archive: Archive) -> None:
    """By its id, else by its address; what shall go is also known by where it was put."""
    kept = archive.kept("2")
    assert kept is not None
    put(archive, post("other", "same place", at="2"))
    assert archive.kept("other") is None
    changed = archive.kept("2")
    assert changed is not None
    assert (changed[0].title, changed[1] == kept[1]) == ("same place", False)
    with archive.writing(NOW) as update:
        assert update.content("2") == changed[1]
        assert update.content("nobody", "https://blog.example/2/") == changed[1]
        assert update.content("other") is None
        assert update.content("other", to_withdraw=True) == changed[1]
        assert update.content("nobody", "/nowhere/", to_withdraw=True) is None


def test_every_change_has_a_number(archive: Archive) -> None:
    """The revision rises with each transaction that changed something, and with no other."""
    before = archive.revision()
    read(archive, post("1"), post("2"), post("3"))
    assert archive.revision() == before
    put(archive, post("9"))
    with archive.writing(NOW) as update:
        update.put_rule(Rule(kind="mute", post="9"))
        update.put_rule(Rule(kind="mute", post="8"))
    assert archive.revision() == before + 2
    with archive.writing(NOW) as update:
        update.put_rule(Rule(kind="mute", post="9"))
        assert update.remove_rule("no such") is None
    assert archive.revision() == before + 2


def test_rules_keep_their_order_and_follow_their_post(archive: Archive) -> None:
    """A rule outlives that another source takes its post over under another id."""
    put(archive, post("hook-9", at="9"))
    rules = [
        Rule(kind="pin", post="hook-9", under="1"),
        Rule(kind="block", post="2", under="hook-9"),
        Rule(kind="cornerstone", post="3"),
    ]
    with archive.writing(NOW) as update:
        assert [update.put_rule(rule) for rule in rules] == ["added"] * 3
        assert update.put_rule(Rule(kind="pin", post="hook-9", under="1", position=2)) == "changed"
    read(archive, post("1"), post("2"), post("3"), post("9"))
    assert archive.state().rules == (
        Rule(kind="pin", post="9", under="1", position=2),
        Rule(kind="block", post="2", under="9"),
        Rule(kind="cornerstone", post="3"),
    )
    with archive.writing(NOW) as update:
        assert update.remove_rule(rules[2].id) == rules[2]
    assert len(archive.state().rules) == 2


def test_publishing_writes_only_what_is_new(archive: Archive, tmp_path: Path) -> None:
    """The file appears with the first decision, is replaced by others, and repaired."""
    publish_state(archive, tmp_path)
    assert not (tmp_path / OVERLAY_FILE).exists()
    withdraw(archive, "1")
    publish_state(archive, tmp_path)
    first = (tmp_path / OVERLAY_FILE).stat()
    assert read_state(tmp_path) == archive.state()
    put(archive, post("9"))
    publish_state(archive, tmp_path)
    assert (tmp_path / OVERLAY_FILE).stat() == first
    (tmp_path / OVERLAY_FILE).write_bytes(b"damaged")
    publish_state(archive, tmp_path)
    assert read_state(tmp_path) == archive.state()
    assert not list(tmp_path.glob(".overlay-*"))
