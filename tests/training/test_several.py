"""Several sources in one archive: the same post once, other posts kept apart, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.archive import Archive, Counts
from related_posts.errors import ArchiveError, EmptyArchiveError, SourceError
from related_posts.posts import Post
from training import read
from training.read import ReadReport, read_sources
from training.sources.base import Item, Present, Problem, Skipped

NOW = datetime(2025, 1, 1, tzinfo=UTC)
A, B = "https://a.example", "https://b.example"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A new archive."""
    with Archive(tmp_path / "data") as opened:
        yield opened


class Fake:
    """A source of given items that can be asked for what changed."""

    def __init__(self, name: str, *items: Item, complete: bool = True) -> None:
        self.name = name
        self.items = items
        self.complete = complete
        self.since: datetime | None = None

    def read(self) -> Iterator[Item]:
        yield from self.items


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read fake sources into the archive."""

    def run_(*sources: Fake, now: datetime = NOW, **more: Any) -> ReadReport:
        by_place = {f"fake-{number}": source for number, source in enumerate(sources)}
        monkeypatch.setattr(read, "open_source", lambda place, **_: by_place[place])
        return read_sources(list(by_place), archive, now=now, **more)

    return run_


def post(post_id: str, url: str, title: str = "", **more: Any) -> Post:
    """A small post."""
    return Post(id=post_id, url=url, title=title, **more)


def held(archive: Archive) -> dict[str, str]:
    """Id to address of every post."""
    return {each.id: each.url for each in archive.posts()}


# --- the same post ---


def test_switching_sources_takes_over_and_duplicates_nothing(archive: Archive, run: Any) -> None:
    """A blog's export and its interface give the same ids and addresses: one archive."""
    run(Fake("wxr:a", *(post(str(n), f"{A}/{n}/", "old") for n in range(5))))
    report = run(Fake("wordpress:a", *(post(str(n), f"http://a.example/{n}", "x") for n in (0, 1))))
    assert report.counts == Counts(changed=2, taken_over=2)
    assert report.others == {"wxr:a": 3}
    assert archive.sources() == {"wordpress:a": 2, "wxr:a": 3}
    assert report.n_posts == 5


def test_a_post_at_the_same_address_is_the_same_post(archive: Archive, run: Any) -> None:
    """A blog that moved to another program keeps its addresses, so its posts stay one each."""
    run(Fake("wxr:a", post("5", f"{A}/x/"), post("6", f"{A}/y/")))
    report = run(Fake("markdown", post("/x/", f"{A}/x"), post("/z/", f"{A}/z")))
    assert report.counts == Counts(added=1, changed=1, taken_over=1)
    assert held(archive) == {"/x/": f"{A}/x", "/z/": f"{A}/z", "6": f"{A}/y/"}


def test_a_feed_leaves_what_a_full_export_knows(archive: Archive, run: Any) -> None:
    """A feed cuts texts and has no tags: it adds what is new, and overwrites nothing."""
    run(Fake("wxr:a", post("5", f"{A}/x/", "whole")))
    feed = Fake("feed:a", post("tag:5", f"{A}/x/", "cut"), post("tag:6", f"{A}/y/"), complete=False)
    report = run(feed)
    assert report.counts == Counts(added=1, elsewhere=1)
    assert run(feed).counts == Counts(unchanged=1, elsewhere=1)
    assert held(archive) == {"5": f"{A}/x/", "tag:6": f"{A}/y/"}


def test_a_full_export_takes_over_what_a_feed_brought(archive: Archive, run: Any) -> None:
    """Under the export's own id; the feed then leaves it alone."""
    feed = Fake("feed:a", post("tag:5", f"{A}/x/", "cut"), complete=False)
    run(feed)
    assert run(Fake("wxr:a", post("5", f"{A}/x/", "whole"))).counts == Counts(
        changed=1, taken_over=1
    )
    assert run(feed).counts == Counts(elsewhere=1)
    assert held(archive) == {"5": f"{A}/x/"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (post("5", "/x/"), post("5", f"{A}/x")),
        (post("5", f"{A}/x/"), post("5", "/x")),
        (post("5", f"{A}/old/"), post("5", f"{A}/new/", aliases=(f"{A}/old/",))),
        (post("5", f"{A}/new/", aliases=("/old/",)), post("5", f"{A}/old/")),
    ],
)
def test_an_id_with_a_kindred_address_is_the_same_post(
    archive: Archive, run: Any, old: Post, new: Post
) -> None:
    """Where one address is site-relative or an alias of the other, an equal id decides."""
    run(Fake("one", old))
    assert run(Fake("two", new)).counts.taken_over == 1
    assert held(archive) == {"5": new.url}


