"""The build: from an archive to the arrays of a version."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from scipy.sparse import csr_array

from related_posts import Post
from related_posts.archive import Archive
from related_posts.blobs import Blob
from related_posts.errors import EmptyArchiveError
from related_posts.links import hrefs
from related_posts.ranking import exact_neighbours, to_final, to_scores
from training import analysis
from training.build import Build, build
from training.read import read_sources
from training.settings import TrainingSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Filled = Callable[..., Archive]


@pytest.fixture
def filled(tmp_path: Path, archive_posts: list[Post]) -> Filled:
    """An archive of some posts, by default the twelve."""

    def fill(posts: list[Post] | None = None) -> Archive:
        archive = Archive(tmp_path / f"data{len(list(tmp_path.iterdir()))}")
        archive.update("test", archive_posts if posts is None else posts, complete=True, now=NOW)
        return archive

    return fill


def settings(**values: object) -> TrainingSettings:
    """Settings that train in this process."""
    return TrainingSettings(jobs=1, **values)


def equal(first: Build, second: Build) -> None:
    """Fail unless two builds have the same arrays."""
    assert first.arrays.keys() == second.arrays.keys()
    for name, array in first.arrays.items():
        np.testing.assert_array_equal(array, second.arrays[name], err_msg=name)


def test_lists_are_those_of_the_slow_reference(filled: Filled) -> None:
    """The neighbours in a version equal the plain computation on its own vectors."""
    chosen = settings()
    built = build(filled(), chosen)
    matrices = _matrices(built)
    expected = exact_neighbours(
        matrices["vectors"],
        matrices["titles"],
        built.arrays["days"],
        built.arrays["languages"],
        chosen.factors,
        chosen.neighbours,
        built.arrays["damping"],
        matrices["borrowed"],
    )
    assert matrices["borrowed"].nnz
    junk = expected.finals < to_final(chosen.min_score)
    expected.rows[junk], expected.finals[junk] = -1, 0.0
    np.testing.assert_array_equal(built.arrays["neighbours"], expected.rows)
    np.testing.assert_array_equal(built.arrays["scores"], to_scores(expected.finals))


def _matrices(built: Build) -> dict[str, csr_array]:
    shape = (len(built.arrays["days"]), len(built.arrays["idf"]))
    arrays = {"borrowed_data": np.ones(len(built.arrays["borrowed_indices"])), **built.arrays}
    return {
        name: csr_array(
            tuple(arrays[f"{name}_{part}"] for part in ("data", "indices", "indptr")), shape
        )
        for name in ("vectors", "titles", "borrowed")
    }


def test_rows_are_newest_first_then_by_id(filled: Filled, archive_posts: list[Post]) -> None:
    """Row order is the tie rule: newest first, undated last, equal moments by id."""
    twin = replace(archive_posts[0], id="zz", url="/zz/")
    built = build(filled([*archive_posts[::-1], twin]), settings())
    days, addresses = built.arrays["days"], _ids(built)
    assert np.isnan(days[-1])
    assert (np.diff(days[:-1]) <= 0).all()
    assert addresses[:2] == [archive_posts[0].id, "zz"]
    assert addresses[2:] == [post.id for post in archive_posts[1:]]


def _ids(built: Build) -> list[str]:
    items = Blob(built.arrays["items"], built.arrays["items_offsets"])
    return [orjson.loads(items[row] + b"}")["id"] for row in range(len(items))]


def test_no_post_is_in_a_list_of_another_language_unless_asked(filled: Filled) -> None:
    """Languages are kept apart by default, and may be mixed."""
    names = [("en", "Ada Lovelace"), ("de", "Ada Lovelace"), ("en", "Lovelace"), ("de", "Ada")]
    archive = filled(
        [
            Post(id=str(number), url=f"/{number}/", title=title, language=language)
            for number, (language, title) in enumerate(names)
        ]
    )
    built = build(archive, settings())
    assert built.details["languages"] == ["de", "en"]
    assert [row[row >= 0].tolist() for row in built.arrays["neighbours"]] == [[2], [3], [0], [1]]
    mixed = build(archive, settings(cross_language=True)).arrays["neighbours"]
    assert mixed[0, 0] == 1


def test_the_build_does_not_depend_on_blocks_or_processes(
    filled: Filled, archive_posts: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any block size and any number of processes give the same arrays."""
    archive = filled()
    whole = build(archive, settings())
    monkeypatch.setattr("training.analysis.BLOCK", 5)
    monkeypatch.setattr("training.gathering.BLOCK", 5)
    equal(build(archive, settings()), whole)
    monkeypatch.setattr(analysis, "FEW_POSTS", 0)
    equal(build(archive, settings().model_copy(update={"jobs": 2})), whole)


