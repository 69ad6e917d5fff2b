"""What is remembered is bounded by its size, whatever is asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from related_posts.filters import NO_FILTERS
from related_posts.storage import Store
from service.api.finder import MOST_ITEMS, Finder
from service.api.kept import Kept


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 12)), max_size=60))
def test_weights_are_kept_within_bounds(asked: list[tuple[int, int]]) -> None:
    """The sum is that of what is kept, and the latest that fits is among it."""
    made: list[int] = []
    kept: Kept[bytes] = Kept(10, lambda key, value: len(value))
    for name, size in asked:
        key = name, size

        def make(size: int = size) -> bytes:
            made.append(size)
            return b"x" * size

        assert kept.get(key, make) == b"x" * size
        n_made = len(made)
        kept.get(key, make)
        # Only what is too heavy by itself is made again.
        assert (len(made) > n_made) == (size > 10)
        assert kept.weight <= 10
        assert len(kept) <= kept.weight


def test_by_default_they_are_counted() -> None:
    """Three are kept, and the one that was not used for longest is made again."""
    made: list[str] = []

    def get(name: str) -> str:
        return kept.get(name, lambda: made.append(name) or name)

    kept: Kept[Any] = Kept(3)
    for name in "abcadba":
        get(name)
    assert "".join(made) == "abcdb"
    assert len(kept) == 3


def test_long_lists_do_not_pile_up(tmp_path: Any, train_varied: Any) -> None:
    """Deep pages of every post, and lists without many posts, take a fixed amount of memory."""
    train_varied(tmp_path)
    with Store(tmp_path).open() as index:
        finder = Finder(index)
        finder._lists = type(finder._lists)(MOST_ITEMS // 1000, finder._lists._weigh)
        for row in range(index.n_posts):
            query = finder.scorer.query(row)
            for start in range(1, 4):
                without = frozenset(range(start))
                found = finder.best(query, 10_000, NO_FILTERS, without, row)
                assert not without.intersection(found.rows)
        assert 0 < finder._lists.weight <= MOST_ITEMS // 1000
        assert len(finder._lists) < 3 * index.n_posts
