"""``compare``: what would change on the site, whatever two versions there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.cli import main
from related_posts.posts import Post
from related_posts.storage import Store
from training.build import build
from training.evaluation.comparison import Comparison, as_json, compare, hubs
from training.settings import TrainingSettings

Built = Callable[..., str]


@pytest.fixture
def built(tmp_path: Path) -> Built:
    """Builds and publishes a version of some posts, one a minute; gives its name."""
    store = Store(tmp_path / "data")

    def publish(posts: list[Post], **values: object) -> str:
        now = datetime(2026, 1, 1, 0, len(store.names()), tzinfo=UTC)
        settings = TrainingSettings(data=store.data, jobs=1, **values)
        archive = Archive(store.data)
        archive.update("test", posts, complete=True, now=now)
        found = build(archive, settings)
        name = store.write(found.arrays, found.details, now=now)
        store.publish(name)
        return name

    return publish


def compared(folder: Path, before: str, after: str, limit: int = 5) -> Comparison:
    """Two versions of the data folder, side by side."""
    store = Store(folder / "data")
    with store.open(before) as first, store.open(after) as second:
        return compare(first, second, limit)


def test_a_version_is_the_same_as_itself(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """Nothing changed, and nothing is named."""
    name = built(archive_posts)
    found = compared(tmp_path, name, name)
    assert (found.n_posts, found.n_same, found.n_reordered) == (12, 12, 0)
    assert (found.churn, found.overlap) == (0.0, pytest.approx(1.0))
    assert found.changes == found.added == found.removed == found.emptied == found.filled == ()
    assert found.settings == {}


def test_a_new_post_and_a_lost_one_are_told(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """Posts that only one version holds, and what of the change is owing to them."""
    before = built([post for post in archive_posts if post.id != "/rye/"])
    after = built([post for post in archive_posts if post.id != "/moon/"])
    found = compared(tmp_path, before, after)
    assert (found.added, found.removed) == (("/rye/",), ("/moon/",))
    assert found.n_posts == 10
    starter = next(each for each in found.changes if each.id == "/starter/")
    assert "/rye/" in starter.gained
    assert 0 < found.n_gained_new <= found.n_gained
    assert 0 < found.n_lost_removed <= found.n_lost
    assert found.n_same + found.n_reordered + len(found.changes) == found.n_posts
    back = compared(tmp_path, after, before)
    assert (back.n_gained, back.n_lost) == (found.n_lost, found.n_gained)
    assert back.churn == pytest.approx(found.churn)


def test_lists_that_become_empty_are_named(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """A pair that has nothing in common any more has empty lists, and had none before."""
    # Titles of their own, or they would be copies of one text.
    pair = [
        replace(archive_posts[5], id=id_, url=f"/{id_}", title=f"{archive_posts[5].title} {word}")
        for id_, word in (("a", "again"), ("b", "anew"))
    ]
    before = built(pair)
    after = built([pair[0], replace(pair[1], title="Moon", html="Craters", tags=())])
    found = compared(tmp_path, before, after)
    assert (found.emptied, found.filled) == (("a", "b"), ())
    assert (found.churn, found.overlap) == (1.0, 0.0)
    back = compared(tmp_path, after, before)
    assert (back.emptied, back.filled) == ((), ("a", "b"))


def test_the_most_changed_list_comes_first(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """Changes are ordered by overlap, and name titles of either version."""
    before = built(archive_posts)
    renamed = [replace(post, title=f"{post.title}!") for post in archive_posts[1:]]
    found = compared(tmp_path, before, built(renamed, time_weight=0.0, title_repeats=0))
    overlaps = [each.overlap for each in found.changes]
    assert overlaps == sorted(overlaps)
    assert found.settings["time_weight"] == (2.0, 0.0)
    assert found.title("/tyres/") == "Bicycle tyres for gravel and rain"
    assert found.title("/rye/").endswith("!")


def test_hubs_are_the_posts_shown_most(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """The counts are those of the lists."""
    name = built(archive_posts)
    side = compared(tmp_path, name, name).before
    for id_, count in hubs(side):
        assert count == sum(id_ in related for related in side.lists.values())
    counts = [count for _, count in hubs(side)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == max(side.in_degree.values())


def test_versions_without_a_post_in_common(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """Two blogs: nothing to compare, and no error."""
    found = compared(tmp_path, built(archive_posts[:3]), built(archive_posts[3:]))
    assert (found.n_posts, found.churn, found.overlap) == (0, 0.0, 1.0)
    assert (len(found.added), len(found.removed)) == (9, 3)
    json.dumps(as_json(found), allow_nan=False)


def run(*arguments: object) -> object:
    """Run ``compare``; its exit status."""
    with pytest.raises(SystemExit) as stopped:
        main(["compare", *map(str, arguments)])
    return stopped.value.code


def test_words_stand_for_versions(
    tmp_path: Path,
    built: Built,
    archive_posts: list[Post],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One version is compared with the live one; live, latest and previous need no name."""
    first, second = built(archive_posts[:8]), built(archive_posts)
    data = ("--data", tmp_path / "data", "--json")
    for arguments, expected in (
        (("previous", "live"), (first, second)),
        (("previous",), (second, first)),
        ((first,), (second, first)),
        ((first, "latest"), (first, second)),
    ):
        assert run(*arguments, *data) == 0
        report = json.loads(capsys.readouterr().out)
        assert (report["before"], report["after"]) == expected
        assert len(report["changes"]) == report["lists"]["changed"]


