"""Baselines: what each is on a small blog, and the figures of the real programs on real ones."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pytest

from related_posts.posts import Post
from related_posts.schema import post_from_json
from related_posts.text.html import prose
from training.evaluation.baselines import words
from training.evaluation.baselines.simple import at_random, most_recent, same_label
from training.evaluation.blog import Blog
from training.evaluation.finder import Finder
from training.evaluation.judgements import directed, read
from training.evaluation.lists import Lists, items
from training.evaluation.relevance import judged
from training.evaluation.systems import BASELINES

#: nDCG@10, directed, of the real programs: WordPress with the real plugin, and so on.
MEASURED = {
    "18f": {
        "random": 0.0,
        "most-recent": 0.002,
        "same-label": 0.296,
        "scikit-learn": 0.367,
        "yarpp": 0.376,
        "more-like-this": 0.364,
    },
    "digitalgov": {
        "random": 0.0,
        "most-recent": 0.0,
        "same-label": 0.117,
        "scikit-learn": 0.293,
        "yarpp": 0.241,
        "more-like-this": 0.266,
    },
    "rust": {
        "random": 0.0,
        "most-recent": 0.0,
        "same-label": 0.241,
        "scikit-learn": 0.381,
        "yarpp": 0.252,
        "more-like-this": 0.383,
    },
}


def blog_of(posts: list[Post]) -> Blog:
    """Posts in index order as a blog, without building a version."""
    return Blog(
        ids=[post.id for post in posts],
        urls=[post.url for post in posts],
        titles=[post.title for post in posts],
        html=[post.html for post in posts],
        texts=[prose(post.html).text for post in posts],
        terms=[
            {("tag", t) for t in post.tags} | {("category", c) for c in post.categories}
            for post in posts
        ],
        languages=[post.language for post in posts],
        days=np.array(
            [post.published.timestamp() / 86400 if post.published else math.nan for post in posts]
        ),
    )


@pytest.fixture
def blog(archive_posts: list[Post]) -> Blog:
    """The twelve posts."""
    return blog_of(archive_posts)


def by_id(blog: Blog, lists: Lists, post_id: str) -> list[str]:
    """The list of one post, as ids."""
    return [blog.ids[row] for row in items(lists)[blog.ids.index(post_id)]]


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda each: each.name)
@pytest.mark.parametrize("n", [1, 2, 12])
def test_every_baseline_gives_proper_lists(
    baseline: object, n: int, archive_posts: list[Post]
) -> None:
    """Lists of any blog are sets of other posts, full ones first, the same each time."""
    blog = blog_of(archive_posts[:n])
    make: Callable[[Blog, int], Lists] = baseline.lists  # type: ignore[attr-defined]
    lists = make(blog, 10)
    assert lists.shape == (n, 10)
    assert lists.dtype == np.int32
    assert not ((lists[:, :-1] < 0) & (lists[:, 1:] >= 0)).any()
    for row, related in enumerate(items(lists)):
        assert row not in related
        assert len(set(related)) == len(related)
        assert all(0 <= other < n for other in related)
    np.testing.assert_array_equal(lists, make(blog, 10))


@pytest.mark.parametrize("baseline", BASELINES[3:], ids=lambda each: each.name)
def test_a_blog_without_words_has_no_lists(baseline: object) -> None:
    """Pictures only: nothing to go by, and no error."""
    blog = blog_of([Post(id=n, url=f"/{n}/", html="<img src='x.png'>") for n in "abc"])
    lists = baseline.lists(blog, 5)  # type: ignore[attr-defined]
    assert (lists == -1).all()


@pytest.mark.parametrize("baseline", BASELINES[3:], ids=lambda each: each.name)
def test_words_lead_to_the_same_subject(baseline: object, blog: Blog) -> None:
    """A baseline that reads finds a telescope under a telescope."""
    lists = baseline.lists(blog, 1)  # type: ignore[attr-defined]
    assert by_id(blog, lists, "/moon/") == ["/mirror/"]


def test_random_lists_differ_by_seed_and_leave_nobody_out(blog: Blog) -> None:
    """Chance is seeded; with room for all, all others are there."""
    assert (at_random(blog, 5, seed=1) != at_random(blog, 5, seed=2)).any()
    assert [sorted(line) for line in items(at_random(blog, 20))] == [
        [other for other in range(12) if other != row] for row in range(12)
    ]


def test_the_most_recent_are_the_same_everywhere(blog: Blog) -> None:
    """The newest posts, whatever is read; a newest post has the next one instead."""
    lists = most_recent(blog, 2)
    assert by_id(blog, lists, "/mirror/") == ["/tyres/", "/kitchen-scale/"]
    assert by_id(blog, lists, "/tyres/") == ["/kitchen-scale/", "/sauerteig/"]


def test_shared_labels_lead_to_earlier_posts_newest_first(blog: Blog) -> None:
    """Only earlier posts, only with a tag or category in common, each once."""
    lists = same_label(blog, 10)
    assert by_id(blog, lists, "/sourdough/") == ["/rye/", "/starter/"]
    assert by_id(blog, lists, "/kitchen-scale/") == [
        "/sourdough/",
        "/rye/",
        "/starter/",
        "/mirror/",
    ]
    assert by_id(blog, lists, "/note/") == []


def test_words_are_counted_by_column() -> None:
    """A small matrix, worked by hand."""
    counts, columns = words.counted([["a", "b", "a"], [], ["b", "c"]])
    assert columns == {"a": 0, "b": 1, "c": 2}
    assert counts.toarray().tolist() == [[2, 1, 0], [0, 0, 0], [0, 1, 1]]
    assert words.document_frequency(counts).tolist() == [1, 2, 1]


@pytest.mark.parametrize("name", MEASURED)
def test_no_baseline_is_a_straw_man(shared: Path, name: str) -> None:
    """Each comes within .02 of what the real program reached on a real blog."""
    folder = shared / "relevance"
    with gzip.open(folder / f"{name}.jsonl.gz") as lines:
        posts = [post_from_json(orjson.loads(line)) for line in lines]
    posts.sort(key=lambda post: (-post.published.timestamp(), post.id))  # type: ignore[union-attr]
    blog = blog_of(posts)
    wanted = directed(read(folder / f"{name}.links.tsv", Finder(posts).row).pairs)
    reached = {
        baseline.name: judged(items(baseline.lists(blog, 10)), wanted)[:, 0].mean()
        for baseline in BASELINES
    }
    assert reached == pytest.approx(MEASURED[name], abs=0.02)
