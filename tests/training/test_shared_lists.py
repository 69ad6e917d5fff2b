"""Lists and items that a version shares with the one before, and when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from related_posts import Post
from related_posts.archive import Archive
from related_posts.storage import Store
from training.build import build
from training.frozen import Frozen, frozen
from training.increment import lists as places_of_lists
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
N = 40


def made(number: int, more: str = "", title: str = "") -> Post:
    """A post that is like three others."""
    words = f"word{number // 4} thing{number // 4} other{number}"
    return Post(
        id=str(number),
        url=f"/{number}/",
        title=title or words,
        html=f"<p>{words} {more}</p>",
        language="en",
        published=NOW - timedelta(days=number),
    )


class Blog:
    """An archive, and versions built one upon another."""

    def __init__(self, folder: Path) -> None:
        self.archive, self.store = Archive(folder / "archive"), Store(folder / "data")
        self.settings = TrainingSettings(jobs=1, min_df=1, neighbours=5, refresh_share=1)
        self.posts = {number: made(number) for number in range(N)}
        self.name, self.now = "", NOW

    def train(self) -> dict[str, Any]:
        """Build the next version; its arrays."""
        self.now += timedelta(hours=1)
        self.archive.update("test", self.posts.values(), complete=True, now=self.now)
        if not self.name:
            built = build(self.archive, self.settings)
            self.name = self.store.write(built.arrays, built.details, now=self.now)
            return built.arrays
        with self.store.open(self.name) as base:
            built = build(self.archive, self.settings, base=base)
            self.name = self.store.write(
                built.arrays, built.details, now=self.now, base=built.base, shared=built.shared
            )
        return built.arrays

    def links(self, name: str) -> int:
        """How many versions hold a file of the newest one."""
        return (self.store.versions / self.name / f"{name}.npy").stat().st_nlink


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Blog]:
    """Forty posts, trained."""
    blog = Blog(tmp_path)
    blog.train()
    yield blog
    blog.archive.close()


def test_one_post_writes_its_own_list_and_those_it_enters(blog: Blog) -> None:
    """All others stay in the very files of the version before."""
    blog.posts[N] = replace(made(N - 1), id="new", url="/new/")
    arrays = blog.train()
    assert len(arrays["fresh_neighbours"]) == 5
    assert len(arrays["fresh_items_offsets"]) == 2
    for name in ("neighbours", "similarities", "scores", "items", "wordpress", "vectors_data"):
        assert blog.links(name) == 2
    assert blog.links("fresh_neighbours") == 1


def test_a_place_is_never_given_twice(blog: Blog) -> None:
    """A post that is edited again and again leaves its places behind."""
    for time in range(3):
        blog.posts[7] = made(7, more=f"again{time}")
        arrays = blog.train()
        assert arrays["places"][7] == N + time
        assert len(arrays["posts_at"]) == N + time + 1
        assert sorted(np.flatnonzero(arrays["posts_at"] < 0)) == [7, *range(N, N + time)]


def test_lists_are_written_anew_where_many_have_changed(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then none is fresh, later versions share these, and all say the same."""
    blog.posts[7] = made(7, more="again")
    monkeypatch.setattr(places_of_lists, "MOST_FRESH", -1.0)
    for number in (0, 8, 16):
        blog.posts[number] = made(number, more="again")
    arrays = blog.train()
    assert (len(arrays["fresh_neighbours"]), blog.links("neighbours"), blog.links("items")) == (
        0,
        1,
        2,
    )
    assert arrays["neighbours"].max() >= N
    before = lists_by_id(blog)
    monkeypatch.undo()
    blog.posts[30] = made(30, more="again")
    assert len(blog.train()["fresh_neighbours"]) == 4
    assert blog.links("neighbours") == 2
    after = lists_by_id(blog)
    assert {each for each in after if after[each] != before[each]} <= {"28", "29", "30", "31"}


def test_a_post_that_is_only_shown_otherwise_keeps_its_lists(blog: Blog) -> None:
    """A series that one more part joins: each list that shows its posts names their new places."""
    for number in (4, 5):
        blog.posts[number] = made(number, title=f"Our mill by the river, part {number - 3}")
    blog.train()
    before = lists_by_id(blog)
    blog.posts[N] = Post(
        id="third", url="/third/", title="Our mill by the river, part 3", language="en"
    )
    blog.train()
    with blog.store.open(blog.name) as index:
        rows = [index.row(id=id) for id in ("4", "5", "third")]
        assert [index.post(row)["series"]["parts"] for row in rows] == [3, 3, 3]
        for id in ("6", "7"):
            shown = index.neighbours(index.row(id=id), 5)[0]
            assert {index.post(row)["id"] for row in shown} >= {"4", "5"}
    assert lists_by_id(blog)["20"] == before["20"]


def test_what_changes_back_is_what_it_was(blog: Blog) -> None:
    """However often lists moved: the version says what the first one said."""
    before = lists_by_id(blog)
    for number in (3, 11, 12):
        blog.posts[number] = made(number, more="other text altogether")
        blog.train()
    del blog.posts[20]
    blog.train()
    blog.posts |= {number: made(number) for number in (3, 11, 12, 20)}
    blog.train()
    assert lists_by_id(blog) == before


def lists_by_id(blog: Blog) -> dict[str, list[tuple[str, float, float]]]:
    """What is shown with each post of the newest version."""
    with blog.store.open(blog.name, verify=True) as index:
        ids = [index.post(row)["id"] for row in range(index.n_posts)]
        return {
            id: [(ids[one], *more) for one, *more in zip(*index.neighbours(row, 5), strict=True)]
            for row, id in enumerate(ids)
        }


def test_a_version_that_shared_less_is_not_built_upon(blog: Blog) -> None:
    """Versions of index format 2 have vectors by place, and lists and items by row."""
    blog.posts[7] = made(7, more="again")
    blog.train()
    with blog.store.open(blog.name) as index:
        assert isinstance(frozen(index, blog.settings), Frozen)
        index.shares = False
        assert frozen(index, blog.settings) == "the live version is of an earlier index format"