def test_the_front_page_is_nobodys_address(archive: Archive, run: Any) -> None:
    """Posts that give the front page as theirs are not taken for one another."""
    run(Fake("one", post("1", f"{A}/"), post("2", f"{A}/")))
    assert run(Fake("two", post("3", f"{A}/"))).counts == Counts(added=1)


# --- other posts ---


def test_two_blogs_that_number_alike_are_kept_apart(archive: Archive, run: Any) -> None:
    """The later blog's post is stored under its source's name, and stays there."""
    one = Fake("wxr:a", post("1", f"{A}/1/"), post("2", f"{A}/2/"))
    two = Fake("wxr:b", post("1", f"{B}/1/"), post("3", f"{B}/3/", links=("1", "2")))
    report = run(one, two)
    assert [each.counts for each in report.sources] == [
        Counts(added=2),
        Counts(added=2, apart=1),
    ]
    expected = {"1": f"{A}/1/", "2": f"{A}/2/", "wxr:b:1": f"{B}/1/", "3": f"{B}/3/"}
    assert held(archive) == expected
    for again in ((one, two), (two, one), (two,), (one,)):
        counts = run(*again).counts
        assert (counts.added, counts.changed, counts.deleted) == (0, 0, 0)
    assert held(archive) == expected


def test_a_post_kept_apart_stays_when_the_other_goes(archive: Archive, run: Any) -> None:
    """Its id does not change because somebody else's is free now."""
    run(Fake("a", post("1", f"{A}/1/"), post("2", f"{A}/2/")), Fake("b", post("1", f"{B}/1/")))
    run(Fake("a", post("2", f"{A}/2/")))
    assert run(Fake("b", post("1", f"{B}/1/", "new"))).counts == Counts(changed=1, apart=1)
    assert held(archive) == {"b:1": f"{B}/1/", "2": f"{A}/2/"}


def test_links_follow_a_post_that_is_kept_apart(archive: Archive, run: Any) -> None:
    """An id in another post's links leads to the post that its source meant."""
    linking = post("9", f"{B}/9/", links=("1", "7"))
    sources = (Fake("a", post("1", f"{A}/1/")), Fake("b", linking, post("1", f"{B}/1/")))
    run(*sources)
    stored = archive.get("9")
    assert stored is not None
    assert stored.links == ("b:1", "7")
    assert run(*sources).counts == Counts(unchanged=3, apart=1)


def test_a_source_deletes_and_withdraws_by_its_own_ids(archive: Archive, run: Any) -> None:
    """What it calls 1 is its own post, wherever that is stored."""
    run(Fake("a", post("1", f"{A}/1/")), Fake("b", post("1", f"{B}/1/"), post("2", f"{B}/2/")))
    broken = run(Fake("b", Problem("b", "broken", "1"), post("2", f"{B}/2/")))
    assert broken.counts == Counts(unchanged=1, kept=1)
    assert run(Fake("b", Skipped("b", "draft", "1"), post("2", f"{B}/2/"))).counts == Counts(
        unchanged=1, deleted=1
    )
    assert held(archive) == {"1": f"{A}/1/", "2": f"{B}/2/"}


def test_even_the_name_kept_apart_under_may_be_taken(archive: Archive, run: Any) -> None:
    """An id that looks like another source's does not get in its way."""
    run(Fake("a", post("1", f"{A}/1/"), post("b:1", f"{A}/2/")))
    run(Fake("b", post("1", f"{B}/1/"), post("b:b:1", f"{B}/2/")))
    assert sorted(held(archive).values()) == [f"{A}/1/", f"{A}/2/", f"{B}/1/", f"{B}/2/"]


def test_ids_that_change_places_lose_no_post(archive: Archive, run: Any) -> None:
    """A source that gives each address the id another had still has each post once."""
    run(Fake("a", *(post(str(n), f"{A}/{n}/") for n in range(6))))
    report = run(Fake("b", *(post(str((n + 1) % 6), f"{A}/{n}/") for n in range(6))))
    assert report.counts.taken_over == 6
    assert sorted(held(archive).values()) == [f"{A}/{n}/" for n in range(6)]


