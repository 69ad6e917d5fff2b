"""Training beside scikit-learn's own way to related posts, on the same posts, in one run.

Two questions:

1. ``related-posts train``, from a file to a published version: seconds per stage,
   processor time and memory, beside TfidfVectorizer and NearestNeighbors with their
   defaults (one word a term, no stems, no fields, nothing stored).
2. Text to vectors alone, in alternating rounds: our whole analysis beside
   TfidfVectorizer.

    python benchmarks/train.py --posts 10000 50000

scikit-learn is helped: it is given text without markup, and taking the markup off
is not counted. Its neighbours at more than 10,000 posts are those of a sample, and
the time for all is extrapolated; such figures are marked with ~.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpus
import words
from measure import Usage, cpu_seconds, machine, run, say, table

SCRATCH = Path(__file__).resolve().parent.parent / ".bench"
#: The most posts for which scikit-learn finds every post's neighbours.
FULL_REFERENCE = 10_000
#: Posts whose neighbours it finds in larger corpora.
SAMPLE = 2_000
#: Neighbours of each post, as many as we keep.
K = 50
CORES = 2


def posts_file(n: int) -> Path:
    """The corpus of n posts, made unless it was made by the present recipe."""
    place = SCRATCH / f"posts-{n}.jsonl"
    recipe = max(Path(module.__file__ or "").stat().st_mtime for module in (corpus, words))
    if not place.exists() or place.stat().st_mtime < recipe:
        say(f"writing a corpus of {n} posts")
        SCRATCH.mkdir(exist_ok=True)
        half = place.with_suffix(".half")
        corpus.write(n, half)
        half.replace(place)
    return place


def texts(place: Path) -> list[str]:
    """Title and body of every post, without markup."""
    found = []
    with place.open(encoding="utf-8") as lines:
        for line in lines:
            post = json.loads(line)
            found.append(post["title"] + "\n" + re.sub(r"<[^>]+>", " ", post["html"]))
    return found


def command(*arguments: object) -> list[str]:
    """Our command, from the environment that runs this benchmark."""
    return [str(Path(sys.executable).with_name("related-posts")), *map(str, arguments)]


def checked(usage: Usage) -> Usage:
    """The same, unless the command failed.

    Raises:
        SystemExit: It did; its own words are repeated.
    """
    if usage.status:
        raise SystemExit(f"a benchmarked command failed:\n{usage.errors or usage.output}")
    return usage


# --- question 1: the whole way ---


def train(place: Path) -> tuple[Usage, dict[str, float]]:
    """Train on a file in a new data folder; what it took, and seconds per stage."""
    data = SCRATCH / f"data-{os.getpid()}"
    _remove(data)
    try:
        usage = checked(run(command("train", place, "--data", data)))
        name = (data / "current").read_text("utf-8").strip()
        manifest = json.loads((data / "versions" / name / "manifest.json").read_text("utf-8"))
        return usage, manifest["seconds"]
    finally:
        _remove(data)


def _remove(folder: Path) -> None:
    """Remove a folder of ours with all it holds."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if folder.exists():
        folder.rmdir()


