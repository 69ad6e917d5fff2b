"""Building upon a version: few lists are found anew; all are those of a search for every one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from related_posts import Post, document_frequency
from related_posts.archive import Archive
from related_posts.blobs import Blob
from related_posts.index import Index
from related_posts.lookup import Lookup
from related_posts.ranking import to_scores
from related_posts.storage import Store
from training import build as building
from training.build import Build, build
from training.frozen import FULL
from training.increment import lists, vectors
from training.neighbours import matching
from training.neighbours.lists import Posts, cut, find
from training.neighbours.rules import Rules
from training.neighbours.updated import Kept, updated
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = [
    *("rye", "bread", "salt", "water", "oven", "crust"),
    *("moon", "tide", "loaf", "grain", "mill", "stone"),
]
LINE = "Subscribe to our letter and never miss a loaf."


def made(number: int, seed: int) -> Post:
    """Post ``number`` in one of its states."""
    words = [WORDS[(seed * 7 + number * step) % len(WORDS)] for step in range(1, 7)]
    body = f"<p>{' '.join(words)}.</p><p>{LINE if seed % 2 else words[0]}</p>"
    if seed == 7:
        words, body = [], "<img src='x.png'>"
    if seed == 9:
        # The same text as that of every other post in this state.
        words, body = ["Stone", "Mill"], "<p>Stone and mill, mill and stone.</p>"
    title = " ".join(words[:2]).title()
    host = "https://old.example" if seed == 9 else ""
    if seed == 6:
        title = f"Baking bread at home, part {number % 4}"
    if seed == 4:
        # Long enough to have copies that are not equal to the letter.
        body = f"<p>{' '.join(f'{word}{place}' for place in range(40) for word in WORDS)}.</p>"
        body += f"<p>{number}</p>"
    return Post(
        id=str(number),
        url=f"/{number}/",
        aliases=(f"/{(number + seed) % 12}/",) if seed == 3 else (),
        title=title,
        html=body + (f"<a href='{host}/{seed % 5}/'>more</a>" if seed % 3 == 0 else ""),
        language=("en", "en", "en", "de")[seed % 4],
        published=None if seed == 5 else NOW - timedelta(days=seed // 2),
        translation_group="g" if seed == 8 else "",
    )


class Blog:
    """An archive, and a version of each of its states built upon the one before."""

    def __init__(self, folder: Path, settings: TrainingSettings) -> None:
        self.archive = Archive(folder / "archive")
        self.store = Store(folder / "data")
        self.cache = folder / "cache"
        self.settings, self.now = settings, NOW

    def write(self, state: dict[int, int]) -> None:
        """Make the blog say exactly this."""
        self.now += timedelta(hours=1)
        posts = [made(number, seed) for number, seed in state.items()]
        self.archive.update("test", posts, complete=True, now=self.now)

    def build(self, base: Index | None) -> Build:
        """Build upon a version."""
        return build(self.archive, self.settings, cache=self.cache, base=base)

    def publish(self, built: Build) -> str:
        """Write a build down; the version's name."""
        return self.store.write(
            built.arrays, built.details, now=self.now, base=built.base, shared=built.shared
        )


def figures(built: Build) -> dict[str, Any]:
    """What a build says of what it stands upon."""
    found: dict[str, Any] = built.details["counts"][FULL]
    return found


