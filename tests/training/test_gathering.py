"""The analysis cache: only what changed is looked into, and the build is the same."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from related_posts import Post
from related_posts.archive import Archive
from related_posts.errors import StorageError
from training import gathering
from training.build import Build, build
from training.cache import CACHE_VERSION, LOOKS, POSTS, AnalysisCache, CacheError
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = TrainingSettings(jobs=1)

#: Not compared: the form in which a word is shown may be that of a post that has gone.
SHOWN = ("readable", "readable_offsets")


class Blog:
    """An archive with a cache beside it."""

    def __init__(self, folder: Path, posts: list[Post]) -> None:
        self.archive = Archive(folder / "archive")
        self.cache = folder / "cache"
        self.now = NOW
        self.write(posts)

    def write(self, posts: list[Post]) -> None:
        """Make the blog say exactly this."""
        self.now += timedelta(hours=1)
        self.archive.update("test", posts, complete=True, now=self.now)

    def build(self, settings: TrainingSettings = SETTINGS) -> Build:
        """Build with the cache."""
        return build(self.archive, settings, cache=self.cache)

    def cold(self, settings: TrainingSettings = SETTINGS) -> Build:
        """Build without it."""
        return build(self.archive, settings)


@pytest.fixture
def blog(tmp_path: Path, archive_posts: list[Post]) -> Blog:
    """The twelve posts, built once."""
    made = Blog(tmp_path, archive_posts)
    made.build()
    return made


def equal(first: Build, second: Build) -> None:
    """Fail unless two builds answer alike."""
    assert first.arrays.keys() == second.arrays.keys()
    for name, array in first.arrays.items():
        if name not in SHOWN:
            np.testing.assert_array_equal(array, second.arrays[name], err_msg=name)
    assert first.details["counts"]["boilerplate"] == second.details["counts"]["boilerplate"]


def analysed(built: Build) -> int:
    """How many posts a build looked into."""
    count: int = built.details["counts"]["analysed"]
    return count


def test_a_second_build_looks_into_nothing(blog: Blog) -> None:
    """And gives the same, shown forms included."""
    again, cold = blog.build(), blog.cold()
    assert analysed(again) == 0
    assert analysed(cold) == 12
    equal(again, cold)
    for name in SHOWN:
        np.testing.assert_array_equal(again.arrays[name], cold.arrays[name])


def test_only_what_changed_is_looked_into(blog: Blog, archive_posts: list[Post]) -> None:
    """One post new, one edited, one gone: two are analysed."""
    new = Post(id="new", url="/new/", title="Rye again", language="en", published=NOW)
    edited = replace(archive_posts[3], title="Quite another title")
    blog.write([*archive_posts[:2], edited, *archive_posts[4:], new])
    built = blog.build()
    assert analysed(built) == 2
    equal(built, blog.cold())


WORDS = ["rye", "bread", "salt", "water", "oven", "crust", "moon", "tide", "loaf", "the", "and"]
LINE = "Subscribe to our letter and never miss a loaf."


def made(number: int, seed: int) -> Post:
    """Post ``number`` in one of its states."""
    words = [WORDS[(seed * 7 + number * step) % len(WORDS)] for step in range(1, 6)]
    body = f"<p>{' '.join(words)}.</p><p>{LINE if seed % 2 else words[0]}</p>"
    return Post(
        id=str(number),
        url=f"/{number}/",
        title=" ".join(words[:2]).title(),
        html=body + (f"<a href='/{seed % 5}/'>more</a>" if seed % 3 == 0 else ""),
        language=("en", "en", "de", "")[seed % 4],
        published=None if seed == 5 else NOW - timedelta(days=seed // 2),
    )


STATES = st.dictionaries(st.integers(0, 7), st.integers(0, 9), min_size=1, max_size=7)


@hypothesis_settings(max_examples=15, deadline=None)
@given(st.lists(STATES, min_size=2, max_size=4))
def test_any_sequence_of_changes_is_built_as_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, states: list[dict[int, int]]
) -> None:
    """Adds, edits, deletes, whole replacements: languages, boilerplate and links included."""
    blog = Blog(tmp_path_factory.mktemp("blog"), [Post(id="first", url="/first/")])
    for state in states:
        blog.write([made(number, seed) for number, seed in state.items()])
        equal(blog.build(), blog.cold())


def test_other_settings_are_other_analyses(blog: Blog) -> None:
    """A changed setting that decides terms or items is noticed, one that does not is free."""
    assert analysed(blog.build(TrainingSettings(jobs=1, min_score=0.5))) == 0
    for changed in ({"tag_repeats": 0}, {"site": "https://blog.example"}):
        settings = TrainingSettings(jobs=1, **changed)
        built = blog.build(settings)
        assert analysed(built) == 12
        equal(built, blog.cold(settings))


def test_other_code_analyses_anew(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release may find other things in the same text."""
    monkeypatch.setattr(gathering, "_code", lambda: b"another release")
    assert analysed(blog.build()) == 12


