"""What each kind of answer takes on a blog of 50,000 posts, beside a constant Flask route.

A synthetic blog is trained on, or ``--data`` names a folder that was. One gunicorn worker
answers one client that asks one thing after another; the kinds take turns, and every
question is another one, so that nothing is answered from memory twice. Beside the times that
the client sees stands the server's processor time, which other work on the machine moves less.

    python benchmarks/answers.py --posts 50000
    python benchmarks/answers.py --data data --questions 50
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
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from servers import ROOT, Running, processor_seconds

from related_posts.storage import Store
from service.api.answers import entity_tag
from service.api.parameters import DEFAULT_LIMIT

#: Terms of a text that is asked about, as many as a post of the synthetic blog has words.
WORDS = 400

CONSTANT = "constant Flask route"
#: The plain read by the way that all other kinds take, which is what they are compared with: as
#: it is served, it passes neither gunicorn's parser nor a thread nor Flask.
IN_FLASK = "plain read, in Flask"
SEED = 7


@dataclass(frozen=True)
class Asked:
    """One question, and the status that its answer has."""

    path: str
    method: str = "GET"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


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
        return lambda: Asked(path.format(one()) + more)

    def known() -> Asked:
        row = draw.randrange(index.n_posts)
        path = f"/v1/related?id={quote(index.post(row)['id'], safe='')}"
        tag = entity_tag(index, row, DEFAULT_LIMIT)
        return Asked(path, headers={"If-None-Match": tag}, status=304)

    def text() -> Asked:
        row = draw.randrange(index.n_posts)
        # Words as common and as rare as those of posts, which are in their vectors.
        words = [index.readable(int(column)) for column in index.vectors[[row]].indices]
        title = index.post(row)["title"]
        body = json.dumps({"title": title, "text": " ".join(words[:WORDS])}).encode()
        return Asked("/v1/related", "POST", body, {"Content-Type": "application/json"})

    tag = next(t for row in range(index.n_posts) for t in index.post(row)["tags"])
    return {
        IN_FLASK: get(""),
        "plain read": get(""),
        "… known (304)": known,
        "filtered read": get(f"&tag={quote(tag, safe='')}&recent=20+years"),
        "explained read": get("&explain=true"),
        "HTML fragment": get("", "/v1/related.html?id={}"),
        "YARPP's route": get("", "/wp-json/yarpp/v1/related/{}"),
        "text in": text,
    }


def ask(connection: http.client.HTTPConnection, asked: Asked) -> float:
    """Seconds until the whole answer was there.

    Raises:
        SystemExit: The answer is another than the one that was to be measured.
    """
    start = time.perf_counter()
    connection.request(asked.method, asked.path, asked.body or None, asked.headers)
    response = connection.getresponse()
    content = response.read()
    took = time.perf_counter() - start
    if response.status != asked.status:
        raise SystemExit(f"{asked.path}: {response.status} {content[:500]!r}")
    return took


@dataclass
class Taken:
    """What the answers of one kind took.

    Attributes:
        seconds: Of each, as the client saw it.
        processor_seconds: Of the server for all of them.
    """

    seconds: list[float] = field(default_factory=list)
    processor_seconds: float = 0.0


def measure(data: Path, n_questions: int, rounds: int) -> None:
    """Print a row for each kind of question."""
    makers = kinds(data)
    names = [CONSTANT, *makers]
    taken = {name: Taken() for name in names}
    servers = {kind: Running(kind, data, 1, 2_500) for kind in ("constant", "flask", "ours")}
    try:
        connections = {
            kind: http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            for kind, server in servers.items()
        }
        for turn in range(rounds + 1):
            for name in names:
                make = makers.get(name, makers["plain read"])
                kind = {CONSTANT: "constant", IN_FLASK: "flask"}.get(name, "ours")
                # Made beforehand, so that making them takes nothing from the server.
                questions = [make() for _ in range(n_questions)]
                pids = servers[kind].workers()
                before = processor_seconds(pids)
                seconds = [ask(connections[kind], asked) for asked in questions]
                # The first turn warms up.
                if turn:
                    taken[name].seconds += seconds
                    taken[name].processor_seconds += processor_seconds(pids) - before
    finally:
        for server in servers.values():
            server.stop()
    plain = taken[IN_FLASK]
    p50 = statistics.median(plain.seconds)
    head = f"{'':22}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}"
    print(f"{head}  this / {IN_FLASK}")
    for name, one in taken.items():
        one.seconds.sort()
        n = len(one.seconds)
        print(
            f"{name:22}{n / sum(one.seconds):11,.0f}{one.seconds[n // 2] * 1e3:9.2f}"
            f"{one.seconds[n * 99 // 100] * 1e3:9.2f}{one.processor_seconds / n * 1e3:9.2f}"
            f"  p50 {one.seconds[n // 2] / p50:.2f},"
            f" CPU {one.processor_seconds / plain.processor_seconds:.2f}"
        )


def main() -> None:
    """Train where needed, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--data", type=Path, help="a data folder that holds a version")
    parser.add_argument("--questions", type=int, default=200, help="of each kind, in each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="related-posts-bench-"))
    try:
        data = options.data or trained(scratch, options.posts)
        print(f"one worker, one client, {Store(data).open().n_posts:,} posts")
        measure(data, options.questions, options.rounds)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