def test_the_order_of_reading_changes_nothing(filled: Filled, archive_posts: list[Post]) -> None:
    """The same posts in any order give the same version."""
    equal(build(filled(archive_posts[::-1]), settings()), build(filled(), settings()))


def test_a_post_of_unknown_language_is_taken_for_the_blogs_own(filled: Filled) -> None:
    """A text too short to tell is analysed in the archive's most frequent language."""
    posts = [
        Post(id=str(number), url=f"/{number}/", title=title, language=language)
        for number, (title, language) in enumerate(
            [("baking breads", "en"), ("bake bread", "en"), ("breads", "")]
        )
    ]
    built = build(filled(posts), settings())
    assert built.details["languages"] == ["en"]
    assert built.arrays["neighbours"][2, 0] >= 0


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tiny_blogs_are_built(filled: Filled, archive_posts: list[Post], n: int) -> None:
    """One, two or three posts make a version like any other."""
    built = build(filled(archive_posts[:n]), settings())
    assert built.arrays["neighbours"].shape == (n, 50)


def test_posts_without_words_have_empty_lists(filled: Filled) -> None:
    """A blog of pictures alone gives honest empty lists."""
    posts = [Post(id=str(n), url=f"/{n}/", html="<img src='x.jpg'>") for n in range(3)]
    built = build(filled(posts), settings())
    assert (built.arrays["neighbours"] == -1).all()
    assert built.details["counts"]["empty_lists"] == 3


def test_an_empty_archive_is_an_error(tmp_path: Path) -> None:
    """There is nothing to build from, and the error names the archive."""
    with pytest.raises(EmptyArchiveError, match=r"archive\.sqlite3"):
        build(Archive(tmp_path / "data"), settings())


def test_progress_ends_at_the_total(filled: Filled, archive_posts: list[Post]) -> None:
    """Every stage that is reported reaches its total and never goes back."""
    seen: dict[str, list[int]] = {}
    build(filled(), settings(), lambda stage, done, total: seen.setdefault(stage, []).append(done))
    assert set(seen) == {"languages", "analysis", "neighbours"}
    for steps in seen.values():
        assert steps == sorted(steps)
        assert steps[0] == 0
        assert steps[-1] == len(archive_posts)


def _links(built: Build) -> list[list[int]]:
    indices, starts = built.arrays["links_indices"], built.arrays["links_indptr"]
    return [part.tolist() for part in np.split(indices, starts[1:-1])]


def test_links_between_posts_are_kept(filled: Filled) -> None:
    """By id and by address, whichever post comes first; to nobody outside, never to itself."""
    html = '<a href="/b/">b</a> <a href="../a/">a</a> <a href="https://elsewhere.example/c/">c</a>'
    posts = [
        Post(id="a", url="https://blog.example/a/", html=html, links=("c", "nobody")),
        Post(id="b", url="https://blog.example/b/", html='<a href="/was-c">c</a>'),
        Post(id="c", url="https://blog.example/c/", aliases=("/was-c/",)),
    ]
    built = build(filled(posts), settings())
    assert _links(built) == [[1, 2], [2], []]
    assert built.details["counts"]["links"] == 3


def test_the_demo_blogs_links_all_resolve(tmp_path: Path) -> None:
    """Every link from one demo post to another leads there."""
    blog = Path(__file__).parents[2] / "examples" / "blog"
    with Archive(tmp_path / "data") as archive:
        read_sources([str(blog)], archive, now=datetime(2027, 1, 1, tzinfo=UTC))
        named = sum(len(hrefs(post.html, post.url)) for post in archive.posts())
        built = build(archive, settings())
    assert built.details["counts"]["links"] == named > 100


def test_translations_are_never_related_unless_asked(filled: Filled) -> None:
    """A list goes on with the next best instead, and is as long."""
    names = [("/a/", "en", "Ada Lovelace"), ("/de/a/", "de", "Ada Lovelace"), ("/b/", "en", "Ada")]
    archive = filled(
        [
            Post(id=str(number), url=url, title=title, language=language)
            for number, (url, language, title) in enumerate(names)
        ]
    )

    def lists(**changes: bool) -> list[list[int]]:
        arrays = build(archive, settings(cross_language=True, neighbours=1, **changes)).arrays
        assert arrays["translations"].tolist() == [0, 0, -1]
        return [row[row >= 0].tolist() for row in arrays["neighbours"]]

    assert lists() == [[2], [2], [0]]
    assert lists(translations=True) == [[1], [0], [0]]


