"""Reading a version: posts, neighbours, and what explains them."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from related_posts import layout
from related_posts.blobs import pack
from related_posts.errors import IndexCorruptError, UnknownPostError
from related_posts.facets import build as facets
from related_posts.index import Index
from related_posts.lookup import build
from related_posts.manifest import Manifest
from related_posts.storage import Store

Arrays = dict[str, NDArray[Any]]
SHARED = layout.SHARING.keys() | layout.SHARING_MORE.keys()


def in_memory(arrays: Arrays, **changes: Any) -> Index:
    """An index over arrays in memory."""
    sizes = {"n_posts": 5, "n_terms": 5, "k": 3, **changes}
    manifest = Manifest(version="v", created=datetime(2026, 1, 1, tzinfo=UTC), content="", **sizes)
    return Index(manifest, arrays)


@pytest.fixture
def index(arrays: Arrays) -> Index:
    """The tiny version, in memory."""
    return in_memory(arrays)


def test_every_post_is_found_by_id_and_url(index: Index, tiny: ModuleType) -> None:
    """Ids and URLs lead to the post's row, and the row to the post."""
    for row, post in enumerate(tiny.POSTS):
        assert index.row(id=post.id) == index.row(url=post.url) == row
        assert index.post(row)["id"] == post.id


def test_an_alias_finds_its_post(index: Index) -> None:
    """Former addresses lead to the post."""
    assert index.row(url="https://www.blog.example/old/rye.html#x") == 0


@pytest.mark.parametrize("question", [{"id": "rye"}, {"url": "https://other.example/rye/"}])
def test_an_unknown_post_is_an_error_that_names_it(index: Index, question: dict[str, str]) -> None:
    """What is not there is not an empty answer."""
    with pytest.raises(UnknownPostError) as caught:
        index.row(**question)
    assert caught.value.key in question.values()


@pytest.mark.parametrize("question", [{}, {"id": "wheat", "url": "https://blog.example/wheat/"}])
def test_a_question_has_one_key(index: Index, question: dict[str, str]) -> None:
    """Neither none nor two keys can be meant."""
    with pytest.raises(ValueError, match="either id or url"):
        index.row(**question)


def test_items_are_kept_byte_by_byte(index: Index, arrays: Arrays) -> None:
    """An item is a slice of the file, without its closing brace."""
    data, ends = arrays["items"].tobytes(), arrays["items_offsets"].tolist()
    for row in (0, 1, 2, 4):
        assert index.item(row) == data[ends[row] : ends[row + 1]]
    assert index.item(3) == arrays["fresh_items"].tobytes()
    assert index.post(3)["title"] == "Käsebrot 🧀"


def test_lists_are_found_by_their_places(index: Index, arrays: Arrays) -> None:
    """Shared with another version or not, they name rows; a shared one may be nobody's now."""
    lists = index.lists()
    assert lists.rows.tolist() == [[1, 2, 3], [0, 2, -1], [0, 1, -1], [0, -1, -1], [-1, -1, -1]]
    assert lists.scores[1].tolist() == arrays["fresh_scores"][0].tolist()
    assert arrays["neighbours"][1].tolist() == [2, 0, -1]
    for few, every in zip(index.lists(1), lists, strict=True):
        np.testing.assert_array_equal(few, every[:, :1])


def test_lists_of_a_whole_version_are_views(arrays: Arrays) -> None:
    """Nothing is copied where rows are places."""
    alone = {name: each for name, each in arrays.items() if name in layout.SERVING}
    assert np.shares_memory(in_memory(alone).lists(2).rows, alone["neighbours"])


@pytest.mark.parametrize(
    ("name", "problem"),
    [("scores", "similarities and scores"), ("list_places", "is not 5 posts x 3")],
)
def test_lists_that_do_not_fit_are_refused(arrays: Arrays, name: str, problem: str) -> None:
    """A file of another length is damage that is named."""
    with pytest.raises(IndexCorruptError, match=problem):
        in_memory({**arrays, name: arrays[name][:-1]})


@given(st.integers(0, 4), st.integers(-2, 6))
@settings(deadline=None)
def test_neighbours_are_the_best_up_to_the_first_gap(tiny: ModuleType, row: int, k: int) -> None:
    """Three lists of one length: the first k of those kept, cut where there are no more."""
    index = in_memory(tiny.arrays())
    rows, similarities, scores = index.neighbours(row, k)
    lists = index.lists()
    kept = [place for place in range(3) if place < k and lists.rows[row, place] >= 0]
    assert rows == lists.rows[row, kept].tolist()
    assert similarities == lists.similarities[row, kept].tolist()
    assert scores == lists.scores[row, kept].tolist()
    assert all(type(each) is int for each in rows)
    assert all(type(each) is float for each in similarities + scores)


