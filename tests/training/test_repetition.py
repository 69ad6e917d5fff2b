"""Repetition: which sentences of an archive are boilerplate, and what that does to a version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts import Post
from related_posts.archive import Archive
from related_posts.blobs import Blob
from related_posts.questions import Reader
from related_posts.storage import Store
from related_posts.text.boilerplate import hashes, sentences
from related_posts.text.document import document
from training import analysis
from training.build import Build, build
from training.repetition import N_TOP, Sentences, repeated
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FOOTER = "Subscribe to our letter and never miss a loaf."
Filled = Callable[[list[Post]], Archive]


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """An archive of some posts."""

    def fill(posts: list[Post]) -> Archive:
        archive = Archive(tmp_path / f"data{len(list(tmp_path.iterdir()))}")
        archive.update("test", posts, complete=True, now=NOW)
        return archive

    return fill


def settings(**values: object) -> TrainingSettings:
    """Settings that train in this process."""
    return TrainingSettings(jobs=1, **values)


def post(number: int, *paragraphs: str, title: str = "", language: str = "en") -> Post:
    """A post of some paragraphs."""
    html = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    when = NOW - timedelta(days=number)
    address = f"/{number}/"
    return Post(
        id=str(number), url=address, title=title, html=html, language=language, published=when
    )


def told(built: Build) -> dict[str, Any]:
    """What the version says of boilerplate."""
    found: dict[str, Any] = built.details["counts"]["boilerplate"]
    return found


SENTENCES = st.sets(st.integers(0, 12), max_size=6)
POSTS = st.lists(st.tuples(st.sampled_from(["en", "de", ""]), SENTENCES), max_size=14)


@given(POSTS, st.integers(1, 4), st.integers(1, 5))
def test_repeated_sentences_equal_those_counted_one_by_one(
    posts: list[tuple[str, set[int]]], min_posts: int, block: int
) -> None:
    """Any posts, languages and block sizes: the same sentences, order and marks."""
    counts = Counter((language, each) for language, found in posts for each in found)
    expected = sorted({each for (_, each), n in counts.items() if n >= min_posts})
    totals = Counter(each for _, found in posts for each in found if each in expected)
    blocks = [
        Sentences.joined([np.array(sorted(each), np.uint64) for _, each in posts[start:][:block]])
        for start in range(0, len(posts), block)
    ]
    found = repeated(blocks, [language for language, _ in posts], min_posts)
    assert found.hashes.tolist() == expected
    assert found.hashes.dtype == np.uint64
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))[:N_TOP]
    assert list(zip(found.top.tolist(), found.n_posts.tolist(), strict=True)) == ranked
    marks = [mark.tolist() for each in blocks for mark in found.marks(each)]
    assert marks == [[each in expected for each in sorted(found)] for _, found in posts]
    rows = [next(row for row, (_, has) in enumerate(posts) if each in has) for each, _ in ranked]
    assert found.newest(blocks).tolist() == rows


def test_all_repeated_sentences_are_left_out_and_some_are_told_of() -> None:
    """However many they are; the counted ones are those that stand in most posts."""
    every = Sentences.joined([np.arange(N_TOP + 5, dtype=np.uint64)] * 3)
    found = repeated([every], ["en"] * 3, 3)
    assert all(marks.all() for marks in found.marks(every))
    assert len(found.top) == len(found.n_posts) == N_TOP


def bread(number: int, footer: str = FOOTER) -> Post:
    """A post with a subject of its own, and a footer."""
    subjects = ["rye", "oats", "wheat", "barley", "maize", "millet"]
    subject = subjects[number % len(subjects)]
    text = f"We sow {subject} in the north and grind {subject} at home by hand"
    return post(number, f"{text} in the year of {subject} {number}.", footer, title=subject)


def test_what_three_posts_say_is_left_out_of_all(filled: Filled) -> None:
    """A footer is no term of any post, and the version says so and keeps its hash."""
    built = build(filled([bread(number) for number in range(12)]), settings(min_df=1))
    terms = Blob(built.arrays["terms"], built.arrays["terms_offsets"])
    words = {terms[row] for row in range(len(terms))}
    assert b"rye" in words
    assert b"loaf" not in words
    assert built.arrays["boilerplate"].tolist() == hashes(sentences([FOOTER])).tolist()
    found = told(built)
    assert found.pop("characters") / found.pop("of_characters") == pytest.approx(0.36, abs=0.05)
    assert found == {
        "posts": 12,
        "sentences": 12,
        "of_sentences": 24,
        "different": 1,
        "most_repeated": [{"posts": 12, "text": FOOTER}],
    }


@pytest.mark.parametrize("given", [{"boilerplate_posts": 0}, {"boilerplate_posts": 13}])
def test_it_can_be_left_in(filled: Filled, given: dict[str, int]) -> None:
    """With 0, and with more posts than say it, everything counts."""
    built = build(filled([bread(number) for number in range(12)]), settings(**given))
    terms = Blob(built.arrays["terms"], built.arrays["terms_offsets"])
    assert b"loaf" in {terms[row] for row in range(len(terms))}
    assert not len(built.arrays["boilerplate"])
    assert told(built)["posts"] == 0
    assert not told(built)["most_repeated"]


def test_the_build_depends_on_neither_blocks_nor_processes_nor_order(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any block size, number of processes and order of reading give the same version."""
    posts = [bread(number, f"Updated on {number} May. {FOOTER}") for number in range(20)]
    whole = build(filled(posts), settings())
    others = [build(filled(posts[::-1]), settings())]
    monkeypatch.setattr("training.analysis.BLOCK", 7)
    monkeypatch.setattr("training.gathering.BLOCK", 7)
    others.append(build(filled(posts), settings()))
    monkeypatch.setattr(analysis, "FEW_POSTS", 0)
    others.append(build(filled(posts), settings().model_copy(update={"jobs": 2})))
    for other in others:
        assert told(other) == told(whole)
        for name, array in whole.arrays.items():
            np.testing.assert_array_equal(array, other.arrays[name], err_msg=name)
    assert told(whole)["most_repeated"][0]["posts"] == 20


