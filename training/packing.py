"""Packing: what a build found, as the arrays of a version by their names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from related_posts import blobs
from related_posts.vocabulary import Vocabulary

Arrays = dict[str, NDArray[Any]]


def matrix(name: str, values: csr_array) -> Arrays:
    """A sparse matrix."""
    return {f"{name}_data": values.data, **pattern(name, values)}


def pattern(name: str, values: csr_array) -> Arrays:
    """Where a sparse matrix has entries."""
    return {
        f"{name}_indices": values.indices.astype(np.int32, copy=False),
        f"{name}_indptr": values.indptr.astype(np.int64, copy=False),
    }


def strings(name: str, values: list[bytes] | list[str]) -> Arrays:
    """Strings one after another."""
    data, offsets = blobs.pack(values)
    return {name: data, f"{name}_offsets": offsets}


def vocabulary(words: Vocabulary) -> Arrays:
    """The terms that have columns."""
    return {
        **strings("terms", words.words),
        **strings("readable", words.readable),
        "pairs": words.pairs,
    }