def test_parts_of_a_series_say_so(filled: Filled) -> None:
    """Arrays and items tell the series; copies and other posts are what they were."""
    titles = ["Salt", "Ovens, part 2: iron", "Ovens, part 1: clay", "Salt"]
    archive = filled(
        [
            Post(
                id=str(number),
                url=f"/{number}/",
                title=title,
                language="en",
                published=datetime(2024, 1, 9 - number, tzinfo=UTC),
            )
            for number, title in enumerate(titles)
        ]
    )
    arrays = build(archive, settings()).arrays
    assert arrays["series"].tolist() == [-1, 0, 0, -1]
    assert arrays["part"].tolist() == [0, 2, 1, 0]
    assert arrays["duplicates"].tolist() == [0, -1, -1, 0]
    ends = arrays["items_offsets"].tolist()
    items = [
        orjson.loads(arrays["items"][start:end].tobytes() + b"}")
        for start, end in itertools.pairwise(ends)
    ]
    assert items[1]["series"] == {"name": "Ovens", "part": 2, "parts": 2}
    assert ["series" in item for item in items] == [False, True, True, False]


def test_links_to_a_former_site_lead_to_its_posts(filled: Filled) -> None:
    """Also where the posts themselves were read from a copy, and are shown at the site."""
    copy, old = "http://127.0.0.1:8090", "https://old.example"
    link = f'<p>Rye <a href="{old}/2/">and</a> <a href="{copy}/3/">wheat</a></p>'
    posts = [
        Post(id="1", url=f"{copy}/1/", html=link),
        Post(id="2", url=f"{copy}/2/", html="<p>Oat</p>"),
        Post(id="3", url="/3/", html="<p>Wheat</p>"),
    ]
    chosen = settings(site="https://blog.example", former_sites=(copy, old))
    built = build(filled(posts), chosen)
    assert built.arrays["links_indices"].tolist() == [1, 2]
    items = Blob(built.arrays["items"], built.arrays["items_offsets"])
    urls = [orjson.loads(items[row] + b"}")["url"] for row in range(3)]
    assert urls == [f"https://blog.example/{number}/" for number in (1, 2, 3)]
    assert built.details["counts"]["other_hosts"] == {}
    # A path stands for itself on any host, so that one was found before.
    assert build(filled(posts), settings()).arrays["links_indices"].tolist() == [2]


def test_hosts_where_a_blog_seems_to_have_been_are_told(filled: Filled) -> None:
    """Those to which several links lead at the very paths of posts, and no others."""
    link = '<p>Rye <a href="https://{}/2024/{}/">and</a></p>'
    posts = [
        Post(id=str(number), url=f"https://blog.example/2024/{number}/", html=link.format(*target))
        for number, target in enumerate(
            [("old.example", one) for one in (1, 2, 3, 4, 0)]
            + [("few.example", 1), ("b.example", 9)]
        )
    ]
    told = build(filled(posts), settings()).details["counts"]["other_hosts"]
    assert told == {"old.example": 5}
    known = settings(former_sites=["https://old.example"])
    assert build(filled(posts), known).details["counts"]["other_hosts"] == {}


def test_words_are_as_common_as_in_their_own_language(filled: Filled) -> None:
    """A function word of a language without a list of them decides nothing there."""
    subjects = ["wiki", "chakula", "bahari", "muziki", "safari"]
    posts = [
        Post(
            id=f"sw{number}",
            url=f"/sw/{number}/",
            title=subjects[number % 5],
            html=f"<p>na {'kwa ' * (number % 3)}{subjects[number % 5]} {number}</p>",
            language="sw",
        )
        for number in range(30)
    ]
    posts += [
        Post(id=f"en{number}", url=f"/en/{number}/", title=f"Bread {number % 9}", language="en")
        for number in range(270)
    ]
    alone, both = (build(filled(some), settings()).arrays for some in (posts[:30], posts))

    def idf(arrays: dict[str, Any], word: str) -> float:
        ends = arrays["terms_offsets"].tolist()
        terms = [
            arrays["terms"][start:end].tobytes().decode() for start, end in itertools.pairwise(ends)
        ]
        return float(arrays["idf"][terms.index(word)])

    assert idf(alone, "na") == 1.0
    assert idf(both, "na") == pytest.approx(1.0, abs=0.13)
    assert idf(both, "kwa") == pytest.approx(idf(alone, "kwa"), abs=0.35)
    # Counted over all posts it would be ln(301 / 31) + 1.
    assert idf(both, "na") < 3.27 / 2


@pytest.mark.parametrize("n_others", [0, 3])
def test_a_few_posts_in_another_language_change_no_frequency(filled: Filled, n_others: int) -> None:
    """A blog in one language counts the posts that have each word."""
    posts = [
        Post(id=f"{n}", url=f"/{n}/", title=f"Bread {n % 3}", html=f"word{n % 7}", language="en")
        for n in range(40)
    ]
    posts += [
        Post(id=f"o{n}", url=f"/o/{n}/", title="Brot", language="de") for n in range(n_others)
    ]
    arrays = build(filled(posts), settings()).arrays
    n_terms = len(arrays["frequencies"])
    plain = np.bincount(arrays["vectors_indices"], minlength=n_terms)
    np.testing.assert_array_equal(arrays["frequencies"], plain)