def test_the_cache_forgets_what_is_gone(blog: Blog, archive_posts: list[Post]) -> None:
    """It holds what the archive holds, and begins anew when nothing of it is left."""
    blog.write(archive_posts[:5])
    blog.build()
    assert _rows(blog.cache, LOOKS) == _rows(blog.cache, POSTS) == 5
    n_terms = _rows(blog.cache, "terms")
    blog.write([Post(id="only", url="/only/", title="Otherwise")])
    blog.build()
    assert _rows(blog.cache, POSTS) == 1
    assert _rows(blog.cache, "terms") < n_terms


def _rows(file: Path, table: str) -> int:
    connection = sqlite3.connect(file)
    try:
        (count,) = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    finally:
        connection.close()
    return int(count)


def _run(statement: str) -> Callable[[Path], None]:
    """Damage that SQLite itself does not notice."""

    def damage(file: Path) -> None:
        connection = sqlite3.connect(file)
        with connection:
            connection.execute(statement)
        connection.close()

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"no database at all" * 500),
        lambda file: os.truncate(file, file.stat().st_size // 2),
        lambda file: file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 90_000),
        _run("UPDATE posts SET value = x'00'"),
        _run("UPDATE posts SET value = 'text'"),
        _run("UPDATE looks SET value = x'0102030405060708090a'"),
        _run("DELETE FROM terms WHERE number = 3"),
        _run("DELETE FROM terms"),
        _run("DROP TABLE terms"),
        _run(f"PRAGMA user_version = {CACHE_VERSION + 1}"),
    ],
    ids=range(11),
)
def test_a_damaged_cache_costs_time_only(blog: Blog, damage: Callable[[Path], None]) -> None:
    """Whatever the file holds, the build is right, and the next one has a cache again."""
    damage(blog.cache)
    equal(blog.build(), blog.cold())
    assert analysed(blog.build()) == 0


def test_a_cache_that_cannot_be_written_is_done_without(blog: Blog) -> None:
    """A folder in its place, or a folder that is not there, is no error."""
    blog.cache.unlink()
    blog.cache.mkdir()
    (blog.cache / "x").touch()
    equal(blog.build(), blog.cold())
    blog.cache = blog.cache / "nowhere" / "cache"
    equal(blog.build(), blog.cold())


def test_a_disk_that_fills_up_costs_time_only(
    blog: Blog, archive_posts: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails in the middle is begun anew, and at last without a file."""
    blog.write([replace(post, title=f"New {post.title}") for post in archive_posts])
    places = []
    put_terms = AnalysisCache.put_terms

    def full(cache: AnalysisCache, terms: list[tuple[int, str, str]]) -> None:
        places.append(cache.path)
        if cache.path is not None:
            raise CacheError("disk full")
        put_terms(cache, terms)

    monkeypatch.setattr(AnalysisCache, "put_terms", full)
    equal(blog.build(), blog.cold())
    assert places[:3] == [blog.cache, blog.cache, None]


def test_no_place_at_all_is_a_named_error(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a temporary file: the error says what failed."""

    def fail(*_: object) -> None:
        raise CacheError("disk full")

    monkeypatch.setattr(AnalysisCache, "put", fail)
    blog.cache.unlink()
    with pytest.raises(StorageError, match="disk full"):
        blog.build()


def test_an_interrupted_build_keeps_what_was_done(
    blog: Blog, archive_posts: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build that dies after some blocks leaves a sound cache with their posts."""
    blog.cache.unlink()
    monkeypatch.setattr(gathering, "BLOCK", 4)
    monkeypatch.setattr(gathering, "_LASTING", 1)
    done = 0

    def die(stage: str, n_done: int, total: int) -> None:
        nonlocal done
        if stage == "analysis" and n_done == 8:
            done = n_done
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(blog.archive, SETTINGS, die, blog.cache)
    built = blog.build()
    assert analysed(built) == 12 - done == 4
    equal(built, blog.cold())
