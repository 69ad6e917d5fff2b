"""The posts of each language, laid out once for any number of searches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from related_posts.ranking import own_terms
from training.neighbours.checks import check_titles, check_vectors
from training.neighbours.product import Plain

if TYPE_CHECKING:
    from training.neighbours.postings import Postings

SMALL = 2000
"""Posts below which a group is not worth the seconds that numba takes to compile or load."""

LEAST_WEIGHT = 1e-18
"""Below it the product of two weights may vanish in the kernel's float32 sums."""


class Groups:
    """Posts to be searched, each language by itself; arguments as for the package's ``neighbours``.

    A group is laid out when it is first searched, and kept: about 16 bytes a weight, and as many
    for each title word in a text; where there are several languages 8 more a weight.

    Raises:
        ValueError: Shapes do not fit, a weight is negative or not finite, or a row is too long.
    """

    def __init__(
        self,
        vectors: sparse.csr_array,
        titles: sparse.csr_array,
        days: NDArray[np.float64],
        languages: NDArray[np.int16],
        borrowed: sparse.csr_array | None = None,
        *,
        small: int = SMALL,
    ) -> None:
        self.n_posts = n = vectors.shape[0]
        if titles.shape != vectors.shape or days.shape != (n,) or languages.shape != (n,):
            raise ValueError(
                f"shapes do not fit: vectors {vectors.shape}, titles {titles.shape}, "
                f"days {days.shape}, languages {languages.shape}"
            )
        if borrowed is not None and borrowed.shape != vectors.shape:
            raise ValueError(
                f"shapes do not fit: vectors {vectors.shape}, borrowed {borrowed.shape}"
            )
        self._vectors, self._titles = check_vectors(vectors), check_titles(titles)
        self._texts = own_terms(self._vectors, borrowed)
        self._days = np.ascontiguousarray(days, dtype=np.float64)
        self._languages, self._small = languages, small
        self._laid_out: dict[int, Plain | Postings] = {}

    def of(
        self, asked: NDArray[np.integer], damping: NDArray[np.float64] | None
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Plain | Postings]]:
        """The groups of some posts: their members' rows, places of those asked about, and layout.

        Raises:
            ValueError: Damping does not fit, or is out of its range.
        """
        n = self.n_posts
        damping = np.ones(n) if damping is None else np.ascontiguousarray(damping, np.float64)
        if damping.shape != (n,) or not ((damping > 0.0) & (damping <= 1.0)).all():
            raise ValueError(f"damping must have shape ({n},) and lie in (0, 1]")
        for code in np.unique(self._languages[asked]):
            members = np.flatnonzero(self._languages == code)
            if int(code) not in self._laid_out:
                self._laid_out[int(code)] = self._lay_out(members)
            group = self._laid_out[int(code)].under(damping[members])
            yield members, np.flatnonzero(self._languages[asked] == code), group

    def _lay_out(self, members: NDArray[np.intp]) -> Plain | Postings:
        """One group without damping; numba is imported only where it is used."""
        vectors, texts, titles, days = self._vectors, self._texts, self._titles, self._days
        if len(members) < self.n_posts:
            vectors, texts, titles = vectors[members], texts[members], titles[members]
            days = days[members]
        if len(members) < self._small or vectors.data.min(initial=1.0) < LEAST_WEIGHT:
            return Plain(vectors, texts, titles, days, np.ones(len(members)))
        from training.neighbours import postings

        return postings.build(vectors, texts, titles, days)
