"""Document frequencies of a blog in several languages: how common a term is to its readers.

On a blog of 900 English posts and 100 Icelandic ones a function word that stands in every
Icelandic post stands in a tenth of all, so it would look informative and decide what is alike
among the Icelandic ones. A term is as common as it is in the language where it is most common.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

#: A language of fewer documents, or of a smaller share of all, says nothing of how common its
#: words are: these may be texts whose language was mistaken.
FEWEST, LEAST_SHARE = 20, 0.005
#: Standard deviations between a share as it was counted and what it surely is: 95 % in both
#: directions.
SURE = 1.96


def by_language(
    counts: csr_array, languages: NDArray[np.integer], document_frequency: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Documents with each term, of as many as there are, in the language where most have it.

    The share of a language's documents is counted with caution, as the lower end of its Wilson
    interval, so that a language of few documents makes no word common by chance.

    Args:
        counts: Occurrences, shape (n, n_terms); only which are there counts.
        languages: Number of each document's language, from 0 on, shape (n,).
        document_frequency: Documents with each term, shape (n_terms,).

    Returns:
        At least ``document_frequency`` and at most n; just that where fewer than two languages
        have enough documents.

    Source: Wilson (1927) for the interval.
    """
    n, n_terms = counts.shape
    sizes = np.bincount(languages)
    (spoken,) = np.nonzero(sizes >= max(FEWEST, LEAST_SHARE * n))
    if len(spoken) < 2:
        return document_frequency
    lengths = np.diff(counts.indptr)
    share = np.zeros(n_terms)
    for language in spoken.tolist():
        chosen = np.repeat(languages == language, lengths)
        found = np.bincount(counts.indices[chosen], minlength=n_terms)
        np.maximum(share, _surely(found, int(sizes[language])), out=share)
    scaled = np.rint(share * n).astype(np.int64)
    return np.asarray(np.maximum(document_frequency, scaled))


def _surely(found: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """The share that some of n documents surely are: the lower end of its Wilson interval."""
    share, doubt = found / n, SURE**2 / n
    spread = SURE * np.sqrt(share * (1 - share) / n + doubt / (4 * n))
    return np.asarray(np.maximum(share + doubt / 2 - spread, 0.0) / (1 + doubt))