def whole(blog: Blog, base: Index) -> Build:
    """What a build of everything under a version's statistics gives, all lists found anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "increment", lambda *_: None)
        patch.setattr(building, "updated", every)
        return blog.build(base)


def assert_same(blog: Blog, built: Build, other: Build) -> None:
    """Two builds hold the same, however they keep it."""
    files = {"vectors", "postings", "borrowed", "fresh", "ties", "lookup", "items", "wordpress"}
    files |= {"places", "posts", "list", "neighbours", "similarities", "scores"}
    for each in {*built.arrays, *other.arrays}:
        if each.split("_")[0] not in files:
            np.testing.assert_array_equal(built.arrays[each], other.arrays[each], err_msg=each)
    found = []
    for each_build in (built, other):
        with blog.store.open(blog.publish(each_build)) as index:
            vectors, lent = index.vectors, index.borrowed
            slots = Lookup(
                index.array("lookup_slots"),
                Blob(index.array("lookup_keys"), index.array("lookup_offsets")),
                index.array("lookup_rows"),
            )
            keys = list(Blob(index.array("lookup_keys"), index.array("lookup_offsets")))
            rows = {key: slots.get(key) for key in keys}
            found.append(
                (
                    (vectors.data.tobytes(), vectors.indices.tolist(), vectors.indptr.tolist()),
                    (lent.indices.tolist(), lent.indptr.tolist()),
                    [each.tolist() for each in index.lists()],
                    [index.neighbours(row, index.k) for row in range(index.n_posts)],
                    [(index.item(row), index.wordpress(row)) for row in range(index.n_posts)],
                    {key: row for key, row in rows.items() if row is not None},
                    ties_of(index),
                    {**each_build.details, "counts": 0, "seconds": 0},
                    [each_build.details["counts"][each] for each in ("weights", "links", "series")],
                )
            )
    for one, other_one in zip(*found, strict=True):
        assert one == other_one


def ties_of(index: Index) -> set[tuple[int, int]]:
    """Marks with the rows of the posts that have them."""
    places = np.arange(index.n_posts) if index.places is None else index.places
    row_at = {place: row for row, place in enumerate(places.tolist())}
    names = [("ties", "ties_owners")]
    if index.places is not None:
        names.append(("fresh_ties", "fresh_ties_owners"))
    return {
        (mark, row_at[place])
        for hashes, owners in names
        for mark, place in zip(
            index.array(hashes).tolist(), index.array(owners).tolist(), strict=True
        )
        if place in row_at
    }


def every(posts: Posts, rules: Rules, before: Kept, origin: Any, usual: float, jobs: int) -> Kept:
    """All lists found anew, with the damping that an update would give."""
    kept = updated(posts, rules, before, origin, usual, jobs)
    best = cut(find(posts, rules, rules.k, kept.damping, jobs=jobs), rules)
    return Kept(best.rows, best.similarities, to_scores(best.finals), kept.damping, kept.found)


STATES = st.dictionaries(st.integers(0, 11), st.integers(0, 9), min_size=3, max_size=12)


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    states=st.lists(STATES, min_size=2, max_size=4),
    k=st.sampled_from([1, 2, 50]),
    more=st.sampled_from(
        [
            {},
            {"min_score": 0.3},
            {"cross_language": True},
            {"hub_power": 0.0, "link_weight": 0.0},
            {"site": "https://b.example/blog", "former_sites": ("https://old.example",)},
        ]
    ),
    few=st.sampled_from([0, matching.FEW_PAIRS]),
    most_fresh=st.sampled_from([0.2, 9.0]),
    fewest=st.sampled_from([1, document_frequency.FEWEST]),
)
def test_any_sequence_of_changes_gives_the_lists_of_a_search_for_all(
    tmp_path_factory: pytest.TempPathFactory,
    states: list[dict[int, int]],
    k: int,
    more: dict[str, Any],
    few: int,
    most_fresh: float,
    fewest: int,
) -> None:
    """Adds, edits, deletes, equal dates, empty posts, copies, translations, links, languages."""
    settings = TrainingSettings(jobs=1, refresh_share=1, neighbours=k, min_df=1, **more)
    blog = Blog(tmp_path_factory.mktemp("blog"), settings)
    blog.write(states[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document_frequency, "FEWEST", fewest)
        name = blog.publish(blog.build(None))
    for state in states[1:]:
        blog.write(state)
        with blog.store.open(name) as base:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(matching, "FEW_PAIRS", few)
                patch.setattr(vectors, "MOST_FRESH", most_fresh)
                patch.setattr(lists, "MOST_FRESH", most_fresh)
                built = blog.build(base)
            if "base" in figures(built):
                assert_same(blog, built, whole(blog, base))
        name = blog.publish(built)


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """Forty posts, not written down yet."""
    blog = Blog(tmp_path, TrainingSettings(jobs=1, min_df=1))
    blog.write({number: number % 5 for number in range(40)})
    return blog


def test_statistics_stay_until_too_much_has_changed(blog: Blog) -> None:
    """Below a tenth the columns stay; beyond it, all changes added up, all is found anew."""
    first = blog.build(None)
    assert figures(first)["reason"] == ""
    name, state = blog.publish(first), {number: number % 5 for number in range(40)}
    for number, is_full in ((40, False), (41, False), (42, True)):
        state |= {number: 2, number - 40: 6}
        blog.write(state)
        with blog.store.open(name) as base:
            built = blog.build(base)
            kept = all(
                np.array_equal(built.arrays[each], base.array(each))
                for each in ("terms", "pairs", "frequencies", "idf", "boilerplate")
            )
        assert kept is not is_full
        assert ("base" in figures(built)) is not is_full
        name = blog.publish(built)
    assert {**figures(built), "usual": 0, "languages": {}} == {
        "posts": 43,
        "changed": 0,
        "usual": 0,
        "languages": {},
        "falsely": [],
        "reason": "6 posts changed since the last, of 40",
    }


def test_few_lists_are_found_anew(tmp_path: Path) -> None:
    """A post that only two others are like changes three lists."""
    blog = Blog(tmp_path, TrainingSettings(jobs=1, min_df=1, neighbours=3, refresh_share=0.5))
    subjects = [f"word{number // 4} thing{number // 4}" for number in range(40)]
    posts = [
        Post(id=str(number), url=f"/{number}/", title=subject, language="en", published=NOW)
        for number, subject in enumerate(subjects)
    ]
    blog.archive.update("test", posts[:-2], complete=True, now=NOW)
    name = blog.publish(blog.build(None))
    blog.archive.update("test", posts[:-1], complete=True, now=NOW + timedelta(hours=1))
    with blog.store.open(name) as base:
        assert figures(blog.build(base))["lists"] == 3


def test_changes_are_counted_against_the_version_that_is_built_upon(blog: Blog) -> None:
    """What a version that waits or was rolled back taught the cache are changes all the same."""
    name = blog.publish(blog.build(None))
    state = {number: number % 5 for number in range(40)}
    blog.write(state | {0: 6, 40: 2})
    with blog.store.open(name) as base:
        first, again = blog.build(base), blog.build(base)
        assert figures(first)["changed"] == figures(again)["changed"] == 2
        for each, array in first.arrays.items():
            np.testing.assert_array_equal(again.arrays[each], array, err_msg=each)
        del state[1], state[2], state[3]
        blog.write(state | {0: 6, 40: 2})
        assert figures(blog.build(base))["reason"].startswith("5 posts changed")
        assert figures(blog.build(base))["reason"].startswith("5 posts changed")


def test_only_posts_that_matter_are_looked_at(tmp_path: Path) -> None:
    """Of forty posts those that are changed, linked to, copies or parts of one series."""
    blog = Blog(tmp_path, TrainingSettings(jobs=1, min_df=1, refresh_share=1))
    texts = [f"word{number // 4} thing{number // 4} other{number}" for number in range(40)]
    posts = [
        Post(id=str(n), url=f"/{n}/", title=text, language="en", published=NOW - timedelta(n))
        for n, text in enumerate(texts)
    ]
    posts[30] = replace(posts[30], title="Our mill by the river, part 1")
    posts[31] = replace(posts[31], html='<a href="/new/">to come</a>')
    posts[32] = replace(posts[32], html="<p>Much the same.</p>", title="Same")
    posts[33] = replace(posts[33], html='<a href="/34/">the next</a>')
    blog.archive.update("test", posts, complete=True, now=NOW)
    name = blog.publish(blog.build(None))
    for number, (change, n_seen) in enumerate(
        (
            ({"url": "/alone/"}, 1),
            ({"url": "/new/"}, 2),
            ({"url": "/copy/", "html": "<p>Much the same.</p>", "title": "Same"}, 2),
            ({"url": "/river/", "title": "Our mill by the river, part 2"}, 2),
            # The version holds the vector of a post that no link had reached.
            ({"url": "/linking/", "html": '<a href="/5/">five</a>'}, 1),
            ({"url": "/linked/", "html": '<a href="/34/">linked already</a>'}, 3),
        )
    ):
        new = Post(id=f"new{number}", language="en", **{"title": "Nothing like it", **change})
        now = NOW + timedelta(hours=1)
        blog.archive.update("more", [new], complete=True, now=now)
        with blog.store.open(name) as base:
            built = blog.build(base)
            assert built.details["counts"]["analysed"] == n_seen, change
            assert_same(blog, built, whole(blog, base))


def test_where_too_much_depends_on_a_change_all_posts_are_looked_at(blog: Blog) -> None:
    """A second language appears: what tells translations is looked for in every post."""
    state = dict.fromkeys(range(40), 0)
    blog.write(state)
    name = blog.publish(blog.build(None))
    blog.write(state | {0: 3})
    with blog.store.open(name) as base:
        built = blog.build(base)
        assert "places" not in built.arrays
        assert figures(built)["changed"] == 1
        assert_same(blog, built, whole(blog, base))


def test_a_version_shares_files_with_the_one_before(blog: Blog) -> None:
    """The very files, also where the earlier version is removed afterwards."""
    name = blog.publish(blog.build(None))
    blog.write({number: number % 5 for number in range(41)})
    with blog.store.open(name) as base:
        built = blog.build(base)
        other = blog.publish(built)
        for each in built.shared:
            one, two = (blog.store.versions / n / f"{each}.npy" for n in (name, other))
            assert one.samefile(two), each
    assert {"vectors_data", "postings_data", "terms", "ties"} <= built.shared
    blog.store.remove(name)
    blog.store.verify(other)


def test_a_lost_cache_changes_nothing(blog: Blog) -> None:
    """The version is built upon as if it had not been lost."""
    name = blog.publish(blog.build(None))
    blog.cache.unlink()
    with blog.store.open(name) as base:
        built = blog.build(base)
        assert built.details["counts"]["analysed"] == 0
        assert figures(built)["changed"] == figures(built)["lists"] == 0
        for each, array in built.arrays.items():
            np.testing.assert_array_equal(array, base.array(each), err_msg=each)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"time_days": 30.0}, "settings changed"), ({"refresh_share": 0.0}, "1 posts changed")],
)
def test_a_version_that_does_not_fit_is_not_built_upon(
    blog: Blog, changes: dict[str, Any], reason: str
) -> None:
    """Other settings build in full, and so does a share of nothing; the reason is told."""
    name = blog.publish(blog.build(None))
    blog.write({number: number % 5 for number in range(41)})
    blog.settings = TrainingSettings(jobs=1, min_df=1, **changes)
    with blog.store.open(name) as base:
        assert reason in figures(blog.build(base))["reason"]


@pytest.mark.parametrize("missing", ["frequencies", "contents", "ties", "templates"])
def test_a_version_that_lost_what_it_takes_is_not_built_upon(blog: Blog, missing: str) -> None:
    """The statistics, or what its posts said."""
    with blog.store.open(blog.publish(blog.build(None))) as base:
        (blog.store.versions / base.version / f"{missing}.npy").unlink()
        assert "cannot be built upon" in figures(blog.build(base))["reason"]
