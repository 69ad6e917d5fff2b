"""Fifty news texts that people compared: a foreign check of the vectors.

Lee, Pincombe & Welsh (2005) had people rate the similarity of every two of 50 short texts.
The texts and the ratings ship inside the gensim wheel, and are read there if it is
installed (``pip install gensim``); they are no part of this project. The figure is the
Pearson correlation of our cosines with the mean ratings over the 1,225 pairs. It is
reported and not tuned for: what lifts it lowers real blogs.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from related_posts.archive import Archive
from related_posts.posts import Post
from related_posts.storage import Store
from training.build import build
from training.settings import TrainingSettings

#: What was published, on the same pairs.
PUBLISHED = {
    "words and word sequences, the best of many measures (Lee et al. 2005)": 0.50,
    "latent semantic analysis (Lee et al. 2005)": 0.60,
    "one person beside the others (Lee et al. 2005)": 0.60,
    "explicit semantic analysis with Wikipedia (Gabrilovich & Markovitch 2007)": 0.72,
}

TEXTS, RATINGS = "lee.cor", "similarities0-1.txt"


def folder() -> Path | None:
    """Where the installed gensim keeps the set, or None."""
    found = importlib.util.find_spec("gensim")
    if found is None or found.origin is None:
        return None
    data = Path(found.origin).parent / "test" / "test_data"
    return data if (data / TEXTS).is_file() and (data / RATINGS).is_file() else None


def read(data: Path) -> tuple[list[str], NDArray[np.float64]]:
    """The texts, and the ratings in [0, 1], shape (n, n).

    Raises:
        ValueError: The two do not fit together.
    """
    texts = (data / TEXTS).read_text("latin-1").splitlines()
    ratings = np.loadtxt(data / RATINGS)
    if ratings.shape != (len(texts), len(texts)):
        raise ValueError(f"{len(texts)} texts, ratings of the shape {ratings.shape}")
    return texts, ratings


def correlation(texts: list[str], ratings: NDArray[np.float64], **settings: object) -> float:
    """Pearson correlation of the cosines of our vectors with the ratings, each pair once."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as scratch:
        chosen = TrainingSettings(data=Path(scratch), jobs=1, **settings)
        posts = [
            Post(id=f"{n:03}", url=f"/{n}/", html=f"<p>{text}</p>", language="en")
            for n, text in enumerate(texts)
        ]
        with Archive(chosen.data) as archive:
            archive.update("lee", posts, complete=True, now=now)
            built = build(archive, chosen)
        store = Store(chosen.data)
        with store.open(store.write(built.arrays, built.details, now=now)) as index:
            order = [int(index.post(row)["id"]) for row in range(index.n_posts)]
            cosines = (index.vectors @ index.vectors.T).toarray()
    pairs = np.triu_indices(len(texts), 1)
    return float(np.corrcoef(cosines[pairs], ratings[np.ix_(order, order)][pairs])[0, 1])


def table() -> str:
    """Our figure beside the published ones, as Markdown; or the reason why there is none."""
    data = folder()
    if data is None:
        return (
            "The 50 texts of Lee, Pincombe & Welsh were not measured: gensim, which holds them, "
            "is not installed (`pip install gensim`)."
        )
    texts, ratings = read(data)
    ours = {
        "related-posts, defaults": correlation(texts, ratings),
        "related-posts, `min_df=1`": correlation(texts, ratings, min_df=1),
    }
    lines = ["| 50 texts of Lee, Pincombe & Welsh | Pearson's r |", "|---|---|"]
    lines += [f"| {name} | {figure:.2f} |" for name, figure in {**ours, **PUBLISHED}.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
    sys.exit(0)