@pytest.mark.parametrize("row", [-1, 5, 10**30])
def test_a_row_outside_is_an_error(index: Index, row: int) -> None:
    """Negative rows do not count from the end."""
    with pytest.raises(IndexError):
        index.neighbours(row, 1)
    with pytest.raises(IndexError):
        index.item(row)


def test_terms_and_their_readable_forms(index: Index) -> None:
    """A column of the vectors has a term and a form that readers know."""
    assert [index.terms(column) for column in range(4)] == ["bread", "käse", "rye", "wheat"]
    assert index.readable(1) == "Käse"
    for column in (-1, 5, 10**30):
        with pytest.raises(IndexError):
            index.terms(column)


def test_a_pair_is_shown_as_its_two_words(index: Index) -> None:
    """Behind the words come pairs of them, in the same two forms."""
    assert index.terms(4) == "rye bread"
    assert index.readable(4) == "rye Bread"


def test_a_damaged_pair_is_an_error(arrays: Arrays) -> None:
    """A pair that names itself, or a word that does not exist, does not lead on forever."""
    for wrong in (4, -1):
        with pytest.raises(IndexError):
            in_memory({**arrays, "pairs": np.array([[wrong, 0]], np.int32)}).terms(4)


def test_matrices_are_views_of_their_arrays(index: Index, arrays: Arrays) -> None:
    """Vectors and titles are sparse matrices over the arrays, none of which is copied."""
    for name, matrix in [("vectors", index.parts("vectors")[0]), ("titles", index.titles)]:
        assert matrix.shape == (5, 5)
        assert np.shares_memory(matrix.data, arrays[f"{name}_data"])
        assert np.shares_memory(matrix.indices, arrays[f"{name}_indices"])
        assert matrix.indices.dtype == np.int32
    expected = np.zeros((5, 5))
    expected[0, [0, 2, 4]] = [0.48, 0.64, 0.6]
    expected[1, [0, 3]] = [0.6, 0.8]
    expected[2, 0] = expected[3, 1] = 1
    np.testing.assert_allclose(index.vectors.toarray(), expected, rtol=1e-6)
    assert index.parts("vectors")[0] is index.parts("vectors")[0]


def test_a_vector_is_found_by_its_place(index: Index, arrays: Arrays) -> None:
    """Among those shared with another version, or behind them; alone or with others."""
    assert [part.shape[0] for part in index.parts("vectors")] == [5, 1]
    some = index.vectors_of([3, 0])
    np.testing.assert_allclose(some.toarray(), index.vectors.toarray()[[3, 0]])
    assert np.shares_memory(index.vector(3).data, arrays["fresh_data"])
    assert np.shares_memory(index.vector(0).data, arrays["vectors_data"])
    assert index.borrowed.toarray().nonzero()[0].tolist() == [0, 3]
    assert index.borrowed_of([3]).indices.tolist() == [1]
    whole = in_memory({name: each for name, each in arrays.items() if name not in SHARED})
    assert (whole.places, len(whole.parts("vectors"))) == (None, 1)
    assert whole.vectors is whole.parts("vectors")[0]


def test_arrays_of_the_analysis_side(index: Index, arrays: Arrays) -> None:
    """Weights, days and languages are given as they are stored."""
    for name in ("idf", "days", "languages"):
        np.testing.assert_array_equal(getattr(index, name), arrays[name])


def test_a_version_without_the_analysis_side_still_answers(arrays: Arrays) -> None:
    """What is not there is an error that names it, when asked for."""
    index = in_memory({name: arrays[name] for name in layout.SERVED})
    assert index.neighbours(0, 1)[0] == [1]
    for ask in (lambda: index.vectors, lambda: index.idf, lambda: index.terms(0)):
        with pytest.raises(IndexCorruptError, match="is not part of this version"):
            ask()


