"""Small and odd blogs: sensible lists or honest empty ones, never an error or NaN."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from related_posts import soundness
from related_posts.archive import Archive
from related_posts.index import Index
from related_posts.posts import Post
from related_posts.storage import Store
from training.build import build
from training.neighbours.hubs import SHOWN, most_lists
from training.settings import TrainingSettings

DAY = datetime(2024, 1, 1, 8, tzinfo=UTC)
BREAD = [
    "Rye bread is made of rye flour and a sourdough starter that was fed the day before.",
    "A sourdough starter needs flour and water; feed it with rye flour and it rises.",
    "Bake bread in a hot oven with steam: the crust of the rye bread sings when it is done.",
    "Wheat flour makes a lighter bread than rye; mix both with the starter.",
    "The oven must be hot before the bread goes in, and steam makes a better crust.",
]
BICYCLES = [
    "A bicycle chain lasts longer if it is cleaned and oiled after rain.",
    "Disc brakes stop a bicycle in the rain, rim brakes wear the wheels of the bicycle.",
    "Wide tyres roll well on gravel; a bicycle with wide tyres needs room at the brakes.",
    "Oil the chain, check the brakes, pump the tyres: a bicycle before a tour.",
    "The wheels of a bicycle run true if the spokes are tight; worn tyres puncture in rain.",
]

WORDS = {
    "bread": "rye flour starter sourdough oven crust steam dough knead proof wheat salt loaf yeast "
    "crumb bake bread grain mill bran rise fold score banneton levain hydration",
    "bicycle": "chain brake tyre wheel spoke gravel saddle pedal gear hub rim frame fork tube pump "
    "bicycle puncture cassette derailleur headset bottom bracket lever cable crank",
    "anything": "morning people year think know want make little much week found long work often "
    "question answer place small old new city friend reason story start end part side house",
}

Opened = Callable[..., Index]


@pytest.fixture
def trained(tmp_path: Path) -> Opened:
    """Builds a version of some posts, checks what holds of every version, and opens it."""

    def train(posts: list[Post], **values: Any) -> Index:
        archive = Archive(tmp_path / "data")
        archive.update("test", posts, complete=True, now=DAY)
        built = build(archive, TrainingSettings(jobs=1, **values))
        check(built.arrays, len(posts))
        store = Store(tmp_path / "data")
        store.publish(store.write(built.arrays, built.details, now=DAY))
        return store.open()

    return train


def check(arrays: dict[str, NDArray[Any]], n: int) -> None:
    """Fail unless all numbers are finite, lists are in order, and no post is on too many."""
    soundness.check(arrays)
    for name in ("vectors_data", "scores", "similarities", "damping", "idf", "titles_data"):
        assert np.isfinite(arrays[name]).all(), name
    shown = arrays["neighbours"][:, :SHOWN]
    assert np.bincount(shown[shown >= 0], minlength=1).max() <= most_lists(n, 0.02)
    for list_ in arrays["neighbours"]:
        rows = list_[list_ >= 0]
        assert len(set(rows.tolist())) == len(rows)


def post(name: str, text: str = "", title: str = "", days: int | None = 0, **more: Any) -> Post:
    """A post of a text, published some days after another."""
    published = None if days is None else DAY + timedelta(days)
    values = {"html": f"<p>{text}</p>" if text else "", "language": "en", **more}
    return Post(id=name, url=f"/{name}/", title=title, published=published, **values)


def lists(index: Index) -> dict[str, list[str]]:
    """The list of each post by ids."""
    ids = [index.post(row)["id"] for row in range(index.n_posts)]
    return {
        ids[row]: [ids[other] for other in index.neighbours(row, 50)[0]] for row in range(len(ids))
    }


def two_subjects(n: int, **more: Any) -> list[Post]:
    """Posts of eighty words about bread and bicycles in turn, named by subject."""
    chance = random.Random(n)
    posts = []
    for number in range(n):
        subject = ("bicycle", "bread")[number % 2]
        own = chance.sample(WORDS[subject].split(), 12)
        words = chance.choices(own, k=30) + chance.choices(WORDS["anything"].split(), k=50)
        chance.shuffle(words)
        posts.append(post(f"{subject}{number}", " ".join(words), days=number * 40, **more))
    return posts


def of_subject(index: Index) -> float:
    """Share of the first on each list that are of the list's subject."""
    right = [
        other.rstrip("0123456789") == name.rstrip("0123456789")
        for name, related in lists(index).items()
        for other in related[:1]
    ]
    return sum(right) / max(len(right), 1)


@pytest.mark.parametrize("n", [4, 5, 10, 20, 50])
def test_a_small_blog_about_two_subjects(trained: Opened, n: int) -> None:
    """Nearly every post has a list, and what comes first on it is of the same subject."""
    index = trained(two_subjects(n))
    assert of_subject(index) >= 0.85
    assert sum(map(bool, lists(index).values())) >= 0.75 * n


def test_one_post_has_no_list(trained: Opened) -> None:
    """There is nothing to show."""
    assert lists(trained([post("a", BREAD[0], "Bread")])) == {"a": []}


