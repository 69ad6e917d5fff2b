"""Counted words, for the baselines that are built on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

#: What most engines take for a word.
WORD = re.compile(r"\w+")


class Words(dict[str, int]):
    """Word to its column; an unknown word gets the next one."""

    def __missing__(self, word: str) -> int:
        """The next column."""
        self[word] = len(self)
        return self[word]


def matrix(rows: Iterable[Counter[int]], n_columns: int) -> csr_array:
    """Numbers by column, a row each, as float64."""
    data: list[float] = []
    indices: list[int] = []
    starts = [0]
    for row in rows:
        for column in sorted(row):
            indices.append(column)
            data.append(row[column])
        starts.append(len(indices))
    shape = (len(starts) - 1, n_columns)
    return csr_array(
        (np.array(data, np.float64), np.array(indices, np.int32), np.array(starts, np.int32)),
        shape=shape,
    )


def counted(texts: Sequence[Iterable[str]]) -> tuple[csr_array, Words]:
    """How often each word stands in each text."""
    columns = Words()
    rows = [Counter(columns[word] for word in text) for text in texts]
    return matrix(rows, len(columns)), columns


def document_frequency(counts: csr_array) -> NDArray[np.int64]:
    """In how many rows each column stands."""
    return np.bincount(counts.indices, minlength=counts.shape[1])


def row_numbers(counts: csr_array) -> NDArray[np.intp]:
    """The row of each stored number."""
    return np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
