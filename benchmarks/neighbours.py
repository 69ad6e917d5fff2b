"""The neighbour search beside scikit-learn's brute force: same matrix, same k, same cores.

Each round runs, one after the other,

- ``NearestNeighbors(metric="cosine", algorithm="brute", n_jobs=2).kneighbors``, and
- our whole search (laying out, all posts, all threads), by cosine only, and by final score.

The matrix is the one that ``related-posts train`` published for the synthetic blog: stems, word
pairs, fields, IDF^1.5. For more than 10,000 posts scikit-learn answers for as many posts as it
takes in one go by itself (what fits its ``working_memory``, so that what it does once for each
such chunk counts as in a full run), and the time for all is extrapolated, marked with ~.

Afterwards every list of a sample is compared with the exact product, to the last bit.

    python benchmarks/neighbours.py --posts 10000 50000
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import sklearn
from measure import machine, run, say, table
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors
from train import CORES, FULL_REFERENCE, SCRATCH, K, checked, command, posts_file

from related_posts import ranking
from related_posts.ranking import Factors, Neighbours
from related_posts.storage import Store
from training.neighbours import neighbours

OFF = Factors(time_weight=0, title_weight=0)
#: Posts whose lists are compared with the exact product.
CHECKED = 500


class Blog(NamedTuple):
    """What the search is given."""

    vectors: csr_array
    titles: csr_array
    days: NDArray[np.float64]
    languages: NDArray[np.int16]


class Taken(NamedTuple):
    """Seconds by the clock and of all processors."""

    wall: float
    cpu: float


def trained(n: int) -> Blog:
    """What ``related-posts train`` makes of the synthetic blog of n posts, all of one language."""
    data = SCRATCH / f"neighbours-{n}"
    try:
        say(f"training on {n} posts, for their vectors")
        checked(run(command("train", posts_file(n), "--data", data)))
        index = Store(data).open()
        vectors, titles = csr_array(index.vectors).copy(), csr_array(index.titles).copy()
        return Blog(vectors, titles, np.array(index.days), np.zeros(n, np.int16))
    finally:
        shutil.rmtree(data, ignore_errors=True)


def taken(work: Callable[[], Any]) -> tuple[Taken, Any]:
    """Run something; what it took in this process, and its result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu), result


def search(blog: Blog, factors: Factors) -> Neighbours:
    """Our search of all posts, on all cores."""
    return neighbours(*blog, factors, K, jobs=CORES)


def sample_size(n: int) -> int:
    """Posts that scikit-learn answers for: all, or as many as it takes in one go."""
    if n <= FULL_REFERENCE:
        return n
    return max(1, int(sklearn.get_config()["working_memory"] * 2**20) // (8 * n))


def agreement(blog: Blog, factors: Factors, found: Neighbours) -> tuple[float, int]:
    """Recall of a sample's lists against the exact product, and how many differ in any bit."""
    n = len(blog.days)
    rows = np.random.default_rng(0).choice(n, min(CHECKED, n), replace=False)
    queries, titles = blog.vectors[rows], blog.titles[rows]
    similar = ranking.cosines(queries, blog.vectors)
    similar[np.arange(len(rows)), rows] = 0.0
    gaps = ranking.days_apart(blog.days[rows], blog.days)
    texts = ranking.own_terms(blog.vectors)
    cover = ranking.title_coverage(texts[rows], titles, texts, blog.titles)
    finals = ranking.final_score(
        similar,
        ranking.time_factor(gaps, factors.time_weight, factors.time_days),
        ranking.title_factor(cover, factors.title_weight),
    )
    right = wanted = different = 0
    for line, row in enumerate(rows):
        best = ranking.top_k(finals[line], K)
        ours = found.rows[row][found.rows[row] >= 0]
        right += len(np.intersect1d(ours, best))
        wanted += len(best)
        different += not (
            np.array_equal(ours, best)
            and np.array_equal(found.finals[row, : len(best)], finals[line, best])
        )
    return right / max(1, wanted), different


def compare(n: int, rounds: int) -> str:
    """All ways for one size, as a table of medians."""
    blog = trained(n)
    size = sample_size(n)
    mark = "~" if size < n else ""
    model = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute", n_jobs=CORES)
    model.fit(blog.vectors)
    # Not counted: compiling, or loading what was compiled before.
    neighbours(*[part[:200] for part in blog], Factors(), K, small=0)

    times: dict[str, list[Taken]] = {"brute": [], "cosine": [], "final": []}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds} on {n} posts")
        start = (n - size) * number // max(1, rounds - 1)
        part = blog.vectors[start : start + size]
        once, _ = taken(lambda part=part: model.kneighbors(part))
        times["brute"].append(Taken(*(seconds * n / size for seconds in once)))
        once, cosine = taken(lambda: search(blog, OFF))
        times["cosine"].append(once)
        once, final = taken(lambda: search(blog, Factors()))
        times["final"].append(once)

    names = {
        "brute": "scikit-learn, brute force",
        "cosine": "ours, cosine only",
        "final": "ours, final score",
    }
    lines = []
    for way, found in times.items():
        wall, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        ratios = (
            statistics.median(
                getattr(theirs, kind) / getattr(ours, kind)
                for theirs, ours in zip(times["brute"], found, strict=True)
            )
            for kind in ("cpu", "wall")
        )
        sign = mark if way == "brute" else ""
        lines.append(
            (
                names[way],
                f"{sign}{wall:.2f} s",
                f"{sign}{cpu:.2f} s",
                f"{cpu / n * 1e6:.0f} µs",
                *(f"{ratio:.1f}" for ratio in ratios),
            )
        )
    head = (f"the {K} best of {n} posts", "wall", "processor", "a post", "× processor", "× wall")
    notes = [
        f"{blog.vectors.nnz / n:.0f} weights a post, {blog.vectors.shape[1]} terms; medians of "
        f"{rounds} rounds; scikit-learn answered for {size} posts a round, we for all"
    ]
    for way, factors, result in (("cosine", OFF, cosine), ("final", Factors(), final)):
        recall, different = agreement(blog, factors, result)
        notes.append(
            f"{names[way]}: recall {recall:.4f}, {different} of {min(CHECKED, n)} lists differ "
            "from the exact product"
        )
    return "\n".join([table(head, lines), *notes])


def main() -> None:
    """Compare for the sizes asked for."""
    parser = argparse.ArgumentParser(description="Neighbours, beside scikit-learn's brute force.")
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000, 50_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds")
    options = parser.parse_args()
    print(machine())
    for n in options.posts:
        print(f"\n{compare(n, options.rounds)}", flush=True)


if __name__ == "__main__":
    main()