def test_the_live_version_with_itself(
    tmp_path: Path, built: Built, archive_posts: list[Post], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the version named is live, it is said, and where there is one, what to compare."""
    data = ("--data", tmp_path / "data", "--json", "--max-churn", "0")
    first = built(archive_posts[:8])
    assert run("latest", *data) == 0
    out, said = capsys.readouterr()
    assert json.loads(out)["before"] == json.loads(out)["after"] == first
    assert said == f"the latest version, {first}, is live already, so nothing would change\n"
    second = built(archive_posts)
    advice = "; `related-posts compare previous live` shows what it has changed\n"
    for arguments, which in (
        (("latest",), f"the latest version, {second}, is live"),
        (("live",), f"{second} is live"),
        ((second,), f"{second} is live"),
    ):
        assert run(*arguments, *data) == 0
        expected = f"{which} already, so nothing would change{advice}"
        assert capsys.readouterr().err == expected
    assert run("live", "live", *data) == 0
    assert run("previous", "live", *data) == 3
    assert capsys.readouterr().err == ""


def test_the_table_says_what_changed(
    tmp_path: Path,
    built: Built,
    archive_posts: list[Post],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Counts, titles, settings and hubs in words."""
    built(archive_posts[1:])
    built(archive_posts, time_weight=1.0)
    assert run("previous", "live", "--data", tmp_path / "data") == 0
    said = capsys.readouterr().out
    assert "11 in both, 1 new, 0 gone" in said
    assert "Bicycle tyres for gravel and rain" in said
    assert "time_weight: 2.0 → 1.0" in said
    assert "shown most often" in said
    assert "\x1b" not in said


def test_a_script_can_stop_at_too_much_change(
    tmp_path: Path, built: Built, archive_posts: list[Post]
) -> None:
    """Status 1 where the churn is greater than allowed, 0 where it is not."""
    built(archive_posts[:8])
    built(archive_posts)
    data = ("--data", tmp_path / "data")
    assert run("previous", "live", "--max-churn", 0, *data) == 3
    assert run("previous", "live", "--max-churn", 1, *data) == 0
    assert run("live", "live", "--max-churn", 0, *data) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "live, latest, previous or a name"),
        (("../../etc",), "live, latest, previous or a name"),
        (("live", "live", "live"), "two versions"),
        ((), "AFTER"),
        (("previous",), "none is older than the live one"),
        (("live", "--limit", "0"), "limit"),
        (("live", "--max-churn", "2"), "max-churn"),
        (("live", "--data", "nowhere"), "related-posts train"),
    ],
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path,
    built: Built,
    archive_posts: list[Post],
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    """Wrong input ends with status 1 or 2 and a sentence that helps."""
    built(archive_posts)
    data = () if "--data" in arguments else ("--data", tmp_path / "data")
    assert run(*arguments, *data) in {1, 2}
    done = capsys.readouterr()
    assert said in done.err
    assert done.out == ""