def test_posts_of_other_languages_do_not_add_up(filled: Filled) -> None:
    """A listing in the translations of one post stands in one post for each language."""
    grains = ["rye", "oats", "wheat", "barley"]
    texts = [f"We sow {grain} in the north, and then we wait for rain." for grain in grains]
    posts = [post(number, FOOTER, text) for number, text in enumerate(texts)]
    posts[3] = replace(posts[3], excerpt=FOOTER)
    built = build(filled(posts), settings())
    items = Blob(built.arrays["items"], built.arrays["items_offsets"])
    shown = [orjson.loads(items[row] + b"}")["excerpt"] for row in range(4)]
    assert shown == [*texts[:3], FOOTER]


def test_a_text_that_is_no_post_is_read_without_it(filled: Filled, tmp_path: Path) -> None:
    """A version keeps what was left out, so that a draft has the vector it will have as a post."""
    posts = [bread(number) for number in range(12)]
    built = build(filled(posts), settings(min_df=1))
    store = Store(tmp_path / "versions")
    with store.open(store.write(built.arrays, built.details, now=NOW)) as index:
        vector = Reader(index).query(document(posts[3])).vector
        # Weights are rounded when they are stored.
        kept = index.vectors[[3]]
        assert vector.indices.tolist() == kept.indices.tolist()
        np.testing.assert_allclose(vector.data, kept.data, atol=1e-3)


def footnoted() -> list[Post]:
    """Two dozen posts of six subjects, with quotations and footnotes that share their sources."""
    path = Path(__file__).parents[1] / "data" / "footnoted.txt"
    posts = []
    for part in path.read_text(encoding="utf-8").split("= ")[1:]:
        head, _, text = part.partition("\n")
        name, day, title = head.split(" | ")
        paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
        html = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
        when = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        posts.append(
            Post(id=name, url=f"/{name}/", title=title, html=html, language="en", published=when)
        )
    return posts


def test_posts_with_footnotes_match_by_subject(filled: Filled) -> None:
    """By newspapers and "at the Internet address", nearly no post finds a stranger's."""
    posts = footnoted()
    built = build(filled(posts), settings())
    items = Blob(built.arrays["items"], built.arrays["items_offsets"])
    ids = [orjson.loads(items[row] + b"}")["id"] for row in range(len(posts))]
    subjects = [name.partition("-")[0] for name in ids]
    assert Counter(subjects) == dict.fromkeys(subjects, 4)
    strangers = 0
    for row, nearest in enumerate(built.arrays["neighbours"][:, :3].tolist()):
        theirs = [subjects[each] for each in nearest]
        assert theirs[:2] == [subjects[row]] * 2, ids[row]
        strangers += theirs[2] != subjects[row]
    # One post of 24 may have its third kin a hair behind a stranger of the same week.
    assert strangers <= 1
