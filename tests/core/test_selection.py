"""Of the copies of one text, a list shows the first."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from related_posts.selection import is_repeat


@given(st.lists(st.lists(st.integers(-1, 3), min_size=5, max_size=5), max_size=4))
def test_all_but_the_first_of_a_group_are_repeats(lists: list[list[int]]) -> None:
    """As said by going through each list; many lists at once give what each gives alone."""
    groups = np.array(lists, np.int32).reshape(-1, 5)
    expected = [
        [group >= 0 and group in line[:place] for place, group in enumerate(line)] for line in lists
    ]
    assert is_repeat(groups).tolist() == expected
    assert [is_repeat(line).tolist() for line in groups] == expected


def test_an_empty_list_has_no_repeats() -> None:
    """Nothing is found of nothing."""
    assert is_repeat(np.empty(0, np.int32)).tolist() == []