_posts = st.dictionaries(
    st.sampled_from(["1", "2", "3", "a:1", "b:1", "c:2"]),
    st.sampled_from([f"{A}/1", f"{A}/2", f"{A}/3", "/1", "/2", f"{B}/1", f"{A}/"]),
    max_size=5,
)
_reads = st.lists(st.tuples(st.sampled_from("abc"), _posts, st.booleans()), min_size=1, max_size=6)


@given(_reads, st.sampled_from([1, 2, 500]))
@settings(deadline=None, max_examples=60)
def test_any_reads_leave_each_source_what_it_said(
    tmp_path_factory: pytest.TempPathFactory, reads: list[Any], batch: int
) -> None:
    """Whatever comes in whatever order: no crash, and reading it again changes nothing.

    After a full read every one of its addresses is in the archive, its rows are those
    it named, and a second read finds everything unchanged under the same ids.
    """
    with Archive(tmp_path_factory.mktemp("any")) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr("related_posts.archive.update.BATCH", batch)
        for source, dated, complete in reads:
            entries = [post(post_id, url) for post_id, url in dated.items()]
            archive.update(source, entries, complete=complete, now=NOW)
            before = held(archive)
            again = archive.update(source, entries, complete=complete, now=NOW)
            assert held(archive) == before
            assert (again.added, again.changed, again.deleted, again.taken_over) == (0, 0, 0, 0)
            assert again.unchanged + again.elsewhere == len(entries)
            assert {each.url for each in entries} <= set(before.values()) or not complete
            if complete:
                assert archive.sources().get(source, 0) == len(entries)


# --- far fewer posts than before ---


def posts(n_posts: int) -> list[Post]:
    """Numbered posts."""
    return [post(str(number), f"{A}/{number}/") for number in range(n_posts)]


def test_a_source_that_lost_a_third_is_not_believed(archive: Archive, run: Any) -> None:
    """The read stops, names both numbers and the way out, and changes nothing."""
    run(Fake("a", *posts(100)))
    with pytest.raises(ArchiveError, match=r"only 69 posts .* 100 of a; .*--accept-deletions"):
        run(Fake("a", *posts(69)))
    assert archive.count() == 100
    assert run(Fake("a", *posts(70))).counts == Counts(unchanged=70, deleted=30)
    assert run(Fake("a", *posts(10)), accept_deletions=True).counts.deleted == 60


def test_a_small_blog_may_lose_what_it_likes(archive: Archive, run: Any) -> None:
    """Of nine posts, eight may go; that is what people do with a blog just begun."""
    run(Fake("a", *posts(9)))
    assert run(Fake("a", *posts(1))).counts == Counts(unchanged=1, deleted=8)


def test_posts_that_are_there_in_any_way_count(archive: Archive, run: Any) -> None:
    """Unchanged and broken ones are not lost; drafts are, and a feed cannot lose any."""
    run(Fake("a", *posts(20)))
    rest = [Present(str(number)) for number in range(5, 10)]
    broken = [Problem("a", "broken", str(number)) for number in range(10, 15)]
    run(Fake("a", *posts(5), *rest, *broken))
    hidden = [Skipped("a", "draft", str(number)) for number in range(5, 15)]
    with pytest.raises(ArchiveError, match="only 5 posts"):
        run(Fake("a", *posts(5), *hidden))
    run(Fake("a", *posts(1), complete=False))
    run(Fake("a", *posts(1), Problem("a", "no id")))
    assert archive.count() == 15


def test_no_post_at_all_is_never_believed(archive: Archive, run: Any) -> None:
    """Not even on demand: an empty export is a mistake."""
    run(Fake("a", *posts(20)))
    with pytest.raises(EmptyArchiveError):
        run(Fake("a"), accept_deletions=True)


# --- only what changed ---


def test_unchanged_posts_stay_and_absent_ones_go(archive: Archive, run: Any) -> None:
    """A sweep of ids is a full picture without the texts."""
    run(Fake("a", *posts(4)))
    report = run(Fake("a", post("0", f"{A}/0/", "new"), Present("1"), Present("2")))
    assert report.counts == Counts(changed=1, unchanged=2, deleted=1)
    assert report.sources[0].n_present == 2
    assert sorted(held(archive)) == ["0", "1", "2"]


