"""What each kind of answer takes on a blog of 50,000 posts, beside a constant Flask route.

A synthetic blog is trained on, or ``--data`` names a folder that was. One gunicorn worker
answers one client that asks one thing after another; the kinds take turns, and every
question is another one, so that nothing is answered from memory twice.

    python benchmarks/answers.py --posts 50000
    python benchmarks/answers.py --data data --seconds 2
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from serve import ROOT, SEED, Running

from related_posts.storage import Store

#: Terms of a text that is asked about, as many as a post of the synthetic blog has words.
WORDS = 400

Asked = tuple[str, str, bytes]


def trained(folder: Path, n_posts: int) -> Path:
    """A data folder with a version of a synthetic blog."""
    posts, data = folder / "posts.jsonl", folder / "data"
    corpus = [sys.executable, "benchmarks/corpus.py", str(n_posts), str(posts)]
    subprocess.run(corpus, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    command = [sys.executable, "-c", "from related_posts.cli import main; main()"]
    subprocess.run(
        [*command, "train", str(posts), "--data", str(data)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return data


def kinds(data: Path) -> dict[str, Callable[[], Asked]]:
    """Name of each kind of question to what makes one of it."""
    index = Store(data).open()
    draw = random.Random(SEED)

    def one() -> str:
        post: dict[str, str] = index.post(draw.randrange(index.n_posts))
        return quote(post["id"], safe="")

    def get(more: str, path: str = "/v1/related?id={}") -> Callable[[], Asked]:
        return lambda: ("GET", path.format(one()) + more, b"")

    def text() -> Asked:
        row = draw.randrange(index.n_posts)
        # Words as common and as rare as those of posts, which are in their vectors.
        words = [index.readable(int(column)) for column in index.vectors[[row]].indices]
        title = index.post(row)["title"]
        body = json.dumps({"title": title, "text": " ".join(words[:WORDS])}).encode()
        return "POST", "/v1/related", body

    tag = next(t for row in range(index.n_posts) for t in index.post(row)["tags"])
    return {
        "plain read": get(""),
        "filtered read": get(f"&tag={quote(tag, safe='')}&recent=20+years"),
        "explained read": get("&explain=true"),
        "text in": text,
        "YARPP's route": get("", "/wp-json/yarpp/v1/related/{}"),
    }


def ask(connection: http.client.HTTPConnection, asked: Asked) -> tuple[float, int]:
    """Seconds until the whole answer was there, and its status."""
    method, path, body = asked
    headers = {"Content-Type": "application/json"} if body else {}
    start = time.perf_counter()
    connection.request(method, path, body or None, headers)
    response = connection.getresponse()
    response.read()
    return time.perf_counter() - start, response.status


def measure(data: Path, seconds: float, rounds: int) -> None:
    """Print a row for each kind of question."""
    makers = kinds(data)
    names = ["constant Flask route", *makers]
    times: dict[str, list[float]] = {name: [] for name in names}
    statuses: dict[str, set[int]] = {name: set() for name in names}
    servers = {kind: Running(kind, data, 1, 2_500) for kind in ("constant", "ours")}
    try:
        connections = {
            kind: http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            for kind, server in servers.items()
        }
        for turn in range(rounds + 1):
            for name in names:
                make = makers.get(name, makers["plain read"])
                connection = connections["ours" if name in makers else "constant"]
                until = time.perf_counter() + seconds / rounds
                while time.perf_counter() < until:
                    took, status = ask(connection, make())
                    # The first turn warms up.
                    if turn:
                        times[name].append(took)
                    statuses[name].add(status)
    finally:
        for server in servers.values():
            server.stop()
    plain = statistics.median(times["plain read"])
    print(f"{'':22}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}  p50, this / plain read")
    for name, taken in times.items():
        taken.sort()
        p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
        print(
            f"{name:22}{len(taken) / sum(taken):11,.0f}{p50 * 1e3:9.2f}{p99 * 1e3:9.2f}"
            f"  {p50 / plain:.2f}  (statuses {', '.join(map(str, sorted(statuses[name])))})"
        )


def main() -> None:
    """Train where needed, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--data", type=Path, help="a data folder that holds a version")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each kind of question")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="related-posts-bench-"))
    try:
        data = options.data or trained(scratch, options.posts)
        print(f"one worker, one client, {Store(data).open().n_posts:,} posts")
        measure(data, options.seconds, options.rounds)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
