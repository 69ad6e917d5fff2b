"""Judgements: read from files that people made, in both readings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.errors import EvaluationError
from related_posts.posts import Post
from training.evaluation.finder import Finder
from training.evaluation.judgements import directed, read, symmetric

PAIRS = st.frozensets(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])
)


@pytest.fixture
def finder() -> Finder:
    """Three posts, a to c."""
    return Finder([Post(id=f"id-{n}", url=f"https://blog.example/{n}/") for n in "abc"])


def test_ids_and_addresses_are_understood(tmp_path: Path, finder: Finder) -> None:
    """A line names posts by id or by address; more columns, blanks and doubles do not count."""
    path = tmp_path / "links.tsv"
    path.write_text(
        "\ufeffid-a\tid-b\nid-a\tid-b\n\nhttp://blog.example/b\t/c/\tanchor text\r\n", "utf-8"
    )
    found = read(path, finder.row)
    assert found.pairs == {(0, 1), (1, 2)}
    assert (found.n_lines, found.n_unknown, found.n_own) == (3, 0, 0)


def test_unknown_posts_and_own_links_are_counted(tmp_path: Path, finder: Finder) -> None:
    """What cannot judge is left out and told of, with names to look for."""
    path = tmp_path / "links.tsv"
    path.write_text("id-a\tid-b\nid-a\tgone\nlost\tgone\nid-c\thttps://blog.example/c\n", "utf-8")
    found = read(path, finder.row)
    assert found.pairs == {(0, 1)}
    assert (found.n_lines, found.n_unknown, found.n_own) == (4, 2, 1)
    assert found.unknown == ("gone", "lost")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id-a\tid-b\nid-a id-b\n", "line 2: not a link"),
        (b"id-a\n\tid-b\nid-a\t \nx\ny\n", "line 1, 2, 3 and 2 more: not a link"),
        (b"", "holds no links"),
        (b"\n \n", "holds no links"),
        (b"x\ty\n", "none of its 1 links is between two posts of the archive; for instance 'x'"),
        (b"id-a\tid-a\n", "none of its 1 links"),
        (b"id-a\tid-\xff\n", "is not UTF-8 (byte 8)"),
        (b"\x1f\x8b\x08\x00", "is not UTF-8"),
    ],
)
def test_a_broken_file_is_one_sentence(
    tmp_path: Path, finder: Finder, content: bytes, said: str
) -> None:
    """It names the file, the line and what a line should be."""
    path = tmp_path / "links.tsv"
    path.write_bytes(content)
    with pytest.raises(EvaluationError) as problem:
        read(path, finder.row)
    assert said in str(problem.value)
    assert str(path) in str(problem.value)


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path, finder: Finder) -> None:
    """Neither is a traceback."""
    for path in (tmp_path, tmp_path / "none.tsv"):
        with pytest.raises(EvaluationError, match="cannot be read"):
            read(path, finder.row)


@settings(deadline=None)
@given(PAIRS)
def test_the_symmetric_reading_is_the_directed_one_both_ways(
    pairs: frozenset[tuple[int, int]],
) -> None:
    """Relevance goes both ways, holds every link and nothing else, and never a post itself."""
    both = symmetric(pairs)
    assert both == directed({both for a, b in pairs for both in ((a, b), (b, a))})
    assert all(row in both[other] for row, wanted in both.items() for other in wanted)
    assert {(a, b) for a, wanted in directed(pairs).items() for b in wanted} == pairs
    assert all(wanted and row not in wanted for row, wanted in both.items())
