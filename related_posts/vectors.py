"""Vectors as a version keeps them: those it shares with others, and those of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from related_posts.errors import IndexCorruptError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from related_posts.weighting import Weights


class VectorReader(ABC):
    """The matrices of an index, each made on first use over arrays that are mapped.

    A post has its row in ``titles``, and its place in what is shared; see
    :mod:`related_posts.layout`.
    """

    n_posts: int
    n_terms: int
    _kept: dict[str, Any]

    @property
    def vectors(self) -> csr_array[np.float32]:
        """TF-IDF vectors, CSR of shape (n_posts, n_terms), rows of length 1 or empty.

        Of a version that shares vectors with another all are copied: ask for few by
        :meth:`vectors_of`.
        """
        return self._matrix("vectors") if self.places is None else self._rows_of("vectors")

    def vectors_of(self, rows: NDArray[np.integer] | list[int]) -> csr_array[np.float32]:
        """Vectors of some posts, CSR of shape (len(rows), n_terms), indices sorted."""
        return self._rows_of("vectors", rows)

    def vector(self, row: int) -> Weights:
        """One post's vector, as views of the arrays that hold it."""
        from related_posts.weighting import Weights

        shared, *fresh = self.parts("vectors")
        place = row if self.places is None else int(self.places[row])
        if place < shared.shape[0]:
            return Weights.of_row(shared, place)
        return Weights.of_row(fresh[0], place - shared.shape[0])

    def parts(self, name: str) -> tuple[csr_array[Any], ...]:
        """``vectors`` or ``borrowed`` by place: those shared, and those behind them, if any."""
        if name == "borrowed" and not self._has("borrowed_indptr"):
            return tuple(_nothing(each.shape) for each in self.parts("vectors"))
        own = {"vectors": "fresh", "borrowed": "fresh_borrowed"}[name]
        names = (name,) if self.places is None else (name, own)
        return tuple(self._matrix(each, pattern=name == "borrowed") for each in names)

    def _rows_of(
        self, name: str, rows: NDArray[np.integer] | list[int] | None = None
    ) -> csr_array[Any]:
        """Rows of such a matrix, by post; all of them without rows."""
        parts, places = self.parts(name), self.places
        if places is None:
            return parts[0] if rows is None else parts[0][rows]
        from scipy.sparse import csr_array, vstack

        at = places if rows is None else places[rows]
        is_fresh = at >= parts[0].shape[0]
        found = parts[0][at[~is_fresh]], parts[1][at[is_fresh] - parts[0].shape[0]]
        order = np.empty(len(at), np.intp)
        order[np.argsort(is_fresh, kind="stable")] = np.arange(len(at))
        return csr_array(vstack(found, format="csr"))[order]

    @property
    def postings(self) -> csr_array[np.float32]:
        """Vectors by term: the places of each, CSR of shape (n_terms, n_places).

        Where there are no :attr:`places`, these are the rows.
        """
        return self._matrix("postings", by_term=True)

    @property
    def places(self) -> NDArray[np.int32] | None:
        """Place of each post among shared vectors and those behind them, shape (n_posts,).

        None in a version built in full: there each post's place is its row.
        """
        return self._array("places") if self._has("places") else None

    @property
    def titles(self) -> csr_array[np.float32]:
        """Title words, CSR of shape (n_posts, n_terms): shares of the title's IDF mass."""
        return self._matrix("titles")

    @property
    def borrowed(self) -> csr_array[np.bool_]:
        """Terms that posts have by their links alone, True; CSR of shape (n_posts, n_terms).

        None in a version that was built before they were told apart.
        """
        return self._rows_of("borrowed")

    def borrowed_of(self, rows: NDArray[np.integer] | list[int]) -> csr_array[np.bool_]:
        """The same of some posts, CSR of shape (len(rows), n_terms)."""
        return self._rows_of("borrowed", rows)

    def _matrix(self, name: str, *, by_term: bool = False, pattern: bool = False) -> csr_array[Any]:
        """A sparse matrix over its arrays, made on first use; a pattern holds True alone."""
        kept: csr_array[Any] | None = self._kept.get(name)
        if kept is not None:
            return kept
        # Imported here, since the plain answer needs no matrix.
        from scipy.sparse import csr_array

        indices, indptr = self._array(f"{name}_indices"), self._array(f"{name}_indptr")
        data = np.ones(len(indices), np.bool_) if pattern else self._array(f"{name}_data")
        # scipy copies the indices if the two types differ, so the few are made to fit the many.
        if len(data) < 2**31:
            indptr = indptr.astype(indices.dtype)
        n = self.n_posts if name == "titles" else len(indptr) - 1
        if by_term:
            n = len(self._array("vectors_indptr")) - 1
        shape = (self.n_terms, n) if by_term else (n, self.n_terms)
        try:
            matrix = csr_array((data, indices, indptr), shape=shape)
        except ValueError as error:
            raise IndexCorruptError(self._file(f"{name}_indptr"), str(error)) from error
        # Known from the build; otherwise the first use would look at all of it.
        matrix.has_canonical_format = True
        self._kept[name] = matrix
        return matrix

    @abstractmethod
    def _has(self, name: str) -> bool:
        """Whether the version has an array."""

    @abstractmethod
    def _array(self, name: str) -> NDArray[Any]:
        """An array by name."""

    @abstractmethod
    def _file(self, name: str) -> str:
        """Where an array is kept, for messages."""


def _nothing(shape: tuple[int, int]) -> csr_array[np.bool_]:
    from scipy.sparse import csr_array

    return csr_array(shape, dtype=np.bool_)