def reference(place: Path) -> None:
    """In a process of its own: scikit-learn's way, its stages printed as JSON."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    documents = texts(place)
    n = len(documents)
    stages: dict[str, Any] = {"start_cpu": cpu_seconds(os.getpid())}

    def stage(name: str, work: Callable[[], Any], scale: float = 1.0) -> Any:
        wall, cpu = time.perf_counter(), cpu_seconds(os.getpid())
        result = work()
        stages[name] = (time.perf_counter() - wall) * scale
        stages[f"{name}_cpu"] = (cpu_seconds(os.getpid()) - cpu) * scale
        return result

    matrix = stage("vectors", lambda: TfidfVectorizer().fit_transform(documents))
    model = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute", n_jobs=CORES)
    model.fit(matrix)
    if n <= FULL_REFERENCE:
        stage("neighbours", lambda: model.kneighbors())
    else:
        # Evenly spread, and one more neighbour in place of the post itself.
        rows = matrix[:: max(1, n // SAMPLE)][:SAMPLE]
        stage("neighbours", lambda: model.kneighbors(rows, K + 1), n / rows.shape[0])
    stages["extrapolated"] = n > FULL_REFERENCE
    print(json.dumps(stages))


def whole_way(n: int, floor: Usage) -> str:
    """Question 1 for one size, as a table.

    Args:
        n: Posts.
        floor: What training a handful of posts takes: interpreters and libraries.
    """
    place = posts_file(n)
    say(f"training on {n} posts")
    ours, seconds = train(place)
    say(f"scikit-learn on {n} posts")
    theirs = checked(run([sys.executable, __file__, "--reference", str(place)]))
    stages = json.loads(theirs.output)
    mark = "~" if stages["extrapolated"] else ""
    total = stages["vectors"] + stages["neighbours"]
    total_cpu = stages["vectors_cpu"] + stages["neighbours_cpu"]

    rows = [(f"  {name}", f"{taken:.2f} s", "") for name, taken in seconds.items()]
    rows += [
        ("  TfidfVectorizer", "", f"{stages['vectors']:.2f} s"),
        ("  NearestNeighbors", "", f"{mark}{stages['neighbours']:.2f} s"),
        ("from start to end", f"{ours.wall:.2f} s", f"{mark}{total:.2f} s"),
        ("processor time", f"{ours.cpu:.2f} s", f"{mark}{total_cpu:.2f} s"),
        ("peak memory", _megabytes(ours.peak), _megabytes(theirs.peak)),
        ("  a post", _kilobytes(ours.peak, n), _kilobytes(theirs.peak, n)),
        ("  a post, above the libraries", _kilobytes(ours.peak - floor.peak, n), ""),
    ]
    return table((f"{n} posts", "related-posts train", "scikit-learn"), rows)


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.0f} MB"


def _kilobytes(n_bytes: int, n: int) -> str:
    return f"{n_bytes / n / 1e3:.1f} KB"


# --- question 2: text to vectors ---


def vectors(place: Path, rounds: int) -> None:
    """In a process of its own: both vectorizers in turn, every round printed as JSON."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    from related_posts.schema import post_from_json
    from related_posts.vectorizer import PostVectorizer

    plain = texts(place)
    with place.open(encoding="utf-8") as lines:
        posts = [post_from_json(json.loads(line)) for line in lines]
    ways: dict[str, Callable[[], Any]] = {
        "TfidfVectorizer": lambda: TfidfVectorizer().fit_transform(plain),
        "ours, 1 process": lambda: PostVectorizer(n_jobs=1).fit_transform(posts),
        f"ours, {CORES} processes": lambda: PostVectorizer(n_jobs=CORES).fit_transform(posts),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    # One round is not counted: it compiles kernels and starts workers.
    for number in range(rounds + 1):
        for name, work in ways.items():
            wall, cpu = time.perf_counter(), cpu_seconds(os.getpid())
            work()
            once = (time.perf_counter() - wall, cpu_seconds(os.getpid()) - cpu)
            if number:
                taken[name].append(once)
    print(json.dumps(taken))


def vectors_alone(n: int, rounds: int) -> str:
    """Question 2 for one size, as a table of medians."""
    place = posts_file(n)
    say(f"text to vectors, {rounds} rounds on {n} posts")
    done = checked(run([sys.executable, __file__, "--vectors", str(place), str(rounds)]))
    taken = json.loads(done.output)
    medians = {
        name: [statistics.median(column) for column in zip(*times, strict=True)]
        for name, times in taken.items()
    }
    base = medians["TfidfVectorizer"]
    rows = [
        (
            name,
            f"{wall:.2f} s",
            f"{cpu:.2f} s",
            f"{base[0] / wall:.2f}",
            f"{base[1] / cpu:.2f}",
        )
        for name, (wall, cpu) in medians.items()
    ]
    head = (f"text to vectors, {n} posts", "wall", "processor", "× wall", "× processor")
    return table(head, rows)


def main() -> None:
    """Run both questions for the sizes asked for."""
    parser = argparse.ArgumentParser(description="Training, beside scikit-learn.")
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000, 50_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds of question 2")
    parser.add_argument("--reference", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--vectors", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reference:
        reference(options.reference)
        return
    if options.vectors:
        vectors(Path(options.vectors[0]), int(options.vectors[1]))
        return
    print(machine())
    floor, _ = train(posts_file(100))
    for n in options.posts:
        print(f"\n{whole_way(n, floor)}\n\n{vectors_alone(n, options.rounds)}", flush=True)


if __name__ == "__main__":
    main()