def test_two_posts_are_related_if_they_share_a_subject(trained: Opened) -> None:
    """A blog of two posts shows each with the other, or neither."""
    same = trained([post("a", BREAD[0], "Rye bread"), post("b", BREAD[1], "Rye starter")])
    assert lists(same) == {"a": ["b"], "b": ["a"]}
    other = trained([post("a", "Rye flour", "Bread"), post("b", "Oiled chains", "Bicycles")])
    assert lists(other) == {"a": [], "b": []}


def test_posts_of_three_words(trained: Opened) -> None:
    """What two of them share relates them; what no other has relates none."""
    texts = {"a": "rye bread tonight", "b": "more rye bread", "c": "bicycle chain oiled"}
    index = trained([post(name, text) for name, text in texts.items()])
    assert lists(index) == {"a": ["b"], "b": ["a"], "c": []}


def test_only_pictures(trained: Opened) -> None:
    """Tags and titles relate them; without any, lists are empty."""
    pictures = [
        post(str(n), title=("Moon", "Sun")[n % 2], html=f'<img src="/{n}.jpg">') for n in range(8)
    ]
    for name, related in lists(trained(pictures)).items():
        assert all(int(other) % 2 == int(name) % 2 for other in related)
        assert related
    bare = [replace(picture, title="") for picture in pictures]
    assert not any(lists(trained(bare)).values())
    tagged = [replace(p, tags=(("moon",), ("sun",))[n % 2]) for n, p in enumerate(bare)]
    assert all(lists(trained(tagged)).values())


def test_tags_that_all_posts_have_say_nothing(trained: Opened) -> None:
    """The subjects are told apart as without them."""
    assert of_subject(trained(two_subjects(20, tags=("blog", "life")))) >= 0.85


def test_essays_beside_one_liners(trained: Opened) -> None:
    """Ten thousand words about everything do not stand on every list."""
    words = " ".join(" ".join(BREAD + BICYCLES).split() * 70)
    index = trained([*two_subjects(30), post("essay", words, "Everything")])
    assert of_subject(index) >= 0.8
    first = [related[0] for related in lists(index).values() if related]
    assert first.count("essay") <= 3


@pytest.mark.parametrize("days", [None, 0])
def test_dates_that_say_nothing(trained: Opened, days: int | None) -> None:
    """No dates, or one for all: lists are by subject, and in the same order every time."""
    published = None if days is None else DAY
    posts = [replace(one, published=published) for one in two_subjects(20)]
    first = lists(trained(posts))
    index = trained(posts[::-1])
    assert lists(index) == first
    assert of_subject(index) >= 0.85


def test_two_languages_half_and_half(trained: Opened) -> None:
    """No list crosses; each language has its lists."""
    german = "Sauerteig mit Roggenmehl und Wasser: {} Das Brot mit Kruste kommt aus dem Ofen."
    english = "A sourdough of rye flour and water: {} The bread with its crust leaves the oven."
    posts = [
        *(post(f"en{n}", english.format(BREAD[n]), days=n, language="en") for n in range(5)),
        *(post(f"de{n}", german.format("Mehl " * n), days=n, language="de") for n in range(5)),
    ]
    for name, related in lists(trained(posts)).items():
        assert related
        assert {other[:2] for other in related} == {name[:2]}


@pytest.mark.parametrize("n", [2, 5, 60])
def test_identical_posts_are_one(trained: Opened, n: int) -> None:
    """A post published many times is on no list of its copies, and once on another's."""
    same = [post(f"same{number}", BREAD[0], "Bread", days=number) for number in range(n)]
    assert not any(lists(trained(same)).values())
    index = trained([*same, post("other", BREAD[1], "Starter"), post("third", BREAD[2], "Oven")])
    found = lists(index)
    assert sum(name.startswith("same") for name in found["other"]) == 1
    assert all("other" in found[f"same{number}"] for number in range(n)) or n > 10


def test_a_language_without_stems(trained: Opened) -> None:
    """Words as they are written relate posts; an unknown language is none either."""
    texts = [
        "Mkate wa shayiri unahitaji unga na chachu iliyolishwa siku moja kabla.",
        "Chachu inahitaji unga na maji; mkate wa shayiri huumuka vizuri.",
        "Baiskeli inahitaji mnyororo safi na breki nzuri wakati wa mvua.",
        "Breki za baiskeli na mnyororo huchakaa wakati wa mvua.",
    ]
    for language in ("sw", "xx", ""):
        posts = [post(str(n), text, language=language) for n, text in enumerate(texts)]
        found = lists(trained(posts))
        assert [found[str(n)][:1] for n in range(4)] == [["1"], ["0"], ["3"], ["2"]], language


@pytest.mark.parametrize(
    "texts",
    [
        ["🍞", "🍞🥖", "🚲", "🚲🛠️"],
        ["", "", "", ""],
        ["...", "—", "!!!", "???"],
        ["the", "and of the", "it is", "to be"],
        ["\u200b\ufeff", "\x00", "&nbsp;", "<!-- -->"],
        ["1", "2 2", "3,5", "2024"],
    ],
)
def test_texts_without_words(trained: Opened, texts: list[str]) -> None:
    """Emoji, nothing, dots, function words, invisible characters, numbers: no error."""
    index = trained([post(str(n), text, text) for n, text in enumerate(texts)])
    assert index.n_posts == len(texts)
    lists(index)