def test_a_closed_index_answers_nothing(index: Index) -> None:
    """After closing every question is an error, and closing again is none."""
    index.close()
    index.close()
    for ask in (
        lambda: index.row(id="wheat"),
        lambda: index.row(url="/wheat/"),
        lambda: index.item(0),
        lambda: index.post(0),
        lambda: index.neighbours(0, 1),
        lambda: index.vectors,
        lambda: index.idf,
        lambda: index.terms(0),
    ):
        with pytest.raises(ValueError, match=r"released|closed"):
            ask()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("neighbours", np.zeros((4, 3), np.int32)),
        ("scores", np.zeros((5, 2), np.float32)),
        ("items", np.zeros(3, np.uint8)),
        ("items_offsets", np.zeros(6, np.uint64)),
        ("items_offsets", np.zeros(0, np.uint64)),
        ("lookup_slots", np.zeros(3, np.uint32)),
        ("lookup_slots", np.zeros(1, np.uint32)),
        ("lookup_offsets", np.ones(2, np.uint64)),
        ("lookup_rows", np.zeros(1, np.int32)),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    arrays: Arrays, name: str, value: NDArray[Any]
) -> None:
    """What cannot be one version is refused when it is opened."""
    with pytest.raises(IndexCorruptError):
        in_memory({**arrays, name: value})


def test_a_lookup_that_points_nowhere_is_damage(arrays: Arrays) -> None:
    """A damaged table is told apart from an unknown post."""
    arrays["lookup_slots"][:] = 4_000_000_000
    with pytest.raises(IndexCorruptError, match="points nowhere"):
        in_memory(arrays).row(id="wheat")


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("k", [0, 3])
def test_the_smallest_blogs(n: int, k: int, store: Store) -> None:
    """A version may hold no post or one, which then has no neighbours."""
    items, offsets = pack([b'{"id":"a"'] * n)
    arrays = {
        "items": items,
        "items_offsets": offsets,
        "neighbours": np.full((n, k), -1, np.int32),
        "similarities": np.zeros((n, k), np.float32),
        "scores": np.zeros((n, k), np.float32),
        **build([(b"ia", 0)] * n),
        **facets([set()] * n),
        "days": np.zeros(n),
        "languages": np.zeros(n, np.int16),
    }
    name = store.write(arrays, {}, now=datetime(2026, 1, 1, tzinfo=UTC))
    with store.open(name, verify=True) as index:
        assert index.n_posts == n
        if n:
            assert index.neighbours(index.row(id="a"), 5) == ([], [], [])
            assert index.post(0) == {"id": "a"}
        else:
            with pytest.raises(UnknownPostError):
                index.row(id="a")


def test_threads_may_read_at_once(store: Store, published: str) -> None:
    """Eight threads that ask the same things, matrices included, get the same answers."""
    with store.open() as index:

        def ask(_: int) -> object:
            row = index.row(url="/wheat/")
            return (
                row,
                index.item(row),
                index.neighbours(row, 2),
                index.vectors.sum(),
                index.terms(2),
            )

        with ThreadPoolExecutor(8) as threads:
            answers = set(map(repr, threads.map(ask, range(400))))
    assert len(answers) == 1


def test_memory_does_not_grow_with_the_blog(store: Store, now: datetime) -> None:
    """An open version holds the same few objects for ten posts and for ten thousand."""

    def held(n: int) -> int:
        items, offsets = pack(b'{"id":"%d"' % row for row in range(n))
        numbers = np.zeros((n, 5), np.float32)
        arrays = {
            "items": items,
            "items_offsets": offsets,
            "neighbours": np.full((n, 5), -1, np.int32),
            "similarities": numbers,
            "scores": numbers,
            **build((b"i%d" % row, row) for row in range(n)),
            **facets([set()] * n),
            "days": np.zeros(n),
            "languages": np.zeros(n, np.int16),
        }
        name = store.write(arrays, {}, now=now)
        store.open(name).close()
        gc.collect()
        tracemalloc.start()
        try:
            with store.open(name) as index:
                assert index.row(id="7") == 7
                return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    assert abs(held(10_000) - held(10)) < 4096


def test_reading_loads_no_heavy_library(store: Store, published: str, tmp_path: Path) -> None:
    """Answering imports neither scipy nor scikit-learn nor numba."""
    code = (
        "import sys; from pathlib import Path; from related_posts.storage import Store;"
        "index = Store(Path(sys.argv[1])).open(verify=True);"
        "index.neighbours(index.row(url='/wheat/'), 2);"
        "print(sorted({'scipy', 'sklearn', 'numba', 'flask', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.data)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_links_between_posts_are_kept(index: Index) -> None:
    """The posts that a post links to, as rows; a row outside is an error."""
    assert [index.links(row) for row in range(5)] == [[1, 3], [], [0], [], []]
    for row in (-1, 5):
        with pytest.raises(IndexError):
            index.links(row)


def test_a_version_without_links_says_so(arrays: Arrays) -> None:
    """One that was built before links were kept answers everything else."""
    index = in_memory({name: array for name, array in arrays.items() if "links" not in name})
    assert index.neighbours(0, 1)[0] == [1]
    with pytest.raises(IndexCorruptError, match="links_indptr: is not part"):
        index.links(0)