def test_everything_may_be_unchanged(archive: Archive, run: Any) -> None:
    """A quiet blog is no empty one."""
    run(Fake("a", *posts(2)))
    assert run(Fake("a", Present("0"), Present("1"))).counts == Counts(unchanged=2)


def test_an_unchanged_post_is_found_under_another_id(archive: Archive, run: Any) -> None:
    """A post that is kept apart is meant by its source's own id."""
    run(Fake("a", post("1", f"{A}/1/")), Fake("b", post("1", f"{B}/1/")))
    assert run(Fake("b", Present("1"))).counts == Counts(unchanged=1)


def test_since_auto_is_the_start_of_the_last_read(archive: Archive, run: Any) -> None:
    """The first time everything is read, then what changed since the read before."""
    source = Fake("a", *posts(2))
    run(source, since="auto")
    assert source.since is None
    later = NOW + timedelta(hours=1)
    report = run(source, now=later, since="auto")
    assert source.since == report.sources[0].since == NOW
    run(source, now=later + timedelta(hours=1), since="auto")
    assert source.since == later
    assert archive.reads()["a"].posts == 2


def test_without_since_everything_is_read(archive: Archive, run: Any) -> None:
    """A source that was asked for changes is asked for everything again."""
    run(Fake("a", *posts(2)))
    source = Fake("a", *posts(2))
    run(source)
    assert source.since is None


def test_a_moment_after_the_last_read_leaves_a_gap(archive: Archive, run: Any) -> None:
    """What happened between the two is unknown, so the next read starts at the earlier one."""
    run(Fake("a", *posts(2)))
    run(Fake("a", *posts(2)), now=NOW + timedelta(days=9), since=NOW + timedelta(days=5))
    source = Fake("a", *posts(2))
    run(source, now=NOW + timedelta(days=10), since="auto")
    assert source.since == NOW


def test_what_was_broken_is_asked_for_again(archive: Archive, run: Any) -> None:
    """A read with a broken post does not move the moment on."""
    run(Fake("a", *posts(2)))
    run(Fake("a", post("0", f"{A}/0/"), Problem("a", "x", "1")), now=NOW + timedelta(days=1))
    source = Fake("a", *posts(2))
    run(source, now=NOW + timedelta(days=2), since="auto")
    assert source.since == NOW


def test_a_missing_row_makes_the_next_read_whole(archive: Archive, run: Any) -> None:
    """An unchanged post that the archive lacks is counted, and fetched next time."""
    run(Fake("a", *posts(2)))
    assert run(Fake("a", Present("0"), Present("1"), Present("7"))).counts == Counts(
        unchanged=2, absent=1
    )
    source = Fake("a", *posts(3))
    run(source, since="auto")
    assert source.since is None


def test_a_read_that_failed_is_not_remembered(archive: Archive, run: Any) -> None:
    """Only what was written counts as read."""

    class Broken(Fake):
        def read(self) -> Iterator[Item]:
            yield from self.items
            raise SourceError(self.name, "gone")

    run(Fake("a", *posts(2)))
    with pytest.raises(SourceError):
        run(Broken("a", *posts(2)), now=NOW + timedelta(days=1))
    source = Fake("a", *posts(2))
    run(source, since="auto")
    assert source.since == NOW


# --- forgetting ---


def test_a_forgotten_source_is_gone_and_read_whole_again(archive: Archive, run: Any) -> None:
    """Its rows go, others stay, and nothing is left of when it was read."""
    run(Fake("a", *posts(3)), Fake("b", post("x", f"{B}/x/")))
    with archive.writing(NOW) as update:
        assert update.forget("a") == 3
        assert update.forget("nobody") == 0
    assert archive.sources() == {"b": 1}
    assert list(archive.reads()) == ["b"]
    source = Fake("a", *posts(3))
    assert run(source, since="auto").counts.added == 3
    assert source.since is None


def test_a_taken_post_says_who_has_it_now(archive: Archive, run: Any) -> None:
    """Equal posts move without being rewritten, so that the version need not change."""
    same = post("1", f"{A}/1/", "same")
    run(Fake("a", same))
    assert run(Fake("b", replace(same))).counts == Counts(unchanged=1, taken_over=1)
    assert archive.sources() == {"b": 1}
